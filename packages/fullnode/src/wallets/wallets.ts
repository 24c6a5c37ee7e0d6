/** The wallets of a node: those in its directory, and those that are loaded. Core: wallet/load.cpp, wallet.cpp. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Milliseconds, Seconds } from "@chain/core";
import type { NewWallet, RpcWallet, WalletHost, WalletOutcome } from "@chain/rpc";
import type { KeyValueStore } from "@chain/storage";
import { type LedgerHost, WalletLedger } from "@chain/wallet/ledger";
import { messageOf, UserError } from "../errors.ts";
import type { Service } from "../node/service.ts";
import { readBackup } from "./backupFile.ts";
import { recordsOf } from "./records.ts";
import { LATEST, RunningWallet, type WalletNode } from "./runningWallet.ts";
import type { StartupFile } from "./startupFile.ts";
import { DiskStores, MemoryStores, type WalletStores } from "./stores.ts";

/** How often it is looked whether transactions are to be announced again. Milliseconds. */
const LOOK_EVERY: Milliseconds = 60_000;
/** Between two announcements of the same: from half a day on, at random, so that nobody can tell whose they are. */
const RESEND: { readonly least: Seconds; readonly spread: Seconds } = {
  least: 12 * 60 * 60,
  spread: 24 * 60 * 60,
};
/** Only what was received so long before the last block, which could have held it. */
const FRESH: Seconds = 5 * 60;

export interface WalletsOptions {
  readonly node: WalletNode;
  /** Without one, wallets are in memory. */
  readonly directory: string | undefined;
  readonly startup: StartupFile | undefined;
}

export class Wallets implements WalletHost, Service {
  readonly stopping = "closing the wallets";
  readonly #node: WalletNode;
  readonly #stores: WalletStores;
  readonly #startup: StartupFile | undefined;
  readonly #loaded: RunningWallet[] = [];
  /** Names that are being made, loaded or unloaded. */
  readonly #busy = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #nextResend: Seconds;
  #stopped = false;

  constructor({ node, directory, startup }: WalletsOptions) {
    this.#node = node;
    this.#stores = directory === undefined ? new MemoryStores() : new DiskStores(directory);
    this.#startup = startup;
    this.#nextResend = this.#chooseResend();
    this.#timer = setInterval(() => void this.#resend(), LOOK_EVERY);
    this.#timer.unref();
  }

  loaded(): readonly RunningWallet[] {
    return this.#loaded;
  }

  list(): Promise<readonly string[]> {
    return this.#stores.list();
  }

