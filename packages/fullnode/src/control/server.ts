import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "@chain/engine";
import { messageOf, UserError } from "../errors.ts";
import { Gate } from "../rpc/gate.ts";
import type { ControlContext } from "./context.ts";
import { answerTo } from "./dispatch.ts";
import { toJson } from "./json.ts";
import { credentials, MAX_REQUEST } from "./protocol.ts";

const HOST = "127.0.0.1";
/** How long a request may take to arrive. Its answer may take as long as it takes: mining does. Milliseconds. */
const REQUEST_TIMEOUT = 30_000;
/** How often Node looks for requests that take longer. Milliseconds. */
const LOOK_EVERY = 1_000;
/** How long the rest of a refused request is read and dropped. Milliseconds. */
const LINGER = 1_000;
/** The parts of requests that have arrived, all requests together: so many may be long at the same time. Bytes. */
const MAX_BODIES = 4 * MAX_REQUEST;

export interface ControlServer {
  readonly host: typeof HOST;
  readonly port: number;
  /** A caller that knows it may call every method. */
  readonly cookie: string;
  /** Stops at once what is under way. */
  close(): Promise<void>;
}

/**
 * Serves JSON-RPC 2.0 over HTTP, on a port of the loopback interface that the system chooses, to callers that know the
 * cookie. Others, and slow callers, can't keep the owner out: see {@link Gate}.
 */
export async function startControlServer(
  context: ControlContext,
  log: Log,
): Promise<ControlServer> {
  const cookie = randomBytes(32).toString("hex");
  const gate = new Gate();
  const service: Service = {
    expected: Buffer.from(credentials(cookie)),
    context,
    log,
    gate,
    bodies: { bytes: 0 },
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response, service).catch((error: unknown) => {
      // The caller has gone, or was too slow: nothing of ours.
      const level = request.socket.destroyed ? "debug" : "warn";
      log(level, "net", `control connection: ${messageOf(error)}`);
      response.destroy();
    });
  };
  // Headers have no limit of their own: the gate limits callers that have not shown the cookie, and the limit of the
  // whole request holds for the others.
  const times = { requestTimeout: REQUEST_TIMEOUT, headersTimeout: 0 };
  const server = createServer({ ...times, connectionsCheckingInterval: LOOK_EVERY }, handle);
  // A caller that waits for `100 Continue` knows, without it, that nothing has been done: it may call again.
  server.on("checkContinue", handle);
  server.on("connection", (socket) => gate.admit(socket));
  server.on("clientError", (error, socket) => refuse(error, socket as Socket, gate));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new UserError("io", `can't open the control connection: ${error.message}`));
    });
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    host: HOST,
    port,
    cookie,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Answers bytes that are no HTTP request. The rest is read and dropped for a while, because a connection that is closed
 * with bytes unread is reset, and the answer is lost.
 */
function refuse(error: NodeJS.ErrnoException, socket: Socket, gate: Gate): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  gate.distrust(socket, LINGER);
  const status = CLIENT_ERRORS[error.code ?? ""] ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  socket.removeAllListeners("data").resume();
}

const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Payload Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

interface Service {
  /** The `Authorization` header to expect. */
  readonly expected: Buffer;
  readonly context: ControlContext;
  readonly log: Log;
  readonly gate: Gate;
  /** Bytes that are held of requests that are still arriving. */
  readonly bodies: { bytes: number };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  service: Service,
): Promise<void> {
  const denial = whyDenied(request, service.expected);
  if (denial !== undefined) {
    deny(response, denial);
    return;
  }
  const { gate } = service;
  const { socket } = request;
  const call = gate.begin(socket);
  response.once("close", () => gate.finish(socket, call));
  if (call === undefined) {
    deny(response, BUSY);
    return;
  }
  const asksFirst = request.headers.expect !== undefined;
  const isTooLong = Number(request.headers["content-length"] ?? 0) > MAX_REQUEST;
  if (asksFirst && isTooLong) {
    deny(response, TOO_LONG);
    return;
  }
  if (asksFirst) response.writeContinue();
  const body = isTooLong ? TOO_LONG : await readBody(request, service.bodies);
  if (typeof body !== "string") {
    // The rest is read and thrown away, as in `refuse`.
    gate.distrust(socket, LINGER);
    answerDenial(response, body);
    return;
  }
  call.waitsSince = undefined;
  const signal = { aborted: false };
  response.once("close", () => {
    signal.aborted = true;
  });
  const answer = await answerTo(body, service.context, signal, service.log);
  gate.answer(call);
  if (answer === undefined) response.writeHead(204).end();
  else response.writeHead(200, { "content-type": "application/json" }).end(toJson(answer));
}

/** Refuses without reading the rest of the request. */
function deny(response: ServerResponse, [status, text, headers]: Denial): void {
  answerDenial(response, [status, text, { connection: "close", ...headers }]);
}

function answerDenial(response: ServerResponse, [status, text, headers = {}]: Denial): void {
  response.writeHead(status, headers).end(`${text}\n`);
}

type Denial = readonly [status: number, text: string, headers?: Record<string, string>];

/** Before anything of the body is read. */
function whyDenied(
  { method, headers, socket }: IncomingMessage,
  expected: Buffer,
): Denial | undefined {
  if (socket.remoteAddress !== HOST) return [403, "for this machine only"];
  // DNS rebinding: a web page whose host name was made to point here. The browser still says that name.
  if (!isOwnName(headers.host)) return [403, "call this server by its address"];
  // No web page may call, under any host name.
  if (headers.origin !== undefined) return [403, "not for web pages"];
  const given = Buffer.from(headers.authorization ?? "");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return [401, "the cookie is missing or wrong", { "www-authenticate": 'Basic realm="jsonrpc"' }];
  }
  if (method !== "POST") return [405, "send a JSON-RPC request by POST", { allow: "POST" }];
  return undefined;
}

function isOwnName(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, "");
  return name === "localhost" || name === HOST;
}

const TOO_LONG: Denial = [413, `a request has at most ${MAX_REQUEST} bytes`];
/** Core: "Work queue depth exceeded". */
const BUSY: Denial = [503, "too many requests at the same time: try again"];

/** The body, or why it is not read to its end. No more of it is kept than the longest request has. */
function readBody(request: IncomingMessage, bodies: Service["bodies"]): Promise<string | Denial> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let kept = 0;
    let done = false;
    const finish = (end: () => void) => {
      if (done) return;
      done = true;
      bodies.bytes -= kept;
      end();
    };
    request.on("data", (chunk: Uint8Array) => {
      if (done) return;
      if (kept + chunk.length > MAX_REQUEST) return finish(() => resolve(TOO_LONG));
      if (bodies.bytes + chunk.length > MAX_BODIES) return finish(() => resolve(BUSY));
      bodies.bytes += chunk.length;
      kept += chunk.length;
      chunks.push(chunk);
    });
    request.on("end", () => finish(() => resolve(Buffer.concat(chunks).toString("utf8"))));
    request.on("error", (error) => finish(() => reject(error)));
    request.on("close", () =>
      finish(() => reject(new UserError("no-node", "the caller has gone"))),
    );
  });
}
