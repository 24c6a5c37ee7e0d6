import type { Milliseconds, Seconds } from "@chain/core";
import { requireFields } from "@chain/core/arguments";
import type { ChainManager } from "@chain/engine";
import { DevChainError } from "./errors.ts";

/**
 * When blocks are mined by themselves: `false`, on request alone; `true`, at once when a transaction has come;
 * `{ delay }`, so many milliseconds after that, with what has come until then; `{ interval }`, every so many seconds of
 * real time, transactions or not; `{ interval, onTransaction: true }`, both.
 */
export type Automine =
  | boolean
  | { readonly delay: Milliseconds }
  | { readonly interval: Seconds; readonly onTransaction?: boolean };

/** A day. */
const MAX_WAIT: Milliseconds = 86_400_000;

/** @throws DevChainError `usage` */
export function checkAutomine(mode: Automine): void {
  if (typeof mode === "boolean") return;
  requireFields(mode, "automine", {
    delay: "number?",
    interval: "number?",
    onTransaction: "boolean?",
  });
  const wait = "delay" in mode ? mode.delay : mode.interval * 1000;
  if (wait > 0 && wait <= MAX_WAIT && "delay" in mode !== "interval" in mode) return;
  const why = "automine has either a delay in milliseconds or an interval in seconds, up to a day";
  throw new DevChainError("usage", `${why}; true and false are the other choices`);
}

/** Mines blocks when the mode says so. */
export class Automining {
  readonly #mine: () => Promise<unknown>;
  readonly #chain: ChainManager;
  readonly #unsubscribe: () => void;
  #mode: Automine = false;
  #timer: NodeJS.Timeout | undefined;
  /** Under way, or asked for. */
  #running: Promise<unknown> = Promise.resolve();
  #isAsked = false;

  /** @param mine mines one block in its turn */
  constructor(chain: ChainManager, mine: () => Promise<unknown>) {
    this.#chain = chain;
    this.#mine = mine;
    this.#unsubscribe = chain.subscribe(({ type }) => {
      if (type === "transaction-added") this.#transactionCame();
    });
  }

  get mode(): Automine {
    return this.#mode;
  }

  set mode(mode: Automine) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#mode = mode;
    if (mode === false) return;
    if (typeof mode === "object" && "interval" in mode) this.#everyInterval(mode.interval * 1000);
    if (this.#chain.mempool.count > 0) this.#transactionCame();
  }

  #everyInterval(interval: Milliseconds): void {
    this.#timer = setTimeout(() => {
      this.#ask(() => true);
      this.#everyInterval(interval);
    }, interval);
    this.#timer.unref();
  }

  #transactionCame(): void {
    const mode = this.#mode;
    if (mode === false) return;
    const hasWork = () => this.#chain.mempool.count > 0;
    if (mode === true) this.#ask(hasWork);
    else if ("interval" in mode) {
      if (mode.onTransaction === true) this.#ask(hasWork);
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#ask(hasWork);
      }, mode.delay);
    }
  }

  /** One block for all that comes until its turn. */
  #ask(isNeeded: () => boolean): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#running = this.#running.then(async () => {
      this.#isAsked = false;
      // A block that breaks a rule is nothing that a timer could cure: the next request for a block says why.
      if (isNeeded()) await this.#mine().catch(() => {});
    });
  }

  /** Resolves when no block is under way: one that a timer will ask for is not waited for. */
  async settled(): Promise<void> {
    let running: unknown;
    while (running !== this.#running) {
      running = this.#running;
      await this.#running;
    }
  }

  close(): void {
    this.mode = false;
    this.#unsubscribe();
  }
}
