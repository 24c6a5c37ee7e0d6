/** How nodes find each other: the address book, gossip, whom to call, and who must go. */

import { MINER, makeBlock, payment, TestChain } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import {
  MSG_BLOCK,
  MSG_WTX,
  type NetAddress,
  NODE_NETWORK,
  NODE_WITNESS,
  netAddress,
  type TimedAddress,
} from "@chain/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EngineError } from "../src/errors.ts";
import { AddressBook } from "../src/net/connecting/addressBook.ts";
import { type EvictionCandidate, selectEviction } from "../src/net/connecting/eviction.ts";
import { type Call, type Contact, OutboundSlots } from "../src/net/connecting/outboundSlots.ts";
import { AddressRelay } from "../src/net/gossip/addressRelay.ts";
import {
  groupOf,
  isLoopback,
  isPrivate,
  isRoutable,
  isUsable,
  keyOf,
} from "../src/net/kit/addresses.ts";

const NOW = 1_700_000_000_000;
const SECONDS = NOW / 1000;
const MINUTE = 60_000;
const at = (host: string, port = 8333): NetAddress => netAddress(host, port, NODE_NETWORK);
const heard = (host: string, port = 8333, age = 0): TimedAddress => ({
  ...at(host, port),
  time: SECONDS - age,
});
const source = at("9.9.9.9").ip;
/** Addresses in as many networks of their own. */
const hosts = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, i) => {
    const n = first + i;
    return `${20 + (n % 50)}.${Math.floor(n / 50) % 200}.${Math.floor(n / 10_000)}.1`;
  });

describe("AddressBook", () => {
  const book = () => new AddressBook(new Rng(1));

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
    // What nobody told us of can't become good.
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
      for (let draw = 0; draw < 20; draw++) expect(all.select(now)).toBeDefined();
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

  function flipped(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
    return fc.nat(bytes.length * 8 - 1).map((bit) => {
      const copy = bytes.slice();
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
      return copy;
    });
  }

  it("knows what is on the internet, as Core does", () => {
    const local =
      "0.0.0.0 0.1.2.3 127.0.0.1 127.255.0.1 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 198.18.0.1 198.19.255.255 169.254.1.1 100.64.0.1 100.127.0.1 192.0.2.1 198.51.100.9 203.0.113.200 255.255.255.255 :: ::1 2001:db8::1 fc00::1 fd00::1 fd87:d87e:eb43::1 fd6b:88c0:8724::1 fe80::1 2001:10::1 2001:1f::1 2001:20::1 2001:2f:ffff::1";
    const routable =
      "1.1.1.1 172.32.0.1 172.15.0.1 198.17.0.1 198.20.0.1 100.128.0.1 192.0.3.1 198.51.101.1 203.0.114.1 224.0.0.1 255.255.255.254 2001::1 2001:30::1 2001:db7::1 2002::1 64:ff9b::1 ff02::1 ::2";
    for (const host of local.split(" "))
      expect([host, isRoutable(at(host).ip)]).toEqual([host, false]);
    for (const host of routable.split(" "))
      expect([host, isRoutable(at(host).ip)]).toEqual([host, true]);
    // Neither is an address at all, not even on a machine of one's own.
    for (const host of ["fd87:d87e:eb43::1", "fd6b:88c0:8724::1"]) {
      expect(isUsable(at(host).ip)).toBe(false);
    }
  });

  it("knows kinds of addresses", () => {
    const kinds = (host: string) => {
      const { ip } = at(host);
      return [isUsable(ip), isLoopback(ip), isPrivate(ip)];
    };
    expect(kinds("8.8.8.8")).toEqual([true, false, false]);
    expect(kinds("127.3.2.1")).toEqual([true, true, false]);
    for (const host of [
      "10.1.2.3",
      "172.16.0.1",
      "192.168.7.7",
      "169.254.0.1",
      "100.64.0.1",
      "fd00::1",
      "fe80::1",
    ]) {
      expect([host, ...kinds(host)]).toEqual([host, true, false, true]);
    }
    for (const host of [
      "0.0.0.0",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "ff02::1",
      "2001:db8::1",
      "a name",
    ]) {
      expect([host, kinds(host)[0]]).toEqual([host, false]);
    }
    expect(kinds("::1")).toEqual([true, true, false]);
    expect(groupOf(at("8.8.1.1"))).toBe(groupOf(at("8.8.2.2", 1)));
    expect(groupOf(at("8.8.1.1"))).not.toBe(groupOf(at("8.9.1.1")));
    expect(groupOf(at("127.0.0.1", 1))).not.toBe(groupOf(at("127.0.0.1", 2)));
    expect(groupOf(at("2a00:1::1"))).toBe(groupOf(at("2a00:1:2::1")));
  });
});

