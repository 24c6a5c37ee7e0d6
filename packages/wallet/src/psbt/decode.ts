/** PSBT from bytes and from base64. Core: DecodeRawPSBT, DecodeBase64PSBT. */

import {
  CoreError,
  idFromBytes,
  LOCKTIME_THRESHOLD,
  Reader,
  SEQUENCE_FINAL,
  Transaction,
  type TxInput,
  type Txid,
  Writer,
} from "@chain/core";
import { requireBytes, requireString } from "@chain/core/arguments";
import { base64 } from "@scure/base";
import { type Refused, refused } from "../errors.ts";
import {
  GLOBAL_RULES,
  GLOBAL_RULES_V2,
  INPUT_RULES,
  INPUT_RULES_V2,
  OUTPUT_RULES,
  OUTPUT_RULES_V2,
  problem,
  type RecordRules,
  UNKNOWN,
} from "./checkRecord.ts";
import { GLOBAL, IN, OUT } from "./fields.ts";
import { PsbtProblem } from "./problem.ts";
import { Psbt, type PsbtVersion } from "./psbt.ts";
import { PsbtMap, type PsbtRecord, splitKey } from "./psbtMap.ts";
import { decodePrevious, decodeU32 } from "./values.ts";

const MAGIC = [0x70, 0x73, 0x62, 0x74, 0xff];

export type DecodedPsbt = { readonly ok: true; readonly psbt: Psbt } | Refused<"invalid-psbt">;

/**
 * Decodes a PSBT of version 0 or 2. Reasons are those that Core 31 puts behind "TX decode failed". The PSBT has views
 * onto the bytes.
 * Source: BIP-0174, 0370, 0371; Core: DecodeRawPSBT.
 * @example decodePsbt(encodePsbt(psbt)).ok // true
 */
export function decodePsbt(bytes: Uint8Array): DecodedPsbt {
  requireBytes(bytes, "bytes");
  const reader = new Reader(bytes);
  try {
    const psbt = readPsbt(reader);
    if (reader.remaining > 0) return refused("invalid-psbt", "extra data after PSBT");
    return { ok: true, psbt };
  } catch (error) {
    if (error instanceof PsbtProblem || error instanceof CoreError) {
      return refused("invalid-psbt", `${reasonOf(error)}: iostream error`);
    }
    throw error;
  }
}

/**
 * Decodes the base64 of a PSBT, as people pass it on. Core: DecodeBase64PSBT.
 * @example
 * parsePsbt(formatPsbt(psbt)).ok // true
 * parsePsbt("cHNidP8").ok // false
 */
export function parsePsbt(text: string): DecodedPsbt {
  requireString(text, "text");
  let bytes: Uint8Array;
  try {
    bytes = base64.decode(text);
  } catch {
    return refused("invalid-psbt", "invalid base64");
  }
  return decodePsbt(bytes);
}

/** The sentence of Core's stream for a code of ours. */
function reasonOf(error: PsbtProblem | CoreError): string {
  if (error instanceof PsbtProblem) return error.message;
  switch (error.code) {
    case "truncated":
      return "SpanReader::read(): end of data";
    case "oversized":
      return "ReadCompactSize(): size too large";
    case "non-canonical-compact-size":
      return "non-canonical ReadCompactSize()";
    default:
      return error.message;
  }
}

function readPsbt(reader: Reader): Psbt {
  const magic = reader.take(MAGIC.length);
  if (magic.some((byte, i) => byte !== MAGIC[i])) problem("Invalid PSBT magic bytes");
  const global = readMap(reader, GLOBAL_RULES, "the global map");
  return versionOf(global) === 0 ? readRest(reader, global) : readRestV2(reader, global);
}

function versionOf(global: PsbtMap): PsbtVersion {
  const value = global.get(GLOBAL.VERSION);
  const version = value === undefined ? 0 : decodeU32(value);
  if (version !== 0 && version !== 2) problem("Unsupported version number");
  return version;
}

