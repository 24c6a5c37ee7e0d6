/** Blocks that methods are asked about, and what is wrong where they are not there. */
import type { Block, BlockHash, BlockUndo, HeaderNode } from "@chain/core";
import { StorageError } from "@chain/storage";
import { readHash, readInt32 } from "../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../errors.ts";
import type { HeaderHost, RpcHost } from "../host.ts";
import { type Json, typeName } from "../json/parse.ts";

type ChainHost = Pick<RpcHost, "chain">;

/** @throws RpcError -5 where no such header is known */
export function headerOf({ chain }: Pick<HeaderHost, "chain">, hash: BlockHash): HeaderNode {
  const node = chain.headers.get(hash);
  if (node === undefined) throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Block not found");
  return node;
}

/** The block that a hash or a height of the main chain names. Core: ParseHashOrHeight. @throws RpcError -5, -8 */
export function headerOfHashOrHeight(host: ChainHost, value: Json): HeaderNode {
  if (typeName(value) !== "number") return headerOf(host, readHash(value, "hash_or_height"));
  const height = readInt32(value);
  if (height < 0) {
    throw new RpcError(RPC_INVALID_PARAMETER, `Target block height ${height} is negative`);
  }
  const node = host.chain.headers.activeAt(height);
  if (node !== undefined) return node;
  const message = `Target block height ${height} after current tip ${host.chain.tip.height}`;
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}

/** @throws RpcError -1 where its body is not here, or can't be read */
export async function blockOf({ chain }: ChainHost, node: HeaderNode): Promise<Block> {
  const block = await readable(() => chain.getBlock(node.hash));
  if (block !== undefined) return block;
  throw new RpcError(RPC_MISC_ERROR, `Block not available (${await whyMissing(chain, node)})`);
}

/** Why a block is not here, in Core's words. */
export async function whyMissing(chain: ChainHost["chain"], node: HeaderNode): Promise<string> {
  return (await chain.isPruned(node)) ? "pruned data" : "not fully downloaded";
}

/** The coins that a block spent; `undefined` where it was never connected. @throws RpcError -1 where it can't be read */
export function undoOf({ chain }: ChainHost, hash: BlockHash): Promise<BlockUndo | undefined> {
  return readable(() => chain.getUndo(hash));
}

/** Says what is wrong with stored data that can't be read, in place of an internal error. @throws RpcError -1 */
export async function readable<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StorageError) || error.code === "closed") throw error;
    throw new RpcError(RPC_MISC_ERROR, `Can't read block from disk: ${error.message}`, {
      cause: error,
    });
  }
}
