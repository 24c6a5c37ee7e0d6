import { type Block, blockSubsidy, type OutpointKey, outpointKey } from "@chain/core";
import type { NodeEvent } from "@chain/engine";
import type { Network } from "./network.ts";
import type { SimNode } from "./simNode.ts";

/** Bytes that a link may hold: above the mark where writers hold back, as much as one answer to a request may be. */
const MAX_QUEUED = 16_000_000;
/** Peers that a node calls: Core's eight, a feeler, and a few that are being replaced. */
const MAX_CALLED = 16;
const DEFAULT_MAX_INBOUND = 117;
/** Entries of both tables of an address book, and transactions by memory, have limits of their own in the engine. */
const NEVER = -1n;

export interface InvariantOptions {
  readonly network: Network;
  readonly maxInbound: number | undefined;
  /** Something that must never be, is. */
  readonly fail: (what: string) => void;
}

/**
 * The invariants that must hold at any moment, for any behaviour of peers. They are checked as things happen: each block once for all nodes, each change
 * of a tip for its node.
 */
export class Invariants {
  readonly #options: InvariantOptions;
  /** Work of the tip that each node had last, over all its processes. */
  readonly #work = new Map<SimNode, bigint>();
  /** Values of all outputs ever made, in all branches. */
  readonly #outputs = new Map<OutpointKey, bigint>();
  readonly #balanced = new Set<string>();

  constructor(options: InvariantOptions) {
    this.#options = options;
  }

  /** A process of a node has begun. */
  watch(node: SimNode): void {
    const { chain } = node;
    this.#balance(chain.params.genesis, 0, node);
    this.#tipChanged(node);
    chain.subscribe((event) => this.#onEvent(node, event));
  }

  #onEvent(node: SimNode, event: NodeEvent): void {
    if (event.type === "block-connected") this.#balance(event.block, event.height, node);
    else if (event.type === "tip-changed") this.#tipChanged(node);
  }

  #tipChanged(node: SimNode): void {
    const { chainWork, height } = node.chain.tip;
    const before = this.#work.get(node) ?? NEVER;
    if (chainWork < before) {
      this.#options.fail(`${node.name} went back to less work, at height ${height}`);
    }
    this.#work.set(node, chainWork);
  }

  /** Every block makes exactly its subsidy: miners of the simulation take all that they may. */
  #balance(block: Block, height: number, node: SimNode): void {
    if (this.#balanced.has(block.hash)) return;
    this.#balanced.add(block.hash);
    let made = 0n;
    for (const { txid, inputs, outputs } of block.transactions) {
      for (const [vout, { value }] of outputs.entries()) {
        this.#outputs.set(outpointKey({ txid, vout }), value);
        made += value;
      }
      if (block.transactions[0]?.txid === txid) continue;
      for (const { prevout } of inputs) made -= this.#outputs.get(outpointKey(prevout)) ?? 0n;
    }
    const subsidy = blockSubsidy(height, node.chain.params);
    if (made !== subsidy) {
      const what = `block ${block.hash} at height ${height} makes ${made}, not ${subsidy}`;
      this.#options.fail(`${node.name} took a wrong supply: ${what}`);
    }
  }

  /** Fails where a node holds more of others than it may. Looks at all its links and peers: not for every step. */
  checkBounds(node: SimNode): void {
    const { fail, maxInbound = DEFAULT_MAX_INBOUND } = this.#options;
    for (const link of this.#options.network.linksOf(node.host)) {
      if (link.queued <= MAX_QUEUED) continue;
      fail(`${node.name} has written ${link.queued} bytes that ${link.remote.host} does not read`);
    }
    if (!node.running) return;
    const { mempool } = node.chain;
    if (mempool.memory > mempool.limits.maxMemory) {
      fail(`the mempool of ${node.name} takes ${mempool.memory} bytes`);
    }
    const peers = node.node.peers();
    const inbound = peers.filter((peer) => peer.inbound).length;
    if (inbound > maxInbound) fail(`${node.name} has ${inbound} inbound peers`);
    const called = peers.filter(({ kind }) => kind !== "inbound" && kind !== "manual").length;
    if (called > MAX_CALLED) fail(`${node.name} has called ${called} peers`);
  }
}
