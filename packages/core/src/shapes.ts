/**
 * Checks of arguments that are Bitcoin's: by what they have, not by class, because a program may hold objects of a
 * second copy of this package.
 */
import {
  isBytes,
  requireArray,
  requireBigint,
  requireBoolean,
  requireBytes,
  requireFields,
  requireInteger,
  requireNumber,
} from "./arguments.ts";
import { ArgumentError } from "./errors.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Whether it can have fields at all. */
function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

export function requireTransaction(value: unknown, name: string): void {
  if (
    !isObject(value) ||
    typeof value["toBytes"] !== "function" ||
    !Array.isArray(value["inputs"]) ||
    !Array.isArray(value["outputs"])
  ) {
    throw new ArgumentError(name, "a Transaction (Transaction.fromHex makes one)", value);
  }
}

export function requireHeader(value: unknown, name: string): void {
  if (
    !isObject(value) ||
    typeof value["hashWith"] !== "function" ||
    typeof value["previousHash"] !== "string"
  ) {
    throw new ArgumentError(name, "a BlockHeader (BlockHeader.fromHex makes one)", value);
  }
}

export function requireBlock(value: unknown, name: string): void {
  if (
    !isObject(value) ||
    typeof value["toBytes"] !== "function" ||
    !isObject(value["header"]) ||
    !Array.isArray(value["transactions"])
  ) {
    throw new ArgumentError(name, "a Block (Block.fromHex makes one)", value);
  }
}

export function requireReader(value: unknown, name: string): void {
  if (!isObject(value) || typeof value["varBytes"] !== "function" || !isBytes(value["bytes"])) {
    throw new ArgumentError(name, "a Reader", value);
  }
}

export function requireWriter(value: unknown, name: string): void {
  if (!isObject(value) || typeof value["varBytes"] !== "function" || !("finish" in value)) {
    throw new ArgumentError(name, "a Writer", value);
  }
}

/** The text of a hash: that it is 64 hex digits is for the functions that turn it into bytes. */
export function requireId(value: unknown, name: string): void {
  if (typeof value !== "string") {
    throw new ArgumentError(name, "a hash as a string of 64 hex digits", value);
  }
}

export function requireOutpoint(value: unknown, name: string): void {
  if (!isObject(value)) throw new ArgumentError(name, "an outpoint with txid and vout", value);
  if (typeof value["txid"] !== "string") requireId(value["txid"], `${name}.txid`);
  if (typeof value["vout"] !== "number") requireNumber(value["vout"], `${name}.vout`);
}

/** An output or a coin: what an input spends. */
export function requireOutput(value: unknown, name: string): void {
  if (!isObject(value)) {
    throw new ArgumentError(name, "an output with value and scriptPubKey", value);
  }
  if (typeof value["value"] !== "bigint") requireBigint(value["value"], `${name}.value`);
  if (!isBytes(value["scriptPubKey"])) requireBytes(value["scriptPubKey"], `${name}.scriptPubKey`);
}

/** For each input of a transaction what it spends, as far as it is known. */
export function requireOutputs(value: unknown, name: string): void {
  requireArray(value, name);
  for (let i = 0; i < value.length; i++) {
    if (!isOutput(value[i])) requireOutput(value[i], `${name}[${i}]`);
  }
}

export function requireScripts(value: unknown, name: string): void {
  requireArray(value, name);
  for (let i = 0; i < value.length; i++) {
    const output: unknown = value[i];
    if (!isObject(output)) {
      throw new ArgumentError(`${name}[${i}]`, "an output with scriptPubKey", output);
    }
    if (!isBytes(output["scriptPubKey"])) {
      requireBytes(output["scriptPubKey"], `${name}[${i}].scriptPubKey`);
    }
  }
}

export function requireByteArrays(value: unknown, name: string): void {
  requireArray(value, name);
  for (let i = 0; i < value.length; i++) {
    if (!isBytes(value[i])) requireBytes(value[i], `${name}[${i}]`);
  }
}

