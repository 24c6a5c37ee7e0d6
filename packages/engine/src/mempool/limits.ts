/** How much a mempool takes. The defaults are Core's. */
export interface MempoolLimits {
  /** Most memory, in bytes as Core counts it; what is really taken is about twice as much, three times at most. */
  readonly maxMemory: number;
  /** Most unconfirmed transactions that one may depend on, or have depend on it, itself included. */
  readonly maxFamilyCount: number;
  /** Most virtual bytes of the same. */
  readonly maxFamilySize: number;
  /** How long a transaction may wait, in milliseconds. */
  readonly expiry: number;
}

export const DEFAULT_MEMPOOL_LIMITS: MempoolLimits = /* @__PURE__ */ Object.freeze({
  maxMemory: 300_000_000,
  maxFamilyCount: 25,
  maxFamilySize: 101_000,
  expiry: 336 * 60 * 60 * 1000,
});
