import { easyDevnet } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import { NODE_NETWORK, NODE_WITNESS, netAddress, parseIp } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import { Seeding } from "../../../src/net/connecting/seeding.ts";
import type { Resolver } from "../../../src/ports.ts";

const NOW = 1_700_000_000_000;

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("seeding", () => {
  function setUp(
    options: {
      readonly known?: number;
      readonly seedNodes?: number;
      readonly dnsSeeds?: readonly string[];
      readonly answer?: Resolver["resolve"] | undefined;
      readonly fixedSeeds?: readonly string[];
    } = {},
  ) {
    const random = new Rng(3);
    const book = new AddressBook(random);
    for (let n = 0; n < (options.known ?? 0); n++) {
      const host = `${20 + (n >> 8)}.${n & 255}.0.1`;
      const address = { ...netAddress(host, 8333, 9n), time: NOW / 1000 };
      book.add([address], address.ip, NOW);
    }
    const asked: string[] = [];
    const said: unknown[] = [];
    const { answer } = options;
    const resolver: Resolver = {
      resolve: (host) => {
        asked.push(host);
        return answer?.(host) ?? Promise.reject(new Error("no such host"));
      },
    };
    const seeding = new Seeding({
      book,
      random,
      port: 8333,
      resolver: "answer" in options ? resolver : undefined,
      dnsSeeds: options.dnsSeeds ?? [],
      log: (_level, _category, _message, fields) => said.push(fields),
      fixedSeeds: (options.fixedSeeds ?? []).map((host) => ({ host, port: 8333 })),
      seedNodes: Array.from({ length: options.seedNodes ?? 0 }, (_, n) => ({
        host: `30.0.0.${n}`,
        port: 1,
      })),
    });
    return { seeding, book, asked, said };
  }

  it("asks the named nodes one after the other, until one has told of others", () => {
    const { seeding, book, said } = setUp({ seedNodes: 3 });
    expect(seeding.due(0, NOW)).toEqual([{ host: "30.0.0.0", port: 1 }]);
    expect(seeding.due(0, NOW + 9_999)).toEqual([]);
    expect(seeding.due(0, NOW + 10_000)).toEqual([{ host: "30.0.0.1", port: 1 }]);
    book.add([{ ...netAddress("40.0.0.1", 8333, 9n), time: NOW / 1000 }], new Uint8Array(16), NOW);
    expect(seeding.due(2, NOW + 30_000)).toEqual([]);
    expect(said).toEqual(
      ["30.0.0.0:1", "30.0.0.1:1"].map((seed) => ({ event: "seed-asked", seed, isEmpty: true })),
    );
  });

  it("asks a named node as well where the addresses that it knows have led to no peers", () => {
    const { seeding, said } = setUp({ known: 5, seedNodes: 2 });
    expect(seeding.due(0, NOW)).toEqual([]);
    expect(seeding.due(1, NOW + 9_999)).toEqual([]);
    expect(seeding.due(1, NOW + 10_000)).toEqual([{ host: "30.0.0.0", port: 1 }]);
    expect(seeding.due(2, NOW + 20_000)).toEqual([]);
    expect(said).toEqual([{ event: "seed-asked", seed: "30.0.0.0:1", isEmpty: false }]);
  });

  /** Somebody to call, and the connections that came. */
  function answering() {
    const network = new TestNetwork();
    const address = { host: "10.0.0.2", port: 4000 };
    const calls: Stranger[] = [];
    network.listen(address, (connection) => {
      const stranger = new Stranger(network, "inbound");
      stranger.open(connection);
      calls.push(stranger);
      return stranger.handler;
    });
    return { network, address, calls };
  }

  it("asks a named node for addresses alone, for five minutes", async () => {
    const { network, address, calls } = answering();
    const { node } = await network.add("node");
    const began = network.time.now();
    await network.during(node.callAs("addr-fetch", address));
    const [asked] = calls as [Stranger];
    await asked.hears("getaddr");
    await network.time.pass(began + 295_000 - network.time.now());
    expect(asked.received.some(({ command }) => command === "getheaders")).toBe(false);
    expect(asked.ended).toBeUndefined();
    await asked.isDropped(10_000);
  });

  it("calls a named node again to stay, and has one connection with it", async () => {
    const { network, address, calls } = answering();
    const seeds = [address];
    await network.add("node", { seeds, addressBook: new AddressBook(new Rng(4)) });
    await network.time.until("it calls to stay", () => calls.length === 2);
    const [asked, stays] = calls as [Stranger, Stranger];
    await asked.isDropped(1_000);
    await stays.hears("getaddr");
    await stays.hears("getheaders");
    stays.say({ command: "headers", headers: [] });
    await network.time.pass(300_000);
    expect(stays.ended).toBeUndefined();
    expect(calls).toHaveLength(2);
  });

  it("asks DNS seeds, three at a time, where nothing is known, for nodes that offer what it needs", async () => {
    const { seeding, asked, book } = setUp({
      dnsSeeds: ["a.example", "b.example", "c.example", "d.example"],
      answer: async () => ["50.0.0.1", "nonsense", "0.0.0.0", "2001:4860::1"],
    });
    seeding.due(0, NOW);
    await settled();
    expect(asked).toHaveLength(3);
    expect(asked.every((host) => /^x9\.[abcd]\.example$/.test(host))).toBe(true);
    expect(book.size).toBe(2);
    const { address } = book.select(NOW) ?? {};
    expect(address).toMatchObject({ port: 8333, services: NODE_NETWORK | NODE_WITNESS });
    seeding.due(0, NOW + 10_000);
    expect(asked).toHaveLength(3);
    seeding.due(0, NOW + 11_000);
    expect(new Set(asked).size).toBe(4);
  });

  it("asks nobody as long as those whom it knows may do, or do", async () => {
    const few = setUp({ known: 5, dnsSeeds: ["a.example"], answer: async () => [] });
    for (const [peers, at] of [
      [0, 0],
      [1, 10_999],
      [2, 12_000],
    ] as const) {
      few.seeding.due(peers, NOW + at);
    }
    expect(few.asked).toEqual([]);
    few.seeding.due(1, NOW + 12_000);
    expect(few.asked).toHaveLength(1);
    const many = setUp({ known: 1_500, dnsSeeds: ["a.example"], answer: async () => [] });
    many.seeding.due(0, NOW);
    many.seeding.due(0, NOW + 299_999);
    expect(many.asked).toEqual([]);
    many.seeding.due(0, NOW + 300_000);
    expect(many.asked).toHaveLength(1);
  });

  it("takes the fixed ones where no seed helps, after a minute", async () => {
    const options = { dnsSeeds: ["a.example"], fixedSeeds: ["60.0.0.1", "60.1.0.1", "nowhere"] };
    const { seeding, book, asked } = setUp({ ...options, answer: undefined });
    seeding.due(0, NOW);
    await settled();
    expect(asked).toHaveLength(1);
    seeding.due(0, NOW + 59_999);
    expect(book.size).toBe(0);
    seeding.due(0, NOW + 60_000);
    expect(book.size).toBe(2);
    // Where nobody else can be asked, at once.
    const alone = setUp({ fixedSeeds: ["60.0.0.1"] });
    alone.seeding.due(0, NOW);
    expect(alone.book.size).toBe(1);
  });

  it("takes no more of one seed than its share", async () => {
    const flood = Array.from({ length: 5_000 }, (_, n) => `70.${n >> 8}.${n & 255}.9`);
    const { seeding, book } = setUp({ dnsSeeds: ["a.example"], answer: async () => flood });
    seeding.due(0, NOW);
    await settled();
    expect(book.size).toBeGreaterThan(20);
    expect(book.size).toBeLessThanOrEqual(32);
  });
});

