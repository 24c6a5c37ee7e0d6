/** Parameters that several methods take, and what is wrong with them where they are not that. */
import {
  Block,
  type BlockHash,
  BlockHeader,
  COIN,
  CoreError,
  HEADER_SIZE,
  hasValidOpcodes,
  hexToBytes,
  MAX_MONEY,
  MAX_SCRIPT_SIZE,
  parseId,
  Transaction,
  type Txid,
} from "@chain/core";
import type { PeerAddress } from "@chain/engine";
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { Network } from "../networks.ts";
import { parseAddress } from "../params.ts";
import { parsePeerAddress } from "../peerAddress.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_TYPE_ERROR,
  RpcError,
} from "./protocol.ts";

/** A parameter that some parser of core reads: what it throws is what is wrong with it. */
function parsed<Value>(parse: (text: string) => Value): z.ZodType<Value> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  });
}

export const blockHash: z.ZodType<BlockHash> = parsed((text) => parseId<BlockHash>(text));
export const txid: z.ZodType<Txid> = parsed((text) => parseId<Txid>(text));
export const hexBytes: z.ZodType<Uint8Array> = parsed(hexToBytes);

/** How much is wanted, up to `most`; `false` and `true` are 0 and 1, as they once were all there was. */
export function verbosity(most: number): z.ZodType<number> {
  return z.union([z.boolean().transform(Number), z.int().min(0).max(most)]);
}

/** As JSON has numbers: also for texts, since Core reads both alike. Core: ParseFixedPoint. */
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Longer ones are no amount. Exponents of more digits move any digit out of the range. */
const MAX_DIGITS = 100;
const DECIMALS = 8;

/**
 * Base units of coins given as a number or as a text. Nothing is rounded: `1e-9` is refused, and not taken for 0, which
 * may mean that there is no limit. Core: AmountFromValue.
 * @throws RpcError -3 where it is no amount, or not from 0 to 21 million
 * @example amountOf("0.1") // 10_000_000n
 */
export function amountOf(value: unknown): bigint {
  if (typeof value !== "number" && typeof value !== "string") {
    throw new RpcError(RPC_TYPE_ERROR, "Amount is not a number or string");
  }
  const text = String(value);
  const match = text.length > MAX_DIGITS ? null : DECIMAL.exec(text);
  const units = match === null ? undefined : unitsOf(match);
  if (units === undefined) throw new RpcError(RPC_TYPE_ERROR, "Invalid amount");
  if (units < 0n || units > MAX_MONEY) throw new RpcError(RPC_TYPE_ERROR, "Amount out of range");
  return units;
}

/** @returns `undefined` where it is no whole number of base units, or one of more than 18 digits */
function unitsOf([, sign, whole = "", fraction = "", exponent = "0"]: RegExpExecArray) {
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  const power = Number(exponent) + DECIMALS - fraction.length + digits.length - significant.length;
  if (significant === "") return 0n;
  if (power < 0 || significant.length + power > 18) return undefined;
  const units = BigInt(significant + "0".repeat(power));
  return sign === "-" ? -units : units;
}

/** Base units for 1,000 virtual bytes. Core: ParseFeeRate. @throws RpcError as {@link amountOf}; -8 from 1 coin on */
export function feeRateOf(value: unknown): bigint {
  const rate = amountOf(value);
  if (rate < COIN) return rate;
  const message = "Fee rates larger than or equal to 1BTC/kvB are not accepted";
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}

/** @throws RpcError -22 */
export function decodeBlock(hex: string): Block {
  try {
    return Block.fromHex(hex);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw new RpcError(RPC_DESERIALIZATION_ERROR, "Block decode failed", { cause: error });
  }
}

/** @throws RpcError -22 */
export function decodeHeader(hex: string): BlockHeader {
  try {
    // What stands behind it is ignored, as Core does.
    return BlockHeader.fromBytes(hexToBytes(hex).subarray(0, HEADER_SIZE));
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw new RpcError(RPC_DESERIALIZATION_ERROR, "Block header decode failed", { cause: error });
  }
}

/**
 * A transaction in hex. Its form without witness and the one with it can be the same bytes where it has no inputs;
 * which are tried is up to the caller, and scripts that make sense decide between two readings. Core: DecodeHexTx.
 * @throws RpcError -22
 */
export function decodeTransaction(
  hex: string,
  { withWitness = true, withoutWitness = false }: TransactionForms = {},
): Transaction {
  const forms = [...(withWitness ? [true] : []), ...(withoutWitness ? [false] : [])];
  const readings: Transaction[] = [];
  let failure: CoreError | undefined;
  for (const witness of forms) {
    try {
      const transaction = Transaction.fromBytes(hexToBytes(hex), { witness });
      if (hasSaneScripts(transaction)) return transaction;
      readings.push(transaction);
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      failure ??= error;
    }
  }
  const [first] = readings;
  if (first !== undefined) return first;
  const message = `TX decode failed: ${failure?.message}`;
  throw new RpcError(RPC_DESERIALIZATION_ERROR, message, { cause: failure });
}

interface TransactionForms {
  readonly withWitness?: boolean;
  readonly withoutWitness?: boolean;
}

/** Core: CheckTxScriptsSanity. */
function hasSaneScripts({ inputs, outputs, isCoinbase }: Transaction): boolean {
  const scripts = [
    ...(isCoinbase ? [] : inputs.map(({ scriptSig }) => scriptSig)),
    ...outputs.map(({ scriptPubKey }) => scriptPubKey),
  ];
  return scripts.every((script) => script.length <= MAX_SCRIPT_SIZE && hasValidOpcodes(script));
}

/** The script of an address. @throws RpcError -5 */
export function scriptOf(address: string, network: Network): Uint8Array {
  try {
    return parseAddress(address, network, "address");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, error.message, { cause: error });
  }
}

/** Where a peer is. @throws RpcError -8 */
export function addressOf(text: string, name: string): PeerAddress {
  try {
    return parsePeerAddress(text, name);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new RpcError(RPC_INVALID_PARAMETER, error.message, { cause: error });
  }
}
