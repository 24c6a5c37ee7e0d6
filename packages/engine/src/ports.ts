/**
 * Everything that enters and leaves the engine. Nothing else in this package reaches the outside: hand in real ports
 * and it is a node on TCP, hand in simulated ones and a thousand of them run in one process, repeatably.
 */
import type {
  BlockHash,
  BlockHeader,
  FilterHash,
  FilterHeader,
  Milliseconds,
  ScriptFlags,
  Transaction,
  TxOutput,
} from "@chain/core";
import type { SessionTraffic } from "@chain/wire";

/** Milliseconds since 1970. Need not be monotonic: it may be set to another time, and may stand still there. */
export interface Clock {
  now(): Milliseconds;
}

/** Calls back once, later. The only source of the passing of time for the engine. */
export interface Timers {
  /** @returns a function that cancels it; harmless after it has fired. */
  after(milliseconds: number, callback: () => void): () => void;
}

export interface Random {
  /** Unpredictable bytes (nonces, jitter). Seeded in a simulation. */
  bytes(count: number): Uint8Array;
}

/** Where a peer is: an IP address (or, for a dialer that can resolve it, a host name) and a port. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** A peer to stay connected to. */
export interface AddedPeer extends PeerAddress {
  /** The address as the operator wrote it, without its port for instance. */
  readonly text?: string;
}

/** One open connection, bytes both ways, in order. */
export interface Connection {
  readonly remote: PeerAddress;
  /** Our end of it, where that is known. */
  readonly local?: PeerAddress | undefined;
  /**
   * Hands over bytes to send. `false` asks the sender to hold back until `onDrain`: a sender that goes on makes the
   * buffer grow. Does nothing after the end.
   */
  write(bytes: Uint8Array): boolean;
  /** Stops or starts the arrival of bytes, so that a peer is never faster than we are. */
  setReading(reading: boolean): void;
  /** Ends the connection. Bytes that were written before are still sent, as far as the peer takes them promptly. */
  close(): void;
}

/** Hears of the events of a connection. Nothing comes after `onClose`, which comes exactly once. */
export interface ConnectionHandler {
  onData(bytes: Uint8Array): void;
  onDrain(): void;
  onClose(why: string): void;
}

/** Opens connections to peers. One that resolves host names is handed IP addresses alone. */
export interface Dialer extends Partial<Resolver> {
  /**
   * Connects, then calls `attach` once to get the handler, before any byte is delivered.
   * @returns rejects where no connection came about; the message is for people (`connection refused`).
   */
  dial(address: PeerAddress, attach: (connection: Connection) => ConnectionHandler): Promise<void>;
}

/** Looks up host names (DNS). */
export interface Resolver {
  /** @returns the IP addresses of a host, in text; rejects where there are none or no resolver answers */
  resolve(host: string): Promise<readonly string[]>;
}

/** Tries nonces. In process it yields between slices; a worker pool may take its place. */
export interface ProofOfWorkSearch {
  /**
   * Looks for a nonce with which the header's hash is not above its target.
   * @param maxTries nonces to try, from 0; by default all
   * @returns the header that has it; `undefined` if all nonces were tried or `signal` said stop.
   */
  search(
    header: BlockHeader,
    signal: StopSignal,
    maxTries?: number,
  ): Promise<BlockHeader | undefined>;
}

/** All script checks of one transaction, as data that can go to another thread. */
export interface ScriptJob {
  readonly transaction: Transaction;
  /** The outputs that its inputs spend, in their order. */
  readonly spentOutputs: readonly TxOutput[];
  readonly flags: ScriptFlags;
}

/** Script checks at work on other threads. */
export interface ScriptRun {
  /**
   * The jobs whose scripts all pass, once no thread is at work on any. Of the others nothing is known: they fail, they
   * could not be run, or they were taken back. Never rejects.
   */
  readonly passed: Promise<readonly ScriptJob[]>;
  /** Some jobs that no thread has begun, for the caller to run; `undefined` where there are none. */
  takeBack(): readonly ScriptJob[] | undefined;
}

/** Runs script checks on other threads. */
export interface ScriptWorkers {
  /** Runs all scripts of some transactions. */
  run(jobs: readonly ScriptJob[]): ScriptRun;
  /** Ends the threads; jobs that are under way are not run to their end. */
  close(): Promise<void>;
}

/** Says that a result is not wanted any more. (The part of AbortSignal that every platform shares.) */
export interface StopSignal {
  readonly aborted: boolean;
}

/** Holds the filters of blocks (BIP-0158): `BlockFilterIndex` of `@chain/indexes` is one. */
export interface BlockFilterSource {
  /** The filters of some blocks, in their order; undefined where it does not hold all of them. */
  filters(hashes: readonly BlockHash[]): Promise<readonly Uint8Array[] | undefined>;
  /** The hashes and the headers of their filters, likewise. */
  summaries(
    hashes: readonly BlockHash[],
  ): Promise<readonly { readonly hash: FilterHash; readonly header: FilterHeader }[] | undefined>;
}

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogCategory =
  | "chain"
  | "mempool"
  | "miner"
  | "net"
  | "sync"
  | "relay"
  | "store"
  | "rpc";

/** One readable sentence, and the data in it as fields for programs. */
export type Log = (
  level: LogLevel,
  category: LogCategory,
  message: string,
  fields?: Readonly<Record<string, string | number | bigint | boolean>>,
) => void;

/** Hears how much work was done, for an operator who watches. Without one, nothing is measured. */
export interface Metrics {
  /** The scripts of one input were run. @param milliseconds by the stopwatch, with fractions */
  scriptRun(milliseconds: number): void;
  /** The scripts of one input were known to pass, and were not run again. */
  scriptKnown(): void;
  /** A connection has ended, which had carried this. Those that go on tell it by `Node.peers`. */
  connectionEnded(traffic: SessionTraffic): void;
}
