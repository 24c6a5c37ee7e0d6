import { requireBigint, requireBytes } from "../arguments.ts";
import { compactSizeLength } from "../encoding/writer.ts";
import { isUnspendable, witnessProgram } from "../script/script.ts";
import { requireOutput } from "../shapes.ts";
import type { TxOutput } from "../transaction.ts";
import { feeForSize } from "./feeRate.ts";

/** Outpoint, length, signature of 72 bytes and key with their pushes, sequence. */
const INPUT_SIZE = 36 + 1 + 107 + 4;
/** The same with signature and key in the witness, where a byte counts a quarter. Core rounds down. */
const WITNESS_INPUT_SIZE = /* @__PURE__ */ (() => 36 + 1 + Math.floor(107 / 4) + 4)();

/**
 * The least that an output must hold to be worth its place: what it costs to make and to spend it. 0 for outputs that
 * can't be spent. Core: GetDustThreshold.
 * @param dustRelayFeeRate base units for 1,000 virtual bytes; Core's is 3,000
 * @example dustThreshold(p2wpkhScript(hash), 3000n) // 294n
 */
export function dustThreshold(scriptPubKey: Uint8Array, dustRelayFeeRate: bigint): bigint {
  requireBytes(scriptPubKey, "scriptPubKey");
  requireBigint(dustRelayFeeRate, "dustRelayFeeRate");

  if (isUnspendable(scriptPubKey)) return 0n;
  const { length } = scriptPubKey;
  const outputSize = 8 + compactSizeLength(length) + length;
  const inputSize = witnessProgram(scriptPubKey) === undefined ? INPUT_SIZE : WITNESS_INPUT_SIZE;
  return feeForSize(dustRelayFeeRate, outputSize + inputSize);
}

/**
 * Core: IsDust.
 * @example
 * isDust({ value: 293n, scriptPubKey: p2wpkhScript(hash) }, 3000n) // true
 * isDust({ value: 294n, scriptPubKey: p2wpkhScript(hash) }, 3000n) // false
 */
export function isDust(output: TxOutput, dustRelayFeeRate: bigint): boolean {
  requireOutput(output, "output");
  requireBigint(dustRelayFeeRate, "dustRelayFeeRate");
  const { value, scriptPubKey } = output;

  return value < dustThreshold(scriptPubKey, dustRelayFeeRate);
}
