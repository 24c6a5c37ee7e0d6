import { type ChainParams, type HeaderNode, HeaderTree } from "@chain/core";
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
    for (const { header, height, status, hasBody, transactionCount } of stored.records) {
      if (!hasBody || height === 0) continue;
      const node = tree.get(header.hash) as HeaderNode;
      tree.setBody(node, transactionCount);
      if (status === "connected" && tip.ancestor(height) !== node) this.#checkedBefore.add(node);
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

  /** Takes that back, also of what stands below it, and returns what has to be written. */
  reconsider(node: HeaderNode): readonly BlockRecord[] {
    return this.tree
      .reconsider(node)
      .map((each) => this.record(each, each.transactionCount > 0 ? "body" : "header"));
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
