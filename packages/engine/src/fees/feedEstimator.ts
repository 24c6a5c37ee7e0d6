import type { Block, Milliseconds, Txid } from "@chain/core";
import { optional, requireFields } from "@chain/core/arguments";
import type { ChainManager } from "../chain/manager.ts";
import type { ChainEvent } from "../events.ts";
import type { FeeEstimator } from "./estimator.ts";
import type { MempoolFees } from "./mempoolFees.ts";

/** A tip that is older is not the end of the chain that others build on. Core: MAX_FEE_ESTIMATION_TIP_AGE. */
const MAX_TIP_AGE: Milliseconds = 3 * 60 * 60 * 1000;

/** The part of a chain manager that it needs. */
export type FeeSource = Pick<
  ChainManager,
  "subscribe" | "mempool" | "initialDownload" | "tip" | "bestHeader" | "now"
>;

/**
 * Tells an estimator what happens to the chain and to the mempool, in Core's order: what a block conflicts with has
 * left the mempool before the block counts.
 * @param mempoolFees hears of blocks, and of what the mempool had of them
 * @returns a function that ends it
 * @example
 * const estimator = new FeeEstimator();
 * const stop = feedEstimator(estimator, chain);
 * await chain.acceptBlock(raw);
 * estimator.height // 1
 * stop();
 */
export function feedEstimator(
  estimator: FeeEstimator,
  chain: FeeSource,
  mempoolFees?: MempoolFees,
): () => void {
  requireFields(estimator, "estimator", { blockConnected: "function" });
  requireFields(chain, "chain", { subscribe: "function", mempool: "object", tip: "object" });

  optional(mempoolFees, "mempoolFees", (value, name) => {
    requireFields(value, name, { blockConnected: "function" });
  });

  /** Transactions of the blocks of the step that the mempool had. */
  const known = new Set<Txid>();
  /** Blocks of the step that the chain is making; undefined between steps. */
  let step: Extract<ChainEvent, { type: "block-connected" }>[] | undefined;
  return chain.subscribe((event) => {
    switch (event.type) {
      case "block-disconnected":
        step ??= [];
        break;
      case "block-connected":
        step ??= [];
        step.push(event);
        break;
      case "tip-changed":
        for (const { height, block } of step ?? []) {
          estimator.blockConnected(
            height,
            block.transactions.map(({ txid }) => txid),
          );
          mempoolFees?.blockConnected({ height, ...weights(block, known) });
        }
        step = undefined;
        known.clear();
        break;
      case "transaction-removed":
        if (event.why === "block") known.add(event.txid);
        else estimator.transactionRemoved(event.txid);
        break;
      case "transaction-added": {
        const entry = chain.mempool.get(event.transaction.txid);
        // A transaction that a reorganisation puts back has waited before, and has not met the usual limits.
        if (entry === undefined || step !== undefined || !isAtEnd(chain)) break;
        if (entry.parents.size > 0) break; // It may wait for its parents, or be paid for by a child.
        estimator.transactionAdded(event.transaction.txid, entry);
        break;
      }
      default: // Others change neither the best chain nor the mempool.
    }
  });
}

/** The weight of the transactions of a block without the coinbase, and of those that were known. */
function weights(block: Block, known: ReadonlySet<Txid>): { weight: number; known: number } {
  const sum = { weight: 0, known: 0 };
  for (const { txid, weight, isCoinbase } of block.transactions) {
    if (isCoinbase) continue;
    sum.weight += weight;
    if (known.has(txid)) sum.known += weight;
  }
  return sum;
}

/** Whether the chain is where others are: only then it can be said how long transactions wait. */
function isAtEnd({ initialDownload, tip, bestHeader, now }: FeeSource): boolean {
  if (initialDownload || tip.header.time * 1000 < now - MAX_TIP_AGE) return false;
  return tip.height >= bestHeader.height - 1;
}
