/** Tells peers below which fee rate a transaction is not worth telling us of (BIP-0133). */
import type { Milliseconds } from "@chain/core";
import { FEEFILTER_VERSION } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import type { Random } from "../../ports.ts";
import { type NetAction, sendMessage } from "../kit/actions.ts";
import { exponential, uniform } from "../kit/chance.ts";

/** How often it is told again. Core: AVG_FEEFILTER_BROADCAST_INTERVAL. Milliseconds. */
const INTERVAL: Milliseconds = 10 * 60_000;
/** After a large change, no later than this. Core: MAX_FEEFILTER_CHANGE_DELAY. Milliseconds. */
const MAX_DELAY: Milliseconds = 5 * 60_000;
/** Ratio of neighbouring rates that are told. Core: FEE_FILTER_SPACING. */
const SPACING = 1.1;
/** Core: MAX_FILTER_FEERATE. Base units for 1,000 virtual bytes. */
const MAX_RATE = 1e7;

interface PeerFilter {
  sent: bigint;
  nextAt: Milliseconds;
}

export interface FeeFilterOptions {
  readonly random: Random;
  /** The fee rate that the mempool asks when it lacks room; 0: it has room. Base units for 1,000 virtual bytes. */
  readonly raised: (now: Milliseconds) => bigint;
  /** The fee rate that it always asks. Sent as it is, or transactions that pay just that would be kept from us. */
  readonly least: bigint;
}

/**
 * Tells peers the least fee rate that we take. The rate is rounded by chance, and told at times of chance: else the exact
 * rate would tell this node from others. While blocks are missing Core asks for silence; we remember what we hear until
 * we can check it, so that no payment is missed on a network of few.
 */
export class FeeFilter {
  readonly #options: FeeFilterOptions;
  readonly #peers = new Map<PeerId, PeerFilter>();

  constructor(options: FeeFilterOptions) {
    this.#options = options;
  }

  add(peer: PeerId, protocolVersion: number, now: Milliseconds): NetAction[] {
    if (protocolVersion < FEEFILTER_VERSION) return [];
    const state = { sent: 0n, nextAt: now };
    this.#peers.set(peer, state);
    return this.#tell(peer, state, now);
  }

  remove(peer: PeerId): void {
    this.#peers.delete(peer);
  }

  tick(now: Milliseconds): NetAction[] {
    return [...this.#peers].flatMap(([peer, state]) => this.#tell(peer, state, now));
  }

  #tell(peer: PeerId, state: PeerFilter, now: Milliseconds): NetAction[] {
    const { random, raised, least } = this.#options;
    const rate = raised(now);
    if (now < state.nextAt) {
      const isFar = rate < (3n * state.sent) / 4n || rate > (4n * state.sent) / 3n;
      if (isFar && now + MAX_DELAY < state.nextAt) state.nextAt = now + uniform(random, MAX_DELAY);
      return [];
    }
    state.nextAt = now + exponential(random, INTERVAL);
    let feeRate = roundRate(rate, random);
    if (feeRate < least) feeRate = least;
    if (feeRate === state.sent) return [];
    state.sent = feeRate;
    return [sendMessage(peer, { command: "feefilter", feeRate })];
  }
}

/** The nearest rate below on a scale of powers, or now and then the one above. Core: FeeFilterRounder. */
function roundRate(rate: bigint, random: Random): bigint {
  if (rate <= 0n) return 0n;
  const exact = Math.log(Math.min(Number(rate), MAX_RATE)) / Math.log(SPACING);
  const step = uniform(random, 3) < 1 ? Math.ceil(exact) : Math.floor(exact);
  return BigInt(Math.floor(SPACING ** step));
}
