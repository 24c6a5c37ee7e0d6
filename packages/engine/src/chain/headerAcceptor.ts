import type {
  BlockHeader,
  ChainParams,
  HeaderNode,
  HeaderTree,
  Refusal,
  Verdict,
} from "@chain/core";
import type { ChainStore } from "@chain/storage";
import type { Clock } from "../ports.ts";
import { type AcceptedHeader, acceptHeader } from "./acceptHeader.ts";

export interface HeaderAcceptorOptions {
  readonly params: ChainParams;
  readonly tree: HeaderTree;
  readonly store: ChainStore;
  readonly clock: Clock;
}

/** Checks headers, and keeps the good ones. Called in the queue of the chain manager alone. */
export class HeaderAcceptor {
  readonly #options: HeaderAcceptorOptions;

  constructor(options: HeaderAcceptorOptions) {
    this.#options = options;
  }

  /** Adds a header to the tree. The store has it once it was kept. Core: AcceptBlockHeader. */
  add(header: BlockHeader): Verdict<AcceptedHeader> {
    const { tree, params, clock } = this.#options;
    return acceptHeader(tree, header, params, Math.floor(clock.now() / 1000));
  }

  /** No header may be written before its parent is. */
  async keep({ node, fresh }: AcceptedHeader): Promise<void> {
    if (fresh) await this.#options.store.writeHeaders(node.height, [node.header]);
  }

  /** Adds and keeps headers, in order, up to the first that is refused. Core: ProcessNewBlockHeaders. */
  async accept(
    headers: readonly BlockHeader[],
  ): Promise<Verdict<{ readonly nodes: readonly HeaderNode[] }>> {
    const nodes: HeaderNode[] = [];
    const fresh: FreshHeaders[] = [];
    let refusal: Refusal | undefined;
    for (const header of headers) {
      const verdict = this.add(header);
      if (!verdict.ok) {
        refusal = verdict;
        break;
      }
      nodes.push(verdict.node);
      if (verdict.fresh) addFresh(fresh, header, verdict.node.height);
    }
    for (const { height, headers } of fresh)
      await this.#options.store.writeHeaders(height, headers);
    return refusal ?? { ok: true, nodes };
  }
}

/** New headers, each the parent of the next. */
interface FreshHeaders {
  /** That of the first. */
  readonly height: number;
  readonly headers: BlockHeader[];
}

function addFresh(all: FreshHeaders[], header: BlockHeader, height: number): void {
  const last = all.at(-1);
  if (last?.headers.at(-1)?.hash === header.previousHash) last.headers.push(header);
  else all.push({ height, headers: [header] });
}
