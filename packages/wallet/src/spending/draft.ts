/** A payment before its coins are chosen: where change goes, and its cost. */

import { compactSizeLength, dustThreshold, outputTemplate, type TxOutput } from "@chain/core";
import type { AddressKind } from "../descriptor/node.ts";
import { feeAt } from "./candidate.ts";
import { discardFeeRate, EMPTY_MEMPOOL } from "./fees.ts";
import type { Random } from "./random.ts";
import type { ChangeAddress, Payee, SpendRequest } from "./request.ts";
import type { SelectionParams } from "./select.ts";
import { CHANGE_LOWER } from "./singleRandomDraw.ts";
import { maxInputWeight, outputSize, virtualSizeOf } from "./size.ts";

/** Core: MAX_STANDARD_TX_WEIGHT. */
export const MAX_STANDARD_WEIGHT = 400_000;
/** Highest aim of a random change. Core: CHANGE_UPPER. */
const CHANGE_UPPER = 1_000_000;
/** Taken for change that the wallet can't spend. Core: DUMMY_NESTED_P2WPKH_INPUT_SIZE. */
const NESTED_P2WPKH_INPUT_SIZE = 91;
/** Version, lock time, count of inputs, and marker, flag and items of a witness, as virtual bytes. */
const OVERHEAD = 10;

/** A payment before its coins are chosen. */
export interface Draft {
  readonly request: SpendRequest;
  readonly change: Change;
  readonly params: SelectionParams;
  /** To the payees. */
  readonly paid: number;
  /** That, and the fee of all but the inputs. */
  readonly target: number;
  readonly feeRate: bigint;
}

/** Where change may go; without an address it must not be needed. */
export interface Change {
  readonly address: ChangeAddress | undefined;
  readonly reason: string;
}

export function changeOf({ change, changeAddress, changeKind, payees }: SpendRequest): Change {
  if (changeAddress !== undefined) return { address: changeAddress, reason: "" };
  const next = change.next(changeKind ?? kindOfChange(change, payees));
  if (next.ok) return { address: next, reason: "" };
  const reason = `Transaction needs a change address, but we can't generate it. ${next.reason}`;
  return { address: undefined, reason };
}

/** The type of the payees, so that change does not stand out. Core: TransactionChangeType. */
function kindOfChange(
  { kinds, defaultKind }: Pick<SpendRequest["change"], "kinds" | "defaultKind">,
  payees: readonly Payee[],
): AddressKind {
  if (defaultKind === "legacy") return "legacy";
  const paid = new Set(payees.map(({ script }) => outputTemplate(script).type));
  const types = [
    ["bech32m", "witness_v1_taproot"],
    ["bech32", "witness_v0_keyhash"],
    ["p2sh-segwit", "scripthash"],
    ["legacy", "pubkeyhash"],
  ] as const;
  for (const [kind, type] of types) if (kinds.includes(kind) && paid.has(type)) return kind;
  if (kinds.includes("bech32m")) return "bech32m";
  return kinds.includes("bech32") ? "bech32" : defaultKind;
}

export function paramsOf(
  request: SpendRequest,
  { address }: Change,
  feeRate: bigint,
  random: Random,
): SelectionParams {
  const { payees, fees, mempool = EMPTY_MEMPOOL } = request;
  const prototype = { scriptPubKey: address?.script ?? new Uint8Array(0) };
  const changeOutputSize = outputSize(prototype);
  const changeSpendSize =
    address?.satisfaction === undefined
      ? NESTED_P2WPKH_INPUT_SIZE
      : virtualSizeOf(maxInputWeight(address.satisfaction));
  const rate = Number(feeRate);
  const discardRate = discardFeeRate(fees);
  const changeFee = feeAt(rate, changeOutputSize);
  const changeSpendFee = feeAt(Number(discardRate), changeSpendSize);
  const paid = sum(payees.map(({ amount }) => amount));
  const outputs = payees.reduce((size, payee) => size + outputSize(outputOf(payee)), 0);
  return {
    feeRate: rate,
    longTermFeeRate: Number(fees.consolidate),
    changeFee,
    costOfChange: changeSpendFee + changeFee,
    // Change is worth making where it is no dust, and leaves something when it is spent.
    minViableChange: Math.max(
      changeSpendFee + 1,
      Number(dustThreshold(prototype.scriptPubKey, discardRate)),
    ),
    minChangeTarget: changeTarget(Number(paid / BigInt(payees.length)), changeFee, random),
    changeOutputSize,
    noInputsSize: OVERHEAD + compactSizeLength(payees.length) + outputs,
    maxWeight: request.maxWeight ?? MAX_STANDARD_WEIGHT,
    subtractsFee: payees.some(({ subtractsFee }) => subtractsFee === true),
    avoidsPartialSpends: request.avoidPartialSpends ?? false,
    includesUnsafe: request.includeUnsafe ?? false,
    spendsUnconfirmedChange: request.spendUnconfirmedChange ?? true,
    rejectsLongChains: request.rejectLongChains ?? true,
    maxAncestors: mempool.maxAncestors,
    maxDescendants: mempool.maxDescendants,
    random,
    combinedBumpFee: (coins) => {
      const outpoints = coins.map(({ outpoint }) => outpoint);
      return outpoints.length === 0 ? 0n : mempool.bumpFees(outpoints, feeRate)?.combined;
    },
  };
}

/** The change that is aimed at differs from payment to payment, so that it does not tell wallets apart. Core: GenerateChangeTarget. */
function changeTarget(payment: number, changeFee: number, random: Random): number {
  if (payment <= CHANGE_LOWER / 2) return changeFee + CHANGE_LOWER;
  const most = Math.min(payment * 2, CHANGE_UPPER);
  return changeFee + random.below(most - CHANGE_LOWER) + CHANGE_LOWER;
}

export function outputOf({ amount, script }: Payee): TxOutput {
  return { value: amount, scriptPubKey: script };
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((a, b) => a + b, 0n);
}