function requireInput(value: unknown, name: string): void {
  if (!isObject(value)) {
    const fields = "an input with prevout, scriptSig, sequence and witness";
    throw new ArgumentError(name, fields, value);
  }
  requireOutpoint(value["prevout"], `${name}.prevout`);
  requireBytes(value["scriptSig"], `${name}.scriptSig`);
  requireNumber(value["sequence"], `${name}.sequence`);
  requireByteArrays(value["witness"], `${name}.witness`);
}

export function requireCoin(value: unknown, name: string): void {
  requireOutput(value, name);
  const { height, coinbase } = value as Fields;
  if (typeof height !== "number") requireNumber(height, `${name}.height`);
  if (typeof coinbase !== "boolean") requireBoolean(coinbase, `${name}.coinbase`);
}

/** The coins of a transaction's inputs, in their order. */
export function requireCoins(value: unknown, name: string): void {
  requireArray(value, name);
  for (let i = 0; i < value.length; i++) {
    if (!isCoin(value[i])) requireCoin(value[i], `${name}[${i}]`);
  }
}

export function requireLocatedCoin(value: unknown, name: string): void {
  if (isLocatedCoin(value)) return;
  requireFields(value, name, { outpoint: "object", coin: "object" });
  const { outpoint, coin } = value as Fields;
  requireOutpoint(outpoint, `${name}.outpoint`);
  requireCoin(coin, `${name}.coin`);
}

export function requireCoinsView(value: unknown, name: string): void {
  if (!isObject(value) || typeof value["get"] !== "function") {
    throw new ArgumentError(name, "a view of coins with the method get", value);
  }
}

export function requireAncestor(value: unknown, name: string): void {
  if (!isObject(value) || typeof value["ancestor"] !== "function") {
    throw new ArgumentError(name, "a block of a HeaderTree, or another AncestorView", value);
  }
  if (typeof value["height"] !== "number") requireInteger(value["height"], `${name}.height`);
}

/** A node of a HeaderTree. */
export function requireNode(value: unknown, name: string): void {
  if (!isObject(value) || typeof value["ancestor"] !== "function" || !("chainWork" in value)) {
    throw new ArgumentError(name, "a node of a HeaderTree", value);
  }
}

export function requireBlockContext(value: unknown, name: string): void {
  if (!isObject(value)) throw new ArgumentError(name, "an object with parent and params", value);
  if (value["parent"] !== undefined) requireAncestor(value["parent"], `${name}.parent`);
  requireParams(value["params"], `${name}.params`);
}

/** The parameters of a network, as far as rules ask for them. */
export function requireParams(value: unknown, name: string): void {
  if (!isObject(value)) {
    throw new ArgumentError(name, "the parameters of a network (regtest is one)", value);
  }
  requireFields(value, name, PARAMS);
  requireDeployments(value["deployments"], `${name}.deployments`);
}

export function requireDeployments(value: unknown, name: string): void {
  requireFields(value, name, DEPLOYMENTS);
}

const DEPLOYMENTS = {
  bip34: "number",
  bip65: "number",
  bip66: "number",
  csv: "number",
  segwit: "number",
} as const;

const PARAMS = {
  powLimit: "bigint",
  powLimitBits: "number",
  targetSpacing: "number",
  targetTimespan: "number",
  coinbaseMaturity: "number",
  initialSubsidy: "bigint",
  halvingInterval: "number",
  genesis: "object",
  deployments: "object",
  scriptFlagExceptions: "map",
  bip30Exceptions: "map",
  versionBits: "array",
  signetChallenge: "bytes?",
  powHash: "function?",
} as const;

const VERIFIER = {
  name: "string",
  verifyEcdsa: "function",
  verifySchnorr: "function",
  checkTaprootTweak: "function",
  sha256Of: "function?",
} as const;

export function requireVerifier(value: unknown, name: string): void {
  if (isVerifier(value)) return;
  if (!isObject(value)) {
    throw new ArgumentError(name, "a SignatureVerifier (nobleVerifier is one)", value);
  }
  requireFields(value, name, VERIFIER);
}

