import { type BlockHash, BlockHeader, type Milliseconds } from "@chain/core";
import { blockTemplate } from "@chain/engine";
import { solve, unsolve } from "../params.ts";
import type { SimNode } from "../simNode.ts";
import type { Simulation } from "../simulation.ts";
import { Adversary } from "./adversary.ts";
import type { WirePeer } from "./wirePeer.ts";

/** Headers in each lie: few enough to have less work than what a node still keeps. */
const BRANCH = 20;

/** Real work takes the liar time as well. Milliseconds. */
const INTERVAL: Milliseconds = 5_000;

/**
 * Sends headers that are worth nothing, every five seconds others: without work, or a real branch that left the chain so long
 * ago that no node will ever need it. For the latter the chain needs more than 144 + 20 blocks.
 * @example
 * const liar = new LyingPeer(simulation, "liar", "no-work").attack(nodes);
 * await simulation.run(60_000);
 * liar.refusals > 0
 */
export class LyingPeer extends Adversary {
  readonly #lie: "no-work" | "low-work";
  /** The hashes that were sent last. */
  last: readonly BlockHash[] = [];

  constructor(simulation: Simulation, name: string, lie: "no-work" | "low-work") {
    super(simulation, name);
    this.#lie = lie;
  }

  protected override ready(peer: WirePeer, victim: SimNode): void {
    this.repeat(peer, victim, INTERVAL, () => {
      const headers = this.#lie === "no-work" ? [this.#workless(victim)] : this.#branch();
      this.last = headers.map(({ hash }) => hash);
      peer.send({ command: "headers", headers });
    });
  }

  #workless({ chain, key }: SimNode): BlockHeader {
    return unsolve(blockTemplate(chain, key.script).block.header, chain.params);
  }

  #branch(): readonly BlockHeader[] {
    const { params } = this.simulation;
    const headers: BlockHeader[] = [];
    let parent = params.genesis.header;
    while (headers.length < BRANCH) {
      const time = parent.time + 1 + this.random.below(1_000);
      const next = new BlockHeader({ ...parent, previousHash: parent.hash, time });
      parent = solve(next, params);
      headers.push(parent);
    }
    return headers;
  }
}
