import {
  type BlockHash,
  type BlockHeader,
  type ChainParams,
  checkHeader,
  type HeaderNode,
  type HeaderTree,
  type Milliseconds,
  type Sha256,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { MAX_HEADERS, PROTOCOL_VERSION } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import type { Random } from "../../ports.ts";
import { disconnect, type NetAction, sendMessage } from "../kit/actions.ts";
import { HeadersPresync } from "./headersPresync.ts";
import { workOf, workThreshold } from "./workThreshold.ts";

/** How long a peer may take to answer `getheaders`. Milliseconds. */
const HEADERS_TIMEOUT: Milliseconds = 30_000;
/** How long others wait for its answer. Milliseconds. */
const LEAD_TIMEOUT: Milliseconds = 3_000;
/**
 * How long a peer that we have called may show a branch of too little work before another is asked beside it. All
 * headers of the main network come in a minute or two, and each further peer would send all of them as well.
 * Milliseconds.
 */
const PRESYNC_PATIENCE: Milliseconds = 2 * 60_000;
/** A best header not older than this is worth asking every peer about at once. Core: SendMessages. Milliseconds. */
const RECENT: Milliseconds = 24 * 60 * 60_000;
/** Callers whose branches of little work are looked at, at a time: each costs memory. */
const MAX_PRESYNCS = 8;

interface PeerHeaders {
  /** Whether it is outbound: an inbound peer may be one of many that an attacker runs to keep us waiting. */
  readonly outbound: boolean;
  /** Whether its headers are taken however little work they have (permission `noban`). */
  readonly trusted: boolean;
  /** The best header that the peer is known to have. */
  best: HeaderNode | undefined;
  /** A block it announced that we have no header of yet. */
  unknown: BlockHash | undefined;
  /** Asked and not answered since then; `undefined`: nothing is asked. Milliseconds. */
  askedAt: Milliseconds | undefined;
  /** It announced something after we asked, which the answer may not cover. */
  askAgain: boolean;
  /** Whether its headers were once followed to their end. */
  synced: boolean;
  /** Whether it was asked what it knows, in its turn. Core: fSyncStarted. */
  started: boolean;
  /** Whether it was asked before its turn, because of an `inv`. Core: m_inv_triggered_getheaders_before_sync. */
  askedByInv: boolean;
  /** It shows a branch that has too little work so far. */
  presync: HeadersPresync | undefined;
}

/** The next steps after a `headers` message. */
export interface ReceivedHeaders {
  /** To be checked by the chain manager, then reported by `accepted` or `refused`; none where it is empty. */
  readonly accept: readonly BlockHeader[];
  readonly actions: readonly NetAction[];
  /** Height of the last header of a branch that is left, because it has too little work and the peer has no more. */
  readonly tooLittleWork?: number;
}

/**
 * Learns the headers of the peers. One peer at a time is asked for the long stretch; when it has no more, the others
 * are asked for headers beyond it. Blocks that they announce later are followed at once. Core: net_processing, headers.
 */
export class HeaderSync {
  readonly #tree: HeaderTree;
  readonly #params: ChainParams;
  readonly #random: Random;
  readonly #sha256: Sha256 | undefined;
  readonly #peers = new Map<PeerId, PeerHeaders>();
  /** Those that were asked and have not answered. */
  readonly #asked = new Set<PeerId>();
  #leader: PeerId | undefined;
  /** When it was asked first. Milliseconds. */
  #leadsSince: Milliseconds = 0;
  /** The block for which a peer was asked before its turn. Core: m_last_block_inv_triggering_headers_sync. */
  #lastAskedByInv: BlockHash | undefined;

  /** @param sha256 of the platform, for the hashes of headers; default: one in JavaScript */
  constructor(tree: HeaderTree, params: ChainParams, random: Random, sha256?: Sha256) {
    this.#tree = tree;
    this.#params = params;
    this.#random = random;
    this.#sha256 = sha256;
  }

  /** The best header that a peer is known to have. */
  bestOf(peer: PeerId): HeaderNode | undefined {
    const state = this.#peers.get(peer);
    if (state?.unknown === undefined) return state?.best;
    // Its header may have come meanwhile, from any peer.
    const node = this.#tree.get(state.unknown);
    if (node !== undefined) this.#note(state, node);
    return state.best;
  }

  /** How far a peer has shown a branch that has too little work so far; undefined: it shows none. */
  presyncHeight(peer: PeerId): number | undefined {
    return this.#peers.get(peer)?.presync?.height;
  }

  /**
   * Whether a peer that we have called was asked for headers lately, or shows a long branch that has too little work so
   * far.
   */
  isAwaiting(now: Milliseconds): boolean {
    return [...this.#peers.values()].some(({ outbound, presync, askedAt = -LEAD_TIMEOUT }) => {
      return outbound && (presync !== undefined || now - askedAt < LEAD_TIMEOUT);
    });
  }

  /** Whether a peer was asked for headers. */
  get isWaiting(): boolean {
    return this.#asked.size > 0;
  }

  /**
   * @param options.outbound whether we have called it; default false
   * @param options.serves whether it says that it has blocks; one that does not is followed, but not asked what it
   *   knows; default true
   * @param options.trusted whether its headers are taken however little work they have; default false
   */
  add(
    peer: PeerId,
    now: Milliseconds,
    options: {
      readonly outbound?: boolean;
      readonly serves?: boolean;
      readonly trusted?: boolean;
    } = {},
  ): NetAction[] {
    const { outbound = false, serves = true, trusted = false } = options;
    this.#peers.set(peer, {
      outbound,
      trusted,
      best: undefined,
      unknown: undefined,
      askedAt: undefined,
      askAgain: false,
      synced: !serves,
      started: false,
      askedByInv: false,
      presync: undefined,
    });
    return this.#lead(now);
  }

  remove(peer: PeerId, now: Milliseconds): NetAction[] {
    this.#peers.delete(peer);
    this.#asked.delete(peer);
    if (this.#leader !== peer) return [];
    this.#leader = undefined;
    return this.#lead(now);
  }

  /**
   * Lets the next peer that was not asked yet lead, unless one does. With a recent best header all of them are asked at
   * once, because their answers are short. Core: SendMessages, fSyncStarted.
   */
  #lead(now: Milliseconds): NetAction[] {
    const isRecent = this.#tree.bestHeader.time * 1000 > now - RECENT;
    const idle = [...this.#peers].filter(([, peer]) => !peer.synced && peer.askedAt === undefined);
    if (isRecent) return idle.flatMap(([peer, state]) => this.#start(peer, state, now));
    const called = idle.find(([, { outbound }]) => outbound);
    // A caller may only want to keep us waiting: one that we have called need not wait for it.
    const isFree = this.#leader === undefined || !this.#peers.get(this.#leader)?.outbound;
    const [peer, state] = called ?? (this.#leader === undefined ? idle[0] : undefined) ?? [];
    if (peer === undefined || state === undefined || !isFree) return [];
    this.#leader = peer;
    this.#leadsSince = now;
    return this.#start(peer, state, now);
  }

  /**
   * Asks from one before the best, so that even a peer with nothing new answers with a header: it tells what it has.
   */
  #start(peer: PeerId, state: PeerHeaders, now: Milliseconds): NetAction[] {
    const { bestHeader } = this.#tree;
    state.started = true;
    return this.#getHeaders(peer, this.#tree.locator(bestHeader.parent ?? bestHeader), now);
  }

  #ask(peer: PeerId, from: HeaderNode, now: Milliseconds): NetAction[] {
    return this.#getHeaders(peer, this.#tree.locator(from), now);
  }

  #getHeaders(peer: PeerId, locator: readonly BlockHash[], now: Milliseconds): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    state.askedAt = now;
    this.#asked.add(peer);
    return [
      sendMessage(peer, {
        command: "getheaders",
        protocolVersion: PROTOCOL_VERSION,
        locator,
        stopHash: ZERO_BLOCK_HASH,
      }),
    ];
  }

  /** Looks at a `headers` message before its headers are checked. */
  receive(peer: PeerId, headers: readonly BlockHeader[], now: Milliseconds): ReceivedHeaders {
    const state = this.#peers.get(peer);
    if (state === undefined) return { accept: [], actions: [] };
    const { presync } = state;
    const [first] = headers;
    const last = headers.at(-1);
    if (first === undefined || last === undefined) {
      this.#answered(peer, state);
      state.presync = undefined;
      return { accept: [], actions: this.#finish(peer, state, now) };
    }
    if (this.#sha256 !== undefined) for (const header of headers) header.hashWith(this.#sha256);
    const continuous = headers.every(
      (header, i) => i === 0 || header.previousHash === headers[i - 1]?.hash,
    );
    if (!continuous) {
      const reason = "non-continuous headers sequence";
      return { accept: [], actions: [disconnect(peer, reason, true)] };
    }
    if (headers.some((header) => !checkHeader(header, this.#params).ok)) {
      const reason = "header with invalid proof of work";
      return { accept: [], actions: [disconnect(peer, reason, true)] };
    }

    if (presync !== undefined && presync.next !== first.previousHash) {
      state.unknown = last.hash; // news; what we asked for is still to come
      return { accept: [], actions: [] };
    }
    const parent = this.#tree.get(first.previousHash);
    if (presync === undefined && parent === undefined && this.#tree.get(first.hash) === undefined) {
      // An announcement, and no answer to what we have asked. Core: HandleUnconnectingHeaders.
      state.unknown = last.hash;
      return { accept: [], actions: this.#askUnlessAsked(peer, state, now) };
    }
    this.#answered(peer, state);
    if (presync !== undefined) return this.#follow(peer, state, presync, headers, now);
    // Headers that begin with the genesis block, which has no parent, must show as much work as others.
    if (parent === undefined && headers.length > 1)
      return this.receive(peer, headers.slice(1), now);
    const goal = workThreshold(this.#tree, this.#params);
    const isKnown = this.#tree.get(last.hash) !== undefined;
    const isEnough = parent === undefined || parent.chainWork + workOf(headers) >= goal;
    if (isKnown || isEnough || state.trusted) {
      return { accept: headers, actions: [] };
    }
    const isFull = !state.outbound && this.#presyncs() >= MAX_PRESYNCS;
    if (headers.length < MAX_HEADERS || isFull) {
      const tooLittleWork = parent.height + headers.length;
      return { accept: [], actions: this.#finish(peer, state, now), tooLittleWork };
    }
    const begun = new HeadersPresync(parent, goal, this.#params, this.#random.bytes(32));
    state.presync = begun;
    return this.#follow(peer, state, begun, headers, now);
  }

  #answered(peer: PeerId, state: PeerHeaders): void {
    state.askedAt = undefined;
    this.#asked.delete(peer);
  }

  #presyncs(): number {
    let count = 0;
    for (const { presync, outbound } of this.#peers.values()) {
      if (presync !== undefined && !outbound) count++;
    }
    return count;
  }

  #follow(
    peer: PeerId,
    state: PeerHeaders,
    presync: HeadersPresync,
    headers: readonly BlockHeader[],
    now: Milliseconds,
  ): ReceivedHeaders {
    const { state: result, accept } = presync.take(headers);
    if (result === "more") {
      const locator = [presync.next, ...this.#tree.locator()];
      const actions = this.#getHeaders(peer, locator, now);
      // A long look at what may be worth nothing must not keep the others waiting for ever, nor a caller's at all.
      const isPatient = state.outbound && now - this.#leadsSince < PRESYNC_PATIENCE;
      if (this.#leader === peer && !isPatient) {
        this.#leader = undefined;
        actions.push(...this.#lead(now));
      }
      return { accept, actions };
    }
    state.presync = undefined;
    return { accept, actions: result === "failed" ? this.#finish(peer, state, now) : [] };
  }

  /** Headers of the peer were accepted: `last` is the last of them, `count` how many the message had. */
  accepted(peer: PeerId, last: HeaderNode, count: number, now: Milliseconds): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    this.#note(state, last);
    if (state.presync !== undefined) return []; // it has been asked for the rest
    return count >= MAX_HEADERS ? this.#ask(peer, last, now) : this.#finish(peer, state, now);
  }

  /** Headers of the peer were refused, or never came, and that is not held against it. */
  refused(peer: PeerId, now: Milliseconds): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    state.presync = undefined;
    return this.#finish(peer, state, now);
  }

  #finish(peer: PeerId, state: PeerHeaders, now: Milliseconds): NetAction[] {
    state.synced = true;
    const actions: NetAction[] = [];
    if (state.askAgain && state.unknown !== undefined && !this.#tree.get(state.unknown)) {
      actions.push(...this.#ask(peer, this.#tree.bestHeader, now));
    }
    state.askAgain = false;
    if (this.#leader !== peer) return actions;
    this.#leader = undefined;
    return [...actions, ...this.#lead(now)];
  }

  /** The peer says that it has a block. @returns whether its header is here */
  announced(peer: PeerId, hash: BlockHash): boolean {
    const state = this.#peers.get(peer);
    const node = this.#tree.get(hash);
    if (state !== undefined && node !== undefined) this.#note(state, node);
    else if (state !== undefined) state.unknown = hash;
    return node !== undefined;
  }

  /**
   * The last block of an `inv` whose header is not here. Before the peer's turn has come it is asked once, and one peer
   * for each new block, or all peers would send the same long stretch. Core: ProcessMessage, INV.
   */
  follow(peer: PeerId, hash: BlockHash, now: Milliseconds): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    if (!state.started) {
      if (state.askedByInv || this.#lastAskedByInv === hash) return [];
      state.askedByInv = true;
      this.#lastAskedByInv = hash;
    }
    return this.#askUnlessAsked(peer, state, now);
  }

  /** Asks now, or again after the answer to what was asked before, which may not cover the announcement. */
  #askUnlessAsked(peer: PeerId, state: PeerHeaders, now: Milliseconds): NetAction[] {
    if (state.askedAt === undefined) return this.#ask(peer, this.#tree.bestHeader, now);
    state.askAgain = true;
    return [];
  }

  /** Of two with the same work the later one: that is what it follows. Core: UpdateBlockAvailability. */
  #note(state: PeerHeaders, node: HeaderNode): void {
    if (state.unknown === node.hash) state.unknown = undefined;
    const { best } = state;
    const isBetter =
      best === undefined || best.invalidReason !== undefined || node.chainWork >= best.chainWork;
    if (isBetter) state.best = node;
  }

  /** @param isBusy whether we have not yet handled all that a peer has sent: its answer may be among it */
  tick(now: Milliseconds, isBusy: (peer: PeerId) => boolean): NetAction[] {
    const actions: NetAction[] = [];
    if (this.#asked.size === 0) return actions; // the next peer was asked when the last one answered
    for (const peer of this.#asked) {
      const state = this.#peers.get(peer);
      const askedAt = state?.askedAt;
      if (state === undefined || askedAt === undefined) continue;
      // The others don't wait that long; it may still answer.
      if (peer === this.#leader && now - askedAt >= LEAD_TIMEOUT) this.#leader = undefined;
      if (now - askedAt < HEADERS_TIMEOUT) continue;
      if (isBusy(peer)) state.askedAt = now;
      else {
        // It may have no more than we have, or still be loading its own chain: then Core before 24 answers nothing.
        this.#answered(peer, state);
        actions.push(...this.refused(peer, now));
      }
    }
    return [...actions, ...this.#lead(now)];
  }
}
