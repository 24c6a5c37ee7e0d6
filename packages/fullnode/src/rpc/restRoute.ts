/** Bitcoin Core's REST interface at the path `/rest/` of the HTTP door. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RestServer } from "@chain/rpc";
import type { HttpRoute } from "./service.ts";

/** Longest body: outpoints that are asked for, of which no more than fifteen are answered. Bytes. */
const MAX_BODY = 64 * 1024;
/** Core: HTTPRequest::RequestMethod. */
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "HEAD", "PUT"]);

/** Needs no credentials, as in Core: it tells what every peer may know. */
export function restRoute(rest: RestServer): HttpRoute {
  return {
    prefix: "/rest/",
    handle: async (request, _, response) => {
      if (!METHODS.has(request.method ?? "")) return end(response, 405, "text/plain", "");
      const body = await bodyOf(request);
      if (body === undefined) return end(response, 413, "text/plain", "");
      const answer = await rest.answer({ uri: request.url ?? "", body });
      end(response, answer.status, answer.contentType, answer.body);
    },
  };
}

/** @returns `undefined` where it is too long */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    // The rest is read and dropped, so that the answer is not lost.
    if (length <= MAX_BODY) chunks.push(chunk);
  }
  return length > MAX_BODY ? undefined : Buffer.concat(chunks);
}

function end(
  response: ServerResponse,
  status: number,
  type: string,
  body: Uint8Array | string,
): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, { "content-type": type, "content-length": bytes.length }).end(bytes);
}