  async create(name: string, options: NewWallet): Promise<WalletOutcome> {
    const { passphrase, disablePrivateKeys, loadOnStartup } = options;
    if (passphrase !== "" && disablePrivateKeys) {
      return refused(
        "failed",
        "Passphrase provided but private keys are disabled. A passphrase is only used to encrypt private keys, so cannot be used for wallets with private keys disabled.",
      );
    }
    return this.#alone(name, async () => {
      const opened = await this.#stores.create(name);
      if (!opened.ok) return { ...opened, why: "failed" };
      return this.#made(name, opened.records, loadOnStartup, async () => {
        const ledger = await this.#newLedger(options);
        // Nothing was paid to it before.
        const { hash, height } = this.#node.chain.tip;
        ledger.tip = { hash, height };
        return ledger;
      });
    });
  }

  /** Keys that were never on the disk in the clear, where there is a passphrase. Core: CreateWallet. */
  async #newLedger(options: NewWallet): Promise<WalletLedger> {
    const { passphrase, disablePrivateKeys, blank, avoidReuse } = options;
    const isEncrypted = passphrase !== "";
    const ledger = WalletLedger.create({
      ...this.#ledgerHost,
      disablePrivateKeys,
      blank: blank || isEncrypted,
      avoidReuse,
      keypoolSize: this.#node.settings.keypool,
    });
    if (!isEncrypted) return ledger;
    await ledger.encrypt(passphrase);
    if (blank) return ledger;
    await ledger.unlock(passphrase, LATEST);
    ledger.setUpDescriptors();
    ledger.lock();
    return ledger;
  }

  get #ledgerHost(): LedgerHost {
    const { chain } = this.#node;
    return { params: chain.params, now: () => Math.floor(chain.now / 1000) };
  }

  load(name: string, loadOnStartup?: boolean): Promise<WalletOutcome> {
    return this.#alone(name, async () => {
      const opened = await this.#stores.open(name);
      if (!opened.ok) return opened;
      const outcome = await this.#start(name, opened.records, () => this.#stored(opened.records));
      return this.#settled(outcome, loadOnStartup);
    });
  }

  async #stored(records: KeyValueStore): Promise<WalletLedger> {
    const all: { key: Uint8Array; value: Uint8Array }[] = [];
    for await (const record of recordsOf(records)) all.push(record);
    const ledger = WalletLedger.load(all, this.#ledgerHost);
    ledger.keypoolSize = this.#node.settings.keypool;
    return ledger;
  }

  async restore(name: string, file: string, loadOnStartup?: boolean): Promise<WalletOutcome> {
    const path = resolve(file);
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (!isThere) return refused("invalid", "Backup file does not exist");
    return this.#alone(name, async () => {
      if (await this.#stores.has(name)) {
        const where = this.#stores.pathOf(name);
        const message = `Failed to restore wallet. Database file exists in '${where}'.`;
        return refused("already-exists", message);
      }
      const copied = await readBackup(path).catch((error: unknown) => {
        this.#node.log("warn", "store", `${path}: ${messageOf(error)}`);
      });
      if (copied === undefined) {
        const message = `Wallet file verification failed. '${path}' is no backup of a wallet, or is damaged.`;
        return refused("failed", message);
      }
      const opened = await this.#stores.create(name);
      if (!opened.ok) return opened;
      return this.#made(name, opened.records, loadOnStartup, async () => {
        await opened.records.write(copied);
        return this.#stored(opened.records);
      });
    });
  }

  async unload(
    { name }: Pick<RpcWallet, "name">,
    loadOnStartup?: boolean,
  ): Promise<readonly string[] | undefined> {
    const at = this.#loaded.findIndex((each) => each.name === name);
    const [wallet] = at < 0 ? [] : this.#loaded.splice(at, 1);
    if (wallet === undefined) return undefined;
    this.#busy.add(name);
    try {
      await wallet.close();
    } finally {
      this.#busy.delete(name);
    }
    return this.#remember(name, loadOnStartup);
  }

  /** Only one call at a time is about a wallet. Core: g_loading_wallet_set. */
  async #alone(name: string, act: () => Promise<WalletOutcome>): Promise<WalletOutcome> {
    if (this.#busy.has(name) || this.#stopped) return refused("failed", "Wallet already loading.");
    this.#busy.add(name);
    try {
      return await act();
    } finally {
      this.#busy.delete(name);
    }
  }

  /** Starts a wallet that was not there before, and deletes it again where that fails. */
  async #made(
    name: string,
    records: KeyValueStore,
    loadOnStartup: boolean | undefined,
    make: () => Promise<WalletLedger>,
  ): Promise<WalletOutcome> {
    const outcome = await this.#start(name, records, make);
    if (!outcome.ok) await this.#stores.remove(name);
    return this.#settled(outcome, loadOnStartup);
  }

  async #start(
    name: string,
    records: KeyValueStore,
    make: () => Promise<WalletLedger>,
    isStartup = false,
  ): Promise<WalletOutcome> {
    let wallet: RunningWallet | undefined;
    try {
      const ledger = await make();
      const { format } = this.#stores;
      wallet = new RunningWallet(this.#node, { name, ledger, records, format });
      await wallet.save();
      const { caughtUp } = await wallet.start();
      if (isStartup) void caughtUp.then(() => wallet?.resubmit()).catch(() => {});
      else {
        await caughtUp;
        await wallet.resubmit();
      }
      this.#loaded.push(wallet);
      return { ok: true, wallet, warnings: [] };
    } catch (error) {
      const message = `Wallet loading failed. ${messageOf(error)}`;
      await (wallet?.close() ?? records.close()).catch(() => {});
      return refused("failed", message);
    }
  }

  async #settled(
    outcome: WalletOutcome,
    loadOnStartup: boolean | undefined,
  ): Promise<WalletOutcome> {
    if (!outcome.ok) return outcome;
    const warnings = await this.#remember(outcome.wallet.name, loadOnStartup);
    return { ...outcome, warnings: [...outcome.warnings, ...warnings] };
  }

  /** Core: UpdateWalletSetting. @returns warnings */
  async #remember(name: string, isLoaded: boolean | undefined): Promise<readonly string[]> {
    if (isLoaded === undefined) return [];
    if (await this.#startup?.set(name, isLoaded)) return [];
    const so = isLoaded ? "may not be loaded" : "may still be loaded";
    return [
      `Wallet load on startup setting could not be updated, so wallet ${so} next node startup.`,
    ];
  }

  /** The wallet without a name, where there is one: it is loaded where nothing else is said. */
  async unnamed(): Promise<readonly string[]> {
    return (await this.#stores.has("")) ? [""] : [];
  }

  /**
   * Loads wallets at the start of a node. One that is not there is left out. Core: VerifyWallets, LoadWallets.
   * @throws UserError `damaged` where one can't be read
   */
  async loadAll(names: readonly string[]): Promise<void> {
    const { log } = this.#node;
    for (const name of new Set(names)) {
      const opened = await this.#stores.open(name);
      if (!opened.ok && opened.why === "not-found") {
        log("warn", "store", `Skipping -wallet path that doesn't exist. ${opened.message}`);
        continue;
      }
      if (!opened.ok) throw new UserError("io", opened.message);
      const { records } = opened;
      const outcome = await this.#start(name, records, () => this.#stored(records), true);
      if (!outcome.ok) throw new UserError("damaged", `wallet ${name}: ${outcome.message}`);
    }
  }

  /** Core: GetDefaultNextResend. */
  #chooseResend(): Seconds {
    return this.#now() + RESEND.least + Math.floor(Math.random() * RESEND.spread);
  }

  #now(): Seconds {
    return Math.floor(this.#node.chain.now / 1000);
  }

  /** Core: MaybeResendWalletTxs. */
  async #resend(): Promise<void> {
    const { chain, log } = this.#node;
    if (this.#stopped || chain.initialDownload || this.#now() < this.#nextResend) return;
    this.#nextResend = this.#chooseResend();
    const before = (chain.headers.tip.header.time ?? 0) - FRESH;
    for (const wallet of this.#loaded) {
      try {
        const count = await wallet.announceAgain(before);
        if (count > 0)
          log("info", "store", `${wallet.title}: resubmit ${count} unconfirmed transactions`);
      } catch (error) {
        log("warn", "store", `${wallet.title}: ${messageOf(error)}`);
      }
    }
  }

  /** Does what is due by so many milliseconds sooner. */
  forward(_by: Milliseconds): void {
    void this.#resend();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const wallet of this.#loaded.splice(0)) await wallet.close();
  }
}

function refused(
  why: Extract<WalletOutcome, { readonly ok: false }>["why"],
  message: string,
): WalletOutcome {
  return { ok: false, why, message };
}
