import {
  type Block,
  type BlockHash,
  checkBlockContext,
  type HeaderNode,
  type Transaction,
} from "@chain/core";
import { type MessageOf, MSG_WITNESS_BLOCK } from "@chain/wire";
import type { ChainManager } from "../../chain/manager.ts";
import type { Clock, Log } from "../../ports.ts";
import { disconnect, type NetAction, sendMessage } from "../kit/actions.ts";
import { untilTurn } from "../peer/cpuTimeBudget.ts";
import type { MisbehaviorHandler } from "../peer/misbehaviorHandler.ts";
import type { Peer } from "../peer/peer.ts";
import { BYTES_PER_UNIT } from "../peer/validationBudget.ts";
import type { BlockDownload } from "./blockDownload.ts";
import type { BlockHandler } from "./blockHandler.ts";
import type { CompactBlockRelay } from "./compactBlockRelay.ts";
import type { HeaderSync } from "./headerSync.ts";
import { PartialBlock } from "./partialBlock.ts";

/** So far above the tip a compact block is reconstructed. Core: ProcessMessage, CMPCTBLOCK. */
const MAX_COMPACT_AHEAD = 2;

export interface CompactBlockHandlerOptions {
  readonly chain: ChainManager;
  readonly state: {
    readonly headers: HeaderSync;
    readonly blocks: BlockDownload;
    readonly compact: CompactBlockRelay;
  };
  /** Transactions whose parents are missing may be part of a block as well. */
  readonly orphans: { transactions(): Iterable<Transaction> };
  readonly clock: Clock;
  readonly stopwatch: Clock;
  readonly log: Log;
  readonly perform: (actions: readonly NetAction[]) => void;
  readonly misbehavior: MisbehaviorHandler;
  /** Takes the block as soon as it is reconstructed. */
  readonly blocks: BlockHandler;
}

/**
 * The way of a compact block (BIP-0152): it is reconstructed from the mempool, from orphans, and from the transactions
 * that the peer is asked for (`getblocktxn`, `blocktxn`). From then on it is a block like any other.
 */
export class CompactBlockHandler {
  readonly #options: CompactBlockHandlerOptions;

  constructor(options: CompactBlockHandlerOptions) {
    this.#options = options;
  }

  /** The peer sends a new block by the short ids of its transactions. Core: ProcessMessage, CMPCTBLOCK. */
  async processCompactBlock(peer: Peer, message: MessageOf<"cmpctblock">): Promise<void> {
    const { chain, state, clock, stopwatch, log, blocks, misbehavior } = this.#options;
    const { header, prefilled } = message;
    const { hash } = header;
    const bytes = prefilled.reduce((sum, { transaction }) => sum + transaction.totalSize, 0);
    peer.validation.charge(bytes / BYTES_PER_UNIT, clock.now());
    const parent = chain.headers.get(header.previousHash);
    if (parent === undefined) return blocks.processHeaders(peer, [header]);
    // This holds for `noban` peers too, whose headers are taken otherwise.
    if (blocks.hasTooLittleWork(header)) {
      const text = `ignored compact block ${hash} from ${peer.name}: too-little-chainwork`;
      return log("debug", "net", text, { event: "low-work-compact-block", hash, peer: peer.id });
    }
    const { chainWork } = chain.bestHeader;
    const onTurn = untilTurn(peer.cpuTime, stopwatch);
    const verdict = await chain.acceptHeaders([header], { onTurn });
    if (!verdict.ok) {
      // A peer relays a compact block when it has checked its header alone: that is agreed on.
      const penalty = verdict.kind === "invalid-header" ? "misbehaving" : "none";
      return misbehavior.punish(peer, `compact block ${hash}`, verdict, penalty);
    }
    state.headers.announced(peer.id, hash);
    const [node] = verdict.nodes;
    if (node !== undefined && node.chainWork > chainWork) peer.outcome = "block";
    if (!isOfUse(node, chain.tip) || !state.compact.isNew(peer.id, hash)) return this.#schedule();
    const partial = PartialBlock.from(message, this.#transactionsAtHand());
    if (partial === "invalid") {
      return this.#perform([disconnect(peer.id, "invalid compact block", true)]);
    }
    const first = state.blocks.askedOf(hash);
    if (!state.blocks.begun(peer.id, hash, clock.now())) {
      return this.#processSecond(peer, hash, partial, first);
    }
    if (partial === "ambiguous") return this.#requestWhole(peer, hash);
    if (!isComplete(partial)) return this.#perform(state.compact.begin(peer.id, hash, partial));
    return this.#complete(peer, hash, partial, []);
  }

  /** Another peer was asked for the block, but this one may help. @param first the peer that was asked first */
  async #processSecond(
    peer: Peer,
    hash: BlockHash,
    partial: PartialBlock | "ambiguous",
    first: Peer["id"] | undefined,
  ): Promise<void> {
    const { state, blocks } = this.#options;
    if (partial === "ambiguous") return this.#schedule();
    // The transactions that have come since may be all that is missing.
    const block = isComplete(partial) && partial.complete([]);
    if (typeof block === "object" && !this.#hasOtherWitnesses(block)) {
      return blocks.processBlock(peer, block, { checkedBySender: false });
    }
    const isTooBusy = first === undefined || state.blocks.isFull(peer.id);
    if (!isTooBusy && state.compact.mayAskToo(peer.id, hash, first)) {
      return this.#perform(state.compact.begin(peer.id, hash, partial));
    }
    this.#schedule();
  }

