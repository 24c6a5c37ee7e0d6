import { BloomFilter } from "@chain/core";
import { MAX_BLOOM_FILTER_SIZE, MAX_BLOOM_HASH_FUNCTIONS, type MessageOf } from "@chain/wire";
import { disconnect, type NetAction } from "../kit/actions.ts";
import type { Peer } from "../peer/peer.ts";
import type { PeerState } from "./peerState.ts";

/** Nothing that a script pushes is longer. Bytes. Core: MAX_SCRIPT_ELEMENT_SIZE. */
const MAX_ELEMENT_SIZE = 520;

export interface BloomFilterHandlerOptions {
  readonly state: Pick<PeerState, "relay">;
  readonly perform: (actions: readonly NetAction[]) => void;
}

/**
 * Keeps the Bloom filters of peers (BIP-0037): from then on a peer hears of transactions that match, and may ask for
 * blocks as headers with a proof. The session ends connections that are not offered that. Core: ProcessMessage,
 * FILTERLOAD.
 */
export class BloomFilterHandler {
  readonly #options: BloomFilterHandlerOptions;

  constructor(options: BloomFilterHandlerOptions) {
    this.#options = options;
  }

  load({ id }: Peer, { data, hashFunctions, tweak, flags }: MessageOf<"filterload">): void {
    if (data.length > MAX_BLOOM_FILTER_SIZE || hashFunctions > MAX_BLOOM_HASH_FUNCTIONS) {
      this.#options.perform([disconnect(id, "too-large bloom filter", true)]);
      return;
    }
    const filter = new BloomFilter({ data, hashFunctions, tweak, flags });
    this.#options.state.relay.setFilter(id, filter);
  }

  add({ id }: Peer, { data }: MessageOf<"filteradd">): void {
    const filter = this.#options.state.relay.filterOf(id);
    if (filter === undefined || data.length > MAX_ELEMENT_SIZE) {
      this.#options.perform([disconnect(id, "bad filteradd message", true)]);
    } else filter.insert(data);
  }

  clear({ id }: Peer): void {
    this.#options.state.relay.setFilter(id, undefined);
  }
}
