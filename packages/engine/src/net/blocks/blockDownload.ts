import type { BlockHash, HeaderNode, HeaderTree, Milliseconds } from "@chain/core";
import { present } from "@chain/core/arguments";
import { type InventoryItem, MSG_BLOCK, MSG_CMPCT_BLOCK, MSG_WITNESS_BLOCK } from "@chain/wire";
import type { SnapshotProgress } from "../../chain/backgroundChain.ts";
import type { PeerId } from "../../events.ts";
import { disconnect, disconnectStalling, type NetAction, sendMessage } from "../kit/actions.ts";
import { BoundedSet } from "../kit/boundedSet.ts";
import { blocksBelow } from "./blocksBelow.ts";
import type { PeerBlocks } from "./peerBlocks.ts";

/** Blocks asked of one peer at a time. Core: MAX_BLOCKS_IN_TRANSIT_PER_PEER. */
const MAX_IN_FLIGHT = 16;
/** How far beyond the last common block is asked. Core: BLOCK_DOWNLOAD_WINDOW. */
const WINDOW = 1024;
/**
 * A peer that holds up others may take this long for a block, at first; doubles with each that is dropped. Core:
 * BLOCK_STALLING_TIMEOUT.
 */
const STALLING_TIMEOUT: Milliseconds = 2_000;
const MAX_STALLING_TIMEOUT: Milliseconds = 64_000;
/** Longest wait for a block that no other peer has. Milliseconds. */
const BLOCK_TIMEOUT: Milliseconds = 120_000;
/**
 * After so long a peer that did not have a block is asked for it again: its disk may have been repaired. Milliseconds.
 */
const LACKING_TIME: Milliseconds = 120_000;
/**
 * Transactions wait no longer than this for the next block: headers without bodies must not hold them up. Milliseconds.
 */
const CATCHING_UP: Milliseconds = 10_000;

/** A pruned peer has the last 288 blocks, of which two may go while we ask. Core: NODE_NETWORK_LIMITED_MIN_BLOCKS. */
const PRUNED_BLOCKS = 286;

export interface BlockDownloadOptions {
  /** From where on blocks have witnesses (BIP-0141). */
  readonly segwitHeight: number;
  /** A chain with less work is not worth its blocks. Default: 0. Core: FindNextBlocksToDownload. */
  readonly minimumChainWork?: bigint;
  /** The best header that a peer is known to have. */
  readonly bestOf: (peer: PeerId) => HeaderNode | undefined;
  /** Whether a peer sends compact blocks (BIP-0152). */
  readonly isCompact: (peer: PeerId) => boolean;
  /** Whether a peer does not read what we have for it: then what it has sent is not handled, and that is its fault. */
  readonly isBlocked: (peer: PeerId) => boolean;
  /** Blocks that were here, and whose stored bodies can't be read any more. Default: none. */
  readonly unreadable?: () => Iterable<HeaderNode>;
  /** The blocks below a snapshot that are to be checked: those up to `base`, above `tip`. Default: none. */
  readonly background?: () => SnapshotProgress | undefined;
}

/** The blocks that a peer may be asked for. */
interface Found {
  readonly wanted: readonly HeaderNode[];
  /** Where there is nothing only because another peer has been asked: the peer that was asked for the first block. */
  readonly heldUpBy: PeerId | undefined;
  /** Blocks that the peer has for us, from the first that is missing. */
  readonly ahead: number;
  /** Whether the peer has blocks beyond the window, so that only the window keeps us from asking it. */
  readonly windowFull: boolean;
}

const NOTHING: Found = { wanted: [], heldUpBy: undefined, ahead: 0, windowFull: false };

/**
 * Fetches block bodies along the best headers, from all peers that have them, in a window that moves with the chain.
 * Core: FindNextBlocksToDownload.
 */
export class BlockDownload {
  readonly #tree: HeaderTree;
  readonly #options: BlockDownloadOptions;
  readonly #peers = new Map<PeerId, PeerBlocks>();
  /** The peer that was asked for each block. */
  readonly #inFlight = new Map<BlockHash, PeerId>();
  /** The peer whose header is being checked, because the first to announce a block is asked for it first. */
  readonly #told = new Map<BlockHash, PeerId>();
  /** In this round, the best headers whose blocks all have been asked for. Peers mostly have the same. */
  readonly #exhausted = new Map<HeaderNode, Found>();
  #stallingTimeout: Milliseconds = STALLING_TIMEOUT;
  /** When a block was first missing, or last came. Milliseconds. */
  #progressAt: Milliseconds | undefined;

