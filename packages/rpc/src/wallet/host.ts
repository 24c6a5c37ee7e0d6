import type { Milliseconds, Seconds, Transaction, Txid } from "@chain/core";
import type { AccountKind } from "@chain/wallet/accounts";
import type { WalletLedger } from "@chain/wallet/ledger";

/** The wallets of a node. Core: WalletContext. */
export interface WalletHost {
  /** Those that are loaded, in the order in which they were. */
  readonly loaded: () => readonly RpcWallet[];
  /** The names of all wallets in the directory of wallets. */
  readonly list: () => Promise<readonly string[]>;
  readonly create: (name: string, options: NewWallet) => Promise<WalletOutcome>;
  /** @param loadOnStartup whether the next start loads it too; without it, that stays as it is */
  readonly load: (name: string, loadOnStartup?: boolean) => Promise<WalletOutcome>;
  /** Makes a wallet of a file that `RpcWallet.backup` wrote, and loads it. */
  readonly restore: (name: string, file: string, loadOnStartup?: boolean) => Promise<WalletOutcome>;
  /** @returns warnings; `undefined` where it is not loaded any more */
  readonly unload: (
    wallet: RpcWallet,
    loadOnStartup?: boolean,
  ) => Promise<readonly string[] | undefined>;
}

/** The wishes of a caller for a wallet that is made. */
export interface NewWallet {
  readonly disablePrivateKeys: boolean;
  /** Whether it begins without keys. */
  readonly blank: boolean;
  /** Empty: its keys are not encrypted. */
  readonly passphrase: string;
  readonly avoidReuse: boolean;
  readonly loadOnStartup: boolean | undefined;
}

/** A wallet that was loaded, or why it was not. Core: DatabaseStatus. */
export type WalletOutcome =
  | { readonly ok: true; readonly wallet: RpcWallet; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly why: WalletFault; readonly message: string };

export type WalletFault =
  | "not-found"
  | "already-loaded"
  | "already-exists"
  | "invalid" // the name of a new wallet, or the file of a backup
  | "encryption"
  | "failed";

/** The choices for payments and new addresses that a call need not make. */
export interface WalletSettings {
  /** Core: -addresstype. */
  readonly addressType: AccountKind;
  /** Without it, change has a type that fits the payees. Core: -changetype. */
  readonly changeType: AccountKind | undefined;
  /** Base units for 1,000 virtual bytes where no estimate is there; 0: payments are refused then. Core: -fallbackfee. */
  readonly fallbackFee: bigint;
  /** The most that one transaction may pay. Base units. Core: -maxtxfee. */
  readonly maxFee: bigint;
  /** Core: -avoidpartialspends. */
  readonly avoidPartialSpends: boolean;
  /** Whether payments say that they may be replaced (BIP-0125). Core: -walletrbf. */
  readonly rbf: boolean;
  /** Whether transactions of wallets are handed in at all. Core: -walletbroadcast. */
  readonly broadcast: boolean;
  /** Core: -spendzeroconfchange. */
  readonly spendZeroConfChange: boolean;
  /** Keys that each active descriptor has in advance. Core: -keypool. */
  readonly keypool: number;
}

/** A loaded wallet. The ledger is changed at once; `save` writes what has changed. */
export interface RpcWallet {
  readonly name: string;
  readonly ledger: WalletLedger;
  readonly settings: WalletSettings;
  /** Where its records are, as `getwalletinfo.format` has it: `leveldb` or `memory`. */
  readonly format: string;
  /** Resolves when it has seen all that the chain has answered for. Core: BlockUntilSyncedToCurrentChain. */
  readonly caughtUp: () => Promise<void>;
  /** Derives the scripts that are missing, a few at a time, so that others get their turn. */
  readonly derive: () => Promise<void>;
  /** Resolves once all that has changed until now is on disk. */
  readonly save: () => Promise<void>;
  /**
   * Makes a transaction one of the wallet's, on disk, and hands it in. It stays where the mempool refuses it, and is
   * handed in again. Core: CommitTransaction.
   */
  readonly commit: (transaction: Transaction, details?: CommitDetails) => Promise<void>;
  /** Hands in all that is unconfirmed, without announcing it. Core: ResubmitWalletTransactions, forced. */
  readonly resubmit: () => Promise<void>;
  readonly encryption: WalletEncryption;
  readonly rescans: WalletRescans;
  /** Writes a copy of all records. @returns whether that was possible */
  readonly backup: (destination: string) => Promise<boolean>;
}

/** Notes of a payment. Core: mapValue. */
export interface CommitDetails {
  readonly comment?: string;
  readonly to?: string;
  readonly replaces?: Txid;
}

export interface WalletEncryption {
  /** Seconds since 1970; 0: it is locked. Core: nRelockTime. */
  readonly unlockedUntil: () => Seconds;
  /** @returns whether the passphrase is right */
  readonly unlock: (passphrase: string, seconds: Seconds) => Promise<boolean>;
  readonly lock: () => void;
  readonly encrypt: (passphrase: string) => Promise<void>;
  /** @returns whether the old passphrase is right */
  readonly change: (old: string, passphrase: string) => Promise<boolean>;
}

export interface WalletRescans {
  /** The scan that is under way. */
  readonly current: () => WalletScan | undefined;
  /**
   * Looks for transactions of the wallet in the blocks of the best chain from one height to another, and, where no last
   * one is given, up to the tip and in the mempool. Core: ScanForWalletTransactions.
   * @returns `undefined` where another scan is under way
   */
  readonly scan: (from: number, to?: number) => Promise<ScanResult> | undefined;
  /** @returns whether there was a scan to be ended */
  readonly abort: () => boolean;
}

export interface WalletScan {
  /** When it began, by the stopwatch of the host. */
  readonly startedAt: Milliseconds;
  /** From 0 to 1. */
  readonly progress: number;
  readonly isAborted: boolean;
}

export interface ScanResult {
  readonly status: "done" | "aborted" | "failed";
  /** The last block that was looked at. */
  readonly lastHeight: number | undefined;
  /** Of a failure: the last block that could not be read. */
  readonly failedHeight?: number;
}
