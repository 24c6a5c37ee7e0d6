import {
  type BlockHash,
  type FilterHash,
  type FilterHeader,
  type HeaderNode,
  ZERO_FILTER_HEADER,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { StorageError } from "@chain/storage";
import {
  BASIC_FILTER,
  FILTER_CHECKPOINT_BLOCKS,
  MAX_FILTER_HEADERS,
  MAX_FILTERS,
  type MessageOf,
} from "@chain/wire";
import type { ChainManager } from "../../chain/manager.ts";
import type { BlockFilterSource } from "../../ports.ts";
import { disconnect, type NetAction, sendMessage } from "../kit/actions.ts";
import type { Peer } from "../peer/peer.ts";

/** Filters that are read at a time: between two readings others get their turn, and the peer has to read on. */
const AT_ONCE = 50;

export interface BlockFilterHandlerOptions {
  readonly chain: Pick<ChainManager, "headers">;
  /** Without it the session ends the connection of a peer that asks. */
  readonly blockFilters?: BlockFilterSource | undefined;
  /** A block that peers may know of: of the best chain, or lately on it. */
  readonly shown: (hash: BlockHash) => Promise<HeaderNode | undefined>;
  readonly turn: (peer: Peer) => Promise<void> | undefined;
  readonly perform: (actions: readonly NetAction[]) => void;
}

/**
 * Serves block filters (BIP-0157). A question that no honest peer asks ends the connection; one about blocks that the
 * index does not hold yet gets no answer. Core: ProcessGetCFilters, ProcessGetCFHeaders, ProcessGetCFCheckPt.
 */
export class BlockFilterHandler {
  readonly #options: BlockFilterHandlerOptions;
  /** Filter headers of each 1,000th block of the best chain, by block: any peer can ask for all of them again and again. */
  readonly #checkpoints = new Map<BlockHash, FilterHeader>();

  constructor(options: BlockFilterHandlerOptions) {
    this.#options = options;
  }

  /** The filters of at most 1,000 blocks, a message each. */
  async filters(peer: Peer, question: MessageOf<"getcfilters">): Promise<void> {
    const { filterType, startHeight } = question;
    const stop = await this.#stopOf(peer, question, startHeight, MAX_FILTERS);
    if (stop === undefined) return;
    const { blockFilters, turn } = this.#options;
    const hashes = hashesUpTo(stop, startHeight);
    for (let first = 0; first < hashes.length; first += AT_ONCE) {
      const turned = turn(peer);
      if (turned !== undefined) await turned;
      await peer.writable();
      if (peer.closed) return;
      const some = hashes.slice(first, first + AT_ONCE);
      const found = await readable(async () => blockFilters?.filters(some));
      if (found === undefined) return;
      this.#options.perform(
        found.map((filter, i) => {
          const blockHash = present(some[i], "the block of a filter");
          return sendMessage(peer.id, { command: "cfilter", filterType, blockHash, filter });
        }),
      );
    }
  }

  /** The hashes of the filters of at most 2,000 blocks, and the filter header before them. */
  async headers(peer: Peer, question: MessageOf<"getcfheaders">): Promise<void> {
    const { filterType, startHeight, stopHash } = question;
    const stop = await this.#stopOf(peer, question, startHeight, MAX_FILTER_HEADERS);
    if (stop === undefined) return;
    // With the block before the first, if there is one.
    const from = Math.max(0, startHeight - 1);
    const summaries = await this.#summaries(hashesUpTo(stop, from));
    if (summaries === undefined) return;
    const before = startHeight > 0 ? summaries[0]?.header : undefined;
    const hashes = summaries.slice(startHeight - from).map(({ hash }) => hash);
    const previousHeader = before ?? ZERO_FILTER_HEADER;
    this.#say(peer, { command: "cfheaders", filterType, stopHash, previousHeader, hashes });
  }

  /** The filter headers at height 1,000, 2,000, … */
  async checkpoints(peer: Peer, question: MessageOf<"getcfcheckpt">): Promise<void> {
    const { filterType, stopHash } = question;
    const stop = await this.#stopOf(peer, question, 0, Number.POSITIVE_INFINITY);
    if (stop === undefined) return;
    const nodes: HeaderNode[] = [];
    for (let height = FILTER_CHECKPOINT_BLOCKS; height <= stop.height; ) {
      nodes.push(ancestorOf(stop, height));
      height += FILTER_CHECKPOINT_BLOCKS;
    }
    const unknown = nodes.filter(({ hash }) => !this.#checkpoints.has(hash));
    const summaries = await this.#summaries(unknown.map(({ hash }) => hash));
    if (summaries === undefined) return;
    const headers = new Map(unknown.map(({ hash }, i) => [hash, summaries[i]?.header]));
    this.#remember(unknown, headers);
    this.#say(peer, {
      command: "cfcheckpt",
      filterType,
      stopHash,
      headers: nodes.map(({ hash }) =>
        present(this.#checkpoints.get(hash) ?? headers.get(hash), "a filter header"),
      ),
    });
  }

  /** Those of the best chain alone: a branch is no reason to keep more than that has. */
  #remember(
    nodes: readonly HeaderNode[],
    headers: ReadonlyMap<BlockHash, FilterHeader | undefined>,
  ): void {
    const tree = this.#options.chain.headers;
    for (const node of nodes) {
      const header = headers.get(node.hash);
      if (header !== undefined && tree.isActive(node)) this.#checkpoints.set(node.hash, header);
    }
    const most = Math.floor(tree.tip.height / FILTER_CHECKPOINT_BLOCKS);
    for (const hash of this.#checkpoints.keys()) {
      if (this.#checkpoints.size <= most) break;
      this.#checkpoints.delete(hash);
    }
  }

  /** The last block that is asked for. Core: PrepareBlockFilterRequest. @returns undefined where the peer is gone for it */
  async #stopOf(
    peer: Peer,
    { filterType, stopHash }: { readonly filterType: number; readonly stopHash: BlockHash },
    startHeight: number,
    most: number,
  ): Promise<HeaderNode | undefined> {
    const stop = filterType === BASIC_FILTER ? await this.#options.shown(stopHash) : undefined;
    const why = whyRefused(filterType, stop, startHeight, most);
    if (why === undefined) return stop;
    this.#options.perform([disconnect(peer.id, why)]);
    return undefined;
  }

  async #summaries(
    hashes: readonly BlockHash[],
  ): Promise<readonly { hash: FilterHash; header: FilterHeader }[] | undefined> {
    const { blockFilters } = this.#options;
    return hashes.length === 0 ? [] : readable(async () => blockFilters?.summaries(hashes));
  }

  #say({ id }: Peer, message: MessageOf<"cfheaders" | "cfcheckpt">): void {
    this.#options.perform([sendMessage(id, message)]);
  }
}

