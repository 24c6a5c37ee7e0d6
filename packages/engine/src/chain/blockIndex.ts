import { type BlockHeader, type ChainParams, type HeaderNode, HeaderTree } from "@chain/core";
import type { BlockRecord, BlockStatus, StoredIndex } from "@chain/storage";
import { EngineError } from "../errors.ts";

/** The header tree, and how its nodes are written down. */
export class BlockIndex {
  readonly tree: HeaderTree;
  /** Blocks off the best chain whose scripts passed once: connecting them again need not check those again. */
  readonly #checkedBefore = new Set<HeaderNode>();

  constructor(params: ChainParams) {
    this.tree = new HeaderTree(params.genesis.header);
  }

  /**
   * Fills the tree with what a store remembers.
   * @returns the node of the last connected block; the genesis block where there is none.
   * @throws EngineError `missing-data` where the index lacks the block that the coins belong to.
   */
  restore(stored: StoredIndex): HeaderNode {
    const { tree } = this;
    for (const { header, status, reason } of stored.records) {
      if (header.hash === tree.genesis.hash) continue;
      const node = tree.add(header);
      if (status === "invalid") tree.markInvalid(node, reason ?? "bad-prevblk");
    }
    const tip = stored.tip === undefined ? tree.genesis : tree.get(stored.tip);
    if (tip === undefined) throw new EngineError("missing-data", `no header of ${stored.tip}`);
    const bodies = stored.records.filter(({ hasBody, height }) => hasBody && height > 0);
    // The connected chain first: among equal work, the first body wins, and the tip has to stay the tip.
    const nodeOf = (header: BlockHeader) => tree.get(header.hash) as HeaderNode;
    const [active, others] = partition(bodies, ({ header, height }) => {
      return tip.ancestor(height)?.hash === header.hash;
    });
    for (const record of [...active, ...others]) {
      tree.setBody(nodeOf(record.header), record.transactionCount);
    }
    for (const { header, status } of others) {
      if (status === "connected") this.#checkedBefore.add(nodeOf(header));
    }
    return tip;
  }

  record(node: HeaderNode, status: BlockStatus): BlockRecord {
    const { header, height, transactionCount, invalidReason } = node;
    const record = {
      header,
      height,
      status,
      hasBody: transactionCount > 0,
      transactionCount,
    };
    return invalidReason === undefined ? record : { ...record, reason: invalidReason };
  }

  /** Marks a block and all above it, and returns what has to be written of that. */
  markInvalid(node: HeaderNode, reason: string): readonly BlockRecord[] {
    return this.tree.markInvalid(node, reason).map((each) => this.record(each, "invalid"));
  }

  scriptsPassedBefore(node: HeaderNode): boolean {
    return this.#checkedBefore.has(node);
  }

  noteDisconnected(node: HeaderNode): void {
    this.#checkedBefore.add(node);
  }

  noteConnected(node: HeaderNode): void {
    this.#checkedBefore.delete(node);
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}
