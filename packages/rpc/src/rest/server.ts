/** From the address of a request to its answer. Core: rest.cpp. */
import type { RpcServer } from "../server.ts";
import {
  badRequest,
  type Format,
  type Resource,
  type RestAnswer,
  RestError,
  type RestRequest,
} from "./answer.ts";
import { block, blockPart, blockWithoutDetails } from "./block.ts";
import { blockHash } from "./blockHash.ts";
import { blockFilter, blockFilterHeaders } from "./filters.ts";
import { headers } from "./headers.ts";
import { chainInformation, deploymentInformation, mempool } from "./information.ts";
import { spentOutputs } from "./spentOutputs.ts";
import { transaction } from "./transaction.ts";
import { unspentOutputs } from "./unspentOutputs.ts";

/** The first that an address begins with is taken. */
const RESOURCES: readonly (readonly [prefix: string, resource: Resource])[] = [
  ["/rest/tx/", transaction],
  ["/rest/block/notxdetails/", blockWithoutDetails],
  ["/rest/block/", block],
  ["/rest/blockpart/", blockPart],
  ["/rest/blockfilter/", blockFilter],
  ["/rest/blockfilterheaders/", blockFilterHeaders],
  ["/rest/chaininfo", chainInformation],
  ["/rest/mempool/", mempool],
  ["/rest/headers/", headers],
  ["/rest/getutxos", unspentOutputs],
  ["/rest/deploymentinfo/", deploymentInformation],
  ["/rest/deploymentinfo", deploymentInformation],
  ["/rest/blockhashbyheight/", blockHash],
  ["/rest/spenttxouts/", spentOutputs],
];

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ["", undefined],
  ["bin", "bin"],
  ["hex", "hex"],
  ["json", "json"],
]);

export interface RestServerOptions {
  /** Whose host, methods and `warmup` are those of REST. */
  readonly rpc: RpcServer;
}

/**
 * Bitcoin Core's REST interface: what a caller may read without a name and a password. It has no sockets: a transport
 * hands it requests.
 * @example
 * const rest = new RestServer({ rpc: server });
 * const { status, body } = await rest.answer({ uri: "/rest/blockhashbyheight/0.json" });
 * [status, JSON.parse(String(body)).blockhash === host.chain.params.genesis.hash] // [200, true]
 */
export class RestServer {
  readonly #options: RestServerOptions;

  constructor(options: RestServerOptions) {
    this.#options = options;
  }

  /** Answers a request. A bad one is answered by a status and a line of text that says why. */
  async answer({ uri, body = new Uint8Array(0) }: RestRequest): Promise<RestAnswer> {
    const { rpc } = this.#options;
    const { host } = rpc;
    const [prefix, resource] = RESOURCES.find(([start]) => uri.startsWith(start)) ?? [];
    if (prefix === undefined || resource === undefined) return NOTHING;
    try {
      if (rpc.warmup !== undefined || host === undefined) {
        throw new RestError(503, `Service temporarily unavailable: ${rpc.warmup ?? ""}`);
      }
      const { rest, format } = parseFormat(uri.slice(prefix.length));
      const query = (name: string) => queryOf(uri, name);
      return await resource({ host, rpc, rest, format, query, body });
    } catch (error) {
      if (error instanceof RestError) return error.answer;
      const why = error instanceof Error ? error.message : String(error);
      host?.log("error", "net", `REST ${uri}: ${why}`);
      return new RestError(500, why, { cause: error }).answer;
    }
  }
}

const NOTHING: RestAnswer = { status: 404, contentType: "text/plain", body: "" };

/** Core: ParseDataFormat. */
function parseFormat(uriPart: string): { readonly rest: string; readonly format: Format } {
  const question = uriPart.lastIndexOf("?");
  const text = question < 0 ? uriPart : uriPart.slice(0, question);
  const dot = text.lastIndexOf(".");
  const ending = text.slice(dot + 1);
  if (dot < 0 || !FORMATS.has(ending)) return { rest: text, format: undefined };
  return { rest: text.slice(0, dot), format: FORMATS.get(ending) };
}

/** The first value of a name. @throws RestError 400. Core: GetQueryParameterFromUri */
function queryOf(uri: string, name: string): string | undefined {
  // Control characters, spaces and a few signs have no place in an address (RFC 3986), nor has a lone percent sign.
  if (/[^\x21-\x7e]|["<>\\^`{|}]|%(?![0-9a-fA-F]{2})/.test(uri)) {
    throw badRequest("URI parsing failed, it likely contained RFC 3986 invalid characters");
  }
  const [address = ""] = uri.split("#", 1);
  const question = address.indexOf("?");
  if (question < 0) return undefined;
  for (const pair of address.slice(question + 1).split("&")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && decoded(pair.slice(0, equals)) === name)
      return decoded(pair.slice(equals + 1));
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // No UTF-8: no value that anything is asked for has such bytes.
    return text;
  }
}