function whyRefused(
  filterType: number,
  stop: HeaderNode | undefined,
  startHeight: number,
  most: number,
): string | undefined {
  if (filterType !== BASIC_FILTER) return `requested unsupported block filter type: ${filterType}`;
  if (stop === undefined) return "requested invalid block hash";
  if (stop.height < startHeight) {
    const heights = `start height ${startHeight} and stop height ${stop.height}`;
    return `sent invalid getcfilters/getcfheaders with ${heights}`;
  }
  const count = stop.height - startHeight + 1;
  return count > most ? `requested too many cfilters/cfheaders: ${count} / ${most}` : undefined;
}

/** The block with its ancestors from a height on, by rising height. */
function hashesUpTo(stop: HeaderNode, from: number): readonly BlockHash[] {
  const hashes: BlockHash[] = [];
  let node: HeaderNode | undefined = stop;
  for (; node !== undefined && node.height >= from; node = node.parent) hashes.push(node.hash);
  return hashes.reverse();
}

function ancestorOf(node: HeaderNode, height: number): HeaderNode {
  return present(node.ancestor(height), "an ancestor");
}

/** Records that the disk does not give back are not there: the peer asks others. */
async function readable<Value>(read: () => Promise<Value | undefined>): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StorageError && error.code !== "closed") return undefined;
    throw error;
  }
}
