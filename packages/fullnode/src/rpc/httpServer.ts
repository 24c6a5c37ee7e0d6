import { createServer, type Server } from "node:http";
import { isIP, type Socket } from "node:net";
import type { Milliseconds, Seconds } from "@chain/core";
import { requireFields, requireOptions } from "@chain/core/arguments";
import type { Log } from "@chain/engine";
import { formatPeerAddress } from "@chain/engine";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { parsePeerAddress } from "../peerAddress.ts";
import { silentLog } from "../ports/silentLog.ts";
import { allowList, parseOrigin } from "./access.ts";
import { Bodies } from "./body.ts";
import { CallsUnderWay } from "./callsUnderWay.ts";
import {
  Authentication,
  type RpcCredentials,
  removeCookieFile,
  writeCookieFile,
} from "./credentials.ts";
import { Gate } from "./gate.ts";
import { type HttpRoute, LINGER, type RpcAnswers, type Service, serve } from "./service.ts";
import { Threads } from "./threads.ts";

/** Longest header of a request. Core: MAX_HEADERS_SIZE. Bytes. */
const MAX_HEADERS = 8192;
/** Core: DEFAULT_HTTP_WORKQUEUE, DEFAULT_HTTP_THREADS, DEFAULT_HTTP_SERVER_TIMEOUT (seconds). */
const WORK_QUEUE = 64;
const THREADS = 16;
const TIMEOUT: Seconds = 30;
/** How long a connection may take to show its credentials. Milliseconds. */
const NEWCOMER_TIMEOUT: Milliseconds = 5_000;
/** How often Node looks for requests that take longer. Milliseconds. */
const LOOK_EVERY: Milliseconds = 1_000;
/** Longest time that Node's timers know. Seconds. */
const MAX_TIMEOUT: Seconds = 2_147_483;

export interface RpcHttpOptions {
  /** An `RpcServer` of `@chain/rpc`. */
  readonly server: RpcAnswers;
  /** 0: one that the system chooses. */
  readonly port: number;
  /** Addresses to listen on, `HOST` or `HOST:PORT`. Without `allowIp` too, they are ignored: loopback alone. */
  readonly bind?: readonly string[];
  /** Networks that may call, beside loopback: see `allowList`. */
  readonly allowIp?: readonly string[];
  /** Host names that callers without credentials may use, beside `localhost` and addresses. */
  readonly hosts?: readonly string[];
  /** Web pages that may call, as browsers name them: `https://wallet.example`. */
  readonly origins?: readonly string[];
  readonly credentials?: RpcCredentials;
  /** Most requests that wait for their turn; 64 by default. */
  readonly workQueue?: number;
  /** Most requests that are worked on at the same time; 16 by default. */
  readonly threads?: number;
  /** How long a request may take to arrive, and a connection may rest. Seconds; 30 by default. */
  readonly timeout?: Seconds;
  /** Further doors by path: REST, metrics, events. */
  readonly routes?: readonly HttpRoute[];
  readonly log?: Log;
}

