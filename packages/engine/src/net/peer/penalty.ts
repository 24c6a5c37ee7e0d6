import type { Refusal, RefusalKind } from "@chain/core";
import {
  REJECT_DUPLICATE,
  REJECT_INSUFFICIENT_FEE,
  REJECT_INVALID,
  REJECT_NONSTANDARD,
} from "@chain/wire";

/** The penalty for sending something refused: none, or the end of the connection as a rule breaker. */
export type Penalty = "none" | "misbehaving";

/** For a block or header. Core: MaybePunishNodeForBlock. @param inbound whether the peer has called us */
export function blockPenalty(kind: RefusalKind, inbound: boolean): Penalty {
  switch (kind) {
    case "consensus":
    case "mutated":
    case "invalid-header":
    case "invalid-parent":
    case "missing-parent":
      return "misbehaving";
    case "cached-invalid": // an inbound peer may follow others that were deceived; an outbound one should know better
      return inbound ? "none" : "misbehaving";
    case "time-future": // our clock may be the one that is wrong
    case "missing-inputs":
    case "premature-spend":
    case "conflict":
    case "witness-stripped":
    case "policy":
    case "nonstandard-inputs":
      return "none";
    default:
      return kind satisfies never;
  }
}

const TOO_CHEAP: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "min relay fee not met",
  "mempool min fee not met",
  "insufficient fee",
]);

/** The code that `reject` carries for a refusal (BIP-0061). */
export function rejectCode({ kind, reason }: Refusal): number {
  if (TOO_CHEAP.has(reason)) return REJECT_INSUFFICIENT_FEE;
  switch (kind) {
    case "conflict":
    case "cached-invalid":
      return REJECT_DUPLICATE;
    case "policy":
    case "nonstandard-inputs":
    case "premature-spend":
      return REJECT_NONSTANDARD;
    default:
      return REJECT_INVALID;
  }
}
