import type { BlockHeader } from "@chain/core";
import { blockTemplate } from "@chain/engine";
import type { Message } from "@chain/wire";
import { solve } from "../params.ts";
import type { SimNode } from "../simNode.ts";
import { Adversary } from "./adversary.ts";
import type { WirePeer } from "./wirePeer.ts";

/**
 * Announces a block with real work each minute, and never gives one.
 * @example
 * const staller = new StallingPeer(simulation, "staller").attack(nodes);
 * await simulation.run(120_000);
 * staller.asked > 0
 */
export class StallingPeer extends Adversary {
  /** Blocks that victims have asked for. */
  asked = 0;

  protected override ready(peer: WirePeer, victim: SimNode): void {
    this.repeat(peer, victim, 60_000, () => {
      peer.send({ command: "headers", headers: [this.#header(victim)] });
    });
  }

  /** On top of what the victim has, with a body that no node has. */
  #header({ chain, key }: SimNode): BlockHeader {
    const extraNonce = this.random.uint32();
    const { header } = blockTemplate(chain, key.script, { extraNonce }).block;
    return solve(header, chain.params);
  }

  protected override heard(peer: WirePeer, victim: SimNode, message: Message): void {
    if (message.command === "getdata") this.asked += message.items.length;
    super.heard(peer, victim, message);
  }
}
