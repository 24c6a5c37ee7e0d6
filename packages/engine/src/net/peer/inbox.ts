import type { Command, Message } from "@chain/wire";

/** What may wait of one peer before we stop reading from it. Core: DEFAULT_MAXRECEIVEBUFFER. */
const MAX_MESSAGES = 64;
const MAX_BYTES = 5_000_000;
/** Messages with a larger payload are read and handled one at a time, of all peers. Bytes. */
const LARGE = 50_000;

/** As it came, for decoded it can take fifty times as much. */
export interface Unread {
  readonly type: "unread";
  readonly command: Command;
  readonly payload: Uint8Array;
}

/** A message that waits: small ones and blocks are decoded. */
export type Waiting = { readonly type: "message"; readonly message: Message } | Unread;

/** The messages of one peer that wait to be handled, in order. */
export class Inbox {
  readonly #waiting: Waiting[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether nothing more should be read from the peer before something is taken. */
  get isFull(): boolean {
    return this.#waiting.length >= MAX_MESSAGES || this.#bytes >= MAX_BYTES;
  }

  /** Whether the next one is long to decode. */
  get isNextLarge(): boolean {
    const [first] = this.#waiting;
    return first?.type === "unread" && first.payload.length > LARGE;
  }

  /** Whether the answers to the next one may have to wait for the peer. */
  get isNextQuestion(): boolean {
    const [first] = this.#waiting;
    return first?.type === "unread" && first.command === "getdata";
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#bytes += bytesOf(waiting);
  }

  take(): Waiting | undefined {
    const first = this.#waiting.shift();
    if (first !== undefined) this.#bytes -= bytesOf(first);
    return first;
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#bytes = 0;
  }
}

/** Of those that are small their number is enough to know. */
function bytesOf(waiting: Waiting): number {
  if (waiting.type === "unread") return waiting.payload.length;
  return waiting.message.command === "block" ? waiting.message.raw.length : 0;
}
