import { bytesToHex, concatBytes, sha256 } from "@chain/core";
import type { NodeEvent } from "@chain/engine";
import type { VirtualTime } from "./virtualTime.ts";

/** Something that happened, as a line of the log has it. */
export interface SimulationEvent {
  /** Milliseconds since the simulation began. */
  readonly at: number;
  /** The node that it happened to; `network` for all. */
  readonly who: string;
  /** `mined 1b3f… at 12`. */
  readonly what: string;
}

/**
 * A history of events, folded into one hash: two runs with one hash were one history. Lines are handed on, not
 * kept: a day of a thousand nodes has a million of them.
 * @example
 * const log = new EventLog(simulation.time);
 * log.add("node7", "mined");
 * log.count // 1
 */
export class EventLog {
  readonly #time: VirtualTime;
  readonly #start: number;
  readonly #listener: (event: SimulationEvent) => void;
  #hash: Uint8Array = new Uint8Array(32);
  #count = 0;
  /** Every delivery of bytes, mixed: too many for a real hash each. FNV-1a, on words. */
  #deliveries = 0x811c_9dc5;

  constructor(time: VirtualTime, listener: (event: SimulationEvent) => void = () => {}) {
    this.#time = time;
    this.#start = time.now();
    this.#listener = listener;
  }

  /** Hex; of all so far. */
  get hash(): string {
    const deliveries = new Uint8Array(4);
    new DataView(deliveries.buffer).setUint32(0, this.#deliveries);
    return bytesToHex(sha256(concatBytes(this.#hash, deliveries)));
  }

  get count(): number {
    return this.#count;
  }

  add(who: string, what: string): void {
    const event = { at: this.#time.now() - this.#start, who, what };
    this.#hash = sha256(concatBytes(this.#hash, asBytes(formatEvent(event))));
    this.#count++;
    this.#listener(event);
  }

  /** Bytes have arrived somewhere. */
  delivered(count: number): void {
    const mixed = Math.imul(this.#deliveries ^ count, 0x0100_0193);
    this.#deliveries = Math.imul(mixed ^ (this.#time.now() | 0), 0x0100_0193) >>> 0;
  }
}

/**
 * `00:10:02.125 node7 mined …`
 * @example formatEvent({ at: 602_125, who: "node7", what: "mined" }) // "00:10:02.125 node7 mined"
 */
export function formatEvent({ at, who, what }: SimulationEvent): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const clock = `${two(at / 3_600_000)}:${two((at / 60_000) % 60)}:${two((at / 1000) % 60)}`;
  return `${clock}.${String(at % 1000).padStart(3, "0")} ${who} ${what}`;
}

/** A line about an event in a node; nothing of those that are too many. */
export function describeEvent(event: NodeEvent): string | undefined {
  switch (event.type) {
    case "tip-changed":
      return `tip ${event.hash} at ${event.height}`;
    case "block-refused":
      return `refused ${event.hash}: ${event.refusal.reason}`;
    case "peer-ready":
      return `peer ${event.peer} is ${event.info.userAgent}`;
    case "peer-disconnected":
      return `peer ${event.peer} has gone: ${event.why}`;
    default:
      return undefined;
  }
}

function asBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
