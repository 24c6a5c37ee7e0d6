import { ChainError } from "@chain/core";

/** The kind of an error, for programs. */
export type WalletErrorCode =
  | "not-found" // no key file here
  | "exists" // a key file is here already
  | "corrupt" // not a key file, or not as it was written
  | "newer-version" // written by a newer version of this package
  | "wrong-network" // keys of another network
  | "in-use" // another process is writing it right now
  | "needs-passphrase" // the keys are encrypted, and the wallet is locked
  | "wrong-passphrase"
  | "empty-passphrase"
  | "unknown-key" // an address that is not the wallet's
  | "invalid-key" // no private key: not 32 bytes, or out of range
  | "invalid-label" // a name for a key that is too long, or more than a line
  | "unwritable" // the key file would hold what could not be read again: nothing was written
  | "invalid-length" // a value of fixed size in another size
  | "not-encrypted" // no passphrase was set
  | "private-keys-disabled" // the wallet was made to hold none
  | "needs-private-keys" // a descriptor whose keys only a private key that is missing can derive
  | "invalid-range" // of a descriptor, which must not lose scripts
  | "not-activatable" // a descriptor that can't give addresses
  | "unknown-transaction" // not one of the wallet's
  | "conflict" // a coin that another payment of this wallet spends already
  | "bad-signature" // a signature of ours that does not verify; nothing was sent
  | "io"; // the disk or the system said no

/**
 * Thrown for misuse, I/O and corruption: a code for programs, a sentence for people. Wrong input of a person, and a
 * payment that lacks coins, is answered with a {@link Refused} instead.
 */
export class WalletError extends ChainError<WalletErrorCode> {
  override readonly name = "WalletError";
}

/** A refusal: a code for programs, and a sentence for the user. */
export interface Refused<Code extends string> {
  readonly ok: false;
  readonly code: Code;
  readonly reason: string;
}

export function refused<Code extends string>(code: Code, reason: string): Refused<Code> {
  return { ok: false, code, reason };
}
