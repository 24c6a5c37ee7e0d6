import type { Seconds } from "@chain/core";
import { requireFields, requireFunction, requireOptions } from "@chain/core/arguments";
import { ChainLookup, IndexError } from "@chain/indexes";
import { type Answer, EsploraError, notFound } from "./answers.ts";
import type { Call } from "./call.ts";
import type { EsploraHost } from "./host.ts";
import { ROWS, type Row } from "./routes/table.ts";

export interface EsploraOptions {
  /** The pages that browsers let read the answers: an origin, or `*` for all, which is the default. */
  readonly origin?: string;
  /** Most bytes of a body. Default: 16 MiB. */
  readonly maxBody?: number;
}

/** The function that answers requests. */
export type EsploraHandler = (request: Request) => Promise<Response>;

const MAX_BODY: number = 16 * 1024 * 1024;
/** Longer paths and queries lead nowhere. */
const MAX_ADDRESS = 64 * 1024;
/** How long a cache keeps what never changes. Electrs: TTL_LONG. */
const LONG: Seconds = 157_784_630;
/** After which a caller may try again while an index is built. */
const RETRY_AFTER: Seconds = 5;

/**
 * Esplora's REST API, as Blockstream's electrs answers it, with what mempool.space adds that `@mempool/mempool.js` asks:
 * a function from a Request to a Response, to be served by any server that knows these. Addresses may begin with `/api`,
 * and before that with the name of the network, as in `/regtest/api/blocks/tip/height`.
 * @example
 * const handle = createEsplora(host);
 * const response = await handle(new Request("http://localhost/api/blocks/tip/height"));
 * [response.status, await response.text()] // [200, "1"]
 */
export function createEsplora(host: EsploraHost, options: EsploraOptions = {}): EsploraHandler {
  requireFields(host, "host", { chain: "object", indexes: "object", rpc: "function" });
  requireFunction(host.rpc, "host.rpc");
  requireOptions(options, "options", { origin: "string?", maxBody: "number?" });

  const { origin = "*", maxBody = MAX_BODY } = options;
  const lookup = new ChainLookup(host);
  return async (request) => {
    if (request.method === "OPTIONS") return preflight(origin);
    const answer = await answerOf(request, { host, lookup, maxBody }).catch(failed);
    return responseOf(answer, origin, request.method === "HEAD");
  };
}

interface Asked {
  readonly host: EsploraHost;
  readonly lookup: ChainLookup;
  readonly maxBody: number;
}

async function answerOf(request: Request, { host, lookup, maxBody }: Asked): Promise<Answer> {
  if (request.url.length > MAX_ADDRESS) throw new EsploraError(414, "the address is too long");
  const { pathname, searchParams } = new URL(request.url);
  const path = withoutPrefix(pathname, host.chain.params.name);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const { row, parts } = find(method, path);
  if (row === undefined) throw notFound(`endpoint does not exist ${JSON.stringify(path)}`);
  const body = method === "POST" ? await bodyOf(request, maxBody) : "";
  const call: Call = { host, lookup, parts, query: searchParams, body };
  if (row.isRead) return lookup.atOneMoment(() => row.route(call));
  return row.route(call);
}

/** Without `/api`, and without the name of the network before it. */
function withoutPrefix(path: string, network: string): string {
  for (const prefix of ["/api", `/${network}/api`]) {
    if (path.startsWith(`${prefix}/`)) return path.slice(prefix.length);
  }
  return path;
}

function find(
  method: string,
  path: string,
): { readonly row: Row | undefined; readonly parts: readonly string[] } {
  const segments = path.split("/").slice(1);
  for (const row of ROWS) {
    if (row.method !== method || row.segments.length !== segments.length) continue;
    const isOpen = (i: number) => row.segments[i]?.startsWith(":") === true;
    if (segments.some((segment, i) => !isOpen(i) && segment !== row.segments[i])) continue;
    return { row, parts: segments.filter((_, i) => isOpen(i)) };
  }
  return { row: undefined, parts: [] };
}

/** @throws EsploraError 413, 400 */
async function bodyOf({ body }: Request, most: number): Promise<string> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > most) throw new EsploraError(413, `a body has at most ${most} bytes`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(whole);
  } catch (error) {
    throw new EsploraError(400, "invalid utf-8 sequence in the body", { cause: error });
  }
}

/** The answer of a call that failed. */
function failed(error: unknown): Answer {
  if (error instanceof EsploraError) return plain(error.code, error.message);
  if (error instanceof IndexError && error.code === "behind") return plain(503, error.message);
  return plain(500, error instanceof Error ? error.message : String(error));
}

function plain(status: number, body: string): Answer {
  return { status, type: "text/plain", body, isForever: false };
}

function responseOf(answer: Answer, origin: string, isHead: boolean): Response {
  const { status = 200, type, body, isForever } = answer;
  const headers = new Headers({
    "content-type": type,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "*",
  });
  headers.set("cache-control", isForever ? `public, max-age=${LONG}, immutable` : "no-cache");
  if (status === 503) headers.set("retry-after", String(RETRY_AFTER));
  return new Response(isHead ? null : (body as Uint8Array<ArrayBuffer>), { status, headers });
}

function preflight(origin: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
      "access-control-allow-headers": "*",
      "access-control-max-age": "86400",
    },
  });
}
