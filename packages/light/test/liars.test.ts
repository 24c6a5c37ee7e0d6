/** Nobody that lies makes a light node wrong, as long as one peer is honest. The seed of a failure is in its message. */
import { Block, blockFilter, type Transaction } from "@chain/core";
import { NODE_NETWORK, NODE_WITNESS } from "@chain/wire";
import { describe, expect, test } from "vitest";
import type { Lies, ServingPeer } from "./support/servingPeer.ts";
import { type Light, newWorld, SEED, type World } from "./support/world.ts";

/** The filter of a block, as if it had no outputs but those of the first transaction. */
const omitting = (block: Block) =>
  blockFilter(new Block(block.header, block.transactions.slice(0, 1)), []);
const garbage = () => Uint8Array.of(0xfd, 0xff, 0xff, 1, 2, 3);
/** As many scripts as there are, each another one: only the coins that a block spends can be hidden so well. */
const hidingSpends = (block: Block) => blockFilter(block, []);

const banned = ({ events }: Light) =>
  events.flatMap((event) => (event.type === "peer-banned" ? [event.address.host] : []));
const hostsOf = (peers: readonly ServingPeer[]) => peers.map(({ address: { host } }) => host);

/** A chain in which the payee was paid, has paid, and was paid again. */
async function busyWorld(seed?: number): Promise<World> {
  const world = await newWorld(seed);
  const { simulation, node, payee, mine } = world;
  await mine(2);
  for (const [payer, to] of [
    [node, payee],
    [payee, node],
    [node, payee],
  ] as const) {
    await simulation.time.during(simulation.payments.pay(payer, to));
    await simulation.run(30_000);
    await mine(2);
  }
  return world;
}

/** The light node never shows another balance than one of the best chain at that height. */
async function expectTruth(world: World, peers: readonly ServingPeer[], within?: number) {
  const { payee, balance, light } = world;
  const one = await light(peers);
  one.node.watch([payee.key.script], { height: 0 });
  one.node.start();
  await one.caughtUp(within);
  const told = `seed ${world.simulation.seed}`;
  expect(one.node.balance.confirmed, told).toBe(await balance(payee.key.script));
  return one;
}

const PROVEN: readonly (readonly [string, Lies])[] = [
  ["leave out scripts", { filter: omitting }],
  ["are no filters", { filter: garbage }],
  ["are others than it announced", { givesOthers: true }],
  ["have too many scripts", { filter: (block) => blockFilter(block, [manyCoins()]) }],
];

/** Coins that no block spends. */
function manyCoins() {
  return Array.from({ length: 50 }, (_, i) => ({
    value: 1n,
    scriptPubKey: Uint8Array.of(2, i, 7),
    height: 1,
    coinbase: false,
  }));
}

describe("a peer whose filters", () => {
  test.each(PROVEN)("%s is banned, and an honest one is not", async (_, lies) => {
    const world = await busyWorld();
    const liar = world.serve(lies);
    const honest = [world.serve(), world.serve()];
    const one = await expectTruth(world, [liar, ...honest], 300_000);
    await world.simulation.until(
      "it is banned",
      () => banned(one).length > 0 || lies.givesOthers === true,
    );
    for (const host of hostsOf(honest)) expect(banned(one), `seed ${SEED}`).not.toContain(host);
  });

  test("hide what a block spends gains nothing by it", async () => {
    const world = await busyWorld();
    const honest = world.serve();
    const one = await expectTruth(world, [world.serve({ filter: hidingSpends }), honest]);
    expect(banned(one)).not.toContain(honest.address.host);
  });
});

describe("a peer that stalls", () => {
  test.each([
    ["filters", { withholds: "filters" }],
    ["filter headers", { withholds: "all" }],
    ["blocks", { withholds: "blocks" }],
    ["headers", { withholds: "headers" }],
  ] as const)("with %s costs time alone", async (_, lies) => {
    const world = await busyWorld();
    await expectTruth(world, [world.serve(lies), world.serve()], 600_000);
  });
});

test("a body that its header does not commit to is refused, and asked of another peer", async () => {
  const world = await busyWorld();
  const forged = (block: Block) =>
    new Block(block.header, [...block.transactions, block.transactions[0] as Transaction]);
  const liars = [world.serve({ block: forged }), world.serve({ block: forged })];
  const honest = world.serve();
  const one = await expectTruth(world, [...liars, honest]);
  expect(banned(one)).not.toContain(honest.address.host);
});

test("headers of little work do not count", async () => {
  const world = await busyWorld();
  const liar = world.serve({ ownChain: 5 });
  const one = await expectTruth(world, [liar, world.serve()]);
  expect(one.node.tip.hash).toBe(world.node.chain.tip.hash);
});

test("peers without filters serve headers and blocks, and no more is asked of them", async () => {
  const world = await busyWorld();
  const plain = world.serve({ services: NODE_NETWORK | NODE_WITNESS });
  await expectTruth(world, [plain, world.serve()]);
  expect(plain.asked).not.toContain("getcfheaders");
});

describe("eclipsed by nine of ten peers", () => {
  const LIES: readonly Lies[] = [
    { filter: omitting },
    { filter: omitting },
    { filter: hidingSpends },
    { filter: omitting, withholds: "blocks" },
    { filter: hidingSpends, withholds: "filters" },
    { withholds: "all" },
    { withholds: "headers" },
    { filter: garbage },
    { ownChain: 4, withholds: "blocks" },
  ];

  test("it has the balance and the chain of the honest one", async () => {
    const world = await busyWorld();
    const honest = world.serve();
    const one = await expectTruth(world, [...LIES.map(world.serve), honest], 1_200_000);
    expect(one.node.tip.hash).toBe(world.node.chain.tip.hash);
    expect(banned(one)).not.toContain(honest.address.host);
    // And it goes on.
    const { simulation, node, payee, mine, balance } = world;
    await simulation.time.during(simulation.payments.pay(node, payee));
    await mine(1);
    await one.caughtUp(1_200_000);
    expect(one.node.balance.confirmed, `seed ${SEED}`).toBe(await balance(payee.key.script));
  });

  test("until the honest one comes: then all is compared again", async () => {
    const world = await busyWorld();
    const { payee, light, balance, simulation } = world;
    const liars = [world.serve({ filter: omitting }), world.serve({ filter: omitting })];
    const first = await light(liars);
    first.node.watch([payee.key.script], { height: 0 });
    first.node.start();
    await first.caughtUp();
    expect(first.node.balance.confirmed).toBe(0n); // deceived: nobody is honest
    await first.stop();

    const honest = world.serve();
    const again = await light([...liars, honest], first.store);
    again.node.start();
    const truth = await balance(payee.key.script);
    await simulation.until(
      `the balance is right (seed ${simulation.seed})`,
      () => again.node.balance.isCurrent && again.node.balance.confirmed === truth,
    );
    expect(banned(again).sort()).toEqual(hostsOf(liars).sort());
  });
});
