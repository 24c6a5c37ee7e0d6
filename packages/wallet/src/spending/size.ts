/** Sizes of transactions that are not signed yet. Core: CalculateMaximumSignedTxSize (wallet/spend.cpp). */

import { compactSizeLength, type TxOutput, WITNESS_SCALE_FACTOR } from "@chain/core";
import {
  requireArray,
  requireBoolean,
  requireFields,
  requireInteger,
  requireOutput,
} from "@chain/core/arguments";
import { kindOfScript } from "../descriptor/kindOf.ts";
import type { MaxSatisfaction } from "../descriptor/satisfaction.ts";

/** Outpoint and sequence. */
const INPUT_FRAME = 36 + 4;
/** Version and lock time. */
const TRANSACTION_FRAME = 4 + 4;
/** Marker and flag of BIP-0144. */
const WITNESS_FRAME = 2;

/** An input as far as its size matters: what satisfies it, or its weight where that is known from elsewhere. */
export interface SizedInput {
  readonly satisfaction?: MaxSatisfaction | undefined;
  /** Of the whole input, its outpoint included. */
  readonly weight?: number | undefined;
  /** The script that it spends. */
  readonly scriptPubKey: Uint8Array;
}

export interface TransactionSize {
  readonly weight: number;
  /** Virtual bytes. */
  readonly virtualSize: number;
}

/**
 * Weight of an input once it is signed, at most. Core: MaxInputWeight.
 * @param withWitness whether any input of the transaction has a witness, because each input counts its items then
 * @example
 * const wpkh = parseDescriptor(`wpkh(${master.toPublicString()}/0/*)`, regtest);
 * wpkh.ok && maxInputWeight(wpkh.descriptor.maxSatisfaction()) // 271
 */
export function maxInputWeight(satisfaction: MaxSatisfaction, withWitness: boolean = true): number {
  requireSatisfaction(satisfaction, "satisfaction");
  requireBoolean(withWitness, "withWitness");
  const { weight, elements, isSegwit } = satisfaction;
  const scriptSigLength = isSegwit
    ? 1
    : compactSizeLength(Math.floor(weight / WITNESS_SCALE_FACTOR));
  const count = isSegwit ? compactSizeLength(elements) : withWitness ? 1 : 0;
  return (INPUT_FRAME + scriptSigLength) * WITNESS_SCALE_FACTOR + count + weight;
}

/** Core: GetVirtualTransactionSize. */
export function virtualSizeOf(weight: number): number {
  return Math.ceil(weight / WITNESS_SCALE_FACTOR);
}

/** Core: GetSerializeSize of CTxOut. */
export function outputSize({ scriptPubKey }: Pick<TxOutput, "scriptPubKey">): number {
  return 8 + compactSizeLength(scriptPubKey.length) + scriptPubKey.length;
}

/**
 * The size of a transaction once it is signed, at most.
 * @returns `undefined` where it is not known how an input is spent
 * @example
 * const wpkh = parseDescriptor(`wpkh(${master.toPublicString()}/0/*)`, regtest);
 * const satisfaction = wpkh.ok ? wpkh.descriptor.maxSatisfaction() : undefined;
 * const inputs = [{ satisfaction, scriptPubKey: utxo.scriptPubKey }];
 * maxTransactionSize(inputs, [utxo])?.virtualSize // 122
 */
export function maxTransactionSize(
  inputs: readonly SizedInput[],
  outputs: readonly TxOutput[],
): TransactionSize | undefined {
  requireArray(inputs, "inputs", requireSizedInput);
  requireArray(outputs, "outputs", requireOutput);
  const counts = compactSizeLength(inputs.length) + compactSizeLength(outputs.length);
  let weight = (TRANSACTION_FRAME + counts) * WITNESS_SCALE_FACTOR;
  const withWitness = inputs.some(hasWitness);
  if (withWitness) weight += WITNESS_FRAME;
  for (const output of outputs) weight += outputSize(output) * WITNESS_SCALE_FACTOR;
  for (const input of inputs) {
    const { satisfaction } = input;
    const own = input.weight ?? (satisfaction && maxInputWeight(satisfaction, withWitness));
    if (own === undefined) return undefined;
    weight += own;
  }
  return { weight, virtualSize: virtualSizeOf(weight) };
}

function hasWitness({ satisfaction, scriptPubKey }: SizedInput): boolean {
  if (satisfaction !== undefined) return satisfaction.isSegwit;
  const kind = kindOfScript(scriptPubKey);
  return kind !== undefined && kind !== "legacy";
}

export function requireSatisfaction(value: unknown, name: string): void {
  requireFields(value, name, { isSegwit: "boolean", kind: "string?" });
  const { weight, elements } = value as MaxSatisfaction;
  requireInteger(weight, `${name}.weight`, 0);
  requireInteger(elements, `${name}.elements`, 0);
}

function requireSizedInput(value: unknown, name: string): void {
  requireFields(value, name, { scriptPubKey: "bytes", satisfaction: "object?", weight: "number?" });
  const { satisfaction } = value as SizedInput;
  if (satisfaction !== undefined) requireSatisfaction(satisfaction, `${name}.satisfaction`);
}
