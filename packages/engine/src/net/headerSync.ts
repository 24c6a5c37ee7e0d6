import {
  type BlockHash,
  type BlockHeader,
  type HeaderNode,
  type HeaderTree,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { MAX_HEADERS, PROTOCOL_VERSION } from "@chain/wire";
import type { PeerId } from "../events.ts";
import { disconnect, type NetAction, send } from "./actions.ts";

/** How long a peer may take to answer `getheaders`. Milliseconds. */
const HEADERS_TIMEOUT = 30_000;
/** How long others wait for its answer. Milliseconds. */
const LEAD_TIMEOUT = 3_000;
/** How often a peer may announce headers that connect to nothing. Core: MAX_NUM_UNCONNECTING_HEADERS_MSGS. */
const MAX_UNCONNECTING = 10;

interface PeerHeaders {
  /** The best header that the peer is known to have. */
  best: HeaderNode | undefined;
  /** A block it announced that we have no header of yet. */
  unknown: BlockHash | undefined;
  unconnecting: number;
  /** Asked and not answered since then; `undefined`: nothing is asked. Milliseconds. */
  askedAt: number | undefined;
  /** It announced something after we asked, which the answer may not cover. */
  askAgain: boolean;
  /** Whether its headers were once followed to their end. */
  synced: boolean;
}

/**
 * Learns the headers of the peers. One peer at a time is asked for the long stretch; when it has no more, the others
 * are asked what they know beyond it. What they announce later is followed at once. Core: net_processing, headers.
 */
export class HeaderSync {
  readonly #tree: HeaderTree;
  readonly #peers = new Map<PeerId, PeerHeaders>();
  #leader: PeerId | undefined;

  constructor(tree: HeaderTree) {
    this.#tree = tree;
  }

  /** The best header that a peer is known to have. */
  bestOf(peer: PeerId): HeaderNode | undefined {
    const state = this.#peers.get(peer);
    if (state?.unknown === undefined) return state?.best;
    // Its header may have come meanwhile, from whomever.
    const node = this.#tree.get(state.unknown);
    if (node !== undefined) this.#note(state, node);
    return state.best;
  }

  /** Whether the headers of a peer were followed to their end. */
  isSynced(peer: PeerId): boolean {
    return this.#peers.get(peer)?.synced ?? false;
  }

  add(peer: PeerId, now: number): NetAction[] {
    this.#peers.set(peer, {
      best: undefined,
      unknown: undefined,
      unconnecting: 0,
      askedAt: undefined,
      askAgain: false,
      synced: false,
    });
    return this.#lead(now);
  }

  remove(peer: PeerId, now: number): NetAction[] {
    this.#peers.delete(peer);
    if (this.#leader !== peer) return [];
    this.#leader = undefined;
    return this.#lead(now);
  }

  /** Lets the next peer that was not asked yet lead, unless one does. */
  #lead(now: number): NetAction[] {
    if (this.#leader !== undefined) return [];
    for (const [peer, state] of this.#peers) {
      if (state.synced || state.askedAt !== undefined) continue;
      this.#leader = peer;
      return this.#ask(peer, this.#tree.bestHeader, now);
    }
    return [];
  }

  #ask(peer: PeerId, from: HeaderNode, now: number): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    state.askedAt = now;
    // One before the best, so that even a peer with nothing new answers with a header and so tells what it has.
    const locator = this.#tree.locator(from.parent ?? from);
    return [
      send(peer, {
        command: "getheaders",
        protocolVersion: PROTOCOL_VERSION,
        locator,
        stopHash: ZERO_BLOCK_HASH,
      }),
    ];
  }

  /**
   * Looks at a `headers` message before its headers are checked.
   * @returns `take: true` where they should be handed to the chain manager
   */
  receive(
    peer: PeerId,
    headers: readonly BlockHeader[],
    now: number,
  ): { readonly take: boolean; readonly actions: NetAction[] } {
    const state = this.#peers.get(peer);
    if (state === undefined) return { take: false, actions: [] };
    state.askedAt = undefined;
    const [first] = headers;
    if (first === undefined) return { take: false, actions: this.#finish(peer, state, now) };
    const continuous = headers.every(
      (header, i) => i === 0 || header.previousHash === headers[i - 1]?.hash,
    );
    if (!continuous) {
      const reason = "non-continuous headers sequence";
      return { take: false, actions: [disconnect(peer, reason, true)] };
    }
    if (
      this.#tree.get(first.previousHash) === undefined &&
      this.#tree.get(first.hash) === undefined
    ) {
      if (++state.unconnecting > MAX_UNCONNECTING) {
        const reason = `${state.unconnecting} non-connecting headers messages`;
        return { take: false, actions: [disconnect(peer, reason, true)] };
      }
      state.unknown = headers.at(-1)?.hash;
      return { take: false, actions: this.#ask(peer, this.#tree.bestHeader, now) };
    }
    return { take: true, actions: [] };
  }

  /** Headers of the peer were accepted: `last` is the last of them, `count` how many the message had. */
  accepted(peer: PeerId, last: HeaderNode, count: number, now: number): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    state.unconnecting = 0;
    this.#note(state, last);
    return count >= MAX_HEADERS ? this.#ask(peer, last, now) : this.#finish(peer, state, now);
  }

  /** Headers of the peer were refused, and that is not held against it. */
  refused(peer: PeerId, now: number): NetAction[] {
    const state = this.#peers.get(peer);
    return state === undefined ? [] : this.#finish(peer, state, now);
  }

  #finish(peer: PeerId, state: PeerHeaders, now: number): NetAction[] {
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

  /** The peer says that it has a block. */
  announced(peer: PeerId, hash: BlockHash, now: number): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    const node = this.#tree.get(hash);
    if (node !== undefined) {
      this.#note(state, node);
      return [];
    }
    state.unknown = hash;
    if (state.askedAt === undefined) return this.#ask(peer, this.#tree.bestHeader, now);
    state.askAgain = true;
    return [];
  }

  #note(state: PeerHeaders, node: HeaderNode): void {
    if (state.unknown === node.hash) state.unknown = undefined;
    const { best } = state;
    const isBetter =
      best === undefined || best.invalidReason !== undefined || node.chainWork > best.chainWork;
    if (isBetter) state.best = node;
  }

  /** @param isBusy whether we have not yet handled all that a peer has sent: its answer may be among it */
  tick(now: number, isBusy: (peer: PeerId) => boolean): NetAction[] {
    const actions: NetAction[] = [];
    for (const [peer, state] of this.#peers) {
      const { askedAt } = state;
      if (askedAt === undefined) continue;
      // The others don't wait that long; it may still answer.
      if (peer === this.#leader && now - askedAt >= LEAD_TIMEOUT) this.#leader = undefined;
      if (now - askedAt < HEADERS_TIMEOUT) continue;
      if (isBusy(peer)) state.askedAt = now;
      else actions.push(disconnect(peer, "no answer to getheaders"));
    }
    return [...actions, ...this.#lead(now)];
  }
}
