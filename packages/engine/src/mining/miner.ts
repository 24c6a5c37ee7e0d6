import { Block } from "@chain/core";
import type { ChainManager } from "../chain/manager.ts";
import { EngineError } from "../errors.ts";
import type { Clock, Log, ProofOfWorkSearch, StopSignal } from "../ports.ts";
import { assembleBlock } from "./template.ts";

/** Waiting transactions that make a miner begin, as in the tutorial. */
const DEFAULT_MINE_WHEN = 2;

export interface MinerOptions {
  readonly chain: ChainManager;
  readonly search: ProofOfWorkSearch;
  /** Script of the output that gets the reward. */
  readonly payTo: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  /** Waiting transactions that make it begin. Default 2; 0: mines without pause. */
  readonly mineWhen?: number;
}

/**
 * Mines when enough transactions wait, and goes on while any are left. When the tip or the mempool changes, it stops
 * at once and begins anew with what there is now: a search has no memory, so nothing is lost by that but the time to
 * make a template, and every block pays for all that waits.
 */
export class Miner {
  readonly #options: MinerOptions;
  readonly #mineWhen: number;
  #extraNonce = 0;
  #running: Promise<void> | undefined;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;
  /** Set when what is searched for is outdated. */
  #search: { aborted: boolean } = { aborted: false };
  #wake: () => void = () => {};

  constructor(options: MinerOptions) {
    this.#options = options;
    this.#mineWhen = options.mineWhen ?? DEFAULT_MINE_WHEN;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopped = false;
    this.#unsubscribe = this.#options.chain.subscribe(({ type }) => {
      if (
        type !== "tip-changed" &&
        type !== "transaction-added" &&
        type !== "transaction-removed"
      ) {
        return;
      }
      this.#search.aborted = true;
      this.#wake();
    });
    this.#running = this.#loop();
  }

  /** Stops the search at once; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#search.aborted = true;
    this.#wake();
    this.#unsubscribe?.();
    await this.#running;
    this.#running = undefined;
  }

  /**
   * Mines one block now, whatever waits.
   * @throws EngineError `closed` where `signal` stops it.
   */
  async mineOne(signal: StopSignal = { aborted: false }): Promise<Block> {
    const { chain } = this.#options;
    while (!signal.aborted) {
      const { tip } = chain;
      const stop = {
        get aborted() {
          return signal.aborted || chain.tip !== tip;
        },
      };
      const block = await this.#attempt(stop);
      if (block !== undefined) return block;
    }
    throw new EngineError("closed", "mining was stopped");
  }

  async #loop(): Promise<void> {
    const { chain, log } = this.#options;
    let busy = false;
    while (!this.#stopped) {
      const { count } = chain.mempool;
      busy = (busy && count > 0) || count >= this.#mineWhen;
      if (!busy || chain.initialDownload) {
        await this.#change();
        continue;
      }
      this.#search = { aborted: false };
      log("info", "miner", `mining height ${chain.tip.height + 1} with ${count} transactions`, {
        event: "mining",
        height: chain.tip.height + 1,
        transactions: count,
      });
      try {
        await this.#attempt(this.#search);
      } catch (error) {
        // Trying again at once would fail again: wait for something to change.
        log("error", "miner", `mining failed: ${error instanceof Error ? error.message : error}`);
        await this.#change();
      }
    }
  }

  /** The next change of tip or mempool, or the call to stop. */
  #change(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** One template, one search. @throws EngineError `refused` where our own block breaks a rule. */
  async #attempt(signal: StopSignal): Promise<Block | undefined> {
    const { chain, search, payTo, clock, log } = this.#options;
    const template = chain.blockTemplate();
    const time = Math.floor(clock.now() / 1000);
    const block = assembleBlock(template, payTo, time, this.#extraNonce++);
    const header = await search.search(block.header, signal);
    if (header === undefined) return undefined;
    const mined = new Block(header, block.transactions);
    const verdict = await chain.acceptBlock(mined, { requested: true });
    if (!verdict.ok) {
      throw new EngineError("refused", `our own block was refused: ${verdict.reason}`);
    }
    if (!verdict.connected) return undefined; // somebody else's came first
    const { hash } = mined;
    const { height, transactions } = template;
    log(
      "info",
      "miner",
      `mined block ${height} with ${transactions.length} transactions: ${hash}`,
      {
        event: "mined",
        height,
        hash,
        transactions: transactions.length,
      },
    );
    return mined;
  }
}
