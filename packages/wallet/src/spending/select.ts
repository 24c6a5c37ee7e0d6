/** Which coins a payment spends. Core: SelectCoins, AutomaticCoinSelection, GroupOutputs (wallet/spend.cpp). */

import { bytesToHex } from "@chain/core";
import type { AddressKind } from "../descriptor/node.ts";
import { branchAndBound } from "./branchAndBound.ts";
import {
  type Candidate,
  type CandidateCoin,
  candidateOf,
  effectiveValue,
  groupOf,
  type OutputGroup,
} from "./candidate.ts";
import { coinGrinder } from "./coinGrinder.ts";
import { knapsack } from "./knapsack.ts";
import type { Random } from "./random.ts";
import { type ChangeCosts, type NotFound, SelectionResult } from "./selectionResult.ts";
import { singleRandomDraw } from "./singleRandomDraw.ts";

/** Most coins of one address that are spent together. Core: OUTPUT_GROUP_MAX_ENTRIES. */
const MAX_GROUP = 100;

/** The transaction as coin selection sees it. Core: CoinSelectionParams. */
export interface SelectionParams extends ChangeCosts {
  /** Base units for 1,000 virtual bytes. */
  readonly feeRate: number;
  readonly longTermFeeRate: number;
  /** Least change that knapsack and coin grinder aim at. */
  readonly minChangeTarget: number;
  /** Bytes of a change output. */
  readonly changeOutputSize: number;
  /** Virtual bytes of the transaction without inputs and change. */
  readonly noInputsSize: number;
  readonly maxWeight: number;
  /** Whether the payees pay the fee. */
  readonly subtractsFee: boolean;
  /** Whether coins of one address are spent together. */
  readonly avoidsPartialSpends: boolean;
  /** Whether unconfirmed coins of others may be spent. */
  readonly includesUnsafe: boolean;
  readonly spendsUnconfirmedChange: boolean;
  /** Whether coins at the end of long unconfirmed chains are left out. Core: -walletrejectlongchains. */
  readonly rejectsLongChains: boolean;
  /** Most unconfirmed ancestors and descendants that the mempool takes. */
  readonly maxAncestors: number;
  readonly maxDescendants: number;
  readonly random: Random;
  /** The fee that the ancestors of these coins together lack, or that it can't be computed. */
  readonly combinedBumpFee: (coins: readonly CandidateCoin[]) => bigint | undefined;
}

/** A sentence says why no coins were found; without one they do not suffice. */
export interface SelectionFailure {
  readonly reason: string | undefined;
}
export type SelectionOutcome = SelectionResult | SelectionFailure;

const INSUFFICIENT: SelectionFailure = { reason: undefined };
const TOO_HEAVY =
  "The inputs size exceeds the maximum weight. Please try sending a smaller amount or manually consolidating your wallet's UTXOs";

const failed = (reason: string): SelectionFailure => ({ reason });
const isFound = (outcome: SelectionOutcome): outcome is SelectionResult =>
  outcome instanceof SelectionResult;

export interface SelectionRequest {
  readonly target: number;
  /** Coins that the payment spends in any case. */
  readonly presets: readonly CandidateCoin[];
  /** Coins to choose from. */
  readonly coins: readonly CandidateCoin[];
  /** Whether others than the presets may be spent. */
  readonly allowsOthers: boolean;
}

/** Core: SelectCoins. */
export function selectCoins(request: SelectionRequest, params: SelectionParams): SelectionOutcome {
  const { target, allowsOthers } = request;
  const { subtractsFee } = params;
  const presets = request.presets.map((coin) => candidateOf(coin, params));
  const worth = (each: Candidate) => (subtractsFee ? each.value : effectiveValue(each));
  const presetSum = presets.reduce((sum, each) => sum + worth(each), 0);
  const missing = target - presetSum;
  if (!allowsOthers && missing > 0) {
    return failed(
      "The preselected coins total amount does not cover the transaction target. Please allow other inputs to be automatically selected or include more coins manually",
    );
  }
  if (missing <= 0) {
    return new SelectionResult({
      algorithm: "manual",
      target,
      candidates: presets,
      subtractsFee,
    });
  }
  const candidates = request.coins.map((coin) => candidateOf(coin, params));
  if (missing > candidates.reduce((sum, each) => sum + worth(each), 0)) return INSUFFICIENT;
  const chosen = selectAutomatically(candidates, missing, params);
  if (!isFound(chosen) || presets.length === 0) return chosen;
  const merged = chosen.merge(
    new SelectionResult({
      algorithm: "manual",
      target: presetSum,
      candidates: presets,
      subtractsFee,
    }),
  );
  if (merged.weight > params.maxWeight - params.noInputsSize * 4) {
    return failed(
      "The combination of the pre-selected inputs and the wallet automatic inputs selection exceeds the transaction maximum weight. Please try sending a smaller amount or manually consolidating your wallet's UTXOs",
    );
  }
  return merged;
}

