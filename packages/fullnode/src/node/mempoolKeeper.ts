import { rm } from "node:fs/promises";
import { type Milliseconds, Transaction } from "@chain/core";
import { type Log, type Node, relatives } from "@chain/engine";
import type { RpcHost } from "@chain/rpc";
import { messageOf } from "../errors.ts";
import { keepAside } from "../files.ts";
import { readMempoolFile, type SavedTransaction, writeMempoolFile } from "./mempoolFile.ts";
import { type ImportOptions, importMempool } from "./mempoolImport.ts";
import { MempoolJournal, readMempoolJournal } from "./mempoolJournal.ts";
import type { Service } from "./service.ts";

/** How long changes are gathered before the file is written. Milliseconds. */
const DELAY: Milliseconds = 1_000;
/** Writing shall take no more than one part in so many of the time. */
const SHARE = 20;
/** Blocks below the tip in which disconnected ones are looked for. */
const MAX_REORGANISATION = 100;

/** Begins to keep the unconfirmed transactions of a node. @throws UserError `io`. */
export async function startMempoolKeeper(
  ...of: ConstructorParameters<typeof MempoolKeeper>
): Promise<MempoolKeeper> {
  const keeper = new MempoolKeeper(...of);
  await keeper.start();
  return keeper;
}

/**
 * Keeps the unconfirmed transactions in a file, so that a node that ends has them when it comes back. The file is
 * written a moment after a change; what a sender was told is accepted goes to a journal first. See `keep`.
 */
export class MempoolKeeper implements Service, NonNullable<RpcHost["mempool"]> {
  readonly stopping = "keeping the unconfirmed transactions";
  readonly #node: Node;
  readonly #path: string;
  readonly #journalPath: string;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #persists: boolean;
  #journal: MempoolJournal | undefined;
  #unsubscribe: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #delay: Milliseconds = DELAY;
  #writing: Promise<boolean> = Promise.resolve(false);
  #loading: Promise<void> = Promise.resolve();
  /** Of the last run, the first `handedIn` of them looked at; the others have to stay in the file. */
  #saved: readonly SavedTransaction[] = [];
  #handedIn = 0;
  #stopped = false;
  /** Whether the file may be written: not over one that could not be read. */
  #mayWrite = true;
  #loaded = false;

  /**
   * @param now milliseconds since 1970
   * @param persists whether anything is read at the start, and written when nobody asks. Core: -persistmempool
   */
  constructor(node: Node, path: string, log: Log, now: () => number, persists = true) {
    this.#node = node;
    this.#path = path;
    this.#journalPath = `${path}.journal`;
    this.#log = log;
    this.#now = now;
    this.#persists = persists;
  }

  /** Whether all transactions of the last run have been looked at. */
  isLoaded(): boolean {
    return this.#loaded;
  }

