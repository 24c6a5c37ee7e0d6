/** Serves one request, from its headers to its answer. Core: http_request_cb, HTTPReq_JSONRPC. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Milliseconds, Seconds } from "@chain/core";
import type { Log } from "@chain/engine";
import type { CallSignal, RpcAnswer } from "@chain/rpc";
import { isOwnHost } from "./access.ts";
import { type Bodies, MAX_REQUEST } from "./body.ts";
import type { CallsUnderWay } from "./callsUnderWay.ts";
import type { Authentication } from "./credentials.ts";
import type { Call, Gate } from "./gate.ts";
import type { Threads } from "./threads.ts";

/** How long the rest of a refused request is read and dropped. Milliseconds. */
export const LINGER: Milliseconds = 1_000;
/** Makes trying passwords slow, as in Core. Milliseconds. */
const WRONG_PASSWORD_DELAY: Milliseconds = 250;

/** Answers bodies; an `RpcServer` of `@chain/rpc`. */
export interface RpcAnswers {
  answer(
    body: string,
    signal: CallSignal,
    user: string,
    wallet: string | undefined,
  ): Promise<RpcAnswer>;
}

/** Another door on the same port. */
export interface HttpRoute {
  /** `/rest/`: all paths that begin with it. Without a slash at its end it is one path, such as `/metrics`. */
  readonly prefix: string;
  /** Only for callers with credentials; by default for all that `allowIp` lets in. */
  readonly needsAuth?: boolean;
  /** Answers the request: at once, later, or never ending. `isOwner`: the caller has shown credentials. */
  readonly handle: (
    request: IncomingMessage,
    url: URL,
    response: ServerResponse,
    isOwner: boolean,
  ) => void | Promise<void>;
}

export interface Service {
  readonly server: RpcAnswers;
  readonly routes: readonly HttpRoute[];
  readonly isAllowed: (address: string | undefined) => boolean;
  /** Names that may stand in `Host`, and pages that may stand in `Origin`. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  readonly authentication: Authentication;
  readonly gate: Gate;
  readonly bodies: Bodies;
  readonly calls: CallsUnderWay;
  readonly threads: Threads;
  readonly log: Log;
}

type Denial = readonly [status: number, text: string, headers?: Record<string, string>];

const UNAUTHORIZED: Denial = [401, "", { "www-authenticate": 'Basic realm="jsonrpc"' }];
const TOO_LONG: Denial = [413, `a request has at most ${MAX_REQUEST} bytes`];
const BUSY: Denial = [503, "Work queue depth exceeded"];
const POST_ONLY: Denial = [405, "JSONRPC server handles only POST requests", { allow: "POST" }];
const FOREIGN_HOST: Denial = [
  403,
  "call this server by its address, or tell it this name by rpchost",
];
/** Behind it stands the name of a wallet. */
const WALLETS_PATH = "/wallet/";
const NOT_FOR_PAGES = "not for web pages, unless rpcorigin names them";
/** How long a browser may remember that a page may call. Seconds. */
const PREFLIGHT_AGE: Seconds = 600;
const ENDING: Denial = [503, ""];

export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  service: Service,
): Promise<void> {
  const path = request.url ?? "";
  const route = service.routes.find((each) => serves(each, path));
  const denial = whyDenied(request, path, route, service);
  if (denial !== undefined) return deny(response, denial);
  const isPreflight = admitPage(request, response);
  if (isPreflight) return void response.writeHead(204).end();
  if (route === undefined && request.method !== "POST") return deny(response, POST_ONLY);
  const user = await authenticate(request, service);
  const isOwner = user !== undefined;
  if (!isOwner && (route === undefined || route.needsAuth)) return deny(response, UNAUTHORIZED);
  // Of a page whose name was made to point at this machine, the browser says no origin where it only reads. It has no
  // credentials, so a foreign name is refused where none are shown.
  if (!isOwner && !isOwnHost(request.headers.host, service.hosts)) {
    return deny(response, FOREIGN_HOST);
  }
  const { gate } = service;
  const { socket } = request;
  if (socket.destroyed) return;
  const call = gate.begin(socket, isOwner);
  // The body of a route is read by its handler, which works from the beginning.
  if (call === undefined || (route !== undefined && !gate.work(call))) {
    if (call !== undefined) gate.finish(call);
    sayBusy(service, isOwner);
    return deny(response, BUSY);
  }
  response.once("close", () => gate.finish(call));
  if (route === undefined) return serveRpc(request, response, service, call, user ?? "");
  // Until then it is a slow caller, which gives way to others.
  request.once("end", () => {
    call.waitsSince = undefined;
  });
  const url = new URL(path, "http://localhost");
  await route.handle(request, url, response, isOwner);
  if (response.writableEnded) gate.answer(call, response);
  else gate.stream(call);
}

