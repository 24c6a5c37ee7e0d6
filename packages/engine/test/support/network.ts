/** Whole networks of real nodes in one process: virtual time, seeded randomness, links with latency. */
import { type ChainParams, nobleVerifier, type SignatureVerifier } from "@chain/core";
import { type ChainStore, MemoryStore } from "@chain/storage";
import { easyDevnet } from "@chain/testing/blockFactory";
import { ChainManager } from "../../src/chain/manager.ts";
import { Miner } from "../../src/mining/miner.ts";
import { InProcessSearch } from "../../src/mining/search.ts";
import { Node, type NodeOptions } from "../../src/node.ts";
import type {
  Clock,
  Connection,
  ConnectionHandler,
  Dialer,
  Log,
  PeerAddress,
  Random,
  Timers,
} from "../../src/ports.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  /** None once it is cancelled. */
  callback: (() => void) | undefined;
}

/** Time that passes only when nothing else is left to do. */
export class VirtualTime implements Clock, Timers {
  #now: number;
  #order = 0;
  /** A binary heap, the next one first. */
  readonly #timers: Timer[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + milliseconds, order: this.#order++, callback };
    this.#timers.push(timer);
    for (let at = this.#timers.length - 1; at > 0; ) {
      const above = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, above)) break;
      at = above;
    }
    return () => {
      timer.callback = undefined;
    };
  }

  #next(): Timer | undefined {
    const [first] = this.#timers;
    const last = this.#timers.pop();
    if (last === undefined || this.#timers.length === 0) return first;
    this.#timers[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = right < this.#timers.length && this.#isBefore(right, left) ? right : left;
      if (least >= this.#timers.length || !this.#swapIfBefore(least, at)) return first;
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#timers[a] as Timer, this.#timers[b] as Timer];
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  #swapIfBefore(a: number, b: number): boolean {
    if (!this.#isBefore(a, b)) return false;
    const timer = this.#timers[a] as Timer;
    this.#timers[a] = this.#timers[b] as Timer;
    this.#timers[b] = timer;
    return true;
  }

  /** Lets time pass until `done` holds. Rejects if it does not within so many virtual milliseconds. */
  async until(what: string, done: () => boolean, within = 600_000): Promise<void> {
    const end = this.#now + within;
    while (true) {
      await settle();
      if (done()) return;
      while (this.#timers.length > 0 && this.#timers[0]?.callback === undefined) this.#next();
      const next = (this.#timers[0]?.at ?? Number.POSITIVE_INFINITY) <= end && this.#next();
      if (!next) throw new Error(`it never came to pass: ${what}`);
      this.#now = Math.max(this.#now, next.at);
      next.callback?.();
    }
  }

  /** Lets so much time pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    let over = false;
    this.after(milliseconds, () => {
      over = true;
    });
    await this.until("the end of the wait", () => over && this.#now >= end, milliseconds + 1);
  }
}

/** All promises that can go on without time passing have gone on. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff) };
}

/** One end of a link. */
export class LinkEnd implements Connection {
  readonly remote: PeerAddress;
  readonly #time: VirtualTime;
  readonly #latency: number;
  other: LinkEnd | undefined;
  handler: ConnectionHandler | undefined;
  #closed = false;
  #reading = true;
  readonly #incoming: Uint8Array[] = [];
  /** Bytes that the other side has not read. */
  queued = 0;

  constructor(remote: PeerAddress, time: VirtualTime, latency: number) {
    this.remote = remote;
    this.#time = time;
    this.#latency = latency;
  }

  write(bytes: Uint8Array): boolean {
    const { other } = this;
    if (this.#closed || other === undefined) return true;
    this.queued += bytes.length;
    this.#time.after(this.#latency, () => other.#arrive(bytes));
    return this.queued < 1_000_000;
  }

  #arrive(bytes: Uint8Array): void {
    this.#incoming.push(bytes);
    this.#read();
  }

  #read(): void {
    while (this.#reading && !this.#closed) {
      const bytes = this.#incoming.shift();
      if (bytes === undefined) return;
      this.#taken(bytes.length);
      this.handler?.onData(bytes);
    }
  }

  #taken(count: number): void {
    const { other } = this;
    if (other === undefined) return;
    const wasFull = other.queued >= 1_000_000;
    other.queued -= count;
    if (wasFull && other.queued < 1_000_000) other.handler?.onDrain();
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading) this.#time.after(0, () => this.#read());
  }

  close(): void {
    this.end("closed");
  }

  end(why: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const { other } = this;
    this.#time.after(0, () => this.handler?.onClose(why));
    // What was written before still arrives.
    this.#time.after(this.#latency, () => other?.end("the other side closed"));
  }
}

type Passed =
  | "connect"
  | "maxInbound"
  | "addressBook"
  | "anchors"
  | "resolver"
  | "maxUpload"
  | "pace"
  | "stopwatch"
  | "permissions"
  | "blocksOnly"
  | "bans"
  | "seeds"
  | "idleTickInterval";

export interface TestNode {
  readonly name: string;
  readonly address: PeerAddress;
  readonly chain: ChainManager;
  readonly node: Node;
  readonly store: ChainStore;
  readonly log: string[];
  miner(payTo: Uint8Array, mineWhen?: number): Miner;
}

export class TestNetwork {
  readonly time: VirtualTime;
  readonly params: ChainParams;
  readonly latency: number;
  readonly nodes: TestNode[] = [];
  readonly #random: Random;
  readonly #listening = new Map<string, (connection: Connection) => ConnectionHandler>();
  readonly #links: LinkEnd[] = [];
  #ports = 20_000;

  constructor(
    options: {
      readonly seed?: number;
      readonly latency?: number;
      readonly params?: ChainParams;
      /** Seconds since the genesis block. */
      readonly age?: number;
    } = {},
  ) {
    this.params = options.params ?? easyDevnet();
    this.latency = options.latency ?? 10;
    this.#random = seededRandom(options.seed ?? 1);
    this.time = new VirtualTime(
      (this.params.genesis.header.time + (options.age ?? 1_000_000)) * 1000,
    );
  }

  readonly dialer: Dialer = this.#dialerFrom(undefined);

  /** Addresses by host name. */
  readonly names: Map<string, readonly string[]> = new Map();

  /** Calls from a host; without one, each from a host of its own. */
  #dialerFrom(host: string | undefined): Dialer {
    return {
      resolve: async (name) => {
        const addresses = this.names.get(name);
        if (addresses === undefined) throw new Error("no such host");
        return addresses;
      },
      dial: (address, attach) => {
        const accept = this.#listening.get(`${address.host}:${address.port}`);
        if (accept === undefined) return Promise.reject(new Error("connection refused"));
        this.#link(address, attach, accept, host);
        return Promise.resolve();
      },
    };
  }

  #link(
    to: PeerAddress,
    attach: (connection: Connection) => ConnectionHandler,
    accept: (connection: Connection) => ConnectionHandler,
    host?: string,
  ): LinkEnd {
    // Everybody calls from a host of their own: who misbehaves brings no shame on others.
    const id = this.#ports++;
    const from = { host: host ?? `10.9.${(id >> 8) & 255}.${id & 255}`, port: id };
    const near = new LinkEnd(to, this.time, this.latency);
    const far = new LinkEnd(from, this.time, this.latency);
    near.other = far;
    far.other = near;
    near.handler = attach(near);
    far.handler = accept(far);
    this.#links.push(near);
    return near;
  }

  /** Connects something that is no node: what it gets goes to the handler, what it says is up to the caller. */
  connectStranger(to: TestNode, handler: ConnectionHandler, host?: string): LinkEnd {
    const accept = this.#listening.get(`${to.address.host}:${to.address.port}`);
    if (accept === undefined) throw new Error(`${to.name} does not listen`);
    return this.#link(to.address, () => handler, accept, host);
  }

  /** Something that answers calls and is no node. */
  listen(address: PeerAddress, accept: (connection: Connection) => ConnectionHandler): void {
    this.#listening.set(`${address.host}:${address.port}`, accept);
  }

  /** Ends all connections of a node at once and makes it unreachable. */
  async kill(node: TestNode): Promise<void> {
    this.#listening.delete(`${node.address.host}:${node.address.port}`);
    await node.node.stop();
  }

  async add(
    name: string,
    options: Partial<Pick<NodeOptions, Passed>> & {
      readonly host?: string;
      readonly verifier?: SignatureVerifier;
      readonly store?: ChainStore;
      readonly port?: number;
    } = {},
  ): Promise<TestNode> {
    const {
      host: _host,
      port: _port,
      verifier = nobleVerifier,
      store = new MemoryStore(),
      ...passed
    } = options;
    const lines: string[] = [];
    const log: Log = (level, category, message) => {
      lines.push(`${level} ${category} ${message}`);
    };
    const { time, params } = this;
    const dialer = options.host === undefined ? this.dialer : this.#dialerFrom(options.host);
    const chain = await this.#open({ params, store, verifier, clock: time, timers: time, log });
    const address = {
      host: options.host ?? "10.0.0.1",
      port: options.port ?? 3000 + this.nodes.length,
    };
    const node = new Node({
      chain,
      clock: time,
      timers: time,
      random: this.#random,
      dialer,
      log,
      userAgent: `/${name}:1/`,
      listenAddress: address,
      ...passed,
    });
    this.listen(address, (connection) => node.accept(connection));
    node.start();
    const miner = (payTo: Uint8Array, mineWhen = 2) =>
      new Miner({
        chain,
        payTo,
        mineWhen,
        log,
        clock: time,
        timers: time,
        search: new InProcessSearch(time, time),
      });
    const added = { name, address, chain, node, store, log: lines, miner };
    this.nodes.push(added);
    return added;
  }

  /** Opening may wait for time to pass, and time passes only when it is asked to. */
  async #open(options: Parameters<typeof ChainManager.open>[0]): Promise<ChainManager> {
    let chain: ChainManager | undefined;
    let failure: unknown;
    ChainManager.open(options).then(
      (opened) => {
        chain = opened;
      },
      (error: unknown) => {
        failure = error;
      },
    );
    await this.time.until("the chain opens", () => chain !== undefined || failure !== undefined);
    if (chain === undefined) throw failure;
    return chain;
  }

  /** Awaits something that needs time to pass. */
  async during<Result>(promise: Promise<Result>): Promise<Result> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
    });
    watched.catch(() => {});
    await this.time.until("the promise settles", () => settled);
    return watched;
  }
}
