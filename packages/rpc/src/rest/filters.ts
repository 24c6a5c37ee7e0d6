/** Addresses of block filters (BIP-0157). A node that keeps none says so, as Core does where the index is off. */
import type { BlockHash } from "@chain/core";
import { badRequest, type Resource } from "./answer.ts";
import { readCountAndHash, readHash } from "./read.ts";

/** `/rest/blockfilter/TYPE/HASH.EXT`. Core: rest_block_filter. */
export const blockFilter: Resource = async ({ rest }) => {
  const [type = "", hash = "", ...more] = rest.split("/");
  if (!rest.includes("/") || more.length > 0) {
    throw badRequest("Invalid URI format. Expected /rest/blockfilter/<filtertype>/<blockhash>");
  }
  readHash<BlockHash>(hash);
  throw noIndex(type);
};

/** `/rest/blockfilterheaders/TYPE/HASH.EXT?count=COUNT`. Core: rest_filter_header. */
export const blockFilterHeaders: Resource = async ({ rest, query }) => {
  const [type = "", ...path] = rest.split("/");
  const expected = "/rest/blockfilterheaders/<filtertype>/<blockhash>.<ext>?count=<count>";
  readHash<BlockHash>(readCountAndHash(path, query, expected).hash);
  throw noIndex(type);
};

function noIndex(type: string) {
  if (type !== "basic") return badRequest(`Unknown filtertype ${type}`);
  return badRequest(`Index is not enabled for filtertype ${type}`);
}
