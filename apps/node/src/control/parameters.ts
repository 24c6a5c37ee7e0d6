/** Parameters that several methods take, and what is wrong with them where they are not that. */
import {
  Block,
  type BlockHash,
  BlockHeader,
  COIN,
  CoreError,
  HEADER_SIZE,
  hexToBytes,
  parseId,
  Transaction,
  type Txid,
} from "@chain/core";
import type { PeerAddress } from "@chain/engine";
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { NetworkName } from "../identity.ts";
import { parseAddress } from "../params.ts";
import { parsePeerAddress } from "../peerAddress.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
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

/** Coins as a number or, exactly, as a text; in base units then. Core: AmountFromValue. */
export const amount: z.ZodType<bigint> = z
  .union([z.string().regex(/^\d{1,8}(\.\d{1,8})?$/), z.number().min(0).max(21e6)])
  .transform((coins) => BigInt(Math.round(Number(coins) * Number(COIN))));

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

/** @throws RpcError -22 */
export function decodeTransaction(hex: string): Transaction {
  try {
    return Transaction.fromBytes(hexToBytes(hex));
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const message = `TX decode failed: ${error.message}`;
    throw new RpcError(RPC_DESERIALIZATION_ERROR, message, { cause: error });
  }
}

/** The script of an address. @throws RpcError -5 */
export function scriptOf(address: string, network: NetworkName): Uint8Array {
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
