/** From the text of a request body to the text of its answer. Core: httprpc.cpp, rpc/request.cpp, rpc/server.cpp. */
import type { Milliseconds } from "@chain/core";
import type { Call, CallSignal, Method } from "./define/method.ts";
import {
  RPC_IN_WARMUP,
  RPC_INVALID_REQUEST,
  RPC_METHOD_NOT_FOUND,
  RPC_MISC_ERROR,
  RPC_PARSE_ERROR,
  RpcError,
} from "./errors.ts";
import type { HeaderHost, RpcHost } from "./host.ts";
import { numberText } from "./json/number.ts";
import { type Json, parseJson, TooManyValues, typeName } from "./json/parse.ts";
import { toJson } from "./json/write.ts";

/** The answer that goes back to the caller. */
export interface RpcAnswer {
  /** HTTP status. */
  readonly status: number;
  /** JSON, ended by a line feed; `undefined` for a notification, which gets no answer. */
  readonly body: string | undefined;
}

export interface RpcServerOptions<Host extends HeaderHost = RpcHost> {
  /** Without it, calls are answered by -28 until {@link RpcServer.start}. */
  readonly host?: Host;
  readonly methods: Iterable<Method<Host>>;
  /** Most characters of the answers to one batch: the requests after them get an error. Default 64 Mi. */
  readonly maxBatchAnswer?: number;
  /** Most JSON values of one body, those within others included. Default 1,000,000. */
  readonly maxValues?: number;
  /** Whether a user may call a method; a call of another gets HTTP 403. */
  readonly isAllowed?: (user: string, method: string) => boolean;
  /** Hears of each call of a method when it has ended, for statistics. */
  readonly observe?: (call: EndedCall) => void;
}

/** A call that has ended. */
export interface EndedCall {
  readonly method: string;
  /** By the host's stopwatch, with fractions. */
  readonly milliseconds: number;
  /** Whether it ended with an error. */
  readonly failed: boolean;
}

const MAX_BATCH_ANSWER = 64 * 1024 * 1024;
const MAX_VALUES = 1_000_000;
/** How long a batch may go on before others get their turn. Milliseconds. */
const SLICE: Milliseconds = 20;
const TOO_LONG = "The answers to this batch are too long: send fewer requests at a time";
/** Names of methods are much shorter. */
const MAX_LOGGED_NAME = 100;
const NEVER: CallSignal = { aborted: false };

/** The caller of a request, and the path that it took. */
interface Caller {
  readonly signal: CallSignal;
  readonly user: string;
  readonly wallet: string | undefined;
}

interface Request {
  readonly method: string;
  readonly params: Json;
}

/** The part of a request that Core remembers while it reads: an error before the next one is read goes to this. */
interface Envelope {
  /** `undefined`: there is none, and none goes back. */
  id: Json | undefined;
  version: 1 | 2;
}

/**
 * The methods of a host, called by the text of a request or by name. It has no sockets: a transport hands it bodies.
 * @example
 * const server = new RpcServer({ host, methods: METHODS });
 * const { status, body } = await server.answer('{"method":"getblockcount","id":1}');
 * [status, JSON.parse(body).result] // [200, 1]
 */
export class RpcServer<Host extends HeaderHost = RpcHost> {
  readonly methods: ReadonlyMap<string, Method<Host>>;
  #host: Host | undefined;
  readonly #maxBatchAnswer: number;
  readonly #maxValues: number;
  readonly #observe: RpcServerOptions["observe"];
  readonly #isAllowed: NonNullable<RpcServerOptions["isAllowed"]>;
  readonly #active = new Set<{ readonly method: string; readonly startedAt: number }>();
  /** Why no method can be called yet: what the node is doing. Core: SetRPCWarmupStatus. */
  warmup: string | undefined;

  constructor(options: RpcServerOptions<Host>) {
    const { host, methods, isAllowed = () => true, observe } = options;
    const { maxBatchAnswer = MAX_BATCH_ANSWER, maxValues = MAX_VALUES } = options;
    this.#observe = observe;
    this.methods = new Map([...methods].map((method) => [method.name, method]));
    this.#maxBatchAnswer = maxBatchAnswer;
    this.#maxValues = maxValues;
    this.#isAllowed = isAllowed;
    if (host === undefined) this.warmup = "Loading block index…";
    else this.start(host);
  }

