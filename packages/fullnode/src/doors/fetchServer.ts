/** Serves a function from a Request to a Response over HTTP. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Milliseconds } from "@chain/core";
import { formatPeerAddress, type Log, type PeerAddress } from "@chain/engine";
import { messageOf } from "../errors.ts";
import { listenError } from "../ports/tcp.ts";
import { Gate } from "../rpc/gate.ts";

/** Of the addresses and names that a request begins with. Bytes. */
const MAX_HEADERS: number = 16 * 1024;
/** How long a request may take to arrive, and a connection may rest. */
const TIMEOUT: Milliseconds = 30_000;

/** Takes over a connection that is to speak another protocol. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface FetchServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * All callers are strangers to it: of too many, the oldest connection that rests gives way, and a slow reader is cut off.
 * @throws UserError `in-use`, `usage`, `io`
 */
export async function startFetchServer(
  address: PeerAddress,
  handle: (request: Request) => Promise<Response>,
  { log, upgrade }: { readonly log: Log; readonly upgrade?: Upgrade },
): Promise<FetchServer> {
  const gate = new Gate();
  const server = createServer({
    maxHeaderSize: MAX_HEADERS,
    requestTimeout: TIMEOUT,
    headersTimeout: 0,
    keepAliveTimeout: TIMEOUT,
    requireHostHeader: false,
  });
  server.on("connection", (socket) => gate.admit(socket));
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response, handle, gate).catch((error: unknown) => {
      // The caller has gone, or was too slow: nothing of ours.
      const level = request.socket.destroyed ? "debug" : "warn";
      log(level, "net", `${formatPeerAddress(address)}: ${messageOf(error)}`);
      response.destroy();
    });
  });
  if (upgrade !== undefined) {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const call = gate.begin(request.socket, false);
      if (call === undefined) {
        socket.destroy();
        return;
      }
      gate.stream(call);
      socket.once("close", () => gate.finish(call));
      upgrade(request, socket, head);
    });
  }
  return { port: await listen(server, address), close: () => close(server) };
}

async function listen(server: Server, { host, port }: PeerAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port })));
    server.listen({ host, port }, resolve);
  });
  server.removeAllListeners("error");
  server.on("error", () => {});
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: Request) => Promise<Response>,
  gate: Gate,
): Promise<void> {
  const call = gate.begin(request.socket, false);
  if (call === undefined || !gate.work(call)) {
    if (call !== undefined) gate.finish(call);
    request.resume();
    response.writeHead(503, { "content-type": "text/plain" }).end("too many requests");
    return;
  }
  response.once("close", () => gate.finish(call));
  // Until then it is a slow caller, which gives way to others.
  request.once("end", () => {
    call.waitsSince = undefined;
  });
  const asked = requestOf(request);
  if (asked === undefined) {
    response.writeHead(400, { "content-type": "text/plain" }).end("Invalid request");
    return;
  }
  const answer = await handle(asked);
  const body = Buffer.from(await answer.arrayBuffer());
  // The rest of a body that was too long.
  request.resume();
  const headers = { ...Object.fromEntries(answer.headers), "content-length": body.length };
  response.writeHead(answer.status, headers).end(body);
  gate.answer(call, response);
}

/** @returns `undefined` for what no Request can be made of */
function requestOf(request: IncomingMessage): Request | undefined {
  const { method = "GET", url = "/", headers } = request;
  const address = `http://localhost${url.startsWith("/") ? url : "/"}`;
  if (!URL.canParse(address)) return undefined;
  const type = headers["content-type"];
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    return new Request(address, {
      method,
      headers: type === undefined ? {} : { "content-type": type },
      ...(hasBody && { body: bodyOf(request), duplex: "half" }),
    });
  } catch {
    // CONNECT, TRACE and the like.
    return undefined;
  }
}

function bodyOf(request: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = request[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream({
    pull: async (controller) => {
      const { value, done } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void request.resume(),
  });
}
