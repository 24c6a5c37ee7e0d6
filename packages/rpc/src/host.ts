import type { Block, BlockHash, Transaction } from "@chain/core";
import type {
  ChainManager,
  FeeEstimator,
  Log,
  MempoolFees,
  Node,
  ProofOfWorkSearch,
  Random,
  StopSignal,
  Timers,
} from "@chain/engine";
import type { Indexes } from "@chain/indexes";
import type { DevHost } from "./devHost.ts";
import type { WalletHost } from "./wallet/host.ts";

/**
 * The node behind the methods. Everything in it is the engine's, or a function that a process, a test or a tab can give.
 * A part that is missing answers as Core does where it is off.
 */
export interface RpcHost {
  readonly chain: ChainManager;
  readonly node: Node;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Milliseconds on a clock that nobody sets, with fractions. */
  readonly stopwatch: () => number;
  /** When the node was started, in milliseconds of `chain.now`. */
  readonly startedAt: number;
  readonly software: Software;
  readonly mining: Mining;
  readonly mempool: MempoolFile;
  readonly control: Control;
  readonly scans: Scans;
  readonly assembled: Assembled;
  /** The categories of debug lines; without it none can be switched. */
  readonly logging?: LogCategories;
  /** The proxies that peers are called through; without it they are called directly. */
  readonly proxies?: ProxyNames;
  /** Indexes that the node keeps of the chain; none by default. */
  readonly indexes?: Indexes;
  /** The addresses where ZeroMQ publishes; none by default. */
  readonly zmq?: readonly ZmqNotification[];
  /** The process that it runs in; without it there is none that a caller of this machine could want. */
  readonly process?: Process;
  /** Files of snapshots of all coins; without it neither is one written nor loaded. */
  readonly snapshots?: SnapshotFiles;
  /** Answers questions about fees; without it the node estimates none. */
  readonly fees?: Fees;
  /** The clock of networks for tests. */
  readonly mocking?: Mocking;
  /** Wallets; without it there are none, and their methods are unknown. */
  readonly wallets?: WalletHost;
  /** The verbs of a chain for developers; without it, the methods `chain_…` are not found. */
  readonly dev?: DevHost | undefined;
}

/**
 * The part of a host that methods ask which need headers at most: a light node has no more of the chain. A method that
 * is made for it runs on both.
 */
export interface HeaderHost
  extends Pick<
    RpcHost,
    | "timers"
    | "random"
    | "log"
    | "stopwatch"
    | "startedAt"
    | "software"
    | "control"
    | "logging"
    | "proxies"
    | "process"
  > {
  readonly chain: Pick<ChainManager, "params" | "now" | "headers" | "tip" | "bestHeader">;
}

/** The software, as the node describes it. */
export interface Software {
  /** Its network, as `getblockchaininfo.chain` has it. */
  readonly chain: string;
  /** `getnetworkinfo.version`, in Core's form: 310100 is 31.1.0. */
  readonly version: number;
  /** `getnetworkinfo.subversion`: clients look for `/Satoshi:31.1.0`. */
  readonly subversion: string;
  /** `native`, `wasm` or `noble`: which backend checks signatures. */
  readonly signatures: string;
}

export interface Mining {
  /**
   * Mines one block with what the mempool has. Of two calls for one script at once, each makes a block of its own.
   * @param maxTries nonces to try, from 0; by default as many as it takes
   * @throws EngineError `stopped` where `signal` ends it, `exhausted` after `maxTries`
   */
  readonly mine: (payTo: Uint8Array, signal: StopSignal, maxTries?: number) => Promise<BlockHash>;
  readonly search: ProofOfWorkSearch;
}

export interface MempoolFile {
  /** Whether the transactions that waited when the node ended have been loaded again. */
  readonly isLoaded: () => boolean;
  /** Resolves once a transaction that was just accepted is on disk: only then its sender gets an answer. */
  readonly keep: (transaction: Transaction) => Promise<void>;
  /** Writes the file now. @returns its path; `undefined`: it could not be written */
  readonly save?: () => Promise<string | undefined>;
  /** Hands in what another file holds. @returns whether it could be read whole */
  readonly importFile?: (
    path: string,
    options: {
      /** Whether transactions count as having come now, and not when the file says. */
      readonly useCurrentTime: boolean;
      readonly applyFeeDeltas: boolean;
      readonly applyUnbroadcast: boolean;
    },
  ) => Promise<boolean>;
}

