/** PSBT to bytes and to base64. */
import { compareBytes, concatBytes, hash160, idToBytes, SEQUENCE_FINAL, Writer } from "@chain/core";
import { base64 } from "@scure/base";
import { GLOBAL, IN, OUT, UNTIL_FINAL } from "./fields.ts";
import { type Psbt, requirePsbt } from "./psbt.ts";
import { compare, keyBytes, type PsbtMap, type PsbtRecord, requirePsbtMap } from "./psbtMap.ts";
import { encodeU32 } from "./values.ts";

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/** In which order Core writes the types of an input; others follow, unknown ones last. */
const INPUT_ORDER: readonly number[] = /* @__PURE__ */ (() => [
  IN.NON_WITNESS_UTXO,
  IN.WITNESS_UTXO,
  IN.PARTIAL_SIG,
  IN.SIGHASH_TYPE,
  IN.REDEEM_SCRIPT,
  IN.WITNESS_SCRIPT,
  IN.BIP32_DERIVATION,
  IN.RIPEMD160,
  IN.SHA256,
  IN.HASH160,
  IN.HASH256,
  IN.TAP_KEY_SIG,
  IN.TAP_SCRIPT_SIG,
  IN.TAP_LEAF_SCRIPT,
  IN.TAP_BIP32_DERIVATION,
  IN.TAP_INTERNAL_KEY,
  IN.TAP_MERKLE_ROOT,
  IN.FINAL_SCRIPTSIG,
  IN.FINAL_SCRIPTWITNESS,
  IN.PROPRIETARY,
])();
const OUTPUT_ORDER: readonly number[] = /* @__PURE__ */ (() => [
  OUT.REDEEM_SCRIPT,
  OUT.WITNESS_SCRIPT,
  OUT.BIP32_DERIVATION,
  OUT.PROPRIETARY,
  OUT.TAP_INTERNAL_KEY,
  OUT.TAP_TREE,
  OUT.TAP_BIP32_DERIVATION,
])();
const GLOBAL_ORDER: readonly number[] = /* @__PURE__ */ (() => [
  GLOBAL.UNSIGNED_TX,
  GLOBAL.XPUB,
  GLOBAL.VERSION,
  GLOBAL.PROPRIETARY,
])();

/** Whether a record says what its absence says too: Core drops it when it reads it. */
function saysNothing({ type, value }: PsbtRecord, order: readonly number[]): boolean {
  const isZero = value.every((byte) => byte === 0);
  if (order === OUTPUT_ORDER) {
    if (type === OUT.TAP_INTERNAL_KEY) return isZero;
    return value.length === 0 && (type === OUT.REDEEM_SCRIPT || type === OUT.WITNESS_SCRIPT);
  }
  if (order !== INPUT_ORDER) return false;
  switch (type) {
    case IN.REDEEM_SCRIPT:
    case IN.WITNESS_SCRIPT:
    case IN.FINAL_SCRIPTSIG:
      return value.length === 0;
    case IN.FINAL_SCRIPTWITNESS:
      return value.length === 1; // no items
    case IN.TAP_INTERNAL_KEY:
    case IN.TAP_MERKLE_ROOT:
      return isZero;
    case IN.WITNESS_UTXO:
      return value.subarray(0, 8).every((byte) => byte === 0xff); // -1 stands for none
    default:
      return false;
  }
}

/**
 * The bytes of a PSBT, records in the order in which Core writes them. An input that has its final script keeps only
 * that, its coin, and what is not known.
 * @example bytesToHex(encodePsbt(psbt)) // "70736274ff…": psbt and a byte that no text has
 */
export function encodePsbt(psbt: Psbt): Uint8Array {
  requirePsbt(psbt, "psbt");
  const writer = new Writer(1024);
  writer.bytes(Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff));
  writeMap(writer, globalMap(psbt), GLOBAL_ORDER, compareGlobal);
  psbt.inputs.forEach((map, i) => {
    writeMap(writer, inputMap(psbt, map, i), INPUT_ORDER, compareInput);
  });
  psbt.outputs.forEach((map, i) => {
    writeMap(writer, outputMap(psbt, map, i), OUTPUT_ORDER, compareKeys);
  });
  return writer.finish();
}

/**
 * The base64 of a PSBT, as people pass it on.
 * @example formatPsbt(psbt) // "cHNidP8…"
 */
export function formatPsbt(psbt: Psbt): string {
  return base64.encode(encodePsbt(psbt));
}

