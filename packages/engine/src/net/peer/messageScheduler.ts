import type { Milliseconds } from "@chain/core";
import type { Message } from "@chain/wire";
import type { Clock, Timers } from "../../ports.ts";
import type { Unread } from "./messageQueue.ts";
import type { Peer } from "./peer.ts";
import { RateLimitedQueue } from "./rateLimitedQueue.ts";
import { BYTES_PER_UNIT } from "./validationBudget.ts";

/** Messages of one peer that are handled without a break: a peer that sends many small ones must not be heard alone. */
const MESSAGES_AT_A_TIME = 64;
/** The time that the system takes to read a byte from a socket, which no stopwatch here can measure. Milliseconds. */
const READING = 1e-6;
/** More than the meters of two peers can differ: a peer that owes us blocks goes first. Milliseconds. */
const AHEAD: Milliseconds = 2_000;

interface MessageSchedulerOptions {
  readonly clock: Clock;
  /** Measures what a peer costs. */
  readonly stopwatch: Clock;
  readonly timers: Timers;
  /** Whether blocks are on their way, so that nothing else is urgent. */
  readonly isCatchingUp: () => boolean;
  /** Whether the peer was asked for blocks that are not here. */
  readonly owesBlocks: (peer: Peer) => boolean;
  /** Cuts bytes into messages, which are then pushed to the peer. */
  readonly take: (peer: Peer, bytes: Uint8Array) => void;
  /** Whether a message is worth the work of decoding it. */
  readonly wants: (peer: Peer, unread: Unread) => boolean;
  /** Decodes a message that waited as it came. @returns undefined where it can't be decoded, or ends the connection */
  readonly read: (peer: Peer, unread: Unread) => Message | undefined;
  readonly handle: (peer: Peer, message: Message) => Promise<void>;
  /** An error was thrown, which no message should bring about. */
  readonly failed: (peer: Peer, error: unknown) => void;
}

/**
 * Handles the messages of peers: those of each peer in order, and the large ones of all peers one at a time, with other
 * work in between. A peer that does not read our answers has to wait. The scheduler measures the time that each peer costs.
 * While blocks are on their way, the peers that cost much for nothing share a tenth of our time, and the bytes that they
 * send stay unread until their turn.
 */
export class MessageScheduler {
  readonly #options: MessageSchedulerOptions;
  readonly #working = new Map<Peer, Promise<void>>();
  readonly #throttled: RateLimitedQueue<Peer>;
  #largeOnes: Promise<void> = Promise.resolve();

  constructor(options: MessageSchedulerOptions) {
    this.#options = options;
    const { stopwatch, timers, isCatchingUp, owesBlocks } = options;
    this.#throttled = new RateLimitedQueue({
      stopwatch,
      timers,
      needsRest: isCatchingUp,
      priority: (peer) => peer.cpuTime.left(stopwatch.now()) + (owesBlocks(peer) ? AHEAD : 0),
    });
  }

  /** Bytes have come from the peer. */
  received(peer: Peer, bytes: Uint8Array): void {
    if (peer.isHolding || this.#mustWait(peer)) peer.hold(bytes);
    else this.#take(peer, bytes);
    this.work(peer);
  }

  /** Messages or bytes of the peer wait to be handled. */
  work(peer: Peer): void {
    if (peer.working || peer.isIdle) return;
    peer.working = true;
    const work = this.#handleAll(peer).finally(() => {
      peer.working = false;
      this.#throttled.leave(peer);
      this.#working.delete(peer);
    });
    this.#working.set(peer, work);
  }

  /** The peer has gone, and waits for no turn: the other peers and `idle` need not wait for it. */
  remove(peer: Peer): void {
    this.#throttled.withdraw(peer);
  }

  /** Resolves when no message is being handled. */
  async idle(): Promise<void> {
    await Promise.all(this.#working.values());
  }

  /**
   * Lets other peers go on where that is due. A long answer asks for its turn before each of its parts.
   * @returns undefined where the peer may go on at once
   */
  turn(peer: Peer): Promise<void> | undefined {
    if (peer.blocked) return this.#wait(peer);
    if (this.#mustWait(peer)) return this.#throttled.admits(peer) ? undefined : this.#wait(peer);
    // Blocks have come meanwhile: the peers behind it in the queue need not wait until it is done.
    this.#throttled.leave(peer);
    return undefined;
  }

  #mustWait(peer: Peer): boolean {
    const { isCatchingUp, stopwatch } = this.#options;
    return peer.cpuTime.left(stopwatch.now()) <= 0 && isCatchingUp();
  }

  async #wait(peer: Peer): Promise<void> {
    const { stopwatch } = this.#options;
    const { cpuTime, isHeard } = peer;
    peer.isHeard = false;
    cpuTime.stop(stopwatch.now());
    do {
      this.#throttled.leave(peer);
      await peer.writable();
      if (!peer.closed && this.#mustWait(peer)) await this.#throttled.enter(peer);
    } while (peer.blocked && !peer.closed);
    peer.isHeard = isHeard;
    if (isHeard) cpuTime.start(stopwatch.now());
  }

  #take(peer: Peer, bytes: Uint8Array): void {
    const { stopwatch, take } = this.#options;
    const { cpuTime } = peer;
    // Then its time counts already.
    const { isHeard } = peer;
    const isRunning = cpuTime.isRunning;
    cpuTime.add(bytes.length * READING);
    cpuTime.start(stopwatch.now());
    take(peer, bytes);
    // The first message among them may be on its way, and its time counts until it is handled.
    if (!isRunning && (isHeard || !peer.isHeard)) cpuTime.stop(stopwatch.now());
  }

  async #handleAll(peer: Peer): Promise<void> {
    try {
      for (let count = 1; !peer.isIdle; count++) {
        if (count % MESSAGES_AT_A_TIME === 0) await peer.pause(this.#options.timers);
        const turn = this.turn(peer);
        if (turn !== undefined) await turn;
        if (peer.queue.isEmpty) this.#takeHeld(peer);
        else if (peer.queue.isNextLarge) await this.#inTurn(peer);
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
    if (peer.queue.isEmpty) peer.cpuTime.finish("nothing", this.#options.stopwatch.now());
  }

  async #inTurn(peer: Peer): Promise<void> {
    const turn = this.#largeOnes.then(async () => {
      await peer.pause(this.#options.timers);
      await this.#handleNext(peer);
    });
    this.#largeOnes = turn.catch(() => undefined);
    await turn;
  }

  /** The message leaves the queue when its turn comes, because a peer that goes takes its queue with it. */
  async #handleNext(peer: Peer): Promise<void> {
    const { stopwatch, handle } = this.#options;
    const { cpuTime } = peer;
    const next = peer.next();
    if (next === undefined) return;
    peer.outcome = "nothing";
    peer.isHeard = true;
    cpuTime.start(stopwatch.now());
    try {
      const message = next.type === "unread" ? this.#read(peer, next) : next.message;
      if (message !== undefined) await handle(peer, message);
    } finally {
      peer.isHeard = false;
      cpuTime.finish(peer.outcome, stopwatch.now());
    }
  }

  #read(peer: Peer, unread: Unread): Message | undefined {
    const { wants, read, clock } = this.#options;
    if (!wants(peer, unread)) return undefined;
    const message = read(peer, unread);
    if (message === undefined) {
      peer.validation.charge(unread.payload.length / BYTES_PER_UNIT, clock.now());
    }
    return message;
  }
}
