import { ChainError } from "@chain/core";

export type DevChainErrorCode =
  | "usage" // an argument or option that makes no sense
  | "insufficient-funds" // an account, or the faucet, has less than was asked for
  | "refused" // a transaction or block breaks a rule, or what was asked for can't be mined
  | "unknown-transaction" // it neither waits nor is where it was looked for
  | "closed"; // the chain was closed

/** Thrown for misuse, and where the chain can't do what it is asked for. */
export class DevChainError extends ChainError<DevChainErrorCode> {
  override readonly name = "DevChainError";
}