function serves({ prefix }: HttpRoute, path: string): boolean {
  return prefix.endsWith("/") ? path.startsWith(prefix) : path.split("?", 1)[0] === prefix;
}

/** A stranger could fill the log with warnings. */
function sayBusy({ log }: Service, isOwner: boolean): void {
  log(isOwner ? "warn" : "debug", "net", "RPC: a request was refused, more than rpcworkqueue wait");
}

/** Before credentials are asked for, and before anything of the body is read. */
function whyDenied(
  { headers, socket }: IncomingMessage,
  path: string,
  route: HttpRoute | undefined,
  { isAllowed, origins, calls }: Service,
): Denial | undefined {
  if (calls.isEnding) return ENDING;
  if (!isAllowed(socket.remoteAddress)) return [403, ""];
  if (route === undefined && path !== "/" && !path.startsWith(WALLETS_PATH)) return [404, ""];
  // A web page may call only if the operator has named it.
  const { origin } = headers;
  if (origin !== undefined && !origins.includes(origin)) return [403, NOT_FOR_PAGES];
  return undefined;
}

/**
 * Lets a browser hand the answer to a page that was told of, and no other.
 * @returns whether it only asked if it may call (a preflight of CORS), which it does without credentials
 */
function admitPage({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = headers;
  if (origin === undefined) return false;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("vary", "Origin");
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return false;
  response.setHeader("access-control-allow-methods", "GET, POST");
  response.setHeader("access-control-allow-headers", "Authorization, Content-Type");
  response.setHeader("access-control-max-age", PREFLIGHT_AGE);
  // Asked by a page of the internet that calls a machine of a private network.
  if (headers["access-control-request-private-network"] === "true") {
    response.setHeader("access-control-allow-private-network", "true");
  }
  return true;
}

/** The user; `undefined` where the credentials are missing or wrong. */
async function authenticate(
  { headers, socket }: IncomingMessage,
  { authentication, log }: Service,
): Promise<string | undefined> {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const user = authentication.userOf(authorization);
  if (user !== undefined) return user;
  log("warn", "net", `RPC: incorrect password attempt from ${socket.remoteAddress}`);
  await wait(WRONG_PASSWORD_DELAY);
  return undefined;
}

async function serveRpc(
  request: IncomingMessage,
  response: ServerResponse,
  service: Service,
  call: Call,
  user: string,
): Promise<void> {
  const { gate, bodies, calls, threads, server } = service;
  const asksFirst = request.headers.expect !== undefined;
  const isTooLong = Number(request.headers["content-length"] ?? 0) > MAX_REQUEST;
  if (asksFirst && isTooLong) return deny(response, TOO_LONG);
  if (asksFirst) response.writeContinue();
  const body = isTooLong ? "too-long" : await bodies.read(request);
  if (typeof body === "string") {
    // The rest is read and thrown away, so that the answer is not lost.
    gate.distrust(request.socket, LINGER);
    return send(response, body === "busy" ? BUSY : TOO_LONG);
  }
  if (!gate.work(call)) {
    sayBusy(service, true);
    return deny(response, BUSY);
  }
  call.waitsSince = undefined;
  const signal = calls.begin(response);
  const wallet = walletOf(request.url ?? "");
  const answer = await threads.run(() => server.answer(body.text, signal, user, wallet));
  gate.answer(call, response);
  const text = Buffer.from(answer.body ?? "");
  // Simple clients of Core know no chunks: the length is always said.
  response.writeHead(answer.status, {
    ...(answer.body !== undefined && { "content-type": "application/json" }),
    ...(answer.status !== 204 && { "content-length": text.length }),
  });
  response.end(text);
}

/** The wallet that a path names, percent-encoded. Core: GetWalletNameFromJSONRPCRequest, UrlDecode. */
function walletOf(path: string): string | undefined {
  if (!path.startsWith(WALLETS_PATH)) return undefined;
  const name = path.slice(WALLETS_PATH.length);
  const decoded = name.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(decoded, "latin1").toString("utf8");
}

/** Refuses without reading the rest of the request. */
function deny(response: ServerResponse, [status, text, headers]: Denial): void {
  send(response, [status, text, { connection: "close", ...headers }]);
}

function send(response: ServerResponse, [status, text, headers = {}]: Denial): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) }).end(text);
}
