/** Payments of a light node, reorganisations, and searches that begin again. */
import type { Transaction } from "@chain/core";
import { buildPayment, signTransaction } from "@chain/wallet";
import { expect, test } from "vitest";
import { type Light, newWorld, type World } from "./support/world.ts";

/** Pays a part of the first coin of the payee back to the node that mines, signed. */
function payBack({ payee, node }: World, one: Light, amount = 1_000n): Transaction {
  const coins = one.node.coins.map(({ outpoint, spent: _, ...coin }) => ({ outpoint, coin }));
  const { params, tip } = node.chain;
  const payment = buildPayment({
    coins,
    to: node.key.script,
    amount,
    fee: { type: "amount", amount: 1_000n },
    changeScript: payee.key.script,
    params,
    spendHeight: tip.height + 1,
  });
  if (!payment.ok) throw new RangeError(payment.reason);
  const signed = signTransaction(payment.transaction, payment.coins, () => payee.key);
  if (!signed.ok) throw new RangeError(signed.reason);
  return signed.transaction;
}

async function paidWorld(): Promise<World & { readonly one: Light }> {
  const world = await newWorld();
  const { simulation, node, payee, mine, serve, light } = world;
  await mine(2);
  await simulation.time.during(simulation.payments.pay(node, payee));
  await mine(1);
  const one = await light([serve(), node]);
  one.node.watch([payee.key.script], { height: 0 });
  one.node.start();
  await one.caughtUp();
  return { ...world, one };
}

test("a transaction that is broadcast is seen, then confirmed, and its coins are not free meanwhile", async () => {
  const world = await paidWorld();
  const { simulation, one, mine, balance, payee } = world;
  const { confirmed } = one.node.balance;
  const transaction = payBack(world, one);
  const { txid } = transaction;
  expect(one.node.fate(txid)).toBe("unknown");
  one.node.broadcast(transaction);
  expect(one.node.balance.leaving).toBe(confirmed);
  expect(one.node.coins).toEqual([]);
  await simulation.until("a peer has it", () => one.node.fate(txid) === "seen");
  await mine(1);
  await one.caughtUp();
  expect(one.node.fate(txid)).toBe("confirmed");
  expect(one.node.balance).toMatchObject({ confirmed: confirmed - 2_000n, leaving: 0n });
  expect(await balance(payee.key.script)).toBe(confirmed - 2_000n);
});

test("a payment survives a restart: its coins stay taken, and peers that come later are told", async () => {
  const world = await paidWorld();
  const { simulation, one, mine, payee, node, serve, light } = world;
  const before = one.node.balance;
  await one.node.stop();
  const alone = await light([], one.store);
  const transaction = payBack(world, alone);
  const forgotten = payBack(world, alone, 2_000n);
  const { txid } = transaction;
  alone.node.broadcast(forgotten);
  alone.node.forget(forgotten.txid);
  alone.node.broadcast(transaction);
  await alone.node.stop();

  const again = await light([serve(), node], one.store);
  expect(again.node.pending.map((each) => each.txid)).toEqual([txid]);
  expect(again.node.coins).toEqual([]);
  expect(again.node.balance.leaving).toBe(before.confirmed);
  again.node.start();
  await simulation.until("the node has it", () => node.chain.mempool.get(txid) !== undefined);
  await mine(1);
  await simulation.until("it is found", () => again.node.fate(txid) === "confirmed");
  await again.node.stop();
  const last = await light([], one.store);
  expect([last.node.pending, last.node.fate(txid)]).toEqual([[], "confirmed"]);
  expect(last.node.watched.isWatched(payee.key.script)).toBe(true);
});

test("a real node that takes it is asked for it, as Core is", async () => {
  const world = await newWorld();
  const { simulation, node, payee, mine, serve, light } = world;
  await mine(2);
  await simulation.time.during(simulation.payments.pay(node, payee));
  await mine(1);
  const filters = serve();
  filters.refuses = true;
  const one = await light([filters, node]);
  one.node.watch([payee.key.script], { height: 0 });
  one.node.start();
  await one.caughtUp();
  const transaction = payBack(world, one);
  one.node.broadcast(transaction);
  await simulation.until("the node has it", () => one.node.fate(transaction.txid) === "seen");
  expect(node.chain.mempool.get(transaction.txid)).toBeDefined();
});

