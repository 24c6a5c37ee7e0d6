import type { Milliseconds } from "@chain/core";
import { requireBoolean, requireFields } from "@chain/core/arguments";
import type { ChainManager } from "../chain/manager.ts";
import { selectPackages } from "../mempool/selection.ts";

/** Room in a block of another beside its coinbase. Core: DEFAULT_BLOCK_MAX_WEIGHT, MAX_BLOCK_SIGOPS_COST. */
const BLOCK = { weight: 4_000_000, sigopCost: 80_000 } as const;
/** Blocks of which the mempool must have known most, by weight. Core: MEMPOOL_HEALTH_WINDOW_BLOCKS. */
const BLOCKS = 6;
const KNOWN = 0.75;
/** So long an answer holds, unless a block comes: choosing takes time with a full mempool. Core: CACHE_LIFE. */
const LIFE: Milliseconds = 7_000;

interface Seen {
  readonly height: number;
  /** Weight of its transactions without the coinbase, and of those among them that the mempool had. */
  readonly weight: number;
  readonly known: number;
}

interface Rates {
  readonly at: Milliseconds;
  /** Base units for 1,000 virtual bytes. */
  readonly conservative: bigint;
  readonly economical: bigint;
}

/**
 * The fee rate of the middle of the next block, as the mempool would make it: an estimate from the past need not ask
 * more. It answers only while the mempool has known what blocks hold, because one that lacks transactions looks emptier
 * than it is. Core 32: MemPoolFeeRateEstimator (https://github.com/bitcoin/bitcoin/pull/34075).
 *
 * @example
 * const fees = new MempoolFees(chain);
 * for (let height = 1; height <= 6; height++) fees.blockConnected({ height, weight: 0, known: 0 });
 * fees.estimate(false) === chain.mempool.minFeeRate(chain.now) // true: nothing waits
 */
export class MempoolFees {
  readonly #chain: Pick<ChainManager, "mempool" | "now">;
  #seen: readonly Seen[] = [];
  #rates: Rates | undefined;

  constructor(chain: Pick<ChainManager, "mempool" | "now">) {
    requireFields(chain, "chain", { mempool: "object", now: "number" });
    this.#chain = chain;
  }

  /** A block came. One that does not follow the last one, as after a reorganisation, takes the place of those from its height on. */
  blockConnected(block: Seen): void {
    requireFields(block, "block", { height: "number", weight: "number", known: "number" });

    const before = this.#seen.filter(({ height }) => height < block.height);
    const follows = before.at(-1)?.height === block.height - 1;
    this.#seen = [...(follows ? before : []), block].slice(-BLOCKS);
    this.#rates = undefined;
  }

  /**
   * @param conservative whether half of the block shall pay less, and not three quarters more
   * @returns base units for 1,000 virtual bytes; undefined while the mempool may lack too much
   */
  estimate(conservative: boolean): bigint | undefined {
    requireBoolean(conservative, "conservative");

    if (!this.#isRepresentative) return undefined;
    const { now } = this.#chain;
    if (this.#rates === undefined || Math.abs(now - this.#rates.at) > LIFE)
      this.#rates = this.#ask(now);
    return conservative ? this.#rates.conservative : this.#rates.economical;
  }

  /** Whether the mempool had most of what the last blocks hold, or they hold too little to tell. */
  get #isRepresentative(): boolean {
    if (this.#seen.length < BLOCKS) return false;
    const weight = this.#seen.reduce((sum, each) => sum + each.weight, 0);
    const known = this.#seen.reduce((sum, each) => sum + each.known, 0);
    return weight < BLOCK.weight || known >= KNOWN * weight;
  }

  #ask(now: Milliseconds): Rates {
    const { mempool } = this.#chain;
    const packages = [...selectPackages(mempool.entries(), BLOCK)].map(({ fees, entries }) => {
      const size = entries.reduce((sum, entry) => sum + entry.size, 0);
      return { rate: (fees * 1000n) / BigInt(size), weight: 4 * size };
    });
    // Those that were chosen to fill the rest may pay more than others before them.
    packages.sort((a, b) => Number(b.rate - a.rate));
    const least = mempool.minFeeRate(now);
    const at = (weight: number) => {
      let sum = 0;
      const found = packages.find((each) => {
        sum += each.weight;
        return sum >= weight;
      });
      return found?.rate ?? least;
    };
    return { at: now, conservative: at(BLOCK.weight / 2), economical: at((BLOCK.weight * 3) / 4) };
  }
}