function globalMap({ version, transaction, global, inputs, outputs }: Psbt): PsbtMap {
  if (version === 0) {
    return global.set(GLOBAL.UNSIGNED_TX, NOTHING, transaction.toBytes({ witness: false }));
  }
  const count = (value: number) => new Writer(9).compactSize(value).finish();
  return global
    .set(GLOBAL.VERSION, NOTHING, encodeU32(version))
    .set(GLOBAL.TX_VERSION, NOTHING, new Writer(4).i32(transaction.version).finish())
    .set(GLOBAL.INPUT_COUNT, NOTHING, count(inputs.length))
    .set(GLOBAL.OUTPUT_COUNT, NOTHING, count(outputs.length));
}

function inputMap({ version, transaction }: Psbt, map: PsbtMap, index: number): PsbtMap {
  const kept = isFinal(map) ? map.without(({ type }) => UNTIL_FINAL.has(type)) : map;
  const input = transaction.inputs[index];
  if (version === 0 || input === undefined) return kept;
  const { prevout, sequence } = input;
  const located = kept
    .set(IN.PREVIOUS_TXID, NOTHING, idToBytes(prevout.txid))
    .set(IN.OUTPUT_INDEX, NOTHING, encodeU32(prevout.vout));
  return sequence === SEQUENCE_FINAL
    ? located
    : located.set(IN.SEQUENCE, NOTHING, encodeU32(sequence));
}

/**
 * Whether an input has its final scriptSig or witness. Core: PSBTInputSigned.
 * @example isFinal(psbt.inputs[0]) // false
 */
export function isFinal(map: PsbtMap): boolean {
  requirePsbtMap(map, "map");
  return (
    (map.get(IN.FINAL_SCRIPTSIG)?.length ?? 0) > 0 ||
    (map.get(IN.FINAL_SCRIPTWITNESS)?.length ?? 0) > 1
  );
}

function outputMap({ version, transaction }: Psbt, map: PsbtMap, index: number): PsbtMap {
  const output = transaction.outputs[index];
  if (version === 0 || output === undefined) return map;
  return map
    .set(OUT.AMOUNT, NOTHING, new Writer(8).i64(output.value).finish())
    .set(OUT.SCRIPT, NOTHING, output.scriptPubKey);
}

type Order = (a: PsbtRecord, b: PsbtRecord) => number;

function writeMap(writer: Writer, map: PsbtMap, order: readonly number[], within: Order): void {
  const rank = ({ type }: PsbtRecord) => {
    const place = order.indexOf(type);
    return place < 0 ? order.length : place;
  };
  const records = map.records.toSorted((a, b) => rank(a) - rank(b) || within(a, b));
  for (const record of records) {
    if (saysNothing(record, order)) continue;
    writer.varBytes(keyBytes(record)).varBytes(record.value);
  }
  writer.u8(0);
}

const compareKeys: Order = (a, b) => compare(keyBytes(a), keyBytes(b));

/** Core keeps signatures by the hashes of their keys, and control blocks by the script that they belong to. */
const compareInput: Order = (a, b) => {
  if (a.type !== b.type) return compareKeys(a, b);
  if (a.type === IN.PARTIAL_SIG) return compareBytes(hash160(a.keyData), hash160(b.keyData));
  if (a.type === IN.TAP_LEAF_SCRIPT) {
    return (
      compare(a.value.subarray(0, -1), b.value.subarray(0, -1)) ||
      (a.value.at(-1) as number) - (b.value.at(-1) as number) ||
      a.keyData.length - b.keyData.length ||
      compare(a.keyData, b.keyData)
    );
  }
  return compareKeys(a, b);
};

/** Core keeps extended keys by their origins: by fingerprint, the shorter path first, then by its steps. */
const compareGlobal: Order = (a, b) => {
  if (a.type !== GLOBAL.XPUB || b.type !== GLOBAL.XPUB) return compareKeys(a, b);
  return (
    compare(a.value.subarray(0, 4), b.value.subarray(0, 4)) ||
    a.value.length - b.value.length ||
    compare(bigEndian(a.value), bigEndian(b.value)) ||
    compare(a.keyData.subarray(45), b.keyData.subarray(45)) ||
    compareKeys(a, b)
  );
};

/** Each step of an origin's path with its highest byte first. */
function bigEndian(origin: Uint8Array): Uint8Array {
  const steps: Uint8Array[] = [];
  for (let i = 4; i < origin.length; i += 4) steps.push(origin.slice(i, i + 4).reverse());
  return concatBytes(...steps);
}
