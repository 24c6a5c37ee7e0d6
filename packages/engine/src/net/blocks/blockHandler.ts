import type { Block, BlockHash, BlockHeader, HeaderNode, Refusal } from "@chain/core";
import { present } from "@chain/core/arguments";
import { type InventoryItem, type Message, MSG_BLOCK, MSG_WITNESS_FLAG } from "@chain/wire";
import type { ChainManager } from "../../chain/manager.ts";
import { RawBlock } from "../../chain/rawBlock.ts";
import type { ChainEvent, PeerId } from "../../events.ts";
import type { Clock, Log } from "../../ports.ts";
import type { NetAction } from "../kit/actions.ts";
import { untilTurn } from "../peer/cpuTimeBudget.ts";
import type { MisbehaviorHandler } from "../peer/misbehaviorHandler.ts";
import type { Peer } from "../peer/peer.ts";
import { blockPenalty } from "../peer/penalty.ts";
import type { BlockAnnouncer } from "./blockAnnouncer.ts";
import type { BlockDownload } from "./blockDownload.ts";
import { BlockSources } from "./blockSources.ts";
import type { CompactBlockRelay } from "./compactBlockRelay.ts";
import type { HeaderSync } from "./headerSync.ts";
import { workOf, workThreshold } from "./workThreshold.ts";

/** A tip is recent where its time is no further back than so many blocks take. Core: CanDirectFetch. */
const RECENT_BLOCKS = 20;

export interface BlockHandlerOptions {
  readonly chain: ChainManager;
  readonly state: {
    readonly headers: HeaderSync;
    readonly blocks: BlockDownload;
    readonly compact: CompactBlockRelay;
    readonly announcer: BlockAnnouncer;
  };
  readonly clock: Clock;
  readonly stopwatch: Clock;
  readonly log: Log;
  readonly perform: (actions: readonly NetAction[]) => void;
  readonly misbehavior: MisbehaviorHandler;
  /** The tip as a compact block, if it was connected last. */
  readonly compactTip: () => Message | undefined;
}

/**
 * The way of a block: a peer announces it (`headers`, `inv`), we ask for it, the peer sends it (`block`), the chain
 * manager stores and connects it, and a new tip is announced to the other peers.
 */
export class BlockHandler {
  readonly #options: BlockHandlerOptions;
  readonly #sources = new BlockSources();
  /** Blocks that have come, by their bytes, so that a header is decoded and hashed once. */
  readonly #arrived = new WeakMap<Uint8Array, RawBlock>();

  constructor(options: BlockHandlerOptions) {
    this.#options = options;
  }

  /** The peer has disconnected. */
  remove(peer: PeerId): void {
    this.#sources.remove(peer);
  }

  /** A block has come, and is processed after the messages before it: the peer does not stall the download. */
  arrived(peer: Peer, bytes: Uint8Array): void {
    const block = new RawBlock(bytes);
    this.#arrived.set(bytes, block);
    const hash = block.header?.hash;
    if (hash !== undefined) this.#options.state.blocks.arrived(hash, peer.id);
  }

  /** Handles a change of the chain, as far as blocks are concerned. @returns the actions for peers */
  onChainEvent(event: ChainEvent): readonly NetAction[] {
    const { chain, state, clock } = this.#options;
    switch (event.type) {
      case "tip-changed": {
        const news = chain.initialDownload ? [] : this.#announceTip(event.forkHeight);
        return [...news, ...state.blocks.schedule(clock.now())];
      }
      case "download-stalled":
        // Headers that no block follows must not keep peers from what has come meanwhile.
        return this.#announceTip(event.height - 1);
      case "block-connected":
        return this.#onConnected(event.block.hash);
      case "block-refused":
        this.#onLateRefusal(event.hash, event.refusal);
        return [];
      case "block-unreadable":
        return state.blocks.schedule(clock.now());
      default:
        return [];
    }
  }

