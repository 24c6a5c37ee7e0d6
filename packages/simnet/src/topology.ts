import type { SeededRandom } from "./seededRandom.ts";

/** The n-th host is in the n-th /16 from 20.0: no two are neighbours. */
export function ipOf(n: number): string {
  return `${20 + (n >> 8)}.${n & 255}.0.1`;
}

/**
 * The nodes that one of them calls: as many as it makes calls, each other node with equal chance.
 * @returns their numbers from 0
 */
export function randomPeers(
  random: SeededRandom,
  { count, calls, own }: { readonly count: number; readonly calls: number; readonly own: number },
): readonly number[] {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(calls, count - 1)) {
    const other = random.below(count);
    if (other !== own) chosen.add(other);
  }
  return [...chosen];
}
