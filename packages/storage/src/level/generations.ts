import type { Background } from "./background.ts";
import type { CoinsPlace } from "./changes.ts";
import type { Database } from "./checked.ts";
import { keysOfOthers } from "./schema.ts";

/** Coins of an old generation deleted at a time. */
const CLEAR_AT_A_TIME = 20_000;

/** The generations of coins that a store has, and the end of what it keeps no more: old ones, and the index by script. */
export class Generations {
  readonly #db: Database;
  /** That of the chain. */
  active: number;
  /** The coins below a snapshot. */
  background: Background | undefined;
  /** That of the coins of a snapshot that are being written. */
  loading: number | undefined;
  #cleared: Promise<void>;
  /** Whether coins are indexed by script. */
  readonly scripts: boolean;
  #stopped = false;

  constructor(
    db: Database,
    state: {
      readonly generation: number;
      readonly background: Background | undefined;
      readonly scripts: boolean;
    },
  ) {
    this.#db = db;
    this.active = state.generation;
    this.background = state.background;
    this.scripts = state.scripts;
    this.#cleared = this.#clear();
  }

  /** Where coins of a generation stand. */
  place(generation: number): CoinsPlace {
    return { generation, scripts: this.scripts };
  }

  /** Generations whose coins stay; the first is that of the chain. */
  get kept(): readonly number[] {
    const all = [this.active, this.background?.generation, this.loading];
    return all.filter((generation) => generation !== undefined);
  }

  /** Resolves once the coins of others are deleted, or that has stopped. */
  get cleared(): Promise<void> {
    return this.#cleared;
  }

  /** Deletes coins of other generations, and an index by script that is not kept, a piece at a time, in the background. The next open deletes the rest. */
  clearOthers(): void {
    this.#cleared = this.#cleared.then(() => this.#clear());
  }

  stop(): void {
    this.#stopped = true;
  }

  async #clear(): Promise<void> {
    try {
      for (const keys of keysOfOthers(this.kept, this.scripts)) {
        while (!this.#stopped) {
          if ((await this.#db.firstKey(keys)) === undefined) break;
          await this.#db.clear({ ...keys, limit: CLEAR_AT_A_TIME });
        }
      }
    } catch {
      // Nothing depends on it, and the next write fails too if the disk does not work.
    }
  }
}
