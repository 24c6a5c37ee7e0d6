/** Where nodes are: found in gossip, tried, kept. Core: addrman.h, whose layout and odds these are. */

import {
  equalBytes,
  type Milliseconds,
  Reader,
  type Seconds,
  sha256,
  sha256d,
  Writer,
} from "@chain/core";
import {
  present,
  requireArray,
  requireBoolean,
  requireBytes,
  requireNumber,
} from "@chain/core/arguments";
import type { NetAddress, TimedAddress } from "@chain/wire";
import { EngineError } from "../../errors.ts";
import type { Random } from "../../ports.ts";
import { requireNetAddress, requireRandom, requireTimedAddress } from "../../requireOptions.ts";
import { addressTime, groupOf, keyOf } from "../kit/addresses.ts";
import { Buckets } from "./buckets.ts";
import { resolveCollision, TriedCollisions } from "./triedCollisions.ts";

const NEW_BUCKETS = 1024;
const TRIED_BUCKETS = 256;
const BUCKET_SIZE = 64;
/** Buckets of new addresses that those of one group of sources can reach. */
const NEW_BUCKETS_PER_SOURCE = 64;
/** Buckets of new addresses that one address may be in. */
const NEW_BUCKETS_PER_ADDRESS = 8;
/** Buckets of tried addresses that those of one group can reach. */
const TRIED_BUCKETS_PER_GROUP = 8;

const DAY: Seconds = 24 * 60 * 60;
/** Not heard of for so long: gone. Seconds. */
const HORIZON = 30 * DAY;
/** Failures until an address that never worked is given up; and one that did, after a week of silence. */
const RETRIES = 3;
const MAX_FAILURES = 10;
const MIN_FAIL_TIME: Seconds = 7 * DAY;
/** An address that was just tried is not tried again. Seconds. */
const JUST_TRIED: Seconds = 10 * 60;
/** Largest share of what is known that a stranger is told at once; of a small book, all. */
const MAX_TOLD_SHARE = 0.23;
const ALWAYS_TOLD = 16;

const MAGIC = /* @__PURE__ */ Uint8Array.of(0x63, 0x68, 0x61, 0x31); // "cha1"
const MAX_STORED = NEW_BUCKETS * BUCKET_SIZE + TRIED_BUCKETS * BUCKET_SIZE;

interface Known {
  readonly ip: Uint8Array;
  readonly port: number;
  services: bigint;
  /** Last heard of or talked to. Seconds. */
  time: Seconds;
  /** The peer that told us first. 16 bytes. */
  readonly source: Uint8Array;
  lastTry: number;
  lastSuccess: number;
  attempts: number;
  tried: boolean;
  /** Places in the table of new addresses. */
  readonly places: Set<number>;
}

/** The facts that are known of a node that might be called. */
export interface Candidate {
  readonly address: NetAddress;
  /** Seconds since 1970; 0: never. */
  readonly lastTry: number;
}

/** One place of a table that is taken. */
export interface BookEntry {
  readonly address: TimedAddress;
  /** 16 bytes of the peer that told us. */
  readonly source: Uint8Array;
  /** Whether it stands in the table of those that have worked. */
  readonly tried: boolean;
  readonly bucket: number;
  readonly position: number;
}

/**
 * Addresses of nodes in two tables of buckets: new ones that we were told of, tried ones that have worked. Where
 * an address goes depends on a secret, and on the network that it and its source are in, so that a source
 * with few networks can fill few buckets, however many addresses it invents. Memory is bounded by the tables.
 *
 * @example
 * const book = new AddressBook(random);
 * book.add([address], address.ip, now); // it is told of by itself
 * book.select(now)?.address.port // 8333
 */
export class AddressBook {
  readonly #random: Random;
  #secret: Uint8Array;
  readonly #known = new Map<string, Known>();
  /** By place: bucket × size + slot. */
  readonly #new = new Buckets(BUCKET_SIZE);
  readonly #tried = new Buckets(BUCKET_SIZE);
  readonly #collisions = new TriedCollisions();

  constructor(random: Random) {
    requireRandom(random, "random");

    this.#random = random;
    this.#secret = random.bytes(32);
  }

  get size(): number {
    return this.#known.size;
  }

  get triedCount(): number {
    return this.#tried.size;
  }

