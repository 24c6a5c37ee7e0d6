import { bytesToHex, equalBytes, Reader, type Sha256 } from "@chain/core";
import { optional, requireBytes, requireFunction } from "@chain/core/arguments";
import { COMMAND_SIZE, readCommand } from "./command.ts";
import { checksum, FRAME_HEADER_SIZE } from "./frame.ts";
import { SMALL_PAYLOAD } from "./messages/codec.ts";
import { type Command, isCommand, messageCodecs } from "./messages/registry.ts";
import { MAX_PAYLOAD } from "./protocol.ts";
import { bytesToText, sanitizeText } from "./text.ts";

/** Why a frame was thrown away while the stream goes on. */
export type DropReason =
  | "unknown-command" // nothing we know; perhaps a newer peer
  | "invalid-command" // not even a command
  | "bad-checksum"
  | "oversized"; // more than any message of this command needs, though not more than Core's limit for all

/** The content of a stretch of bytes. */
export type FrameEvent =
  | { readonly type: "message"; readonly command: Command; readonly payload: Uint8Array }
  | {
      readonly type: "dropped";
      readonly reason: DropReason;
      /** Printable: of an invalid command, the harmless characters before its first zero. */
      readonly command: string;
      /** Announced bytes of payload. */
      readonly length: number;
      /** Of a checksum that is wrong: the right one, and the one that came, in hex. */
      readonly checksums?: { readonly expected: string; readonly received: string };
    }
  /** The stream is beyond repair: disconnect. Nothing comes after it. */
  | {
      readonly type: "fatal";
      readonly reason: "bad-magic" | "oversized";
      readonly text: string;
    };

/** A payload on its way in. */
interface Incoming {
  /** Printable. */
  readonly name: string;
  /** Why it is thrown away even if its checksum is right. */
  readonly drop: DropReason | undefined;
  readonly length: number;
  readonly checksum: Uint8Array;
  /** The payload so far: `received` bytes of a buffer that grows with them, never ahead of them. */
  buffer: Uint8Array;
  received: number;
}

/**
 * Cuts a stream that comes in pieces of any size into frames. It owns no stream and keeps at most one payload, in
 * memory that grows with what has arrived and not with what was announced; payloads that will be thrown away anyway are
 * not kept at all. Every byte is copied a bounded number of times. Same decisions as Core's V1TransportDeserializer.
 *
 * @example
 * const deframer = new Deframer(regtest.magic);
 * const events = deframer.push(frameMessage(regtest.magic, { command: "verack" }));
 * [...events].map(({ type }) => type) // ["message"]
 */
export class Deframer {
  readonly #magic: Uint8Array;
  readonly #hash: Sha256 | undefined;
  readonly #header = new Uint8Array(FRAME_HEADER_SIZE);
  #headerLength = 0;
  #incoming: Incoming | undefined;
  /** Bytes of a dropped frame still to come. */
  #skip = 0;
  #dead = false;

  /**
   * @param magic the four bytes that name our network.
   * @param hash SHA-256 for the checksums; by default one in JavaScript.
   */
  constructor(magic: Uint8Array, hash?: Sha256) {
    requireBytes(magic, "magic");
    optional(hash, "hash", requireFunction);

    this.#magic = magic.slice();
    this.#hash = hash;
  }

  /** Takes the next bytes of the stream. The events own their bytes: the chunk may be used again. */
  push(chunk: Uint8Array): FrameEvent[] {
    requireBytes(chunk, "chunk");

    const events: FrameEvent[] = [];
    let rest = chunk;
    while (rest.length > 0 && !this.#dead) {
      const taken =
        this.#skip > 0
          ? this.#skipBytes(rest)
          : this.#incoming === undefined
            ? this.#takeHeader(rest, events)
            : this.#takePayload(this.#incoming, rest, events);
      rest = rest.subarray(taken);
    }
    return events;
  }

