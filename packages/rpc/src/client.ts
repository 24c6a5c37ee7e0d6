/**
 * A client for a node's RPC, in Node and in a browser. It has the types of all methods and none of their code.
 * @module @chain/rpc/client
 */
import { connect, type RpcCaller } from "./client/caller.ts";
import type { RpcMethods, RpcNamedMethods } from "./client/methods.ts";

export { RpcTransportError } from "./client/caller.ts";
export type * from "./client/methods.ts";
export * from "./errors.ts";

export interface RpcClientOptions {
  /** `http://127.0.0.1:18443` */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** Calls go to this wallet, `/wallet/<name>`. */
  readonly wallet?: string;
  /** In place of the platform's. */
  readonly fetch?: typeof fetch;
}

export interface RpcClient extends RpcMethods {
  /**
   * Calls a method by its name on the wire, with parameters by name: `call.getblock({ blockhash, verbosity: 2 })` has
   * the exact result type. As a function it takes any name, with parameters by position or by name.
   * @throws RpcError the node's answer; RpcTransportError where there is none
   * @example const { height } = await client.call.getblock({ blockhash: await client.call.getbestblockhash() });
   */
  readonly call: RpcCaller["call"] & RpcNamedMethods;
  /**
   * Sends several calls as one request.
   * @example const [hash, count] = await client.batch((each) => [each.getBlockHash(0), each.getBlockCount()] as const);
   */
  batch<const Calls extends readonly Promise<unknown>[]>(
    calls: (client: RpcMethods) => Calls,
  ): Promise<{ -readonly [Index in keyof Calls]: Awaited<Calls[Index]> }>;
}

/**
 * A client that has a function for each method: `getBlock` calls `getblock`.
 * @example
 * const client = createRpcClient({ url: "http://127.0.0.1:18443", user: "me", password: "secret", fetch });
 * const { height, tx } = await client.getBlock(await client.getBestBlockHash(), 2);
 * [height, tx.length] // [1, 1]
 */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  const { url, user = "", password = "", wallet } = options;
  const address =
    wallet === undefined ? url : `${url.replace(/\/$/, "")}/wallet/${encodeURIComponent(wallet)}`;
  const caller = connect(async (body) => {
    const response = await (options.fetch ?? fetch)(address, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(user === "" && password === ""
          ? {}
          : { authorization: `Basic ${base64(`${user}:${password}`)}` }),
      },
      body,
    });
    return { status: response.status, text: await response.text() };
  });
  const batch: RpcClient["batch"] = async (calls) => {
    const collected = caller.collect();
    const promises = calls(methodsOf(collected.call));
    // One that fails is told by `all`; the others are not left unheard.
    for (const promise of promises) promise.catch(() => {});
    await collected.send();
    return Promise.all(promises) as never;
  };
  const own: Pick<RpcClient, "call" | "batch"> = { call: named(caller.call), batch };
  return Object.assign(methodsOf(caller.call), own);
}

/** An object that has a function for every name: calls are told by it. */
function methodsOf(call: RpcCaller["call"]): RpcMethods {
  return new Proxy({} as RpcMethods, {
    get: (own, name) => {
      // Not a promise: `await` asks for `then`.
      if (typeof name !== "string" || name === "then") return undefined;
      if (Object.hasOwn(own, name)) return (own as unknown as Record<string, unknown>)[name];
      return (...params: readonly unknown[]) => call(methodOf(name), params);
    },
  });
}

/** `getBlockCount` → `getblockcount`, `chainMine` → `chain_mine`. */
function methodOf(name: string): string {
  return name.replace(/^chain(?=[A-Z])/, "chain_").toLowerCase();
}

/** The function, which has one for every method as well. */
function named(call: RpcCaller["call"]): RpcClient["call"] {
  return new Proxy(call as RpcClient["call"], {
    get: (own, name) => {
      const isOurs = typeof name !== "string" || name === "then" || name in own;
      if (isOurs) return Reflect.get(own, name) as unknown;
      return (params: Readonly<Record<string, unknown>> = {}) => call(name, params);
    },
  });
}

/** Of UTF-8, where `btoa` takes Latin-1 alone. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
