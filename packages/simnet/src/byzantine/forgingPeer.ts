import { Block, BlockHeader, merkleRoot, Transaction } from "@chain/core";
import { blockTemplate } from "@chain/engine";
import { type Message, MSG_BLOCK, MSG_CMPCT_BLOCK, MSG_WITNESS_FLAG } from "@chain/wire";
import { solve } from "../params.ts";
import type { SimNode } from "../simNode.ts";
import { Adversary } from "./adversary.ts";
import type { WirePeer } from "./wirePeer.ts";

/**
 * Announces a block with real work each minute, and gives it: it pays its miner one unit too much.
 * @example
 * const forger = new ForgingPeer(simulation, "forger").attack(nodes);
 * await simulation.run(120_000);
 * forger.refusals > 0
 */
export class ForgingPeer extends Adversary {
  readonly #blocks = new Map<string, Block>();
  /** Blocks that victims have taken from here, to look at them. */
  given = 0;

  protected override ready(peer: WirePeer, victim: SimNode): void {
    this.repeat(peer, victim, 60_000, () => {
      const block = this.#forge(victim);
      this.#blocks.clear();
      this.#blocks.set(block.hash, block);
      peer.send({ command: "headers", headers: [block.header] });
    });
  }

  #forge({ chain, key }: SimNode): Block {
    const extraNonce = this.random.uint32();
    const { header, transactions } = blockTemplate(chain, key.script, { extraNonce }).block;
    const [coinbase, ...others] = transactions as [Transaction, ...Transaction[]];
    const outputs = coinbase.outputs.map((output, i) =>
      i === 0 ? { ...output, value: output.value + 1n } : output,
    );
    const all = [new Transaction({ ...coinbase, outputs }), ...others];
    const { root } = merkleRoot(all.map(({ txid }) => txid));
    return new Block(solve(new BlockHeader({ ...header, merkleRoot: root }), chain.params), all);
  }

  protected override heard(peer: WirePeer, victim: SimNode, message: Message): void {
    super.heard(peer, victim, message);
    if (message.command !== "getdata") return;
    for (const { type, hash } of message.items) {
      const plain = type & ~MSG_WITNESS_FLAG;
      const block = this.#blocks.get(hash);
      if (block === undefined || (plain !== MSG_BLOCK && plain !== MSG_CMPCT_BLOCK)) continue;
      this.given++;
      peer.send({ command: "block", raw: block.toBytes() });
    }
  }
}
