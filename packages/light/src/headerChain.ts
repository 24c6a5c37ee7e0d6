import {
  BlockHeader,
  type ChainParams,
  concatBytes,
  HEADER_SIZE,
  type HeaderNode,
  HeaderTree,
  type Verdict,
} from "@chain/core";
import type { Clock, Log } from "@chain/engine";
import { acceptHeader } from "@chain/engine/peers";
import type { LightStore } from "./store.ts";

interface HeaderChainOptions {
  readonly params: ChainParams;
  readonly store: LightStore;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The headers of the chain, each checked as a full node checks it: proof of work, difficulty, time. The best chain is
 * that of most work, because a node without blocks has nothing else to go by.
 */
export class HeaderChain {
  readonly tree: HeaderTree;
  readonly #options: HeaderChainOptions;
  /** How many headers the store has. */
  #kept = 0;

  private constructor(options: HeaderChainOptions) {
    this.#options = options;
    this.tree = new HeaderTree(options.params.genesis.header);
  }

  /** Reads the headers of the store, and checks each of them again. A header that can't be right is asked of peers again. */
  static async open(options: HeaderChainOptions): Promise<HeaderChain> {
    const chain = new HeaderChain(options);
    const bytes = await options.store.readHeaders();
    const count = Math.floor(bytes.length / HEADER_SIZE);
    for (; chain.#kept < count; chain.#kept++) {
      const at = chain.#kept * HEADER_SIZE;
      const verdict = chain.#add(BlockHeader.fromBytes(bytes.slice(at, at + HEADER_SIZE)));
      if (verdict.ok) continue;
      const what = `header ${chain.#kept} of the store is refused (${verdict.reason})`;
      options.log("warn", "store", `${what}: it and those behind it are asked for again`);
      break;
    }
    chain.#follow();
    return chain;
  }

  /** The header with most work. */
  get best(): HeaderNode {
    return this.tree.bestHeader;
  }

  /** @returns the nodes of all headers, where all were good */
  async accept(
    headers: readonly BlockHeader[],
  ): Promise<Verdict<{ readonly nodes: readonly HeaderNode[] }>> {
    const nodes: HeaderNode[] = [];
    const fresh: Uint8Array[] = [];
    let refusal: Extract<Verdict, { ok: false }> | undefined;
    for (const header of headers) {
      const size = this.tree.size;
      const verdict = this.#add(header);
      if (!verdict.ok) {
        refusal = verdict;
        break;
      }
      if (this.tree.size > size) fresh.push(header.bytes);
      nodes.push(verdict.node);
    }
    this.#follow();
    if (fresh.length > 0) {
      const index = this.#kept;
      this.#kept += fresh.length;
      await this.#options.store.writeHeaders(index, concatBytes(...fresh));
    }
    return refusal ?? { ok: true, nodes };
  }

  /** A block breaks a rule, so nothing on top of it counts. */
  markInvalid(node: HeaderNode, reason: string): void {
    this.tree.markInvalid(node, reason);
    this.#follow();
  }

  #add(header: BlockHeader): Verdict<{ readonly node: HeaderNode }> {
    const { params, clock } = this.#options;
    return acceptHeader(this.tree, header, params, Math.floor(clock.now() / 1000));
  }

  #follow(): void {
    if (this.tree.tip !== this.best) this.tree.setTip(this.best);
  }
}
