/** A loaded wallet, in step with the chain. Core: CWallet with its database. */
import { resolve } from "node:path";
import type { Milliseconds, Seconds, Transaction, Txid } from "@chain/core";
import {
  type ChainChange,
  type ChainFollower,
  type ChainManager,
  type ChainPosition,
  EngineError,
  type Following,
  type Log,
  type Node,
} from "@chain/engine";
import type { Indexes } from "@chain/indexes";
import type {
  CommitDetails,
  RpcHost,
  RpcWallet,
  WalletEncryption,
  WalletRescans,
  WalletSettings,
} from "@chain/rpc";
import type { KeyValueStore } from "@chain/storage";
import { WalletError } from "@chain/wallet";
import type { WalletLedger } from "@chain/wallet/ledger";
import { messageOf, systemCode } from "../errors.ts";
import { writeBackup } from "./backupFile.ts";
import { Scan, scanBlocks } from "./scan.ts";

/** Block times have 32 bits. */
export const LATEST: Seconds = 0xffff_ffff;
/** A timer can't wait longer. */
const LONGEST_WAIT: Milliseconds = 2 ** 31 - 1;
/** Clocks of miners may be so wrong. Core: TIMESTAMP_WINDOW. */
const WINDOW: Seconds = 2 * 60 * 60;
/** Scripts that are derived ahead of time in one go. */
const AHEAD = 20;

/** The parts of a node that its wallets use. */
export interface WalletNode {
  readonly chain: ChainManager;
  readonly node: Node;
  readonly mempool: Pick<RpcHost["mempool"], "keep">;
  readonly indexes: Indexes;
  readonly log: Log;
  readonly settings: WalletSettings;
  /** Hears of transactions of a wallet that are new, or have another state. */
  readonly notify?: ((wallet: RunningWallet, txid: Txid) => void) | undefined;
}

export interface WalletParts {
  readonly name: string;
  readonly ledger: WalletLedger;
  readonly records: KeyValueStore;
  readonly format: string;
}

export class RunningWallet implements RpcWallet {
  readonly name: string;
  readonly ledger: WalletLedger;
  readonly format: string;
  readonly settings: WalletSettings;
  readonly encryption: WalletEncryption;
  readonly rescans: WalletRescans;
  readonly #node: WalletNode;
  readonly #records: KeyValueStore;
  #writing: Promise<void> = Promise.resolve();
  #following: Following | undefined;
  #scan: Scan | undefined;
  #scanning: Promise<unknown> = Promise.resolve();
  #unlockedUntil: Seconds = 0;
  #relock: NodeJS.Timeout | undefined;
  /** How often it was unlocked. */
  #unlocks = 0;
  #deriving: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(node: WalletNode, { name, ledger, records, format }: WalletParts) {
    this.name = name;
    this.ledger = ledger;
    this.format = format;
    this.settings = node.settings;
    this.#node = node;
    this.#records = records;
    ledger.spendUnconfirmedChange = node.settings.spendZeroConfChange;
    this.encryption = {
      unlockedUntil: () => (ledger.isLocked ? 0 : this.#unlockedUntil),
      unlock: (passphrase, seconds) => this.#unlock(passphrase, seconds),
      lock: () => this.#lock(),
      encrypt: async (passphrase) => {
        await ledger.encrypt(passphrase);
        await this.save();
        // The plain keys are still in files. Core: GetDatabase().Rewrite().
        await this.#inTurn(() => records.rewrite(), { isWrite: true });
      },
      change: (old, passphrase) => this.#changePassphrase(old, passphrase),
    };
    this.rescans = {
      current: () => this.#scan,
      scan: (from, to) => this.#startScan(from, to),
      abort: () => {
        const isNew = this.#scan?.isAborted === false;
        if (this.#scan !== undefined) this.#scan.isAborted = true;
        return isNew;
      },
    };
  }

  /**
   * Begins to follow the chain from where it was.
   * @returns resolves when it has seen the whole chain
   */
  async start(): Promise<{ readonly caughtUp: Promise<void> }> {
    const { chain } = this.#node;
    const following = await chain
      .follow(this.#follower)
      .catch((error: unknown) => this.#beginAgain(error));
    this.#following = following;
    this.#deriveAhead();
    const caughtUp = following.caughtUp.catch(async (error: unknown) => {
      // It knows the headers, and has not the blocks that were to be undone.
      this.#following = await this.#beginAgain(error);
      await this.#following.caughtUp;
    });
    caughtUp.catch(() => {}); // a caller need not await it
    return { caughtUp };
  }

  /** Where it saw another branch, as a copy of a wallet may have: it begins where its keys do. Core: AttachChain. */
  async #beginAgain(error: unknown): Promise<Following> {
    const { chain, log } = this.#node;
    const isLost = error instanceof EngineError && error.code === "unknown-position";
    if (!isLost || this.#closed) throw error;
    log("warn", "store", `${this.title}: ${error.message}: it is scanned again`);
    this.ledger.forgetBlocks((hash) => {
      const node = chain.headers.get(hash);
      return node !== undefined && chain.headers.isActive(node);
    });
    this.ledger.tip = this.#beginning();
    return chain.follow(this.#follower);
  }

  /** Of the follower, for the log. The name of a wallet may be empty. */
  get title(): string {
    return `wallet ${this.name === "" ? "[default wallet]" : this.name}`;
  }

  get #follower(): ChainFollower {
    return {
      name: this.title,
      mempool: true,
      position: async () => this.ledger.tip,
      apply: (changes, end) => this.#apply(changes, end),
    };
  }

  async #apply(changes: readonly ChainChange[], end: ChainPosition): Promise<void> {
    if (this.ledger.missingKnownScripts > 0) await this.derive();
    this.ledger.apply(changes, end);
    await this.save();
    this.#deriveAhead();
    this.#notify();
  }

  #notify(): void {
    for (const txid of this.ledger.takeNotices()) this.#node.notify?.(this, txid);
  }

  /** The last block before the keys of the wallet were made. */
  #beginning(): ChainPosition {
    const { headers } = this.#node.chain;
    let last = headers.genesis;
    for (let height = 1; height <= headers.tip.height; height++) {
      const node = headers.activeAt(height);
      if (node === undefined || node.header.time >= this.ledger.birthday - WINDOW) break;
      last = node;
    }
    return { hash: last.hash, height: last.height };
  }

