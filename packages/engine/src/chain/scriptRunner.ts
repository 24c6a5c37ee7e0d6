import {
  type Milliseconds,
  type Refusal,
  runScriptCheck,
  type ScriptCheck,
  type SignatureVerifier,
  type Transaction,
} from "@chain/core";
import type { Clock, Metrics, Timers } from "../ports.ts";

/** Transactions whose scripts are remembered as good: enough for a full mempool of small payments. */
const CACHE_SIZE = 100_000;
/** Longest stretch of checking before others get their turn. Milliseconds. */
const SLICE: Milliseconds = 15;

interface ScriptRunnerOptions {
  readonly verifier: SignatureVerifier;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics?: Metrics | undefined;
  /** Names checks that count as passed. */
  readonly skips?: ((check: ScriptCheck) => boolean) | undefined;
}

/**
 * Runs script checks without blocking the process for long, and remembers which transactions passed: one that was
 * checked on its way into the mempool costs nothing when its block comes. Worker threads may take this one place.
 */
export class ScriptRunner {
  readonly #verifier: SignatureVerifier;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #metrics: Metrics | undefined;
  readonly #skips: ((check: ScriptCheck) => boolean) | undefined;
  /** `flags:wtxid`, the oldest first. The wtxid covers scripts and witnesses, and by its inputs the coins it spends. */
  readonly #passed = new Set<string>();
  #sliceEnds = 0;

  constructor(options: ScriptRunnerOptions) {
    this.#verifier = options.verifier;
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#metrics = options.metrics;
    this.#skips = options.skips;
  }

  /** @returns the first refusal; `undefined` where all checks pass. */
  async run(checks: readonly ScriptCheck[]): Promise<Refusal | undefined> {
    for (const check of checks) {
      if (this.isKnown(check.spend.transaction, check.flags)) {
        this.#metrics?.scriptKnown();
        continue;
      }
      if (this.#skips?.(check) === true) continue;
      const verdict = this.#runOne(check);
      if (!verdict.ok) return verdict;
      if (this.isTired()) await this.pause();
    }
    return undefined;
  }

  #runOne(check: ScriptCheck): ReturnType<typeof runScriptCheck> {
    const metrics = this.#metrics;
    if (metrics === undefined) return runScriptCheck(check, this.#verifier);
    const before = this.#clock.now();
    const verdict = runScriptCheck(check, this.#verifier);
    metrics.scriptRun(this.#clock.now() - before);
    return verdict;
  }

  /** Whether this has been at work long enough for one stretch. */
  isTired(): boolean {
    return this.#clock.now() >= this.#sliceEnds;
  }

  /** Lets everything else that waits have its turn. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.after(0, () => {
        this.#sliceEnds = this.#clock.now() + SLICE;
        resolve();
      });
    });
  }

  /** Notes that all scripts of a transaction pass with these flags. */
  remember(transaction: Transaction, flags: number): void {
    const [oldest] = this.#passed;
    if (this.#passed.size >= CACHE_SIZE && oldest !== undefined) this.#passed.delete(oldest);
    this.#passed.add(key(transaction, flags));
  }

  isKnown(transaction: Transaction, flags: number): boolean {
    return this.#passed.has(key(transaction, flags));
  }
}

function key(transaction: Transaction, flags: number): string {
  return `${flags}:${transaction.wtxid}`;
}
