/** Decides how to go on when no block comes any more. Core: CheckForStaleTipAndEvictPeers, EvictExtraOutboundPeers. */
import type { Milliseconds, Seconds } from "@chain/core";
import type { PeerId } from "../../events.ts";

/** How often it is looked at whether blocks still come. Core: STALE_CHECK_INTERVAL. Milliseconds. */
const CHECK_INTERVAL: Milliseconds = 10 * 60_000;
/** So many blocks should have come before something is wrong. */
const MISSED_BLOCKS = 3;
/** Core: EXTRA_PEER_CHECK_INTERVAL, MINIMUM_CONNECT_TIME. Milliseconds. */
const EXTRA_INTERVAL: Milliseconds = 45_000;
const LEAST_STAY = 30_000;

/** A peer that we have chosen to call. */
export interface ChosenPeer {
  readonly id: PeerId;
  readonly connectedAt: Milliseconds;
  /** When it last gave us a block that was new; 0: never. */
  readonly lastBlockAt: Milliseconds;
  /** Whether blocks are on their way from it. */
  readonly busy: boolean;
}

/**
 * When the tip stays the same for longer than chance explains, maybe all our peers keep us from the others: one more
 * than usual is called. Then the one goes that told of a block last, unless all did.
 */
export class StaleTip {
  readonly #limit: number;
  #tipAt: Milliseconds | undefined;
  #checkAt: Milliseconds | undefined;
  #extraAt: Milliseconds = 0;
  #wantsExtra = false;

  /** @param spacing seconds between blocks */
  constructor(spacing: Seconds) {
    this.#limit = MISSED_BLOCKS * spacing * 1000;
  }

  tipChanged(now: Milliseconds): void {
    this.#tipAt = now;
    this.#wantsExtra = false;
  }

  /**
   * Whether one more is to be called than there are places.
   * @param isDownloading whether blocks are on their way
   */
  wantsExtra(now: Milliseconds, isDownloading: boolean): boolean {
    this.#tipAt ??= now;
    this.#checkAt ??= now + CHECK_INTERVAL;
    if (now >= this.#checkAt) {
      this.#checkAt = now + CHECK_INTERVAL;
      this.#wantsExtra = now - this.#tipAt > this.#limit && !isDownloading;
    }
    return this.#wantsExtra;
  }

  /** The peer to disconnect where there are more than places; undefined where all may stay for now. */
  surplus(chosen: readonly ChosenPeer[], places: number, now: Milliseconds): PeerId | undefined {
    if (now < this.#extraAt) return undefined;
    this.#extraAt = now + EXTRA_INTERVAL;
    if (chosen.length <= places) return undefined;
    // Of those that are equal, the last to come.
    const [worst] = [...chosen].sort((a, b) => a.lastBlockAt - b.lastBlockAt || b.id - a.id);
    if (worst === undefined || worst.busy || now - worst.connectedAt < LEAST_STAY) return undefined;
    this.#wantsExtra = false;
    return worst.id;
  }
}
