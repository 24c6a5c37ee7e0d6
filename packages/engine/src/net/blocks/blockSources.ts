/** Remembers which peer gave us each block of a side branch that is not judged yet. Core: mapBlockSource. */
import type { BlockHash } from "@chain/core";
import type { Peer } from "../peer/peer.ts";

/** Blocks whose source is remembered: as many as the download window holds. The oldest entry makes room. */
const MAX_SOURCES = 1_024;

export interface BlockSource {
  readonly peer: Peer;
  /** Whether the peer had to check the block before it sent it: not where it sent the compact form (BIP-0152). */
  readonly checkedBySender: boolean;
}

/**
 * Remembers which peer gave a block that was stored without being connected, so that the peer can be judged with the
 * block. A restart forgets it, as in Core.
 */
export class BlockSources {
  readonly #sources = new Map<BlockHash, BlockSource>();

  add(hash: BlockHash, source: BlockSource): void {
    if (this.#sources.has(hash)) return;
    this.#sources.set(hash, source);
    if (this.#sources.size <= MAX_SOURCES) return;
    const [oldest] = this.#sources.keys();
    if (oldest !== undefined) this.#sources.delete(oldest);
  }

  /** The block has been judged. @returns the peer that gave it, if it is known and still connected */
  take(hash: BlockHash): BlockSource | undefined {
    const source = this.#sources.get(hash);
    this.#sources.delete(hash);
    return source;
  }

  /** The peer has gone. */
  remove(peer: Peer["id"]): void {
    for (const [hash, source] of this.#sources) {
      if (source.peer.id === peer) this.#sources.delete(hash);
    }
  }
}
