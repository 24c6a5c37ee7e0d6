import type { ChainManager, Log } from "@chain/engine";
import { messageOf } from "../errors.ts";
import { readMempoolFile, writeMempoolFile } from "./mempoolFile.ts";

/** How long changes are gathered before the file is written. Milliseconds. */
const DELAY = 1_000;
/** Writing shall take no more than one part in so many of the time. */
const SHARE = 20;

/** Keeps the waiting transactions in a file, so that a node that ends, however it ends, has them when it comes back. */
export class MempoolKeeper {
  readonly #chain: ChainManager;
  readonly #path: string;
  readonly #log: Log;
  #unsubscribe: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #delay = DELAY;
  #writing: Promise<void> = Promise.resolve();

  constructor(chain: ChainManager, path: string, log: Log) {
    this.#chain = chain;
    this.#path = path;
    this.#log = log;
  }

  /** Hands in what the file holds, and begins to follow the mempool. A file that can't be read is left alone. */
  async restore(): Promise<void> {
    try {
      await this.#load();
    } catch (error) {
      const message = `the waiting transactions of the last run are lost: ${messageOf(error)}`;
      this.#log("warn", "mempool", message);
    }
    this.#unsubscribe = this.#chain.subscribe(({ type }) => {
      if (type === "transaction-added" || type === "transaction-removed") this.#schedule();
    });
  }

  async #load(): Promise<void> {
    const saved = await readMempoolFile(this.#path);
    let taken = 0;
    for (const { transaction } of saved) {
      const verdict = await this.#chain.acceptTransaction(transaction);
      if (verdict.ok) taken++;
    }
    if (saved.length > 0) {
      const message = `${taken} of ${saved.length} transactions of the last run still wait`;
      this.#log("info", "mempool", message, { event: "mempool-loaded", taken, of: saved.length });
    }
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, this.#delay);
  }

  /** One write at a time. A failure is told and tried again with the next change. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const started = performance.now();
      try {
        await writeMempoolFile(this.#path, [...this.#chain.mempool.entries()]);
      } catch (error) {
        this.#log("warn", "mempool", `can't keep the waiting transactions: ${messageOf(error)}`);
      }
      this.#delay = Math.max(DELAY, SHARE * (performance.now() - started));
    });
    return this.#writing;
  }

  /** Writes what there is. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#write();
  }
}
