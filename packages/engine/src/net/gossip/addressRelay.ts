/** Gossip about where nodes are. Core: net_processing.cpp, ADDR, GETADDR, RelayAddress. */
import {
  bytesToHex,
  type Milliseconds,
  Reader,
  type Seconds,
  type SipHashKey,
  type SipHashResult,
  sipHash,
  Writer,
} from "@chain/core";
import {
  type AddressV2,
  addressV2,
  MAX_ADDRESSES,
  type NetAddress,
  NODE_NETWORK,
  NODE_NETWORK_LIMITED,
  type TimedAddress,
} from "@chain/wire";
import type { PeerId } from "../../events.ts";
import type { Random } from "../../ports.ts";
import type { AddressBook } from "../connecting/addressBook.ts";
import { type NetAction, sendMessage } from "../kit/actions.ts";
import {
  addressTime,
  isLoopback,
  isPrivate,
  isRoutable,
  isUsable,
  keyOf,
} from "../kit/addresses.ts";
import { BoundedSet } from "../kit/boundedSet.ts";
import { exponential } from "../kit/chance.ts";

/** Addresses of one peer that are looked at, each second, and at most at a time. Core: MAX_ADDR_RATE_PER_SECOND. */
const RATE = 0.1;
const MAX_TOKENS = MAX_ADDRESSES;
/** A message of more is an answer, not news: not passed on. */
const MAX_NEWS = 10;
/** News is not older, and what is of later than that has a wrong clock. Seconds. */
const NEWS_AGE: Seconds = 10 * 60;
/** To how many peers an address is passed on. */
const RELAY_TO = 2;
/** Mean time for which news is gathered. Core: AVG_ADDRESS_BROADCAST_INTERVAL. Milliseconds. */
const FLUSH_INTERVAL: Milliseconds = 30_000;
/** How often we tell a peer where we are. Core: AVG_LOCAL_ADDRESS_BROADCAST_INTERVAL. Milliseconds. */
const OWN_INTERVAL: Milliseconds = 24 * 60 * 60_000;
/**
 * A large answer to `getaddr` stays the same for so long: otherwise a peer that asks often would learn all.
 * Milliseconds.
 */
const CACHE_TIME: Milliseconds = 24 * 60 * 60_000;
const WORTH_CACHING = 100;
/** Most doors that have a sample of their own. */
const MAX_CACHES = 64;
const MAX_KNOWN = 5_000;
const DAY: Milliseconds = 24 * 60 * 60_000;

/** One of the internet, or of a network that we can't call, which is passed on all the same (BIP-0155). */
export type Gossip = TimedAddress | AddressV2;

/** A part of the book, and until when it is the answer. */
interface Sample {
  readonly until: Milliseconds;
  readonly addresses: readonly TimedAddress[];
}

interface PeerAddresses {
  readonly address: NetAddress;
  readonly inbound: boolean;
  readonly wantsV2: boolean;
  /** Whether it may tell as many as it likes, and is answered with no stale sample. */
  readonly unlimited?: boolean;
  /** Where it sees us. */
  readonly seesUsAt: Uint8Array | undefined;
  /** Where it has called: callers of each door get another part of the book. */
  readonly door?: string | undefined;
  /** Whether it has called our onion service: it must not learn our other addresses. */
  readonly isOnion?: boolean;
  /** Whether it takes part in gossip: we have called it, or it has talked of addresses. */
  active: boolean;
  /** Whether it has asked for addresses: once is enough. */
  answered: boolean;
  /** Addresses that may still come from it. */
  tokens: number;
  tokensAt: Milliseconds;
  processed: number;
  limited: number;
  readonly known: BoundedSet<string>;
  readonly queue: Map<string, Gossip>;
  /** When the queue goes out; never, while it is empty. */
  flushAt: Milliseconds;
  /** When it hears again where we are; never, while it takes no part in gossip. */
  ownAt: Milliseconds;
  /** We have asked it, and what comes may be the answer. Core: m_getaddr_sent. */
  awaited: boolean;
}

