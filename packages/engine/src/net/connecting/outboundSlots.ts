/** Chooses the peers to call. Core: net.cpp, ThreadOpenConnections. */
import type { Milliseconds, Seconds } from "@chain/core";
import type { NetAddress } from "@chain/wire";
import type { Random } from "../../ports.ts";
import { groupOf, keyOf } from "../kit/addresses.ts";
import { isBadPort } from "../kit/badPorts.ts";
import { exponential } from "../kit/chance.ts";
import type { CallKind } from "../peer/peer.ts";
import type { AddressBook } from "./addressBook.ts";

/** Peers that we choose. Core: MAX_OUTBOUND_FULL_RELAY_CONNECTIONS. */
export const MAX_OUTBOUND = 8;
/**
 * Peers that we choose for blocks alone, once all other places are taken: an observer of how transactions and
 * addresses travel cannot see these connections, and so cannot cut them. Core: MAX_BLOCK_RELAY_ONLY_CONNECTIONS.
 */
export const MAX_BLOCK_RELAY = 2;
/** Calls that are not answered yet. */
const MAX_DIALING = 4;
/** How often a new address is tried only to learn whether it works. Core: FEELER_INTERVAL. Milliseconds. */
const FEELER_INTERVAL: Milliseconds = 2 * 60_000;
/** Draws from the book until we give up for now. */
const MAX_DRAWS = 100;
/** After so many, even a port of another service is called. Core: ThreadOpenConnections. */
const PICKY_DRAWS = 50;
/** How long to rest when the book had no address to offer. Milliseconds. */
const REST: Milliseconds = 5_000;
/** Wait after a call that failed, doubled with each. Seconds. */
const FIRST_WAIT: Seconds = 5;
const LONGEST_WAIT: Seconds = 10 * 60;
/** Peers that a restart goes back to first. Core: MAX_BLOCK_RELAY_ONLY_ANCHORS. */
export const MAX_ANCHORS = 2;

export interface Call {
  readonly kind: CallKind;
  readonly address: NetAddress;
}

/** A connection or a call of ours, or a connection to us. */
export interface Contact {
  readonly address: NetAddress;
  readonly inbound: boolean;
  /** Where it is one that `due` has asked for: why. */
  readonly kind: CallKind | undefined;
}

/**
 * Fills our outbound slots from the address book: no two peers of one network group, so that nobody can be all that
 * we see. Core: CConnman::ThreadOpenConnections.
 */
export class OutboundSlots {
  readonly #book: AddressBook;
  readonly #random: Random;
  readonly #mayCall: (address: NetAddress, kind: CallKind) => boolean;
  readonly #anchors: NetAddress[];
  readonly #failures = new Map<string, { readonly count: number; readonly until: Milliseconds }>();
  readonly #dialing = new Map<string, Call>();
  #feelerAt: Milliseconds | undefined;
  #restUntil: Milliseconds = 0;

  /**
   * @param anchors peers of the last run
   * @param mayCall whether an address is neither ours nor discouraged, and offers what we need
   */
  constructor(
    book: AddressBook,
    random: Random,
    options: {
      readonly anchors: readonly NetAddress[];
      readonly mayCall: (address: NetAddress, kind: CallKind) => boolean;
    },
  ) {
    this.#book = book;
    this.#random = random;
    this.#mayCall = options.mayCall;
    this.#anchors = options.anchors.slice(0, MAX_ANCHORS);
  }

