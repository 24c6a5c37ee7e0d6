/** Whole networks of real nodes in one process: virtual time, seeded randomness, links with latency. */
import { type ChainParams, nobleVerifier, type SignatureVerifier } from "@chain/core";
import {
  ChainManager,
  type Connection,
  type ConnectionHandler,
  type Dialer,
  InProcessSearch,
  type Log,
  Miner,
  Node,
  type NodeOptions,
  type PeerAddress,
  type PruneSettings,
} from "@chain/engine";
import { type ChainStore, MemoryStore } from "@chain/storage";
import { easyDevnet } from "./blockFactory.ts";
import { Rng } from "./random.ts";
import { type VirtualTime, virtualTime } from "./time.ts";

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
    // Bytes that were written before still arrive.
    this.#time.after(this.#latency, () => other?.end("the other side closed"));
  }
}

type Passed =
  | "connect"
  | "maxInbound"
  | "metrics"
  | "addressBook"
  | "anchors"
  | "resolver"
  | "maxUpload"
  | "pace"
  | "stopwatch"
  | "permissions"
  | "blocksOnly"
  | "bloomFilters"
  | "blockFilters"
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
  readonly #random: Rng;
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
    this.#random = new Rng(options.seed ?? 1);
    this.time = virtualTime((this.params.genesis.header.time + (options.age ?? 1_000_000)) * 1000);
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
    // Each node calls from a host of its own, so that the fault of one is not held against others.
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
      readonly prune?: PruneSettings;
      readonly port?: number;
    } = {},
  ): Promise<TestNode> {
    const {
      host: _host,
      port: _port,
      verifier = nobleVerifier,
      store = new MemoryStore(),
      prune,
      ...passed
    } = options;
    const lines: string[] = [];
    const log: Log = (level, category, message) => {
      lines.push(`${level} ${category} ${message}`);
    };
    const { time, params } = this;
    const dialer = options.host === undefined ? this.dialer : this.#dialerFrom(options.host);
    const chain = await time.during(
      // Opening may wait for time to pass.
      ChainManager.open({ params, store, verifier, clock: time, timers: time, log, prune }),
    );
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

  /** Awaits something that needs time to pass. */
  during<Result>(promise: Promise<Result>): Promise<Result> {
    return this.time.during(promise);
  }
}
