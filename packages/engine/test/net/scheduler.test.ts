import { nobleVerifier } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import { describe, expect, it } from "vitest";
import { ChainManager } from "../../src/chain/manager.ts";
import { AddressBook } from "../../src/net/connecting/addressBook.ts";
import { Node } from "../../src/node.ts";
import type { NodeOptions } from "../../src/nodeOptions.ts";
import type { Connection } from "../../src/ports.ts";

async function setUp(options: Partial<NodeOptions>) {
  const network = new TestNetwork();
  const { time, params } = network;
  const waits: number[] = [];
  const timers: NodeOptions["timers"] = {
    after: (milliseconds, callback) => {
      waits.push(milliseconds);
      return time.after(milliseconds, callback);
    },
  };
  const log = () => {};
  const common = { clock: time, log };
  const chain = await network.during(
    ChainManager.open({
      ...common,
      timers: time,
      params,
      store: new MemoryStore(),
      verifier: nobleVerifier,
    }),
  );
  const node = new Node({
    ...common,
    chain,
    timers,
    random: new Rng(1),
    dialer: network.dialer,
    userAgent: "/ticks:1/",
    ...options,
  });
  const address = { host: "10.0.0.1", port: 3000 };
  network.listen(address, (connection) => node.accept(connection));
  node.start();
  const call = async () => {
    const stranger = new Stranger(network, "outbound");
    let end: Connection | undefined;
    const attach = (connection: Connection) => {
      end = connection;
      return stranger.handler;
    };
    await network.during(network.dialer.dial(address, attach));
    stranger.open(end as Connection);
    await network.time.until("the handshake", () => stranger.ready);
    return stranger;
  };
  return { network, chain, waits, call };
}

describe("a network", () => {
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
});

describe("ticks", () => {
  it("come each second", async () => {
    const { network, waits } = await setUp({});
    await network.time.pass(10_500);
    expect(waits).toEqual(Array(11).fill(1_000));
  });

  it("come rarely while no peer owes an answer, if so told, and each second else", async () => {
    const { network, chain, waits, call } = await setUp({ idleTickInterval: 60_000 });
    await network.time.pass(600_500);
    expect(waits).toEqual(Array(11).fill(60_000));
    const stranger = await call();
    await stranger.hears("getheaders");
    // The question for headers hangs in the air.
    waits.length = 0;
    await network.time.pass(10_000);
    expect(new Set(waits)).toEqual(new Set([1_000]));
    stranger.say({ command: "headers", headers: [] });
    await network.time.pass(10_000);
    expect(waits.at(-1)).toBe(60_000);
    // A block that is announced and never sent: the limit for it is kept to the second.
    const { header } = makeBlock({ parent: chain.tip, params: network.params });
    stranger.say({ command: "headers", headers: [header] });
    await stranger.hears("getdata");
    const asked = network.time.now();
    await stranger.isDropped(130_000);
    expect(Math.abs(network.time.now() - asked - 120_000)).toBeLessThan(2_000);
  });

  it("keep other time limits than Core's, if so told", async () => {
    const { network, call } = await setUp({ timeouts: { inactivity: 5_000, handshake: 1_000 } });
    const stranger = await call();
    const began = network.time.now();
    await stranger.isDropped();
    expect(Math.abs(network.time.now() - began - 5_000)).toBeLessThan(2_000);
  });
});
