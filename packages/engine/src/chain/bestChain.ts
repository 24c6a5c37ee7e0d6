import type { Refusal, Transaction } from "@chain/core";
import type { ChainEvent } from "../events.ts";
import type { Mempool, Removal } from "../mempool/mempool.ts";
import type { Clock, Log } from "../ports.ts";
import type { Activation, ActivationStep, StepOptions } from "./activation.ts";
import { changesOf, eventOf, removalsOf } from "./changes.ts";
import type { ChainChange } from "./follower.ts";
import type { Followers } from "./followers.ts";
import type { InitialDownload } from "./initialDownload.ts";
import type { MempoolAcceptor } from "./mempoolAcceptor.ts";
import type { OperationQueue } from "./operationQueue.ts";
import type { Pruning } from "./pruning.ts";
import type { ScriptRunner } from "./scriptRunner.ts";
import type { UnknownRules } from "./unknownRules.ts";

export interface BestChainOptions {
  readonly activation: Activation;
  readonly mempool: Mempool;
  readonly acceptor: MempoolAcceptor;
  readonly followers: Followers;
  readonly scripts: ScriptRunner;
  readonly queue: OperationQueue;
  readonly initialDownload: InitialDownload;
  readonly unknownRules: UnknownRules;
  readonly pruning: Pick<Pruning, "prune">;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: (event: ChainEvent) => void;
}

/**
 * Moves to the chain with most work, brings the mempool in step, and tells of each change: the followers first, then
 * the listeners, in one order. Called in the queue of the chain manager alone. Core: ActivateBestChain.
 */
export class BestChain {
  readonly #options: BestChainOptions;
  #mempoolSequence = 1;

  constructor(options: BestChainOptions) {
    this.#options = options;
  }

  /** The number of the next change of the mempool. Core: CTxMemPool::GetSequence. */
  get mempoolSequence(): number {
    return this.#mempoolSequence;
  }

  /**
   * Goes step by step; no further than a step once the queue is closed: the next `open` goes on.
   * @param options.fresh the block that just came
   * @returns the refusal of that very block, if it is what turned out to be invalid
   */
  async activate(
    options: StepOptions = {},
    onStep: (step: ActivationStep) => Promise<void> = (step) => this.follow(step),
  ): Promise<Refusal | undefined> {
    const { activation, scripts, queue, initialDownload, pruning } = this.#options;
    let refusal: Refusal | undefined;
    while (true) {
      const result = await activation.step(options);
      switch (result.type) {
        case "idle":
        case "unreadable": // goes on when a peer has sent it
          return refusal;
        case "moved":
          initialDownload.blockCame();
          await onStep(result.step);
          await pruning.prune();
          if (queue.closed) return refusal;
          if (scripts.isTired()) await scripts.pause();
          break;
        case "refused": {
          const { node, refusal: why } = result;
          const { log, emit } = this.#options;
          const sentence = `block ${node.hash} at height ${node.height} is invalid: ${why.reason}`;
          log("warn", "chain", sentence, { hash: node.hash, reason: why.reason });
          if (node.hash === options.fresh?.hash) refusal = why;
          else emit({ type: "block-refused", hash: node.hash, refusal: why });
          break;
        }
        default:
          result satisfies never;
      }
    }
  }

  /** Brings the mempool in step with what is stored now, then emits the events. */
  async follow(step: ActivationStep): Promise<void> {
    const { acceptor, mempool, clock } = this.#options;
    const { disconnected, connected } = step;
    const now = clock.now();
    const returned = disconnected.length > 0 ? await acceptor.reorganise(disconnected) : undefined;
    const removed = [
      ...connected.flatMap(({ block }) => mempool.removeForBlock(block, now)),
      ...withBlocks(returned?.removed ?? [], connected),
      ...mempool.expire(now),
    ];
    await this.#tell(step, removed, returned?.added ?? []);
  }

  /**
   * Tells of a step after which the mempool was put back to an earlier state.
   * @param replaced how that has changed the mempool
   */
  async rewound(
    step: ActivationStep,
    {
      removed,
      added,
    }: { readonly removed: readonly Removal[]; readonly added: readonly Transaction[] },
  ): Promise<void> {
    if (step.disconnected.length > 0 || step.connected.length > 0) {
      await this.#tell(step, removed, added);
      return;
    }
    const came = added.map((transaction) => ({ type: "transaction-added" as const, transaction }));
    await this.tellMempool([...removalsOf(removed), ...came]);
  }

  async #tell(
    step: ActivationStep,
    removed: readonly Removal[],
    added: readonly Transaction[],
  ): Promise<void> {
    const { followers, emit } = this.#options;
    const { fork, disconnected, connected } = step;
    const changes: readonly ChainChange[] = [
      ...changesOf(step),
      ...removalsOf(removed),
      ...added.map((transaction) => ({ type: "transaction-added" as const, transaction })),
    ];
    const from = disconnected[0]?.node ?? fork;
    const tip = connected.at(-1)?.node ?? fork;
    this.#mempoolSequence += removed.length + added.length;
    await followers.moved(from, tip, changes);
    for (const change of changes) emit(eventOf(change));
    const { hash, height } = tip;
    emit({ type: "tip-changed", hash, height, forkHeight: fork.height });
    const { initialDownload, unknownRules } = this.#options;
    if (!initialDownload.active) unknownRules.tipMoved(tip);
  }

  /** Tells of changes of the mempool alone. */
  async tellMempool(changes: readonly ChainChange[]): Promise<void> {
    const { followers, emit } = this.#options;
    this.#mempoolSequence += changes.length;
    await followers.mempoolChanged(changes);
    for (const change of changes) emit(eventOf(change));
  }
}

/** A transaction that a block of the new branch confirms was removed for that block, not for the change of branches. */
function withBlocks(
  removals: readonly Removal[],
  connected: ActivationStep["connected"],
): readonly Removal[] {
  if (removals.length === 0) return removals;
  const transactions = connected.flatMap(({ block }) => block.transactions);
  const mined = new Set(transactions.map(({ txid }) => txid));
  return removals.map((removal) => {
    return mined.has(removal.entry.transaction.txid) ? { ...removal, why: "block" } : removal;
  });
}
