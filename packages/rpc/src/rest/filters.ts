/** Addresses of block filters (BIP-0157). */
import { type BlockHash, bytesToHex, idToBytes, Writer } from "@chain/core";
import type { BlockFilterIndex, RunningIndex } from "@chain/indexes";
import { RpcError } from "../errors.ts";
import type { RpcHost } from "../host.ts";
import { BASIC, filterOf, missingFilter } from "../methods/blockFilters.ts";
import { badRequest, inFormat, notFound, type Resource } from "./answer.ts";
import { knownHeader } from "./block.ts";
import { headersFrom, readCountAndHash, readHash } from "./read.ts";

/** The number of the basic filter on the wire (BIP-0158). */
const BASIC_NUMBER = 0;

/** `/rest/blockfilter/TYPE/HASH.EXT`. Core: rest_block_filter. */
export const blockFilter: Resource = async ({ host, rest, format }) => {
  const [type = "", text = "", ...more] = rest.split("/");
  if (!rest.includes("/") || more.length > 0) {
    throw badRequest("Invalid URI format. Expected /rest/blockfilter/<filtertype>/<blockhash>");
  }
  readHash<BlockHash>(text);
  const index = indexOf(host, type);
  const { hash } = knownHeader(host, text);
  const { filter } = await found(() => filterOf(host, index, hash));
  return inFormat(format, {
    // Core: BlockFilter::Serialize.
    bytes: () => new Writer().u8(BASIC_NUMBER).hash(hash).varBytes(filter).finish(),
    json: () => ({ filter: bytesToHex(filter) }),
  });
};

/** `/rest/blockfilterheaders/TYPE/HASH.EXT?count=COUNT`. Core: rest_filter_header. */
export const blockFilterHeaders: Resource = async ({ host, rest, query, format }) => {
  const [type = "", ...path] = rest.split("/");
  const expected = "/rest/blockfilterheaders/<filtertype>/<blockhash>.<ext>?count=<count>";
  const { count, hash: text } = readCountAndHash(path, query, expected);
  const hash = readHash<BlockHash>(text);
  const running = indexOf(host, type);
  const hashes = headersFrom(host, hash, count).map((node) => node.hash);
  const isReady = await running.isCaughtUp();
  const summaries = await found(async () => {
    const stored = await running.index.summaries(hashes);
    if (stored === undefined) throw missingFilter(running, isReady);
    return stored;
  });
  return inFormat(format, {
    bytes: () => {
      const writer = new Writer();
      for (const { header } of summaries) writer.bytes(idToBytes(header));
      return writer.finish();
    },
    json: () => summaries.map(({ header }) => header),
  });
};

function indexOf({ indexes }: RpcHost, type: string): RunningIndex<BlockFilterIndex> {
  if (type !== BASIC) throw badRequest(`Unknown filtertype ${type}`);
  if (indexes?.blockFilters !== undefined) return indexes.blockFilters;
  throw badRequest(`Index is not enabled for filtertype ${type}`);
}

/** @throws RestError 404 with the words of the method */
async function found<Value>(find: () => Promise<Value>): Promise<Value> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof RpcError) throw notFound(error.message, error);
    throw error;
  }
}
