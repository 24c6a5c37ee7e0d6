import { LightNode, MemoryLightStore, verifyInclusion } from "@chain/light";
import { describe, expect, test } from "vitest";
import { newWorld } from "./support/world.ts";

describe("headers", () => {
  test("come from a full node, and are there after a restart", async () => {
    const { simulation, node, mine, light } = await newWorld();
    await mine(30);
    const one = await light([node]);
    one.node.start();
    await simulation.until("the headers are here", () => one.node.tip.height === 30);
    await mine(1);
    await simulation.until("the next is here", () => one.node.tip.hash === node.chain.tip.hash);
    await one.stop();

    const again = await light([], one.store);
    expect(again.node.tip.hash).toBe(node.chain.tip.hash);
    expect((await one.store.readHeaders()).length).toBe(31 * 80);
  });

  test("of a damaged store are asked for again", async () => {
    const { simulation, node, mine, light } = await newWorld();
    await mine(5);
    const one = await light([node]);
    one.node.start();
    await simulation.until("the headers are here", () => one.node.tip.height === 5);
    await one.stop();
    const bytes = await one.store.readHeaders();
    bytes[2 * 80 + 10]! ^= 1; // in the hash of its parent

    const again = await light([node], one.store);
    expect(again.node.tip.height).toBe(2);
    again.node.start();
    await simulation.until("all are here", () => again.node.tip.height === 5);
    expect((await one.store.readHeaders()).length).toBe(5 * 80);
  });
});

describe("a watched script", () => {
  test("has the balance that the full node knows, with a proof for each payment", async () => {
    const { simulation, node, payee, mine, serve, light, balance } = await newWorld();
    const { script } = payee.key;
    await mine(3);
    const one = await light([serve(), serve()]);
    one.node.watch([script], { height: 0 });
    one.node.start();
    await one.caughtUp();
    expect(one.node.balance).toMatchObject({ confirmed: 0n, height: 3 });

    expect(await simulation.time.during(simulation.payments.pay(node, payee))).toBe(true);
    await mine(2);
    await one.caughtUp();
    const paid = await balance(script);
    expect(paid).toBeGreaterThan(0n);
    expect(one.node.balance).toMatchObject({ confirmed: paid, immature: 0n, height: 5 });

    const [found] = one.node.transactions;
    const header = one.node.header(found!.height);
    expect(verifyInclusion(found!.transaction, found!.proof, header!)).toBe(true);
    expect(one.node.coins.map(({ value }) => value)).toEqual([paid]);
  });

  test("is found after a restart, and the search goes on where it stood", async () => {
    const { simulation, node, payee, mine, serve, light, balance } = await newWorld();
    const { script } = payee.key;
    await mine(2);
    await simulation.time.during(simulation.payments.pay(node, payee));
    await mine(2);
    const peer = serve();
    const one = await light([peer]);
    one.node.watch([script], { height: 0 });
    one.node.start();
    await one.caughtUp();
    await one.stop();
    peer.asked.length = 0;

    const again = await light([peer], one.store);
    expect(again.node.balance).toMatchObject({ confirmed: await balance(script), height: 4 });
    again.node.start();
    await again.caughtUp();
    // One question: whether the peer agrees with what is here.
    expect(peer.asked.filter((command) => command.startsWith("getc"))).toEqual(["getcfheaders"]);
  });
});

test("nothing is current before a peer with filters has shown that there is nothing more", async () => {
  const { node, simulation, payee, mine, serve, light } = await newWorld();
  const alone = await light([]);
  alone.node.watch([payee.key.script], { height: 1 });
  expect(alone.node.balance).toMatchObject({ height: 0, isCurrent: false });
  expect(alone.node.isTipCurrent).toBe(false);
  alone.node.start();

  // A node that has nothing but the first block has shown all.
  const first = await light([serve()]);
  first.node.watch([payee.key.script], { height: 1 });
  first.node.start();
  await first.caughtUp();
  expect(first.node.balance.height).toBe(0);

  await mine(3);
  const silent = await light([serve({ withholds: "headers" }), node]);
  silent.node.watch([payee.key.script], { height: 100 });
  silent.node.start();
  await simulation.until("the headers are here", () => silent.node.tip.height === 3);
  expect(silent.node.balance.isCurrent).toBe(false);
});

test("a store that can't be read is an error of ours", async () => {
  const { simulation } = await newWorld();
  const store = new MemoryLightStore();
  store.readHeaders = () => Promise.reject(new RangeError("no disk"));
  const { time: clock } = simulation;
  const options = { params: simulation.params, store, clock, timers: clock, userAgent: "/x/" };
  const random = simulation.random("x");
  const dialer = { dial: async () => {} };
  await expect(LightNode.open({ ...options, random, dialer, log: () => {} })).rejects.toMatchObject(
    { code: "store-failed" },
  );
});
