/** Chooses the inbound peer to evict when a new one wants a place. Core: node/eviction.cpp. */
import type { Milliseconds } from "@chain/core";
import type { PeerId } from "../../events.ts";

export interface EvictionCandidate {
  readonly id: PeerId;
  readonly connectedAt: Milliseconds;
  /** Least latency seen. Milliseconds. */
  readonly latencyMs: number;
  /** When it last gave us a block, or a transaction, that was new. 0: never. */
  readonly lastBlockAt: Milliseconds;
  readonly lastTransactionAt: Milliseconds;
  readonly relaysTransactions: boolean;
  /** Names the network that it is in. */
  readonly group: string;
  readonly local: boolean;
  /** The order of groups in this node, which no peer can know. */
  readonly groupRank: number;
}

type Order = (a: EvictionCandidate, b: EvictionCandidate) => number;

/**
 * The peer to evict: none of those that have been useful in a way that is hard to imitate (near, quick with
 * blocks or transactions, here for long, from a network of their own), and of the rest the youngest of the network
 * with most connections.
 * @returns undefined where all are worth keeping
 */
export function selectEviction(candidates: readonly EvictionCandidate[]): PeerId | undefined {
  let rest = [...candidates];
  const protect = (count: number, order: Order, which = (_: EvictionCandidate) => true) => {
    const best = rest.filter(which).sort(order).slice(0, count);
    rest = rest.filter((candidate) => !best.includes(candidate));
  };
  protect(4, (a, b) => b.groupRank - a.groupRank);
  protect(8, (a, b) => a.latencyMs - b.latencyMs);
  protect(4, (a, b) => b.lastTransactionAt - a.lastTransactionAt);
  protect(
    8,
    (a, b) => b.lastBlockAt - a.lastBlockAt,
    ({ relaysTransactions }) => !relaysTransactions,
  );
  protect(4, (a, b) => b.lastBlockAt - a.lastBlockAt);
  const half = Math.floor(rest.length / 2);
  const oldest: Order = (a, b) => a.connectedAt - b.connectedAt;
  // Half of the places for age, half of those for our own machine, where no other host can crowd in.
  const before = rest.length;
  protect(Math.floor(half / 2), oldest, ({ local }) => local);
  protect(half - (before - rest.length), oldest);
  if (rest.length === 0) return undefined;

  const groups = new Map<string, EvictionCandidate[]>();
  for (const candidate of rest) {
    groups.set(candidate.group, [...(groups.get(candidate.group) ?? []), candidate]);
  }
  const youngest = (group: readonly EvictionCandidate[]) =>
    Math.max(...group.map(({ connectedAt }) => connectedAt));
  const [worst] = [...groups.values()].sort(
    (a, b) => b.length - a.length || youngest(b) - youngest(a),
  );
  return worst?.sort((a, b) => b.connectedAt - a.connectedAt)[0]?.id;
}
