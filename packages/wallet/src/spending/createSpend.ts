/** Makes a payment of coins. Core: CreateTransaction (wallet/spend.cpp). */

import { isDust } from "@chain/core";
import { type Refused, refused } from "../errors.ts";
import { assemble, type Finished } from "./assemble.ts";
import { available, presetCandidates } from "./available.ts";
import { type CandidateCoin, feeAt } from "./candidate.ts";
import { changeOf, type Draft, MAX_STANDARD_WEIGHT, outputOf, paramsOf, sum } from "./draft.ts";
import { chooseFeeRate, EMPTY_MEMPOOL, FALLBACK_REASON } from "./fees.ts";
import { Random } from "./random.ts";
import { type ChangeAddress, requireSpendRequest, type SpendRequest } from "./request.ts";
import { selectCoins } from "./select.ts";
import { type SelectionAlgorithm, SelectionResult } from "./selectionResult.ts";
import { moneyText, satPerVbText } from "./text.ts";

/** Core: MIN_STANDARD_TX_NONWITNESS_SIZE, as weight. */
const MIN_STANDARD_WEIGHT: number = 65 * 4;

/** Why no payment was made. */
export type SpendProblem =
  | "no-payees"
  | "negative-amount"
  | "dust" // an amount that is not worth its output
  | "weight" // a limit of weight that is out of range, or that the payment exceeds
  | "fee-rate" // below the minimum, or not known
  | "no-change-address"
  | "change-position"
  | "preset" // a given input whose output or size is not known
  | "insufficient-funds"
  | "fee-above-maximum"
  | "long-chain" // of unconfirmed transactions, which the mempool would refuse
  | "unsigned"; // the signer has not all keys

export interface Spend extends Finished {
  readonly feeRate: bigint;
  /** How the fee rate came about, in Core's words. */
  readonly feeReason: string;
  readonly algorithm: SelectionAlgorithm;
}

export type SpendResult = Spend | Refused<SpendProblem>;

/**
 * Makes a payment: chooses coins as Bitcoin Core does (branch and bound, knapsack, coin grinder, single random draw; the
 * least wasteful), adds change, fee, lock time and sequences. Reasons of refusals are Core's.
 * @example
 * const wpkh = parseDescriptor(`wpkh(${master.toPublicString()}/0/*)`, regtest);
 * const satisfaction = wpkh.ok ? wpkh.descriptor.maxSatisfaction() : undefined;
 * const spendable = coins.map(({ outpoint, coin }) => ({ outpoint, output: coin, satisfaction, depth: 6, isFromMe: false }));
 * const spend = createSpend({
 *   payees: [{ script: other.script, amount: 3n * COIN }],
 *   coins: spendable,
 *   change: { kinds: ["bech32"], defaultKind: "bech32", next: () => ({ ok: true, script, satisfaction }) },
 *   fees: { ...DEFAULT_FEE_SETTINGS, fallback: 20_000n },
 *   tip: { height: 100, isCurrent: true },
 * });
 * spend.ok && spend.transaction.outputs.length // 2: the payee's and the change
 */
export function createSpend(request: SpendRequest): SpendResult {
  requireSpendRequest(request, "request");
  if (request.payees.length === 0) {
    return refused("no-payees", "Transaction must have at least one recipient");
  }
  if (request.payees.some(({ amount }) => amount < 0n)) {
    return refused("negative-amount", "Transaction amounts must not be negative");
  }
  const single = makeSpend(request);
  if (!single.ok || request.avoidPartialSpends !== undefined) return single;
  const maxAdded = request.maxAvoidPartialFee ?? 0n;
  if (single.fee === 0n || maxAdded < 0n) return single;
  // All coins of an address together tell an observer less, so they are where that costs no more. The change address
  // is kept, because another one would be skipped for nothing.
  const grouped = makeSpend({
    ...request,
    avoidPartialSpends: true,
    changeAddress: single.changeAddress,
  });
  return grouped.ok && grouped.fee <= single.fee + maxAdded ? grouped : single;
}

