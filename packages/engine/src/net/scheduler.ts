import type { Milliseconds } from "@chain/core";
import type { PeerId } from "../events.ts";
import type { Clock, Log, Timers } from "../ports.ts";
import type { PeerState } from "./conversation/peerState.ts";
import type { NetAction } from "./kit/actions.ts";
import { Alarm } from "./kit/alarm.ts";
import type { Peer } from "./peer/peer.ts";

/** How often time limits are looked at, at least. Milliseconds. */
const TICK: Milliseconds = 1_000;
/** Announcements to several peers that are due nearly at once go out at once. Milliseconds. */
const FLUSH_DELAY: Milliseconds = 20;
/** How long a node that was asked for addresses alone may take to tell any. Core: ten times 30 s. Milliseconds. */
const ADDR_FETCH_TIMEOUT: Milliseconds = 5 * 60_000;

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** How often time limits are looked at while no peer owes us an answer. Default: as often as at any other time. */
  readonly idleTickInterval?: Milliseconds | undefined;
  readonly state: PeerState;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  /** Whether a peer does not read what we have for it. */
  readonly isBlocked: (peer: PeerId) => boolean;
  /** The time limit of a session has come. */
  readonly tickSession: (peer: Peer) => void;
  readonly perform: (actions: readonly NetAction[]) => void;
  readonly drop: (peer: Peer, why: string) => void;
  /** Calls the peers that it is time to call. */
  readonly callDue: (now: Milliseconds) => void;
  /** Until a peer is called again. Milliseconds. */
  readonly untilNextTry: () => number;
}

/**
 * Does what a node has to do at its time: time limits, outbound connections, announcements of transactions. Core:
 * CScheduler.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  #running = false;
  /** When time limits are looked at next. */
  readonly #tickAlarm: Alarm;
  /** When announcements of transactions are due next. */
  readonly #flushAlarm: Alarm;
  /** No session has a time limit before. */
  #nextDeadline: Milliseconds = Number.POSITIVE_INFINITY;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#tickAlarm = new Alarm(options, () => this.#tick());
    this.#flushAlarm = new Alarm(options, () => this.#flush());
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    this.#running = true;
    this.#tick();
  }

  stop(): void {
    this.#running = false;
    this.#tickAlarm.stop();
    this.#flushAlarm.stop();
  }

  /** The clock was set: what is due by it is done at once. */
  clockSet(): void {
    this.#flushAlarm.stop();
    this.#tickAlarm.stop();
    this.#tick();
    if (this.#running) this.#flush();
  }

  /** Looks at time limits then, if not before: no peer that waits, and no peer that stalls, has more time. */
  tickBy(at: number): void {
    if (this.#running) this.#tickAlarm.by(at);
  }

  /** There may be a time limit now where there was none. */
  watchTimeLimits(): void {
    const { state, clock } = this.#options;
    if (state.isWaiting) this.tickBy(clock.now() + TICK);
  }

  /** A session has a time limit. */
  watchSession({ session }: Peer): void {
    this.#nextDeadline = Math.min(this.#nextDeadline, session.nextDeadline);
  }

  /**
   * Sends the next announcements of transactions when they are due. To be called whenever there may be new ones, or a
   * peer reads again.
   */
  scheduleAnnouncements(): void {
    const { state, isBlocked } = this.#options;
    const next = state.relay.nextFlush(isBlocked);
    if (next !== undefined && this.#running) this.#flushAlarm.by(next, FLUSH_DELAY);
  }

  #flush(): void {
    const { state, clock, isBlocked, perform } = this.#options;
    perform(state.relay.flush(isBlocked, clock.now()));
    this.scheduleAnnouncements();
  }

  /** An error in it must not be the end of time. */
  #tick(): void {
    if (!this.#running) return;
    const { log, clock } = this.#options;
    try {
      this.#lookAtTime();
    } catch (error) {
      log("error", "net", `an error of our own: ${String(error)}`);
      this.tickBy(clock.now() + TICK);
    }
  }

  #lookAtTime(): void {
    const { clock, state, perform, callDue, untilNextTry } = this.#options;
    const now = clock.now();
    this.#tickSessions(now);
    perform(state.tick(now, (id) => this.#isBusy(id)));
    callDue(now);
    this.#endAddrFetches(now);
    const { idleTickInterval = TICK } = this.#options;
    const rest = state.isWaiting ? TICK : idleTickInterval;
    const due = Math.min(now + untilNextTry(), state.blocks.nextDeadline(now));
    this.tickBy(Math.min(due, now + rest));
  }

  #tickSessions(now: Milliseconds): void {
    if (now < this.#nextDeadline) return;
    const { peers, tickSession } = this.#options;
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const peer of [...peers.values()]) {
      if (peer.session.nextDeadline <= now) tickSession(peer);
      this.watchSession(peer);
    }
  }

  #endAddrFetches(now: Milliseconds): void {
    const { peers, drop } = this.#options;
    for (const peer of [...peers.values()]) {
      const isLate = peer.kind === "addr-fetch" && now > peer.connectedAt + ADDR_FETCH_TIMEOUT;
      if (isLate) drop(peer, "it has told us no addresses");
    }
  }

  /** Whether we have not yet handled all that a peer has sent, for which it is not to blame. */
  #isBusy(id: PeerId): boolean {
    const { peers, isBlocked } = this.#options;
    return !isBlocked(id) && (peers.get(id)?.working ?? false);
  }
}
