import type { ChainParams, SignatureVerifier } from "@chain/core";
import {
  AddressBook,
  ChainManager,
  type Log,
  type MempoolLimits,
  Node,
  type NodeOptions,
  type PeerAddress,
} from "@chain/engine";
import type { PrivateKey } from "@chain/wallet";
import { SimulationError } from "./errors.ts";
import type { Host } from "./host.ts";
import type { Network } from "./network.ts";
import type { SeededRandom } from "./seededRandom.ts";
import { type SharedData, SharedStore } from "./sharedStore.ts";

/** The port that every node listens on. */
export const PORT = 8333;

export interface SimNodeOptions {
  readonly name: string;
  readonly host: Host;
  readonly key: PrivateKey;
  /** Share of all blocks that it finds, in relation to the others; 0 for one that does not mine. */
  readonly weight: number;
  readonly params: ChainParams;
  readonly network: Network;
  readonly random: SeededRandom;
  readonly verifier: SignatureVerifier;
  /** Data that the disks of all nodes have in common. */
  readonly shared: SharedData;
  readonly log: Log;
  readonly connect: readonly PeerAddress[];
  /** Whether it finds others by gossip, beginning with `seeds`. */
  readonly discovery: boolean;
  readonly seeds: readonly PeerAddress[];
  readonly mempool?: Partial<MempoolLimits>;
  readonly engine: Pick<NodeOptions, "maxInbound" | "idleTickInterval" | "timeouts">;
  /** A new process has begun; it is asked before anything happens in it. */
  readonly onStart: (node: SimNode) => void;
}

/**
 * A machine with a real node on it, that can be killed and started again.
 * @example
 * const [node] = nodes;
 * await simulation.kill(node);
 * node.running // false
 * await simulation.restart(node);
 * node.chain.tip.height // 0
 */
export class SimNode {
  readonly name: string;
  readonly host: Host;
  readonly address: PeerAddress;
  readonly key: PrivateKey;
  readonly weight: number;
  readonly #options: SimNodeOptions;
  readonly #store: SharedStore;
  /** The address book when the last process ended. */
  #addresses: Uint8Array | undefined;
  #anchors: Node["anchors"] = [];
  #running:
    | { readonly chain: ChainManager; readonly node: Node; readonly end: () => void }
    | undefined;

  constructor(options: SimNodeOptions) {
    this.name = options.name;
    this.host = options.host;
    this.key = options.key;
    this.weight = options.weight;
    this.address = { host: options.host.ip, port: PORT };
    this.#options = options;
    this.#store = new SharedStore(options.shared);
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** @throws SimulationError `not-running`. */
  get chain(): ChainManager {
    return this.#process.chain;
  }

  /** @throws SimulationError `not-running`. */
  get node(): Node {
    return this.#process.node;
  }

  get #process(): { readonly chain: ChainManager; readonly node: Node } {
    if (this.#running === undefined) {
      throw new SimulationError("not-running", `${this.name} does not run`);
    }
    return this.#running;
  }

  /** Starts a process on what the store holds. */
  async start(): Promise<void> {
    const { params, verifier, log, network, random, host, mempool, engine } = this.#options;
    const { time } = network;
    const chain = await ChainManager.open({
      params,
      store: this.#store,
      verifier,
      clock: time,
      timers: time,
      log,
      ...(mempool === undefined ? {} : { mempool }),
    });
    const { name, connect, discovery, seeds } = this.#options;
    const book =
      this.#addresses === undefined
        ? new AddressBook(random)
        : AddressBook.decode(this.#addresses, random);
    const node = new Node({
      chain,
      clock: time,
      timers: time,
      random,
      dialer: network.dialerOf(host),
      log,
      userAgent: `/${name}:1/`,
      connect,
      // A node that looks for no others does not tell its address.
      ...(discovery
        ? { addressBook: book, seeds, anchors: this.#anchors, listenAddress: this.address }
        : {}),
      ...engine,
    });
    const stopListening = network.listen(host, PORT, (connection) => node.accept(connection));
    const end = (): void => {
      stopListening();
      this.#addresses = book.encode();
      this.#anchors = node.anchors;
    };
    this.#running = { chain, node, end };
    this.#options.onStart(this);
    node.start();
  }

  /** Ends the process: connections break, what was written stays. */
  async kill(): Promise<void> {
    const { chain, node } = this.#process;
    this.#running?.end();
    this.#running = undefined;
    for (const link of [...this.#options.network.linksOf(this.host)]) link.end("killed");
    await node.stop();
    await chain.close();
  }
}
