import { ChainError } from "@chain/core";

export type EngineErrorCode =
  | "wrong-chain" // the store holds another chain
  | "unknown-position" // a follower stands at a block that the chain does not know, or can't undo: build it again
  | "bad-genesis" // the genesis block breaks its own rules
  | "missing-data" // the store lacks a block or undo data that its index promises
  | "pruned" // it needs blocks that were deleted, or that are not checked yet below a snapshot
  | "not-pruning" // no block may be deleted
  | "bad-snapshot" // a snapshot of coins is not the one that it should be, or can't be used here
  | "not-in-memory" // blocks are forgotten only by a chain that is kept in memory
  | "refused" // a block of our own broke a rule
  | "stopped" // mining was stopped before a block was found
  | "exhausted" // no block was found in as many tries as were allowed
  | "failed" // a write failed before: open the store again
  | "damaged-addresses" // the bytes of an address book are none
  | "already-connected" // a peer that is called has a connection, by this name or another
  | "unreachable" // no connection with a peer came about
  | "unknown-host" // a host name has no address
  | "closed"; // used after close

/** Thrown for misuse and damage. Data of peers never makes it throw: it gets a verdict. */
export class EngineError extends ChainError<EngineErrorCode> {
  override readonly name = "EngineError";
}

/** Something is impossible, because it takes blocks that were deleted, or are not checked yet. */
export function pruned(sentence: string, why = "blocks were pruned"): EngineError {
  return new EngineError("pruned", `${sentence}, because ${why}`);
}
