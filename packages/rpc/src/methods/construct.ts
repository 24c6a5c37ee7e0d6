/** Transactions from lists of inputs and outputs. Core: ConstructTransaction (rpc/rawtransaction_util.cpp). */
import {
  concatBytes,
  Opcode,
  pushData,
  SEQUENCE_FINAL,
  signalsReplaceability,
  Transaction,
  type TransactionFields,
  type TxInput,
  type Txid,
  type TxOutput,
} from "@chain/core";
import { z } from "zod";
import { type Argument, argument } from "../define/argument.ts";
import {
  amount,
  boolean,
  hexText,
  integer,
  list,
  long,
  object,
  readAmount,
  readHash,
  readHex,
  readInt32,
  readInteger,
  readList,
  readObject,
  unsigned,
} from "../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";
import type { HeaderHost } from "../host.ts";
import { numberText } from "../json/number.ts";
import { type Json, repeatedNames, typeName } from "../json/parse.ts";
import { requireScript, scriptKey } from "./addresses.ts";

/** A sequence that signals replaceability. Core: MAX_BIP125_RBF_SEQUENCE. */
const REPLACEABLE = SEQUENCE_FINAL - 2;
/** Core: TX_MAX_STANDARD_VERSION. */
const MAX_VERSION = 3;
const MAX_LOCKTIME = 0xffff_ffffn;
const INT64 = [-(1n << 63n), (1n << 63n) - 1n] as const;

type Fields = { readonly [name: string]: Json };

export const INPUTS: Argument<"inputs", readonly Fields[]> = list(
  "inputs",
  object(
    "input",
    [
      hexText("txid", { text: "The transaction id" }),
      integer("vout", { text: "The output number" }),
      integer("sequence", {
        text: "The sequence number",
        hint: "depends on the value of the 'replaceable' and 'locktime' arguments",
      }),
    ],
    { text: "An input" },
  ),
  { text: "The inputs" },
);

/** A list of objects of one field each, or, as it once was, one object. */
export const OUTPUTS: Argument<"outputs", Json> = argument(
  "outputs",
  {
    kind: "array",
    schema: z.union([
      z.array(z.record(z.string(), z.union([z.number(), z.string()]))),
      z.record(z.string(), z.union([z.number(), z.string()])),
    ]),
    read: (value) => value,
    takesAnyType: true,
    inner: [
      object("output", [amount("address", { text: "The address, and the amount in coins" })], {
        text: "An output to an address",
        optional: true,
      }),
      object(
        "data",
        [hexText("data", { text: 'The key is "data", the value is hex-encoded data' })],
        {
          text: "An output that holds data",
          optional: true,
        },
      ),
    ],
  },
  {
    text: 'The outputs specified as key-value pairs.\nEach key may only appear once, i.e. there can only be one "data" output, and no address may be duplicated.',
  },
);

const LOCKTIME: Argument<"locktime", bigint> = long("locktime", {
  text: "Raw locktime. Non-0 value also locktime-activates inputs",
  fallback: 0,
});

const REPLACEABLE_FLAG: Argument<"replaceable", boolean | undefined> = boolean("replaceable", {
  text: "Marks this transaction as BIP125-replaceable.\nAllows this transaction to be replaced by a transaction with higher fees. If provided, it is an error if explicit sequence numbers are incompatible.",
  hint: "true",
});

const VERSION: Argument<"version", number> = unsigned("version", {
  text: "Transaction version",
  fallback: 2,
});

/** Core: CreateTxDoc. */
export const CONSTRUCTION: readonly [
  typeof INPUTS,
  typeof OUTPUTS,
  typeof LOCKTIME,
  typeof REPLACEABLE_FLAG,
  typeof VERSION,
] = [INPUTS, OUTPUTS, LOCKTIME, REPLACEABLE_FLAG, VERSION];

export interface Construction {
  readonly inputs: readonly Fields[];
  readonly outputs: Json;
  readonly locktime: bigint;
  readonly replaceable: boolean | undefined;
  readonly version: number;
}

