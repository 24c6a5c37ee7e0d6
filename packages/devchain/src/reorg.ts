/** Reorganisations on purpose: another branch is prepared, and takes over in one step. */
import {
  type Block,
  type BlockHash,
  type HeaderNode,
  type OutpointKey,
  outpointKey,
  type Seconds,
  type Transaction,
  type Txid,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { assembleBlock, type ChainManager } from "@chain/engine";
import { DevChainError } from "./errors.ts";
import type { BlockMaker } from "./miner.ts";

/** The ways in which the new branch differs from the old one, which it is longer than by one empty block. */
export interface ReorgPlan {
  /** Blocks of the old branch, from the tip down. */
  readonly depth: number;
  /** Transactions that are neither in the new branch nor in the mempool after it. */
  readonly drop: ReadonlySet<string>;
  /** Transactions that are not in the new branch, and wait again. */
  readonly unconfirm: ReadonlySet<string> | "all";
  /** Transactions that take the place of others. */
  readonly replace: ReadonlyMap<string, Transaction>;
  /** Gets the rewards. */
  readonly payTo: Uint8Array;
}

/** The outcome of a reorganisation. */
export interface Reorganisation {
  /** The last block that both branches have. */
  readonly forkHeight: number;
  /** Blocks that are not of the best chain any more, the first one first. */
  readonly disconnected: readonly BlockHash[];
  readonly connected: readonly BlockHash[];
}

interface PlannedBlock {
  readonly time: Seconds;
  readonly transactions: readonly Transaction[];
  readonly fees: bigint;
}

/**
 * Makes the branch, block by block: the last one has more work than the tip, and with it the chain moves in one step.
 * @param now seconds since 1970
 * @throws DevChainError `usage`, `unknown-transaction`; `refused` where a block of the branch breaks a rule: then nothing
 *   has changed
 */
export async function reorganise(
  plan: ReorgPlan,
  now: Seconds,
  { chain, maker }: { readonly chain: ChainManager; readonly maker: BlockMaker },
): Promise<Reorganisation> {
  const { tip } = chain;
  const fork = tip.ancestor(tip.height - plan.depth);
  if (fork === undefined || plan.depth < 1) {
    const why = `depth is a number of blocks from 1 to ${tip.height}, not ${plan.depth}`;
    throw new DevChainError("usage", why);
  }
  const old = Array.from({ length: plan.depth }, (_, i) => {
    return present(tip.ancestor(fork.height + 1 + i), "a block of the old branch");
  });
  const planned = await planBlocks(old, plan, chain);
  const connected = await build(fork, [...planned, { time: now, transactions: [], fees: 0n }]);
  for (const txid of [...plan.drop, ...plan.replace.keys()]) {
    await chain.rewinding.drop(txid as Txid);
  }
  const disconnected = old.map(({ hash }) => hash);
  return { forkHeight: fork.height, disconnected, connected };

  async function build(start: HeaderNode, blocks: readonly PlannedBlock[]): Promise<BlockHash[]> {
    let parent = start;
    let reason = "it does not connect";
    const unsubscribe = chain.subscribe((event) => {
      if (event.type === "block-refused") reason = event.refusal.reason;
    });
    const made: Block[] = [];
    try {
      for (const { time, transactions, fees } of blocks) {
        const extraNonce = maker.nextBranchNonce();
        const options = { payTo: plan.payTo, time, fees, extraNonce };
        const draft = assembleBlock(parent, transactions, chain.params, options);
        const block = present(await maker.solve(draft, { aborted: false }), "a block");
        await maker.accept(block);
        made.push(block);
        parent = present(chain.headers.get(block.hash), "a header that was accepted");
      }
    } catch (error) {
      if (!(error instanceof DevChainError)) throw error;
      reason = error.message;
    } finally {
      unsubscribe();
    }
    if (made.length === blocks.length && chain.tip === parent) return made.map(({ hash }) => hash);
    const first = made[0] && chain.headers.get(made[0].hash);
    if (first !== undefined) await chain.rewinding.forget(first);
    throw new DevChainError("refused", `the new branch is not valid: ${reason}`);
  }
}

/** The blocks of the old branch, less what shall not be in them, and what depends on that. */
async function planBlocks(
  old: readonly HeaderNode[],
  { drop, unconfirm, replace }: ReorgPlan,
  chain: ChainManager,
): Promise<readonly PlannedBlock[]> {
  const values = new Map<OutpointKey, bigint>();
  const gone = new Set<Txid>();
  const missing = new Set([...drop, ...(unconfirm === "all" ? [] : unconfirm), ...replace.keys()]);
  const leaves = (txid: Txid) =>
    drop.has(txid) || unconfirm === "all" || unconfirm.has(txid) || replace.has(txid);
  const planned: PlannedBlock[] = [];
  for (const { hash, time } of old) {
    const block = present(await chain.getBlock(hash), "a block of the best chain");
    const undo = present(await chain.getUndo(hash), "undo data of a block of the best chain");
    const [coinbase, ...others] = block.transactions;
    if (coinbase !== undefined) gone.add(coinbase.txid);
    const transactions: Transaction[] = [];
    for (const [i, transaction] of others.entries()) {
      const { txid, inputs } = transaction;
      missing.delete(txid);
      for (const [n, { prevout }] of inputs.entries()) {
        const coin = undo[i]?.[n];
        if (coin !== undefined) values.set(outpointKey(prevout), coin.value);
      }
      const orphaned = inputs.some(({ prevout }) => gone.has(prevout.txid));
      if (orphaned || leaves(txid)) gone.add(txid);
      else transactions.push(transaction);
      const other = replace.get(txid);
      if (other === undefined) continue;
      gone.delete(other.txid);
      transactions.push(other);
    }
    const fees = await feesOf(transactions, values, chain);
    planned.push({ time, transactions, fees });
  }
  const [unknown] = missing;
  if (unknown === undefined) return planned;
  const where = `the last ${old.length === 1 ? "block" : `${old.length} blocks`}`;
  throw new DevChainError("unknown-transaction", `${unknown} is not in ${where}`);
}

/** Base units that transactions leave to the miner. */
async function feesOf(
  transactions: readonly Transaction[],
  values: Map<OutpointKey, bigint>,
  chain: ChainManager,
): Promise<bigint> {
  let fees = 0n;
  for (const { txid, inputs, outputs } of transactions) {
    for (const { prevout } of inputs) {
      const key = outpointKey(prevout);
      const [coin] = values.has(key) ? [] : await chain.getCoins([prevout]);
      fees += values.get(key) ?? coin?.value ?? 0n;
    }
    for (const [vout, { value }] of outputs.entries()) {
      values.set(outpointKey({ txid, vout }), value);
      fees -= value;
    }
  }
  // A replacement that spends what is not there is refused for that.
  return fees < 0n ? 0n : fees;
}
