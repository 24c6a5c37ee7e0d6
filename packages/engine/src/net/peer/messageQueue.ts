import { CoreError, Reader, Writer } from "@chain/core";
import { type Command, MAX_INVENTORY_ITEMS, type Message } from "@chain/wire";

/** The most messages of one peer that wait before we stop reading from it. Core: DEFAULT_MAXRECEIVEBUFFER. */
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

/** Items of one part of a `getdata`: fewer bytes than a large message has. */
const ITEMS_OF_PART = 1_000;
/** Bytes of an item: type (4), hash (32). */
const ITEM_SIZE = 36;

/**
 * Cuts a long `getdata` into parts that are decoded one after the other, because the decoded items of a whole one take
 * 6 MB for as long as the peer does not read its answers, or has to wait for its turn. Other messages, and what is no
 * good `getdata`, stay as they are.
 */
export function partsOf(unread: Unread): readonly Unread[] {
  const { command, payload } = unread;
  if (command !== "getdata" || payload.length <= ITEMS_OF_PART * ITEM_SIZE) return [unread];
  const reader = new Reader(payload);
  const count = countOf(reader);
  if (count > MAX_INVENTORY_ITEMS || count * ITEM_SIZE > reader.remaining) return [unread];
  const parts: Unread[] = [];
  for (let left = count; left > 0; left -= ITEMS_OF_PART) {
    const items = Math.min(left, ITEMS_OF_PART);
    const part = new Writer()
      .compactSize(items)
      .bytes(reader.take(items * ITEM_SIZE))
      .finish();
    parts.push({ ...unread, payload: part });
  }
  return parts;
}

/** Infinite where it is encoded badly. */
function countOf(reader: Reader): number {
  try {
    return reader.compactSize();
  } catch (error) {
    if (error instanceof CoreError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** The messages of one peer that wait to be handled, in order. Core: CNode::m_msg_process_queue. */
export class MessageQueue {
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
