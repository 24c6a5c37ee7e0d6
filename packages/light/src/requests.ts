import type { Milliseconds } from "@chain/core";
import type { PeerId, Timers } from "@chain/engine";
import type { Message } from "@chain/wire";

/** The answer to a question, a part of the answer, or a message that has nothing to do with it. */
export type Reply<Answer> = { readonly answer: Answer } | "part" | undefined;

interface Question {
  readonly peer: PeerId;
  take(message: Message): boolean;
  fail(): void;
}

interface RequestsOptions {
  readonly timers: Timers;
  readonly send: (peer: PeerId, message: Message) => void;
  /** A peer has not answered in time. */
  readonly late: (peer: PeerId, what: string) => void;
}

/** Questions to peers, with an end to the waiting: an answer, the end of the connection, or a time limit. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #open = new Set<Question>();

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /**
   * @param replies tells whether a message of the peer is the answer
   * @param timeout milliseconds that the answer, or the next part of it, may take
   * @returns undefined where there is no answer
   */
  ask<Answer>(
    peer: PeerId,
    message: Message,
    replies: (message: Message) => Reply<Answer>,
    timeout: Milliseconds,
  ): Promise<Answer | undefined> {
    const { timers, send, late } = this.#options;
    return new Promise((resolve) => {
      let cancel = (): void => {};
      const end = (answer: Answer | undefined): void => {
        cancel();
        this.#open.delete(question);
        resolve(answer);
      };
      const wait = (): void => {
        cancel();
        cancel = timers.after(timeout, () => {
          end(undefined);
          late(peer, message.command);
        });
      };
      const question: Question = {
        peer,
        take: (heard) => {
          const reply = replies(heard);
          if (reply === undefined) return false;
          if (reply === "part") wait();
          else end(reply.answer);
          return true;
        },
        fail: () => end(undefined),
      };
      this.#open.add(question);
      wait();
      send(peer, message);
    });
  }

  /** @returns whether a question was waiting for this message */
  heard(peer: PeerId, message: Message): boolean {
    return [...this.#open].some((each) => each.peer === peer && each.take(message));
  }

  /** The connection has ended. */
  remove(peer: PeerId): void {
    for (const each of [...this.#open]) if (each.peer === peer) each.fail();
  }

  stop(): void {
    for (const each of [...this.#open]) each.fail();
  }
}