describe("a node that knows nobody", () => {
  it("finds the network by a DNS seed of its parameters", async () => {
    const params = { ...easyDevnet(), dnsSeeds: ["seed.example"], defaultPort: 3_000 };
    const network = new TestNetwork({ params });
    const other = await network.add("other", { host: "20.0.0.1" });
    const node = await network.add("node", {
      host: "30.0.0.1",
      addressBook: new AddressBook(new Rng(1)),
      resolver: { resolve: async () => [other.address.host] },
    });
    await network.time.until("they have met", () => node.node.peers()[0]?.ready === true);
    expect(node.node.peers()).toMatchObject([{ kind: "outbound", address: other.address }]);
  });

  it("keeps no place for those who don't offer what it needs", async () => {
    const network = new TestNetwork();
    const random = new Rng(1);
    const addressBook = new AddressBook(random);
    const strangers: Stranger[] = [];
    for (const [n, services] of [0n, NODE_NETWORK, NODE_NETWORK | NODE_WITNESS].entries()) {
      const address = { host: `20.${n}.0.1`, port: 1 };
      network.listen(address, (connection) => {
        const stranger = new Stranger(network, "inbound", { services });
        strangers.push(stranger);
        network.time.after(0, () => stranger.open(connection));
        return stranger.handler;
      });
      // They are said to be better than they are.
      const ip = parseIp(address.host) as Uint8Array;
      addressBook.add([{ ip, port: 1, services: 9n, time: network.time.now() / 1000 }], ip, 0);
    }
    const node = await network.add("node", { host: "30.0.0.1", addressBook });
    await network.time.until("all are called", () => strangers.length === 3);
    await network.time.pass(1_000);
    expect(node.node.peers()).toMatchObject([{ services: 9n, ready: true }]);
    expect(addressBook.triedCount).toBe(1);
  });
});
