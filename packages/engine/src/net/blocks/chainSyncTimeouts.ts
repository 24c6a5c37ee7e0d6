/** Finds outbound peers that do not follow the best chain. Core: net_processing, ConsiderEviction. */
import { type HeaderNode, type HeaderTree, type Milliseconds, ZERO_BLOCK_HASH } from "@chain/core";
import { PROTOCOL_VERSION } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import { disconnect, type NetAction, sendMessage } from "../kit/actions.ts";

/** How long a peer may know of less work than we do. Core: CHAIN_SYNC_TIMEOUT. Milliseconds. */
const PATIENCE: Milliseconds = 20 * 60_000;
/** Asked, it has so long to answer. Core: HEADERS_RESPONSE_TIME. Milliseconds. */
const LAST_CHANCE: Milliseconds = 2 * 60_000;
/** So many that once had as much work as we have always stay, because a fork must not cost us all peers at once. */
const MAX_PROTECTED = 4;

interface Watched {
  /** Whether it may be one of the protected: peers for blocks alone never are. */
  readonly mayProtect: boolean;
  isProtected: boolean;
  /** The block that it has to reach before `until`: our tip when it fell behind. */
  goal: HeaderNode | undefined;
  until: Milliseconds;
  asked: boolean;
}

/**
 * Disconnects peers of our own choice whose chain stays behind ours, because outbound slots are few. Core:
 * ConsiderEviction, ChainSyncTimeoutState.
 */
export class ChainSyncTimeouts {
  readonly #tree: HeaderTree;
  readonly #bestOf: (peer: PeerId) => HeaderNode | undefined;
  readonly #peers = new Map<PeerId, Watched>();

  /** @param bestOf the best header that a peer is known to have */
  constructor(tree: HeaderTree, bestOf: (peer: PeerId) => HeaderNode | undefined) {
    this.#tree = tree;
    this.#bestOf = bestOf;
  }

  /**
   * Its time begins now.
   * @param mayProtect whether it may be protected once it has as much work as we have; default true
   */
  add(peer: PeerId, now: Milliseconds, mayProtect: boolean = true): void {
    const goal = this.#tree.tip;
    const until = now + PATIENCE;
    this.#peers.set(peer, { mayProtect, isProtected: false, goal, until, asked: false });
  }

  remove(peer: PeerId): void {
    this.#peers.delete(peer);
  }

  tick(now: Milliseconds): NetAction[] {
    return [...this.#peers].flatMap(([peer, state]) => this.#look(peer, state, now));
  }

  /** The peer has told of headers: whether it has caught up is judged by the tip of now, not by that of the next tick. */
  told(peer: PeerId, now: Milliseconds): NetAction[] {
    const state = this.#peers.get(peer);
    return state === undefined ? [] : this.#look(peer, state, now);
  }

  #look(peer: PeerId, state: Watched, now: Milliseconds): NetAction[] {
    const { tip } = this.#tree;
    const work = this.#bestOf(peer)?.chainWork ?? 0n;
    if (work >= tip.chainWork) {
      state.goal = undefined;
      state.isProtected ||= state.mayProtect && this.#protected() < MAX_PROTECTED;
      return [];
    }
    if (state.isProtected) return [];
    const { goal } = state;
    if (goal === undefined || work >= goal.chainWork) {
      // Behind, or not as far behind as before: it gets the whole time from here.
      Object.assign(state, { goal: tip, until: now + PATIENCE, asked: false });
      return [];
    }
    // As in Core, whole seconds count, and the last of them is the peer's.
    if (Math.floor(now / 1000) <= Math.floor(state.until / 1000)) return [];
    if (state.asked) return [disconnect(peer, "its chain has less work than ours")];
    state.asked = true;
    state.until = now + LAST_CHANCE;
    const locator = this.#tree.locator(goal.parent ?? goal);
    const protocolVersion = PROTOCOL_VERSION;
    const stopHash = ZERO_BLOCK_HASH;
    return [sendMessage(peer, { command: "getheaders", protocolVersion, locator, stopHash })];
  }

  #protected(): number {
    return [...this.#peers.values()].filter(({ isProtected }) => isProtected).length;
  }
}
