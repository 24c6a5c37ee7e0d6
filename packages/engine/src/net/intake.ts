import type { Message } from "@chain/wire";
import type { Clock, Timers } from "../ports.ts";
import type { Unread } from "./inbox.ts";
import type { Peer } from "./peer.ts";
import { BYTES_PER_UNIT } from "./workBudget.ts";

/** So many messages of one peer are handled without a break, or who sends many small ones at once is heard alone. */
const MESSAGES_AT_A_TIME = 64;

interface IntakeOptions {
  readonly clock: Clock;
  readonly timers: Timers;
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
 * something else in between. Whoever does not read our answers has to wait.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #working = new Map<Peer, Promise<void>>();
  #largeOnes: Promise<void> = Promise.resolve();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Something waits of the peer. */
  work(peer: Peer): void {
    if (peer.working) return;
    peer.working = true;
    const work = this.#handleAll(peer).finally(() => {
      peer.working = false;
      this.#working.delete(peer);
    });
    this.#working.set(peer, work);
  }

  /** Resolves when no message is being handled. */
  async idle(): Promise<void> {
    await Promise.all(this.#working.values());
  }

  async #handleAll(peer: Peer): Promise<void> {
    try {
      for (let count = 1; !peer.inbox.isEmpty; count++) {
        if (count % MESSAGES_AT_A_TIME === 0) await peer.pause(this.#options.timers);
        if (peer.inbox.isNextLarge) await this.#inTurn(peer);
        else await this.#handleNext(peer);
        if (peer.blocked) await peer.writable();
      }
    } catch (error) {
      this.#options.failed(peer, error);
    }
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
    const next = peer.next();
    if (next === undefined) return;
    const message = next.type === "unread" ? this.#read(peer, next) : next.message;
    if (message !== undefined) await this.#options.handle(peer, message);
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