describe("AddressRelay", () => {
  function setUp(own?: NetAddress, tellsLocal = true) {
    const random = new Rng(3);
    const book = new AddressBook(random);
    const relay = new AddressRelay({ book, random, own, tellsLocal });
    const join = (
      id: number,
      host: string,
      options: { inbound?: boolean; wantsV2?: boolean; seesUsAt?: Uint8Array } = {},
    ) =>
      relay.add(
        id,
        { address: at(host), inbound: true, wantsV2: false, seesUsAt: undefined, ...options },
        NOW,
      );
    return { book, relay, join };
  }

  it("asks those whom we have called, and tells all where we are", () => {
    const { join } = setUp(at("20.0.0.9", 3000));
    expect(join(1, "20.1.0.1", { inbound: false })).toMatchObject([
      { message: { command: "addr", addresses: [{ port: 3000, time: SECONDS }] } },
      { message: { command: "getaddr" } },
    ]);
  });

  it("tells callers where we are once they speak of addresses, in any way", () => {
    const { relay, join } = setUp(at("20.0.0.9", 3000));
    for (const id of [1, 2, 3]) expect(join(id, "20.1.0.1", { wantsV2: id === 1 })).toEqual([]);
    relay.received(1, [], NOW);
    relay.asked(2, NOW);
    expect(relay.tick(NOW)).toMatchObject([
      { peer: 1, message: { command: "addrv2", addresses: [{ network: 1, port: 3000 }] } },
      { peer: 2, message: { command: "addr", addresses: [{ port: 3000, time: SECONDS }] } },
    ]);
    expect(relay.tick(NOW)).toEqual([]);
  });

  it("passes on addresses of other networks, to those who understand them, and keeps none", () => {
    const { book, relay, join } = setUp();
    join(1, "20.1.0.1");
    for (const id of [2, 3]) join(id, `20.${id}.0.1`, { wantsV2: id === 2 });
    for (const id of [2, 3]) relay.received(id, [], NOW);
    const onion = {
      network: 4,
      address: new Uint8Array(32).fill(7),
      port: 8333,
      services: 9n,
      time: SECONDS,
    };
    for (const _ of [1, 2]) relay.received(1, [onion], NOW + 20_000);
    expect(relay.tick(NOW + 20 * MINUTE)).toEqual([
      { type: "send", peer: 2, message: { command: "addrv2", addresses: [onion] } },
    ]);
    expect(relay.tick(NOW + 40 * MINUTE)).toEqual([]);
    expect(book.size).toBe(0);
  });

  it("does not pass on the first that comes from whom it has asked, nor what has a wrong clock", () => {
    const { relay, join } = setUp();
    join(1, "20.1.0.1", { inbound: false });
    join(2, "20.2.0.1");
    relay.received(2, [], NOW);
    const told = (host: string, time = SECONDS) => {
      relay.received(1, [{ ...heard(host), time }], NOW);
      return relay.tick(NOW + 3_600_000);
    };
    expect(told("30.0.0.1")).toEqual([]);
    expect(told("30.0.0.2")).toMatchObject([{ peer: 2, message: { command: "addr" } }]);
    expect(told("30.0.0.3", SECONDS + 601)).toEqual([]);
    expect(told("30.0.0.4", SECONDS + 600)).toHaveLength(1);
    expect(told("30.0.0.5", SECONDS - 599)).toHaveLength(1);
    expect(told("30.0.0.6", SECONDS - 600)).toEqual([]);
  });

  it("passes on addresses without a port, as those of I2P are", () => {
    const { book, relay, join } = setUp();
    join(1, "20.1.0.1");
    join(2, "20.2.0.1", { wantsV2: true });
    relay.received(2, [], NOW);
    const i2p = {
      network: 5,
      address: new Uint8Array(32).fill(7),
      port: 0,
      services: 9n,
      time: SECONDS,
    };
    const later = NOW + 20_000;
    relay.received(1, [i2p, heard("30.0.0.1", 0)], later);
    expect(relay.tick(later + 20 * MINUTE)).toMatchObject([
      { peer: 2, message: { addresses: [i2p, { network: 1, port: 0 }] } },
    ]);
    expect(book.size).toBe(0);
  });

  it("ignores addresses of nodes that keep no blocks", () => {
    const { book, relay, join } = setUp();
    join(1, "20.1.0.1", { inbound: false });
    const useless = { ...heard("30.0.0.1"), services: NODE_WITNESS };
    relay.received(1, [useless, { ...heard("30.0.0.2"), services: 1024n }], NOW);
    expect(relay.counts(1)).toMatchObject({ processed: 1, limited: 0 });
    expect(book.size).toBe(1);
  });

  it("tells nothing local on networks of Bitcoin, as Core", () => {
    const own = at("127.0.0.1", 3000);
    const { book, relay, join } = setUp(own, false);
    const seesUsAt = own.ip;
    const question = { message: { command: "getaddr" } };
    const called = { inbound: false, seesUsAt };
    expect(join(1, "127.0.0.1", called)).toMatchObject([question]);
    join(2, "127.0.0.1", { seesUsAt });
    relay.received(2, [heard("127.0.0.1", 3001), heard("10.0.0.1"), heard("30.0.0.1")], NOW);
    relay.received(1, [heard("127.0.0.1", 3001), heard("10.0.0.1"), heard("30.0.0.1")], NOW);
    expect(book.size).toBe(1);
    book.add([heard("127.0.0.1", 3002)], source, NOW);
    expect(relay.asked(2, NOW)).toMatchObject([{ message: { addresses: [at("30.0.0.1")] } }]);
    // Listening on all addresses, it tells of one on the internet alone.
    const everywhere = setUp(at("0.0.0.0", 3000), false);
    expect(everywhere.join(1, "127.0.0.1", called)).toMatchObject([question]);
    const seen = { inbound: false, seesUsAt: at("30.0.0.1").ip };
    expect(everywhere.join(2, "127.0.0.1", seen)).toMatchObject([
      { message: { addresses: [{ ...at("30.0.0.1", 3000) }] } },
      question,
    ]);
  });

  it("says of itself only what can be reached from there", () => {
    const called = { inbound: false };
    const question = { message: { command: "getaddr" } };
    const local = setUp(at("127.0.0.1", 3000));
    expect(local.join(1, "20.1.0.1", called)).toMatchObject([question]);
    expect(local.join(2, "127.0.0.1", called)).toHaveLength(2);
    // Who has called us on the same machine knows.
    local.join(3, "127.0.0.1");
    local.relay.received(3, [], NOW);
    expect(local.relay.tick(NOW)).toEqual([]);
    // Listening on all addresses: where the peer sees us.
    const everywhere = setUp(at("0.0.0.0", 3000));
    expect(everywhere.join(1, "20.1.0.1", called)).toMatchObject([question]);
    const seesUsAt = at("20.5.5.5").ip;
    expect(everywhere.join(2, "20.1.0.1", { ...called, seesUsAt })).toMatchObject([
      { message: { addresses: [{ ip: at("20.5.5.5").ip, port: 3000 }] } },
      question,
    ]);
    expect(setUp().join(1, "127.0.0.1", called)).toMatchObject([question]);
  });

  it("takes no more from a peer than a slow trickle, unless we have asked", () => {
    const { book, relay, join } = setUp();
    join(1, "20.1.0.1");
    relay.received(
      1,
      hosts(20).map((host) => heard(host)),
      NOW,
    );
    expect(book.size).toBe(1);
    relay.received(
      1,
      hosts(20, 100).map((host) => heard(host)),
      NOW + 10 * 10_000,
    );
    expect(book.size).toBe(11);
    join(2, "20.2.0.1", { inbound: false });
    relay.received(
      2,
      hosts(900, 1_000).map((host) => heard(host)),
      NOW,
    );
    expect(book.size).toBeGreaterThan(500);
  });

  it("tells no more than a message holds, ourselves among it", () => {
    const { relay, join } = setUp(at("20.0.0.9", 3000));
    join(1, "20.1.0.1");
    relay.asked(1, NOW);
    const later = NOW + 10 * 24 * 60 * MINUTE;
    for (const talker of [2, 3]) join(talker, `20.${talker}.0.1`, { inbound: false });
    for (let n = 0; n < 2_000; n += 10) {
      const news = hosts(10, n).map((host) => ({ ...heard(host), time: later / 1000 }));
      relay.received(n < 1_000 ? 2 : 3, news, later);
    }
    const [action] = relay.tick(later).filter(({ peer }) => peer === 1);
    if (action?.type !== "send" || action.message.command !== "addr") throw new Error("no addr");
    const { addresses } = action.message;
    expect(addresses).toHaveLength(1_000);
    expect(addresses.at(-1)).toMatchObject({ port: 3000 });
  });

  it("keeps what is local to itself", () => {
    const { book, relay, join } = setUp(at("127.0.0.1", 3000));
    join(1, "20.1.0.1", { inbound: false });
    join(2, "127.0.0.1", { inbound: false });
    const told = [
      heard("127.0.0.1", 3001),
      heard("127.0.0.1", 3000),
      heard("0.0.0.0"),
      heard("192.168.0.1"),
    ];
    relay.received(1, told, NOW);
    expect(book.size).toBe(0);
    relay.received(2, told, NOW);
    expect(book.size).toBe(2); // all but ourselves and what is no address
  });

  it("passes news on to two others, the same all day, and never back", () => {
    const { relay, join } = setUp();
    for (let id = 1; id <= 8; id++) {
      join(id, `20.${id}.0.1`, { inbound: false });
      relay.received(id, [], NOW); // the answer to our question
    }
    const news = heard("30.0.0.1");
    relay.received(1, [news], NOW);
    relay.received(2, [news], NOW);
    const told = relay.tick(NOW + 20 * MINUTE).map(({ peer }) => peer);
    expect(told).toHaveLength(2);
    expect(told).not.toContain(1);
    // Old news and long lists go no further.
    relay.received(1, [heard("30.0.0.2", 1, 11 * 60)], NOW);
    relay.received(
      1,
      hosts(11, 60_000).map((host) => heard(host)),
      NOW,
    );
    expect(relay.tick(NOW + 40 * MINUTE)).toEqual([]);
  });

  it("answers getaddr to those who have called us, once", () => {
    const { book, relay, join } = setUp();
    book.add([heard("20.0.0.1"), heard("127.0.0.1", 3001)], source, NOW);
    join(1, "20.1.0.1");
    join(2, "20.2.0.1", { inbound: false });
    expect(relay.asked(1, NOW)).toMatchObject([
      { message: { addresses: [{ ip: at("20.0.0.1").ip }] } },
    ]);
    expect(relay.asked(1, NOW)).toEqual([]);
    expect(relay.asked(2, NOW)).toEqual([]);
    // Of a large book everybody gets the same part for a day.
    book.add(
      hosts(3_000).map((host) => heard(host)),
      source,
      NOW,
    );
    join(3, "20.3.0.1");
    join(4, "20.4.0.1");
    const [first] = relay.asked(3, NOW);
    const [second] = relay.asked(4, NOW + 60 * MINUTE);
    expect(first).toMatchObject({ message: { command: "addr" } });
    expect({ ...second, peer: 3 }).toEqual(first);
  });
});

