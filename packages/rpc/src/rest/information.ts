/** Resources that answer as methods of RPC do. */
import type { BlockHash } from "@chain/core";
import { badRequest, jsonAnswer, type Resource, requireJson } from "./answer.ts";
import { readHash } from "./read.ts";

/** `/rest/chaininfo.json`. Core: rest_chaininfo. */
export const chainInformation: Resource = async ({ rpc, format }) => {
  requireJson(format);
  return jsonAnswer(await rpc.call("getblockchaininfo"));
};

/** `/rest/deploymentinfo.json`, or `/rest/deploymentinfo/HASH.json`. Core: rest_deploymentinfo. */
export const deploymentInformation: Resource = async ({ host, rpc, rest, format }) => {
  requireJson(format);
  if (rest === "") return jsonAnswer(await rpc.call("getdeploymentinfo"));
  const hash = readHash<BlockHash>(rest);
  if (host.chain.headers.get(hash) === undefined) throw badRequest("Block not found");
  return jsonAnswer(await rpc.call("getdeploymentinfo", [hash]));
};

/** `/rest/mempool/info.json`, or `/rest/mempool/contents.json?verbose=…&mempool_sequence=…`. Core: rest_mempool. */
export const mempool: Resource = async ({ rpc, rest, format, query }) => {
  if (rest !== "contents" && rest !== "info") {
    throw badRequest("Invalid URI format. Expected /rest/mempool/<info|contents>.json");
  }
  requireJson(format);
  if (rest === "info") return jsonAnswer(await rpc.call("getmempoolinfo"));
  const isVerbose = readFlag("verbose", query("verbose") ?? "true");
  const hasSequence = readFlag("mempool_sequence", query("mempool_sequence") ?? "false");
  if (isVerbose && hasSequence) {
    const message = "Verbose results cannot contain mempool sequence values.";
    throw badRequest(`${message} (hint: set "verbose=false")`);
  }
  return jsonAnswer(await rpc.call("getrawmempool", [isVerbose, hasSequence]));
};

function readFlag(name: string, value: string): boolean {
  if (value === "true") return true;
  if (value === "false") return false;
  throw badRequest(`The "${name}" query parameter must be either "true" or "false".`);
}