  /**
   * Takes addresses that a peer told us of.
   * @param source the 16 bytes of the peer that told us
   * @param penalty seconds that hearsay counts as older; none for a peer that tells its own address
   * @returns how many are new
   */
  add(
    addresses: readonly TimedAddress[],
    source: Uint8Array,
    now: Milliseconds,
    penalty: number = 2 * 60 * 60,
  ): number {
    requireArray(addresses, "addresses", requireTimedAddress);
    requireBytes(source, "source");
    requireNumber(now, "now");
    requireNumber(penalty, "penalty");

    const seconds = addressTime(now);
    let added = 0;
    for (const address of addresses) {
      // Core: a time that can't be is five days ago.
      const heard =
        address.time <= 100_000_000 || address.time > seconds + 600
          ? seconds - 5 * DAY
          : address.time;
      const own = equalBytes(address.ip, source) ? 0 : penalty;
      if (this.#addOne(address, source, Math.max(0, heard - own), seconds)) added++;
    }
    return added;
  }

  #addOne(address: NetAddress, source: Uint8Array, time: Seconds, seconds: number): boolean {
    if (address.port === 0) return false;
    const key = keyOf(address);
    let known = this.#known.get(key);
    const isFresh = known === undefined;
    if (known === undefined) {
      const { ip, port, services } = address;
      const rest = { lastTry: 0, lastSuccess: 0, attempts: 0, tried: false };
      known = { ip, port, services, time, source, ...rest, places: new Set() };
    } else {
      const isOnline = seconds - time < DAY;
      const step = isOnline ? 60 * 60 : DAY;
      if (known.time < time - step) known.time = time;
      known.services |= address.services;
      if (known.tried || known.places.size >= NEW_BUCKETS_PER_ADDRESS) return false;
      // Each further place is half as likely as the one before.
      if (this.#below(2 ** known.places.size) !== 0) return false;
    }
    const place = this.#newPlace(key, known, source);
    const holder = this.#new.get(place);
    if (holder === key) return false;
    if (holder !== undefined) {
      const other = this.#known.get(holder);
      const gives = other === undefined || isTerrible(other, seconds) || other.places.size > 1;
      if (!gives || !(isFresh || other === undefined || isTerrible(other, seconds))) return false;
      this.#vacate(place);
    }
    this.#known.set(key, known);
    this.#new.set(place, key);
    known.places.add(place);
    return isFresh;
  }

  /** We are about to call it. */
  attempt(address: NetAddress, now: Milliseconds): void {
    requireNetAddress(address, "address");
    requireNumber(now, "now");

    const known = this.#known.get(keyOf(address));
    if (known === undefined) return;
    known.lastTry = addressTime(now);
    known.attempts++;
  }

  /**
   * It answered, and is a node of our network.
   * @returns whether it is among the tried now: another may have its place
   */
  good(address: NetAddress, now: Milliseconds): boolean {
    requireNetAddress(address, "address");
    requireNumber(now, "now");

    const key = keyOf(address);
    const known = this.#known.get(key);
    if (known === undefined) return false;
    const seconds = addressTime(now);
    known.services = address.services;
    known.lastSuccess = seconds;
    known.lastTry = seconds;
    known.attempts = 0;
    if (known.tried) return true;
    if (this.#tried.has(this.#triedPlace(key, known))) this.#collisions.add(key);
    else this.#promote(key, known);
    return known.tried;
  }

  /** Moves it to its place among the tried; the address that has that place goes back to the new ones. */
  #promote(key: string, known: Known): void {
    const place = this.#triedPlace(key, known);
    const rival = this.#tried.get(place);
    // First: the other one may go to a place that this one leaves.
    for (const at of known.places) this.#new.delete(at);
    known.places.clear();
    known.tried = true;
    if (rival !== undefined) this.#demote(place, rival);
    this.#tried.set(place, key);
  }

  /**
   * Settles which of two addresses gets the place among the tried that both have earned. An address that still answers
   * keeps its place, because otherwise an attacker could evict all good ones by making us call many nodes.
   * @returns an address whose place is wanted, to be called to find out whether it still answers
   */
  untested(now: Milliseconds): NetAddress | undefined {
    requireNumber(now, "now");

    const seconds = addressTime(now);
    let untested: Known | undefined;
    for (const key of this.#collisions.list()) {
      const known = this.#known.get(key);
      const old = known && this.#known.get(this.#tried.get(this.#triedPlace(key, known)) ?? "");
      const outcome =
        known === undefined || known.tried
          ? "stays"
          : old === undefined
            ? "goes"
            : resolveCollision(old, known, seconds);
      if (outcome === "untested") {
        untested ??= old;
        continue;
      }
      this.#collisions.delete(key);
      if (outcome === "goes" && known !== undefined) this.#promote(key, known);
    }
    return untested && { ip: untested.ip, port: untested.port, services: untested.services };
  }

  #demote(place: number, key: string): void {
    this.#tried.delete(place);
    const known = this.#known.get(key);
    if (known === undefined) return;
    known.tried = false;
    const back = this.#newPlace(key, known, known.source);
    this.#vacate(back);
    this.#new.set(back, key);
    known.places.add(back);
  }

