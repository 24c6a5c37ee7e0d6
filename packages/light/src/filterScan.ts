import {
  type Block,
  type BlockHash,
  type FilterHash,
  type FilterHeader,
  filterHash,
  filterHeader,
  filterMatches,
  type HeaderNode,
  isChainError,
  ZERO_FILTER_HEADER,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import type { Log, PeerId } from "@chain/engine";
import { FilterHistory } from "./filterHistory.ts";
import { type FilterClaim, type FilterQuestions, MAX_FILTERS } from "./filterQuestions.ts";
import type { HeaderChain } from "./headerChain.ts";
import { isFilterOf } from "./isFilterOf.ts";
import type { LightState } from "./stateCodec.ts";
import { type FoundTransaction, Watch } from "./watch.ts";

/** Filter headers asked for at a time. BIP-0157: 2,000. */
const MAX_FILTER_HEADERS = 2_000;
/** How often the search begins again because a host's filter headers differ; then it is not heard. */
const MAX_RESTARTS = 3;
const MAX_HOSTS = 1_000;

export interface FilterPeer {
  readonly id: PeerId;
  readonly host: string;
  /** The best header that it is known to have. */
  readonly best: HeaderNode | undefined;
}

/** Some blocks, and the word of peers on their filters. */
interface Range {
  readonly from: number;
  readonly stop: HeaderNode;
  readonly claims: Map<PeerId, FilterClaim>;
  /** Whether the search has gone back meanwhile. */
  readonly isOld: () => boolean;
}

/** The next thing to do: more of the same range, another look at everything, or nothing until something happens. */
type Outcome = "on" | "again" | "wait";

interface FilterScanOptions {
  readonly headers: HeaderChain;
  readonly questions: FilterQuestions;
  readonly log: Log;
  /** The peers that serve filters, in random order. */
  readonly peers: () => readonly FilterPeer[];
  /** Those of them that have no block after the best header. */
  readonly atTip: () => readonly PeerId[];
  readonly fetchBlock: (node: HeaderNode) => Promise<Block | undefined>;
  /** It broke a rule: it is left, and not called again. */
  readonly ban: (peer: PeerId, reason: string) => void;
  readonly confirmed: (found: FoundTransaction) => void;
  readonly unconfirmed: (found: FoundTransaction) => void;
  /** The search has come further, or went back. */
  readonly moved: () => void;
}

/**
 * Searches the best chain for watched scripts, from a height on, by filters (BIP-0157). All peers that serve filters are
 * asked for the hashes of the filters. Where all agree, the filter is fetched from one of them, and the block only if
 * it matches. Where two differ, the block itself is searched: so one honest peer is enough to miss nothing. Peers whose
 * filter can't be that of the block are banned; see `isFilterOf`.
 */
export class FilterScan {
  readonly watch: Watch;
  readonly #options: FilterScanOptions;
  #start: number;
  #next: number;
  #last: BlockHash | undefined;
  readonly #history: FilterHistory;
  /** The filter header of the last block that was searched, as each peer has it. */
  #own = new Map<PeerId, FilterHeader>();
  readonly #restarts = new Map<string, number>();
  /** Changes when the search goes back: what was asked before is of no use then. */
  #generation = 0;
  #work: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: FilterScanOptions, state: LightState | undefined) {
    this.#options = options;
    this.watch = new Watch(state?.watch);
    this.#start = state?.start ?? 0;
    this.#next = state?.next ?? 0;
    this.#last = state?.last;
    this.#history = new FilterHistory(state?.filterHeaders);
    const isKnown = this.#last === undefined || options.headers.tree.get(this.#last) !== undefined;
    if (!isKnown) this.#rewind(this.#start);
  }

  get state(): LightState {
    return {
      start: this.#start,
      next: this.#next,
      last: this.#last,
      filterHeaders: this.#history.headers,
      watch: this.watch.state,
    };
  }

  /** The last block that was searched. */
  get searched(): HeaderNode | undefined {
    return this.#last === undefined ? undefined : this.#options.headers.tree.get(this.#last);
  }

  /** Whether all of the best chain was searched, and a peer that serves filters agrees with what was found. */
  get isDone(): boolean {
    const { headers, atTip } = this.#options;
    if (this.#last !== headers.best.hash) return false;
    // Where nothing was searched yet, there is nothing to agree with, but that there is nothing to search.
    return atTip().some((peer) => this.#next === this.#start || this.#own.has(peer));
  }

  /**
   * Watches scripts; those that are watched already, from an earlier block on if it is earlier.
   * @param height of the first block that may pay to them; default: the next one
   * @returns whether there is more to search
   */
  add(scripts: readonly Uint8Array[], height: number = Number.POSITIVE_INFINITY): boolean {
    const from = Math.max(0, Math.min(height, this.#options.headers.best.height + 1));
    if (this.watch.scripts.length === 0) this.#skipTo(from);
    const isMore = this.watch.add(scripts, from);
    if (isMore && from < this.#next) this.rescan(from);
    return isMore;
  }

  /** Searches again from a height on. */
  rescan(height: number): void {
    const from = Math.max(0, height);
    this.watch.add(this.watch.scripts, from);
    this.#start = Math.min(this.#start, from);
    if (from < this.#next) this.#rewind(from);
    this.#options.moved();
  }

  /** Nothing is watched, so that nothing before a height is of interest. */
  #skipTo(height: number): void {
    const { tree, best } = this.#options.headers;
    const next = Math.min(height, best.height + 1);
    this.#start = next;
    this.#next = next;
    this.#last = tree.activeAt(next - 1)?.hash;
    this.#history.rewind(next - 1, undefined);
    this.#own.clear();
    this.#generation++;
  }

  remove(peer: PeerId): void {
    this.#own.delete(peer);
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
  }

  /** There may be something to search, or a peer to ask. */
  wake(): void {
    this.#again = true;
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined;
    });
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      while (!this.#stopped && (await this.#step())) this.#options.moved();
    }
    this.#options.moved();
  }

  /** @returns whether another step may help */
  async #step(): Promise<boolean> {
    const { headers, peers } = this.#options;
    this.#followReorganisation();
    const { best } = headers;
    if (this.watch.scripts.length === 0) {
      this.#skipTo(best.height + 1);
      return false;
    }
    const generation = this.#generation;
    await this.#compareHistories();
    if (generation !== this.#generation) return true;
    if (this.#next > best.height) return false;
    const agreed = peers().filter(({ id }) => this.#next === this.#start || this.#own.has(id));
    const stop = this.#commonEnd(agreed);
    if (stop === undefined) return false;
    const able = agreed.filter(({ best: has }) => has?.ancestor(stop.height) === stop);
    const claims = await this.#askAll(able, stop);
    if (generation !== this.#generation) return true;
    if (claims.size === 0) return false;
    if (this.#next === this.#start) {
      this.#history.begin([...claims.values()].map(({ previous }) => previous));
    }
    this.#own = new Map([...claims].map(([id, { previous }]) => [id, previous]));
    const isOld = (): boolean => this.#stopped || generation !== this.#generation;
    return await this.#searchRange({ from: this.#next, stop, claims, isOld });
  }

  /**
   * The block up to which filters are compared now: the last one that all peers have which have more than was searched,
   * because a peer that is a block behind must be heard as well.
   */
  #commonEnd(peers: readonly FilterPeer[]): HeaderNode | undefined {
    const { tree, best } = this.#options.headers;
    const ends = peers
      .flatMap((peer) => (peer.best === undefined ? [] : tree.forkPoint(peer.best, best).height))
      .filter((height) => height >= this.#next);
    if (ends.length === 0) return undefined;
    return best.ancestor(Math.min(this.#next + MAX_FILTER_HEADERS - 1, ...ends));
  }

  /** The block that was searched last may be of a branch that has lost. */
  #followReorganisation(): void {
    const { tree, best } = this.#options.headers;
    const { searched } = this;
    if (searched === undefined || tree.isActive(searched)) return;
    const fork = tree.forkPoint(searched, best).height + 1;
    this.#start = Math.min(this.#start, fork);
    this.#rewind(fork);
  }

  #rewind(height: number): void {
    const { headers, unconfirmed } = this.#options;
    const lost = this.watch.rewind(height);
    this.#next = height;
    this.#last = headers.tree.activeAt(height - 1)?.hash;
    this.#history.rewind(height - 1, height === this.#start ? undefined : this.#last);
    this.#own.clear();
    this.#generation++;
    for (const each of lost) unconfirmed(each);
  }

  /**
   * Asks the peers that are new for their filter header of the last block that was searched. One that differs has
   * other filters somewhere before: all of them are compared again, from the start.
   */
  async #compareHistories(): Promise<void> {
    const { searched } = this;
    if (this.#next === this.#start || searched === undefined) return;
    const { peers, questions } = this.#options;
    const fresh = peers().filter(({ id, best }) => {
      return !this.#own.has(id) && best?.ancestor(searched.height) === searched;
    });
    const generation = this.#generation;
    const told = await Promise.all(
      fresh.map(async (peer) => ({
        peer,
        claim: await questions.headers(peer.id, searched.height, searched),
      })),
    );
    if (generation !== this.#generation) return;
    const known = told.flatMap(({ peer, claim }) => {
      const [hash] = claim?.hashes ?? [];
      if (claim === undefined || hash === undefined) return [];
      return [{ peer, header: filterHeader(hash, claim.previous) }];
    });
    if (this.#history.headers.length === 0) this.#history.begin(known.slice(0, 1).map(headerOf));
    for (const { peer, header } of known) {
      if (this.#history.has(header)) this.#own.set(peer.id, header);
      else if (this.#mayRestart(peer)) return this.#rewind(this.#start);
    }
  }

  /** Whether to compare all filters again for a peer: not without end. It is heard no more otherwise. */
  #mayRestart({ host }: FilterPeer): boolean {
    const count = (this.#restarts.get(host) ?? 0) + 1;
    if (count > MAX_RESTARTS) return false;
    this.#restarts.delete(host);
    this.#restarts.set(host, count);
    for (const oldest of this.#restarts.keys()) {
      if (this.#restarts.size <= MAX_HOSTS) break;
      this.#restarts.delete(oldest);
    }
    const what = `filter headers of ${host} differ`;
    const text = `${what}: all filters are compared again from height ${this.#start}`;
    this.#options.log("warn", "sync", text);
    return true;
  }

  /** Asks peers for the hashes of filters. Those that contradict what they said before are banned. */
  async #askAll(peers: readonly FilterPeer[], stop: HeaderNode): Promise<Map<PeerId, FilterClaim>> {
    const { questions, ban } = this.#options;
    const from = this.#next;
    const claims = new Map<PeerId, FilterClaim>();
    await Promise.all(
      peers.map(async ({ id }) => {
        const before = from === 0 ? ZERO_FILTER_HEADER : this.#own.get(id);
        const claim = await questions.headers(id, from, stop);
        if (claim === undefined) return;
        if (before === undefined || claim.previous === before) claims.set(id, claim);
        else ban(id, "its filter headers contradict each other");
      }),
    );
    return claims;
  }

  /** @returns whether another step may help */
  async #searchRange(range: Range): Promise<boolean> {
    while (this.#next <= range.stop.height) {
      const count = agreedFrom(range.claims, this.#next - range.from);
      const outcome =
        count === 0 ? await this.#searchDisputed(range) : await this.#searchAgreed(range, count);
      if (outcome === "wait") return false;
      if (outcome === "again" || range.claims.size === 0) return true;
    }
    return true;
  }

  /** All peers agree: one of them gives the filters. */
  async #searchAgreed({ from, stop, claims, isOld }: Range, count: number): Promise<Outcome> {
    const { questions, fetchBlock, ban } = this.#options;
    const [[peer, claim] = []] = claims;
    if (peer === undefined || claim === undefined) return "again";
    const { hashes } = claim;
    const first = this.#next;
    const nodes = Array.from({ length: count }, (_, i) => ancestorOf(stop, first + i));
    const filters = await questions.filters(peer, nodes);
    if (isOld()) return "again";
    if (filters === undefined) {
      claims.delete(peer); // the others say the same of their hashes
      return "on";
    }
    for (const node of nodes) {
      const filter = present(filters[node.height - first], "a filter");
      if (filterHash(filter) !== hashes[node.height - from]) {
        ban(peer, `its filter of ${node.hash} is not the one that it announced`);
        claims.delete(peer);
        return "on";
      }
      const isMatch = this.#matches(filter, node);
      const block = isMatch ? await fetchBlock(node) : undefined;
      if (isOld()) return "again";
      if (isMatch && block === undefined) return "wait";
      this.#advance(node, { from, claims, block });
    }
    return "on";
  }

  /** Peers differ: the block is searched itself, and those whose filter can't be its own are banned. */
  async #searchDisputed({ from, stop, claims, isOld }: Range): Promise<Outcome> {
    const { log, fetchBlock, questions, ban } = this.#options;
    const node = ancestorOf(stop, this.#next);
    log("warn", "sync", `peers differ in the filter of block ${node.hash} at ${node.height}`);
    const block = await fetchBlock(node);
    if (isOld()) return "again";
    if (block === undefined) return "wait";
    const spent = this.watch.spentScripts(block);
    await Promise.all(
      [...claims].map(async ([peer, { hashes }]) => {
        const [filter] = (await questions.filters(peer, [node])) ?? [];
        if (filter === undefined) return;
        const isAnnounced = filterHash(filter) === hashes[node.height - from];
        if (isAnnounced && isFilterOf(filter, block, spent)) return;
        ban(peer, `its filter of ${node.hash} is not that of the block`);
        claims.delete(peer);
      }),
    );
    if (isOld() || claims.size === 0) return "again";
    this.#advance(node, { from, claims, block });
    return "on";
  }

  /** A filter that can't be read tells nothing. */
  #matches(filter: Uint8Array, { hash }: HeaderNode): boolean {
    try {
      return filterMatches(filter, hash, this.watch.scripts);
    } catch (error) {
      if (isChainError(error)) return true;
      throw error;
    }
  }

  #advance(
    { hash, height }: HeaderNode,
    { from, claims, block }: Pick<Range, "from" | "claims"> & { readonly block: Block | undefined },
  ): void {
    const found = block === undefined ? [] : this.watch.connect(block, height);
    const hashes = new Set<FilterHash>();
    const own = new Map<PeerId, FilterHeader>();
    for (const [peer, claim] of claims) {
      const filter = present(claim.hashes[height - from], "the hash of a filter");
      hashes.add(filter);
      const before = this.#own.get(peer);
      if (before !== undefined) own.set(peer, filterHeader(filter, before));
    }
    this.#own = own;
    this.#history.advance(height, hash, [...hashes]);
    this.#next = height + 1;
    this.#last = hash;
    for (const each of found) this.#options.confirmed(each);
  }
}

function ancestorOf(stop: HeaderNode, height: number): HeaderNode {
  return present(stop.ancestor(height), "an ancestor of the best header");
}

function headerOf({ header }: { readonly header: FilterHeader }): FilterHeader {
  return header;
}

/** How many filters from a place on have the same hash at all peers. */
function agreedFrom(claims: ReadonlyMap<PeerId, FilterClaim>, at: number): number {
  const [first, ...others] = [...claims.values()];
  let count = 0;
  while (count < MAX_FILTERS) {
    const hash = first?.hashes[at + count];
    if (hash === undefined || others.some(({ hashes }) => hashes[at + count] !== hash)) break;
    count++;
  }
  return count;
}