/** How gossip with a peer goes. */
export interface AddressCounts {
  /** Whether it takes part. */
  readonly active: boolean;
  /** Addresses of it that were looked at, and those that were not as they were too many. */
  readonly processed: number;
  readonly limited: number;
}

/** The fate of the addresses of one message in the address book. */
export interface ReceivedAddresses {
  readonly offered: number;
  readonly fresh: readonly NetAddress[];
}

export interface AddressRelayOptions {
  readonly book: AddressBook;
  readonly random: Random;
  /** Where we listen, if we do; all zero where that is every address we have. */
  readonly own: NetAddress | undefined;
  /**
   * Whether nodes of one machine or one private network tell each other where they are. On a devnet they are all the
   * nodes that exist. Core never tells such an address.
   */
  readonly tellsLocal: boolean;
}

/**
 * Tells peers where nodes are, ourselves among them, and listens to what they tell (`addr`, `addrv2`, `getaddr`).
 * Core: RelayAddress, MaybeSendAddr, SetupAddressRelay.
 */
export class AddressRelay {
  readonly #options: AddressRelayOptions;
  readonly #secret: SipHashKey;
  readonly #peers = new Map<PeerId, PeerAddresses>();
  /** No peer is due before. */
  #nextFlush = Number.POSITIVE_INFINITY;
  readonly #caches = new Map<string, Sample>();

  constructor(options: AddressRelayOptions) {
    this.#options = options;
    const secret = new Reader(options.random.bytes(16));
    this.#secret = { k0: secret.u64(), k1: secret.u64() };
  }

  /** The handshake is done: tells an outbound peer our address, and asks for others. */
  add(
    peer: PeerId,
    options: Pick<
      PeerAddresses,
      "address" | "inbound" | "wantsV2" | "seesUsAt" | "unlimited" | "door" | "isOnion"
    >,
    now: Milliseconds,
  ): NetAction[] {
    const state: PeerAddresses = {
      ...options,
      active: false,
      answered: false,
      tokens: 1,
      tokensAt: now,
      processed: 0,
      limited: 0,
      known: new BoundedSet(MAX_KNOWN),
      queue: new Map(),
      flushAt: Number.POSITIVE_INFINITY,
      ownAt: Number.POSITIVE_INFINITY,
      awaited: !options.inbound,
    };
    this.#peers.set(peer, state);
    // Callers that never speak of addresses may have no other peers to tell: they are told nothing. Core:
    // SetupAddressRelay.
    if (options.inbound) return [];
    this.#activate(state, now);
    const actions = this.#flush(peer, state, now);
    this.#nextFlush = Math.min(this.#nextFlush, state.ownAt);
    state.tokens += MAX_TOKENS;
    return [...actions, sendMessage(peer, { command: "getaddr" })];
  }

  /** It takes part in gossip from now on, and hears soon where we are. */
  #activate(state: PeerAddresses, now: Milliseconds): void {
    if (state.active) return;
    state.active = true;
    if (this.#options.own === undefined) return;
    state.ownAt = now;
    this.#nextFlush = Math.min(this.#nextFlush, now);
  }

  remove(peer: PeerId): void {
    this.#peers.delete(peer);
  }

