import type { Milliseconds } from "@chain/core";
import type { Connection, ConnectionHandler, PeerAddress } from "@chain/engine";
import type { Host } from "./host.ts";
import type { VirtualTime } from "./virtualTime.ts";

/** Bytes that the other side has not read, above which a writer is asked to hold back; and where it may go on. */
const HIGH_MARK = 1_000_000;
const LOW_MARK = 500_000;
/** Bytes that one packet carries. */
const SEGMENT = 1_460;
/** TCP's shortest wait for an acknowledgement before it sends again (Linux: TCP_RTO_MIN). Milliseconds. */
const MIN_RETRANSMISSION: Milliseconds = 200;

/** The part of the network that the ends of a link use. */
export interface Wire {
  readonly time: VirtualTime;
  /** Share of packets that are lost on the way. */
  readonly lossRate: number;
  chance(): number;
  /** Whether nothing gets through between the two hosts. */
  isCut(one: Host, other: Host): boolean;
  sent(host: Host, bytes: Uint8Array): void;
  delivered(host: Host, count: number): void;
  ended(link: LinkEnd): void;
}

/**
 * One end of a TCP connection: bytes arrive in order, after the time that they take through the sender's line and over
 * the distance. Nothing is ever lost; a packet that is, is sent again and holds up those behind it.
 */
export class LinkEnd implements Connection {
  readonly remote: PeerAddress;
  readonly host: Host;
  readonly #wire: Wire;
  /** One way. Milliseconds. */
  readonly #latency: Milliseconds;
  #other: LinkEnd | undefined;
  #handler: ConnectionHandler | undefined;
  #closed = false;
  #reading = true;
  #held = false;
  /** The arrival of the bytes that were sent last. */
  #lastArrival = 0;
  /** Bytes that arrived while the receiver did not read. */
  readonly #incoming: Uint8Array[] = [];
  /** Arrivals that a cut holds up. */
  #stalled: (() => void)[] = [];
  #queued = 0;

  constructor(host: Host, remote: PeerAddress, wire: Wire, latency: Milliseconds) {
    this.host = host;
    this.remote = remote;
    this.#wire = wire;
    this.#latency = latency;
  }

  /** Makes two ends one link. */
  static join(near: LinkEnd, far: LinkEnd): void {
    near.#other = far;
    far.#other = near;
  }

  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes written that the other side has not read. */
  get queued(): number {
    return this.#queued;
  }

  /** The host at the other end. */
  get peer(): Host | undefined {
    return this.#other?.host;
  }

  write(bytes: Uint8Array): boolean {
    const other = this.#other;
    if (this.#closed || other === undefined) return true;
    this.#wire.sent(this.host, bytes);
    this.#queued += bytes.length;
    if (this.#queued >= HIGH_MARK) this.#held = true;
    const { time } = this.#wire;
    const leaves = this.host.transmit(bytes.length, time.now());
    const arrives = leaves + this.#latency + this.#retransmission(bytes.length);
    this.#lastArrival = Math.max(this.#lastArrival, arrives);
    time.at(this.#lastArrival, () => other.#come(() => other.#arrive(bytes)));
    return !this.#held;
  }

  /** How long lost packets of so many bytes take: each doubles the wait (RFC 6298). */
  #retransmission(length: number): number {
    const { lossRate } = this.#wire;
    if (lossRate === 0) return 0;
    let longest = 0;
    for (let left = length; left > 0; left -= SEGMENT) {
      let wait = Math.max(MIN_RETRANSMISSION, 3 * this.#latency);
      let total = 0;
      for (; this.#wire.chance() < lossRate; wait *= 2) total += wait;
      longest = Math.max(longest, total);
    }
    return longest;
  }

  /** Something reaches this end, unless nothing does. */
  #come(what: () => void): void {
    const { peer } = this;
    if (this.#stalled.length > 0 || (peer && this.#wire.isCut(this.host, peer))) {
      this.#stalled.push(what);
    } else what();
  }

  /** The way is free again: what had to wait arrives. */
  resume(): void {
    const stalled = this.#stalled;
    this.#stalled = [];
    for (const what of stalled) this.#wire.time.after(this.#latency, what);
  }

  #arrive(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#wire.delivered(this.host, bytes.length);
    this.#incoming.push(bytes);
    this.#read();
  }

  #read(): void {
    while (this.#reading && !this.#closed) {
      const bytes = this.#incoming.shift();
      if (bytes === undefined) return;
      const other = this.#other;
      if (other !== undefined) other.#taken(bytes.length);
      this.#handler?.onData(bytes);
    }
  }

  #taken(count: number): void {
    this.#queued -= count;
    if (!this.#held || this.#queued > LOW_MARK) return;
    this.#held = false;
    this.#wire.time.after(0, () => {
      if (!this.#closed) this.#handler?.onDrain();
    });
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading && this.#incoming.length > 0) this.#wire.time.after(0, () => this.#read());
  }

  close(): void {
    this.end("closed");
  }

  /** Ends the connection here at once, and there after what is on the way. */
  end(why: string): void {
    const other = this.#other;
    if (this.#closed || other === undefined) return;
    this.#finish(why);
    const { time } = this.#wire;
    const arrives = Math.max(this.#lastArrival, time.now() + this.#latency);
    time.at(arrives, () => other.#come(() => other.#finish("the other side closed")));
  }

  /** Both ends give up: nothing has come through for too long. */
  timeOut(): void {
    this.#finish("connection timed out");
    const other = this.#other;
    if (other !== undefined) other.#finish("connection timed out");
  }

  #finish(why: string): void {
    if (this.#closed) return;
    // Bytes that have arrived are read before the end.
    if (this.#reading) this.#read();
    if (this.#closed) return;
    this.#closed = true;
    this.#incoming.length = 0;
    this.#stalled = [];
    this.#wire.ended(this);
    this.#wire.time.after(0, () => this.#handler?.onClose(why));
  }
}