  constructor(tree: HeaderTree, options: BlockDownloadOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  /** Number of blocks asked for and not here yet. */
  get pending(): number {
    return this.#inFlight.size;
  }

  /**
   * @param options.witness whether the peer serves blocks with witnesses (BIP-0144)
   * @param options.pruned whether it has only the last 288 blocks (BIP-0159)
   * @param options.serves whether it offers blocks: a peer that does not is asked only for those that it announces
   */
  add(
    peer: PeerId,
    options: { readonly witness: boolean; readonly pruned?: boolean; readonly serves?: boolean },
  ): void {
    const { witness, pruned = false, serves = true } = options;
    this.#peers.set(peer, {
      witness,
      pruned,
      serves,
      inFlight: new Set(),
      unchecked: new Set(),
      since: 0,
      stallingSince: undefined,
      common: this.#tree.genesis,
      lacking: new BoundedSet(WINDOW),
      lackingSince: 0,
      unreliable: false,
    });
  }

  /** Frees the blocks that the peer was asked for, so that others are asked. */
  remove(peer: PeerId): void {
    const state = this.#peers.get(peer);
    for (const hash of state?.inFlight ?? []) this.#inFlight.delete(hash);
    this.#peers.delete(peer);
  }

  /** Heights of the blocks that a peer was asked for and that are not here yet, the first asked for first. */
  inFlight(peer: PeerId): readonly number[] {
    const asked = [...(this.#peers.get(peer)?.inFlight ?? [])];
    return asked
      .map((hash) => this.#tree.get(hash)?.height)
      .filter((height) => height !== undefined);
  }

  /** Whether blocks are missing, and have kept coming lately. */
  isCatchingUp(now: Milliseconds): boolean {
    return this.pending > 0 && now - (this.#progressAt ?? now) < CATCHING_UP;
  }

  /**
   * A block comes from a peer unasked, and some of it is still to be asked for: as if we had asked for it.
   * @returns whether it is this peer's to send: not where another was asked before, or it has enough to send
   */
  begun(peer: PeerId, hash: BlockHash, now: Milliseconds): boolean {
    const asked = this.#inFlight.get(hash);
    if (asked !== undefined) return asked === peer;
    const state = this.#peers.get(peer);
    if (state === undefined || state.inFlight.size >= MAX_IN_FLIGHT) return false;
    if (state.inFlight.size === 0) state.since = now;
    this.#progressAt ??= now;
    state.inFlight.add(hash);
    this.#inFlight.set(hash, peer);
    return true;
  }

  /**
   * A peer announces blocks by their headers, which are checked now: no other peer is asked for them meanwhile, and of
   * it once more, even if it did not have them before. Core asks in the same breath: HeadersDirectFetchBlocks.
   * @returns to be called when that is done
   */
  told(peer: PeerId, hashes: readonly BlockHash[]): () => void {
    const state = this.#peers.get(peer);
    if (state === undefined || hashes.length > MAX_IN_FLIGHT) return () => {};
    const fresh = hashes.filter((hash) => !this.#told.has(hash));
    for (const hash of hashes) state.lacking.delete(hash);
    for (const hash of fresh) this.#told.set(hash, peer);
    return () => {
      for (const hash of fresh) this.#told.delete(hash);
    };
  }

  /**
   * Asks a peer for a block that the operator wants, whichever peer was asked for it before. Core: FetchBlock.
   * @returns the request, or why there is none
   */
  fetch(
    peer: PeerId,
    node: HeaderNode,
    now: Milliseconds,
  ): NetAction | "no-peer" | "no-witness" | "asked" {
    const state = this.#peers.get(peer);
    if (state === undefined) return "no-peer";
    if (!state.witness) return "no-witness";
    if (this.#isAskedOf(peer, node.hash)) return "asked";
    this.#settle(node.hash, now);
    if (state.inFlight.size === 0) state.since = now;
    state.inFlight.add(node.hash);
    this.#inFlight.set(node.hash, peer);
    return this.#getBlocks(peer, [node]);
  }

  /** Asks for blocks up to one that a peer announces. Core: HeadersDirectFetchBlocks. */
  askDirectly(peer: PeerId, last: HeaderNode, now: Milliseconds): NetAction[] {
    const state = this.#peers.get(peer);
    const fork = this.#tree.forkPoint(this.#tree.tip, last);
    const isWorthIt =
      last.invalidReason === undefined && last.chainWork >= this.#tree.tip.chainWork;
    if (state === undefined || !isWorthIt || last.height - fork.height > MAX_IN_FLIGHT + 1)
      return [];
    const missing: HeaderNode[] = [];
    for (let at = last; at !== fork; at = present(at.parent, "parent")) {
      const isOurs = (this.#told.get(at.hash) ?? peer) === peer && !state.lacking.has(at.hash);
      const isWhole = state.witness || at.height < this.#options.segwitHeight;
      if (isOurs && isWhole && at.transactionCount === 0 && !this.#inFlight.has(at.hash))
        missing.unshift(at);
    }
    const wanted = missing.slice(0, MAX_IN_FLIGHT - state.inFlight.size);
    return wanted.length > 0 ? [this.#request(peer, state, wanted, now)] : [];
  }

  /** Whether a peer has as many blocks to send as it may be asked for. */
  isFull(peer: PeerId): boolean {
    return (this.#peers.get(peer)?.inFlight.size ?? MAX_IN_FLIGHT) >= MAX_IN_FLIGHT;
  }

  /** Whether blocks are on their way from a peer. */
  isBusy(peer: PeerId): boolean {
    return (this.#peers.get(peer)?.inFlight.size ?? 0) > 0;
  }

  /** Whether a block was asked for, of anybody. */
  isRequested(hash: BlockHash): boolean {
    return this.#inFlight.has(hash);
  }

  /** The peer that a block was asked of, if any. */
  askedOf(hash: BlockHash): PeerId | undefined {
    return this.#inFlight.get(hash);
  }

  #isAskedOf(peer: PeerId, hash: BlockHash): boolean {
    return this.#inFlight.get(hash) === peer;
  }

  /** The peer has sent the block: however long it takes us to check it, the peer did its part. */
  arrived(hash: BlockHash, peer: PeerId): void {
    if (this.#isAskedOf(peer, hash)) this.#peers.get(peer)?.unchecked.add(hash);
  }

  /**
   * The block came from this peer and was taken, whichever peer was asked for it.
   * @param fresh whether it was not here yet: sending old ones again is no sign of a good line
   */
  done(peer: PeerId, hash: BlockHash, fresh: boolean, now: Milliseconds): void {
    const sender = this.#peers.get(peer);
    if (sender !== undefined && fresh) sender.unreliable = false;
    if (!this.#settle(hash, now)) return;
    this.#progressAt = this.pending > 0 ? now : undefined;
    this.#stallingTimeout = Math.max(STALLING_TIMEOUT, this.#stallingTimeout * 0.85);
  }

  /** The peer does not have it, or not as it should be. */
  notFound(peer: PeerId, hash: BlockHash, now: Milliseconds): void {
    if (!this.#isAskedOf(peer, hash)) return;
    this.#settle(hash, now);
    const state = present(this.#peers.get(peer), "peers.get(peer)");
    if (state.lacking.size === 0) state.lackingSince = now;
    state.lacking.add(hash);
  }

  #settle(hash: BlockHash, now: Milliseconds): boolean {
    const state = this.#peers.get(this.#inFlight.get(hash) ?? -1);
    state?.inFlight.delete(hash);
    state?.unchecked.delete(hash);
    if (state !== undefined) {
      state.since = now;
      state.stallingSince = undefined;
    }
    return this.#inFlight.delete(hash);
  }

  /** Asks every peer that has time for what it has and we lack, the lowest heights first. */
  schedule(now: Milliseconds): NetAction[] {
    const actions = this.#askAgain(now);
    this.#exhausted.clear();
    for (const [peer, state] of this.#peers) {
      const free = MAX_IN_FLIGHT - state.inFlight.size;
      // In handfuls: a request for each block that arrives would double the messages.
      if (free < MAX_IN_FLIGHT / 2) continue;
      const found = this.#wanted(peer, state, free);
      const { wanted, heldUpBy } = found;
      if (wanted.length > 0) actions.push(this.#request(peer, state, wanted, now));
      else if (heldUpBy !== undefined && state.inFlight.size === 0) {
        actions.push(...this.#takeOver(peer, state, heldUpBy, found, now));
      } else {
        const below = this.#below(peer, state).slice(0, free);
        if (below.length > 0) actions.push(this.#request(peer, state, below, now));
      }
    }
    return actions;
  }

  #below(peer: PeerId, state: PeerBlocks): readonly HeaderNode[] {
    const { background, bestOf, segwitHeight } = this.#options;
    const range = { best: bestOf(peer), progress: background?.(), segwitHeight };
    return blocksBelow(this.#tree, state, range, (hash) => !this.#inFlight.has(hash));
  }

  /** Asks for the blocks that we had and can't read, whole, those peers whose best chain they are on. */
  #askAgain(now: Milliseconds): NetAction[] {
    const { unreadable, bestOf, segwitHeight } = this.#options;
    const wanted = new Map<PeerId, HeaderNode[]>();
    for (const node of unreadable?.() ?? []) {
      const { hash, height } = node;
      if (this.#inFlight.has(hash)) continue;
      for (const [peer, state] of this.#peers) {
        const best = bestOf(peer);
        if (best?.ancestor(height) !== node || !state.serves || state.lacking.has(hash)) continue;
        if (state.inFlight.size >= MAX_IN_FLIGHT || (!state.witness && height >= segwitHeight))
          continue;
        if (state.pruned && best.height - height >= PRUNED_BLOCKS) continue;
        if (state.inFlight.size === 0) state.since = now;
        state.inFlight.add(hash);
        this.#inFlight.set(hash, peer);
        wanted.set(peer, [...(wanted.get(peer) ?? []), node]);
        break;
      }
    }
    return [...wanted].map(([peer, nodes]) => this.#getBlocks(peer, nodes));
  }

  #getBlocks(peer: PeerId, nodes: readonly HeaderNode[]): NetAction {
    const type = this.#peers.get(peer)?.witness === true ? MSG_WITNESS_BLOCK : MSG_BLOCK;
    const items: InventoryItem[] = nodes.map(({ hash }) => ({ type, hash }));
    return sendMessage(peer, { command: "getdata", items });
  }

  #request(
    peer: PeerId,
    state: PeerBlocks,
    wanted: readonly HeaderNode[],
    now: Milliseconds,
  ): NetAction {
    if (state.inFlight.size === 0) state.since = now;
    this.#progressAt ??= now;
    for (const { hash } of wanted) {
      state.inFlight.add(hash);
      this.#inFlight.set(hash, peer);
    }
    const [first] = wanted;
    // Of the one block that is next, most transactions are here already.
    const isNext = wanted.length === 1 && first?.parent === this.#tree.tip;
    if (!isNext || this.#inFlight.size > 1 || !this.#options.isCompact(peer)) {
      return this.#getBlocks(peer, wanted);
    }
    const items: InventoryItem[] = [{ type: MSG_CMPCT_BLOCK, hash: first.hash }];
    return sendMessage(peer, { command: "getdata", items });
  }

  /** The next blocks to ask of a peer. */
  #wanted(peer: PeerId, state: PeerBlocks, count: number): Found {
    const best = this.#options.bestOf(peer);
    const { tip } = this.#tree;
    const { minimumChainWork = 0n } = this.#options;
    if (
      best === undefined ||
      best.invalidReason !== undefined ||
      best.chainWork < minimumChainWork ||
      best.chainWork < tip.chainWork ||
      best === tip
    ) {
      return NOTHING;
    }
    const isUsual =
      state.witness && !state.pruned && state.lacking.size === 0 && this.#told.size === 0;
    const before = isUsual ? this.#exhausted.get(best) : undefined;
    if (before !== undefined) return before;
    const found = this.#search(peer, state, best, count);
    const isExhausted = found.wanted.length === 0 && state.inFlight.size === 0;
    if (isUsual && isExhausted) this.#exhausted.set(best, found);
    return found;
  }

  #search(peer: PeerId, state: PeerBlocks, best: HeaderNode, count: number): Found {
    const wanted: HeaderNode[] = [];
    let heldUpBy: PeerId | undefined;
    // All connected blocks are common, so a new peer need not catch up with us window by window.
    const earlier = this.#tree.forkPoint(state.common, best);
    const connected = this.#tree.forkPoint(this.#tree.tip, best);
    state.common = earlier.height > connected.height ? earlier : connected;
    const path: HeaderNode[] = [];
    const last = Math.min(best.height, state.common.height + WINDOW);
    let at = best.ancestor(last);
    for (; at !== undefined && at !== state.common; at = at.parent) path.push(at);
    // As many as Core fetches at once where headers tell of them: HeadersDirectFetchBlocks.
    if (!state.serves && this.#countFree(path) > MAX_IN_FLIGHT + 1) return NOTHING;
    let gap = false;
    for (let node = path.pop(); node !== undefined && wanted.length < count; node = path.pop()) {
      // A peer without witness support would send the block without them.
      if (!state.witness && node.height >= this.#options.segwitHeight) break;
      if (node.transactionCount > 0) {
        if (!gap) state.common = node;
        continue;
      }
      gap = true;
      if (state.pruned && best.height - node.height >= PRUNED_BLOCKS) continue;
      const told = this.#told.get(node.hash);
      const asked = this.#inFlight.get(node.hash) ?? (told === peer ? undefined : told);
      if (asked !== undefined) {
        if (asked !== peer) heldUpBy ??= asked;
      } else if (!state.lacking.has(node.hash)) {
        wanted.push(node);
      }
    }
    const windowFull = best.height > last;
    return { wanted, heldUpBy, ahead: last - state.common.height, windowFull };
  }

  /** Blocks that are not here and were not asked for. */
  #countFree(path: readonly HeaderNode[]): number {
    return path.filter((node) => node.transactionCount === 0 && !this.#inFlight.has(node.hash))
      .length;
  }

  /** How long we have waited for the peer. */
  #silence(peer: PeerId, state: PeerBlocks, now: Milliseconds): number {
    return this.#isWaitedFor(peer, state) ? now - state.since : 0;
  }

  #isWaitedFor(peer: PeerId, { inFlight, unchecked }: PeerBlocks): boolean {
    return inFlight.size > 0 && (unchecked.size === 0 || this.#options.isBlocked(peer));
  }

  /**
   * An idle peer could fetch the block that another peer holds up. After a while it does, without harm to the slow
   * peer; once the window is used up nothing else can be fetched, and the slow peer is disconnected. Core:
   * FindNextBlocks.
   */
  #takeOver(
    peer: PeerId,
    state: PeerBlocks,
    heldUpBy: PeerId,
    { ahead, windowFull }: Found,
    now: Milliseconds,
  ): NetAction[] {
    const slow = this.#peers.get(heldUpBy);
    if (slow === undefined || !this.#isWaitedFor(heldUpBy, slow)) return [];
    const isNearTip = ahead <= MAX_IN_FLIGHT;
    // A peer that is first to announce each block and never sends one delays only the first of them.
    const isBetter = slow.unreliable && !state.unreliable;
    const patience = isNearTip && isBetter ? 0 : this.#stallingTimeout;
    if (windowFull) {
      slow.stallingSince ??= now;
      if (now - slow.stallingSince < patience) return [];
      this.#stallingTimeout = Math.min(this.#stallingTimeout * 2, MAX_STALLING_TIMEOUT);
      return [disconnectStalling(heldUpBy, "block download stalled")];
    }
    if (this.#silence(heldUpBy, slow, now) < patience) return [];
    // While the window has room a slow line is no reason to disconnect. A block that it sends later is welcome too, and
    // if the others fail as well, it is asked again.
    slow.unreliable = true;
    for (const hash of slow.inFlight) this.#inFlight.delete(hash);
    slow.inFlight.clear();
    slow.unchecked.clear();
    slow.stallingSince = undefined;
    this.#exhausted.clear();
    const { wanted } = this.#wanted(peer, state, MAX_IN_FLIGHT);
    return wanted.length > 0 ? [this.#request(peer, state, wanted, now)] : [];
  }

  /** When `tick` next has a peer to give up, if no block comes before; infinite: none. */
  nextDeadline(now: Milliseconds): number {
    let next = Number.POSITIVE_INFINITY;
    for (const [peer, state] of this.#peers) {
      const at = (state.stallingSince ?? state.since) + this.#stallingTimeout;
      if (at > now && this.#isWaitedFor(peer, state)) next = Math.min(next, at);
    }
    return next;
  }

  tick(now: Milliseconds): NetAction[] {
    const actions: NetAction[] = [];
    for (const state of this.#peers.values()) {
      if (now - state.lackingSince >= LACKING_TIME) state.lacking.clear();
    }
    if (this.pending === 0) return this.schedule(now);
    for (const [peer, state] of this.#peers) {
      if (this.#silence(peer, state, now) < BLOCK_TIMEOUT) continue;
      const asked = [...state.inFlight];
      // The peer gave us those before, or another did: that we have lost them is not its fault.
      if (asked.every((hash) => (this.#tree.get(hash)?.transactionCount ?? 0) > 0)) {
        for (const hash of asked) this.notFound(peer, hash, now);
        continue;
      }
      actions.push(disconnect(peer, "block download timed out"));
    }
    return [...actions, ...this.schedule(now)];
  }
}
