import { ChainError } from "@chain/core";

export type IndexErrorCode =
  | "damaged" // the records are not those that the index has written: delete them, and it is built again
  | "behind" // the index is being built, or has stopped: it can't answer yet
  | "too-many"; // the answer would have more entries than the caller allows

/** Thrown where an index can't go on. */
export class IndexError extends ChainError<IndexErrorCode> {
  override readonly name = "IndexError";
}
