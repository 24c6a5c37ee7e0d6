import { Block, bytesToHex, type ChainParams, Transaction, type Verdict } from "@chain/core";
import {
  type AcceptedBlock,
  type ChainManager,
  EngineError,
  formatPeerAddress,
  type MempoolView,
  Miner,
  type Node,
  type NodeListener,
  type PeerAddress,
  type PeerId,
} from "@chain/engine";
import type { Indexes } from "@chain/indexes";
import type { RpcHost } from "@chain/rpc";
import { messageOf, UserError } from "../errors.ts";
import type { Network } from "../networks.ts";
import type { MempoolKeeper } from "../node/mempoolKeeper.ts";
import type { MiningParts } from "../node/mining.ts";
import type { Services } from "../node/service.ts";
import { parseAddress } from "../params.ts";
import { parsePeerAddress } from "../peerAddress.ts";
import type { SettableClock } from "../ports/system.ts";
import type { Wallets } from "../wallets/wallets.ts";
import type { Links } from "./links.ts";

/** Anyone can spend what is paid to it: `OP_TRUE`. */
const ANYONE = Uint8Array.of(0x51);
/** A day's blocks, a thousand times. */
const MAX_BLOCKS = 144_000;

/** How to call a node, as `createRpcClient` of `@chain/rpc/client` takes it. */
export interface RpcAddress {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** The parts of a node in process; see `createNode`. */
export interface Parts {
  readonly network: Network;
  readonly params: ChainParams;
  readonly chain: ChainManager;
  readonly node: Node;
  readonly clock: SettableClock;
  /** Makes the host that the RPC answers from. Default: that of the node. */
  readonly rpcHost?: ((host: RpcHost) => RpcHost) | undefined;
  readonly links: Links;
  /** Its name among the nodes of this process. */
  readonly address: PeerAddress;
  readonly port: number | undefined;
  /** How its RPC is called, if it has one. */
  readonly rpc: RpcAddress | undefined;
  readonly doors: InProcessNode["doors"];
  /** Keeps the unconfirmed transactions on disk. */
  readonly mempool: MempoolKeeper | undefined;
  /** Shared by `mine` and the RPC, so that blocks of both differ. */
  readonly mining: MiningParts;
  readonly indexes: Indexes;
  readonly wallets: Wallets | undefined;
  readonly services: Services;
}

/**
 * A full node in this process; `createNode` makes one. After `close`, and after its disk has failed, everything that
 * it is asked to do is refused with the error code `closed`.
 */
export class InProcessNode {
  readonly params: ChainParams;
  /** Headers, blocks and coins; the best chain ends at `chain.tip`. */
  readonly chain: ChainManager;
  /** Indexes of its blocks: those of the option `indexes`. */
  readonly indexes: Indexes;
  /** The conversations with peers. */
  readonly node: Node;
  /** Where it listens, if it does. */
  readonly port: number | undefined;
  /** The doors of the option `doors`: Esplora, Electrum. */
  readonly doors: readonly { readonly name: string; readonly url: string; readonly port: number }[];
  readonly #parts: Parts;
  readonly #mining = { aborted: false };
  readonly #watchers = new Set<() => void>();
  readonly #connecting = new Map<string, Promise<void>>();
  #mined: Promise<unknown> = Promise.resolve();
  #why = "it is closed";
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.params = parts.params;
    this.chain = parts.chain;
    this.indexes = parts.indexes;
    this.node = parts.node;
    this.port = parts.port;
    this.doors = parts.doors;
    this.node.subscribe((event) => {
      if (event.type === "chain-stopped") void this.#end(`its chain has failed: ${event.why}`);
      for (const look of [...this.#watchers]) look();
    });
  }

  /** The unconfirmed transactions. */
  get mempool(): MempoolView {
    return this.chain.mempool;
  }

  /**
   * How its RPC is called, as `createRpcClient` of `@chain/rpc/client` takes it.
   * @throws UserError `usage` where it was made without `rpc: true`
   */
  get rpc(): RpcAddress {
    const { rpc } = this.#parts;
    if (rpc !== undefined) return rpc;
    throw new UserError("usage", "this node has no RPC: make it by createNode({ rpc: true })");
  }

  /**
   * Mines blocks on the tip, with the unconfirmed transactions. Of two callers at once, the second one's blocks follow.
   * @param options.to receiver of the reward: an address, or an output script; without it, anyone can spend it
   * @throws UserError `usage`; EngineError `closed` where the node was closed meanwhile: the chain has the blocks that
   *   were found until then
   * @example
   * const [block] = await node.mine();
   * block.hash === node.chain.tip.hash // true
   */
  mine(count = 1, options: { readonly to?: string | Uint8Array } = {}): Promise<Block[]> {
    const next = this.#mined.then(() => this.#mine(count, options.to));
    this.#mined = next.catch(() => {});
    return next;
  }

  async #mine(count: number, to: string | Uint8Array = ANYONE): Promise<Block[]> {
    this.#needOpen();
    const { network, mining } = this.#parts;
    if (!network.isMockable) {
      throw new UserError("usage", `blocks of ${network.name} can't be mined at will`);
    }
    if (!(Number.isInteger(count) && count >= 0 && count <= MAX_BLOCKS)) {
      throw new UserError("usage", `mine takes a number of blocks up to ${MAX_BLOCKS}`);
    }
    const payTo = typeof to === "string" ? parseAddress(to, network, "to") : to;
    const miner = new Miner({ ...mining, payTo });
    const blocks: Block[] = [];
    try {
      while (blocks.length < count) blocks.push(await miner.mineOne(this.#mining));
    } catch (error) {
      this.#needOpen();
      throw error;
    }
    return blocks;
  }

  /**
   * Takes a transaction or a block of our own, and tells the peers about it.
   * @returns why it was refused, with Bitcoin Core's reason, where it was
   * @throws EngineError `closed`; UserError `usage` for anything else.
   * @example
   * const verdict = await node.submit(transaction);
   * verdict.ok || verdict.reason // "coinbase"
   */
  submit(transaction: Transaction): Promise<Verdict<{ readonly fee: bigint }>>;
  submit(block: Block): Promise<Verdict<AcceptedBlock>>;
  async submit(
    item: Transaction | Block,
  ): Promise<Verdict<{ readonly fee: bigint } | AcceptedBlock>> {
    this.#needOpen();
    if (item instanceof Block) return this.node.submitBlock(item);
    if (!(item instanceof Transaction)) {
      throw new UserError("usage", "submit takes a Transaction or a Block of @chain/core");
    }
    const verdict = await this.node.submitTransaction(item);
    if (verdict.ok) await this.#parts.mempool?.keep(item);
    return verdict;
  }

  /**
   * Connects to a node, and stays connected.
   * @param to another node of this process, which needs no port; or `HOST:PORT`
   * @returns when the two have shaken hands
   * @throws UserError `usage`, `wrong-chain`, or `unreachable` with the reason; EngineError `closed`.
   */
  async connect(to: InProcessNode | string): Promise<void> {
    if (to === this) throw new UserError("usage", "a node can't call itself");
    const name = formatPeerAddress(this.#addressOf(to));
    const calling = this.#connecting.get(name) ?? this.#connect(to);
    this.#connecting.set(name, calling);
    try {
      await calling;
    } finally {
      this.#connecting.delete(name);
    }
  }

  async #connect(to: InProcessNode | string): Promise<void> {
    this.#needOpen();
    const { node, links } = this.#parts;
    const address = this.#addressOf(to);
    if (to instanceof InProcessNode) {
      const name = ({ params: { name, magic, genesis } }: InProcessNode) =>
        `${name} (${bytesToHex(magic)}) from ${genesis.hash}`;
      if (name(to) !== name(this)) {
        const why = `its chain is ${name(to)}, and ours ${name(this)}`;
        throw new UserError("wrong-chain", `that node is on another chain: ${why}`);
      }
      links.add(to.#callable);
    }
    await node.callOnce(address);
    const peer = this.#peerAt(address);
    const failure = links.failureOf(address);
    if (peer === undefined) throw unreachable(address, failure ?? "no connection");
    await this.#shaken(peer.id, address);
    node.addPeer(address);
  }

  /** Resolves when the handshake with a peer is done. */
  async #shaken(id: PeerId, address: PeerAddress): Promise<void> {
    let why: string | undefined;
    const unsubscribe = this.node.subscribe((event) => {
      if (event.type === "peer-disconnected" && event.peer === id) why = event.why;
    });
    try {
      await this.until(() => why !== undefined || this.#peerAt(address)?.ready === true);
    } finally {
      unsubscribe();
    }
    if (why !== undefined) throw unreachable(address, why);
  }

  /** Ends the connection with a node, and does not call it again. */
  disconnect(from: InProcessNode | string): void {
    const address = this.#addressOf(from);
    this.node.removePeer(address);
    const peer = this.#peerAt(address);
    if (peer !== undefined) this.node.disconnect(peer.id, "we were told to disconnect");
  }

  #addressOf(node: InProcessNode | string): PeerAddress {
    return typeof node === "string" ? parsePeerAddress(node, "connect") : node.#parts.address;
  }

  #peerAt({ host, port }: PeerAddress) {
    return this.node.peers().find(({ address }) => address.host === host && address.port === port);
  }

  get #callable() {
    const { address, node } = this.#parts;
    return { address, isOpen: () => !this.#isClosed, accept: node.accept.bind(node) };
  }

  /**
   * Hears of all that happens: blocks, transactions, peers and their messages.
   * @returns a function that ends that
   * @example
   * const types = [];
   * node.subscribe((event) => types.push(event.type));
   * await node.mine();
   * types.includes("tip-changed") // true
   */
  subscribe(listener: NodeListener): () => void {
    return this.node.subscribe(listener);
  }

  /**
   * Resolves as soon as something holds: at once, or after one of the events to come.
   * @throws EngineError `closed`.
   * @example
   * await bob.connect(alice);
   * await alice.mine();
   * await bob.until(() => bob.chain.tip.hash === alice.chain.tip.hash);
   */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        try {
          if (!holds()) {
            this.#needOpen();
            return;
          }
          resolve();
        } catch (error) {
          reject(error);
        }
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /**
   * Sets the clock, which then stands still.
   * @param seconds since 1970; without it, it goes with the system's again
   * @throws UserError `usage` where blocks are not for tests; EngineError `closed`.
   */
  setTime(seconds?: number): void {
    this.#needOpen();
    const { network, clock, node } = this.#parts;
    if (!network.isMockable) {
      throw new UserError("usage", `the clock can't be set on ${network.name}`);
    }
    clock.set(seconds === undefined ? undefined : seconds * 1000);
    node.clockSet();
  }

  get #isClosed(): boolean {
    return this.#closing !== undefined;
  }

  #needOpen(): void {
    if (this.#isClosed) throw new EngineError("closed", `the node does nothing more: ${this.#why}`);
  }

  /** Ends it: mining stops, connections are closed, everything is on disk. Safe to call twice. */
  close(): Promise<void> {
    return this.#end(this.#why);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(why: string): Promise<void> {
    if (this.#closing === undefined) {
      this.#why = why;
      this.#mining.aborted = true;
      this.#closing = this.#mined.then(() => this.#parts.services.stop());
      for (const look of [...this.#watchers]) look();
    }
    return this.#closing;
  }
}

function unreachable(address: PeerAddress, why: unknown): UserError {
  return new UserError("unreachable", `${formatPeerAddress(address)}: ${messageOf(why)}`);
}
