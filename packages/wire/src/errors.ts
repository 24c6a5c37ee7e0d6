import { ChainError } from "@chain/core";

/** The kind of an error, for programs. */
export type WireErrorCode =
  | "malformed" // the payload does not decode as its command says
  | "too-many-items" // it would decode, but lists more than the protocol allows: the sender breaks a rule
  | "unknown-command" // no codec for it
  | "unencodable" // a message whose values do not fit their fields
  | "oversized"; // a frame that no peer would take

/**
 * Thrown by codecs. A peer is to blame for `malformed`, `too-many-items` and `unknown-command`; the session turns these
 * into actions. The caller is to blame for `unencodable` and `oversized`.
 */
export class WireError extends ChainError<WireErrorCode> {
  override readonly name = "WireError";
}
