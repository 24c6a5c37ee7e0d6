import { TestNetwork } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import { type NetAddress, NODE_WITNESS } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import { AddressRelay } from "../../../src/net/gossip/addressRelay.ts";
import { at, heard, hosts, NOW, SECONDS } from "../../support/addresses.ts";

const MINUTE = 60_000;

const source = at("9.9.9.9").ip;

describe("AddressRelay", () => {
  function setUp(own?: NetAddress, tellsLocal = true) {
    const random = new Rng(3);
    const book = new AddressBook(random);
    const relay = new AddressRelay({ book, random, own, tellsLocal });
    const join = (
      id: number,
      host: string,
      options: {
        inbound?: boolean;
        wantsV2?: boolean;
        seesUsAt?: Uint8Array;
        door?: string;
        isOnion?: boolean;
      } = {},
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
    // A node that has called us on the same machine knows.
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
    expect([1, 2, 9].map((peer) => relay.answers(peer))).toEqual([false, false, false]);
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
    // Elsewhere callers get another part, so that nobody sees by it that both places are one node.
    const answerAt = (id: number, door: string) => {
      join(id, `20.${id}.0.1`, { door });
      return relay.asked(id, NOW).map((action) => ({ ...action, peer: 3 }));
    };
    const elsewhere = answerAt(5, "onion 127.0.0.1 5");
    expect(elsewhere).not.toEqual([first]);
    expect(answerAt(6, "onion 127.0.0.1 5")).toEqual(elsewhere);
    // However many doors there are, no more than some parts are kept.
    for (let id = 100; id < 170; id++) answerAt(id, `door ${id}`);
    expect(answerAt(7, "onion 127.0.0.1 5")).not.toEqual(elsewhere);
  });

  it("does not tell callers of an onion service where else it is", () => {
    const { relay, join } = setUp(at("20.0.0.9", 3000));
    join(1, "127.0.0.1", { isOnion: true });
    relay.received(1, [], NOW);
    expect(relay.tick(NOW)).toEqual([]);
  });
});

describe("a network", () => {
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
});
