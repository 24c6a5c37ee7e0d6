/** The transaction of the coins that were chosen, with its fee. */

import {
  feeForSize,
  isDust,
  outpointKey,
  SEQUENCE_FINAL,
  Transaction,
  type TxInput,
  type TxOutput,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { type Refused, refused } from "../errors.ts";
import type { CandidateCoin } from "./candidate.ts";
import { type Draft, MAX_STANDARD_WEIGHT, outputOf, sum } from "./draft.ts";
import { discourageFeeSniping } from "./feeSniping.ts";
import { EMPTY_MEMPOOL } from "./fees.ts";
import type { SelectionResult } from "./selectionResult.ts";
import { maxTransactionSize, type SizedInput, type TransactionSize } from "./size.ts";

/** Signals that a replacement is welcome (BIP-0125), or that it is not while the lock time still counts. */
const SEQUENCE_REPLACEABLE: number = SEQUENCE_FINAL - 2;
const SEQUENCE_NONFINAL: number = SEQUENCE_FINAL - 1;

/** The transaction of the coins chosen, without its fee being settled. */
interface Assembled {
  readonly inputs: readonly TxInput[];
  readonly spent: readonly TxOutput[];
  readonly sized: readonly SizedInput[];
  readonly outputs: TxOutput[];
  readonly changePosition: number | undefined;
}

/** A payment that is ready. */
export interface Finished {
  readonly ok: true;
  /** Signed if the request has a signer. */
  readonly transaction: Transaction;
  readonly fee: bigint;
  /** Index of the change among the outputs, if there is any. */
  readonly changePosition: number | undefined;
  /** The outputs that its inputs spend, in their order. */
  readonly spent: readonly TxOutput[];
}

type Problem =
  | "change-position"
  | "dust"
  | "fee-above-maximum"
  | "insufficient-funds"
  | "long-chain"
  | "no-change-address"
  | "preset"
  | "unsigned"
  | "weight";

/** Adds change, inputs, fee and lock time, and signs. */

export function assemble(draft: Draft, chosen: SelectionResult): Finished | Refused<Problem> {
  const { request, params, change } = draft;
  const amount = chosen.change(params);
  const outputs = request.payees.map(outputOf);
  let changePosition: number | undefined;
  if (amount > 0) {
    changePosition = request.changePosition ?? params.random.below(outputs.length + 1);
    if (changePosition > outputs.length) {
      return refused("change-position", "Transaction change output index out of range");
    }
    const scriptPubKey = change.address?.script ?? new Uint8Array(0);
    outputs.splice(changePosition, 0, { value: BigInt(amount), scriptPubKey });
  }
  const assembled = { ...inputsOf(draft, chosen), outputs, changePosition };
  const size = maxTransactionSize(assembled.sized, outputs);
  if (size === undefined) {
    return refused("preset", "Missing solving data for estimating transaction size");
  }
  const settled = settleFee(draft, chosen, assembled, size.virtualSize);
  if (!settled.ok) return settled;
  if (change.address === undefined && changePosition !== undefined) {
    return refused("no-change-address", change.reason);
  }
  return finish(draft, { ...assembled, outputs: settled.outputs }, settled.fee, size);
}

/** Inputs in random order, behind the presets, which keep theirs. */
function inputsOf(
  { request, params }: Draft,
  chosen: SelectionResult,
): Pick<Assembled, "inputs" | "spent" | "sized"> {
  const { presets = [], signalsReplacement = true } = request;
  const places = new Map(presets.map((preset, place) => [outpointKey(preset.outpoint), place]));
  const placeOf = (coin: CandidateCoin) => places.get(outpointKey(coin.outpoint)) ?? presets.length;
  const coins = params.random
    .shuffle(chosen.candidates.map(({ coin }) => coin))
    .sort((a, b) => placeOf(a) - placeOf(b));
  const inputs: TxInput[] = [];
  const sized: SizedInput[] = [];
  for (const { outpoint, output, ...coin } of coins) {
    const preset = presets[places.get(outpointKey(outpoint)) ?? -1];
    inputs.push({
      prevout: outpoint,
      scriptSig: preset?.scriptSig ?? new Uint8Array(0),
      sequence: preset?.sequence ?? (signalsReplacement ? SEQUENCE_REPLACEABLE : SEQUENCE_NONFINAL),
      witness: preset?.witness ?? [],
    });
    const { satisfaction } = preset ?? coin;
    sized.push({
      ...{ satisfaction, weight: preset?.weight },
      scriptPubKey: output.scriptPubKey,
    });
  }
  return { inputs, sized, spent: coins.map(({ output }) => output) };
}

type SettledFee =
  | { readonly ok: true; readonly fee: bigint; readonly outputs: TxOutput[] }
  | Refused<"dust" | "insufficient-funds">;

/**
 * The fee that the size asks for: what the coins left over beyond goes into the change, and what payees pay is taken
 * out of their amounts.
 */
function settleFee(
  { request, feeRate }: Draft,
  chosen: SelectionResult,
  { spent, outputs, changePosition }: Assembled,
  virtualSize: number,
): SettledFee {
  const needed = feeForSize(feeRate, virtualSize) + BigInt(chosen.bumpFees);
  let fee = total(spent) - total(outputs);
  const change = changePosition === undefined ? undefined : outputs[changePosition];
  if (changePosition !== undefined && change !== undefined && needed < fee) {
    outputs[changePosition] = { ...change, value: change.value + fee - needed };
    fee = needed;
  }
  const payers = request.payees.filter(({ subtractsFee }) => subtractsFee === true).length;
  if (payers === 0) {
    // Inputs are rounded up one by one, so that this takes hundreds of given weights.
    if (needed > fee) return refused("insufficient-funds", "Insufficient funds");
    return { ok: true, fee, outputs };
  }
  const missing = needed - fee;
  const share = missing / BigInt(payers);
  let rest = missing % BigInt(payers);
  let index = 0;
  for (const { subtractsFee } of request.payees) {
    if (index === changePosition) index++;
    const output = present(outputs[index], "outputs[index]");
    if (subtractsFee) {
      const reduced = { ...output, value: output.value - share - rest };
      rest = 0n;
      if (isDust(reduced, request.fees.dustRelay)) {
        return refused(
          "dust",
          reduced.value < 0n
            ? "The transaction amount is too small to pay the fee"
            : "The transaction amount is too small to send after the fee has been deducted",
        );
      }
      outputs[index] = reduced;
    }
    index++;
  }
  return { ok: true, fee: needed, outputs };
}

function finish(
  { request, params }: Draft,
  { inputs, outputs, spent, changePosition }: Assembled,
  fee: bigint,
  size: TransactionSize,
): Finished | Refused<Problem> {
  const { presets = [], version = 2, fees, sign, mempool = EMPTY_MEMPOOL } = request;
  const hasSequence = presets.some(({ sequence }) => sequence !== undefined);
  const lockTime =
    request.lockTime ?? (hasSequence ? 0 : discourageFeeSniping(request.tip, params.random));
  let transaction = new Transaction({ version, inputs, outputs, lockTime });
  if (sign !== undefined) {
    const signed = sign(transaction, spent);
    if (signed === undefined) return refused("unsigned", "Signing transaction failed");
    transaction = signed;
  }
  const weight = sign === undefined ? size.weight : transaction.weight;
  if (weight > MAX_STANDARD_WEIGHT) return refused("weight", "Transaction too large");
  if (fee > fees.maxFee) {
    return refused(
      "fee-above-maximum",
      "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)",
    );
  }
  if (request.rejectLongChains ?? true) {
    const reason = mempool.checkChainLimits(transaction);
    if (reason !== undefined) return refused("long-chain", reason);
  }
  return { ok: true, transaction, fee, changePosition, spent };
}

function total(outputs: readonly TxOutput[]): bigint {
  return sum(outputs.map(({ value }) => value));
}
