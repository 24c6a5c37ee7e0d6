import {
  Block,
  type ChainParams,
  checkSignetSolution,
  type HeaderNode,
  MAX_FUTURE_BLOCK_TIME,
  type Milliseconds,
  type SignatureVerifier,
} from "@chain/core";
import { requireFields, requireInteger } from "@chain/core/arguments";
import type { ChainManager } from "../chain/manager.ts";
import { EngineError } from "../errors.ts";
import type { Clock, Log, ProofOfWorkSearch, StopSignal, Timers } from "../ports.ts";
import { requireMinerOptions } from "../requireOptions.ts";
import { blockTemplate } from "./template.ts";

/** Waiting transactions that make a miner begin, as in the tutorial. */
const DEFAULT_MINE_WHEN = 2;

/** A template is searched for at least so many times as long as it took to make. */
const SEARCH_SHARE = 20;

/**
 * How often the clock of the chain is looked at while a block would be refused as too far in the future. Milliseconds.
 */
const CLOCK_INTERVAL: Milliseconds = 1_000;
/**
 * After any other failure: a full disk or a lack of open files may pass without a new block or transaction.
 * Milliseconds.
 */
const RETRY_INTERVAL: Milliseconds = 30_000;

export interface MinerOptions {
  readonly chain: ChainManager;
  readonly search: ProofOfWorkSearch;
  /** Script of the output that gets the reward. */
  readonly payTo: Uint8Array;
  readonly clock: Clock;
  /** Wakes it again after a failure that time may cure. */
  readonly timers: Timers;
  readonly log: Log;
  /** Waiting transactions that make it begin. Default 2; 0: mines without pause. */
  readonly mineWhen?: number;
  /**
   * Numbers for its coinbases, another each time. Miners of one chain that pay one script share them, because equal
   * coinbases make equal blocks, of which one counts. Default: from 0.
   */
  readonly extraNonce?: () => number;
}

/**
 * Mines when enough transactions wait, and goes on while any are left.
 *
 * When the tip changes, the search stops at once: its block would lose. When a transaction comes, it begins again with
 * that as well. A search has no memory, so this loses nothing but the time to make a template; and as a full mempool
 * under a stream of transactions would have it make nothing else, that may take no more than a twentieth of its time.
 *
 * @example
 * const miner = new Miner({ chain, search: new InProcessSearch(clock, timers), payTo, clock, timers, log });
 * await miner.mineOne();
 * chain.tip.height // 1
 */
export class Miner {
  readonly #options: MinerOptions;
  readonly #mineWhen: number;
  readonly #extraNonce: () => number;
  #running: Promise<void> | undefined;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;
  /** Counts transactions that came: a template knows by it whether there is more now. */
  #additions = 0;
  #wake: () => void = () => {};