type Made = (Spend & { readonly changeAddress: ChangeAddress | undefined }) | Refused<SpendProblem>;

/** Core: CreateTransactionInternal. */
function makeSpend(request: SpendRequest): Made {
  const { payees, fees, presets = [], maxWeight = MAX_STANDARD_WEIGHT } = request;
  if (maxWeight < MIN_STANDARD_WEIGHT || maxWeight > MAX_STANDARD_WEIGHT) {
    return refused(
      "weight",
      `Maximum transaction weight must be between ${MIN_STANDARD_WEIGHT} and ${MAX_STANDARD_WEIGHT}`,
    );
  }
  if (payees.some((payee) => isDust(outputOf(payee), fees.dustRelay))) {
    return refused("dust", "Transaction amount too small");
  }
  const change = changeOf(request);
  const rate = chooseFeeRate(request, fees);
  if (request.feeRate !== undefined && rate.feeRate > request.feeRate) {
    const [given, least] = [satPerVbText(request.feeRate), satPerVbText(rate.feeRate)];
    return refused(
      "fee-rate",
      `Fee rate (${given}) is lower than the minimum fee rate setting (${least})`,
    );
  }
  if (rate.reason === FALLBACK_REASON && fees.fallback === 0n) {
    return refused(
      "fee-rate",
      "Fee estimation failed. Fallbackfee is disabled. Wait a few blocks or enable -fallbackfee.",
    );
  }
  const random = new Random(request.randomBytes);
  const params = paramsOf(request, change, rate.feeRate, random);
  const paid = Number(sum(payees.map(({ amount }) => amount)));
  const target = paid + (params.subtractsFee ? 0 : feeAt(params.feeRate, params.noInputsSize));
  if (target === 0 && presets.length === 0) {
    return refused(
      "insufficient-funds",
      "Transaction requires one destination of non-zero value, a non-zero feerate, or a pre-selected input",
    );
  }
  const draft: Draft = { request, change, params, paid, target, feeRate: rate.feeRate };
  const chosen = chooseCoins(draft);
  if (!(chosen instanceof SelectionResult)) return chosen;
  const made = assemble(draft, chosen);
  if (!made.ok) return made;
  return {
    ...made,
    feeRate: rate.feeRate,
    feeReason: rate.reason,
    algorithm: chosen.algorithm,
    changeAddress: change.address,
  };
}

/** The presets and what is chosen beside them. */
function chooseCoins(draft: Draft): SelectionResult | Refused<SpendProblem> {
  const { request, params, target, feeRate } = draft;
  const { presets = [], mempool = EMPTY_MEMPOOL } = request;
  const fixed = presetCandidates(presets, feeRate, mempool);
  if (!Array.isArray(fixed)) return fixed as Refused<SpendProblem>;
  const allowsOthers = request.allowOtherInputs ?? presets.length === 0;
  const coins = allowsOthers ? available(request, feeRate, mempool) : [];
  const outcome = selectCoins({ target, presets: fixed, coins, allowsOthers }, params);
  if (outcome instanceof SelectionResult) return outcome;
  if (outcome.reason !== undefined) return refused("insufficient-funds", outcome.reason);
  const all: readonly CandidateCoin[] = [...fixed, ...coins];
  const value = all.reduce((total, { output }) => total + Number(output.value), 0);
  const fees = all.reduce(
    (total, each) => total + feeAt(params.feeRate, each.inputSize) + Number(each.bumpFee ?? 0n),
    0,
  );
  if (value >= draft.paid && value - fees < target) {
    const fee = moneyText(BigInt(target - draft.paid));
    return refused(
      "insufficient-funds",
      `The total exceeds your balance when the ${fee} transaction fee is included.`,
    );
  }
  return refused("insufficient-funds", "Insufficient funds");
}
