import type { HeaderNode, HeaderTree, Txid } from "@chain/core";
import { present, requireId, requireNode } from "@chain/core/arguments";
import type { ChainStore } from "@chain/storage";
import { EngineError } from "../errors.ts";
import type { Mempool, MempoolState } from "../mempool/mempool.ts";
import type { Activation, ActivationStep } from "./activation.ts";
import type { BestChain } from "./bestChain.ts";
import type { BlockIndex } from "./blockIndex.ts";
import { removalsOf } from "./changes.ts";
import type { MempoolAcceptor } from "./mempoolAcceptor.ts";
import type { OperationQueue } from "./operationQueue.ts";

interface RewindingOptions {
  readonly store: ChainStore;
  readonly index: BlockIndex;
  readonly activation: Pick<Activation, "step">;
  readonly best: Pick<BestChain, "rewound" | "tellMempool">;
  readonly acceptor: Pick<MempoolAcceptor, "reorganise">;
  readonly mempool: Mempool;
  readonly queue: OperationQueue;
}

/** In place of Core's reject reason. */
const ROLLED_BACK = "rolled-back";

/** A moment that a chain can go back to. To make one takes time in proportion to the mempool alone. */
export interface ChainMoment {
  readonly tip: HeaderNode;
  /** Headers that were known. */
  readonly headers: number;
  /** Blocks that were known to be invalid, parents before children, with the reasons. */
  readonly invalid: readonly (readonly [HeaderNode, string])[];
  readonly mempool: MempoolState;
}

/**
 * Takes a chain of tests back in time: blocks that have come since are forgotten, and not merely disconnected, so that
 * the best chain is what it was although it has less work. Only a chain that is kept in memory can do that. The time it
 * takes goes by the number of blocks that come off, whatever the length of the chain.
 */
export class Rewinding {
  readonly #options: RewindingOptions;

  constructor(options: RewindingOptions) {
    this.#options = options;
  }

  /** The present moment, for `rewind`. @throws EngineError `closed`, `failed`. */
  moment(): Promise<ChainMoment> {
    const { queue, index, mempool } = this.#options;
    const { tree } = index;
    return queue.run(async () => {
      const invalid = invalidIn(tree);
      return { tip: tree.tip, headers: tree.additions, invalid, mempool: mempool.state() };
    });
  }

  /**
   * Goes back to a moment: to its tip, which may be of another branch by now, and to its mempool.
   * @throws EngineError `not-in-memory`, `closed`, `failed`
   */
  async rewind({ tip, headers, invalid, mempool: state }: ChainMoment): Promise<void> {
    const { queue, index, mempool, best } = this.#options;
    this.#needMemory();
    await queue.write(async () => {
      await this.#judgeAgain(invalid);
      const step = await this.#goTo(tip);
      await best.rewound(step, mempool.restore(state));
      for (const node of index.tree.addedSince(headers)) await this.#forget(node);
    });
  }

  /**
   * Goes back to a block of the best chain, and forgets those above it, with their transactions. Transactions of the
   * mempool stay, as far as they are valid there.
   * @param options.keeps whether a moment needs those blocks: then they are taken for invalid instead, until it is gone
   *   back to
   * @throws EngineError `not-in-memory`, `closed`, `failed`
   */
  async rollback(node: HeaderNode, options: { readonly keeps?: boolean } = {}): Promise<void> {
    requireNode(node, "node");
    const { keeps = false } = options;
    const { queue, index, store, acceptor, best } = this.#options;
    this.#needMemory();
    await queue.write(async () => {
      const { tree } = index;
      const first = tree.isActive(node) ? tree.activeAt(node.height + 1) : undefined;
      if (first === undefined) return;
      const step = await this.#goTo(node);
      await best.rewound(step, await acceptor.reorganise([]));
      if (keeps) await store.writeRecords(index.markInvalid(first, ROLLED_BACK));
      else await this.#forget(first);
    });
  }

  /**
   * Forgets a block that is not of the best chain, with all that stand on it.
   * @throws EngineError `not-in-memory`, `closed`, `failed`
   */
  async forget(node: HeaderNode): Promise<void> {
    requireNode(node, "node");
    this.#needMemory();
    await this.#options.queue.write(() => this.#forget(node));
  }

  /**
   * Takes a transaction out of the mempool, with all that depend on it.
   * @returns whether it was there
   * @throws EngineError `closed`, `failed`
   */
  async drop(txid: Txid): Promise<boolean> {
    requireId(txid, "txid");
    const { queue, mempool, best } = this.#options;
    return queue.run(async () => {
      const removed = mempool.drop(txid);
      await best.tellMempool(removalsOf(removed));
      return removed.length > 0;
    });
  }

  /** Makes these blocks invalid, and no others. */
  async #judgeAgain(invalid: ChainMoment["invalid"]): Promise<void> {
    const { index, store } = this.#options;
    const now = invalidIn(index.tree);
    const isSame = ([node, reason]: (typeof now)[number], i: number) =>
      invalid[i]?.[0] === node && invalid[i]?.[1] === reason;
    if (now.length === invalid.length && now.every(isSame)) return;
    for (const [node] of now) await store.writeRecords(index.reconsider(node));
    // Children first, because one that has a reason of its own would get its parent's.
    for (const [node, reason] of invalid.toReversed()) {
      await store.writeRecords(index.markInvalid(node, reason));
    }
  }

  /** Moves to a block, step by step, and tells nobody yet. */
  async #goTo(goal: HeaderNode): Promise<ActivationStep> {
    const { tree } = this.#options.index;
    let whole: ActivationStep | undefined;
    while (tree.tip !== goal) {
      const result = await this.#options.activation.step({ goal });
      if (result.type !== "moved") {
        throw new EngineError("missing-data", `block ${goal.hash} can't be connected again`);
      }
      // The first step leaves the old branch; those after it go on from where it ended.
      const connected = [...(whole?.connected ?? []), ...result.step.connected];
      whole = { ...(whole ?? result.step), connected };
    }
    return whole ?? { fork: goal, disconnected: [], connected: [] };
  }

  async #forget(node: HeaderNode): Promise<void> {
    const { store, index } = this.#options;
    const { tree } = index;
    // A block below it may have taken it along already.
    if (tree.get(node.hash) !== node || tree.isActive(node)) return;
    const forgotten = tree.forget(node);
    index.noteForgotten(forgotten);
    const hashes = forgotten.map(({ hash }) => hash);
    await present(store.forgetBlocks?.(hashes), "a store that forgets");
  }

  #needMemory(): void {
    if (this.#options.store.forgetBlocks !== undefined) return;
    throw new EngineError("not-in-memory", "a chain on disk forgets no blocks");
  }
}

function invalidIn(tree: HeaderTree): ChainMoment["invalid"] {
  return tree.invalidNodes().map((node) => {
    return [node, present(node.invalidReason, "why an invalid block is so")] as const;
  });
}
