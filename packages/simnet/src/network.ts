import type { Milliseconds } from "@chain/core";
import type { Connection, ConnectionHandler, Dialer, PeerAddress } from "@chain/engine";
import { isCommand } from "@chain/wire";
import { SimulationError } from "./errors.ts";
import { Host, type HostOptions } from "./host.ts";
import { LinkEnd, type Wire } from "./link.ts";
import type { SeededRandom } from "./seededRandom.ts";
import type { VirtualTime } from "./virtualTime.ts";

/** How long a call waits where nothing gets through. Milliseconds. */
const DIAL_TIMEOUT: Milliseconds = 10_000;
/** How long a connection lives where nothing gets through. Milliseconds. */
const STALL_TIMEOUT: Milliseconds = 120_000;
/** One way: what every line has, and what the whole side of the map adds. Milliseconds. */
const NEAREST: Milliseconds = 4;
const ACROSS = 110;
/** How much lines of one length differ: sigma of the logarithm. */
const SPREAD = 0.35;

type Attach = (connection: Connection) => ConnectionHandler;

export interface NetworkOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  /** Share of packets that are lost on the way; default 0. */
  readonly lossRate?: number | undefined;
  /** One way between two hosts, in milliseconds; by default, their distance on the map and some luck. */
  readonly latency?: ((from: Host, to: Host) => number) | undefined;
  /** Bytes have arrived: for the log. */
  readonly onDelivery?: (count: number) => void;
}

/** How much of one kind of message all have sent. */
export interface Sent {
  messages: number;
  bytes: number;
}

/**
 * Hosts, what they listen on, and the links between them. A host can call each other that it can reach.
 * @example
 * const network = new Network({ time: simulation.time, random: new SeededRandom(1), lossRate: 0.01 });
 * const [one, other] = ["10.0.0.1", "10.0.0.2"].map((ip) => network.addHost({ ip }));
 * network.partition([[one], [other]]);
 * network.isCut(one, other) // true
 */
export class Network implements Wire {
  readonly time: VirtualTime;
  readonly lossRate: number;
  /** By command, frames included; what has none that is known, under `*other*`. */
  readonly traffic: Map<string, Sent> = new Map();
  readonly #random: SeededRandom;
  readonly #latency: (from: Host, to: Host) => number;
  readonly #onDelivery: (count: number) => void;
  readonly #hosts = new Map<string, Host>();
  readonly #links = new Map<Host, Set<LinkEnd>>();
  readonly #listening = new Map<string, Attach>();
  /** The part of a divided network that each host is in; hosts that are not named here form one more part. */
  #parts = new Map<Host, number>();
  #division = 0;

  constructor({ time, random, lossRate = 0, latency, onDelivery = () => {} }: NetworkOptions) {
    if (!(lossRate >= 0 && lossRate < 1)) {
      throw new SimulationError("bad-option", "a share of lost packets is from 0 to less than 1");
    }
    this.time = time;
    this.lossRate = lossRate;
    this.#random = random;
    this.#latency = latency ?? ((from, to) => this.#distance(from, to));
    this.#onDelivery = onDelivery;
  }