describe("Outbound", () => {
  function setUp(
    options: { anchors?: NetAddress[]; mayCall?: (address: NetAddress) => boolean } = {},
  ) {
    const random = new Rng(5);
    const book = new AddressBook(random);
    const { anchors = [], mayCall = () => true } = options;
    return { book, outbound: new OutboundSlots(book, random, { anchors, mayCall }) };
  }
  const contact = ({ address, kind }: Call): Contact => ({ address, inbound: false, kind });

  it("fills eight places, and two for blocks alone, from networks that differ", () => {
    const { book, outbound } = setUp();
    const many = Array.from({ length: 400 }, (_, n) => `20.${n % 20}.1.${n >> 4}`);
    book.add(
      many.map((host) => heard(host)),
      source,
      NOW,
    );
    const contacts: Contact[] = [];
    for (let round = 0; round < 20; round++) {
      const calls = outbound.due(contacts, NOW + round);
      for (const call of calls) {
        outbound.answered(call.address, NOW);
        contacts.push(contact(call));
      }
    }
    const [all, alone] = [Array(8).fill("outbound"), Array(2).fill("block-relay")];
    expect(contacts.map(({ kind }) => kind)).toEqual([...all, ...alone]);
    expect(new Set(contacts.map(({ address }) => groupOf(address))).size).toBe(10);
    // One more, where that is asked for.
    const [extra] = outbound.due(contacts, NOW + 30_000, 1);
    expect(extra?.kind).toBe("outbound");
    outbound.failed((extra as Call).address, NOW + 30_000);
    // Now and then it finds out whether a new one works.
    const [feeler] = outbound.due(contacts, NOW + 60 * MINUTE);
    expect(feeler?.kind).toBe("feeler");
    expect(contacts.map(({ address }) => keyOf(address))).not.toContain(keyOf(feeler!.address));
  });

  it("waits ever longer for one that fails, and calls nobody it may not", () => {
    const { book, outbound } = setUp({ mayCall: ({ port }) => port !== 6666 });
    book.add([heard("20.0.0.1"), heard("20.1.0.1", 6666)], source, NOW);
    const waits: number[] = [];
    let now = NOW;
    for (let round = 0; round < 5; round++) {
      const began = now;
      let calls: readonly Call[] = [];
      while (calls.length === 0) {
        now += 500;
        calls = outbound.due([], now);
      }
      expect(calls.map(({ address }) => address.port)).toEqual([8333]);
      expect(outbound.due([], now)).toEqual([]); // while it is called
      outbound.failed(at("20.0.0.1"), now);
      waits.push(now - began);
    }
    for (const [n, wait] of waits.slice(1).entries()) {
      expect(wait).toBeGreaterThanOrEqual(5_000 * 2 ** n);
    }
  });

  it("goes back to its anchors first", () => {
    const anchors = [at("40.0.0.1"), at("41.0.0.1"), at("42.0.0.1")];
    const { outbound } = setUp({ anchors });
    expect(outbound.due([], NOW).map(({ address }) => keyOf(address))).toEqual(
      anchors.slice(0, 2).map(keyOf),
    );
  });
});

