import type { Transaction } from "@chain/core";
import type { Message } from "@chain/wire";

/** What may wait of one peer before we stop reading from it. Core: DEFAULT_MAXRECEIVEBUFFER. */
const MAX_MESSAGES = 64;
const MAX_BYTES = 5_000_000;
/** Their bytes can be few and what is in them much. */
const MAX_HEAP = 50_000_000;

/** What things take decoded: objects and strings, beside the bytes that they point to. Measured, rounded up. */
const INPUT_HEAP = 400;
const OUTPUT_HEAP = 250;
const WITNESS_ITEM_HEAP = 150;
const HEADER_HEAP = 500;
const NAME_HEAP = 150;

/** What a message takes, both in bytes and roughly. */
interface Size {
  /** As it came. */
  readonly wire: number;
  /** Decoded, on the heap: up to a hundred times as much. A block waits as it came, outside of the heap. */
  readonly heap: number;
}

/** What is handled one at a time, of all peers: they could all send the largest message at once. Bytes on the heap. */
const HEAVY = 1_000_000;

/** The messages of one peer that wait to be handled, in order. */
export class Inbox {
  readonly #messages: { readonly message: Message; readonly size: Size }[] = [];
  #wire = 0;
  #heap = 0;
  /** Of the message that was taken last, which is being handled. */
  #taken = 0;

  /** Whether nothing more should be read before something is taken. */
  get isFull(): boolean {
    return (
      this.#messages.length >= MAX_MESSAGES || this.#wire >= MAX_BYTES || this.#heap >= MAX_HEAP
    );
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** What all that waits or is being handled takes on the heap. Bytes, estimated. */
  get heap(): number {
    return this.#heap + this.#taken;
  }

  /** Whether the next message should wait for its turn. Not one whose handling may wait for the peer to read. */
  get isNextHeavy(): boolean {
    const [first] = this.#messages;
    return first !== undefined && first.size.heap > HEAVY && first.message.command !== "getdata";
  }

  push(message: Message): void {
    const size = sizeOf(message);
    this.#messages.push({ message, size });
    this.#wire += size.wire;
    this.#heap += size.heap;
  }

  /** The next message; the one before is done with. */
  take(): Message | undefined {
    const first = this.#messages.shift();
    this.#taken = first?.size.heap ?? 0;
    this.#wire -= first?.size.wire ?? 0;
    this.#heap -= this.#taken;
    return first?.message;
  }

  clear(): void {
    this.#messages.length = 0;
    this.#wire = 0;
    this.#heap = 0;
    this.#taken = 0;
  }
}

function sizeOf(message: Message): Size {
  switch (message.command) {
    case "block":
      return { wire: message.raw.length, heap: 0 };
    case "tx":
      return sizeOfAll([message.transaction]);
    case "blocktxn":
      return sizeOfAll(message.transactions);
    case "cmpctblock": {
      const { wire, heap } = sizeOfAll(message.prefilled.map(({ transaction }) => transaction));
      const names = message.shortIds.length;
      return { wire: wire + 6 * names, heap: heap + 16 * names };
    }
    case "getblocktxn":
      return { wire: message.indexes.length, heap: 8 * message.indexes.length };
    case "headers":
      return { wire: 81 * message.headers.length, heap: HEADER_HEAP * message.headers.length };
    case "inv":
    case "getdata":
    case "notfound":
      return { wire: 36 * message.items.length, heap: NAME_HEAP * message.items.length };
    case "addr":
    case "addrv2":
      return { wire: 30 * message.addresses.length, heap: NAME_HEAP * message.addresses.length };
    default:
      return { wire: 0, heap: 0 };
  }
}

function sizeOfAll(transactions: readonly Transaction[]): Size {
  let wire = 0;
  let heap = 0;
  for (const { totalSize, inputs, outputs } of transactions) {
    wire += totalSize;
    heap += INPUT_HEAP * inputs.length + OUTPUT_HEAP * outputs.length;
    for (const { witness } of inputs) heap += WITNESS_ITEM_HEAP * witness.length;
  }
  return { wire, heap };
}
