import {
  type Milliseconds,
  type Refusal,
  runScriptCheck,
  type ScriptCheck,
  type SignatureVerifier,
  scriptChecks,
  type Transaction,
  type TransactionSpend,
} from "@chain/core";
import type { Clock, Metrics, ScriptJob, ScriptWorkers, Timers } from "../ports.ts";

/** Transactions whose scripts are remembered as good: enough for a full mempool of small payments. */
const CACHE_SIZE = 100_000;
/** Fewer inputs are checked here, in less time than other threads would take to answer. */
const LEAST_TO_SHARE = 64;
/** Longest stretch of checking before others get their turn. Milliseconds. */
const SLICE: Milliseconds = 15;

interface ScriptRunnerOptions {
  readonly verifier: SignatureVerifier;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics?: Metrics | undefined;
  /** Names checks that count as passed. */
  readonly skips?: ((check: ScriptCheck) => boolean) | undefined;
  /** Other threads that run scripts; default: there are none. */
  readonly workers?: ScriptWorkers | undefined;
}

/**
 * Runs script checks without blocking the process for long, and remembers which transactions passed: one that was
 * checked on its way into the mempool costs nothing when its block comes. Other threads may run them beforehand.
 */
export class ScriptRunner {
  readonly #verifier: SignatureVerifier;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #metrics: Metrics | undefined;
  readonly #skips: ((check: ScriptCheck) => boolean) | undefined;
  readonly #workers: ScriptWorkers | undefined;
  /** `flags:wtxid`, the oldest first. The wtxid covers scripts and witnesses, and by its inputs the coins it spends. */
  readonly #passed = new Set<string>();
  #sliceEnds = 0;

  constructor(options: ScriptRunnerOptions) {
    this.#verifier = options.verifier;
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#metrics = options.metrics;
    this.#skips = options.skips;
    this.#workers = options.workers;
  }

  /** Whether there are other threads for `prepare`. */
  get hasWorkers(): boolean {
    return this.#workers !== undefined;
  }

  async close(): Promise<void> {
    await this.#workers?.close();
  }

  /**
   * Has other threads begin to run scripts.
   * @returns a function that runs here what they have not begun, waits for the rest, and remembers what passed
   */
  prepare(jobs: readonly ScriptJob[]): () => Promise<void> {
    if (this.#workers === undefined || jobs.length === 0) return async () => {};
    const run = this.#workers.run(jobs);
    return async () => {
      for (let left = run.takeBack(); left !== undefined; left = run.takeBack()) {
        for (const { transaction, spentOutputs, flags } of left) {
          let isGood = true;
          for (const check of scriptChecks(transaction, spentOutputs, flags)) {
            isGood &&= this.#runOne(check).ok;
            if (isGood && this.isTired()) await this.pause();
          }
          if (isGood) this.remember(transaction, flags);
        }
      }
      for (const { transaction, flags } of await run.passed) this.remember(transaction, flags);
    };
  }

  /** @returns the first refusal; `undefined` where all checks pass. */
  async run(checks: readonly ScriptCheck[]): Promise<Refusal | undefined> {
    await this.#prepareMany(checks);
    let last: ScriptCheck | undefined;
    let isKnown = false;
    for (const check of checks) {
      if (check.spend !== last?.spend) isKnown = this.isKnown(check.spend.transaction, check.flags);
      last = check;
      if (isKnown) {
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

  /** Many scripts that nobody has foreseen are shared with the other threads. */
  async #prepareMany(checks: readonly ScriptCheck[]): Promise<void> {
    if (this.#workers === undefined || checks.length < LEAST_TO_SHARE) return;
    const unknown = new Map<TransactionSpend, ScriptJob>();
    let inputs = 0;
    for (const { spend, flags } of checks) {
      const { transaction, spentOutputs } = spend;
      if (!unknown.has(spend)) {
        if (this.isKnown(transaction, flags)) continue;
        unknown.set(spend, { transaction, spentOutputs, flags });
      }
      inputs++;
    }
    // A transaction goes to one thread: of one alone there is nothing to share.
    if (inputs >= LEAST_TO_SHARE && unknown.size > 1) await this.prepare([...unknown.values()])();
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