/** The coins that a round of selection may spend. Core: CoinEligibilityFilter, SelectionFilter. */
interface EligibilityFilter {
  /** Confirmations that coins of this wallet's own payments need. */
  readonly ownDepth: number;
  readonly foreignDepth: number;
  readonly maxAncestors: number;
  readonly maxClusterCount: number;
  /** Whether the last coins of an address with more than `MAX_GROUP` may be spent without the others. */
  readonly takesPartialGroups: boolean;
  /** Whether coins of several types may be spent together. */
  readonly mixesKinds: boolean;
}

/** The strictest first. */
function filtersOf(params: SelectionParams): readonly EligibilityFilter[] {
  const ancestors = Math.max(1, params.maxAncestors);
  const cluster = Math.max(1, params.maxDescendants);
  const filter = (
    ownDepth: number,
    foreignDepth: number,
    maxAncestors: number,
    maxClusterCount: number = maxAncestors,
    others: Partial<EligibilityFilter> = {},
  ): EligibilityFilter => ({
    ownDepth,
    foreignDepth,
    maxAncestors,
    maxClusterCount,
    takesPartialGroups: false,
    mixesKinds: true,
    ...others,
  });
  const filters = [filter(1, 6, 0, 0, { mixesKinds: false }), filter(1, 1, 0)];
  if (!params.spendsUnconfirmedChange) return filters;
  const third = (limit: number) => Math.min(4, Math.floor(limit / 3));
  const half = (limit: number) => Math.floor(limit / 2);
  const partial = { takesPartialGroups: true };
  filters.push(
    filter(0, 1, 2),
    filter(0, 1, third(ancestors), third(cluster)),
    filter(0, 1, half(ancestors), half(cluster)),
    filter(0, 1, ancestors - 1, cluster - 1, partial),
  );
  if (params.includesUnsafe) filters.push(filter(0, 0, ancestors - 1, cluster - 1, partial));
  if (!params.rejectsLongChains) {
    const most = Number.POSITIVE_INFINITY;
    filters.push(filter(0, 1, most, most, partial));
  }
  return filters;
}

/** A group, and whether it is the last, not full one of an address with others. */
interface SizedGroup {
  readonly group: OutputGroup;
  readonly isPartial: boolean;
}

/** Core: EligibleForSpending. */
function isEligible({ group, isPartial }: SizedGroup, filter: EligibilityFilter): boolean {
  return (
    group.depth >= (group.isFromMe ? filter.ownDepth : filter.foreignDepth) &&
    group.ancestors <= filter.maxAncestors &&
    group.clusterCount <= filter.maxClusterCount &&
    (!isPartial || filter.takesPartialGroups)
  );
}

/** Groups for the algorithms that take groups of positive amount alone, and for knapsack, which takes all. */
interface Groups {
  readonly positive: readonly SizedGroup[];
  readonly mixed: readonly SizedGroup[];
}

/** Core: GroupOutputs. */
function groupsOf(candidates: readonly Candidate[], params: SelectionParams): Groups {
  const isPositive = ({ group }: SizedGroup) => group.amount > 0;
  const { subtractsFee } = params;
  if (!params.avoidsPartialSpends) {
    const mixed = candidates.map((each) => ({
      group: groupOf([each], subtractsFee),
      isPartial: false,
    }));
    return { positive: mixed.filter(isPositive), mixed };
  }
  const addresses = byAddress(candidates);
  const worthwhile = addresses.map((coins) => coins.filter((each) => effectiveValue(each) > 0));
  return {
    positive: worthwhile.flatMap((coins) => cut(coins, subtractsFee)).filter(isPositive),
    mixed: addresses.flatMap((coins) => cut(coins, subtractsFee)),
  };
}

function byAddress(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const addresses = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const { output, kind } = candidate.coin;
    const name = `${kind}:${bytesToHex(output.scriptPubKey)}`;
    const known = addresses.get(name);
    if (known === undefined) addresses.set(name, [candidate]);
    else known.push(candidate);
  }
  return [...addresses.values()];
}

/** Groups of the coins of one address. */
function cut(coins: readonly Candidate[], subtractsFee: boolean): SizedGroup[] {
  const groups: SizedGroup[] = [];
  for (let start = 0; start < coins.length; start += MAX_GROUP) {
    const isPartial = coins.length > MAX_GROUP && start + MAX_GROUP >= coins.length;
    groups.push({ group: groupOf(coins.slice(start, start + MAX_GROUP), subtractsFee), isPartial });
  }
  return groups;
}