  async derive(): Promise<void> {
    for (let left = this.ledger.missingScripts; left > 0 && !this.#closed; ) {
      const before = left;
      left = this.ledger.deriveScripts(AHEAD);
      if (left === before) return; // their private keys are locked
      await new Promise<void>((go) => setImmediate(go));
    }
  }

  /** Derives scripts while there is nothing else to do, so that nobody waits for them later. */
  #deriveAhead(): void {
    if (this.#closed || this.#deriving !== undefined || this.ledger.missingScripts === 0) return;
    this.#deriving = setImmediate(() => {
      this.#deriving = undefined;
      if (this.#closed || this.ledger.deriveScripts(AHEAD) === 0) return;
      this.#deriveAhead();
    });
    this.#deriving.unref();
  }

  async caughtUp(): Promise<void> {
    const { chain } = this.#node;
    const following = this.#following;
    if (following === undefined) return;
    if (following.state === "catching-up") await following.caughtUp;
    // The tip moves first, and then the wallet, in the queue of the chain.
    if (following.position?.hash !== chain.tip.hash) await chain.run(async () => {});
    if (following.error !== undefined) throw following.error;
  }

  save(): Promise<void> {
    if (!this.ledger.hasChanges) return this.#writing;
    const changes = this.ledger.takeChanges();
    return this.#inTurn(() => this.#records.write(changes), { isWrite: true });
  }

  /** Does something with the records after what is being done with them, and before all that comes later. */
  #inTurn(act: () => Promise<void>, { isWrite }: { readonly isWrite: boolean }): Promise<void> {
    const before = this.#writing;
    const done = before.then(act);
    done.catch(() => {}); // each caller hears of it
    // A write that failed fails all that come after it: what it should have written is not on disk.
    this.#writing = isWrite ? done : before.then(() => done.catch(() => {}));
    this.#writing.catch(() => {});
    return done;
  }

  async commit(transaction: Transaction, details: CommitDetails = {}): Promise<void> {
    this.ledger.commit(transaction, details);
    await this.save();
    this.#notify();
    const { broadcast } = this.settings;
    if (!broadcast) return;
    const verdict = await this.#node.node.submitTransaction(transaction);
    if (verdict.ok) return this.#node.mempool.keep(transaction);
    const what = `transaction ${transaction.txid} can't be announced yet: ${verdict.reason}`;
    this.#node.log("warn", "store", `${this.title}: ${what}`);
  }

  async resubmit(): Promise<void> {
    const { chain } = this.#node;
    for (const transaction of this.#unconfirmed()) await chain.acceptTransaction(transaction);
  }

  /** Announces again what is unconfirmed. Core: ResubmitWalletTransactions. @param before received before that time */
  async announceAgain(before: Seconds): Promise<number> {
    const all = this.#unconfirmed(before);
    for (const transaction of all) await this.#node.node.submitTransaction(transaction);
    return all.length;
  }

  #unconfirmed(before: Seconds = Number.POSITIVE_INFINITY): readonly Transaction[] {
    if (!this.settings.broadcast) return [];
    return [...this.ledger.transactions()]
      .filter(({ state }) => state.type === "mempool" || isWaiting(state))
      .filter(({ transaction, timeReceived }) => !transaction.isCoinbase && timeReceived <= before)
      .map(({ transaction }) => transaction);
  }

  async backup(destination: string): Promise<boolean> {
    try {
      this.ledger.shareKeys();
      await this.save();
      const path = resolve(destination);
      await this.#inTurn(() => writeBackup(this.#records, path), { isWrite: false });
      return true;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      this.#node.log("warn", "store", `${this.title}: no backup: ${messageOf(error)}`);
      return false;
    }
  }

  async #unlock(passphrase: string, seconds: Seconds): Promise<boolean> {
    const until = Math.floor(this.#node.chain.now / 1000) + seconds;
    // A timer of ours locks it again, because the clock of the chain may be set by callers.
    const isRight = await isPassphrase(() => this.ledger.unlock(passphrase, LATEST));
    if (!isRight) return false;
    this.#unlockedUntil = until;
    clearTimeout(this.#relock);
    this.#relockAfter(seconds * 1000);
    this.#unlocks++;
    this.ledger.topUp();
    await this.save();
    return true;
  }

  #relockAfter(milliseconds: Milliseconds): void {
    const wait = Math.min(milliseconds, LONGEST_WAIT);
    this.#relock = setTimeout(() => {
      if (wait < milliseconds) this.#relockAfter(milliseconds - wait);
      else void this.#lockAfterScan();
    }, wait);
    this.#relock.unref();
  }

  /** A scan may need the keys to derive further ones. */
  async #lockAfterScan(): Promise<void> {
    const unlocks = this.#unlocks;
    await this.#scanning;
    // Where it was unlocked again meanwhile, another timer locks it.
    if (this.#unlocks === unlocks) this.#lock();
  }

  #lock(): void {
    clearTimeout(this.#relock);
    this.#unlockedUntil = 0;
    this.ledger.lock();
  }

  async #changePassphrase(old: string, passphrase: string): Promise<boolean> {
    const isRight = await isPassphrase(() => this.ledger.changePassphrase(old, passphrase));
    if (isRight) await this.save();
    return isRight;
  }

  #startScan(from: number, to: number | undefined) {
    if (this.#scan !== undefined) return undefined;
    const scan = new Scan();
    this.#scan = scan;
    const { chain, indexes } = this.#node;
    const parts = { chain, indexes, ledger: this.ledger, save: () => this.save() };
    const result = this.derive()
      .then(() => scanBlocks(scan, parts, from, to))
      .finally(() => {
        this.#scan = undefined;
      });
    this.#scanning = result.catch(() => {});
    return result;
  }

  /** Ends what it does; what has changed is on disk. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#relock);
    clearImmediate(this.#deriving);
    this.rescans.abort();
    await this.#scanning;
    await this.#following?.stop();
    try {
      await this.save();
    } finally {
      await this.#records.close();
    }
  }
}

function isWaiting(state: { readonly type: string; readonly abandoned?: boolean }): boolean {
  return state.type === "inactive" && state.abandoned === false;
}

/** @returns whether the passphrase was right */
async function isPassphrase(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof WalletError && error.code === "wrong-passphrase") return false;
    throw error;
  }
}
