import type { BlockHash, ChainParams, HeaderNode, Seconds } from "@chain/core";
import { present } from "@chain/core/arguments";
import type { ChainEvent } from "../events.ts";
import type { Log } from "../ports.ts";

/** The version of a block that can signal (BIP-0009): these bits are 001. */
const TOP_MASK = 0xe000_0000;
const TOP_BITS = 0x2000_0000;
/** Bits that can signal. */
const BITS = 29;
/**
 * Signals of periods before this median time are history: Taproot came into force on the main network. Core goes by a
 * height of each network (MinBIP9WarningHeight) and by the state of Taproot.
 */
const SINCE: Seconds = 1_636_934_400; // 2021-11-15

/** Bits whose rules hold in a period, and those whose rules will hold from the next one on. */
interface Period {
  readonly active: ReadonlySet<number>;
  readonly lockedIn: ReadonlySet<number>;
}

const NONE: Period = { active: new Set(), lockedIn: new Set() };

export interface UnknownRulesOptions {
  readonly params: Pick<ChainParams, "versionBits">;
  readonly log: Log;
  readonly emit: (event: ChainEvent) => void;
}

/**
 * Watches which rules miners bring into force that this node does not know: then it is too old to judge blocks alone,
 * and its operator should know. Core: WarningBitsConditionChecker, UpdateTip.
 */
export class UnknownRules {
  readonly #options: UnknownRulesOptions;
  /** By the last block of the period before. An entry for each period since `SINCE`. */
  readonly #periods = new Map<BlockHash, Period>();
  readonly #warned = new Set<number>();

  constructor(options: UnknownRulesOptions) {
    this.#options = options;
  }

  /** A sentence for each rule that has come into force while the node ran. */
  get warnings(): readonly string[] {
    return [...this.#warned].map(warningOf);
  }

  /** The node has caught up, and this is its tip. */
  tipMoved(tip: HeaderNode): void {
    const { log, emit } = this.#options;
    for (const bit of this.#after(tip).active) {
      if (this.#warned.has(bit)) continue;
      this.#warned.add(bit);
      log("warn", "chain", warningOf(bit), { bit });
      emit({ type: "unknown-rules", bit, warning: warningOf(bit) });
    }
  }

  /** The period of the block after this one. */
  #after(tip: HeaderNode): Period {
    const [deployment] = this.#options.params.versionBits;
    if (deployment === undefined) return NONE; // miners bring no rules into force here
    const { period, threshold } = deployment;
    const ends: HeaderNode[] = [];
    let end = tip.ancestor(tip.height - ((tip.height + 1) % period));
    while (end !== undefined && end.medianTimePast >= SINCE && !this.#periods.has(end.hash)) {
      ends.push(end);
      end = end.ancestor(end.height - period);
    }
    let before = end === undefined ? undefined : this.#periods.get(end.hash);
    for (const last of ends.toReversed()) {
      // During the first of these periods nothing could be signalled for yet.
      before =
        before === undefined ? NONE : next(before, this.#countSignals(last, period), threshold);
      this.#periods.set(last.hash, before);
    }
    return before ?? NONE;
  }

  /** Blocks that signal in the period that this block ends, for each bit that has no meaning here. */
  #countSignals(end: HeaderNode, period: number): readonly number[] {
    const known = new Set(this.#options.params.versionBits.map(({ bit }) => bit));
    const counts: number[] = Array(BITS).fill(0);
    let block: HeaderNode | undefined = end;
    for (let i = 0; i < period && block !== undefined; i++, block = block.parent) {
      const { version } = block;
      if ((version & TOP_MASK) >>> 0 !== TOP_BITS || version === TOP_BITS) continue;
      for (let bit = 0; bit < BITS; bit++) {
        const isSet = (version & (1 << bit)) !== 0 && !known.has(bit);
        if (isSet) counts[bit] = present(counts[bit], "counts[bit]") + 1;
      }
    }
    return counts;
  }
}

function next(before: Period, counts: readonly number[], threshold: number): Period {
  const active = new Set([...before.active, ...before.lockedIn]);
  const enough = counts.flatMap((count, bit) => (count >= threshold ? bit : []));
  return { active, lockedIn: new Set(enough.filter((bit) => !active.has(bit))) };
}

/** Core's sentence. */
function warningOf(bit: number): string {
  return `Unknown new rules activated (versionbit ${bit})`;
}