  constructor(options: MinerOptions) {
    requireMinerOptions(options, "options");

    this.#options = options;
    this.#mineWhen = options.mineWhen ?? DEFAULT_MINE_WHEN;
    let next = 0;
    this.#extraNonce = options.extraNonce ?? (() => next++);
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopped = false;
    this.#unsubscribe = this.#options.chain.subscribe(({ type }) => {
      if (type === "transaction-added") this.#additions++;
      else if (type !== "tip-changed" && type !== "download-stalled") return;
      this.#wake();
    });
    this.#running = this.#loop();
  }

  /** Stops the search at once; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    this.#unsubscribe?.();
    await this.#running;
    this.#running = undefined;
  }

  /**
   * Mines one block now, with or without transactions.
   * @param maxTries nonces to try on one tip; by default as many as it takes
   * @throws EngineError `stopped` where `signal` ends it, `exhausted` after `maxTries`, `refused` where our own block
   *   breaks a rule.
   */
  async mineOne(signal: StopSignal = { aborted: false }, maxTries?: number): Promise<Block> {
    requireFields(signal, "signal", { aborted: "boolean" });
    if (maxTries !== undefined) requireInteger(maxTries, "maxTries", 0);

    const { chain } = this.#options;
    while (!signal.aborted) {
      const { tip } = chain;
      const block = await this.#attempt(tip, () => signal.aborted, maxTries);
      if (block !== undefined) return block;
      if (maxTries !== undefined && chain.tip === tip && !signal.aborted) {
        throw new EngineError("exhausted", `no block was found in ${maxTries} tries`);
      }
    }
    throw new EngineError("stopped", "mining was stopped");
  }

  async #loop(): Promise<void> {
    const { chain, clock, log } = this.#options;
    let busy = false;
    let announced: HeaderNode | undefined;
    let trouble: string | undefined;
    while (!this.#stopped) {
      const { tip } = chain;
      const { count } = chain.mempool;
      busy = (busy && count > 0) || count >= this.#mineWhen;
      if (!busy || chain.initialDownload) {
        await this.#change();
        continue;
      }
      if (announced !== tip) {
        announced = tip;
        const height = tip.height + 1;
        log("info", "miner", `mining height ${height} with ${transactions(count)}`, {
          event: "mining",
          height,
          transactions: count,
        });
      }
      const additions = this.#additions;
      try {
        const mined = await this.#attempt(tip, (refreshAt) => {
          const isOutdated = additions !== this.#additions && clock.now() >= refreshAt;
          return this.#stopped || isOutdated;
        });
        if (mined === undefined || trouble === undefined) continue;
        trouble = undefined;
        log("info", "miner", "mining goes on");
      } catch (error) {
        // Trying again at once would fail again: something has to change, and be it the time.
        const message = error instanceof Error ? error.message : String(error);
        const isEarly = error instanceof TooEarly;
        if (trouble !== message) {
          const text = isEarly ? message : `mining failed: ${message}; it is tried again`;
          log(isEarly ? "warn" : "error", "miner", text);
        }
        trouble = message;
        await this.#change(isEarly ? CLOCK_INTERVAL : RETRY_INTERVAL);
      }
    }
  }

  /** The next block or transaction, the call to stop, or the end of a time in milliseconds. */
  #change(timeout?: Milliseconds): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel =
        timeout === undefined ? () => {} : this.#options.timers.after(timeout, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /**
   * One template, one search.
   * @param isStopped asked now and then; it gets the time from which a new template is worth what it costs
   * @returns `undefined` where it was stopped, all nonces were tried, or another node's block came first
   */
  async #attempt(
    tip: HeaderNode,
    isStopped: (refreshAt: Milliseconds) => boolean,
    maxTries?: number,
  ): Promise<Block | undefined> {
    const { chain, search, payTo, clock, log } = this.#options;
    const begun = clock.now();
    const template = blockTemplate(chain, payTo, { extraNonce: this.#extraNonce() });
    // Blocks on blocks within one second push the time ahead of the clock, until others would refuse it.
    if (template.block.header.time > chain.now / 1000 + MAX_FUTURE_BLOCK_TIME) throw new TooEarly();
    refuseUnsigned(template.block, chain.params);
    const made = clock.now();
    const refreshAt = made + SEARCH_SHARE * (made - begun);
    const signal = {
      get aborted() {
        return isStopped(refreshAt) || chain.tip !== tip;
      },
    };
    const header = await search.search(template.block.header, signal, maxTries);
    if (header === undefined) return undefined;
    const block = new Block(header, template.block.transactions);
    const verdict = await chain.acceptBlock(block, { requested: true });
    if (!verdict.ok) {
      throw new EngineError("refused", `our own block was refused: ${verdict.reason}`);
    }
    if (!verdict.connected) return undefined;
    const { hash } = block;
    const { height } = template;
    const count = block.transactions.length;
    log("info", "miner", `mined block ${height} with ${transactions(count)}: ${hash}`, {
      event: "mined",
      height,
      hash,
      transactions: count,
    });
    return block;
  }
}

/** A template has no solution, so that no signature can be good. */
const NO_SIGNATURES: SignatureVerifier = /* @__PURE__ */ Object.freeze({
  name: "none",
  verifyEcdsa: () => false,
  verifySchnorr: () => false,
  checkTaprootTweak: () => false,
});

/** On a signet whose blocks are signed, minutes of work would be for nothing (BIP-0325). */
function refuseUnsigned(block: Block, params: ChainParams): void {
  const verdict = checkSignetSolution(block, params, NO_SIGNATURES);
  if (verdict.ok) return;
  const why = "blocks of this signet are signed, which this miner can't do";
  throw new EngineError("refused", `our own block would be refused: ${verdict.reason}; ${why}`);
}

/** The next block would be refused, because its time is too far ahead of our clock. */
class TooEarly extends EngineError {
  constructor() {
    const why = "the tip is two hours ahead of our clock";
    super("refused", `our own block would be refused: time-too-new; ${why}: waiting for it`);
  }
}

function transactions(count: number): string {
  return `${count} ${count === 1 ? "transaction" : "transactions"}`;
}