  #distance({ position: a }: Host, { position: b }: Host): number {
    const distance = Math.hypot(a.x - b.x, a.y - b.y);
    return this.#random.logNormal(NEAREST + ACROSS * distance, SPREAD);
  }

  /** Adds a host; by default somewhere, with a line of some speed around 2 MB/s. */
  addHost(options: Pick<HostOptions, "ip"> & Partial<HostOptions>): Host {
    const random = this.#random;
    const position = { x: random.uniform(), y: random.uniform() };
    const host = new Host({ position, upload: random.logNormal(2_000_000, 0.8), ...options });
    this.#hosts.set(host.ip, host);
    this.#links.set(host, new Set());
    return host;
  }

  listen(host: Host, port: number, accept: Attach): () => void {
    const key = `${host.ip}:${port}`;
    this.#listening.set(key, accept);
    return () => {
      if (this.#listening.get(key) === accept) this.#listening.delete(key);
    };
  }

  /** Calls from a host. */
  dialerOf(host: Host): Dialer {
    return { dial: (address, attach) => this.#dial(host, address, attach) };
  }

  #dial(from: Host, address: PeerAddress, attach: Attach): Promise<void> {
    const to = this.#hosts.get(address.host);
    return new Promise((resolve, reject) => {
      // A host that does not exist answers as little as one that can't be reached.
      const latency = to && this.#latency(from, to);
      if (to === undefined || latency === undefined || this.isCut(from, to)) {
        this.time.after(DIAL_TIMEOUT, () => reject(unreachable("no answer")));
        return;
      }
      this.time.after(2 * latency, () => {
        const accept = this.#listening.get(`${address.host}:${address.port}`);
        if (accept === undefined) return reject(unreachable("connection refused"));
        this.#link({ from, to, address, latency, attach, accept });
        resolve();
      });
    });
  }

  #link(options: {
    readonly from: Host;
    readonly to: Host;
    readonly address: PeerAddress;
    readonly latency: Milliseconds;
    readonly attach: Attach;
    readonly accept: Attach;
  }): void {
    const { from, to, address, latency, attach, accept } = options;
    const near = new LinkEnd(from, address, this, latency);
    const far = new LinkEnd(to, { host: from.ip, port: from.nextPort() }, this, latency);
    LinkEnd.join(near, far);
    this.#links.get(from)?.add(near);
    this.#links.get(to)?.add(far);
    far.attach(accept(far));
    near.attach(attach(near));
  }

  /**
   * Divides the network: nothing gets from one group to another, or to those in none. Connections across stall, and
   * end if it lasts; calls across fail.
   */
  partition(groups: readonly (readonly Host[])[]): void {
    this.#parts = new Map(groups.flatMap((hosts, part) => hosts.map((host) => [host, part])));
    this.#division++;
    const division = this.#division;
    for (const link of this.#allLinks()) {
      const { host, peer } = link;
      if (peer === undefined || !this.isCut(host, peer)) continue;
      this.time.after(STALL_TIMEOUT, () => {
        if (this.#division === division) link.timeOut();
      });
    }
    this.#resume();
  }

  /** Ends the division: what was on the way arrives. */
  heal(): void {
    this.#parts = new Map();
    this.#division++;
    this.#resume();
  }

  #resume(): void {
    for (const link of this.#allLinks()) {
      if (link.peer !== undefined && !this.isCut(link.host, link.peer)) link.resume();
    }
  }

  *#allLinks(): Iterable<LinkEnd> {
    for (const links of this.#links.values()) yield* links;
  }

  /** The ends of connections that a host has. */
  linksOf(host: Host): ReadonlySet<LinkEnd> {
    return this.#links.get(host) ?? new Set();
  }

  isCut(one: Host, other: Host): boolean {
    return this.#parts.size > 0 && this.#parts.get(one) !== this.#parts.get(other);
  }

  chance(): number {
    return this.#random.uniform();
  }

  sent(host: Host, bytes: Uint8Array): void {
    host.bytesSent += bytes.length;
    const command = commandOf(bytes);
    const known = this.traffic.get(command);
    if (known === undefined) this.traffic.set(command, { messages: 1, bytes: bytes.length });
    else {
      known.messages++;
      known.bytes += bytes.length;
    }
  }

  delivered(host: Host, count: number): void {
    host.bytesReceived += count;
    this.#onDelivery(count);
  }

  ended(link: LinkEnd): void {
    this.#links.get(link.host)?.delete(link);
  }
}

function unreachable(why: string): SimulationError {
  return new SimulationError("unreachable", why);
}

/** The name in the header of a frame: 12 bytes after the magic, filled up with zeros. */
function commandOf(frame: Uint8Array): string {
  let command = "";
  for (let i = 4; i < 16 && frame[i]; i++) command += String.fromCharCode(frame[i] as number);
  return isCommand(command) ? command : "*other*";
}