/** @throws RpcError -5, -8 */
export function constructTransaction(
  { inputs, outputs, locktime, replaceable, version }: Construction,
  host: Pick<HeaderHost, "chain">,
): TransactionFields {
  if (locktime < 0n || locktime > MAX_LOCKTIME) {
    throw invalid("Invalid parameter, locktime out of range");
  }
  if (version < 1 || version > MAX_VERSION) {
    throw invalid(`Invalid parameter, version out of range(1~${MAX_VERSION})`);
  }
  const lockTime = Number(locktime);
  const fields: TransactionFields = {
    version,
    lockTime,
    inputs: inputs.map((input) => readInput(input, replaceable ?? true, lockTime)),
    outputs: outputsOf(outputPairs(outputs), host),
  };
  const signals = () => signalsReplaceability(new Transaction(fields));
  if (replaceable === true && inputs.length > 0 && !signals()) {
    throw invalid(
      "Invalid parameter combination: Sequence number(s) contradict replaceable option",
    );
  }
  return fields;
}

/** Core: AddInputs. */
function readInput(fields: Fields, isReplaceable: boolean, lockTime: number): TxInput {
  const txid = readHash<Txid>(fields["txid"] ?? null, "txid");
  const { vout: index = null, sequence: given = null } = fields;
  if (typeName(index) !== "number") throw invalid("Invalid parameter, missing vout key");
  const vout = readInt32(index);
  if (vout < 0) throw invalid("Invalid parameter, vout cannot be negative");
  let sequence = SEQUENCE_FINAL;
  if (isReplaceable) sequence = REPLACEABLE;
  else if (lockTime > 0) sequence = SEQUENCE_FINAL - 1;
  if (typeName(given) === "number") {
    const number = readInteger(given, ...INT64);
    if (number < 0n || number > BigInt(SEQUENCE_FINAL)) {
      throw invalid("Invalid parameter, sequence number is out of range");
    }
    sequence = Number(number);
  }
  return { prevout: { txid, vout }, scriptSig: new Uint8Array(0), sequence, witness: [] };
}

/** Outputs by name, which is an address or `data`. */
export type OutputPairs = readonly (readonly [string, Json])[];

/** Core: NormalizeOutputs. @throws RpcError -8 */
export function outputPairs(value: Json): OutputPairs {
  if (typeName(value) === "null") {
    throw invalid("Invalid parameter, output argument must be non-null");
  }
  return typeName(value) === "object"
    ? pairsOf(readObject(value))
    : readList(value).flatMap(pairOf);
}

/** Core: ParseOutputs. @throws RpcError -3, -5, -8 */
export function outputsOf(
  pairs: OutputPairs,
  host: Pick<HeaderHost, "chain">,
): readonly TxOutput[] {
  const known = new Set<string>();
  return pairs.map(([name, content]) => {
    if (name === "data") {
      if (known.has(name)) throw invalid("Invalid parameter, duplicate key: data");
      known.add(name);
      // Digits are hex too, whether or not they are in quotes.
      const data = readHex(numberText(content) ?? content, "Data");
      return {
        value: 0n,
        scriptPubKey: concatBytes(Uint8Array.of(Opcode.OP_RETURN), pushData(data)),
      };
    }
    const units = readAmount(content);
    const scriptPubKey = requireScript(name, host, `Invalid Bitcoin address: ${name}`);
    const key = scriptKey(scriptPubKey);
    if (known.has(key)) throw invalid(`Invalid parameter, duplicated address: ${name}`);
    known.add(key);
    return { value: units, scriptPubKey };
  });
}

function pairOf(output: Json): readonly (readonly [string, Json])[] {
  if (typeName(output) !== "object") {
    throw invalid("Invalid parameter, key-value pair not an object as expected");
  }
  const pairs = pairsOf(readObject(output));
  if (pairs.length === 1) return pairs;
  throw invalid("Invalid parameter, key-value pair must contain exactly one key");
}

/** A name that an object has twice comes twice, with the first value. */
function pairsOf(object: Fields): readonly (readonly [string, Json])[] {
  const again = repeatedNames(object).map((name) => [name, object[name] ?? null] as const);
  return [...Object.entries(object), ...again];
}

function invalid(message: string): RpcError {
  return new RpcError(RPC_INVALID_PARAMETER, message);
}
