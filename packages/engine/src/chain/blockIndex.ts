import {
  type BlockHash,
  type BlockHeader,
  type ChainParams,
  CoreError,
  type HeaderNode,
  HeaderTree,
  idFromBytes,
} from "@chain/core";
import type { BlockRecord, BlockStatus, ChainStore } from "@chain/storage";
import { EngineError } from "../errors.ts";

/** In place of Core's reject reason, where the owner of the node has declared a block invalid. */
export const DECLARED_INVALID = "declared-invalid";
const HASH_SIZE = 32;

/** Of a block that is not invalid, and whose coins were not checked. */
function statusOf({ transactionCount }: HeaderNode): BlockStatus {
  return transactionCount > 0 ? "body" : "header";
}

/** The header tree, and how its nodes are written down. */
export class BlockIndex {
  readonly tree: HeaderTree;
  /** Blocks off the best chain whose scripts passed once: connecting them again need not check those again. */
  readonly #checkedBefore = new Set<HeaderNode>();
  #prunedHeight: number | undefined;

  constructor(params: ChainParams) {
    this.tree = new HeaderTree(params.genesis.header);
  }

  /** Height of the highest block of the best chain whose body was deleted; `undefined` where none was. */
  get prunedHeight(): number | undefined {
    return this.#prunedHeight;
  }

  notePruned(height: number): void {
    if (height > (this.#prunedHeight ?? 0)) this.#prunedHeight = height;
  }

  /** Whether the body of a block may have been deleted. */
  mayBePruned(node: HeaderNode): boolean {
    return node.height <= (this.#prunedHeight ?? -1) && this.tree.isActive(node);
  }

  /**
   * Fills the tree with what a store remembers.
   * @returns the node of the last connected block; `undefined` where there is none.
   * @throws EngineError `missing-data` where the index lacks a parent, or the block that the coins belong to.
   */
  async restore(store: ChainStore): Promise<HeaderNode | undefined> {
    const { tree } = this;
    const hash = await store.readTip();
    const restorer = tree.restore();
    const connected: number[] = [];
    await store.scanIndex((record) => {
      const number = restorer.add(record);
      if (record.status !== "connected") return;
      connected.push(number);
      if (!record.hasBody) this.notePruned(record.height);
    });
    try {
      restorer.finish();
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      throw new EngineError("missing-data", error.message, { cause: error });
    }
    const tip = hash === undefined ? undefined : tree.get(hash);
    if (hash !== undefined && tip === undefined) {
      throw new EngineError("missing-data", `no header of ${hash}`);
    }
    if (tip !== undefined) tree.setTip(tip);
    for (const node of restorer.inactive(connected)) this.#checkedBefore.add(node);
    return tip;
  }

  /** @param header that of the node, where it is at hand: else it is decoded */
  record(node: HeaderNode, status: BlockStatus, header: BlockHeader = node.header): BlockRecord {
    const { height, transactionCount, invalidReason } = node;
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
    return this.tree.reconsider(node).map((each) => this.record(each, statusOf(each)));
  }

  /** Forgets that the scripts of the blocks above one have passed, and returns what has to be written of that. */
  uncheckAbove(base: HeaderNode): readonly BlockRecord[] {
    const above: HeaderNode[] = [];
    for (const node of this.#checkedBefore) {
      if (node.height <= base.height || node.ancestor(base.height) !== base) continue;
      this.#checkedBefore.delete(node);
      // One that was declared invalid is checked again anyway, once that is taken back.
      if (node.invalidReason === undefined) above.push(node);
    }
    let node: HeaderNode | undefined = this.tree.tip;
    for (; node !== undefined && node.height > base.height; node = node.parent) above.push(node);
    return above.map((each) => this.record(each, statusOf(each)));
  }

  /**
   * Takes back, in the store alone, what was held against blocks above one, because their coins were wrong. Those that
   * were declared invalid stay so.
   */
  async refusedAbove(base: HeaderNode, store: ChainStore): Promise<readonly BlockRecord[]> {
    const above: HeaderNode[] = [];
    await store.scanIndex(({ hash, hashStart, height, invalidReason }) => {
      if (invalidReason === undefined || height <= base.height) return;
      const id = idFromBytes<BlockHash>(hash.subarray(hashStart, hashStart + HASH_SIZE));
      const node = this.tree.get(id);
      if (node?.ancestor(base.height) === base && !this.#isDeclared(node, base)) above.push(node);
    });
    return above.map((node) => {
      const { reason: _, ...record } = this.record(node, statusOf(node));
      return record;
    });
  }

  /** Whether a block, or one between it and another, was declared invalid. */
  #isDeclared(node: HeaderNode, base: HeaderNode): boolean {
    let at: HeaderNode | undefined = node;
    for (; at !== undefined && at !== base; at = at.parent) {
      if (at.invalidReason === DECLARED_INVALID) return true;
    }
    return false;
  }

  scriptsPassedBefore(node: HeaderNode): boolean {
    return this.#checkedBefore.has(node);
  }

  noteDisconnected(node: HeaderNode): void {
    this.#checkedBefore.add(node);
  }

  noteForgotten(nodes: readonly HeaderNode[]): void {
    for (const node of nodes) this.#checkedBefore.delete(node);
  }

  noteConnected(node: HeaderNode): void {
    this.#checkedBefore.delete(node);
  }
}