  #skipBytes(bytes: Uint8Array): number {
    const taken = Math.min(this.#skip, bytes.length);
    this.#skip -= taken;
    return taken;
  }

  #takeHeader(bytes: Uint8Array, events: FrameEvent[]): number {
    const taken = Math.min(FRAME_HEADER_SIZE - this.#headerLength, bytes.length);
    this.#header.set(bytes.subarray(0, taken), this.#headerLength);
    this.#headerLength += taken;
    if (this.#headerLength === FRAME_HEADER_SIZE) {
      this.#headerLength = 0;
      this.#judgeHeader(events);
    }
    return taken;
  }

  #judgeHeader(events: FrameEvent[]): void {
    const reader = new Reader(this.#header);
    const magic = reader.take(4);
    const named = reader.take(COMMAND_SIZE);
    const command = readCommand(named);
    const name = command ?? sanitizeText(bytesToText(named).replace(/\0.*$/s, ""));
    const length = reader.u32();
    const expected = reader.take(4).slice();
    if (!equalBytes(magic, this.#magic)) {
      const text = `wrong network magic ${bytesToHex(magic)}, ours is ${bytesToHex(this.#magic)}`;
      this.#die({ type: "fatal", reason: "bad-magic", text }, events);
      return;
    }
    if (length > MAX_PAYLOAD) {
      const text = `message "${sanitizeText(name)}" of ${length} bytes announced, at most ${MAX_PAYLOAD} are allowed`;
      this.#die({ type: "fatal", reason: "oversized", text }, events);
      return;
    }
    const drop = whyDropped(command, length);
    // Core reads all of these to their end before it ignores them. Of those that we will not use we keep the short
    // ones, because a wrong checksum is worth a line; a long one costs us nothing.
    if (drop !== undefined && length > SMALL_PAYLOAD) {
      this.#skip = length;
      events.push({ type: "dropped", reason: drop, command: name, length });
      return;
    }
    const buffer = new Uint8Array();
    const incoming = {
      name,
      drop,
      length,
      checksum: expected,
      buffer,
      received: 0,
    };
    if (length === 0) this.#finish(incoming, events);
    else this.#incoming = incoming;
  }

  #takePayload(incoming: Incoming, bytes: Uint8Array, events: FrameEvent[]): number {
    const { length, received } = incoming;
    const taken = Math.min(length - received, bytes.length);
    const end = received + taken;
    if (end > incoming.buffer.length) {
      // Doubling keeps the total cost linear; stopping at the announced length makes the last buffer fit exactly.
      const grown = new Uint8Array(Math.min(length, Math.max(end, 2 * incoming.buffer.length)));
      grown.set(incoming.buffer.subarray(0, received));
      incoming.buffer = grown;
    }
    incoming.buffer.set(bytes.subarray(0, taken), received);
    incoming.received = end;
    if (end === length) this.#finish(incoming, events);
    return taken;
  }

  #finish(incoming: Incoming, events: FrameEvent[]): void {
    const { name, drop, length, checksum: received, buffer } = incoming;
    this.#incoming = undefined;
    const expected = checksum(buffer, this.#hash);
    if (!equalBytes(expected, received)) {
      const checksums = { expected: bytesToHex(expected), received: bytesToHex(received) };
      events.push({ type: "dropped", reason: "bad-checksum", command: name, length, checksums });
    } else if (drop !== undefined) {
      events.push({ type: "dropped", reason: drop, command: name, length });
    } else {
      events.push({ type: "message", command: name as Command, payload: buffer });
    }
  }

  #die(event: FrameEvent, events: FrameEvent[]): void {
    this.#dead = true;
    events.push(event);
  }
}

function whyDropped(command: string | undefined, length: number): DropReason | undefined {
  if (command === undefined) return "invalid-command";
  if (!isCommand(command)) return "unknown-command";
  return length > messageCodecs[command].maxPayload ? "oversized" : undefined;
}