/** Core: AutomaticCoinSelection. */
function selectAutomatically(
  candidates: readonly Candidate[],
  target: number,
  params: SelectionParams,
): SelectionOutcome {
  // Coins of one address are cut into groups: their order must not tell which wallet it is.
  const isShuffled = params.avoidsPartialSpends && candidates.length > MAX_GROUP;
  const groups = groupsOf(isShuffled ? params.random.shuffle([...candidates]) : candidates, params);
  const filters = filtersOf(params);
  const total = candidates.reduce((sum, { value }) => sum + value, 0);
  let [discarded, inLongChains] = [0, 0];
  for (const each of groups.mixed) {
    if (filters.some((filter) => isEligible(each, filter))) continue;
    const { amount, ancestors, clusterCount } = each.group;
    discarded += amount;
    const isLong =
      ancestors >= Math.max(1, params.maxAncestors) ||
      clusterCount >= Math.max(1, params.maxDescendants);
    if (isLong) inLongChains += amount;
  }
  if (total - discarded < target) {
    if (total - discarded + inLongChains <= target) return INSUFFICIENT;
    return failed(
      "Unconfirmed UTXOs are available, but spending them creates a chain of transactions that will be rejected by the mempool",
    );
  }
  let failure = INSUFFICIENT;
  for (const filter of filters) {
    const eligible = {
      positive: groups.positive.filter((each) => isEligible(each, filter)),
      mixed: groups.mixed.filter((each) => isEligible(each, filter)),
    };
    if (eligible.mixed.length === 0) continue;
    const outcome = attempt(eligible, target, filter.mixesKinds, params);
    if (isFound(outcome)) return outcome;
    if (failure.reason === undefined) failure = outcome;
  }
  return failure;
}

/** Of each type of address alone, then of all together. Core: AttemptSelection. */
function attempt(
  groups: Groups,
  target: number,
  mixesKinds: boolean,
  params: SelectionParams,
): SelectionOutcome {
  const kinds = new Set<AddressKind | "unknown">();
  for (const { group } of groups.mixed) kinds.add(group.kind);
  const results: SelectionResult[] = [];
  for (const kind of KIND_ORDER) {
    if (!kinds.has(kind)) continue;
    const ofKind = ({ group }: SizedGroup) => group.kind === kind;
    const own = { positive: groups.positive.filter(ofKind), mixed: groups.mixed.filter(ofKind) };
    const outcome = choose(own, target, params);
    if (isFound(outcome)) results.push(outcome);
    else if (outcome.reason !== undefined) return outcome;
  }
  const best = leastWasteful(results, params);
  if (best !== undefined) return best;
  return mixesKinds && kinds.size > 1 ? choose(groups, target, params) : INSUFFICIENT;
}

/** Core's order of OutputType. */
const KIND_ORDER = ["legacy", "p2sh-segwit", "bech32", "bech32m", "unknown"] as const;

/** Runs each algorithm, and takes the least wasteful result. Core: ChooseSelectionResult. */
function choose(groups: Groups, target: number, params: SelectionParams): SelectionOutcome {
  const { subtractsFee, random, minChangeTarget } = params;
  const maxWeight = params.maxWeight - params.noInputsSize * 4;
  if (maxWeight <= 0) {
    return failed("Maximum transaction weight is less than transaction weight without inputs");
  }
  const positive = groups.positive.map(({ group }) => group);
  const mixed = groups.mixed.map(({ group }) => group);
  const results: SelectionResult[] = [];
  let failure = INSUFFICIENT;
  const collect = (found: SelectionResult | NotFound) => {
    if (found instanceof SelectionResult) results.push(found);
    else if (found === "too-heavy" && failure.reason === undefined) failure = failed(TOO_HEAVY);
  };
  // Where payees pay the fee, coins without change often need some after all.
  if (!subtractsFee) {
    const request = { groups: positive, target, maxWeight, subtractsFee };
    collect(branchAndBound(request, params.costOfChange));
  }
  const withChange = maxWeight - params.changeOutputSize * 4;
  if (withChange < 0 && results.length === 0) {
    return failed("Maximum transaction weight is too low, can not accommodate change output");
  }
  const request = { groups: positive, target, maxWeight: withChange, subtractsFee };
  collect(knapsack({ ...request, groups: mixed }, minChangeTarget, random));
  // The fewest inputs where the fee rate is more than three times as high as usual.
  if (params.feeRate > 3 * params.longTermFeeRate) collect(coinGrinder(request, minChangeTarget));
  collect(singleRandomDraw(request, params.changeFee, random));
  if (results.length === 0) return failure;

  const discounted: SelectionResult[] = [];
  for (const result of results) {
    const unconfirmed = result.candidates.filter(({ coin }) => coin.depth <= 0);
    const combined = params.combinedBumpFee(unconfirmed.map(({ coin }) => coin));
    if (combined === undefined) {
      return failed(
        "Failed to calculate bump fees, because unconfirmed UTXOs depend on an enormous cluster of unconfirmed transactions.",
      );
    }
    const summed = unconfirmed.reduce((sum, { bumpFee }) => sum + bumpFee, 0);
    discounted.push(result.withBumpFeeDiscount(summed - Number(combined)));
  }
  return leastWasteful(discounted, params) ?? failure;
}

/** Of equally wasteful ones that with more inputs, because it leaves fewer coins. */
function leastWasteful(
  results: readonly SelectionResult[],
  costs: ChangeCosts,
): SelectionResult | undefined {
  let best: SelectionResult | undefined;
  let bestWaste = Number.POSITIVE_INFINITY;
  for (const result of results) {
    const waste = result.waste(costs);
    const isMore = best !== undefined && result.candidates.length > best.candidates.length;
    if (waste < bestWaste || (waste === bestWaste && isMore)) [best, bestWaste] = [result, waste];
  }
  return best;
}
