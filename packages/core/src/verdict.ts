import { requireString } from "./arguments.ts";
/**
 * Why a transaction or block was refused, as far as it matters for its sender. The same categories as Core's
 * TxValidationResult and BlockValidationResult; the kind alone decides whether a peer is punished.
 */
export type RefusalKind =
  // transactions and blocks
  | "consensus" // breaks a rule that every node holds
  // transactions
  | "missing-inputs" // spends what is unknown or already spent: the sender may know more than we do
  | "premature-spend" // not yet final, or spends a coinbase too early
  | "conflict" // already known, or spends what a transaction in the mempool spends
  | "witness-stripped" // a script failed because its witness is missing: another copy of the transaction may be good
  | "policy" // fine for a block, not for this mempool
  | "nonstandard-inputs" // the same because of the outputs that it spends, with any witness
  // headers and blocks
  | "invalid-header" // proof of work, difficulty or time of the header itself
  | "mutated" // not what its header commits to: the header may still be good
  | "cached-invalid" // found invalid before
  | "missing-parent" // its parent is unknown
  | "invalid-parent" // a descendant of an invalid block
  | "time-future"; // its clock is too far ahead of ours: may be good later

export interface Refusal {
  readonly ok: false;
  readonly kind: RefusalKind;
  /** Core's reject reason, word for word: `bad-cb-amount`, `high-hash`, … */
  readonly reason: string;
  /** More for readers of a log; never to be matched by programs. */
  readonly debug?: string;
}

/** The answer of a rule. `T` is what a success brings along. */
export type Verdict<T extends object = object> = ({ readonly ok: true } & T) | Refusal;

/** The success that brings nothing along. */
export const VALID: { readonly ok: true } = /* @__PURE__ */ Object.freeze({ ok: true });

/** @example refuse("consensus", "bad-cb-amount") // { ok: false, kind: "consensus", reason: "bad-cb-amount" } */
export function refuse(kind: RefusalKind, reason: string, debug?: string): Refusal {
  requireString(kind, "kind");
  requireString(reason, "reason");

  return debug === undefined ? { ok: false, kind, reason } : { ok: false, kind, reason, debug };
}
