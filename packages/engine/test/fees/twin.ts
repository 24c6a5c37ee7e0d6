/**
 * An estimator that remembers each transaction, and works everything out from them when it is asked. It knows Core's
 * definitions, and none of the tables of the real one.
 */
import type { FeeHorizon, FeeRange } from "@chain/engine";

interface Remembered {
  readonly feeRate: number;
  /** Of the tip when it came. */
  readonly height: number;
  /** Height of the block that has it, or of the tip when it left without one. */
  left?: number;
  isConfirmed?: boolean;
}

const HORIZONS = {
  short: { periods: 12, scale: 1, decay: 0.962, sufficient: 0.5 },
  medium: { periods: 24, scale: 2, decay: 0.9952, sufficient: 0.1 },
  long: { periods: 42, scale: 24, decay: 0.99931, sufficient: 0.1 },
} as const;

interface Told {
  readonly feeRate: number | undefined;
  readonly pass: FeeRange | undefined;
  readonly fail: FeeRange | undefined;
}

export class FeeTwin {
  readonly #all: Remembered[] = [];
  readonly #waiting = new Map<string, Remembered>();
  height = 0;
  #first = 0;

  added(id: string, feeRate: number): void {
    const remembered = { feeRate, height: this.height };
    this.#all.push(remembered);
    this.#waiting.set(id, remembered);
  }

  removed(id: string): void {
    this.#leave(id, false);
  }

  block(height: number, ids: readonly string[]): void {
    this.height = height;
    for (const id of ids) {
      if (this.#leave(id, true) && this.#first === 0) this.#first = height;
    }
  }

  #leave(id: string, isConfirmed: boolean): boolean {
    const remembered = this.#waiting.get(id);
    if (remembered === undefined) return false;
    this.#waiting.delete(id);
    Object.assign(remembered, { left: this.height, isConfirmed });
    return true;
  }

  raw(horizon: FeeHorizon, target: number, threshold: number): Told {
    const all = this.#all;
    const { decay, sufficient } = HORIZONS[horizon];
    const needed = sufficient / (1 - decay);
    const bounds = [0, ...twinBounds()];
    let pass: { range: FeeRange; members: Remembered[] } | undefined;
    let fail: FeeRange | undefined;
    let [end, from] = [bounds.length - 1, bounds.length - 1];
    for (let i = end - 1; i >= 0; i--) {
      const slice = between(all, bounds[i] ?? 0, bounds[from] ?? 0);
      if (this.#range(horizon, target, 0, 0, slice).totalConfirmed < needed) continue;
      from = i;
      const [start, stop] = [bounds[i] ?? 0, bounds[end] ?? 0];
      const members = between(all, start, stop);
      const range = this.#range(horizon, target, start, stop, members);
      const of = range.totalConfirmed + range.leftMempool + range.inMempool;
      if (range.withinTarget / of < threshold) {
        fail ??= range;
        continue;
      }
      fail = undefined;
      pass = { range, members };
      end = i;
    }
    const rest = between(all, 0, bounds[end] ?? 0);
    if (fail === undefined && end > 0) {
      fail = this.#range(horizon, target, 0, bounds[end] ?? 0, rest);
    }
    const feeRate = pass && this.#median(horizon, pass.members, bounds);
    return { feeRate, pass: pass?.range, fail };
  }

  smart(target: number, conservative: boolean): { feeRate: number | undefined; target: number } {
    const usable = Math.min(1008, Math.max(target, 2), Math.floor((this.height - this.#first) / 2));
    if (this.#first === 0 || usable <= 1) {
      return { feeRate: undefined, target: this.#first === 0 ? 0 : usable };
    }
    const rate = (horizon: FeeHorizon, at: number, threshold: number) =>
      this.raw(horizon, at, threshold).feeRate ?? Number.NaN;
    const least = (at: number, threshold: number, lower: boolean) => {
      const short = () => rate("short", Math.min(at, 12), threshold);
      const medium = () => rate("medium", Math.min(at, 48), threshold);
      if (at > 1008) return Number.NaN;
      if (at <= 12) return short();
      if (at <= 48) return min(lower ? [short(), medium()] : [medium()]);
      const long = rate("long", at, threshold);
      return min(lower ? [short(), medium(), long] : [long]);
    };
    const answers = [
      least(Math.floor(usable / 2), 0.6, true),
      least(usable, 0.85, true),
      least(2 * usable, 0.95, !conservative),
    ];
    if (conservative || answers.every(Number.isNaN)) {
      if (2 * usable <= 12) answers.push(rate("medium", 2 * usable, 0.95));
      if (2 * usable <= 48) answers.push(rate("long", 2 * usable, 0.95));
    }
    const known = answers.filter((answer) => !Number.isNaN(answer));
    return { feeRate: known.length === 0 ? undefined : Math.max(...known), target: usable };
  }

  #range(
    horizon: FeeHorizon,
    target: number,
    start: number,
    end: number,
    members: readonly Remembered[],
  ): FeeRange {
    const { scale, decay } = HORIZONS[horizon];
    const periods = Math.ceil(target / scale);
    const weight = ({ left = 0 }: Remembered) => decay ** (this.height - left);
    const sum = (of: readonly Remembered[]) => of.reduce((all, each) => all + weight(each), 0);
    const waited = ({ left = this.height, height }: Remembered) => left - height;
    const confirmed = members.filter(({ isConfirmed }) => isConfirmed === true);
    const failed = members.filter(({ isConfirmed }) => isConfirmed === false);
    return {
      start,
      end,
      withinTarget: sum(confirmed.filter((each) => Math.ceil(waited(each) / scale) <= periods)),
      totalConfirmed: sum(confirmed),
      inMempool: members.filter((each) => each.left === undefined && waited(each) >= target).length,
      leftMempool: sum(failed.filter((each) => Math.floor(waited(each) / scale) >= periods)),
    };
  }

  /** Of the bucket in which half of the weight of those that were confirmed is reached. */
  #median(horizon: FeeHorizon, members: readonly Remembered[], bounds: readonly number[]): number {
    const { decay } = HORIZONS[horizon];
    const weight = ({ left = 0 }: Remembered) => decay ** (this.height - left);
    const sum = (of: readonly Remembered[]) => of.reduce((all, each) => all + weight(each), 0);
    const confirmed = members.filter(({ isConfirmed }) => isConfirmed === true);
    const half = sum(confirmed) / 2;
    for (const [i, bound] of bounds.slice(1).entries()) {
      const upTo = confirmed.filter(({ feeRate }) => feeRate <= bound);
      if (sum(upTo) < half) continue;
      const bucket = between(confirmed, bounds[i] ?? 0, bound);
      return bucket.reduce((all, each) => all + weight(each) * each.feeRate, 0) / sum(bucket);
    }
    return Number.NaN;
  }
}

function between(all: readonly Remembered[], start: number, end: number): Remembered[] {
  return all.filter(({ feeRate }) => (feeRate > start || start === 0) && feeRate <= end);
}

function min(rates: readonly number[]): number {
  const known = rates.filter((rate) => !Number.isNaN(rate));
  return known.length === 0 ? Number.NaN : Math.min(...known);
}

function twinBounds(): number[] {
  const bounds = [100];
  while ((bounds.at(-1) ?? 0) * 1.05 <= 1e7) bounds.push((bounds.at(-1) ?? 0) * 1.05);
  return [...bounds, 1e99];
}
