/**
 * Decides which peers send and get blocks in compact form. Core: net_processing.cpp, SENDCMPCT,
 * MaybeSetPeerAsAnnouncingHeaderAndIDs.
 */
import type { BlockHash } from "@chain/core";
import { COMPACT_BLOCKS_VERSION, type MessageOf, SHORT_IDS_BLOCKS_VERSION } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import { type NetAction, sendMessage } from "../kit/actions.ts";
import type { PartialBlock } from "./partialBlock.ts";

/** Peers that shall send us new blocks without being asked. */
const MAX_ANNOUNCING = 3;

/**
 * Peers that are asked for the missing transactions of one block at a time. Core: MAX_CMPCTBLOCKS_INFLIGHT_PER_BLOCK.
 */
const MAX_ASKED = 3;

interface PeerCompact {
  readonly outbound: boolean;
  /** Whether it understands compact blocks as we do. */
  supports: boolean;
  /** Whether it wants new blocks at once, without being asked whether it wants them. */
  wantsAtOnce: boolean;
  /** The last block that it has sent in compact form. */
  last: BlockHash | undefined;
  /** A block that it has begun to send, and whose missing transactions were asked for; `failed`: and were not those. */
  partial: { readonly hash: BlockHash; readonly block: PartialBlock | "failed" } | undefined;
}

/**
 * Which peers send us new blocks in compact form unasked (high-bandwidth mode), and which of them want that from us
 * (BIP-0152). Core: MaybeSetPeerAsAnnouncingHeaderAndIDs.
 */
export class CompactBlockRelay {
  readonly #peers = new Map<PeerId, PeerCompact>();
  /** Those that we have asked to send new blocks at once, the last useful one at the end. */
  #announcing: PeerId[] = [];
  readonly #blocksOnly: boolean;

  /** @param blocksOnly whether our mempool takes no transactions from peers: then it cannot reconstruct blocks */
  constructor(blocksOnly: boolean = false) {
    this.#blocksOnly = blocksOnly;
  }

  /** The handshake is done. @param outbound whether we opened the connection */
  add(peer: PeerId, protocolVersion: number, outbound: boolean = false): NetAction[] {
    this.#peers.set(peer, {
      outbound,
      supports: false,
      wantsAtOnce: false,
      last: undefined,
      partial: undefined,
    });
    return protocolVersion >= SHORT_IDS_BLOCKS_VERSION ? [sendCompact(peer, false)] : [];
  }

  remove(peer: PeerId): void {
    this.#peers.delete(peer);
    this.#announcing = this.#announcing.filter((id) => id !== peer);
  }

  /** The peer says what it understands. Versions other than ours are ignored, as Core does. */
  offered(peer: PeerId, { announce, version }: MessageOf<"sendcmpct">): void {
    const state = this.#peers.get(peer);
    if (state === undefined || version !== COMPACT_BLOCKS_VERSION) return;
    state.supports = true;
    state.wantsAtOnce = announce;
  }

  /**
   * Whether blocks may be asked of a peer in compact form. A `blocksOnly` node never does: its mempool lacks the
   * transactions.
   */
  supports(peer: PeerId): boolean {
    return !this.#blocksOnly && (this.#peers.get(peer)?.supports ?? false);
  }

  /** Whether a new block is sent to a peer without a word before. */
  wantsAtOnce(peer: PeerId): boolean {
    return this.#peers.get(peer)?.wantsAtOnce ?? false;
  }

  /** Whether we have asked a peer to send new blocks without a word before. */
  sendsAtOnce(peer: PeerId): boolean {
    return this.#announcing.includes(peer);
  }

  /** A peer was the first to give us a new block: it, and the two before it, shall send the next ones at once. */
  gaveBlock(peer: PeerId): NetAction[] {
    if (!this.supports(peer) || this.#announcing.at(-1) === peer) return [];
    const wasAsked = this.#announcing.includes(peer);
    if (!wasAsked && !this.#isOutbound(peer)) this.#protectLastOutbound();
    this.#announcing = [...this.#announcing.filter((id) => id !== peer), peer];
    if (wasAsked) return [];
    // First the one that makes room, as Core does, so that never more than three are asked.
    const evicted = this.#announcing.splice(0, this.#announcing.length - MAX_ANNOUNCING);
    return [...evicted.map((id) => sendCompact(id, false)), sendCompact(peer, true)];
  }

  /**
   * An inbound peer that takes a place must not evict the last outbound one: an attacker could hold all three places.
   */
  #protectLastOutbound(): void {
    const [oldest, second, ...others] = this.#announcing;
    if (oldest === undefined || second === undefined || others.length < MAX_ANNOUNCING - 2) return;
    const outbound = this.#announcing.filter((peer) => this.#isOutbound(peer));
    if (outbound.length === 1 && outbound[0] === oldest) {
      this.#announcing = [second, oldest, ...others];
    }
  }

  #isOutbound(peer: PeerId): boolean {
    return this.#peers.get(peer)?.outbound ?? false;
  }

  /** Whether a compact block is news: to look for its transactions costs us more than the peer to send it again. */
  isNew(peer: PeerId, hash: BlockHash): boolean {
    const state = this.#peers.get(peer);
    if (state === undefined || state.last === hash) return false;
    state.last = hash;
    return true;
  }

  /**
   * Whether the missing transactions of a block are worth asking of one more peer, because the peer that was asked
   * first may never answer. The last of three places waits for an outbound peer unless one of the three is outbound.
   */
  mayAskToo(peer: PeerId, hash: BlockHash, first: PeerId): boolean {
    const state = this.#peers.get(peer);
    if (state === undefined || !this.sendsAtOnce(peer)) return false;
    const asked = new Set([first]);
    for (const [id, { partial }] of this.#peers) if (partial?.hash === hash) asked.add(id);
    const isOutboundAsked = [...asked].some((id) => this.#isOutbound(id));
    if (asked.has(peer) || asked.size >= MAX_ASKED) return false;
    return state.outbound || isOutboundAsked || asked.size < MAX_ASKED - 1;
  }

  /** A block is here: its missing transactions are no longer waited for, of any peer. */
  arrived(hash: BlockHash): void {
    for (const state of this.#peers.values()) {
      if (state.partial?.hash === hash) state.partial = undefined;
    }
  }

  /** Waits for the missing transactions of a block. One at a time for each peer: a newer one takes its place. */
  begin(peer: PeerId, hash: BlockHash, block: PartialBlock): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    state.partial = { hash, block };
    return [sendMessage(peer, { command: "getblocktxn", blockHash: hash, indexes: block.missing })];
  }

  /** Whether a peer was asked for the missing transactions of a block. */
  isWaiting(peer: PeerId): boolean {
    return this.#peers.get(peer)?.partial !== undefined;
  }

  /** The whole block is asked for now, because the transactions that have come were not those that are missing. */
  failed(peer: PeerId, hash: BlockHash): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.partial = { hash, block: "failed" };
  }

  /**
   * The block whose missing transactions have come; it is forgotten here.
   * @returns `failed` where others of its transactions came before, and were not those that are missing
   */
  take(peer: PeerId, hash: BlockHash): PartialBlock | "failed" | undefined {
    const state = this.#peers.get(peer);
    if (state?.partial?.hash !== hash) return undefined;
    const { block } = state.partial;
    state.partial = undefined;
    return block;
  }
}

function sendCompact(peer: PeerId, announce: boolean): NetAction {
  return sendMessage(peer, { command: "sendcmpct", announce, version: COMPACT_BLOCKS_VERSION });
}