  /** Announces the tip, and the blocks above the fork before it. */
  #announceTip(forkHeight: number): readonly NetAction[] {
    const { chain, state, compactTip } = this.#options;
    const fork = chain.headers.activeAt(forkHeight);
    if (fork === undefined) return [];
    const atOnce = (peer: PeerId) => (state.compact.wantsAtOnce(peer) ? compactTip() : undefined);
    return state.announcer.tipChanged(fork, atOnce);
  }

  /** A block that was stored before is invalid: the peer that sent it should have known. Core: BlockChecked. */
  #onLateRefusal(hash: BlockHash, refusal: Refusal): void {
    const source = this.#sources.take(hash);
    if (source === undefined) return;
    const { peer, checkedBySender } = source;
    const penalty = checkedBySender ? blockPenalty(refusal.kind, peer.inbound) : "none";
    this.#options.misbehavior.punish(peer, `block ${hash}`, refusal, penalty);
  }

  #onConnected(hash: BlockHash): readonly NetAction[] {
    const source = this.#sources.take(hash);
    return source === undefined ? [] : this.#gaveBlock(source.peer.id, hash);
  }

  /**
   * The peer gave a valid block. A peer shows that it is quick only by a block that is likely to be the best one, so
   * not while other blocks are on their way. Core: BlockChecked.
   */
  #gaveBlock(peer: PeerId, hash: BlockHash): readonly NetAction[] {
    const { chain, state } = this.#options;
    const others = state.blocks.pending - (state.blocks.isRequested(hash) ? 1 : 0);
    return chain.initialDownload || others > 0 ? [] : state.compact.gaveBlock(peer);
  }

  /**
   * The peer announces blocks; `inv` names transactions as well, which are left out here. Core: ProcessMessage, INV.
   */
  processInv(peer: PeerId, items: readonly InventoryItem[]): void {
    const { state, clock } = this.#options;
    const now = clock.now();
    const hashes = items.flatMap(({ type, hash }) => (isBlock(type) ? (hash as BlockHash) : []));
    if (hashes.length === 0) return;
    // The last one is the best: its headers cover the others.
    const unknown = hashes.filter((hash) => !state.headers.announced(peer, hash)).at(-1);
    this.#perform([
      ...(unknown === undefined ? [] : state.headers.follow(peer, unknown, now)),
      ...state.blocks.schedule(now),
    ]);
  }

  /** The peer does not have blocks that we asked for: another peer is asked. */
  processNotFound(peer: PeerId, items: readonly InventoryItem[]): readonly NetAction[] {
    const { state, clock } = this.#options;
    const now = clock.now();
    for (const { type, hash } of items) {
      if (isBlock(type)) state.blocks.notFound(peer, hash as BlockHash, now);
    }
    return state.blocks.schedule(now);
  }

  /** The peer announces headers, or answers `getheaders`. Core: ProcessHeadersMessage. */
  async processHeaders(peer: Peer, headers: readonly BlockHeader[]): Promise<void> {
    const { chain, state, clock, log } = this.#options;
    const {
      accept,
      actions,
      tooLittleWork: height,
    } = state.headers.receive(peer.id, headers, clock.now());
    if (height !== undefined) {
      const text = `ignored headers from ${peer.name} up to height ${height}: too little work`;
      log("debug", "net", text, { event: "low-work-headers", peer: peer.id, height });
    }
    this.#perform(actions);
    if (accept.length === 0) return this.#perform(state.blocks.schedule(clock.now()));
    const hashes = accept.map(({ hash }) => hash);
    const done = state.blocks.told(peer.id, hashes);
    try {
      this.#perform(await this.#acceptHeaders(peer, accept, headers.length));
      this.#perform(state.blocks.schedule(clock.now()));
      const last = chain.headers.get(present(hashes.at(-1), "hashes.at(-1)"));
      if (last !== undefined && this.#isRecent()) {
        this.#perform(state.blocks.askDirectly(peer.id, last, clock.now()));
      }
    } finally {
      done();
    }
  }

  /** Core: CanDirectFetch. */
  #isRecent(): boolean {
    const { chain, clock } = this.#options;
    return chain.tip.time * 1000 > clock.now() - RECENT_BLOCKS * chain.params.targetSpacing * 1000;
  }

  async #acceptHeaders(
    peer: Peer,
    accept: readonly BlockHeader[],
    count: number,
  ): Promise<readonly NetAction[]> {
    const { chain, state, clock, stopwatch, misbehavior } = this.#options;
    const known = this.#knownHeader(accept);
    if (known !== undefined) return state.headers.accepted(peer.id, known, count, clock.now());
    const { chainWork } = chain.bestHeader;
    const onTurn = untilTurn(peer.cpuTime, stopwatch);
    const verdict = await chain.acceptHeaders(accept, { onTurn });
    if (!verdict.ok) {
      misbehavior.punish(peer, "headers", verdict, blockPenalty(verdict.kind, peer.inbound));
      return state.headers.refused(peer.id, clock.now());
    }
    const last = verdict.nodes.at(-1);
    // The work is compared, because the best header may have come from another peer meanwhile.
    if (last !== undefined && last.chainWork > chainWork) peer.outcome = "block";
    return last === undefined ? [] : state.headers.accepted(peer.id, last, count, clock.now());
  }

  /** Every peer announces the header of a new block, and all but the first tell nothing new. */
  #knownHeader([header, ...others]: readonly BlockHeader[]): HeaderNode | undefined {
    if (header === undefined || others.length > 0) return undefined;
    const node = this.#options.chain.headers.get(header.hash);
    return node?.invalidReason === undefined ? node : undefined;
  }

  /** The peer sends a block, asked for or not. Core: ProcessMessage, BLOCK. */
  processRawBlock(peer: Peer, bytes: Uint8Array): Promise<void> {
    return this.processBlock(peer, this.#arrived.get(bytes) ?? new RawBlock(bytes));
  }

  /**
   * A block is here, as it was sent or reconstructed. Core: ProcessBlock.
   * @param options.checkedBySender `false` for a compact block, which peers relay before they check it (BIP-0152)
   */
  async processBlock(
    peer: Peer,
    block: RawBlock | Block,
    { checkedBySender = true }: { readonly checkedBySender?: boolean } = {},
  ): Promise<void> {
    const { chain, state, clock, stopwatch, log, misbehavior } = this.#options;
    const { header } = block;
    const hash = header?.hash;
    // A block that we need is taken from any peer, as Core does.
    const requested = hash !== undefined && state.blocks.isRequested(hash);
    if (header !== undefined && !requested && this.hasTooLittleWork(header)) {
      const text = `ignored block ${hash} from ${peer.name}: too-little-chainwork`;
      const fields = { event: "low-work-block", peer: peer.id, hash: header.hash };
      return log("debug", "net", text, fields);
    }
    if (hash !== undefined && !(requested && this.#mayBePruned(hash)) && this.#isHere(hash)) {
      // A block that is sent again must cost us no work.
      state.blocks.done(peer.id, hash, false, clock.now());
      state.headers.announced(peer.id, hash);
      return this.#perform(state.blocks.schedule(clock.now()));
    }
    let resume = () => {};
    const accepting = chain.acceptBlock(block, { requested, onTurn: () => resume() });
    // The peer's time counts that is spent on the block before its turn, and not the wait.
    resume = untilTurn(peer.cpuTime, stopwatch);
    const verdict = await accepting;
    const now = clock.now();
    if (hash !== undefined) {
      if (verdict.ok && verdict.fresh) {
        peer.lastBlockAt = now;
        peer.outcome = "block";
        if (!verdict.connected) this.#sources.add(hash, { peer, checkedBySender });
        if (verdict.connected) this.#perform(this.#gaveBlock(peer.id, hash));
      }
      if (verdict.ok) {
        state.blocks.done(peer.id, hash, verdict.fresh, now);
        state.compact.arrived(hash);
      } else {
        // A peer that sent us something else under this hash is not asked for it again.
        state.blocks.notFound(peer.id, hash, now);
      }
    }
    if (verdict.ok) {
      state.headers.announced(peer.id, verdict.node.hash);
    } else {
      misbehavior.reject(peer.id, "block", verdict, hash);
      // A block that does not even decode is ignored, as Core does with any such message.
      const isIgnored = verdict.reason === "bad-block-encoding";
      const isExcused = isIgnored || !checkedBySender;
      const penalty = isExcused ? "none" : blockPenalty(verdict.kind, peer.inbound);
      misbehavior.punish(peer, `block ${hash ?? ""}`, verdict, penalty);
    }
    this.#perform(state.blocks.schedule(now));
  }

  /** An operator has asked for it again. */
  #mayBePruned(hash: BlockHash): boolean {
    const { chain } = this.#options;
    const { height } = chain.headers.get(hash) ?? {};
    return height !== undefined && height <= (chain.prunedHeight ?? -1);
  }

  #isHere(hash: BlockHash): boolean {
    const { chain } = this.#options;
    const node = chain.headers.get(hash);
    if (node === undefined || chain.isUnreadable(hash)) return false;
    return node.transactionCount > 0 && node.invalidReason === undefined;
  }

  /** Whether a new header is on a branch that no node will ever need. Core: BLOCK_HEADER_LOW_WORK. */
  hasTooLittleWork(header: BlockHeader): boolean {
    const { headers: tree, params } = this.#options.chain;
    const parent = tree.get(header.previousHash);
    if (parent === undefined || tree.get(header.hash) !== undefined) return false;
    return parent.chainWork + workOf([header]) < workThreshold(tree, params);
  }

  #perform(actions: readonly NetAction[]): void {
    this.#options.perform(actions);
  }
}

function isBlock(type: InventoryItem["type"]): boolean {
  return (type & ~MSG_WITNESS_FLAG) === MSG_BLOCK;
}
