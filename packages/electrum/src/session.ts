import type { ScriptHash } from "@chain/core";
import type { Connection, ConnectionHandler, Log } from "@chain/engine";
import { Allowance } from "./allowance.ts";
import type { Call, Caller } from "./call.ts";
import { badRequest, ElectrumError, INVALID_REQUEST } from "./errors.ts";
import { answerTo, failureText } from "./jsonRpc.ts";
import { encodeText, Lines } from "./lines.ts";
import { type HeaderResult, headerResult } from "./methods/blocks.ts";
import { MIN_VERSION, type Version } from "./version.ts";
import type { WatchedScripts, Watcher } from "./watched.ts";

/** Lines that wait, from which on no more are read, and down to which they are. */
const [MANY_LINES, FEW_LINES] = [100, 10];

export interface SessionOptions extends Omit<Call, "args" | "caller"> {
  readonly connection: Connection;
  readonly watched: WatchedScripts;
  readonly stopwatch: () => number;
  readonly log: Log;
  readonly onEnd: (session: Session) => void;
}

/**
 * The conversation with one client: its lines are answered one after the other, and between them it is told of what it
 * has subscribed to. A client that does not read its answers is asked for nothing more, and keeps nobody's memory.
 */
export class Session implements ConnectionHandler, Caller, Watcher {
  version: Version = MIN_VERSION;
  isGreeted = false;
  readonly #options: SessionOptions;
  readonly #lines: Lines;
  readonly #allowance: Allowance;
  readonly #waiting: string[] = [];
  /** The status that it was told last of each script that it watches. */
  readonly #told = new Map<ScriptHash, string | undefined>();
  readonly #touched = new Set<ScriptHash>();
  #header: HeaderResult | undefined;
  #isTipNew = false;
  #watchesHeaders = false;
  #isBusy = false;
  #isFull = false;
  #isReading = true;
  #isOver = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#lines = new Lines(options.limits.line);
    this.#allowance = new Allowance(options.limits.cost, options.stopwatch);
  }

  onData(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const lines = this.#lines.push(bytes);
    if (lines === undefined) {
      const most = this.#options.limits.line;
      const error = new ElectrumError(INVALID_REQUEST, `a line has at most ${most} bytes`);
      this.#write(failureText(null, error));
      this.end();
      return;
    }
    for (const line of lines) if (line.trim() !== "") this.#waiting.push(line);
    if (this.#waiting.length >= MANY_LINES) this.#read(false);
    void this.#work();
  }

  onDrain(): void {
    this.#isFull = false;
    void this.#work();
  }

  onClose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.length = 0;
    for (const script of this.#told.keys()) this.#options.watched.remove(script, this);
    this.#told.clear();
    this.#options.onEnd(this);
  }

  /** Ends it; all that was written before still goes out. */
  end(): void {
    if (this.#isOver) return;
    this.onClose();
    this.#options.connection.close();
  }

  async watch(script: ScriptHash): Promise<string | undefined> {
    const { watched, limits } = this.#options;
    if (!this.#told.has(script)) {
      if (this.#told.size >= limits.subscriptions) {
        throw badRequest(`a session has at most ${limits.subscriptions} subscriptions`);
      }
      watched.add(script, this);
      this.#told.set(script, undefined);
    }
    try {
      const status = await watched.status(script);
      if (this.#told.has(script)) this.#told.set(script, status);
      return status;
    } catch (error) {
      // Where there is no status, there is nothing to be told of.
      this.unwatch(script);
      throw error;
    }
  }

  unwatch(script: ScriptHash): boolean {
    this.#options.watched.remove(script, this);
    this.#touched.delete(script);
    return this.#told.delete(script);
  }

  watchHeaders(): void {
    this.#watchesHeaders = true;
    this.#header = headerResult(this.#options.host.chain.tip);
  }

  touched(script: ScriptHash): void {
    this.#touched.add(script);
    void this.#work();
  }

  tipChanged(): void {
    if (!this.#watchesHeaders) return;
    this.#isTipNew = true;
    void this.#work();
  }

  /** Goes on as long as there is something to do, and the client reads. */
  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (!this.#isOver && !this.#isFull) {
        const line = this.#waiting.shift();
        if (line !== undefined) await this.#answer(line);
        const hasTold = !this.#isOver && !this.#isFull && (await this.#tell());
        if (line === undefined && !hasTold) break;
      }
    } catch (error) {
      this.#options.log("error", "net", `an Electrum session ended: ${String(error)}`);
      this.end();
    } finally {
      this.#isBusy = false;
    }
    // Something may have come between the last look and here.
    if (!this.#isOver && !this.#isFull && this.#hasWork()) void this.#work();
  }

  #hasWork(): boolean {
    return this.#waiting.length > 0 || this.#isTipNew || this.#touched.size > 0;
  }

  async #answer(line: string): Promise<void> {
    if (this.#waiting.length <= FEW_LINES) this.#read(true);
    const { text, isLast } = await answerTo(line, { ...this.#options, caller: this });
    if (this.#isOver) return;
    if (text !== undefined) this.#write(text);
    const isTooMuch = !this.#allowance.take(text?.length ?? 0);
    if (isTooMuch) this.#write(failureText(null, badRequest("excessive resource usage")));
    if (isLast || isTooMuch) this.end();
  }

  /** Tells of one thing that is new: of the tip first. @returns whether there was one */
  async #tell(): Promise<boolean> {
    const { lookup, host } = this.#options;
    if (this.#isTipNew) {
      this.#isTipNew = false;
      const header = await lookup.atOneMoment(async () => headerResult(host.chain.tip));
      if (header.hex !== this.#header?.hex) {
        this.#header = header;
        this.#notify("blockchain.headers.subscribe", [header]);
      }
      return true;
    }
    const [script] = this.#touched;
    if (script === undefined) return false;
    this.#touched.delete(script);
    if (!this.#told.has(script)) return true;
    const before = this.#told.get(script);
    const status = await lookup.atOneMoment(() => this.watch(script));
    if (status !== before) {
      this.#notify("blockchain.scripthash.subscribe", [script, status ?? null]);
    }
    return true;
  }

  #notify(method: string, params: readonly unknown[]): void {
    if (!this.#isOver) this.#write(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  #write(text: string): void {
    if (!this.#options.connection.write(encodeText(`${text}\n`))) this.#isFull = true;
  }

  #read(reading: boolean): void {
    if (this.#isReading === reading) return;
    this.#isReading = reading;
    this.#options.connection.setReading(reading);
  }
}
