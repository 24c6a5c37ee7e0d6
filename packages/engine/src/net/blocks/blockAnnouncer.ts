import type { HeaderNode, HeaderTree } from "@chain/core";
import { type Message, MSG_BLOCK } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import { type NetAction, sendMessage } from "../kit/actions.ts";

/** More new blocks than this are announced by the last alone. Core: MAX_BLOCKS_TO_ANNOUNCE. */
const MAX_ANNOUNCED = 8;

interface PeerAnnouncements {
  wantsHeaders: boolean;
  /** The best block whose header we have sent it. Core: pindexBestHeaderSent. */
  told: HeaderNode | undefined;
  /** The last block that we have only named: it says nothing of the blocks before. */
  named: HeaderNode | undefined;
}

/**
 * Announces new blocks to peers: by their headers where a peer asked for that and can connect them (BIP-0130), else
 * by `inv`. Core: PeerManagerImpl::SendMessages.
 */
export class BlockAnnouncer {
  readonly #tree: HeaderTree;
  readonly #bestOf: (peer: PeerId) => HeaderNode | undefined;
  readonly #peers = new Map<PeerId, PeerAnnouncements>();

  constructor(tree: HeaderTree, bestOf: (peer: PeerId) => HeaderNode | undefined) {
    this.#tree = tree;
    this.#bestOf = bestOf;
  }

  add(peer: PeerId): void {
    this.#peers.set(peer, { wantsHeaders: false, told: undefined, named: undefined });
  }

  remove(peer: PeerId): void {
    this.#peers.delete(peer);
  }

  wantsHeaders(peer: PeerId): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.wantsHeaders = true;
  }

  /** A peer was told of this block by an answer to its question. */
  told(peer: PeerId, node: HeaderNode): void {
    const state = this.#peers.get(peer);
    if (state !== undefined && (state.told?.chainWork ?? 0n) < node.chainWork) state.told = node;
  }

  /**
   * The tip changed, by blocks above `fork`.
   * @param atOnce the new tip itself, for peers that want it at once (BIP-0152)
   */
  tipChanged(
    fork: HeaderNode,
    atOnce: (peer: PeerId) => Message | undefined = () => undefined,
  ): NetAction[] {
    const { tip } = this.#tree;
    const actions: NetAction[] = [];
    for (const [peer, state] of this.#peers) {
      if (this.#knows(peer, tip) || state.named === tip) continue;
      const whole =
        tip.parent !== undefined && this.#knows(peer, tip.parent) ? atOnce(peer) : undefined;
      const nodes = state.wantsHeaders ? this.#headersFor(peer, fork) : [];
      if (whole !== undefined) actions.push(sendMessage(peer, whole));
      else if (nodes.length > 0) {
        const headers = nodes.map(({ header }) => header);
        actions.push(sendMessage(peer, { command: "headers", headers }));
      } else {
        state.named = tip;
        const items = [{ type: MSG_BLOCK, hash: tip.hash }];
        actions.push(sendMessage(peer, { command: "inv", items }));
        continue;
      }
      state.told = tip;
    }
    return actions;
  }

  /** The new blocks from the first that the peer lacks, if it knows the parent of that; none if they are too many. */
  #headersFor(peer: PeerId, fork: HeaderNode): readonly HeaderNode[] {
    const { tip } = this.#tree;
    const first = Math.max(fork.height + 1, tip.height - MAX_ANNOUNCED);
    const nodes: HeaderNode[] = [];
    for (let height = first; height <= tip.height; height++) {
      const node = this.#tree.activeAt(height);
      if (node !== undefined && !this.#knows(peer, node)) nodes.push(node);
    }
    const parent = nodes[0]?.parent;
    const connects = parent !== undefined && this.#knows(peer, parent);
    return connects && nodes.length <= MAX_ANNOUNCED ? nodes : [];
  }

  #knows(peer: PeerId, node: HeaderNode): boolean {
    const theirs = this.#bestOf(peer);
    const told = this.#peers.get(peer)?.told;
    return theirs?.ancestor(node.height) === node || told?.ancestor(node.height) === node;
  }
}
