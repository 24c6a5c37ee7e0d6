import type { BlockHash, HeaderNode } from "@chain/core";
import { StorageError } from "@chain/storage";
import type { RpcHost } from "../host.ts";
import { whyMissing } from "../methods/blocks.ts";
import { badRequest, inFormat, notFound, type Resource, RestError } from "./answer.ts";
import { readHash, readUnsigned } from "./read.ts";

/** `/rest/block/HASH.EXT`: a block, as JSON with what its inputs spend. Core: rest_block_extended. */
export const block: Resource = (call) => answer(call, 3);

/** `/rest/block/notxdetails/HASH.EXT`: in JSON, transactions are ids alone. Core: rest_block_notxdetails. */
export const blockWithoutDetails: Resource = (call) => answer(call, 1);

/** `/rest/blockpart/HASH.EXT?offset=BYTES&size=BYTES`: bytes of a block. Core: rest_block_part. */
export const blockPart: Resource = async ({ host, rest, format, query }) => {
  const part = { offset: readBytes(query, "offset"), size: readBytes(query, "size") };
  const raw = await rawBlock(host, rest);
  const { offset, size } = part;
  if (size === 0 || offset + size > raw.length) {
    throw badRequest(`Bad block part offset/size ${offset}/${size} for ${rest}`);
  }
  return inFormat(format, {
    bytes: () => raw.subarray(offset, offset + size),
    json: () => {
      throw badRequest("JSON output is not supported for this request type");
    },
  });
};

async function answer(
  { host, rpc, rest, format }: Parameters<Resource>[0],
  verbosity: number,
): ReturnType<Resource> {
  const raw = await rawBlock(host, rest);
  return inFormat(format, {
    bytes: () => raw,
    json: () => rpc.call("getblock", [rest, verbosity]),
  });
}

/** @throws RestError 400 */
function readBytes(query: Parameters<Resource>[0]["query"], name: "offset" | "size"): number {
  const bytes = readUnsigned(query(name) ?? "", Number.MAX_SAFE_INTEGER);
  if (bytes === undefined) throw badRequest(`Block part ${name} missing or invalid`);
  return bytes;
}

/** @throws RestError 404 */
export function knownHeader({ chain }: RpcHost, text: string): HeaderNode {
  const node = chain.headers.get(readHash<BlockHash>(text));
  if (node === undefined) throw notFound(`${text} not found`);
  return node;
}

/** @throws RestError 404, 500 */
async function rawBlock(host: RpcHost, text: string): Promise<Uint8Array> {
  const node = knownHeader(host, text);
  const raw = await readable(text, () => host.chain.getRawBlock(node.hash));
  if (raw !== undefined) return raw;
  throw notFound(`${text} not available (${await whyMissing(host.chain, node)})`);
}

/** Says that stored data can't be read. @throws RestError 500 */
export async function readable<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StorageError) || error.code === "closed") throw error;
    throw new RestError(500, `I/O error reading ${name}`, { cause: error });
  }
}