  /**
   * Addresses came from a peer. Nothing is dialled for it, the book only grows.
   * @returns how many were offered to the book, and those that are new there
   */
  received(peer: PeerId, addresses: readonly Gossip[], now: Milliseconds): ReceivedAddresses {
    const state = this.#peers.get(peer);
    if (state === undefined) return { offered: 0, fresh: [] };
    this.#activate(state, now);
    const passed = Math.max(0, now - state.tokensAt) / 1000;
    if (state.tokens < MAX_TOKENS)
      state.tokens = Math.min(MAX_TOKENS, state.tokens + passed * RATE);
    state.tokensAt = now;
    const seconds = Math.floor(now / 1000);
    const taken: TimedAddress[] = [];
    for (const address of addresses) {
      if (state.tokens < 1 && !state.unlimited) {
        state.limited++;
        continue;
      }
      state.tokens--;
      // A node that keeps no blocks knows few others. Core: MayHaveUsefulAddressDB.
      if ((address.services & (NODE_NETWORK | NODE_NETWORK_LIMITED)) === 0n) continue;
      state.processed++;
      state.known.add(nameOf(address));
      if ("ip" in address) {
        if (this.#isOwn(address) || !this.#reaches(state, address.ip)) continue;
        taken.push(address);
      }
      // An I2P address has no port, which is 0. Exactly as old as NEWS_AGE is too old, as far ahead is not.
      const isFresh = address.time > seconds - NEWS_AGE && address.time <= seconds + NEWS_AGE;
      const isNews = addresses.length <= MAX_NEWS && isFresh && !state.awaited;
      if (isNews) this.#pass(address, peer, now);
    }
    if (addresses.length < MAX_ADDRESSES) state.awaited = false;
    const { book } = this.#options;
    const fresh = taken.filter((address) => book.add([address], state.address.ip, now) > 0);
    return { offered: taken.length, fresh };
  }

  counts(peer: PeerId): AddressCounts {
    const { active = false, processed = 0, limited = 0 } = this.#peers.get(peer) ?? {};
    return { active, processed, limited };
  }

  #isOwn({ ip, port }: NetAddress): boolean {
    const { own } = this.#options;
    return own !== undefined && keyOf(own) === keyOf({ ip, port });
  }

