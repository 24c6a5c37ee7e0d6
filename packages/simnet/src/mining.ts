import { Block, type BlockHash, type Milliseconds } from "@chain/core";
import { blockTemplate } from "@chain/engine";
import { solve } from "./params.ts";
import type { SeededRandom } from "./seededRandom.ts";
import type { SimNode } from "./simNode.ts";
import type { VirtualTime } from "./virtualTime.ts";

export interface MiningOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  /** Mean time between two blocks of all miners together. Milliseconds. */
  readonly interval: Milliseconds;
  readonly nodes: () => readonly SimNode[];
  readonly onMined: (node: SimNode, hash: BlockHash, height: number) => void;
  readonly fail: (what: string) => void;
}

/** Blocks at random moments, each found by a node at random: as good as real work, which has no memory either. */
export class Mining {
  readonly #options: MiningOptions;
  #extraNonce = 0;
  #cancel: (() => void) | undefined;

  constructor(options: MiningOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel ??= this.#wait();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** @returns a function that goes on with it, if it did before */
  pause(): () => void {
    const wasRunning = this.#cancel !== undefined;
    this.stop();
    return () => {
      if (wasRunning) this.start();
    };
  }

  #wait(): () => void {
    const { time, random, interval } = this.#options;
    return time.after(random.exponential(interval), () => {
      this.#cancel = this.#wait();
      const node = this.#draw();
      // A node that was killed, or catches up, finds nothing; the others don't find more for that.
      if (node?.running && !node.chain.initialDownload) void this.mine(node);
    });
  }

  /** By weight. */
  #draw(): SimNode | undefined {
    const nodes = this.#options.nodes();
    const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
    let left = this.#options.random.uniform() * total;
    return nodes.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
  }

  /** A node finds a block now: its own template, solved, handed to it. */
  async mine(node: SimNode): Promise<void> {
    const { onMined, fail } = this.#options;
    const { chain } = node;
    const template = blockTemplate(chain, node.key.script, { extraNonce: ++this.#extraNonce });
    const { header, transactions } = template.block;
    const block = new Block(solve(header, chain.params), transactions);
    onMined(node, block.hash, template.height);
    try {
      const verdict = await node.node.submitBlock(block);
      if (!verdict.ok) fail(`${node.name} refused its own block ${block.hash}: ${verdict.reason}`);
    } catch (error) {
      // Killed in the middle of it.
      if (node.running && node.chain === chain) fail(`${node.name}: ${String(error)}`);
    }
  }
}
