import { request } from "node:http";
import {
  Block,
  type BlockHash,
  bytesToHex,
  type ChainParams,
  type Refusal,
  type Transaction,
  type Txid,
} from "@chain/core";
import type { SpendableCoin } from "../chain/coins.ts";
import { messageOf, UserError } from "../errors.ts";
import type { NodePaths } from "../identity.ts";
import { chainParams } from "../params.ts";
import type { HeaderDescription } from "./describe.ts";
import { type ControlFile, readControlFile } from "./file.ts";
import { credentials, parseResponse, RpcError } from "./protocol.ts";
import type { RpcMethod, RpcResults } from "./results.ts";

/** Longest wait for an answer, unless more is given. Milliseconds. */
const TIMEOUT = 30_000;
/** For one block: a quarter of a second of hashing on average, times what bad luck and other work may make of it. */
const MINING_TIMEOUT = 120_000;

/** A running node of this machine. */
export interface ControlClient {
  readonly nodeId: number;
  readonly pid: number;
  readonly params: ChainParams;
  /**
   * Calls a method by its name.
   * @throws RpcError what the node says against it; UserError `unreachable`.
   * @example await control.call("getblockhash", { height: 1 })
   */
  call<Name extends RpcMethod>(
    method: Name,
    params?: Readonly<Record<string, unknown>>,
    options?: { readonly timeout?: number },
  ): Promise<RpcResults[Name]>;
  info(): Promise<RpcResults["getnodeinfo"]>;
  /** What a script has to spend, as the node knows it, its mempool included. */
  coins(scriptPubKey: Uint8Array): Promise<SpendableCoin[]>;
  /** Hands in a transaction. A refusal is returned, with Core's reason. */
  submit(
    transaction: Transaction,
  ): Promise<{ readonly ok: true; readonly txid: Txid } | Pick<Refusal, "ok" | "reason">>;
  /** Mines one block that pays this address. */
  mine(address: string): Promise<{ readonly hash: BlockHash; readonly height: number }>;
  /** Nothing stays open between calls; here so that a running node and an open database end alike. */
  close(): Promise<void>;
}

/**
 * The running node whose files these are.
 * @returns `undefined` if it does not run. A control file that was left behind is recognised: nobody answers, or
 *   somebody who does not know the cookie.
 * @throws UserError `unreachable` where a node is there and does not answer.
 * @example
 * const control = await openControl(parseIdentity({ port: "3000" }, process.env).paths);
 * console.log(control === undefined ? "not running" : (await control.info()).height);
 */
export async function openControl(
  paths: Pick<NodePaths, "control">,
): Promise<ControlClient | undefined> {
  const file = await readControlFile(paths.control);
  if (file === undefined) return undefined;
  const rpc = new Connection(file, paths.control);
  const answer = await rpc.tryCall("getnodeinfo", {}, TIMEOUT);
  if (answer === undefined) return undefined;
  const info = answer as RpcResults["getnodeinfo"];
  return new RunningControl(rpc, info.pid, chainParams(info.network, Block.fromHex(info.genesis)));
}

class RunningControl implements ControlClient {
  readonly nodeId: number;
  readonly pid: number;
  readonly params: ChainParams;
  readonly #rpc: Connection;

  constructor(rpc: Connection, pid: number, params: ChainParams) {
    this.#rpc = rpc;
    this.nodeId = rpc.nodeId;
    this.pid = pid;
    this.params = params;
  }

  async call<Name extends RpcMethod>(
    method: Name,
    params: Readonly<Record<string, unknown>> = {},
    options: { readonly timeout?: number } = {},
  ): Promise<RpcResults[Name]> {
    const answer = await this.#rpc.tryCall(method, params, options.timeout ?? TIMEOUT);
    if (answer === undefined) {
      throw new UserError("unreachable", `node ${this.nodeId} does not run any more`);
    }
    // The node is of the same version as this program, and knows the cookie: what it says has the right form.
    return answer as RpcResults[Name];
  }

  info(): Promise<RpcResults["getnodeinfo"]> {
    return this.call("getnodeinfo");
  }

  async coins(scriptPubKey: Uint8Array): Promise<SpendableCoin[]> {
    const { coins } = await this.call("listunspentbyscript", { script: bytesToHex(scriptPubKey) });
    return coins.map(({ txid, vout, value, height, coinbase, pending }) => ({
      outpoint: { txid, vout },
      coin: { value: BigInt(value), scriptPubKey, height, coinbase },
      pending,
    }));
  }

  async submit(
    transaction: Transaction,
  ): Promise<{ readonly ok: true; readonly txid: Txid } | Pick<Refusal, "ok" | "reason">> {
    const hexstring = bytesToHex(transaction.toBytes());
    try {
      return { ok: true, txid: await this.call("sendrawtransaction", { hexstring }) };
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return { ok: false, reason: error.message };
    }
  }

  async mine(address: string): Promise<{ readonly hash: BlockHash; readonly height: number }> {
    const timeout = MINING_TIMEOUT;
    const [hash] = await this.call("generatetoaddress", { nblocks: 1, address }, { timeout });
    const header = await this.call("getblockheader", { blockhash: hash });
    return { hash: hash as BlockHash, height: (header as HeaderDescription).height };
  }
  async close(): Promise<void> {}
}

/** Calls over HTTP, a connection for each. */
class Connection {
  readonly #file: ControlFile;
  readonly #path: string;

  /** @param path where the file is */
  constructor(file: ControlFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  get nodeId(): number {
    return this.#file.nodeId;
  }

  /** @returns `undefined` where this node does not run (any more). */
  async tryCall(method: string, params: object, timeout: number): Promise<unknown> {
    const { nodeId } = this.#file;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const { status, text } = await this.#post(body, timeout);
    if (status === undefined || status === 401 || status === 403) return undefined;
    let answer: ReturnType<typeof parseResponse>;
    try {
      answer = parseResponse(text);
    } catch (error) {
      const what = `node ${nodeId} gave an answer that can't be read (HTTP ${status})`;
      throw new UserError("unreachable", `${what}: ${this.#hint()}`, { cause: error });
    }
    if ("error" in answer) throw new RpcError(answer.error.code, answer.error.message);
    return answer.result;
  }

  #hint(): string {
    return `try again; if that is no node of yours any more, delete ${this.#path}`;
  }

  #post(
    body: string,
    timeout: number,
  ): Promise<{ readonly status: number | undefined; readonly text: string }> {
    const { host, port, cookie, nodeId } = this.#file;
    return new Promise((resolve, reject) => {
      const call = request({
        host,
        port,
        method: "POST",
        agent: false,
        headers: {
          authorization: credentials(cookie),
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        },
        signal: AbortSignal.timeout(timeout),
      });
      const fail = (error: Error) => {
        const gone =
          "code" in error && (error.code === "ECONNREFUSED" || error.code === "ECONNRESET");
        if (gone) resolve({ status: undefined, text: "" });
        else {
          const why = error.name === "AbortError" ? `within ${timeout / 1000} s` : messageOf(error);
          const what = `node ${nodeId} (process ${this.#file.pid}) does not answer (${why})`;
          reject(new UserError("unreachable", `${what}: ${this.#hint()}`));
        }
      };
      call.on("error", fail);
      call.on("response", (response) => {
        const chunks: Uint8Array[] = [];
        response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString("utf8") });
        });
      });
      call.end(body);
    });
  }
}