  /** To two peers, the same for a day from every source, so that it neither floods nor loops. */
  #pass(address: Gossip, from: PeerId, now: Milliseconds): void {
    const day = Math.floor(now / DAY);
    const host = "ip" in address ? address.ip : address.address;
    const named = new Writer(host.length + 10)
      .bytes(host)
      .u16(address.port)
      .u32(day)
      .u32(0)
      .finish();
    const view = new DataView(named.buffer);
    const ranked: (SipHashResult & { readonly state: PeerAddresses })[] = [];
    for (const [id, state] of this.#peers) {
      if (id === from || !state.active || !this.#takes(state, address)) continue;
      view.setUint32(named.length - 4, id);
      ranked.push({ ...sipHash(this.#secret, named), state });
    }
    ranked.sort((a, b) => a.high - b.high || a.low - b.low);
    const key = nameOf(address);
    // An address that we can't call ourselves goes to one or two.
    const isOne = !("ip" in address) && ((ranked[0]?.low ?? 0) & 1) === 0;
    for (const { state } of ranked.slice(0, isOne ? 1 : RELAY_TO)) {
      const { known, queue } = state;
      if (known.has(key) || queue.size >= MAX_ADDRESSES) continue;
      if (queue.size === 0) {
        state.flushAt = now + exponential(this.#options.random, FLUSH_INTERVAL);
        this.#nextFlush = Math.min(this.#nextFlush, state.flushAt);
      }
      queue.set(key, address);
    }
  }

  /** The answer to `getaddr`: to inbound peers, once each, so that no peer can read the whole book. */
  asked(peer: PeerId, now: Milliseconds): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined || !this.answers(peer)) return [];
    state.answered = true;
    this.#activate(state, now);
    const all = state.unlimited
      ? this.#options.book.sample(MAX_ADDRESSES, now)
      : this.#sample(state.door ?? "", now);
    const addresses = all.filter(({ ip }) => this.#reaches(state, ip));
    return this.#tell(peer, state, addresses);
  }

  /** Whether `getaddr` of a peer is answered. */
  answers(peer: PeerId): boolean {
    const state = this.#peers.get(peer);
    return state?.inbound === true && !state.answered;
  }

  /**
   * The same for all callers of a door, and another for each: a node that is reachable in two networks would be
   * recognized by it. Core: CConnman::GetAddresses.
   */
  #sample(door: string, now: Milliseconds): readonly TimedAddress[] {
    const cached = this.#caches.get(door);
    if (cached !== undefined && now < cached.until) return cached.addresses;
    const addresses = this.#options.book.sample(MAX_ADDRESSES, now);
    if (addresses.length < WORTH_CACHING) return addresses;
    this.#caches.delete(door);
    for (const oldest of this.#caches.keys()) {
      if (this.#caches.size < MAX_CACHES) break;
      this.#caches.delete(oldest);
    }
    this.#caches.set(door, { until: now + CACHE_TIME, addresses });
    return addresses;
  }

  tick(now: Milliseconds): NetAction[] {
    const actions: NetAction[] = [];
    if (now < this.#nextFlush) return actions;
    this.#nextFlush = Number.POSITIVE_INFINITY;
    for (const [peer, state] of this.#peers) {
      if (now >= Math.min(state.flushAt, state.ownAt)) {
        actions.push(...this.#flush(peer, state, now));
      }
      this.#nextFlush = Math.min(this.#nextFlush, state.flushAt, state.ownAt);
    }
    return actions;
  }

  #flush(peer: PeerId, state: PeerAddresses, now: Milliseconds): NetAction[] {
    state.flushAt = Number.POSITIVE_INFINITY;
    const addresses = [...state.queue.values()].filter((each) => !state.known.has(nameOf(each)));
    state.queue.clear();
    if (now >= state.ownAt) {
      state.ownAt = now + exponential(this.#options.random, OWN_INTERVAL);
      const own = this.#ownFor(state, now);
      if (own !== undefined) {
        addresses.splice(MAX_ADDRESSES - 1); // a message holds no more
        addresses.push(own);
      }
    }
    return this.#tell(peer, state, addresses);
  }

  /** Our address, as this peer and those that it tells can reach it. */
  #ownFor(
    { address, seesUsAt, inbound, isOnion }: PeerAddresses,
    now: Milliseconds,
  ): TimedAddress | undefined {
    const { own } = this.#options;
    if (own === undefined || isOnion) return undefined;
    const ip = isUsable(own.ip) ? own.ip : seesUsAt;
    if (ip === undefined || !this.#reaches({ address }, ip)) return undefined;
    // On one machine there is no other place to call us than where it has.
    if (inbound && isLoopback(ip)) return undefined;
    return { ...own, ip, time: addressTime(now) };
  }

  #tell(peer: PeerId, state: PeerAddresses, addresses: readonly Gossip[]): NetAction[] {
    if (addresses.length === 0) return [];
    for (const address of addresses) state.known.add(nameOf(address));
    if (!state.wantsV2) {
      const internet = addresses.filter((address) => "ip" in address);
      return [sendMessage(peer, { command: "addr", addresses: internet })];
    }
    const all = addresses.map((each) => ("ip" in each ? addressV2(each, each.time) : each));
    return [sendMessage(peer, { command: "addrv2", addresses: all })];
  }

  /** Whether a peer has a use for an address. */
  #takes(state: PeerAddresses, address: Gossip): boolean {
    return "ip" in address ? this.#reaches(state, address.ip) : state.wantsV2;
  }

  /** Whether it makes sense to tell a peer of an address: a local one is of no use elsewhere. */
  #reaches({ address }: Pick<PeerAddresses, "address">, to: Uint8Array): boolean {
    if (!this.#options.tellsLocal) return isRoutable(to);
    if (!isUsable(to)) return false;
    if (isLoopback(to)) return isLoopback(address.ip);
    return !isPrivate(to) || isPrivate(address.ip) || isLoopback(address.ip);
  }
}

/** The same for the same place. */
function nameOf(address: Gossip): string {
  if ("ip" in address) return keyOf(address);
  return `${address.network}/${bytesToHex(address.address)}:${address.port}`;
}
