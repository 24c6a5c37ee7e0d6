import { bytesToHex } from "../bytes.ts";
import { CoreError } from "../errors.ts";
import type { HeaderNode, HeaderNodes, TreeNode } from "./headerNode.ts";
import { NO_SLOT } from "./headerTable.ts";

/** A header that was in a tree before, as it was written down. */
export interface KnownHeader {
  /** The hash of `header`, 32 bytes: it is believed. */
  readonly hash: Uint8Array;
  /** 80 bytes. */
  readonly header: Uint8Array;
  readonly height: number;
  /** Transactions in its body; 0 where the body is not known. */
  readonly transactionCount: number;
  /** Core's reject reason, where the block is invalid. */
  readonly invalidReason?: string | undefined;
}

/**
 * Fills a tree with headers that come in any order, as a database has them. Each goes straight into its row of the
 * tree, so that a million headers are never held twice. Made by {@link HeaderTree.restore}.
 */
export class HeaderRestorer {
  readonly #nodes: HeaderNodes;
  readonly #enter: (node: TreeNode, transactionCount: number) => void;
  readonly #first: number;

  /** @param enter is told of each node once its ancestors are in the tree and its links are set */
  constructor(nodes: HeaderNodes, enter: (node: TreeNode, transactionCount: number) => void) {
    this.#nodes = nodes;
    this.#enter = enter;
    this.#first = nodes.table.size;
  }

  /** Takes a header. Its node is of no use before `finish`. One that is known already changes nothing. */
  add({ hash, header, height, transactionCount, invalidReason }: KnownHeader): HeaderNode {
    const { table } = this.#nodes;
    const known = this.#nodes.at(table.findBytes(hash, 0));
    if (known !== undefined) return known;
    const node = this.#nodes.add(header, hash);
    table.setHeight(node.slot, height);
    table.setTransactionCount(node.slot, transactionCount);
    this.#nodes.setReason(node, invalidReason);
    return node;
  }

  /**
   * Links all of them. Takes time in proportion to their number.
   * @throws CoreError `unknown-header` where the parent of one is missing, or its height is not that of its parent + 1.
   *   Then the tree is of no use any more.
   */
  finish(): void {
    const { table } = this.#nodes;
    for (const slot of this.#byHeight()) {
      const parent = table.findPrevious(slot);
      if (parent === NO_SLOT || table.height(parent) !== table.height(slot) - 1) {
        throw this.#lost(slot);
      }
      const transactionCount = table.transactionCount(slot);
      table.setTransactionCount(slot, 0);
      table.link(slot, parent, slot);
      this.#enter(this.#nodes.at(slot) as TreeNode, transactionCount);
    }
  }

  /** Their slots, parents first: a counting sort. */
  #byHeight(): Int32Array {
    const { table } = this.#nodes;
    const first = this.#first;
    const { size } = table;
    const starts = new Int32Array(size + 1);
    for (let slot = first; slot < size; slot++) {
      const height = table.height(slot);
      // In a tree that lacks nothing, no height is beyond the number of headers.
      if (height < 1 || height >= size) throw this.#lost(slot);
      (starts[height + 1] as number)++;
    }
    for (let height = 1; height <= size; height++) {
      (starts[height] as number) += starts[height - 1] as number;
    }
    const sorted = new Int32Array(size - first);
    for (let slot = first; slot < size; slot++) {
      const height = table.height(slot);
      sorted[(starts[height] as number)++] = slot;
    }
    return sorted;
  }

  #lost(slot: number): CoreError {
    const { table } = this.#nodes;
    const hash = bytesToHex(table.hash(slot).toReversed());
    return new CoreError("unknown-header", `the parent of header ${hash} is missing`);
  }
}
