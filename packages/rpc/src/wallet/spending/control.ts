/** The wishes of a caller for a payment, and how they are read. Core: CCoinControl (wallet/coincontrol.h). */
import type { Outpoint, TxInput } from "@chain/core";
import { outpointKey } from "@chain/core";
import { SigningProvider } from "@chain/wallet/psbt";
import type { AddressKind, FeeWishes } from "@chain/wallet/spending";
import { z } from "zod";
import { type Argument, type ArgumentType, argument, mismatch } from "../../define/argument.ts";
import {
  any,
  boolean,
  integer,
  rawAmount,
  readAmount,
  readInt32,
  readString,
  string,
} from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_TYPE_ERROR, RpcError } from "../../errors.ts";
import { type Json, typeName } from "../../json/parse.ts";
import { checkConfirmTarget } from "../../methods/confirmTarget.ts";

/** Filled while a call is read. */
export class CoinControl {
  feeRate: bigint | undefined;
  overridesFeeRate: boolean = false;
  confirmTarget: number | undefined;
  estimateMode: FeeWishes["estimateMode"];
  signalsReplacement: boolean | undefined;
  /** Whether coins of addresses that were spent from are left alone. */
  avoidsReuse: boolean = false;
  avoidsPartialSpends: boolean = false;
  allowsOtherInputs: boolean | undefined;
  includesUnsafe: boolean = false;
  minDepth: number = 0;
  maxDepth: number = 9_999_999;
  /** The least that a coin is worth which is chosen. Core: CoinFilterParams. */
  minValue: bigint = 1n;
  changeScript: Uint8Array | undefined;
  changeKind: AddressKind | undefined;
  changePosition: number | undefined;
  version: number = 2;
  lockTime: number | undefined;
  maxWeight: number | undefined;
  locksUnspents: boolean = false;
  /** Inputs that the transaction has in any case. */
  inputs: readonly TxInput[] = [];
  /** Keys and scripts of coins of others, from which the size of their inputs is told. */
  readonly provider: SigningProvider = new SigningProvider();
  readonly #weights = new Map<string, number>();

  setWeight(outpoint: Outpoint, weight: number): void {
    this.#weights.set(outpointKey(outpoint), weight);
  }

  weightOf(outpoint: Outpoint): number | undefined {
    return this.#weights.get(outpointKey(outpoint));
  }
}

/** An error of parameters. */
export function invalid(message: string): RpcError {
  return new RpcError(RPC_INVALID_PARAMETER, message);
}

const MODES = ["unset", "economical", "conservative"] as const;

interface FeeFields {
  readonly confTarget: Json | undefined;
  readonly estimateMode: Json | undefined;
  readonly feeRate: Json | undefined;
}

/**
 * Core: SetFeeEstimateMode.
 * @param overrides whether a fee rate below the minimum holds
 * @throws RpcError -3, -8
 */
export function setFeeWishes(control: CoinControl, given: FeeFields, overrides: boolean): void {
  const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null;
  const { confTarget, estimateMode, feeRate } = given;
  if (isGiven(feeRate)) {
    if (isGiven(confTarget)) {
      throw invalid(
        "Cannot specify both conf_target and fee_rate. Please provide either a confirmation target in blocks for automatic fee estimation, or an explicit fee rate.",
      );
    }
    if (isGiven(estimateMode) && readString(estimateMode) !== "unset") {
      throw invalid("Cannot specify both estimate_mode and fee_rate");
    }
    // In base units for each virtual byte, with three decimals.
    control.feeRate = readAmount(feeRate, 3);
    control.overridesFeeRate = overrides;
    control.signalsReplacement ??= true;
    return;
  }
  if (isGiven(estimateMode)) {
    const mode = MODES.find((each) => each === readString(estimateMode).toLowerCase());
    if (mode === undefined) {
      throw invalid(`Invalid estimate_mode parameter, must be one of: "${MODES.join('", "')}"`);
    }
    if (mode !== "unset") control.estimateMode = mode;
  }
  if (!isGiven(confTarget)) return;
  const target = readInt32(confTarget);
  checkConfirmTarget(target);
  control.confirmTarget = target;
}

/**
 * The indices of outputs that the fee is taken out of. Core: InterpretSubtractFeeFromOutputInstructions.
 * @param names addresses of the outputs, or `data`
 * @throws RpcError -8
 */
export function readFeePayers(
  instructions: readonly Json[],
  names: readonly string[],
): ReadonlySet<number> {
  const what = "Invalid parameter 'subtract fee from output'";
  const payers = new Set<number>();
  for (const each of instructions) {
    let position: number;
    if (typeof each === "string") {
      position = names.indexOf(each);
      if (position === -1) throw invalid(`${what}, destination ${each} not found in tx outputs`);
    } else if (typeName(each) === "number") {
      position = readInt32(each);
    } else {
      throw invalid(`${what}, invalid value type: ${typeName(each)}`);
    }
    if (payers.has(position)) throw invalid(`${what}, duplicated position: ${position}`);
    if (position < 0) throw invalid(`${what}, negative position: ${position}`);
    if (position >= names.length) throw invalid(`${what}, position too large: ${position}`);
    payers.add(position);
  }
  return payers;
}

/** Its range is looked at by the method, behind the estimate mode, as in Core. */
const TARGET: ArgumentType<Json> = {
  kind: "number",
  schema: z.int(),
  read: (value) => {
    if (typeName(value) === "number") return value;
    throw new RpcError(RPC_TYPE_ERROR, mismatch(value, "number") ?? "");
  },
};

export const CONF_TARGET: Argument<"conf_target", Json | undefined> = argument(
  "conf_target",
  TARGET,
  { text: "Confirmation target in blocks", hint: "wallet -txconfirmtarget" },
);

export const ESTIMATE_MODE: Argument<"estimate_mode", string | undefined> = string(
  "estimate_mode",
  {
    text: 'The fee estimate mode, must be one of (case insensitive): "unset", "economical", "conservative".\neconomical mode is used if the transaction is replaceable;\notherwise, conservative mode is used',
    hint: "unset",
  },
);

export const FEE_RATE: Argument<"fee_rate", Json | undefined> = rawAmount("fee_rate", {
  text: "Specify a fee rate in sat/vB.",
  hint: "not set, fall back to wallet fee estimation",
});

export const REPLACEABLE: Argument<"replaceable", boolean | undefined> = boolean("replaceable", {
  text: "Signal that this transaction can be replaced by a transaction (BIP 125)",
  hint: "wallet default",
});

/** Fields that several objects of options have, each read by the method. Core: FundTxDoc. */
export const FUNDING_FIELDS: readonly Argument[] = [
  any("fee_rate", { text: "Specify a fee rate in sat/vB.", optional: true }),
  integer("conf_target", { text: "Confirmation target in blocks", optional: true }),
  string("estimate_mode", { text: "The fee estimate mode", optional: true }),
  boolean("replaceable", {
    text: "Marks this transaction as BIP125-replaceable.",
    hint: "wallet default",
  }),
  any("solving_data", {
    text: "Keys and scripts needed for producing a final transaction with a dummy signature: pubkeys, scripts, descriptors.\nUsed for fee estimation during coin selection.",
    optional: true,
  }),
];
