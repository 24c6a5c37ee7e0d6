import type { Block, BlockHash, Seconds, Transaction, Txid } from "@chain/core";

/** The verbs of a chain for developers, for the methods `chain_…`. Receivers are output scripts. */
export interface DevHost {
  /** Facts about it. */
  readonly about: () => DevFacts;
  readonly accounts: () => Promise<readonly DevAccount[]>;
  /** Seconds between the blocks, where it is not for the clock to say. */
  readonly mine: (
    count: number,
    options: { readonly to?: Uint8Array | undefined; readonly interval?: Seconds | undefined },
  ) => Promise<readonly Block[]>;
  readonly setAutomine: (mode: DevAutomine) => void;
  readonly setBlockInterval: (interval: Seconds | undefined) => void;
  readonly setTime: (time: Seconds) => void;
  readonly increaseTime: (seconds: Seconds) => Seconds;
  readonly fund: (to: Uint8Array, amount: bigint) => Promise<DevCoin>;
  readonly faucet: (to: Uint8Array, amount: bigint, fee: DevFee) => Promise<Txid>;
  readonly send: (from: number, to: Uint8Array, amount: bigint, fee: DevFee) => Promise<Txid>;
  readonly spendAs: (of: Uint8Array, to: Uint8Array, amount: bigint, fee: DevFee) => Promise<Txid>;
  readonly snapshot: () => Promise<number>;
  readonly revert: (id: number) => Promise<void>;
  readonly rollback: (depth: number) => Promise<void>;
  readonly reorg: (options: DevReorg) => Promise<{
    readonly forkHeight: number;
    readonly disconnected: readonly BlockHash[];
    readonly connected: readonly BlockHash[];
  }>;
  readonly drop: (txid: Txid) => Promise<boolean>;
  readonly setFeeRate: (feeRate: number | undefined) => void;
  readonly dump: () => Promise<string>;
  readonly settled: () => Promise<void>;
}

/** `false`: on request alone; `true`: at once; else after a delay in milliseconds, or every so many seconds. */
export type DevAutomine =
  | boolean
  | { readonly delay: number }
  | { readonly interval: Seconds; readonly onTransaction?: boolean };

/** Satoshis for a virtual byte. */
export interface DevFee {
  readonly feeRate?: number;
}

export interface DevReorg {
  readonly depth: number;
  readonly drop?: readonly string[];
  readonly unconfirm?: readonly string[] | "all";
  readonly replace?: Readonly<Record<string, Transaction>>;
  readonly to?: Uint8Array;
}

export interface DevCoin {
  readonly txid: Txid;
  readonly vout: number;
  readonly height: number;
  readonly hash: BlockHash;
}

export interface DevFacts {
  readonly mnemonic: string;
  readonly accounts: number;
  /** Seconds since 1970. */
  readonly time: Seconds;
  readonly automine: DevAutomine;
  /** URLs by name. */
  readonly doors: Readonly<Record<string, string>>;
}

export interface DevAccount {
  readonly index: number;
  readonly address: string;
  readonly wif: string;
  /** By type of address. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly descriptors: Readonly<
    Record<string, { readonly receive: string; readonly change: string }>
  >;
  /** Of `address`, confirmed. Base units. */
  readonly balance: bigint;
}
