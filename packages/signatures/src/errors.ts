import { ChainError } from "@chain/core";

export type SignaturesErrorCode =
  | "unavailable" // the library does not load on this platform
  | "wrong-answers"; // it loads, and fails its own test

/** Thrown where a library for signatures can't be used; `cause` is what it threw. */
export class SignaturesError extends ChainError<SignaturesErrorCode> {
  override readonly name = "SignaturesError";
}
