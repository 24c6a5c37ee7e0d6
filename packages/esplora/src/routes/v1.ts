/** Addresses below `/v1`, which are mempool.space's: those that `@mempool/mempool.js` asks. */
import type { HeaderNode, Milliseconds, Seconds, Txid } from "@chain/core";
import { type MempoolEntry, relatives } from "@chain/engine";
import { badRequest, json, notFound } from "../answers.ts";
import { ask, type Call, type Route, readHash } from "../call.ts";
import { difficultyOf } from "../describe/block.ts";
import { describeExtended } from "../describe/extended.ts";
import { blocksDown, foundBlock } from "./blocks.ts";

const BLOCKS = 15;
/** Blocks that the mempool is laid out in, and virtual bytes of one. */
const [MAX_PROJECTED, PROJECTED_SIZE] = [8, 1_000_000];
const MAX_TIMES = 100;
const DAY: Seconds = 86_400;
const MAX_SAMPLES = 1_000;
/** Days of the intervals that can be asked for. */
const INTERVALS: ReadonlyMap<string, number> = /* @__PURE__ */ (() =>
  new Map([
    ["24h", 1],
    ["3d", 3],
    ["1w", 7],
    ["1m", 30],
    ["3m", 90],
    ["6m", 180],
    ["1y", 365],
    ["2y", 730],
    ["3y", 1095],
    ["all", Number.POSITIVE_INFINITY],
  ]))();

export const blockExtended: Route = async (call) => {
  const { node, body } = await foundBlock(call);
  return json(await describeExtended(body, node, call.lookup, call.host.chain.params), true);
};

export const blocksExtended: Route = async (call) => {
  const { params } = call.host.chain;
  return json(
    await blocksDown(call, BLOCKS, (block, node) =>
      describeExtended(block, node, call.lookup, params),
    ),
  );
};

export const mempoolBlocks: Route = async (call) => json(projectedBlocks(call));

/** A block that the mempool would fill. */
export interface ProjectedBlock {
  readonly blockSize: number;
  readonly blockVSize: number;
  readonly nTx: number;
  readonly totalFees: number;
  readonly medianFee: number;
  readonly feeRange: readonly number[];
}

/** The mempool in blocks, those that pay best first; the last has all that is left. */
export function projectedBlocks({
  host: { chain },
}: Pick<Call, "host">): readonly ProjectedBlock[] {
  const rate = ({ ancestors: { fees, size } }: MempoolEntry) => Number(fees) / size;
  const entries = Array.from(chain.mempool.entries(), (entry) => ({ entry, rate: rate(entry) }));
  entries.sort((a, b) => b.rate - a.rate || a.entry.sequence - b.entry.sequence);
  const blocks: (typeof entries)[] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const each of entries) {
    if (size + each.entry.size > PROJECTED_SIZE && blocks.length < MAX_PROJECTED) {
      blocks.push([]);
      size = 0;
    }
    blocks.at(-1)?.push(each);
    size += each.entry.size;
  }
  return blocks.map((block) => {
    const rates = block.map((each) => each.rate).reverse();
    const part = (share: number) => rates[Math.round(share * (rates.length - 1))] ?? 0;
    const sum = (of: (entry: MempoolEntry) => number) =>
      block.reduce((total, { entry }) => total + of(entry), 0);
    return {
      blockSize: sum(({ transaction }) => transaction.totalSize),
      blockVSize: sum((entry) => entry.size),
      nTx: block.length,
      totalFees: sum(({ fee }) => Number(fee)),
      medianFee: part(0.5),
      feeRange: [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1].map(part),
    };
  });
}

/** Relatives in the mempool, and the rate that a transaction has with them. */
export const childPaysForParent: Route = async ({ host: { chain }, lookup, parts }) => {
  const txid = readHash<Txid>(parts[0]);
  const entry = chain.mempool.get(txid);
  if (entry === undefined) {
    if ((await lookup.transaction(txid)) === undefined) throw notFound("Transaction not found");
    return json({ ancestors: [] });
  }
  const described = (direction: "parents" | "children") =>
    [...relatives([entry], direction)].filter((each) => each !== entry).map(describeRelative);
  const descendants = described("children");
  const rates = descendants.map(({ fee, weight }) => (4 * fee) / weight);
  const best = descendants[rates.indexOf(Math.max(...rates))] ?? null;
  const { fees, size } = entry.ancestors;
  return json({
    ancestors: described("parents"),
    bestDescendant: best,
    descendants,
    effectiveFeePerVsize: Number(fees) / size,
    sigops: Math.ceil(entry.sigopCost / 4),
    fee: Number(entry.fee),
    adjustedVsize: entry.size,
  });
};

