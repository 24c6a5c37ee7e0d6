/** So many samples are kept. Core: TimeOffsets::MAX_SIZE. */
const MAX_SAMPLES = 50;
/** Fewer say nothing. */
const MIN_SAMPLES = 5;
/** Seconds. Core: TimeOffsets::WARN_THRESHOLD. */
const WARN_FROM = 10 * 60;

/**
 * How far the clocks of the peers that we called are ahead of ours. It changes nothing: it is there to warn, because a
 * node with a wrong clock refuses good blocks. Peers that call us are not counted, or anybody could make us warn. Core:
 * TimeOffsets.
 */
export class TimeOffsets {
  readonly #samples: number[] = [];
  #warning: string | undefined;

  /** Of the last samples, in seconds: above 0 where the peers are ahead; 0 as long as there are too few. */
  get median(): number {
    if (this.#samples.length < MIN_SAMPLES) return 0;
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] as number;
  }

  /** A sentence for people, as long as our clock disagrees with most peers'. */
  get warning(): string | undefined {
    return this.#warning;
  }

  /**
   * @param offset seconds that the clock of a peer is ahead of ours
   * @returns whether it has begun or ended that the clocks disagree
   */
  add(offset: number): boolean {
    if (this.#samples.length >= MAX_SAMPLES) this.#samples.shift();
    this.#samples.push(offset);
    const before = this.#warning;
    const { median } = this;
    this.#warning = Math.abs(median) > WARN_FROM ? sentence(median) : undefined;
    return (before === undefined) !== (this.#warning === undefined);
  }
}

function sentence(median: number): string {
  const minutes = Math.floor(Math.abs(median) / 60);
  const where = median > 0 ? "behind" : "ahead of";
  return `our clock is ${minutes} minutes ${where} those of most peers: set it right, because blocks are judged by it`;
}