test("one that all peers refuse is refused, and its coins are free again", async () => {
  const world = await newWorld();
  const { simulation, node, payee, mine, serve, light } = world;
  await mine(2);
  await simulation.time.during(simulation.payments.pay(node, payee));
  await mine(1);
  const peer = serve();
  peer.refuses = true;
  const one = await light([peer]);
  one.node.watch([payee.key.script], { height: 0 });
  one.node.start();
  await one.caughtUp();
  const transaction = payBack(world, one);
  one.node.broadcast(transaction);
  await simulation.until("it is refused", () => one.node.fate(transaction.txid) === "refused");
  expect(one.node.coins).toHaveLength(1);
  expect(one.node.balance.leaving).toBe(0n);
});

test("one whose coins another transaction has spent is refused", async () => {
  const world = await paidWorld();
  const { simulation, one, mine, node } = world;
  const loser = payBack(world, one, 5_000n);
  const winner = payBack(world, one, 6_000n);
  await simulation.time.during(node.node.submitTransaction(winner));
  await mine(1);
  await one.caughtUp();
  one.node.broadcast(loser);
  expect(one.node.fate(loser.txid)).toBe("refused");
  expect(one.node.fate(winner.txid)).toBe("confirmed");
});

test("a reorganisation takes payments back, until a block of the other branch has them", async () => {
  const { simulation, node, payee, mine, serve, light, balance } = await newWorld();
  await mine(2);
  await simulation.until("the payee has the blocks", () => payee.chain.tip.height === 2);
  const one = await light([serve()]);
  one.node.watch([payee.key.script], { height: 0 });
  one.node.start();
  simulation.partition([[payee]]);
  await simulation.time.during(simulation.payments.pay(node, payee));
  await mine(1);
  await one.caughtUp();
  const paid = await balance(payee.key.script);
  expect(one.node.balance).toMatchObject({ confirmed: paid, height: 3 });

  // Three blocks of another miner, whose reward is watched as well.
  await simulation.premine(payee, 3);
  simulation.heal();
  await simulation.until("the node follows", () => node.chain.tip.height === 5);
  await one.caughtUp();
  const mined = await balance(payee.key.script);
  expect(one.node.balance).toMatchObject({ confirmed: mined, height: 5 });
  const lost = one.events.flatMap((event) =>
    event.type === "transaction-unconfirmed" ? [event.transaction.txid] : [],
  );
  expect(lost).toHaveLength(1);

  await mine(1);
  await one.caughtUp();
  expect(one.node.balance.confirmed).toBe(mined + paid);
  expect(one.node.transaction(lost[0]!)?.height).toBe(6);
});

test("a script that is watched later is found by a search from its birthday", async () => {
  const world = await paidWorld();
  const { one, node, balance } = world;
  one.node.watch([node.key.script], { height: 3 });
  await one.caughtUp();
  // The reward of block 2 is before its birthday.
  const all = (await balance(node.key.script)) + (await balance(world.payee.key.script));
  expect(one.node.balance.confirmed).toBeLessThan(all);
  one.node.rescan(0);
  await one.caughtUp();
  expect(one.node.balance.confirmed).toBe(all);
});

test("a script that is watched again from an earlier block is searched from there, and once only", async () => {
  const world = await paidWorld();
  const { one, node, mine, serve, light, balance } = world;
  const { script } = node.key;
  one.node.watch([script], { height: 3 });
  await one.caughtUp();
  const late = one.node.transactions.length;
  // The other script was searched from block 0, and this one was not.
  one.node.watch([script], { height: 2 });
  await one.caughtUp();
  expect(one.node.transactions.length).toBeGreaterThan(late);
  one.node.watch([script], { height: 3 });
  expect(one.node.balance.isCurrent).toBe(true);

  await one.stop();
  const peer = serve();
  const again = await light([peer], one.store);
  again.node.start();
  await mine(1);
  await again.caughtUp();
  again.node.watch([script], { height: 2 });
  expect(again.node.balance.isCurrent).toBe(true);
  again.node.watch([script], { height: 0 });
  await again.caughtUp();
  const all = (await balance(script)) + (await balance(world.payee.key.script));
  const { confirmed, immature } = again.node.balance;
  expect(confirmed + immature).toBe(all);
});

test("without a birthday, blocks before are not of interest", async () => {
  const { payee, mine, serve, light, simulation, node } = await newWorld();
  await mine(5);
  const peer = serve();
  const one = await light([peer]);
  one.node.start();
  await one.caughtUp();
  one.node.watch([payee.key.script]);
  expect(one.node.balance).toMatchObject({ confirmed: 0n, height: 5, isCurrent: true });
  await simulation.time.during(simulation.payments.pay(node, payee));
  await mine(1);
  await one.caughtUp();
  expect(one.node.transactions).toHaveLength(1);
  expect(peer.asked.filter((command) => command === "getcfilters")).toHaveLength(1);
});
