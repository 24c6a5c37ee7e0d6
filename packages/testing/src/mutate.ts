/** Damage to frames: to what they hold, to their headers, and to the order in which they come. */
import { Writer } from "@chain/core";
import {
  type Command,
  FRAME_HEADER_SIZE,
  frameMessage,
  frameRaw,
  MAX_PAYLOAD,
  type Message,
  messageCodecs,
} from "@chain/wire";
import type { Rng } from "./random.ts";

const UNKNOWN = ["alert", "x", "", "sendtxrcncl"];
const COMMANDS: readonly string[] = [...Object.keys(messageCodecs), ...UNKNOWN];
const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff];
const COUNTS = [
  0,
  1,
  101,
  102,
  1000,
  1001,
  2000,
  2001,
  50_000,
  50_001,
  65_535,
  65_536,
  2 ** 25,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
];

/** A command as the header of a frame has it. */
function commandField(command: string): Uint8Array {
  return Uint8Array.from({ length: 12 }, (_, at) => command.charCodeAt(at) || 0);
}

type Damage = (rng: Rng, payload: Uint8Array) => Uint8Array;

function replace(payload: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  return Uint8Array.from([...payload.subarray(0, from), ...by, ...payload.subarray(to)]);
}

function overwrite(payload: Uint8Array, at: number, by: Uint8Array): Uint8Array {
  return replace(payload, at, Math.min(payload.length, at + by.length), by);
}

const PAYLOAD_DAMAGE: readonly Damage[] = [
  function flipBits(rng, payload) {
    const copy = payload.slice();
    for (let i = 0; i <= rng.small(8) && copy.length > 0; i++) {
      const at = rng.below(copy.length);
      copy[at] = (copy[at] as number) ^ (1 << rng.below(8));
    }
    return copy;
  },
  function setBytes(rng, payload) {
    const length = rng.pick([1, 2, 4, 8]);
    const value = rng.pick(INTERESTING);
    return overwrite(payload, rng.below(payload.length + 1), new Uint8Array(length).fill(value));
  },
  function truncate(rng, payload) {
    return payload.slice(0, rng.below(payload.length + 1));
  },
  function extend(rng, payload) {
    return replace(payload, payload.length, payload.length, rng.bytes(1 + rng.small(100)));
  },
  function insert(rng, payload) {
    const at = rng.below(payload.length + 1);
    return replace(payload, at, at, rng.bytes(1 + rng.small(20)));
  },
  function remove(rng, payload) {
    const from = rng.below(payload.length + 1);
    return replace(payload, from, from + rng.small(80), new Uint8Array());
  },
  function repeat(rng, payload) {
    const from = rng.below(payload.length + 1);
    const part = payload.subarray(from, from + rng.small(120));
    return replace(payload, from, from, part);
  },
  function otherCount(rng, payload) {
    const at = rng.chance(50) ? 0 : rng.below(payload.length + 1);
    return replace(
      payload,
      at,
      at + 1,
      new Writer().compactSize64(BigInt(rng.pick(COUNTS))).finish(),
    );
  },
  /** A count in more bytes than it needs. */
  function longCount(rng, payload) {
    const at = rng.chance(50) ? 0 : rng.below(payload.length + 1);
    const size = rng.pick([2, 4, 8]);
    const wide = new Uint8Array(1 + size);
    wide[0] = size === 2 ? 0xfd : size === 4 ? 0xfe : 0xff;
    wide[1] = payload[at] ?? 0;
    return replace(payload, at, at + 1, wide);
  },
];

/** A payload with one thing wrong, or a few. */
export function damagePayload(rng: Rng, payload: Uint8Array): Uint8Array {
  let damaged = payload;
  for (let i = 0; i <= rng.small(3); i++) damaged = rng.pick(PAYLOAD_DAMAGE)(rng, damaged);
  return damaged.subarray(0, MAX_PAYLOAD);
}

const FRAME_DAMAGE: readonly ((rng: Rng, frame: Uint8Array) => Uint8Array)[] = [
  function wrongChecksum(rng, frame) {
    return overwrite(frame, 20 + rng.below(4), rng.bytes(1));
  },
  function wrongMagic(rng, frame) {
    return overwrite(frame, rng.below(4), rng.bytes(1));
  },
  function wrongLength(rng, frame) {
    const length = Math.max(0, frame.length - FRAME_HEADER_SIZE + rng.below(60) - 30);
    return overwrite(frame, 16, Uint8Array.of(length, length >> 8, length >> 16, 0));
  },
  function hugeLength(rng, frame) {
    return overwrite(frame, 16, Uint8Array.of(...rng.bytes(3), rng.pick([0, 0, 1, 0x80, 0xff])));
  },
  function wrongCommand(rng, frame) {
    return overwrite(frame, 4, commandField(rng.pick(COMMANDS)));
  },
  function noCommand(rng, frame) {
    return overwrite(frame, 4, rng.bytes(12));
  },
  function cutOff(rng, frame) {
    return frame.slice(0, rng.below(frame.length));
  },
  function noise(rng, frame) {
    return replace(frame, 0, 0, rng.bytes(rng.small(50)));
  },
];

/** How much of a conversation is damaged, in percent of its frames. */
export interface Hostility {
  readonly payload: number;
  readonly frame: number;
  readonly order: number;
}

/** One message, perhaps damaged. */
export function hostileFrame(
  rng: Rng,
  magic: Uint8Array,
  message: Message | { readonly command: string; readonly payload: Uint8Array },
  { payload: inside, frame: outside }: Hostility,
): Uint8Array {
  let frame =
    "payload" in message
      ? frameRaw(magic, message.command, message.payload)
      : frameMessage(magic, message);
  if (rng.chance(inside)) {
    const command = rng.chance(5) ? rng.pick(COMMANDS) : (message.command as Command);
    frame = frameRaw(magic, command, damagePayload(rng, frame.subarray(FRAME_HEADER_SIZE)));
  }
  return rng.chance(outside) ? rng.pick(FRAME_DAMAGE)(rng, frame) : frame;
}

/** Frames twice, left out, or in another order. */
export function shuffle<T>(rng: Rng, frames: readonly T[], percent: number): T[] {
  const result: T[] = [];
  for (const frame of frames) {
    if (!rng.chance(percent)) result.push(frame);
    else {
      const end = result.length;
      const places = rng.pick([[], [end, end], [end, end, end, end], [rng.below(end + 1)]]);
      for (const place of places) result.splice(place, 0, frame);
    }
  }
  return result;
}

/** The same bytes in pieces. */
export function pieces(rng: Rng, bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const most = rng.pick([1, 3, 24, 25, 100, 1460, 65_536]);
  // A megabyte byte by byte would take all the time there is.
  const least = Math.floor(bytes.length / 2000);
  for (let at = 0; at < bytes.length; ) {
    const length = least + 1 + rng.below(most);
    parts.push(bytes.slice(at, at + length));
    at += length;
  }
  return parts;
}
