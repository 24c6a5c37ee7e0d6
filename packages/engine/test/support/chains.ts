/** Chains, payments and coins for the tests of chain, mempool and miner. */
import {
  type Block,
  type ChainParams,
  concatBytes,
  encodeDerSignature,
  type HeaderNode,
  type LocatedCoin,
  type Milliseconds,
  type Outpoint,
  type Policy,
  pushData,
  SEQUENCE_FINAL,
  type SignatureVerifier,
  Transaction,
  type TransactionFields,
  type TxOutput,
} from "@chain/core";
import { type ChainStore, MemoryStore } from "@chain/storage";
import { accepted, easyDevnet, GENESIS_TIME, MINER, makeBlock } from "@chain/testing/blockFactory";
import { ChainManager } from "../../src/chain/manager.ts";
import type { PruneSettings } from "../../src/chain/pruning.ts";
import type { NodeEvent } from "../../src/events.ts";
import type { MempoolLimits } from "../../src/mempool/limits.ts";
import type { Metrics, ScriptWorkers, Timers } from "../../src/ports.ts";
import { collectingLog, type LogLine, realTimers, TestClock } from "./ports.ts";

export const params: ChainParams = easyDevnet();
export const COIN_VALUE: bigint = params.initialSubsidy;

/** Takes every signature, for tests that are about something else. */
export const trustingVerifier: SignatureVerifier = {
  name: "no-op",
  verifyEcdsa: () => true,
  verifySchnorr: () => true,
  checkTaprootTweak: () => true,
};

export interface TestNode {
  readonly chain: ChainManager;
  readonly clock: TestClock;
  readonly events: NodeEvent[];
  readonly lines: readonly LogLine[];
}

export async function openNode(
  options: {
    readonly params?: ChainParams;
    readonly store?: ChainStore;
    readonly verifier?: SignatureVerifier;
    readonly clock?: TestClock;
    readonly timers?: Timers;
    readonly mempool?: Partial<MempoolLimits>;
    readonly policy?: Partial<Policy>;
    readonly metrics?: Metrics;
    readonly scriptWorkers?: ScriptWorkers;
    readonly maxTipAge?: Milliseconds;
    readonly prune?: PruneSettings;
  } = {},
): Promise<TestNode> {
  const clock = options.clock ?? new TestClock(GENESIS_TIME + 100_000);
  const { log, lines } = collectingLog();
  const chain = await ChainManager.open({
    params: options.params ?? params,
    store: options.store ?? new MemoryStore(),
    verifier: options.verifier ?? trustingVerifier,
    clock,
    timers: options.timers ?? realTimers,
    log,
    mempool: options.mempool ?? {},
    policy: options.policy ?? {},
    scriptWorkers: options.scriptWorkers,
    ...(options.metrics && { metrics: options.metrics }),
    ...(options.maxTipAge !== undefined && { maxTipAge: options.maxTipAge }),
    ...(options.prune && { prune: options.prune }),
  });
  const events: NodeEvent[] = [];
  chain.subscribe((event) => events.push(event));
  return { chain, clock, events, lines };
}

/** Hands over a block as if we had asked for it. */
export async function give(chain: ChainManager, block: Block): Promise<HeaderNode> {
  return accepted(await chain.acceptBlock(block, { requested: true })).node;
}

/** So many empty blocks on top of a parent. Each `extra` makes another branch. */
export async function grow(
  chain: ChainManager,
  parent: HeaderNode,
  count: number,
  extra = 0,
): Promise<HeaderNode> {
  let tip = parent;
  for (let i = 0; i < count; i++) {
    tip = await give(chain, makeBlock({ parent: tip, params: chain.params, extra }));
  }
  return tip;
}

/** A block with transactions on top of a parent. */
export function mine(
  chain: ChainManager,
  parent: HeaderNode,
  transactions: readonly Transaction[],
  extra = 0,
): Promise<HeaderNode> {
  return give(chain, makeBlock({ parent, params: chain.params, transactions, extra }));
}

/** Well-formed, signed by nobody: good for the trusting verifier. */
const SIGNATURE = concatBytes(
  encodeDerSignature(new Uint8Array(64).fill(1)),
  Uint8Array.of(1 /* SIGHASH_ALL */),
);
const SCRIPT_SIG = concatBytes(pushData(SIGNATURE), pushData(MINER.publicKey));

/** Spends outputs that are locked to MINER. */
export function spend(
  outpoints: readonly Outpoint[],
  outputs: readonly bigint[],
  fields: Partial<TransactionFields> & { readonly sequence?: number } = {},
): Transaction {
  const { sequence = SEQUENCE_FINAL, ...rest } = fields;
  return new Transaction({
    version: 2,
    lockTime: 0,
    inputs: outpoints.map((prevout) => ({
      prevout,
      scriptSig: SCRIPT_SIG,
      sequence,
      witness: [],
    })),
    outputs: outputs.map((value) => ({ value, scriptPubKey: MINER.script })),
    ...rest,
  });
}

/** The n-th output of a transaction. */
export function output(transaction: Transaction, vout = 0): Outpoint {
  return { txid: transaction.txid, vout };
}

/** The output of a block's coinbase. */
export function coinbaseOf(block: Block): Outpoint {
  return output(block.transactions[0] as Transaction);
}

/** A coinbase output with its coin, for the payments of the block factory that sign in earnest. */
export function coinbaseCoin(block: Block, height: number): LocatedCoin {
  const first = block.transactions[0]?.outputs[0] as TxOutput;
  return { outpoint: coinbaseOf(block), coin: { ...first, height, coinbase: true } };
}

/** Everything that is in a store of coins, as one hash. */
export async function coinsHash(chain: ChainManager): Promise<string> {
  return (await chain.coinStatistics()).hash;
}
