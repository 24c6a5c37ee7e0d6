import { type BlockHash, concatBytes } from "@chain/core";
import { describeHeader } from "../describe/header.ts";
import { inFormat, type Resource } from "./answer.ts";
import { headersFrom, readCountAndHash, readHash } from "./read.ts";

/** `/rest/headers/HASH.EXT?count=COUNT`: headers of the best chain. Core: rest_headers. */
export const headers: Resource = async ({ host, rest, format, query }) => {
  const expected = "/rest/headers/<hash>.<ext>?count=<count>";
  const { count, hash } = readCountAndHash(rest.split("/"), query, expected);
  const nodes = headersFrom(host, readHash<BlockHash>(hash), count);
  return inFormat(format, {
    bytes: () => concatBytes(...nodes.map(({ header }) => header.toBytes())),
    json: () => nodes.map((node) => describeHeader(node, host.chain.headers)),
  });
};