/** Where the SOCKS5 proxies listen: `HOST:PORT` or `unix:PATH`; empty: there is none. */
export interface ProxyNames {
  readonly all: string;
  /** For onion addresses. */
  readonly onion: string;
  /** Whether each connection has credentials of its own. */
  readonly randomize: boolean;
}

/** Which debug lines are written, by category. */
export interface LogCategories {
  /** Whether each category is wanted. */
  readonly all: () => ReadonlyMap<string, boolean>;
  readonly set: (category: string, wanted: boolean) => void;
}

/** How far a scan of block filters is. */
export interface BlockScan {
  /** Percent. */
  progress: number;
  /** Of the last block that was looked at. */
  height: number;
  isAborted: boolean;
}

/** The block that was last assembled for a caller, or the hash of one that was mined. `{ block: undefined }` to begin with. */
export interface Assembled {
  block: Block | BlockHash | undefined;
}

/** The scans that are under way: one of all coins and one of blocks, as in Core. `{ current: undefined }` to begin with. */
export interface Scans {
  /** Of block filters. */
  blocks?: BlockScan | undefined;
  /** Of all coins. */
  current:
    | {
        /** Percent, by the outpoint that was last looked at. */
        progress: number;
        isAborted: boolean;
      }
    | undefined;
}

export interface Control {
  /** Ends the node soon, after the answer has gone out. */
  readonly stop: () => void;
  /** Writes the list of bans to its file. */
  readonly keepBans: () => Promise<void>;
  /** Where the log is written; empty: to no file. */
  readonly logPath: string;
}

/** Facts about a node that programs of this machine want, as `getnodeinfo` has them. */
export interface Process {
  readonly node_id: number;
  readonly network: string;
  /** Of a signet of one's own: the script that blocks must have a solution of, in hex, and seconds between blocks. */
  readonly signet_challenge?: string;
  readonly signet_blocktime?: number;
  readonly role: string;
  readonly pid: number;
}

/** A topic that is published by ZeroMQ, as `getzmqnotifications` has it. */
export interface ZmqNotification {
  readonly type: string;
  readonly address: string;
  /** Messages that are kept for a slow subscriber; 0: no bound. */
  readonly hwm: number;
}

/** Files that callers name. A path that is relative is below the data directory. */
export interface SnapshotFiles {
  /** Begins a file that must not be there yet. */
  readonly create: (path: string) => Promise<CreatedFile | UncreatedFile>;
  /** @returns `undefined` where it can't be opened */
  readonly open: (path: string) => Promise<OpenedFile | undefined>;
  /** The absolute path. */
  readonly resolve: (path: string) => string;
}

/** A file that gets its name once it is whole. */
export interface CreatedFile {
  readonly type: "created";
  /** The absolute path. */
  readonly path: string;
  /** Writes all of it, and gives it its name. */
  readonly write: (pieces: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Deletes what was written, unless it is whole. */
  readonly close: () => Promise<void>;
}

export interface UncreatedFile {
  readonly type: "exists" | "unwritable";
  /** The absolute path of the file that exists or can't be written. */
  readonly path: string;
}

export interface OpenedFile {
  readonly path: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

export interface Fees {
  /** Estimates from blocks and mempool. */
  readonly estimator?: FeeEstimator | undefined;
  /** The fee rate that the mempool suggests for the next block: an estimate is no higher, where this can tell. */
  readonly mempoolFees?: Pick<MempoolFees, "estimate"> | undefined;
  /** Of a network for tests, where few fees are paid that an estimate could come from: what `estimatesmartfee` answers. */
  readonly fixed?: FixedFee | undefined;
}

export interface FixedFee {
  /** Base units for 1,000 virtual bytes; at least what the mempool asks now, which is the default. */
  readonly rate?: bigint | undefined;
}

export interface Mocking {
  /** Sets the clock, in milliseconds since 1970, to stand still; undefined: real time again. */
  readonly setTime: (time: number | undefined) => void;
  /** Does what is scheduled by so many milliseconds sooner. */
  readonly forwardSchedule: (by: number) => void;
  /** Whether connections of any kind may be asked for, as Core's functional tests do. */
  readonly isRegtest: boolean;
}