  /**
   * Begins to follow the mempool, and to hand in what the files hold. That can take a while, as every signature is
   * checked again, so the node does not wait for it.
   * @throws UserError `io`.
   */
  async start(): Promise<void> {
    if (!this.#persists) {
      this.#loaded = true;
      return;
    }
    const saved = await this.#read();
    const left = await readMempoolJournal(this.#journalPath);
    // Nothing is written before the old files are read.
    this.#journal = await MempoolJournal.open(this.#journalPath, left?.size ?? 0);
    this.#unsubscribe = this.#node.chain.subscribe(({ type }) => {
      if (type === "transaction-added" || type === "transaction-removed") this.#schedule();
    });
    const known = new Set(saved.map(({ transaction }) => transaction.wtxid));
    const accepted = (left?.entries ?? []).filter(
      ({ transaction }) => !known.has(transaction.wtxid),
    );
    this.#saved = [...saved, ...accepted];
    // There is a journal at the start only where a process was killed: what a reorganisation had just put back may
    // stand in no file of the mempool. Its blocks do.
    this.#loading = this.#load(left !== undefined).catch((error: unknown) => {
      const message = `the unconfirmed transactions of the last run are lost: ${messageOf(error)}`;
      this.#log("warn", "mempool", message);
    });
  }

  /** Of the file. One that can't be read whole gets a second name, because it may be mended some day. */
  async #read(): Promise<readonly SavedTransaction[]> {
    const { entries, deltas, damage } = await readMempoolFile(this.#path);
    for (const [txid, delta] of deltas) await this.#node.chain.prioritiseTransaction(txid, delta);
    if (damage === undefined) return entries;
    let where: string;
    try {
      where = `is kept as ${await keepAside(this.#path)}`;
    } catch (error) {
      this.#mayWrite = false;
      where = `can't get a second name, so nothing is written over it (${messageOf(error)})`;
    }
    const message = `${this.#path} is damaged (${damage}): ${entries.length} unconfirmed transactions were read; the file ${where}`;
    this.#log("warn", "mempool", message);
    return entries;
  }

  async #load(wasKilled: boolean): Promise<void> {
    const { chain } = this.#node;
    const of = this.#saved.length;
    let [taken, expired] = [0, 0];
    // First, because what was accepted may spend outputs of it.
    if (wasKilled) await this.#putBack();
    for (const { transaction, time, unbroadcast } of this.#saved) {
      if (this.#stopped) return;
      if (time + chain.mempool.limits.expiry < this.#now()) expired++;
      else {
        await chain.acceptTransaction(transaction, { time });
        if (chain.mempool.get(transaction.txid) !== undefined) {
          taken++;
          if (unbroadcast) this.#node.announceAgain(transaction.txid);
        }
      }
      this.#handedIn++;
    }
    this.#saved = [];
    this.#loaded = true;
    // Transactions that were not taken are not needed any more, and the journal is a part of the file now.
    if (of > 0) this.#schedule();
    if (of === 0) return;
    const old = expired === 0 ? "" : `, ${expired} had expired`;
    const sentence = `${taken} of ${of} transactions of the last run are in the mempool again${old}`;
    this.#log("info", "mempool", sentence, { event: "mempool-loaded", taken, of });
  }

  /** Hands in what blocks hold that a reorganisation has disconnected, as it did itself before the process was killed. */
  async #putBack(): Promise<void> {
    const { chain } = this.#node;
    const { headers, tip } = chain;
    const stale = [...headers.stale(tip.height - MAX_REORGANISATION)];
    for (const { hash, transactionCount } of stale) {
      if (this.#stopped) return;
      if (transactionCount === 1 || !(await chain.wasConnected(hash))) continue;
      const block = await chain.getBlock(hash);
      for (const transaction of block?.transactions.slice(1) ?? []) {
        // A copy: a transaction is a view onto its block, which it would keep in memory.
        await chain.acceptTransaction(Transaction.fromBytes(transaction.toBytes()));
      }
    }
  }

  /**
   * Resolves once a transaction that the mempool has just taken is on disk, so that its sender can be told that it was
   * accepted. A disk that fails is told in the log: the transaction is in the mempool, and others may have it already.
   */
  async keep(transaction: Transaction): Promise<void> {
    const entry = this.#node.chain.mempool.get(transaction.txid);
    // With the unconfirmed transactions that it spends, without which the next run would refuse it.
    const family = entry === undefined ? [] : [...relatives([entry], "parents")];
    family.sort((a, b) => a.sequence - b.sequence);
    try {
      await Promise.all(family.map((each) => this.#journal?.append(each.transaction, each.time)));
    } catch (error) {
      const { txid } = transaction;
      const message = `${txid} was accepted, and can't be written to disk: ${messageOf(error)}`;
      this.#log("warn", "mempool", message);
    }
  }

  /** Writes the file now. @returns its path, or `undefined` where it could not be written: the log says why */
  async save(): Promise<string | undefined> {
    return (await this.#write()) ? this.#path : undefined;
  }

  /** Hands in what another file holds. @returns whether it could be read whole */
  importFile(path: string, options: ImportOptions): Promise<boolean> {
    return importMempool(path, options, {
      ...{ node: this.#node, log: this.#log, now: this.#now },
      isStopped: () => this.#stopped,
    });
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, this.#delay);
  }

  /** One write at a time. A failure is told and tried again with the next change. @returns whether it is written */
  #write(): Promise<boolean> {
    this.#writing = this.#writing.then(async () => {
      if (!this.#mayWrite) return false;
      let isWritten = false;
      const started = performance.now();
      try {
        const { chain, unbroadcast } = this.#node;
        // In the queue of the chain, because in the middle of a reorganisation the mempool holds only a part.
        const { entries, deltas, size } = await chain.run(async () => ({
          deltas: new Map(chain.mempool.feeDeltas()),
          entries: [
            ...[...chain.mempool.entries()].map(({ transaction, time }) => ({
              transaction,
              time,
              unbroadcast: unbroadcast.has(transaction.txid),
            })),
            ...this.#saved.slice(this.#handedIn),
          ],
          size: this.#journal?.size ?? 0,
        }));
        await writeMempoolFile(this.#path, entries, deltas);
        isWritten = true;
        await this.#journal?.clear(size);
      } catch (error) {
        this.#log(
          "warn",
          "mempool",
          `can't keep the unconfirmed transactions: ${messageOf(error)}`,
        );
      }
      this.#delay = Math.max(DELAY, SHARE * (performance.now() - started));
      return isWritten;
    });
    return this.#writing;
  }

  /** Writes what there is, for the last time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#loading;
    if (this.#persists) await this.#write();
    await this.#journal?.close();
    // A record of a transaction that could not be written to the file stays for the next run.
    if (this.#journal?.size === 0) await rm(this.#journalPath, { force: true });
  }
}
