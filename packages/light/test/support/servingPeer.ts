/** A peer that serves headers, blocks and filters of a node's chain, and lies as it is told. */
import {
  type Block,
  type BlockHash,
  BlockHeader,
  blockFilter,
  checkProofOfWork,
  type FilterHeader,
  filterHash,
  filterHeader,
  type HeaderNode,
  type Transaction,
  ZERO_FILTER_HEADER,
} from "@chain/core";
import type { Connection, ConnectionHandler } from "@chain/engine";
import type { SimNode, Simulation } from "@chain/simnet";
import { ScriptedPeer } from "@chain/testing/scriptedPeer";
import {
  type Message,
  MSG_WITNESS_FLAG,
  NODE_COMPACT_FILTERS,
  NODE_NETWORK,
  NODE_WITNESS,
} from "@chain/wire";

export interface Lies {
  /** Another filter in place of that of a block. */
  readonly filter?: (block: Block, filter: Uint8Array) => Uint8Array;
  /** `filters`: announces them and never gives them; `all`: does not even announce them. */
  readonly withholds?: "filters" | "all" | "blocks" | "headers";
  /** Gives filters that it did not announce. */
  readonly givesOthers?: boolean;
  /** Shows a chain of its own from the genesis block on, of so many blocks. */
  readonly ownChain?: number;
  /** A body that is not that of the block. */
  readonly block?: (block: Block) => Block;
  /** Default: it serves filters. */
  readonly services?: bigint;
}

const PORT = 8333;

export class ServingPeer {
  readonly address: { readonly host: string; readonly port: number };
  /** The names of the messages that it was sent. */
  readonly asked: string[] = [];
  /** Transactions that it was given; it keeps none where it refuses them. */
  readonly taken: Map<string, Transaction> = new Map();
  refuses = false;
  readonly #simulation: Simulation;
  readonly #source: SimNode;
  readonly #lies: Lies;
  readonly #filters = new Map<BlockHash, Uint8Array>();
  readonly #headers = new Map<BlockHash, FilterHeader>();
  readonly #peers = new Set<ScriptedPeer>();
  readonly #own: BlockHeader[];