  /**
   * The peers to call now; they count as called until `answered` or `failed`.
   * @param extra places beyond the usual ones
   * @param elapsed time of a monotonic clock, by which it rests where the book had no address to offer
   */
  due(
    contacts: readonly Contact[],
    now: Milliseconds,
    extra = 0,
    elapsed: Milliseconds = now,
  ): readonly Call[] {
    this.#feelerAt ??= now + exponential(this.#random, FEELER_INTERVAL);
    const calls: Call[] = [];
    const count = (kind: CallKind) => contacts.filter((contact) => contact.kind === kind).length;
    const places = MAX_OUTBOUND + extra;
    const isFull = count("outbound") >= places;
    const [kind, most]: readonly [CallKind, number] = isFull
      ? ["block-relay", MAX_BLOCK_RELAY]
      : ["outbound", places];
    const waiting = [...this.#dialing.values()].filter((call) => call.kind === kind).length;
    let free = Math.min(most - count(kind) - waiting, MAX_DIALING - this.#dialing.size);
    for (; free > 0 && elapsed >= this.#restUntil; free--) {
      const address = this.#anchor(contacts, kind) ?? this.#draw(contacts, now, kind);
      if (address === undefined) {
        this.#restUntil = elapsed + REST;
        break;
      }
      calls.push(this.#call(kind, address, now));
    }
    if (isFull && now >= this.#feelerAt) {
      this.#feelerAt = now + exponential(this.#random, FEELER_INTERVAL);
      const address = this.#untested(contacts, now) ?? this.#draw(contacts, now, "feeler");
      if (address !== undefined) calls.push(this.#call("feeler", address, now));
    }
    return calls;
  }

  /** The next peer of the last run, unless we may not call it or talk to it already. */
  #anchor(contacts: readonly Contact[], kind: CallKind): NetAddress | undefined {
    const talking = new Set(contacts.map(({ address }) => keyOf(address)));
    for (let next = this.#anchors.shift(); next !== undefined; next = this.#anchors.shift()) {
      if (this.#mayCall(next, kind) && !talking.has(keyOf(next))) return next;
    }
    return undefined;
  }

  /** One of the tried whose place is wanted. A connected peer has passed the test. */
  #untested(contacts: readonly Contact[], now: Milliseconds): NetAddress | undefined {
    const address = this.#book.untested(now);
    if (address === undefined || this.#dialing.has(keyOf(address))) return undefined;
    const isHere = contacts.some(({ address: each }) => keyOf(each) === keyOf(address));
    if (!isHere) return this.#mayCall(address, "feeler") ? address : undefined;
    this.#book.good(address, now);
    return undefined;
  }

  #call(kind: CallKind, address: NetAddress, now: Milliseconds): Call {
    const call = { kind, address };
    this.#dialing.set(keyOf(address), call);
    this.#book.attempt(address, now);
    return call;
  }

  #draw(contacts: readonly Contact[], now: Milliseconds, kind: CallKind): NetAddress | undefined {
    const talking = new Set(contacts.map(({ address }) => keyOf(address)));
    const groups = new Set(
      contacts.filter(({ inbound }) => !inbound).map(({ address }) => groupOf(address)),
    );
    for (const { address } of this.#dialing.values()) groups.add(groupOf(address));
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const candidate = this.#book.select(now, kind === "feeler");
      if (candidate === undefined) return undefined;
      const { address } = candidate;
      if (draw < PICKY_DRAWS && isBadPort(address.port)) continue;
      const key = keyOf(address);
      if (talking.has(key) || this.#dialing.has(key) || groups.has(groupOf(address))) continue;
      if (now < (this.#failures.get(key)?.until ?? 0) || !this.#mayCall(address, kind)) continue;
      return address;
    }
    return undefined;
  }

  /** The handshake with one that we called is done. */
  answered(address: NetAddress, now: Milliseconds): void {
    const key = keyOf(address);
    this.#dialing.delete(key);
    this.#failures.delete(key);
    this.#book.good(address, now);
  }

  /** The call came to nothing, or the connection to an end. */
  failed(address: NetAddress, now: Milliseconds): void {
    const key = keyOf(address);
    this.#dialing.delete(key);
    const count = Math.min((this.#failures.get(key)?.count ?? 0) + 1, 10);
    const wait = Math.min(FIRST_WAIT * 2 ** (count - 1), LONGEST_WAIT) * 1000;
    this.#failures.set(key, { count, until: now + wait });
    // Failures of long ago are forgotten.
    for (const [other, { until }] of this.#failures) {
      if (until < now - LONGEST_WAIT * 1000) this.#failures.delete(other);
    }
  }
}
