import type { BlockHash } from "@chain/core";
import type { SimNode } from "./simNode.ts";
import type { VirtualTime } from "./virtualTime.ts";

interface MinedBlock {
  readonly height: number;
  readonly at: number;
  /** How long after that each node had it connected, in milliseconds: ascending, the miner's own first. */
  readonly delays: number[];
}

/** When blocks were mined, and when they reached all nodes. */
export class Statistics {
  readonly #time: VirtualTime;
  readonly #blocks = new Map<BlockHash, MinedBlock>();
  /** Which nodes have had a block: one that is connected again counts once. */
  readonly #had = new Map<SimNode, Set<BlockHash>>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  mined(hash: BlockHash, height: number): void {
    this.#blocks.set(hash, { height, at: this.#time.now(), delays: [] });
  }

  /** A process of a node has begun. */
  watch(node: SimNode): void {
    const had = this.#had.get(node) ?? new Set<BlockHash>();
    this.#had.set(node, had);
    node.chain.subscribe((event) => {
      if (event.type !== "block-connected") return;
      const { hash } = event.block;
      const block = this.#blocks.get(hash);
      if (block === undefined || had.has(hash)) return;
      had.add(hash);
      block.delays.push(this.#time.now() - block.at);
    });
  }

  /** Blocks found by honest nodes. */
  get minedCount(): number {
    return this.#blocks.size;
  }

  /** Those of them that are not in the chain that a node follows. */
  staleCount({ chain }: SimNode): number {
    let stale = 0;
    for (const hash of this.#blocks.keys()) {
      const node = chain.headers.get(hash);
      if (node === undefined || !chain.headers.isActive(node)) stale++;
    }
    return stale;
  }

  /** When each block reached its first, second, … node. Milliseconds after it was found. */
  delays(): readonly (readonly number[])[] {
    return [...this.#blocks.values()].map(({ delays }) => delays);
  }
}
