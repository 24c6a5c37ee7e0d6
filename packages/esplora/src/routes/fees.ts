/** Fee rates: electrs' map, and mempool.space's words. */
import { json } from "../answers.ts";
import { ask, type Route } from "../call.ts";
import type { EsploraHost } from "../host.ts";

/** Blocks within which a transaction is to be confirmed. Electrs: CONF_TARGETS. */
const TARGETS: readonly number[] = /* @__PURE__ */ Object.freeze([
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 144,
  504, 1008,
]);
/** Coins for 1,000 virtual bytes, in base units for one. */
const RATE = 100_000;

/** Base units for a virtual byte, by target: those that the node can't estimate are missing. */
export const feeEstimates: Route = async ({ host }) => {
  const estimates: Record<string, number> = {};
  for (const target of TARGETS) {
    const rate = await estimate(host, target);
    if (rate !== undefined) estimates[target] = rate;
  }
  return json(estimates);
};

export const recommendedFees: Route = async ({ host }) => json(await recommended(host));

/** Whole base units for a virtual byte. */
export interface RecommendedFees {
  readonly fastestFee: number;
  readonly halfHourFee: number;
  readonly hourFee: number;
  readonly economyFee: number;
  readonly minimumFee: number;
}

/** Whole base units for a virtual byte, none below what the mempool asks, nor above that of a nearer target. */
export async function recommended(host: EsploraHost): Promise<RecommendedFees> {
  const info = (await ask(host, "getmempoolinfo", [])) as { readonly mempoolminfee: unknown };
  const least = Math.max(1, Math.ceil(rateOf(info.mempoolminfee)));
  const rates: number[] = [];
  for (const target of [1, 3, 6, 144]) {
    const rate = Math.max(least, Math.ceil((await estimate(host, target)) ?? least));
    rates.push(Math.min(rate, rates.at(-1) ?? rate));
  }
  const [fastestFee = least, halfHourFee = least, hourFee = least, economyFee = least] = rates;
  return { fastestFee, halfHourFee, hourFee, economyFee, minimumFee: least };
}

/** Core: estimatesmartfee. @returns `undefined` where the node can tell none */
async function estimate(host: EsploraHost, target: number): Promise<number | undefined> {
  const answer = (await ask(host, "estimatesmartfee", [target])) as { readonly feerate?: unknown };
  return answer.feerate === undefined ? undefined : rateOf(answer.feerate);
}

/** Without the digits that a product of fractions has too many. */
function rateOf(coins: unknown): number {
  return Math.round(Number(coins) * RATE * 1000) / 1000;
}
