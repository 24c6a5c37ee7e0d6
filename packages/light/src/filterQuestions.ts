import type { FilterHash, FilterHeader, HeaderNode, Milliseconds } from "@chain/core";
import type { PeerId } from "@chain/engine";
import type { Message } from "@chain/wire";
import type { Requests } from "./requests.ts";

/** Filters asked for at a time: fewer than the 1,000 of BIP-0157, because all are in memory until the last is here. */
export const MAX_FILTERS = 100;
/** BIP-0158. */
const BASIC_FILTER = 0;
/** How long a peer may take for an answer, or for the next filter of many. Milliseconds. */
const TIMEOUT: Milliseconds = 20_000;

/** A peer's word on the filters of some blocks. */
export interface FilterClaim {
  /** The filter header of the block before the first. */
  readonly previous: FilterHeader;
  readonly hashes: readonly FilterHash[];
}

/** The questions of BIP-0157. */
export class FilterQuestions {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** The hashes of the filters from a height to a block. */
  headers(peer: PeerId, startHeight: number, stop: HeaderNode): Promise<FilterClaim | undefined> {
    const stopHash = stop.hash;
    const count = stop.height - startHeight + 1;
    const take = (message: Message) => {
      if (message.command !== "cfheaders" || message.stopHash !== stopHash) return undefined;
      const { previousHeader: previous, hashes } = message;
      return hashes.length === count ? { answer: { previous, hashes } } : undefined;
    };
    const range = { filterType: BASIC_FILTER, startHeight, stopHash };
    return this.#requests.ask(peer, { command: "getcfheaders", ...range }, take, TIMEOUT);
  }

  /** The filters of blocks of which each is the parent of the next. */
  filters(peer: PeerId, nodes: readonly HeaderNode[]): Promise<readonly Uint8Array[] | undefined> {
    const filters: Uint8Array[] = [];
    const take = (message: Message) => {
      if (message.command !== "cfilter" || message.blockHash !== nodes[filters.length]?.hash) {
        return undefined;
      }
      filters.push(message.filter);
      return filters.length === nodes.length ? { answer: filters } : "part";
    };
    const [first] = nodes;
    const last = nodes.at(-1);
    if (first === undefined || last === undefined) return Promise.resolve([]);
    const range = {
      filterType: BASIC_FILTER,
      startHeight: first.height,
      stopHash: last.hash,
    };
    return this.#requests.ask(peer, { command: "getcfilters", ...range }, take, TIMEOUT);
  }
}
