import {
  type BlockHash,
  type ChainParams,
  type Milliseconds,
  nobleVerifier,
  type SignatureVerifier,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import type { Log, NodeEvent } from "@chain/engine";
import { PrivateKey } from "@chain/wallet";
import { agreed, compareCoins, describeTips, haveEqualWork } from "./agreement.ts";
import { SimulationError } from "./errors.ts";
import { describeEvent, EventLog } from "./eventLog.ts";
import type { Host, HostOptions } from "./host.ts";
import { Invariants } from "./invariants.ts";
import { Mining } from "./mining.ts";
import { Network } from "./network.ts";
import type { NodeSettings, SimulationOptions } from "./options.ts";
import { simulationParams } from "./params.ts";
import { Payments } from "./payments.ts";
import { SeededRandom } from "./seededRandom.ts";
import { SharedData } from "./sharedStore.ts";
import { sharedVerifier } from "./sharedVerifier.ts";
import { PORT, SimNode } from "./simNode.ts";
import { Statistics } from "./statistics.ts";
import { ipOf, randomPeers } from "./topology.ts";
import { VirtualTime } from "./virtualTime.ts";

/** The network begins a while after its genesis block. Milliseconds. */
const START: Milliseconds = 3_600_000;
/** How often the bounds of what nodes hold are looked at. Milliseconds. */
const BOUNDS_INTERVAL: Milliseconds = 600_000;
/** How long honest nodes may take to agree once nothing is mined. Milliseconds. */
const AGREEMENT: Milliseconds = 30 * 60_000;

/**
 * A network of real nodes in virtual time. Chance comes from the seed alone, so a history can be had again.
 *
 * @example
 * const simulation = new Simulation({ seed: 1, settle, blockInterval: 60_000 });
 * const [first] = await simulation.addNodes(1);
 * await simulation.addNodes(3, () => ({ connect: [first] }));
 * simulation.mining.start();
 * await simulation.run(600_000); // ten minutes
 * await simulation.checkpoint(); // throws where the nodes do not agree
 */
export class Simulation {
  readonly seed: number;
  readonly params: ChainParams;
  readonly time: VirtualTime;
  readonly network: Network;
  readonly log: EventLog;
  readonly mining: Mining;
  readonly payments: Payments;
  readonly statistics: Statistics;
  readonly #options: SimulationOptions;
  readonly #verifier: SignatureVerifier;
  readonly #shared = new SharedData();
  readonly #invariants: Invariants;
  readonly #nodes: SimNode[] = [];
  readonly #began: number;
  #hosts = 0;
  #failure: SimulationError | undefined;
  #nextBounds = 0;
  #premining = false;

  constructor(options: SimulationOptions) {
    const { seed, settle, blockInterval = 600_000, paymentInterval = 60_000 } = options;
    this.seed = seed;
    this.#options = options;
    this.params = simulationParams(this.#keyOf("genesis").script);
    this.time = new VirtualTime(this.params.genesis.header.time * 1000 + START, settle);
    const { time } = this;
    this.#began = time.now();
    this.log = new EventLog(time, options.onEvent);
    this.network = new Network({
      ...options,
      time,
      random: this.random("network"),
      onDelivery: (count) => this.log.delivered(count),
    });
    this.#verifier = sharedVerifier(options.verifier ?? nobleVerifier);
    const fail = (what: string): void => this.fail(what);
    this.#invariants = new Invariants({
      network: this.network,
      fail,
      maxInbound: options.engine?.maxInbound,
    });
    this.statistics = new Statistics(time);
    const nodes = (): readonly SimNode[] => this.#nodes;
    this.mining = new Mining({
      time,
      random: this.random("mining"),
      interval: blockInterval,
      nodes,
      onMined: (node, hash, height) => this.#mined(node, hash, height),
      fail,
    });
    this.payments = new Payments({
      time,
      random: this.random("payments"),
      verifier: this.#verifier,
      interval: paymentInterval,
      nodes,
      onPaid: ({ name }, { txid }) => this.log.add(name, `paid ${txid}`),
      fail,
    });
  }

  /** The honest nodes, in the order they were added. */
  get nodes(): readonly SimNode[] {
    return this.#nodes;
  }

  /** Milliseconds since the simulation began. */
  get elapsed(): number {
    return this.time.now() - this.#began;
  }

  /** A new source of randomness, independent of the others. */
  random(name: string): SeededRandom {
    return new SeededRandom(this.seed, name);
  }

  #keyOf(name: string): PrivateKey {
    return new PrivateKey(this.random(`key ${name}`).bytes(32));
  }

  /** A host in a network of its own: a /16 that no other has. */
  addHost(options: Partial<HostOptions> = {}): Host {
    return this.network.addHost({ ip: ipOf(this.#hosts++), ...options });
  }

  /** Adds a node and starts it. */
  async addNode(settings: NodeSettings = {}): Promise<SimNode> {
    const [node] = await this.addNodes(1, () => settings);
    return present(node, "the node that was added");
  }

  /** Adds nodes and starts them, all at once. */
  async addNodes(
    count: number,
    settingsOf: (index: number) => NodeSettings = () => ({}),
  ): Promise<readonly SimNode[]> {
    const added = Array.from({ length: count }, (_, n) => this.#makeNode(settingsOf(n)));
    await this.time.during(Promise.all(added.map((node) => node.start())));
    return added;
  }

  /** Adds nodes that each stay connected to some others of them, chosen at random. */
  addRandomNodes(count: number, calls: number): Promise<readonly SimNode[]> {
    const random = this.random("topology");
    const first = this.#hosts;
    return this.addNodes(count, (own) => ({
      connect: randomPeers(random, { count, calls, own }).map((n) => ({
        address: { host: ipOf(first + n), port: PORT },
      })),
    }));
  }

  #makeNode(settings: NodeSettings): SimNode {
    const { name = `node${this.#nodes.length}`, weight = 1, discovery = false } = settings;
    const { mempool, engine = {} } = this.#options;
    const node = new SimNode({
      name,
      host: this.addHost(settings.host),
      key: this.#keyOf(name),
      weight,
      params: this.params,
      network: this.network,
      random: this.random(name),
      verifier: this.#verifier,
      shared: this.#shared,
      log: this.#logOf(name),
      connect: (settings.connect ?? []).map(({ address }) => address),
      seeds: (settings.seeds ?? []).map(({ address }) => address),
      discovery,
      ...(mempool === undefined ? {} : { mempool }),
      engine,
      onStart: (started) => this.#started(started),
    });
    this.#nodes.push(node);
    return node;
  }

  #started(node: SimNode): void {
    this.log.add(node.name, `starts at height ${node.chain.tip.height}`);
    this.#invariants.watch(node);
    this.statistics.watch(node);
    const note = (event: NodeEvent): void => {
      const what = describeEvent(event);
      if (what !== undefined) this.log.add(node.name, what);
    };
    node.chain.subscribe(note);
    node.node.subscribe((event) => {
      if (event.type.startsWith("peer-")) note(event);
    });
  }

  /** An honest node has no errors of its own: what peers send is a verdict. */
  #logOf(name: string): Log {
    return (level, _category, message) => {
      if (level === "error") this.fail(`${name} had an error: ${message}`);
      else if (level === "warn") this.log.add(name, message);
    };
  }

  #mined(node: SimNode, hash: BlockHash, height: number): void {
    this.log.add(node.name, `mined ${hash} at ${height}`);
    if (!this.#premining) this.statistics.mined(hash, height);
  }

  /** Lets a node find so many blocks at once, before the story begins. */
  async premine(node: SimNode, count: number): Promise<void> {
    this.#premining = true;
    for (let n = 0; n < count; n++) await this.time.during(this.mining.mine(node));
    this.#premining = false;
  }

  /** Ends the process of a node, its connections, and nothing that it has stored. */
  async kill(node: SimNode): Promise<void> {
    this.log.add(node.name, "is killed");
    await this.time.during(node.kill());
  }

  async restart(node: SimNode): Promise<void> {
    await this.time.during(node.start());
  }

  /** Divides the network into groups of hosts; see `Network.partition`. */
  partition(groups: readonly (readonly { readonly host: Host }[])[]): void {
    this.log.add("network", `is cut into ${groups.map(({ length }) => length).join(" and ")}`);
    this.network.partition(groups.map((group) => group.map(({ host }) => host)));
  }

  heal(): void {
    this.log.add("network", "is whole again");
    this.network.heal();
  }

  /** Lets so much time pass. @throws SimulationError `invariant`. */
  async run(milliseconds: number): Promise<void> {
    await this.time.pass(milliseconds, () => this.#check());
  }

  /** Lets time pass until something holds. @throws SimulationError `never`, `invariant`. */
  async until(what: string, done: () => boolean, within?: Milliseconds): Promise<void> {
    const checked = (): boolean => {
      this.#check();
      return done();
    };
    await this.time.until(what, checked, within);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const now = this.time.now();
    if (now < this.#nextBounds) return;
    this.#nextBounds = now + BOUNDS_INTERVAL;
    for (const node of this.#nodes) this.#invariants.checkBounds(node);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** An invariant is broken: the call that lets time pass throws the error. Only the first is kept. */
  fail(what: string): void {
    const { seed, replay } = this.#options;
    const again = replay === undefined ? `seed ${seed}` : `again: ${replay}`;
    this.#failure ??= new SimulationError("invariant", `${what} (${again})`);
  }

  /**
   * Stops mining, and waits until all nodes that can reach each other agree: on the tip with most work, on every coin, and
   * on as many coins as there must be. Then mining goes on, if it did.
   * @param groups the parts of a divided network; default: all that run
   * @throws SimulationError `invariant`.
   */
  async checkpoint(groups: readonly (readonly SimNode[])[] = [this.#nodes]): Promise<void> {
    const resume = this.mining.pause();
    const alive = groups.map((group) => group.filter(({ running }) => running));
    try {
      await this.until("equal work", () => alive.every(haveEqualWork), AGREEMENT);
      // Of two blocks at one height both may stand until the next: here it comes.
      for (const [first, ...others] of alive.filter((group) => !agreed(group))) {
        if (first && others.length > 0) await this.time.during(this.mining.mine(first));
      }
      await this.until("agreement", () => alive.every(agreed), AGREEMENT);
    } catch (error) {
      if (!(error instanceof SimulationError && error.code === "never")) throw error;
      this.fail(`no agreement: ${alive.map(describeTips).join("; ")}`);
    }
    for (const group of alive) {
      const result = await this.time.during(compareCoins(group));
      if (result?.problem !== undefined) this.fail(result.problem);
      else if (result) this.log.add("network", `agrees on ${result.tip}, ${result.count} coins`);
    }
    this.#check();
    resume();
  }
}