describe("eviction", () => {
  const candidate = (id: number, more: Partial<EvictionCandidate> = {}): EvictionCandidate => ({
    id,
    connectedAt: NOW + id,
    latencyMs: 100 + id,
    lastBlockAt: 0,
    lastTransactionAt: 0,
    relaysTransactions: true,
    group: `4 20.${id}`,
    local: false,
    groupRank: id,
    ...more,
  });

  it("keeps few, and of many parts with the youngest of the largest crowd", () => {
    expect(selectEviction([])).toBeUndefined();
    expect(selectEviction(Array.from({ length: 12 }, (_, id) => candidate(id)))).toBeUndefined();
    const honest = Array.from({ length: 40 }, (_, id) => candidate(id));
    const crowd = Array.from({ length: 30 }, (_, n) => candidate(100 + n, { group: "4 66.6" }));
    expect(selectEviction([...honest, ...crowd])).toBe(129 - 4); // four of them have lucky ranks
  });

  it("does not part with who is near, useful, old, or of our own machine", () => {
    const crowd = Array.from({ length: 60 }, (_, n) =>
      candidate(100 + n, {
        group: "4 66.6",
        latencyMs: 500,
        groupRank: 0,
        connectedAt: NOW + 1e6 + n,
      }),
    );
    for (const more of [
      { latencyMs: 1 },
      { lastBlockAt: NOW },
      { lastTransactionAt: NOW },
      { lastBlockAt: NOW, relaysTransactions: false },
      { connectedAt: NOW },
      { local: true, connectedAt: NOW + 9e6 },
      { groupRank: 1000 },
    ]) {
      const useful = candidate(1, {
        group: "4 66.6",
        latencyMs: 900,
        groupRank: 0,
        connectedAt: NOW + 2e6,
        ...more,
      });
      const gone = new Set<number>();
      let rest = [...crowd, useful];
      for (let n = 0; n < 30; n++) {
        const id = selectEviction(rest);
        if (id === undefined) break;
        gone.add(id);
        rest = rest.filter((each) => each.id !== id);
      }
      expect([more, gone.has(1)]).toEqual([more, false]);
      expect(gone.size).toBeGreaterThan(10);
    }
  });
});