  #vacate(place: number): void {
    const key = this.#new.get(place);
    if (key === undefined) return;
    this.#new.delete(place);
    const known = this.#known.get(key);
    known?.places.delete(place);
    if (known !== undefined && known.places.size === 0 && !known.tried) this.#known.delete(key);
  }

  /**
   * The connection is as good as it was: it is there. The book learns of it when the connection ends, so that no peer
   * can watch us.
   */
  connected(address: NetAddress, now: Milliseconds): void {
    requireNetAddress(address, "address");
    requireNumber(now, "now");

    const known = this.#known.get(keyOf(address));
    const seconds = addressTime(now);
    if (known !== undefined && seconds - known.time > 20 * 60) known.time = seconds;
  }

  /**
   * An address to call: as likely a tried as a new one, those that failed lately less likely.
   * @param onlyNew for a feeler, which finds out whether a new one works
   */
  select(now: Milliseconds, onlyNew = false): Candidate | undefined {
    requireNumber(now, "now");
    requireBoolean(onlyNew, "onlyNew");

    const seconds = addressTime(now);
    const useTried =
      !onlyNew && this.#tried.size > 0 && (this.#new.size === 0 || this.#below(2) === 0);
    const table = useTried ? this.#tried : this.#new;
    let factor = 1;
    for (const key of table.draws((count) => this.#below(count))) {
      const known = present(this.#known.get(key), "known.get(key)");
      if (this.#fraction() < factor * chanceOf(known, seconds)) {
        const { ip, port, services, lastTry } = known;
        return { address: { ip, port, services }, lastTry };
      }
      factor *= 1.2; // with each draw we are less choosy: it ends
    }
    return undefined;
  }

  /** Addresses that a stranger may hear: a random part, none that is likely gone. */
  sample(most: number, now: Milliseconds): readonly TimedAddress[] {
    requireNumber(most, "most");
    requireNumber(now, "now");

    const share = Math.max(Math.ceil(this.#known.size * MAX_TOLD_SHARE), ALWAYS_TOLD);
    return this.list(Math.min(most, share), now);
  }

  /** So many at most, in random order, none that is likely gone. */
  list(most: number, now: Milliseconds): readonly TimedAddress[] {
    requireNumber(most, "most");
    requireNumber(now, "now");

    const seconds = addressTime(now);
    const all = [...this.#known.values()];
    const chosen: TimedAddress[] = [];
    for (let i = 0; i < all.length && chosen.length < most; i++) {
      const j = i + this.#below(all.length - i);
      const known = present(all[j], "all[j]");
      all[j] = present(all[i], "all[i]");
      if (isTerrible(known, seconds)) continue;
      const { ip, port, services, time } = known;
      chosen.push({ ip, port, services, time });
    }
    return chosen;
  }

  /** All addresses, and whether each has worked. */
  *known(): Generator<NetAddress & { readonly tried: boolean }> {
    for (const { ip, port, services, tried } of this.#known.values()) {
      yield { ip, port, services, tried };
    }
  }

  /** All that the tables hold, each at its place. An address may stand in several places of the table of new ones. */
  *entries(): Generator<BookEntry> {
    for (const { ip, port, services, time, source, tried, places } of this.#known.values()) {
      const address = { ip, port, services, time };
      const at = tried ? [this.#triedPlace(keyOf({ ip, port }), { ip, port })] : places;
      for (const place of at) {
        const bucket = Math.floor(place / BUCKET_SIZE);
        yield { address, source, tried, bucket, position: place % BUCKET_SIZE };
      }
    }
  }

  #newPlace(key: string, { ip, port }: Pick<Known, "ip" | "port">, source: Uint8Array): number {
    const group = utf8(groupOf({ ip, port }));
    const sourceGroup = utf8(groupOf({ ip: source, port: 0 }));
    const spread = this.#hash("n", group, sourceGroup) % NEW_BUCKETS_PER_SOURCE;
    const bucket = this.#hash("N", sourceGroup, Uint8Array.of(spread)) % NEW_BUCKETS;
    return bucket * BUCKET_SIZE + (this.#hash("p", number(bucket), utf8(key)) % BUCKET_SIZE);
  }

  #triedPlace(key: string, { ip, port }: Pick<Known, "ip" | "port">): number {
    const spread = this.#hash("t", utf8(key)) % TRIED_BUCKETS_PER_GROUP;
    const group = utf8(groupOf({ ip, port }));
    const bucket = this.#hash("T", group, Uint8Array.of(spread)) % TRIED_BUCKETS;
    return bucket * BUCKET_SIZE + (this.#hash("q", number(bucket), utf8(key)) % BUCKET_SIZE);
  }

  #hash(purpose: string, ...parts: readonly Uint8Array[]): number {
    const writer = new Writer();
    writer.bytes(this.#secret).bytes(utf8(purpose));
    for (const part of parts) writer.varBytes(part);
    return new Reader(sha256(writer.finish())).u32();
  }

  #below(count: number): number {
    return this.#u32() % count;
  }

  #fraction(): number {
    return this.#u32() / 2 ** 32;
  }

  /** By hand: a reader for each of the many draws would cost more than the draws. */
  #u32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#random.bytes(4);
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  }

  /** All of it as bytes, for a file. */
  encode(): Uint8Array {
    const writer = new Writer();
    writer.bytes(MAGIC).bytes(this.#secret).u32(this.#known.size);
    for (const known of this.#known.values()) {
      writer.bytes(known.ip).u16(known.port).u64(known.services).u32(known.time);
      writer.bytes(known.source).u32(known.lastTry).u32(known.lastSuccess);
      writer.u32(known.attempts).u8(known.tried ? 1 : 0);
    }
    const body = writer.finish();
    return new Writer().bytes(body).bytes(sha256d(body)).finish();
  }

  /**
   * The book in such bytes.
   * @throws EngineError `damaged-addresses`: begin with an empty one
   */
  static decode(bytes: Uint8Array, random: Random): AddressBook {
    requireBytes(bytes, "bytes");
    requireRandom(random, "random");

    const damaged = (why: string) => new EngineError("damaged-addresses", why);
    const body = bytes.subarray(0, Math.max(0, bytes.length - 32));
    if (!equalBytes(sha256d(body), bytes.subarray(body.length)))
      throw damaged("its checksum is wrong");
    const reader = new Reader(body);
    if (!equalBytes(reader.take(MAGIC.length), MAGIC)) throw damaged("its format is unknown");
    const book = new AddressBook(random);
    book.#secret = reader.take(32).slice();
    const count = reader.u32();
    if (count > MAX_STORED) throw damaged(`${count} addresses`);
    for (let i = 0; i < count; i++) book.#restore(reader);
    return book;
  }

  #restore(reader: Reader): void {
    const known: Known = {
      ip: reader.take(16).slice(),
      port: reader.u16(),
      services: reader.u64(),
      time: reader.u32(),
      source: reader.take(16).slice(),
      lastTry: reader.u32(),
      lastSuccess: reader.u32(),
      attempts: reader.u32(),
      tried: reader.u8() !== 0,
      places: new Set(),
    };
    const key = keyOf(known);
    const table = known.tried ? this.#tried : this.#new;
    const place = known.tried
      ? this.#triedPlace(key, known)
      : this.#newPlace(key, known, known.source);
    if (table.has(place)) return;
    table.set(place, key);
    if (!known.tried) known.places.add(place);
    this.#known.set(key, known);
  }
}

/** Not worth a call, or a word to others. Core: AddrInfo::IsTerrible. */
function isTerrible(known: Known, seconds: number): boolean {
  const { lastTry, time, lastSuccess, attempts } = known;
  if (seconds - lastTry < 60) return false; // not while it is tried
  if (time > seconds + 600 || seconds - time > HORIZON) return true;
  if (lastSuccess === 0 && attempts >= RETRIES) return true;
  return seconds - lastSuccess > MIN_FAIL_TIME && attempts >= MAX_FAILURES;
}

/** How willing we are to call it, 0 to 1. Core: AddrInfo::GetChance. */
function chanceOf({ lastTry, attempts }: Known, seconds: number): number {
  const recently = seconds - lastTry < JUST_TRIED ? 0.01 : 1;
  return recently * 0.66 ** Math.min(attempts, 8);
}

function utf8(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function number(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}
