/** One call over HTTP. Core: bitcoin-cli.cpp, CallRPC. */
import { constants } from "node:buffer";
import { readFileSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { resolve } from "node:path";
import type { Milliseconds, Seconds } from "@chain/core";
import { type Json, parseJson, toJson } from "@chain/rpc";
import type { Located, Settings } from "@chain/terminal/bitcoin";
import { CliError, ConnectionFailed } from "./error.ts";
import { field } from "./print.ts";

/** Core: DEFAULT_HTTP_CLIENT_TIMEOUT. */
const TIMEOUT: Seconds = 900;
/** Longest time that a timer of Node's can have. */
const FOREVER: Milliseconds = 2 ** 31 - 1;
/** Between two attempts of `-rpcwait`. */
const PAUSE: Milliseconds = 250;
/** A server that never ends its answer is none that we know. Bytes. */
const MAX_ANSWER = constants.MAX_STRING_LENGTH;
/** Core: RPC_IN_WARMUP. */
const IN_WARMUP = -28;

/** Where the node is, and how it is called. */
export class Connection {
  readonly #settings: Settings;
  readonly #located: Located;
  readonly #password: string;
  readonly #host: string;
  readonly #port: number;

  /**
   * @param warn is told of options that exclude each other
   * @param password in place of `-rpcpassword`, where one was typed
   * @throws CliError for a port that is none
   */
  constructor(
    settings: Settings,
    located: Located,
    warn: (line: string) => void,
    password: string | undefined,
  ) {
    this.#settings = settings;
    this.#located = located;
    this.#password = password ?? settings.text("rpcpassword") ?? "";
    const connect = settings.text("rpcconnect") ?? "127.0.0.1";
    const { host, port } = splitHostPort(connect);
    const own = settings.text("rpcport");
    this.#host = host;
    this.#port = own === undefined ? (port ?? located.network.rpcPort ?? 0) : parsePort(own);
    if (this.#port === 0) throw new CliError(`Invalid port provided in -rpcport: ${own}`);
    if (own !== undefined && port !== undefined) {
      const what = "Warning: Port specified in both -rpcconnect and -rpcport.";
      warn(`${what} Using -rpcport ${this.#port}`);
    }
  }

  /**
   * Sends a request, or a batch of them, and with `-rpcwait` again until the node answers.
   * @param path `/`, or that of a wallet
   * @returns the node's answer: an object, or for a batch a list
   * @throws ConnectionFailed, CliError
   */
  async call(body: Json, path: string): Promise<Json> {
    const waits = this.#settings.flag("rpcwait", false);
    const timeout: Milliseconds =
      Number.parseInt(this.#settings.text("rpcwaittimeout") ?? "0", 10) * 1000;
    const start = performance.now();
    for (;;) {
      try {
        const answer = await this.#callOnce(body, path);
        const first = Array.isArray(answer) ? answer[0] : answer;
        const isWarming = waits && field(first, "error", "code") === IN_WARMUP;
        if (!isWarming) return answer;
        throw new ConnectionFailed("server in warmup");
      } catch (error) {
        if (!(error instanceof ConnectionFailed)) throw error;
        const isOver = timeout > 0 && performance.now() - start >= timeout;
        if (!waits || isOver) {
          const what = `timeout on transient error: ${error.message}`;
          throw new ConnectionFailed(what, { cause: error });
        }
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    }
  }

  async #callOnce(body: Json, path: string): Promise<Json> {
    const line = `${toJson(body)}\n`;
    const credentials = this.#credentials();
    let { status, text } = await this.#post(line, path, credentials ?? "");
    const later = status === 401 ? this.#credentials() : credentials;
    // The node was started after the cookie had been looked for: it has done nothing yet.
    if (later !== credentials) ({ status, text } = await this.#post(line, path, later ?? ""));
    if (status === 401) throw new CliError(this.#unauthorized(credentials === undefined));
    if (status === 503) throw new CliError(`Server response: ${text}`);
    if (status >= 400 && ![400, 404, 500].includes(status)) {
      throw new CliError(`server returned HTTP error ${status}`);
    }
    if (text === "") throw new CliError("no response from server");
    const answer = parseJson(text);
    if (answer === undefined) throw new CliError("couldn't parse reply from server");
    return answer;
  }

  #unauthorized(hasNoCookie: boolean): string {
    if (!hasNoCookie) return "Authorization failed: Incorrect rpcuser or rpcpassword";
    const what = "No authentication cookie could be found, and RPC password is not set.";
    const advice = `See -rpcpassword and -stdinrpcpass.  Configuration file: (${this.#located.config ?? ""})`;
    return `Could not locate RPC credentials. ${what}  ${advice}`;
  }

  /** `USER:PASSWORD`; `undefined` where there is no cookie. */
  #credentials(): string | undefined {
    if (this.#password !== "") {
      return `${this.#settings.text("rpcuser") ?? ""}:${this.#password}`;
    }
    if (this.#settings.isNegated("rpccookiefile")) return "";
    const name = this.#settings.text("rpccookiefile") || ".cookie";
    try {
      const text = readFileSync(resolve(this.#located.directory, name), "utf8");
      return text.split("\n", 1)[0];
    } catch {
      return undefined;
    }
  }

  #post(
    body: string,
    path: string,
    credentials: string,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const seconds = Number.parseInt(this.#settings.text("rpcclienttimeout") ?? String(TIMEOUT), 10);
    return new Promise((done, fail) => {
      const failed = (why: string, cause?: unknown) =>
        fail(new ConnectionFailed(this.#unreachable(why), { cause }));
      const headers = {
        connection: "close",
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      };
      const to = { host: this.#host, port: this.#port, path, agent: false };
      let sent: ClientRequest;
      try {
        sent = request({ ...to, method: "POST", headers });
      } catch (error) {
        // Node takes no such host.
        failed("", error);
        return;
      }
      sent.setTimeout(seconds > 0 ? Math.min(seconds * 1000, FOREVER) : FOREVER, () => {
        failed(' (error code 0 - "timeout reached")');
        sent.destroy();
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        failed(error.code === "ECONNRESET" ? ' (error code 1 - "EOF reached")' : "", error);
      });
      sent.on("response", (response) => {
        readAll(response).then(
          (text) => done({ status: response.statusCode ?? 0, text }),
          (error) => {
            if (error instanceof CliError) fail(error);
            else failed(' (error code 1 - "EOF reached")', error);
          },
        );
      });
      sent.end(body);
    });
  }

  #unreachable(why: string): string {
    const where = `${this.#host}:${this.#port}`;
    return (
      `Could not connect to the server ${where}${why}\n\n` +
      "Make sure the bitcoind server is running and that you are connecting to the correct RPC port.\n" +
      'Use "bitcoin-cli -help" for more info.'
    );
  }
}

/** @throws CliError where it is longer than a text can be */
async function readAll(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response) {
    length += (part as Buffer).length;
    if (length > MAX_ANSWER) throw new CliError("the reply from server is too long");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** 0 where it is none. Core: ToIntegral<uint16_t>. */
function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  return port > 65_535 ? 0 : port;
}

/** Core: SplitHostPort. @throws CliError */
function splitHostPort(text: string): { readonly host: string; readonly port: number | undefined } {
  const colon = text.lastIndexOf(":");
  const isBracketed = text.startsWith("[") && text[colon - 1] === "]";
  const hasMore = colon > 0 && text.lastIndexOf(":", colon - 1) >= 0;
  const hasPort = colon >= 0 && (colon === 0 || isBracketed || !hasMore);
  const port = hasPort ? parsePort(text.slice(colon + 1)) : undefined;
  if (port === 0) throw new CliError(`Invalid port provided in -rpcconnect: ${text}`);
  const host = hasPort ? text.slice(0, colon) : text;
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port };
}