describe("a network", () => {
  async function build(count: number): Promise<{ network: TestNetwork; nodes: TestNode[] }> {
    const network = new TestNetwork({ seed: 7 });
    const nodes: TestNode[] = [];
    for (let n = 0; n < count; n++) {
      const addressBook = new AddressBook(new Rng(100 + n));
      const central = nodes[0];
      nodes.push(
        await network.add(`node${n}`, {
          host: `20.${n}.0.1`,
          addressBook,
          ...(central === undefined ? {} : { connect: [central.address] }),
        }),
      );
    }
    return { network, nodes };
  }

  it("that began with one node whom all know goes on without it", async () => {
    const { network, nodes } = await build(6);
    const ready = ({ node }: TestNode) => node.peers().filter((peer) => peer.ready).length;
    const [central, ...others] = nodes as [TestNode, ...TestNode[]];
    await network.time.until("all know several", () => others.every((node) => ready(node) >= 3));
    await network.during(network.kill(central));
    const [first, last] = [others[0] as TestNode, others.at(-1) as TestNode];
    const block = makeBlock({
      parent: first.chain.tip,
      params: network.params,
      header: { time: Math.floor(network.time.now() / 1000) },
    });
    await network.during(first.node.submitBlock(block));
    await network.time.until("all have the block", () =>
      others.every(({ chain }) => chain.tip.hash === block.hash),
    );
    // A newcomer who knows but one of them finds the others.
    const late = await network.add("late", {
      host: "20.99.0.1",
      addressBook: new AddressBook(new Rng(999)),
      connect: [last.address],
    });
    await network.time.until("it knows several", () => ready(late) >= 3);
    await network.time.until(
      "it has the chain",
      () => late.chain.tip.hash === first.chain.tip.hash,
    );
    for (const { log } of nodes) expect(log.filter((line) => line.startsWith("error"))).toEqual([]);
    for (const { node } of [...others, late]) await network.during(node.stop());
  });

  it("keeps one connection between two, whoever calls", async () => {
    const { network, nodes } = await build(5);
    const others = nodes.map(({ node }) => node);
    const pairs = () => others.flatMap((node) => node.peers().filter(({ ready }) => ready)).length;
    // Ten pairs of five, each seen from both ends.
    await network.time.until("all know all", () => pairs() === 20);
    await network.time.pass(5 * MINUTE);
    expect(pairs()).toBe(20);
    for (const node of others) await network.during(node.stop());
  });

  it("does not choose whom it was told to call, not even as one of the last run", async () => {
    const network = new TestNetwork();
    const first = await network.add("first", { host: "20.1.0.1" });
    const services = NODE_NETWORK | NODE_WITNESS;
    const address = netAddress(first.address.host, first.address.port, services);
    const addressBook = new AddressBook(new Rng(1));
    const time = Math.floor(network.time.now() / 1000);
    addressBook.add([{ ...address, time }], source, network.time.now());
    const second = await network.add("second", {
      host: "20.2.0.1",
      connect: [first.address],
      anchors: [address],
      addressBook,
    });
    await network.time.pass(MINUTE);
    expect(second.node.peers().map(({ kind }) => kind)).toEqual(["manual"]);
    for (const { node } of [first, second]) await network.during(node.stop());
  });

  it("passes on what it can't call, but not what it knows no network of", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const talker = await Stranger.connect(network, node);
    const listener = await Stranger.connect(network, node);
    listener.say({ command: "addr", addresses: [] });
    const common = { services: 9n, time: Math.floor(network.time.now() / 1000), port: 7 };
    const i2p = { ...common, network: 5, address: new Uint8Array(32).fill(1) };
    const inIpv6 = (host: string) => ({ ...common, network: 2, address: at(host).ip });
    const others = [
      inIpv6("fd87:d87e:eb43::1"), // Tor, version 2
      inIpv6("fd6b:88c0:8724::1"), // Core's own tables
      inIpv6("::ffff:20.0.0.1"),
      { ...common, network: 0x99, address: new Uint8Array(3) },
      { ...common, network: 6, address: new Uint8Array(16).fill(1) }, // CJDNS begins with fc
    ];
    await network.time.pass(1_000);
    talker.say({ command: "addrv2", addresses: [...others, i2p] });
    const heardOf = () =>
      listener.received.flatMap((message) =>
        message.command === "addrv2" ? message.addresses : [],
      );
    await network.time.until("it hears of it", () => heardOf().some((one) => one.network === 5));
    expect(heardOf().filter((one) => one.port === common.port)).toEqual([i2p]);
  });

  it("lives on where looking at the time goes wrong, and says so", async () => {
    const network = new TestNetwork();
    const addressBook = new AddressBook(new Rng(1));
    const node = await network.add("node", { addressBook });
    await network.time.pass(5_000);
    addressBook.select = () => {
      throw new TypeError("a mistake");
    };
    await network.time.pass(10_000);
    expect(node.log.filter((line) => line.includes("TypeError: a mistake")).length).toBeGreaterThan(
      0,
    );
    expect((await Stranger.connect(network, node)).ready).toBe(true);
  });

  it("has connections for blocks alone, on which no transaction and no address travels", async () => {
    const network = new TestNetwork();
    const addressBook = new AddressBook(new Rng(1));
    const strangers: Stranger[] = [];
    for (let n = 0; n < 12; n++) {
      const address = { host: `20.${n}.0.1`, port: 8333 };
      network.listen(address, (connection) => {
        const stranger = new Stranger(network, "inbound");
        strangers.push(stranger);
        network.time.after(0, () => stranger.open(connection));
        return stranger.handler;
      });
      const { ip } = at(address.host);
      const services = NODE_NETWORK | NODE_WITNESS;
      addressBook.add([{ ...heard(address.host), services }], ip, NOW);
    }
    const source = new TestChain(network.params);
    const node = await network.add("node", { host: "30.0.0.1", addressBook });
    const now = () => ({ header: { time: Math.floor(network.time.now() / 1000) } });
    await network.during(node.chain.acceptBlock(source.mine(now()), { requested: true }));
    await network.time.until("all places are taken", () => node.node.peers().length === 10);
    await network.time.pass(1_000);
    const kinds = node.node.peers().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "block-relay")).toHaveLength(2);
    const quiet = strangers.filter(({ peer }) => peer?.relay === false);
    expect(quiet).toHaveLength(2);

    const paid = payment({
      coins: [source.coinbaseCoin(1)],
      key: MINER,
      outputs: [{ value: 1n, scriptPubKey: MINER.script }],
    });
    expect((await network.during(node.node.submitTransaction(paid))).ok).toBe(true);
    const next = source.mine(now());
    await network.time.pass(20_000);
    await network.during(node.node.submitBlock(next));
    await network.time.pass(1_000);
    const heardOf = (stranger: Stranger, command: string) =>
      stranger.received.some((message) => message.command === command);
    for (const stranger of quiet) {
      expect(
        ["addr", "addrv2", "getaddr", "feefilter"].filter((c) => heardOf(stranger, c)),
      ).toEqual([]);
      const inventories = stranger.received.filter((message) => message.command === "inv");
      expect(inventories).toMatchObject([{ items: [{ type: MSG_BLOCK, hash: next.hash }] }]);
    }
    const others = strangers.filter((stranger) => !quiet.includes(stranger) && stranger.ready);
    for (const stranger of others) expect(heardOf(stranger, "getaddr")).toBe(true);
    // Whoever tells of transactions all the same is no peer.
    const [first, second] = quiet as [Stranger, Stranger];
    first.say({ command: "inv", items: [{ type: MSG_WTX, hash: paid.wtxid }] });
    second.say({ command: "tx", transaction: paid });
    await first.isDropped();
    await second.isDropped();
  });

  it("looks for somebody else where all its peers keep the blocks from it", async () => {
    const network = new TestNetwork();
    const addressBook = new AddressBook(new Rng(1));
    const services = NODE_NETWORK | NODE_WITNESS;
    for (let n = 0; n < 10; n++) {
      const address = { host: `20.${n}.0.1`, port: 8333 };
      network.listen(address, (connection) => {
        const liar = new Stranger(network, "inbound");
        liar.onMessage = ({ command }) => {
          if (command === "getheaders") liar.say({ command: "headers", headers: [] });
        };
        network.time.after(0, () => liar.open(connection));
        return liar.handler;
      });
      addressBook.add([{ ...heard(address.host), services }], at(address.host).ip, NOW);
    }
    const node = await network.add("node", { host: "30.0.0.1", addressBook });
    await network.time.until("all places are taken", () => node.node.peers().length === 10);
    const honest = await network.add("honest", { host: "40.0.0.1" });
    const block = makeBlock({ parent: honest.chain.tip, params: network.params });
    await network.during(honest.chain.acceptBlock(block, { requested: true }));
    const { host, port } = honest.address;
    addressBook.add([{ ...heard(host, port), services }], at(host).ip, network.time.now());
    // A feeler may find it before, but does not stay.
    await network.time.until(
      "it has the block",
      () => node.chain.tip.hash === block.hash,
      60 * MINUTE,
    );
    await network.time.pass(10 * MINUTE);
    const kept = node.node.peers().filter(({ kind }) => kind === "outbound");
    expect(kept.map(({ address }) => address.host)).toContain(host);
    expect(kept.length).toBe(8);
  });

  it.each([
    [3000, 3000],
    [3000, 3001],
    [10_000, 3000],
  ])("keeps one of two calls that cross, on ports %i and %i", async (...ports) => {
    const network = new TestNetwork({ seed: 11 });
    const books = ports.map((_, n) => new AddressBook(new Rng(n)));
    const nodes: TestNode[] = [];
    for (const [n, port] of ports.entries()) {
      nodes.push(
        await network.add(`node${n}`, { host: `20.${n}.0.1`, port, addressBook: books[n]! }),
      );
    }
    const calls: boolean[] = [];
    for (const { node } of nodes) {
      node.subscribe((event) => {
        if (event.type === "peer-connected") calls.push(event.inbound);
      });
    }
    for (const [n, book] of books.entries()) {
      const { host, port } = nodes[1 - n]!.address;
      const time = Math.floor(network.time.now() / 1000);
      const services = NODE_NETWORK | NODE_WITNESS;
      book.add([{ ...at(host, port), services, time }], at(host).ip, network.time.now());
    }
    await network.time.pass(MINUTE);
    expect(calls.sort()).toEqual([false, false, true, true]); // each has called, and was called
    const peers = nodes.map(({ node }) => node.peers());
    expect(peers.map(({ length }) => length)).toEqual([1, 1]);
    expect(peers.flat().filter(({ inbound }) => inbound)).toHaveLength(1);
    for (const { node } of nodes) await network.during(node.stop());
  });
});
