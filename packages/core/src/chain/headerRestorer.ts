import { requireArray, requireFields, requireNumber } from "../arguments.ts";
import { bytesToHex } from "../bytes.ts";
import { CoreError } from "../errors.ts";
import type { HeaderNode, HeaderNodes } from "./headerNode.ts";
import { NO_SLOT } from "./headerTable.ts";

/** A header that was in a tree before, as it was written down. A million of them must not make a million views. */
export interface KnownHeader {
  /** Where the 80 bytes of the header stand: in these bytes, from `headerStart` on. */
  readonly header: Uint8Array;
  readonly headerStart: number;
  /** Where the 32 bytes of its hash stand: in these bytes, from `hashStart` on. They are believed. */
  readonly hash: Uint8Array;
  readonly hashStart: number;
  readonly height: number;
  /** Transactions in its body; 0 where the body is not known. */
  readonly transactionCount: number;
  /** Core's reject reason, where the block is invalid. */
  readonly invalidReason?: string | undefined;
}

/** The part of a tree that a restorer needs. */
interface RestoredTree {
  /** Takes a header into account whose ancestors are in the tree and whose links are set. */
  enter(slot: number, transactionCount: number): void;
  isActive(slot: number): boolean;
}

/**
 * Fills a tree with headers that come in any order, as a database has them. Each goes straight into its row of the
 * tree, so that a million headers are never held twice. Made by {@link HeaderTree.restore}.
 */
export class HeaderRestorer {
  readonly #nodes: HeaderNodes;
  readonly #tree: RestoredTree;
  readonly #first: number;

  constructor(nodes: HeaderNodes, tree: RestoredTree) {
    this.#nodes = nodes;
    this.#tree = tree;
    this.#first = nodes.table.size;
  }

  /**
   * Takes a header. One that comes twice counts as it comes last; one that was in the tree before changes nothing.
   * @returns its number, for `inactive`
   */
  add(known: KnownHeader): number {
    requireFields(known, "known", {
      header: "bytes",
      headerStart: "number",
      hash: "bytes",
      hashStart: "number",
      height: "number",
      transactionCount: "number",
      invalidReason: "string?",
    });

    const { height, transactionCount, invalidReason } = known;
    const { table } = this.#nodes;
    const slot = table.add(known.header, known.headerStart, known.hash, known.hashStart);
    if (slot < this.#first) return slot;
    table.setHeight(slot, height);
    table.setTransactionCount(slot, transactionCount);
    this.#nodes.setReason(slot, invalidReason);
    return slot;
  }

  /** Those that are not of the active chain, of numbers that `add` returned. To be asked after `finish`. */
  inactive(numbers: readonly number[]): readonly HeaderNode[] {
    requireArray(numbers, "numbers", requireNumber);

    const others = numbers.filter((slot) => !this.#tree.isActive(slot));
    return others.map((slot) => this.#nodes.get(slot));
  }

  /**
   * Links all of them. Takes time in proportion to their number.
   * @throws CoreError `unknown-header` where the parent of one is missing, or its height is not that of its parent + 1.
   *   Then the tree is of no use any more.
   */
  finish(): void {
    const { table } = this.#nodes;
    const [lost] = this.#place();
    if (lost === undefined) return;
    const hash = bytesToHex(table.hash(lost).toReversed());
    throw new CoreError("unknown-header", `the parent of header ${hash} is missing`);
  }

  /** Hashes of the headers whose ancestors are not all there; the others are linked. In place of `finish`. */
  lost(): readonly Uint8Array[] {
    return this.#place().map((slot) => this.#nodes.table.hash(slot));
  }

  /** Links those whose ancestors are all there, parents first. @returns the slots of the others */
  #place(): number[] {
    const { table } = this.#nodes;
    const lost: number[] = [];
    const isLost = new Uint8Array(table.size);
    const setAside = (slot: number): void => {
      isLost[slot] = 1;
      lost.push(slot);
    };
    for (const slot of this.#byHeight(setAside)) {
      const parent = table.findPrevious(slot);
      if (
        parent === NO_SLOT ||
        isLost[parent] === 1 ||
        table.height(parent) !== table.height(slot) - 1
      ) {
        setAside(slot);
        continue;
      }
      const transactionCount = table.transactionCount(slot);
      table.setTransactionCount(slot, 0);
      table.link(slot, parent, slot);
      this.#tree.enter(slot, transactionCount);
    }
    return lost;
  }

  /** Their slots, parents first: a counting sort. In a tree that lacks nothing, no height is beyond their number. */
  #byHeight(setAside: (slot: number) => void): Int32Array {
    const { table } = this.#nodes;
    const first = this.#first;
    const { size } = table;
    const isPossible = (height: number): boolean => height >= 1 && height < size;
    const starts = new Int32Array(size + 1);
    let count = 0;
    for (let slot = first; slot < size; slot++) {
      const height = table.height(slot);
      if (!isPossible(height)) {
        setAside(slot);
        continue;
      }
      (starts[height + 1] as number)++;
      count++;
    }
    for (let height = 1; height <= size; height++) {
      (starts[height] as number) += starts[height - 1] as number;
    }
    const sorted = new Int32Array(count);
    for (let slot = first; slot < size; slot++) {
      const height = table.height(slot);
      if (isPossible(height)) sorted[(starts[height] as number)++] = slot;
    }
    return sorted;
  }
}
