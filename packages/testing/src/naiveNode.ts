/** A node that is nothing but the rules, written as simply as possible, to compare others with. */
import {
  Block,
  type ChainParams,
  checkBlock,
  checkBlockContext,
  checkHeader,
  checkHeaderContext,
  connectBlock,
  type HeaderNode,
  nobleVerifier,
  refuse,
  runScriptCheck,
  type SignatureVerifier,
  type Verdict,
} from "@chain/core";
import { summary, TestChain } from "./blockFactory.ts";

/** The fate of a block: the new tip, kept beside the best chain, or refused (`kind: reason`). */
export type Outcome = "tip" | "side" | `${string}: ${string}`;

const FAR_FUTURE = 0xffff_ffff;

export class NaiveNode {
  readonly chain: TestChain;
  readonly #params: ChainParams;
  readonly #verifier: SignatureVerifier;
  readonly #bodies = new Map<HeaderNode, Block>();

  constructor(params: ChainParams, verifier: SignatureVerifier = nobleVerifier) {
    this.#params = params;
    this.#verifier = verifier;
    this.chain = new TestChain(params);
  }

  /** Takes a block as it would come from a peer. */
  accept(raw: Uint8Array): Outcome {
    let block: Block;
    try {
      block = Block.fromBytes(raw);
    } catch {
      return "consensus: bad-block-encoding";
    }
    const { tree } = this.chain;
    const verdict = this.#addHeader(block);
    if (!verdict.ok) return summary(verdict) as Outcome;
    const node = tree.get(block.hash) as HeaderNode;
    const body = this.#checkBody(block, node.parent as HeaderNode);
    if (!body.ok) {
      if (body.kind !== "mutated") tree.markInvalid(node, body.reason);
      return summary(body) as Outcome;
    }
    tree.setBody(node, block.transactions.length);
    this.#bodies.set(node, block);
    const refusal = this.#activate(node);
    if (refusal !== undefined) return refusal;
    return tree.tip === node ? "tip" : "side";
  }

  #addHeader({ header }: Block): Verdict {
    const { tree } = this.chain;
    const known = tree.get(header.hash);
    if (known !== undefined) {
      return known.invalidReason === undefined
        ? { ok: true }
        : refuse("cached-invalid", "duplicate-invalid");
    }
    const alone = checkHeader(header, this.#params);
    if (!alone.ok) return alone;
    const parent = tree.get(header.previousHash);
    if (parent === undefined) return refuse("missing-parent", "prev-blk-not-found");
    if (parent.invalidReason !== undefined) return refuse("invalid-parent", "bad-prevblk");
    const placed = checkHeaderContext(header, parent, this.#params, FAR_FUTURE);
    if (placed.ok) tree.add(header);
    return placed;
  }

  #checkBody(block: Block, parent: HeaderNode): Verdict {
    const alone = checkBlock(block, this.#params, this.#verifier);
    return alone.ok ? checkBlockContext(block, parent, this.#params) : alone;
  }

  /** Moves to the best chain, block by block. @returns why `fresh` itself was refused */
  #activate(fresh: HeaderNode): Outcome | undefined {
    const { tree } = this.chain;
    let refusal: Outcome | undefined;
    while (tree.bestCandidate !== tree.tip) {
      const goal = tree.bestCandidate;
      const fork = tree.forkPoint(tree.tip, goal);
      const old: Block[] = [];
      while (tree.tip !== fork) old.push(this.chain.disconnect());
      const path: HeaderNode[] = [];
      for (let at = goal; at !== fork; at = at.parent as HeaderNode) path.unshift(at);
      for (const node of path) {
        const verdict = this.#connect(node);
        if (verdict.ok) continue;
        tree.markInvalid(node, verdict.reason);
        if (node === fresh) refusal = summary(verdict) as Outcome;
        while (tree.tip !== fork) this.chain.disconnect();
        for (const block of old.reverse()) this.chain.reconnect(block);
        break;
      }
    }
    return refusal;
  }

  #connect(node: HeaderNode): Verdict {
    const block = this.#bodies.get(node) as Block;
    const parent = node.parent as HeaderNode;
    const connected = connectBlock(block, { parent, params: this.#params }, this.chain);
    if (!connected.ok) return connected;
    for (const check of connected.checks) {
      const verdict = runScriptCheck(check, this.#verifier);
      if (!verdict.ok) return verdict;
    }
    this.chain.reconnect(block);
    return connected;
  }
}