function readMap(reader: Reader, rules: RecordRules, where: string): PsbtMap {
  const records = new Map<string, PsbtRecord>();
  while (reader.remaining > 0) {
    const key = reader.varBytes();
    if (key.length === 0) return new PsbtMap(records.values());
    const { type, keyData } = splitKey(key);
    const { checkKey, duplicate, keyFirst, readValue } = rules.get(type) ?? UNKNOWN;
    if (keyFirst === true) checkKey(keyData);
    const name = String.fromCharCode(...key.subarray(0, MAX_NAME)) + nameOfRest(key);
    if (records.has(name)) problem(duplicate);
    if (keyFirst !== true) checkKey(keyData);
    records.set(name, { type, keyData, value: readValue(reader) });
  }
  problem(`Separator is missing at the end of ${where}`);
}

/** Arguments that every engine takes. */
const MAX_NAME = 4096;

/** Keys may be megabytes. */
function nameOfRest(key: Uint8Array): string {
  let name = "";
  for (let i = MAX_NAME; i < key.length; i += MAX_NAME) {
    name += String.fromCharCode(...key.subarray(i, i + MAX_NAME));
  }
  return name;
}

/** Version 0: the transaction stands in the global map. */
function readRest(reader: Reader, global: PsbtMap): Psbt {
  const unsigned = global.get(GLOBAL.UNSIGNED_TX);
  if (unsigned === undefined) problem("No unsigned transaction was provided");
  const transaction = Transaction.fromBytes(unsigned, { witness: false });
  const inputs: PsbtMap[] = [];
  for (const input of transaction.inputs) {
    if (reader.remaining === 0) break;
    const map = readMap(reader, INPUT_RULES, "an input map");
    checkPrevious(map, input);
    inputs.push(map);
  }
  if (inputs.length !== transaction.inputs.length) {
    problem("Inputs provided does not match the number of inputs in transaction.");
  }
  const outputs: PsbtMap[] = [];
  for (const _ of transaction.outputs) {
    if (reader.remaining === 0) break;
    outputs.push(readMap(reader, OUTPUT_RULES, "an output map"));
  }
  if (outputs.length !== transaction.outputs.length) {
    problem("Outputs provided does not match the number of outputs in transaction.");
  }
  const others = global.without(
    ({ type }) => type === GLOBAL.UNSIGNED_TX || type === GLOBAL.VERSION,
  );
  return new Psbt({ version: 0, transaction, global: others, inputs, outputs });
}

function checkPrevious(map: PsbtMap, { prevout }: Pick<TxInput, "prevout">): void {
  const value = map.get(IN.NON_WITNESS_UTXO);
  if (value === undefined) return;
  const previous = decodePrevious(value);
  if (previous.txid !== prevout.txid) problem("Non-witness UTXO does not match outpoint hash");
  if (prevout.vout >= previous.outputs.length) {
    problem("Input specifies output index that does not exist");
  }
}

/** Types whose records become the transaction, and are made from it again when a PSBT is encoded. */
const GLOBAL_STRUCTURE: ReadonlySet<number> = /* @__PURE__ */ (() =>
  new Set([GLOBAL.VERSION, GLOBAL.TX_VERSION, GLOBAL.INPUT_COUNT, GLOBAL.OUTPUT_COUNT]))();
const INPUT_STRUCTURE: ReadonlySet<number> = /* @__PURE__ */ (() =>
  new Set([IN.PREVIOUS_TXID, IN.OUTPUT_INDEX, IN.SEQUENCE]))();
const OUTPUT_STRUCTURE: ReadonlySet<number> = /* @__PURE__ */ (() =>
  new Set([OUT.AMOUNT, OUT.SCRIPT]))();