  /**
   * From now on the methods of this host can be called. Core: SetRPCWarmupFinished.
   * @example
   * const early = new RpcServer({ methods: METHODS });
   * const { status } = await early.answer('{"method":"getblockcount","id":1}');
   * early.start(host);
   * [status, await early.call("getblockcount")] // [500, 1]
   */
  start(host: Host): void {
    this.#host = host;
    this.warmup = undefined;
  }

  /** The node behind the methods; `undefined` until it has started. */
  get host(): Host | undefined {
    return this.#host;
  }

  /**
   * Calls one method.
   * @param wallet the wallet that is meant, by its name
   * @throws RpcError; other errors are faults of ours
   */
  async call(
    name: string,
    params: Json = [],
    signal: CallSignal = NEVER,
    wallet?: string,
  ): Promise<unknown> {
    const host = this.#host;
    if (this.warmup !== undefined || host === undefined) {
      throw new RpcError(RPC_IN_WARMUP, this.warmup ?? "");
    }
    const method = this.methods.get(name);
    if (method === undefined) throw new RpcError(RPC_METHOD_NOT_FOUND, "Method not found");
    const entry = { method: name, startedAt: host.stopwatch() };
    this.#active.add(entry);
    let failed = true;
    try {
      const call: Omit<Call<Host>, "given"> = {
        host,
        signal,
        wallet,
        methods: this.methods,
        active: () => [...this.#active],
      };
      const result = await method.call(params, call);
      failed = false;
      return result;
    } finally {
      this.#active.delete(entry);
      const milliseconds = host.stopwatch() - entry.startedAt;
      this.#observe?.({ method: name, milliseconds, failed });
    }
  }

  /**
   * Answers a request: one call, or a batch of them.
   * @param signal says that the caller has gone: the rest of its batch is not executed
   * @param user for `isAllowed`
   * @param wallet the wallet that the path of the request names
   */
  async answer(
    body: string,
    signal: CallSignal = NEVER,
    user = "",
    wallet?: string,
  ): Promise<RpcAnswer> {
    const envelope: Envelope = { id: null, version: 1 };
    try {
      const json = this.#parse(body);
      if (json === undefined) throw new RpcError(RPC_PARSE_ERROR, "Parse error");
      if (Array.isArray(json)) {
        return await this.#batch(json, envelope, { signal, user, wallet });
      }
      if (typeName(json) !== "object") {
        throw new RpcError(RPC_PARSE_ERROR, "Top-level object parse error");
      }
      const request = read(json, envelope);
      this.#note(request, user);
      if (!this.#isAllowed(user, request.method)) return { status: 403, body: undefined };
      // Version 2 has the error in an answer of status 200.
      const catchesErrors = envelope.version === 2;
      const caller = { signal, user, wallet };
      const reply = await this.#execute(request, envelope, caller, catchesErrors);
      if (isNotification(envelope)) return { status: 204, body: undefined };
      return { status: 200, body: `${reply}\n` };
    } catch (error) {
      const failure = asRpcError(error);
      return { status: statusOf(failure), body: `${failed(failure, envelope)}\n` };
    }
  }

  /** Core: the line of JSONRPCRequest::parse. A caller writes no lines of its own into the log. */
  #note({ method: called }: Request, user: string): void {
    const method = called.replaceAll(/[^a-zA-Z0-9 .,;_/:?@()-]/g, "").slice(0, MAX_LOGGED_NAME);
    const fields = { event: "rpc-call", method, user };
    this.#host?.log("debug", "rpc", `${user === "" ? "a caller" : user} calls ${method}`, fields);
  }

  async #batch(requests: readonly Json[], envelope: Envelope, caller: Caller): Promise<RpcAnswer> {
    const { signal, user } = caller;
    if (requests.some((each) => !this.#isAllowed(user, methodOf(each)))) {
      return { status: 403, body: undefined };
    }
    const replies: string[] = [];
    let left = this.#maxBatchAnswer;
    let pauseAt = this.#now() + SLICE;
    for (const each of requests) {
      if (signal.aborted) break;
      if (this.#now() >= pauseAt) {
        await this.#pause();
        pauseAt = this.#now() + SLICE;
      }
      let reply: string;
      try {
        const request = read(each, envelope);
        if (left < 0) throw new RpcError(RPC_MISC_ERROR, TOO_LONG);
        this.#note(request, user);
        reply = await this.#execute(request, envelope, caller, true);
      } catch (error) {
        reply = failed(asRpcError(error), envelope);
      }
      if (isNotification(envelope)) continue;
      left -= reply.length;
      replies.push(reply);
    }
    // An empty batch has no version, so it gets an empty list, as callers of version 1 expect.
    if (replies.length === 0 && requests.length > 0) return { status: 204, body: undefined };
    return { status: 200, body: `[${replies.join(",")}]\n` };
  }

  #parse(body: string): Json | undefined {
    try {
      return parseJson(body, this.#maxValues);
    } catch (error) {
      if (!(error instanceof TooManyValues)) throw error;
      const message = `Parse error: a request has at most ${this.#maxValues} JSON values`;
      throw new RpcError(RPC_PARSE_ERROR, message, { cause: error });
    }
  }

  #now(): Milliseconds {
    return this.#host?.stopwatch() ?? 0;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#host?.timers.after(0, resolve));
  }

