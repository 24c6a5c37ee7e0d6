import type { Message } from "@chain/wire";
import type { Clock, Timers } from "../../ports.ts";
import type { Unread } from "./inbox.ts";
import { Lane } from "./lane.ts";
import type { Peer } from "./peer.ts";
import { BYTES_PER_UNIT } from "./workBudget.ts";

/** So many messages of one peer are handled without a break, or who sends many small ones at once is heard alone. */
const MESSAGES_AT_A_TIME = 64;

interface IntakeOptions {
  readonly clock: Clock;
  /** Measures what a peer costs. */
  readonly stopwatch: Clock;
  readonly timers: Timers;
  /** Whether blocks are on their way, so that nothing else is urgent. */
  readonly isCatchingUp: () => boolean;
  /** Cuts bytes into messages, which are then pushed to the peer. */
  readonly take: (peer: Peer, bytes: Uint8Array) => void;
  /** Whether it is worth the work of decoding it. */
  readonly wants: (peer: Peer, unread: Unread) => boolean;
  /** Decodes what waited as it came. @returns undefined for what can't be decoded, or ends the connection */
  readonly read: (peer: Peer, unread: Unread) => Message | undefined;
  readonly handle: (peer: Peer, message: Message) => Promise<void>;
  /** Something was thrown, which no message should bring about. */
  readonly failed: (peer: Peer, error: unknown) => void;
}

/**
 * Handles what peers have sent: of each one message after the other, and large ones of all of them one at a time, with
 * something else in between. Whoever does not read our answers has to wait. The time that each peer costs is measured,
 * and while blocks are on their way those that cost much for nothing share a tenth of ours: not even their bytes are
 * looked at sooner.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #working = new Map<Peer, Promise<void>>();
  readonly #lane: Lane<Peer>;
  #largeOnes: Promise<void> = Promise.resolve();

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { stopwatch, timers, isCatchingUp } = options;
    this.#lane = new Lane({
      stopwatch,
      timers,
      needsRest: isCatchingUp,
      priority: ({ meter, closed }) => (closed ? Infinity : meter.left(stopwatch.now())),
    });
  }

  /** Bytes have come of the peer. */
  received(peer: Peer, bytes: Uint8Array): void {
    if (peer.isHolding || this.#mustWait(peer)) peer.hold(bytes);
    else this.#take(peer, bytes);
    this.work(peer);
  }

  /** Something waits of the peer. */
  work(peer: Peer): void {
    if (peer.working || peer.isIdle) return;
    peer.working = true;
    const work = this.#handleAll(peer).finally(() => {
      peer.working = false;
      this.#lane.leave(peer);
      this.#working.delete(peer);
    });
    this.#working.set(peer, work);
  }

  /** Resolves when no message is being handled. */
  async idle(): Promise<void> {
    await Promise.all(this.#working.values());
  }

  /**
   * Lets others go on where that is due: to be asked before each part of a long answer.
   * @returns undefined where the peer may go on at once
   */
  turn(peer: Peer): Promise<void> | undefined {
    if (peer.blocked) return this.#wait(peer);
    if (this.#mustWait(peer)) return this.#lane.admits(peer) ? undefined : this.#wait(peer);
    // Blocks have come meanwhile: those behind it in the lane need not wait for its end.
    this.#lane.leave(peer);
    return undefined;
  }

  #mustWait(peer: Peer): boolean {
    const { isCatchingUp, stopwatch } = this.#options;
    return peer.meter.left(stopwatch.now()) <= 0 && isCatchingUp();
  }

  async #wait(peer: Peer): Promise<void> {
    const { stopwatch } = this.#options;
    const { meter } = peer;
    const isRunning = meter.isRunning;
    meter.stop(stopwatch.now());
    do {
      this.#lane.leave(peer);
      await peer.writable();
      if (!peer.closed && this.#mustWait(peer)) await this.#lane.enter(peer);
    } while (peer.blocked && !peer.closed);
    if (isRunning) meter.start(stopwatch.now());
  }

  #take(peer: Peer, bytes: Uint8Array): void {
    const { stopwatch, take } = this.#options;
    const { meter } = peer;
    // Then its time counts already.
    const isRunning = meter.isRunning;
    meter.start(stopwatch.now());
    take(peer, bytes);
    if (!isRunning) meter.stop(stopwatch.now());
  }

  async #handleAll(peer: Peer): Promise<void> {
    try {
      for (let count = 1; !peer.isIdle; count++) {
        if (count % MESSAGES_AT_A_TIME === 0) await peer.pause(this.#options.timers);
        const turn = this.turn(peer);
        if (turn !== undefined) await turn;
        if (peer.inbox.isEmpty) this.#takeHeld(peer);
        else if (peer.inbox.isNextLarge) await this.#inTurn(peer);
        else await this.#handleNext(peer);
      }
    } catch (error) {
      this.#options.failed(peer, error);
    }
  }

  #takeHeld(peer: Peer): void {
    const bytes = peer.nextHeld();
    if (bytes === undefined) return;
    this.#take(peer, bytes);
    // Bytes that make no message cost as well.
    if (peer.inbox.isEmpty) peer.meter.settle("nothing", this.#options.stopwatch.now());
  }

  async #inTurn(peer: Peer): Promise<void> {
    let handled: Promise<void> = Promise.resolve();
    const turn = this.#largeOnes.then(async () => {
      await peer.pause(this.#options.timers);
      const { isNextQuestion } = peer.inbox;
      handled = this.#handleNext(peer);
      // Nobody else should wait until a peer reads its answers.
      if (!isNextQuestion) await handled;
    });
    this.#largeOnes = turn.catch(() => undefined);
    await turn;
    await handled;
  }

  /** Taken out no sooner than it is its turn: if the peer goes before, what waits of it goes as well. */
  async #handleNext(peer: Peer): Promise<void> {
    const { stopwatch, handle } = this.#options;
    const { meter } = peer;
    const next = peer.next();
    if (next === undefined) return;
    peer.outcome = "nothing";
    meter.start(stopwatch.now());
    try {
      const message = next.type === "unread" ? this.#read(peer, next) : next.message;
      if (message !== undefined) await handle(peer, message);
    } finally {
      meter.settle(peer.outcome, stopwatch.now());
    }
  }

  #read(peer: Peer, unread: Unread): Message | undefined {
    const { wants, read, clock } = this.#options;
    if (!wants(peer, unread)) return undefined;
    const message = read(peer, unread);
    if (message === undefined) {
      peer.work.charge(unread.payload.length / BYTES_PER_UNIT, clock.now());
    }
    return message;
  }
}