function describeRelative({ transaction: { txid, weight }, fee }: MempoolEntry) {
  return { txid, fee: Number(fee), weight };
}

/** When transactions of the mempool came, in seconds since 1970; 0 for those that are not in it. */
export const transactionTimes: Route = async ({ host: { chain }, query }) => {
  const txids = query.getAll("txId[]");
  if (txids.length === 0) throw badRequest("No txId specified");
  if (txids.length > MAX_TIMES) throw badRequest("Too many txids requested");
  const times = txids.map((txid) => chain.mempool.get(readHash<Txid>(txid))?.time ?? 0);
  return json(times.map((time) => Math.floor(time / 1000)));
};

export const validateAddress: Route = async ({ host, parts }) =>
  json(await ask(host, "validateaddress", [parts[0] ?? ""]));

/** How far the retargeting period is. Percent, blocks, and milliseconds but for `previousTime`. */
export interface DifficultyAdjustment {
  readonly progressPercent: number;
  readonly difficultyChange: number;
  readonly estimatedRetargetDate: Milliseconds;
  readonly remainingBlocks: number;
  readonly remainingTime: Milliseconds;
  readonly previousRetarget: number;
  readonly previousTime: Seconds;
  readonly nextRetargetHeight: number;
  readonly timeAvg: Milliseconds;
  readonly adjustedTimeAvg: Milliseconds;
  readonly timeOffset: number;
  readonly expectedBlocks: number;
}

/** How far the retargeting period is, and what is to be expected of it. mempool.space: calcDifficultyAdjustment. */
export const difficultyAdjustment: Route = async (call) => json(adjustmentOf(call));

export function adjustmentOf({ host: { chain } }: Pick<Call, "host">): DifficultyAdjustment {
  const { tip, params, headers, now } = chain;
  const { targetSpacing, targetTimespan } = params;
  const period = Math.round(targetTimespan / targetSpacing);
  const done = tip.height % period;
  const first = headers.activeAt(tip.height - done) ?? headers.genesis;
  const seconds = Math.floor(now / 1000);
  const elapsed = Math.max(0, seconds - first.time);
  const average = done === 0 ? targetSpacing : (tip.time - first.time) / done;
  const kept = Math.max(targetSpacing / 4, Math.min(targetSpacing * 4, average));
  const remaining = period - done;
  const before = headers.activeAt(first.height - 1);
  const remainingTime = Math.round(remaining * kept * 1000);
  const change = (ratio: number) => (params.noRetargeting ? 0 : (ratio - 1) * 100);
  return {
    progressPercent: (done / period) * 100,
    difficultyChange: change(kept === 0 ? 4 : targetSpacing / kept),
    estimatedRetargetDate: now + remainingTime,
    remainingBlocks: remaining,
    remainingTime,
    previousRetarget:
      before === undefined ? 0 : change(difficultyOf(first.bits) / difficultyOf(before.bits)),
    previousTime: first.time,
    nextRetargetHeight: tip.height + remaining,
    timeAvg: Math.round(average * 1000),
    adjustedTimeAvg: Math.round(kept * 1000),
    timeOffset: 0,
    expectedBlocks: elapsed / targetSpacing,
  };
}

/** Hashes a second, by the work and the times of the blocks, one value for each day. */
export const hashrate: Route = async ({ host: { chain }, parts }) => {
  const days = INTERVALS.get(parts[0] ?? "all");
  if (days === undefined) throw badRequest("Invalid interval");
  const { tip, params, headers } = chain;
  const step = Math.max(1, Math.round(DAY / params.targetSpacing));
  const count = Math.min(MAX_SAMPLES, days, Math.ceil(tip.height / step));
  const samples: { readonly timestamp: number; readonly avgHashrate: number }[] = [];
  const changes: object[] = [];
  let last: HeaderNode = tip;
  for (let i = 0; i < count; i++) {
    const first = headers.activeAt(Math.max(0, last.height - step)) ?? headers.genesis;
    const seconds = Math.max(1, last.time - first.time);
    const avgHashrate = Number(last.chainWork - first.chainWork) / seconds;
    samples.unshift({ timestamp: first.time, avgHashrate });
    if (first.bits !== last.bits) {
      const [difficulty, before] = [difficultyOf(last.bits), difficultyOf(first.bits)];
      const { time, height } = last;
      changes.unshift({ time, height, difficulty, adjustment: difficulty / before });
    }
    last = first;
  }
  return json({
    hashrates: samples,
    difficulty: changes,
    currentHashrate: samples.at(-1)?.avgHashrate ?? 0,
    currentDifficulty: difficultyOf(tip.bits),
  });
};