  async #execute(
    { method, params }: Request,
    envelope: Envelope,
    { signal, wallet }: Caller,
    catchesErrors: boolean,
  ): Promise<string> {
    try {
      return succeeded(await this.call(method, params, signal, wallet), envelope);
    } catch (error) {
      if (!(error instanceof RpcError) && !signal.aborted) {
        this.#host?.log("error", "net", `RPC ${method}: ${messageOf(error)}`);
      }
      if (!catchesErrors) throw error;
      return failed(asRpcError(error), envelope);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Core: std::exception in command handling. */
function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  return new RpcError(RPC_MISC_ERROR, messageOf(error), { cause: error });
}

function methodOf(request: Json): string {
  const fields = typeName(request) === "object" ? (request as { readonly method?: Json }) : {};
  return typeof fields.method === "string" ? fields.method : "";
}

/** Core: JSONRPCRequest::parse. @throws RpcError -32600 */
function read(json: Json, envelope: Envelope): Request {
  if (typeName(json) !== "object") throw invalid("Invalid Request object");
  const {
    id,
    jsonrpc = null,
    method = null,
    params = null,
  } = json as Readonly<Record<string, Json>>;
  // First, so that errors from here on have it.
  envelope.id = id;
  envelope.version = 1;
  // The client rpc-bitcoin sends the number 1.0, which Bitcoin Knots 29 takes and Core 31 does not.
  if (jsonrpc !== null && numberText(jsonrpc) !== "1") {
    if (typeof jsonrpc !== "string") throw invalid("jsonrpc field must be a string");
    if (jsonrpc === "2.0") envelope.version = 2;
    else if (jsonrpc !== "1.0") throw invalid("JSON-RPC version not supported");
  }
  if (method === null) throw invalid("Missing method");
  if (typeof method !== "string") throw invalid("Method must be a string");
  if (params !== null && typeof params !== "object")
    throw invalid("Params must be an array or object");
  if (params !== null && typeName(params) === "number") {
    throw invalid("Params must be an array or object");
  }
  return { method, params: params ?? [] };
}

function invalid(message: string): RpcError {
  return new RpcError(RPC_INVALID_REQUEST, message);
}

function isNotification({ id, version }: Envelope): boolean {
  return id === undefined && version === 2;
}

/** Legacy callers learn of an error by the status too. Core: JSONErrorReply. */
function statusOf({ code }: RpcError): number {
  if (code === RPC_INVALID_REQUEST) return 400;
  return code === RPC_METHOD_NOT_FOUND ? 404 : 500;
}

/** Core: JSONRPCReplyObj. Version 1 has both fields, one of them `null`. */
function succeeded(result: unknown, { id, version }: Envelope): string {
  return version === 2
    ? toJson({ jsonrpc: "2.0", result: result ?? null, id })
    : toJson({ result: result ?? null, error: null, id });
}

function failed({ code, message }: RpcError, { id, version }: Envelope): string {
  const error = { code, message };
  return version === 2
    ? toJson({ jsonrpc: "2.0", error, id })
    : toJson({ result: null, error, id });
}