/** Version 2: each part of the transaction stands in the map that it belongs to (BIP-0370). */
function readRestV2(reader: Reader, global: PsbtMap): Psbt {
  if (global.get(GLOBAL.UNSIGNED_TX) !== undefined) {
    problem("Unsigned transaction is not allowed in version 2");
  }
  checkValues(global, GLOBAL_RULES_V2);
  const required = (map: PsbtMap, type: number, name: string): Reader => {
    const value = map.get(type);
    return value === undefined ? problem(`${name} is missing`) : new Reader(value);
  };
  const version = required(global, GLOBAL.TX_VERSION, "Transaction version").i32();
  const inputCount = required(global, GLOBAL.INPUT_COUNT, "Input count").compactSize();
  const outputCount = required(global, GLOBAL.OUTPUT_COUNT, "Output count").compactSize();
  const inputs: PsbtMap[] = [];
  const spends: TxInput[] = [];
  for (let i = 0; i < inputCount; i++) {
    const map = readMap(reader, INPUT_RULES_V2, "an input map");
    const txid = required(map, IN.PREVIOUS_TXID, "Previous txid of an input").take(32);
    const vout = required(map, IN.OUTPUT_INDEX, "Output index of an input").u32();
    const sequence = map.get(IN.SEQUENCE);
    const spend = {
      prevout: { txid: idFromBytes<Txid>(txid), vout },
      sequence: sequence === undefined ? SEQUENCE_FINAL : decodeU32(sequence),
      scriptSig: new Uint8Array(0),
      witness: [],
    };
    checkPrevious(map, spend);
    spends.push(spend);
    inputs.push(map.without(({ type }) => INPUT_STRUCTURE.has(type)));
  }
  const outputs: PsbtMap[] = [];
  const paid: { value: bigint; scriptPubKey: Uint8Array }[] = [];
  for (let i = 0; i < outputCount; i++) {
    const map = readMap(reader, OUTPUT_RULES_V2, "an output map");
    const value = required(map, OUT.AMOUNT, "Amount of an output").i64();
    const scriptPubKey = required(map, OUT.SCRIPT, "Script of an output").bytes;
    paid.push({ value, scriptPubKey });
    outputs.push(map.without(({ type }) => OUTPUT_STRUCTURE.has(type)));
  }
  const lockTime = lockTimeOf(global, inputs);
  return new Psbt({
    version: 2,
    transaction: new Transaction({ version, inputs: spends, outputs: paid, lockTime }),
    global: global.without(({ type }) => GLOBAL_STRUCTURE.has(type)),
    inputs,
    outputs,
  });
}

/** Records that were read before it was known that their types have a meaning. */
function checkValues(map: PsbtMap, rules: RecordRules): void {
  for (const { type, keyData, value } of map.records) {
    if (GLOBAL_RULES.has(type)) continue;
    const rule = rules.get(type);
    if (rule === undefined) continue;
    rule.checkKey(keyData);
    const again = new Reader(prefixed(value));
    rule.readValue(again);
    again.finish();
  }
}

function prefixed(value: Uint8Array): Uint8Array {
  return new Writer(value.length + 5).varBytes(value).finish();
}

/**
 * The lock time that satisfies all inputs: a height if each that asks for anything takes one, else a time.
 * Source: BIP-0370, "Determining Lock Time".
 */
function lockTimeOf(global: PsbtMap, inputs: readonly PsbtMap[]): number {
  let [height, time] = [0, 0];
  let [heightAllowed, timeAllowed, asked] = [true, true, false];
  for (const input of inputs) {
    const [ownHeight, ownTime] = [IN.REQUIRED_HEIGHT_LOCKTIME, IN.REQUIRED_TIME_LOCKTIME].map(
      (type) => input.get(type),
    );
    if (ownHeight === undefined && ownTime === undefined) continue;
    asked = true;
    heightAllowed &&= ownHeight !== undefined;
    timeAllowed &&= ownTime !== undefined;
    if (ownHeight !== undefined) height = Math.max(height, lockValue(ownHeight, "height"));
    if (ownTime !== undefined) time = Math.max(time, lockValue(ownTime, "time"));
  }
  if (asked && !heightAllowed && !timeAllowed) {
    problem("Inputs require lock times of different kinds");
  }
  if (asked) return heightAllowed ? height : time;
  const fallback = global.get(GLOBAL.FALLBACK_LOCKTIME);
  return fallback === undefined ? 0 : decodeU32(fallback);
}

function lockValue(value: Uint8Array, kind: "height" | "time"): number {
  const lockTime = decodeU32(value);
  const isHeight = lockTime < LOCKTIME_THRESHOLD;
  if (lockTime === 0 || isHeight !== (kind === "height")) {
    problem(`Required ${kind} lock time is no ${kind}`);
  }
  return lockTime;
}
