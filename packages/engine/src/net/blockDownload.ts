import type { BlockHash, HeaderNode, HeaderTree } from "@chain/core";
import { type InventoryItem, MSG_BLOCK, MSG_WITNESS_BLOCK } from "@chain/wire";
import type { PeerId } from "../events.ts";
import { disconnect, type NetAction, send } from "./actions.ts";
import { BoundedSet } from "./boundedSet.ts";

/** Blocks asked of one peer at a time. Core: MAX_BLOCKS_IN_TRANSIT_PER_PEER. */
const MAX_IN_FLIGHT = 16;
/** How far beyond the last common block is asked. Core: BLOCK_DOWNLOAD_WINDOW. */
const WINDOW = 1024;
/** A peer that holds up others may take this long for a block, at first; doubles with each that is dropped. Core: BLOCK_STALLING_TIMEOUT. */
const STALLING_TIMEOUT = 2_000;
const MAX_STALLING_TIMEOUT = 64_000;
/** Longest wait for a block that nobody else has. Milliseconds. */
const BLOCK_TIMEOUT = 60_000;

interface Request {
  readonly peer: PeerId;
  /** When it was asked for; for ever, once the block is here and waits to be checked. Milliseconds. */
  since: number;
}

interface PeerBlocks {
  readonly witness: boolean;
  readonly inFlight: Set<BlockHash>;
  /** Last block on the way to the peer's best one whose bodies we have without a gap. */
  common: HeaderNode;
  /** Blocks that it said it does not have. */
  readonly lacking: BoundedSet<BlockHash>;
}

/** Fetches block bodies along the best headers, from all peers that have them, in a window that moves with the chain. */
export class BlockDownload {
  readonly #tree: HeaderTree;
  readonly #bestOf: (peer: PeerId) => HeaderNode | undefined;
  readonly #peers = new Map<PeerId, PeerBlocks>();
  readonly #inFlight = new Map<BlockHash, Request>();
  #stallingTimeout = STALLING_TIMEOUT;

  /** @param bestOf the best header that a peer is known to have */
  constructor(tree: HeaderTree, bestOf: (peer: PeerId) => HeaderNode | undefined) {
    this.#tree = tree;
    this.#bestOf = bestOf;
  }

  /** Number of blocks asked for and not here yet. */
  get pending(): number {
    return this.#inFlight.size;
  }

  /** @param witness whether the peer serves blocks with witnesses (BIP-0144) */
  add(peer: PeerId, witness: boolean): void {
    this.#peers.set(peer, {
      witness,
      inFlight: new Set(),
      common: this.#tree.genesis,
      lacking: new BoundedSet(WINDOW),
    });
  }

  /** What it was asked for is free to be asked of others. */
  remove(peer: PeerId): void {
    const state = this.#peers.get(peer);
    for (const hash of state?.inFlight ?? []) this.#inFlight.delete(hash);
    this.#peers.delete(peer);
  }

  isRequested(hash: BlockHash, peer: PeerId): boolean {
    return this.#inFlight.get(hash)?.peer === peer;
  }

  /** The peer has sent the block: however long it takes us to check it, the peer did its part. */
  arrived(hash: BlockHash, peer: PeerId): void {
    const request = this.#inFlight.get(hash);
    if (request?.peer === peer) request.since = Number.POSITIVE_INFINITY;
  }

  /** The block, from whomever, has been checked. */
  done(hash: BlockHash): void {
    const request = this.#inFlight.get(hash);
    if (request === undefined) return;
    this.#inFlight.delete(hash);
    this.#peers.get(request.peer)?.inFlight.delete(hash);
    this.#stallingTimeout = Math.max(STALLING_TIMEOUT, this.#stallingTimeout * 0.85);
  }

  /** The peer does not have it, or not as it should be. */
  notFound(peer: PeerId, hash: BlockHash): void {
    if (!this.isRequested(hash, peer)) return;
    this.done(hash);
    this.#peers.get(peer)?.lacking.add(hash);
  }

  /** Asks every peer that has time for what it has and we lack, the lowest heights first. */
  schedule(now: number): NetAction[] {
    const actions: NetAction[] = [];
    for (const [peer, state] of this.#peers) {
      const free = MAX_IN_FLIGHT - state.inFlight.size;
      // In handfuls: a request for each block that arrives would double the messages.
      if (free < MAX_IN_FLIGHT / 2) continue;
      const { wanted, heldUpBy } = this.#wanted(peer, state, free);
      for (const node of wanted) {
        state.inFlight.add(node.hash);
        this.#inFlight.set(node.hash, { peer, since: now });
      }
      if (wanted.length > 0) {
        const type = state.witness ? MSG_WITNESS_BLOCK : MSG_BLOCK;
        const items: InventoryItem[] = wanted.map(({ hash }) => ({ type, hash }));
        actions.push(send(peer, { command: "getdata", items }));
      } else if (heldUpBy !== undefined && state.inFlight.size === 0) {
        actions.push(...this.#checkStalling(heldUpBy, now));
      }
    }
    return actions;
  }

  /** The next blocks to ask of a peer; if there are none only because another peer has been asked: the first of those. */
  #wanted(
    peer: PeerId,
    state: PeerBlocks,
    count: number,
  ): { readonly wanted: readonly HeaderNode[]; readonly heldUpBy: Request | undefined } {
    const wanted: HeaderNode[] = [];
    let heldUpBy: Request | undefined;
    const best = this.#bestOf(peer);
    if (
      best === undefined ||
      best.invalidReason !== undefined ||
      best.chainWork <= this.#tree.tip.chainWork
    ) {
      return { wanted, heldUpBy };
    }
    state.common = this.#tree.forkPoint(state.common, best);
    const last = Math.min(best.height, state.common.height + WINDOW);
    let gap = false;
    for (let height = state.common.height + 1; height <= last && wanted.length < count; height++) {
      const node = best.ancestor(height) as HeaderNode;
      if (node.transactionCount > 0) {
        if (!gap) state.common = node;
        continue;
      }
      gap = true;
      const request = this.#inFlight.get(node.hash);
      if (request !== undefined) {
        if (request.peer !== peer) heldUpBy ??= request;
      } else if (!state.lacking.has(node.hash)) {
        wanted.push(node);
      }
    }
    return { wanted, heldUpBy };
  }

  /** Somebody idle could fetch what this request holds up. */
  #checkStalling({ peer, since }: Request, now: number): NetAction[] {
    if (now - since < this.#stallingTimeout) return [];
    this.#stallingTimeout = Math.min(this.#stallingTimeout * 2, MAX_STALLING_TIMEOUT);
    return [disconnect(peer, "block download stalled")];
  }

  tick(now: number): NetAction[] {
    const late = new Set<PeerId>();
    for (const { peer, since } of this.#inFlight.values()) {
      if (now - since >= BLOCK_TIMEOUT) late.add(peer);
    }
    const actions = [...late].map((peer) => disconnect(peer, "block download timed out"));
    return [...actions, ...this.schedule(now)];
  }
}
