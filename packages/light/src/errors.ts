import { ChainError } from "@chain/core";

export type LightErrorCode =
  | "not-open" // the node was stopped, or not started yet
  | "store-failed" // the store could not be read or written
  | "unknown-transaction"; // no such transaction was found for the watched scripts

/** Thrown where a light node can't do what it was asked. */
export class LightError extends ChainError<LightErrorCode> {
  override readonly name = "LightError";
}