  constructor(simulation: Simulation, source: SimNode, lies: Lies = {}) {
    this.#simulation = simulation;
    this.#source = source;
    this.#lies = lies;
    const host = simulation.addHost();
    this.address = { host: host.ip, port: PORT };
    this.#own = ownChain(simulation, lies.ownChain ?? 0);
    simulation.network.listen(host, PORT, (connection) => this.#accept(connection));
    source.chain.subscribe((event) => {
      if (event.type !== "tip-changed" || this.#own.length > 0) return;
      if (lies.withholds === "headers") return;
      const node = source.chain.headers.get(event.hash as BlockHash);
      if (node !== undefined) this.#tell({ command: "headers", headers: [node.header] });
    });
  }

  get connections(): number {
    return this.#peers.size;
  }

  #tell(message: Message): void {
    for (const peer of this.#peers) if (peer.ready) peer.say(message);
  }

  #accept(connection: Connection): ConnectionHandler {
    const { params, time } = this.#simulation;
    const peer = new ScriptedPeer(
      {
        magic: params.magic,
        direction: "inbound",
        now: () => time.now(),
        write: (bytes) => void connection.write(bytes),
        close: () => connection.close(),
      },
      { services: this.#lies.services ?? NODE_NETWORK | NODE_WITNESS | NODE_COMPACT_FILTERS },
    );
    this.#peers.add(peer);
    // The messages of one peer are answered in order.
    let work = Promise.resolve();
    peer.onMessage = (message) => {
      work = work.then(() => this.#answer(peer, message));
    };
    time.after(0, () => peer.take({ type: "opened" }));
    return {
      onData: (bytes) => peer.take({ type: "data", bytes }),
      onDrain: () => {},
      onClose: () => this.#peers.delete(peer),
    };
  }

  async #answer(peer: ScriptedPeer, message: Message): Promise<void> {
    const { withholds } = this.#lies;
    const { headers: tree } = this.#source.chain;
    this.asked.push(message.command);
    switch (message.command) {
      case "getheaders": {
        if (withholds === "headers") return;
        if (this.#own.length > 0) return peer.say({ command: "headers", headers: this.#own });
        const fork = tree.findFork(message.locator);
        const headers: BlockHeader[] = [];
        for (let at = fork.height + 1; headers.length < 2_000; at++) {
          const node = tree.activeAt(at);
          if (node === undefined) break;
          headers.push(node.header);
        }
        return peer.say({ command: "headers", headers });
      }
      case "getcfheaders": {
        const stop = tree.get(message.stopHash);
        if (withholds === "all" || stop === undefined) return;
        const nodes = range(stop, message.startHeight);
        const hashes = [];
        for (const node of nodes) hashes.push(filterHash(await this.#filter(node)));
        const before = nodes[0]?.parent;
        const previousHeader =
          before === undefined ? ZERO_FILTER_HEADER : await this.#filterHeader(before);
        const { stopHash } = message;
        return peer.say({ command: "cfheaders", filterType: 0, stopHash, previousHeader, hashes });
      }
      case "getcfilters": {
        const stop = tree.get(message.stopHash);
        if (withholds === "all" || withholds === "filters" || stop === undefined) return;
        for (const node of range(stop, message.startHeight)) {
          const filter = this.#lies.givesOthers ? Uint8Array.of(0) : await this.#filter(node);
          peer.say({ command: "cfilter", filterType: 0, blockHash: node.hash, filter });
        }
        return;
      }
      case "getdata":
        for (const { type, hash } of message.items) {
          if ((type & ~MSG_WITNESS_FLAG) === 2) await this.#giveBlock(peer, hash as BlockHash);
          else {
            const transaction = this.refuses ? undefined : this.taken.get(hash);
            if (transaction === undefined)
              peer.say({ command: "notfound", items: [{ type, hash }] });
            else peer.say({ command: "tx", transaction });
          }
        }
        return;
      case "inv":
        return peer.say({ command: "getdata", items: message.items });
      case "tx": {
        const { transaction } = message;
        this.taken.set(transaction.txid, transaction);
        this.taken.set(transaction.wtxid, transaction);
        if (!this.refuses) await this.#source.node.submitTransaction(transaction);
        return;
      }
      default:
    }
  }

  async #giveBlock(peer: ScriptedPeer, hash: BlockHash): Promise<void> {
    if (this.#lies.withholds === "blocks") return;
    const block = await this.#source.chain.getBlock(hash);
    if (block === undefined) return;
    peer.say({ command: "block", raw: (this.#lies.block?.(block) ?? block).toBytes() });
  }

  async #filter({ hash }: HeaderNode): Promise<Uint8Array> {
    const known = this.#filters.get(hash);
    if (known !== undefined) return known;
    const { chain } = this.#source;
    const block = (await chain.getBlock(hash)) as Block;
    const undo = (await chain.getUndo(hash)) ?? [];
    const honest = blockFilter(block, undo);
    const filter = this.#lies.filter?.(block, honest) ?? honest;
    this.#filters.set(hash, filter);
    return filter;
  }

  async #filterHeader(node: HeaderNode): Promise<FilterHeader> {
    for (const each of range(node, 0)) {
      if (this.#headers.has(each.hash)) continue;
      const before =
        each.parent === undefined
          ? ZERO_FILTER_HEADER
          : (this.#headers.get(each.parent.hash) as FilterHeader);
      this.#headers.set(each.hash, filterHeader(filterHash(await this.#filter(each)), before));
    }
    return this.#headers.get(node.hash) as FilterHeader;
  }
}

/** The blocks from a height to one. */
function range(stop: HeaderNode, from: number): readonly HeaderNode[] {
  const nodes: HeaderNode[] = [];
  for (let at = from; at <= stop.height; at++) nodes.push(stop.ancestor(at) as HeaderNode);
  return nodes;
}

/** Headers with real work that no node has blocks of. */
function ownChain({ params }: Simulation, count: number): BlockHeader[] {
  const headers: BlockHeader[] = [];
  let parent = params.genesis.header;
  while (headers.length < count) {
    for (let nonce = 0; ; nonce++) {
      const fields = { ...parent, previousHash: parent.hash, time: parent.time + 1, nonce };
      const header = new BlockHeader(fields);
      if (!checkProofOfWork(header.hash, header.bits, params)) continue;
      parent = header;
      headers.push(header);
      break;
    }
  }
  return headers;
}
