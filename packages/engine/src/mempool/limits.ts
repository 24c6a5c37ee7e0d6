import type { Milliseconds } from "@chain/core";

/** How much a mempool takes. The defaults are Core's. */
export interface MempoolLimits {
  /** Most memory, in bytes as Core counts it; what is really taken is about twice as much, three times at most. */
  readonly maxMemory: number;
  /** Most unconfirmed transactions that one may depend on, itself included. Core: -limitancestorcount. */
  readonly maxAncestorCount: number;
  /** Most virtual bytes of the same. Core: -limitancestorsize, in thousands. */
  readonly maxAncestorSize: number;
  /** Most unconfirmed transactions that may depend on one, itself included. Core: -limitdescendantcount. */
  readonly maxDescendantCount: number;
  /** Most virtual bytes of the same. Core: -limitdescendantsize, in thousands. */
  readonly maxDescendantSize: number;
  /** How long a transaction may wait, in milliseconds. */
  readonly expiry: Milliseconds;
}

export const DEFAULT_MEMPOOL_LIMITS: MempoolLimits = /* @__PURE__ */ Object.freeze({
  maxMemory: 300_000_000,
  maxAncestorCount: 25,
  maxAncestorSize: 101_000,
  maxDescendantCount: 25,
  maxDescendantSize: 101_000,
  expiry: 336 * 60 * 60 * 1000,
});