const CHECKER = {
  checkEcdsaSignature: "function",
  checkSchnorrSignature: "function",
  checkTaprootTweak: "function",
  checkLockTime: "function",
  checkSequence: "function",
} as const;

export function requireChecker(value: unknown, name: string): void {
  if (!isObject(value)) {
    throw new ArgumentError(name, "a SignatureChecker (transactionChecker makes one)", value);
  }
  requireFields(value, name, CHECKER);
}

export function requireSpend(value: unknown, name: string): void {
  if (!isObject(value) || typeof value["legacyStart"] !== "function") {
    throw new ArgumentError(name, "a TransactionSpend", value);
  }
}

/** One input to run the scripts of. */
export function requireScriptCheck(value: unknown, name: string): void {
  if (!isObject(value) || !isNumber(value["inputIndex"]) || !isNumber(value["flags"])) {
    requireFields(value, name, { spend: "object", inputIndex: "number", flags: "number" });
  }
  requireSpend((value as Fields)["spend"], `${name}.spend`);
}

export function requireOptions(
  value: unknown,
  name: string,
  fields: Parameters<typeof requireFields>[2],
): void {
  if (!isObject(value)) throw new ArgumentError(name, "an object with options", value);
  requireFields(value, name, fields);
}

export function requireHeaderFields(value: unknown, name: string): void {
  requireFields(value, name, {
    version: "number",
    previousHash: "string",
    merkleRoot: "string",
    time: "number",
    bits: "number",
    nonce: "number",
  });
}

export function requireTransactionFields(value: unknown, name: string): void {
  if (!hasTransactionFields(value)) requireFields(value, name, FIELDS);
  const { inputs, outputs } = value as { inputs: readonly unknown[]; outputs: readonly unknown[] };
  // Names are made up for what is wrong alone: each decoded transaction comes here.
  for (let i = 0; i < inputs.length; i++) {
    if (!isInput(inputs[i])) requireInput(inputs[i], `${name}.inputs[${i}]`);
  }
  for (let i = 0; i < outputs.length; i++) {
    if (!isOutput(outputs[i])) requireOutput(outputs[i], `${name}.outputs[${i}]`);
  }
}

const FIELDS = {
  version: "number",
  inputs: "array",
  outputs: "array",
  lockTime: "number",
} as const;

// Written out field by field, because each block has thousands of them: what is wrong is named by the functions above.

function hasTransactionFields(value: unknown): boolean {
  return (
    isObject(value) &&
    isNumber(value["version"]) &&
    isNumber(value["lockTime"]) &&
    Array.isArray(value["inputs"]) &&
    Array.isArray(value["outputs"])
  );
}

function isVerifier(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value["name"] === "string" &&
    typeof value["verifyEcdsa"] === "function" &&
    typeof value["verifySchnorr"] === "function" &&
    typeof value["checkTaprootTweak"] === "function" &&
    (value["sha256Of"] === undefined || typeof value["sha256Of"] === "function")
  );
}

function isLocatedCoin(value: unknown): boolean {
  if (!isObject(value) || !isCoin(value["coin"])) return false;
  const { outpoint } = value;
  return isObject(outpoint) && typeof outpoint["txid"] === "string" && isNumber(outpoint["vout"]);
}

function isCoin(value: unknown): boolean {
  return (
    isOutput(value) &&
    isNumber((value as Fields)["height"]) &&
    typeof (value as Fields)["coinbase"] === "boolean"
  );
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(value);
}

function isOutput(value: unknown): boolean {
  return isObject(value) && typeof value["value"] === "bigint" && isBytes(value["scriptPubKey"]);
}

function isInput(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { prevout, witness } = value;
  return (
    isObject(prevout) &&
    typeof prevout["txid"] === "string" &&
    typeof prevout["vout"] === "number" &&
    isBytes(value["scriptSig"]) &&
    typeof value["sequence"] === "number" &&
    Array.isArray(witness) &&
    witness.every(isBytes)
  );
}