/** An open door of the RPC. */
export interface RpcHttp {
  /** The first address that it listens on. */
  readonly host: string;
  readonly port: number;
  /** A password of the user `__cookie__`: its holder may call every method. */
  readonly cookie: string;
  /** A password of the user `__control__`, of our own programs. */
  readonly control: string;
  /** Takes no more calls, answers those that are under way, for some seconds at most, and removes the cookie file. */
  close(): Promise<void>;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * Serves RPC over HTTP as Bitcoin Core does (httpserver.cpp, httprpc.cpp): paths `/` and `/wallet/<name>`, POST, Basic
 * authentication. Strangers and slow callers can't keep the owner out: see `Gate`. The cookie file is written once
 * the port is open.
 * @throws UserError `usage`, `in-use` where the port is taken, `io`
 * @example
 * const door = await startRpcHttp({ server: new RpcServer({ methods: METHODS }), port: 0 });
 * const answer = await fetch(`http://127.0.0.1:${door.port}/`, { method: "POST" });
 * answer.status // 401
 * await door.close();
 */
export async function startRpcHttp(options: RpcHttpOptions): Promise<RpcHttp> {
  requireOptions(options, "options", {
    server: "object",
    port: "number",
    bind: "array?",
    allowIp: "array?",
    hosts: "array?",
    origins: "array?",
    credentials: "object?",
    workQueue: "number?",
    threads: "number?",
    timeout: "number?",
    routes: "array?",
    log: "function?",
  });
  requireFields(options.server, "server", { answer: "function" });

  const { credentials = {}, log = silentLog } = options;
  const service = serviceOf(options);
  const { cookie, control } = service.authentication;
  const servers: Server[] = [];
  let open = () => {};
  const close = async () => {
    const closed = Promise.all(servers.map(closeServer));
    await service.calls.end();
    for (const server of servers) server.closeAllConnections();
    if (credentials.cookieFile !== undefined)
      await removeCookieFile(credentials.cookieFile, cookie);
    await closed;
  };
  try {
    const endpoints = endpointsOf(options, log);
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    for (const endpoint of endpoints) {
      const server = newServer(service, options.timeout ?? TIMEOUT, opened);
      if (await listen(server, endpoint, log)) servers.push(server);
    }
    const [first] = servers.map((server) => server.address());
    if (typeof first !== "object" || first === null) {
      const message = "RPC: none of its addresses can be listened on";
      throw new UserError("io", message, { data: { option: "rpcbind" } });
    }
    const { cookieFile, cookieMode } = credentials;
    if (cookieFile !== undefined) await writeCookieFile(cookieFile, cookie, cookieMode);
    open();
    return { host: first.address, port: first.port, cookie, control, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function serviceOf(options: RpcHttpOptions): Service {
  const { workQueue = WORK_QUEUE, threads = THREADS, timeout = TIMEOUT } = options;
  const newcomerTimeout = Math.min(NEWCOMER_TIMEOUT, milliseconds(timeout));
  return {
    server: options.server,
    routes: options.routes ?? [],
    isAllowed: allowList(options.allowIp ?? []),
    hosts: options.hosts ?? [],
    origins: (options.origins ?? []).map(parseOrigin),
    authentication: new Authentication(options.credentials ?? {}),
    gate: new Gate({
      maxCalls: Math.max(1, workQueue) + Math.max(1, threads),
      newcomerTimeout,
    }),
    bodies: new Bodies(),
    calls: new CallsUnderWay(),
    threads: new Threads(Math.max(1, threads)),
    log: options.log ?? silentLog,
  };
}

function milliseconds(seconds: number): number {
  return Math.min(Math.max(1, seconds), MAX_TIMEOUT) * 1000;
}

/** Where to listen. Core: HTTPBindAddresses, which warns of the same. */
function endpointsOf({ bind = [], allowIp = [], port }: RpcHttpOptions, log: Log): Endpoint[] {
  if (bind.length > 0 && allowIp.length > 0) {
    log("warn", "net", "RPC is open to other machines: its passwords go over the wire in clear");
    return bind.map((text) => endpointOf(text, port));
  }
  if (bind.length > 0) {
    log("warn", "net", "rpcbind is ignored without rpcallowip: RPC listens on loopback alone");
  }
  if (allowIp.length > 0) {
    log("warn", "net", "rpcallowip without rpcbind does nothing: RPC listens on loopback alone");
  }
  const own = { host: "127.0.0.1", port };
  // The system chooses a port of one address.
  return port === 0 ? [own] : [own, { host: "::1", port }];
}

function endpointOf(text: string, port: number): Endpoint {
  const host = text.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 && text.includes(":")
    ? parsePeerAddress(text, "rpcbind")
    : { host, port };
}

/** @param opened requests wait for it: a caller that finds the port finds the cookie of this process as well */
function newServer(service: Service, timeout: Seconds, opened: Promise<void>): Server {
  const { gate, log } = service;
  const server = createServer({
    maxHeaderSize: MAX_HEADERS,
    requestTimeout: milliseconds(timeout),
    // The gate limits callers without credentials, and the limit of the whole request holds for the others.
    headersTimeout: 0,
    keepAliveTimeout: milliseconds(timeout),
    connectionsCheckingInterval: LOOK_EVERY,
    requireHostHeader: false,
  });
  const handle: Parameters<typeof createServer>[1] = (request, response) => {
    const served = opened.then(() => serve(request, response, service));
    served.catch((error: unknown) => {
      // The caller has gone, or was too slow: nothing of ours.
      log(request.socket.destroyed ? "debug" : "warn", "net", `RPC: ${messageOf(error)}`);
      response.destroy();
    });
  };
  server.on("request", handle);
  // A caller that waits for `100 Continue` knows, without it, that nothing has been done: it may call again.
  server.on("checkContinue", handle);
  server.on("connection", (socket) => gate.admit(socket));
  server.on("clientError", (error, socket) => refuse(error, socket as Socket, gate));
  return server;
}

/** @returns whether it listens: an address that this machine does not have is left out, as in Core */
async function listen(server: Server, { host, port }: Endpoint, log: Log): Promise<boolean> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, ipv6Only: true }, resolve);
    });
    return true;
  } catch (error) {
    const where = formatPeerAddress({ host, port });
    const code = systemCode(error);
    if (code === "EADDRINUSE") {
      const what = `another program has the port of the RPC, ${where}`;
      throw new UserError("in-use", `${what}: stop it, or choose another port`, {
        cause: error,
        data: { option: "rpcport" },
      });
    }
    if (code === "EACCES") {
      throw new UserError("io", `RPC may not listen on ${where}: choose another port`, {
        cause: error,
        data: { option: "rpcport" },
      });
    }
    log("debug", "net", `RPC does not listen on ${where}: ${messageOf(error)}`);
    return false;
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/**
 * Answers bytes that are no HTTP request. The rest is read and dropped for a while, because a connection that is closed
 * with bytes unread is reset, and the answer is lost.
 */
function refuse(error: NodeJS.ErrnoException, socket: Socket, gate: Gate): void {
  // A request that did not arrive in time gets no answer, as in Core.
  if (!socket.writable || error.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    socket.destroy();
    return;
  }
  gate.distrust(socket, LINGER);
  const isLong = error.code === "HPE_CHUNK_EXTENSIONS_OVERFLOW";
  const status = isLong ? "413 Payload Too Large" : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  socket.removeAllListeners("data").resume();
}
