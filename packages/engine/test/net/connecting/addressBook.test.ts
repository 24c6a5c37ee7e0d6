import { Rng } from "@chain/testing/random";
import type { NetAddress } from "@chain/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EngineError } from "../../../src/errors.ts";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import { keyOf } from "../../../src/net/kit/addresses.ts";
import { at, heard, hosts, NOW } from "../../support/addresses.ts";

const MINUTE = 60_000;

const source = at("9.9.9.9").ip;

describe("AddressBook", () => {
  const book = () => new AddressBook(new Rng(1));
  function flipped(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
    return fc.nat(bytes.length * 8 - 1).map((bit) => {
      const copy = bytes.slice();
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
      return copy;
    });
  }

  it("gives back what it was told, tried or not", () => {
    const all = book();
    expect(all.select(NOW)).toBeUndefined();
    expect(all.add([heard("20.0.0.1"), heard("20.0.0.1"), heard("20.0.0.1", 0)], source, NOW)).toBe(
      1,
    );
    expect(all.select(NOW)?.address).toEqual(at("20.0.0.1"));
    all.good(at("20.0.0.1"), NOW);
    expect([all.size, all.triedCount]).toEqual([1, 1]);
    expect(all.select(NOW)?.address).toEqual(at("20.0.0.1"));
    expect(all.select(NOW, true)).toBeUndefined();
    // An address that nobody told us of can't become good.
    all.good(at("20.0.0.2"), NOW);
    expect(all.size).toBe(1);
  });

  it("lets one source fill no more than its share", () => {
    const flooded = book();
    flooded.add([heard("30.1.1.1")], at("8.8.8.8").ip, NOW);
    flooded.add(
      hosts(10_000).map((host) => heard(host)),
      source,
      NOW,
    );
    expect(flooded.size).toBeLessThanOrEqual(64 * 64 + 1);
    expect(flooded.size).toBeGreaterThan(2_000);
    // From a hundred networks far more would fit.
    const varied = book();
    hosts(100).forEach((host, n) => {
      const some = hosts(100, 100 * n).map((each) => heard(each));
      varied.add(some, at(host).ip, NOW);
    });
    expect(varied.size).toBeGreaterThan(8_000);
  });

  it("draws few of the many that one source has told it", () => {
    const flooded = book();
    const honest = new Set(hosts(100, 20_000));
    for (const [n, host] of [...honest].entries()) {
      flooded.add([heard(host)], at(hosts(1, 3_000 + n)[0] as string).ip, NOW);
    }
    flooded.add(
      hosts(10_000).map((host) => heard(host)),
      source,
      NOW,
    );
    expect(flooded.size).toBeGreaterThan(3_000);
    const keys = new Set([...honest].map((host) => keyOf(at(host))));
    const drawn = Array.from({ length: 1_000 }, () => flooded.select(NOW)?.address as NetAddress);
    // A hundred buckets against the 64 of the flood.
    expect(drawn.filter((address) => keys.has(keyOf(address))).length).toBeGreaterThan(500);
  });

  it("lets one network fill few places among the tried", () => {
    const all = book();
    const crowd = Array.from({ length: 2_000 }, (_, n) => `20.7.${n >> 8}.${n & 255}`);
    for (const [n, host] of crowd.entries()) {
      all.add([heard(host)], at(hosts(1, n)[0] as string).ip, NOW);
      all.good(at(host), NOW);
    }
    expect(all.triedCount).toBeLessThanOrEqual(8 * 64);
  });

  it("lets nobody lose his place among the tried who still answers", () => {
    const HOUR = 60 * MINUTE;
    /** A book in which a place is wanted by two, and who they are. */
    function collision() {
      const all = book();
      const crowd = Array.from({ length: 400 }, (_, n) => `20.7.${n >> 8}.${n & 255}`);
      for (const [n, host] of crowd.entries()) {
        all.add([heard(host)], at(hosts(1, n)[0] as string).ip, NOW);
        all.good(at(host), NOW);
        const latest = crowd.slice(0, n + 1).map((each) => at(each));
        if (all.triedCount <= n) return { all, latest: latest.at(-1) as NetAddress, count: n };
      }
      throw new Error("no collision");
    }
    const { all, latest, count } = collision();
    expect(all.untested(NOW)).toBeUndefined(); // the old one has just answered
    // Five hours later it has not, and is to be called.
    const later = NOW + 5 * HOUR;
    all.good(latest, later);
    const old = all.untested(later) as NetAddress;
    expect(keyOf(old)).not.toBe(keyOf(latest));
    all.attempt(old, later);
    expect(all.untested(later + MINUTE)).toEqual(old); // it may still answer
    all.good(old, later + MINUTE);
    expect(all.untested(later + MINUTE)).toBeUndefined();
    all.good(latest, later + 2 * MINUTE);
    expect(all.untested(later + 2 * MINUTE)).toBeUndefined();
    // It does not: the other one has its place.
    const day = NOW + 24 * HOUR;
    all.good(latest, day);
    all.attempt(old, day);
    expect(all.untested(day + 2 * MINUTE)).toBeUndefined();
    all.good(old, day + 3 * MINUTE);
    expect(all.untested(day + 3 * MINUTE)).toBeUndefined();
    expect(all.untested(day + 6 * HOUR)).toBeUndefined();
    all.good(old, day + 6 * HOUR);
    expect(keyOf(all.untested(day + 6 * HOUR) as NetAddress)).toBe(keyOf(latest));
    // Nobody has found the time: in the end the new one has earned it.
    expect(all.untested(day + 7 * HOUR)).toBeUndefined();
    expect(all.triedCount).toBe(count);
  });

  it("knows whom it draws, after many have lost their places to others of their network", () => {
    const all = book();
    for (let n = 0; n < 1_500; n++) {
      const now = NOW + n * 300 * MINUTE;
      const address = at(`20.7.${n >> 8}.${n & 255}`);
      all.add([{ ...address, time: now / 1000 }], source, now);
      all.good(address, now);
      all.untested(now + 41 * MINUTE);
      const drawn = Array.from({ length: 20 }, () => all.select(now));
      expect(drawn.includes(undefined)).toBe(false);
    }
  });

  it("tells strangers a part, and nothing of what is likely gone", () => {
    const all = book();
    all.add(
      hosts(1_000).map((host) => heard(host)),
      source,
      NOW,
    );
    const known = all.size;
    const sample = all.sample(1_000, NOW);
    expect(sample.length).toBe(Math.ceil(known * 0.23));
    expect(new Set(sample.map(keyOf)).size).toBe(sample.length);
    expect(all.sample(10, NOW).length).toBe(10);
    // The operator may see all.
    expect(all.list(Number.POSITIVE_INFINITY, NOW).length).toBe(known);
    const old = book();
    old.add([heard("20.0.0.1", 8333, 31 * 24 * 3600)], source, NOW);
    expect(old.sample(10, NOW)).toEqual([]);
    const failing = book();
    failing.add([heard("20.0.0.1")], source, NOW);
    for (let i = 0; i < 3; i++) failing.attempt(at("20.0.0.1"), NOW);
    expect(failing.sample(10, NOW + MINUTE)).toEqual([]);
  });

  it("makes room for new ones where the old are gone", () => {
    const all = book();
    all.add(
      hosts(8_000).map((host) => heard(host)),
      source,
      NOW,
    );
    const later = NOW + 40 * 24 * 60 * MINUTE;
    const fresh = hosts(2_000, 50_000).map((host) => ({ ...at(host), time: later / 1000 }));
    expect(all.add(fresh, source, later)).toBeGreaterThan(500);
  });

  it("is the same again after it was written down", () => {
    const all = book();
    all.add(
      hosts(500).map((host, n) => heard(host, 1 + n)),
      source,
      NOW,
    );
    for (const [n, host] of hosts(100).entries()) all.good(at(host, 1 + n), NOW);
    const bytes = all.encode();
    const again = AddressBook.decode(bytes, new Rng(2));
    expect([again.size, again.triedCount]).toEqual([all.size, all.triedCount]);
    expect(again.encode()).toEqual(bytes);
  });

  it("says so of bytes that are none (property)", () => {
    const bytes = book().encode();
    void fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), flipped(bytes)), (damaged) => {
        expect(() => AddressBook.decode(damaged, new Rng(1))).toThrow(EngineError);
      }),
    );
  });
});
