import { request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Milliseconds } from "@chain/core";
import { RpcError } from "@chain/rpc/client";
import * as z from "zod/mini";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { isAlive } from "../processes.ts";
import { controlCredentials } from "./credentials.ts";
import { type ControlFile, readControlFile } from "./file.ts";

/** Between two attempts to get a call through. Milliseconds. */
const PAUSE: Milliseconds = 50;
/** A process that lives and listens no more is about to end, or is another that has got its number. Milliseconds. */
const REFUSED_WAIT: Milliseconds = 5_000;

/** The outcome of one attempt. `isHeard`: the node may have received the call and executed it. */
type Attempt =
  | { readonly status: number; readonly text: string }
  | { readonly error: Error; readonly isHeard: boolean };

/** Calls that change nothing may be made again even where the node has heard them. */
const READS = /^(get|list)/;

const reply = z.union([
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
  z.object({ result: z.unknown() }),
]);

/** Calls over HTTP, a connection for each. */
export class Connection {
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

  /**
   * Calls a method. A refused, reset or busy connection does not mean that the node has ended: as long as its process
   * lives and its control file stands, the call is made again, until `timeout` milliseconds are over.
   * @returns `undefined` where this node does not run (any more).
   * @throws UserError `unreachable` where the node has not got the call, or it changes nothing; `uncertain` where it
   *   may have been done, and no answer came; RpcError.
   */
  async tryCall(method: string, params: object, timeout: Milliseconds): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const start = performance.now();
    const left = () => Math.max(1, Math.ceil(timeout - (performance.now() - start)));
    let refusedSince: number | undefined;
    for (;;) {
      const attempt = await this.#post(body, left());
      if (!("error" in attempt)) return this.#read(attempt);
      const { error, isHeard } = attempt;
      if (isHeard && !READS.test(method)) throw this.#failure("uncertain", error, timeout);
      if (await this.#hasEnded(error)) return undefined;
      const now = performance.now();
      refusedSince = isRefused(error) ? (refusedSince ?? now) : undefined;
      const late = refusedSince !== undefined && now - refusedSince > REFUSED_WAIT;
      if (late || left() <= PAUSE) throw this.#failure("unreachable", error, timeout);
      await wait(PAUSE);
    }
  }

  #read({ status, text }: { readonly status: number; readonly text: string }): unknown {
    // Another program has got the port.
    if (status === 401 || status === 403) return undefined;
    if (status === 413) {
      throw new UserError("refused", `node ${this.nodeId} refuses the call: ${text.trim()}`);
    }
    let answer: z.infer<typeof reply>;
    try {
      answer = reply.parse(JSON.parse(text));
    } catch (error) {
      const what = `node ${this.nodeId} gave an answer that can't be read (HTTP ${status})`;
      throw new UserError("unreachable", `${what}: ${this.#hint()}`, { cause: error });
    }
    if ("error" in answer) throw new RpcError(answer.error.code, answer.error.message);
    return answer.result;
  }

  /** Whether the process has ended, or another one has taken its place. */
  async #hasEnded(error: Error): Promise<boolean> {
    const { pid, cookie } = this.#file;
    if (!isAlive(pid) || (isRefused(error) && pid === process.pid)) return true;
    return (await readControlFile(this.#path))?.cookie !== cookie;
  }

  #failure(code: "unreachable" | "uncertain", error: Error, timeout: Milliseconds): UserError {
    const { nodeId, pid } = this.#file;
    const why = error.name === "AbortError" ? `within ${timeout / 1000} s` : messageOf(error);
    const what = `node ${nodeId} (process ${pid}) is there and does not answer (${why})`;
    return new UserError(code, `${what}: ${this.#hint()}`, { cause: error });
  }

  #hint(): string {
    return `try again; if that is no node of yours any more, delete ${this.#path}`;
  }

  /**
   * One attempt. The body goes out when the node has said `100 Continue`, which it says after it has seen the cookie:
   * a call that fails before that was not executed.
   */
  #post(body: string, timeout: Milliseconds): Promise<Attempt> {
    const { host, port, cookie } = this.#file;
    return new Promise((resolve) => {
      let sent = false;
      const call = request({
        host,
        port,
        method: "POST",
        agent: false,
        headers: {
          authorization: controlCredentials(cookie),
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          expect: "100-continue",
        },
        signal: AbortSignal.timeout(timeout),
      });
      const fail = (error: Error, isHeard: boolean = sent) => resolve({ error, isHeard });
      call.on("error", (error) => fail(error));
      call.on("continue", () => {
        sent = true;
        call.end(body);
      });
      call.on("response", (response) => {
        const chunks: Uint8Array[] = [];
        response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
        response.on("error", (error) => fail(error));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const { statusCode: status = 0 } = response;
          if (!sent) call.destroy();
          if (status === 503) fail(new UserError("refused", text.trim()), false);
          else resolve({ status, text });
        });
      });
    });
  }
}

function isRefused(error: Error): boolean {
  return systemCode(error) === "ECONNREFUSED";
}
