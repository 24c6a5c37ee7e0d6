import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Log } from "@chain/engine";
import { ZodError } from "zod";
import { messageOf, UserError } from "../errors.ts";
import type { ControlContext } from "./context.ts";
import type { CallSignal, Method } from "./method.ts";
import { methods } from "./methods.ts";
import {
  credentials,
  MAX_REQUEST,
  parseRequest,
  RPC_INTERNAL_ERROR,
  RPC_INVALID_PARAMS,
  RPC_INVALID_REQUEST,
  RPC_METHOD_NOT_FOUND,
  RPC_PARSE_ERROR,
  RpcError,
  type RpcRequest,
  type RpcResponse,
} from "./protocol.ts";

const HOST = "127.0.0.1";
/** How long a request may take to arrive. Its answer may take as long as it takes: mining does. Milliseconds. */
const REQUEST_TIMEOUT = 30_000;
const MAX_CONNECTIONS = 64;

export interface ControlServer {
  readonly host: typeof HOST;
  readonly port: number;
  /** Whoever knows it may do everything. */
  readonly cookie: string;
  /** Stops at once what is under way. */
  close(): Promise<void>;
}

/**
 * Serves JSON-RPC 2.0 over HTTP, on a port of the loopback interface that the system chooses, to whoever knows the
 * cookie.
 */
export async function startControlServer(
  context: ControlContext,
  log: Log,
): Promise<ControlServer> {
  const cookie = randomBytes(32).toString("hex");
  const expected = Buffer.from(credentials(cookie));
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
    serve(request, response, { expected, context, log }).catch((error: unknown) => {
      log("warn", "net", `control connection: ${messageOf(error)}`);
      response.destroy();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
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

interface Service {
  /** The `Authorization` header to expect. */
  readonly expected: Buffer;
  readonly context: ControlContext;
  readonly log: Log;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { expected, context, log }: Service,
): Promise<void> {
  const denial = whyDenied(request, expected);
  if (denial !== undefined) {
    const [status, text] = denial;
    // What is left of the request is not worth reading.
    response.writeHead(status, { connection: "close", ...denial[2] }).end(`${text}\n`);
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: "close" }).end(`more than ${MAX_REQUEST} bytes\n`);
    return;
  }
  const signal = { aborted: false };
  response.once("close", () => {
    signal.aborted = true;
  });
  const answer = await answerTo(body, context, signal, log);
  if (answer === undefined) response.writeHead(204).end();
  else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
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
  // No page has any business here, by whatever name.
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

/** `undefined`: longer than any request has to be. No more of it is kept than that. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_REQUEST) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_REQUEST) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function answerTo(
  body: string,
  context: ControlContext,
  signal: CallSignal,
  log: Log,
): Promise<RpcResponse | undefined> {
  const fail = (id: RpcRequest["id"], code: number, message: string): RpcResponse => ({
    jsonrpc: "2.0",
    id,
    error: { code, message },
  });
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return fail(null, RPC_PARSE_ERROR, "Parse error");
  }
  const request = parseRequest(json);
  if (request === undefined) return fail(null, RPC_INVALID_REQUEST, "Invalid Request object");
  const { id, method: name, params = [] } = request;
  let answer: RpcResponse;
  try {
    answer = { jsonrpc: "2.0", id, result: await call(name, params, context, signal) };
  } catch (error) {
    if (error instanceof RpcError) {
      answer = fail(id, error.code, error.message);
    } else if (error instanceof ZodError) {
      answer = fail(id, RPC_INVALID_PARAMS, describeIssues(error));
    } else {
      const message = messageOf(error);
      if (!signal.aborted) log("error", "net", `control connection: ${name}: ${message}`);
      answer = fail(id, RPC_INTERNAL_ERROR, message);
    }
  }
  return id === undefined ? undefined : answer;
}

function call(
  name: string,
  params: readonly unknown[] | Readonly<Record<string, unknown>>,
  context: ControlContext,
  signal: CallSignal,
): Promise<unknown> {
  const table: Readonly<Record<string, Method>> = methods;
  const method = Object.hasOwn(table, name) ? table[name] : undefined;
  if (method === undefined) throw new RpcError(RPC_METHOD_NOT_FOUND, "Method not found");
  return method.call(named(params, method.names), context, signal);
}

/** Parameters by name, whichever way they came. */
function named(
  params: readonly unknown[] | Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isList(params)) return params;
  if (params.length > names.length) {
    throw new RpcError(RPC_INVALID_PARAMS, `at most ${names.length} parameters`);
  }
  return Object.fromEntries(params.map((value, i) => [names[i], value]));
}

/** `Array.isArray` takes the readonly away. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function describeIssues({ issues }: ZodError): string {
  return issues
    .map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": "))
    .join("; ");
}
