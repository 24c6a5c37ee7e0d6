import type { BlockHash, Transaction } from "@chain/core";
import type { ChainManager, Node, StopSignal } from "@chain/engine";
import type { Identity } from "../identity.ts";

/** What the methods of the control connection work with. */
export interface ControlContext {
  readonly identity: Identity;
  readonly role: string;
  readonly chain: ChainManager;
  readonly node: Node;
  /** What peers are told that we are. */
  readonly userAgent: string;
  /** Which body checks signatures. */
  readonly signatures: string;
  /** Whether the transactions that waited when the node ended have been handed in again. */
  readonly mempoolLoaded: () => boolean;
  /** Resolves once a transaction that was just accepted is on disk: only then its sender gets an answer. */
  readonly keepTransaction: (transaction: Transaction) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly now: () => number;
  /** Sets the clock, in milliseconds since 1970, to stand still; undefined: real time again. */
  readonly setTime: (time: number | undefined) => void;
  /** Does what is scheduled by so many milliseconds sooner. */
  readonly forwardSchedule: (by: number) => void;
  /** Mines one block. @throws EngineError `closed` where `signal` stops it */
  readonly mine: (payTo: Uint8Array, signal: StopSignal) => Promise<BlockHash>;
  /** Writes the list of bans to its file. */
  readonly keepBans: () => Promise<void>;
  /** Ends the node soon, after the answer has gone out. */
  readonly requestStop: () => void;
}
