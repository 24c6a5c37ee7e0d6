import { ChainError } from "@chain/core";

export type StorageErrorCode =
  | "wrong-chain" // the store belongs to another genesis block
  | "foreign" // a database, but not one of ours
  | "newer-version" // written by a newer version of this package
  | "older-version" // written by an older version, in another form: make it again from its blocks
  | "in-use" // another process has it open
  | "corrupt" // bytes that are not what was written
  | "no-genesis" // a rebuild found no genesis block
  | "unknown-block" // connected or made the tip, but not in the index
  | "bad-snapshot-header" // the beginning of a snapshot is not that of one, or of another network's
  | "bad-snapshot" // the coins of a snapshot are not those that it should have, or not as they should be
  | "io" // the disk or the system said no
  | "closed"; // used after close

/** Thrown by stores. One clear sentence for people, a code for programs. */
export class StorageError extends ChainError<StorageErrorCode> {
  override readonly name = "StorageError";
}
