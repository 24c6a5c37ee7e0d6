import type { Block, ChainParams, HeaderNode, Refusal, Verdict } from "@chain/core";
import type { BlockRecord, ChainStore } from "@chain/storage";
import type { Log } from "../ports.ts";
import type { StepOptions } from "./activation.ts";
import type { BlockIndex } from "./blockIndex.ts";
import { checkAlone, checkInPlace } from "./checkBody.ts";
import type { HeaderAcceptor } from "./headerAcceptor.ts";
import type { Foreseen } from "./scriptsAhead.ts";
import type { StoredBlocks } from "./storedBlocks.ts";
import type { UnreadableBlocks } from "./unreadableBlocks.ts";

/** How many blocks beyond the tip an unrequested one may be. Core: MIN_BLOCKS_TO_KEEP. */
const MAX_BLOCKS_AHEAD = 288;

/** The outcome for a good block. */
export interface AcceptedBlock {
  readonly node: HeaderNode;
  /** Whether it was not known before and is stored now. */
  readonly fresh: boolean;
  /** Whether it is part of the best chain now. */
  readonly connected: boolean;
  /** Whether its body, pruned or damaged before, is stored again. */
  readonly restored?: true;
}

export interface BlockAcceptorOptions {
  readonly params: ChainParams;
  readonly store: ChainStore;
  readonly index: BlockIndex;
  readonly headers: HeaderAcceptor;
  readonly unreadable: UnreadableBlocks;
  readonly blocks: Pick<StoredBlocks, "isPruned">;
  readonly log: Log;
  /** Moves to the best chain. @returns why the fresh block is refused, if it is */
  readonly activate: (options: StepOptions) => Promise<Refusal | undefined>;
  /** A block that could not be read is here again. */
  readonly onRestored: () => void;
}

interface AcceptBlockOptions {
  readonly requested: boolean;
  readonly durable: boolean;
  /** The block was looked at before its turn. */
  readonly foreseen?: Pick<Foreseen, "refusal"> | undefined;
}

/** Checks blocks and stores the good ones. Called in the queue of the chain manager alone. Core: AcceptBlock. */
export class BlockAcceptor {
  readonly #options: BlockAcceptorOptions;

  constructor(options: BlockAcceptorOptions) {
    this.#options = options;
  }

  async accept(
    block: Block,
    raw: Uint8Array,
    { requested, durable, foreseen }: AcceptBlockOptions,
  ): Promise<Verdict<AcceptedBlock>> {
    const { params, store, index, headers, unreadable, blocks } = this.#options;
    const alone = foreseen === undefined ? checkAlone(block, params) : foreseen.refusal;
    if (alone !== undefined) return alone;
    const damaged = unreadable.get(block.hash);
    if (damaged !== undefined) return this.#acceptAgain(block, raw, damaged);
    const header = headers.add(block.header);
    if (!header.ok) return header;
    const { node } = header;
    if (requested && (await blocks.isPruned(node))) return this.#acceptAgain(block, raw, node);
    if (node.transactionCount > 0 || (!requested && this.#isUnwanted(node))) {
      await headers.keep(header);
      return this.#accepted(node, false);
    }
    const verdict = checkInPlace(block, node, params);
    if (verdict?.kind === "mutated") {
      // That says nothing of the block that the header really belongs to.
      await headers.keep(header);
      return verdict;
    }
    if (verdict !== undefined) {
      await store.writeRecords(index.markInvalid(node, verdict.reason));
      return verdict;
    }

    const transactionCount = block.transactions.length;
    const record: BlockRecord = { ...index.record(node, "body", block.header), transactionCount };
    await store.writeBlock(raw, record);
    index.tree.setBody(node, transactionCount);
    const refusal = await this.#options.activate({ fresh: block, durable });
    return refusal ?? this.#accepted(node, true);
  }

  /** Stores a block whose stored body can't be read or was pruned. It was judged before, so this says nothing of its header. */
  async #acceptAgain(
    block: Block,
    raw: Uint8Array,
    node: HeaderNode,
  ): Promise<Verdict<AcceptedBlock>> {
    const { params, unreadable, log, activate, onRestored } = this.#options;
    const verdict = checkInPlace(block, node, params);
    if (verdict !== undefined) return verdict;
    await unreadable.restore(raw, node);
    log("info", "store", `block ${node.hash} is here again`, { hash: node.hash });
    onRestored();
    // A reorganisation may have waited for it.
    const refusal = await activate({ fresh: block });
    return refusal ?? { ...this.#accepted(node, false), restored: true };
  }

  #accepted(node: HeaderNode, fresh: boolean): { readonly ok: true } & AcceptedBlock {
    return { ok: true, node, fresh, connected: this.#options.index.tree.isActive(node) };
  }

  /** Of blocks that were not asked for, only those are worth the disk that may soon be the tip. */
  #isUnwanted(node: HeaderNode): boolean {
    const { params, index } = this.#options;
    const { tip } = index.tree;
    return (
      node.height > tip.height + MAX_BLOCKS_AHEAD ||
      node.chainWork < tip.chainWork ||
      node.chainWork < params.minimumChainWork
    );
  }
}
