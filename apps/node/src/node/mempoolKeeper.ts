import type { Log, Node } from "@chain/engine";
import { messageOf } from "../errors.ts";
import { readMempoolFile, type SavedTransaction, writeMempoolFile } from "./mempoolFile.ts";

/** How long changes are gathered before the file is written. Milliseconds. */
const DELAY = 1_000;
/** Writing shall take no more than one part in so many of the time. */
const SHARE = 20;

/** Keeps the waiting transactions in a file, so that a node that ends, however it ends, has them when it comes back. */
export class MempoolKeeper {
  readonly #node: Node;
  readonly #path: string;
  readonly #log: Log;
  #unsubscribe: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #delay = DELAY;
  #writing: Promise<void> = Promise.resolve();
  #loading: Promise<void> = Promise.resolve();
  /** Of the last run, the first `handedIn` of them looked at; the others have to stay in the file. */
  #saved: readonly SavedTransaction[] = [];
  #handedIn = 0;
  #stopped = false;
  #loaded = false;

  constructor(node: Node, path: string, log: Log) {
    this.#node = node;
    this.#path = path;
    this.#log = log;
  }

  /** Whether all transactions of the last run have been looked at. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /**
   * Begins to follow the mempool, and to hand in what the file holds. That can take a while, as every signature is
   * checked again, so the node does not wait for it.
   */
  start(): void {
    this.#unsubscribe = this.#node.chain.subscribe(({ type }) => {
      if (type === "transaction-added" || type === "transaction-removed") this.#schedule();
    });
    const reading = readMempoolFile(this.#path);
    // Nothing is written before the old file is read.
    this.#writing = reading.then(
      () => {},
      () => {},
    );
    this.#loading = this.#load(reading).catch((error: unknown) => {
      const message = `the waiting transactions of the last run are lost: ${messageOf(error)}`;
      this.#log("warn", "mempool", message);
    });
  }

  async #load(reading: Promise<readonly SavedTransaction[]>): Promise<void> {
    this.#saved = await reading;
    const of = this.#saved.length;
    let taken = 0;
    for (const { transaction, unbroadcast } of this.#saved) {
      if (this.#stopped) return;
      if ((await this.#node.chain.acceptTransaction(transaction)).ok) {
        taken++;
        if (unbroadcast) this.#node.announceAgain(transaction.txid);
      }
      this.#handedIn++;
    }
    this.#saved = [];
    this.#loaded = true;
    if (of === 0) return;
    const sentence = `${taken} of ${of} transactions of the last run still wait`;
    this.#log("info", "mempool", sentence, { event: "mempool-loaded", taken, of });
  }

  #schedule(): void {
    if (this.#stopped) return;
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
        const { chain, unbroadcast } = this.#node;
        const waiting = [...chain.mempool.entries()].map(({ transaction, time }) => ({
          transaction,
          time,
          unbroadcast: unbroadcast.has(transaction.txid),
        }));
        const left = this.#saved.slice(this.#handedIn);
        await writeMempoolFile(this.#path, [...waiting, ...left]);
      } catch (error) {
        this.#log("warn", "mempool", `can't keep the waiting transactions: ${messageOf(error)}`);
      }
      this.#delay = Math.max(DELAY, SHARE * (performance.now() - started));
    });
    return this.#writing;
  }

  /** Writes what there is, for the last time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#loading;
    await this.#write();
  }
}