  *#transactionsAtHand(): Iterable<Transaction> {
    const { chain, orphans } = this.#options;
    for (const { transaction } of chain.mempool.entries()) yield transaction;
    yield* orphans.transactions();
  }

  /** The peer sends the missing transactions of a compact block. Core: ProcessCompactBlockTxns. */
  async processBlockTransactions(
    peer: Peer,
    { blockHash, transactions }: MessageOf<"blocktxn">,
  ): Promise<void> {
    const { state, clock } = this.#options;
    const partial = state.compact.take(peer.id, blockHash);
    if (partial === "failed") {
      state.blocks.notFound(peer.id, blockHash, clock.now());
      const reason = "previous compact block reconstruction attempt failed";
      return this.#perform([disconnect(peer.id, reason, true)]);
    }
    if (partial !== undefined) await this.#complete(peer, blockHash, partial, transactions);
  }

  async #complete(
    peer: Peer,
    hash: BlockHash,
    partial: PartialBlock,
    missing: readonly Transaction[],
  ): Promise<void> {
    const { state, blocks } = this.#options;
    const block = partial.complete(missing);
    if (block === "invalid") {
      return this.#perform([disconnect(peer.id, "invalid block transactions", true)]);
    }
    // Two transactions may share a short id, by chance or by an attacker's design: the peer is not to blame.
    if (block === "wrong" || this.#hasOtherWitnesses(block)) {
      // The whole block is asked only of the peer that was asked first: the others were a second chance.
      if (state.blocks.askedOf(hash) !== peer.id) return;
      state.compact.failed(peer.id, hash);
      return this.#requestWhole(peer, hash);
    }
    state.blocks.arrived(hash, peer.id);
    await blocks.processBlock(peer, block, { checkedBySender: false });
  }

  /** Whether the witnesses are not those that the block commits to: short ids cover them, but may be shared. */
  #hasOtherWitnesses(block: Block): boolean {
    const { chain } = this.#options;
    const parent = chain.headers.get(block.header.previousHash);
    if (parent === undefined) return true;
    const verdict = checkBlockContext(block, parent, chain.params);
    return !verdict.ok && verdict.kind === "mutated";
  }

  #requestWhole(peer: Peer, hash: BlockHash): void {
    const items = [{ type: MSG_WITNESS_BLOCK, hash }];
    this.#perform([sendMessage(peer.id, { command: "getdata", items })]);
  }

  #schedule(): void {
    const { state, clock } = this.#options;
    this.#perform(state.blocks.schedule(clock.now()));
  }

  #perform(actions: readonly NetAction[]): void {
    this.#options.perform(actions);
  }
}

/** Whether a compact block is better than the tip, new, and near enough for its transactions to be in our mempool. */
function isOfUse(node: HeaderNode | undefined, tip: HeaderNode): boolean {
  if (node === undefined || node.transactionCount > 0) return false;
  return node.chainWork > tip.chainWork && node.height <= tip.height + MAX_COMPACT_AHEAD;
}

const isComplete = ({ missing }: PartialBlock): boolean => missing.length === 0;
