/** Fuzzing of a whole node: strangers do their worst to it, and afterwards it must be of use to honest people. */
import { equalBytes } from "@chain/core";
import { testKey } from "@chain/testing/blockFactory";
import { heapUsed } from "@chain/testing/fuzz";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { expect } from "vitest";
import { AddressBook } from "../../src/net/connecting/addressBook.ts";
import { material } from "./fuzzMaterial.ts";
import { Hostile } from "./hostile.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Strangers that the node calls, and how often each of them answers a call. */
const CALLED = 3;
const MAX_CALLS = 3;
/** For all that a dozen peers may keep a node busy with, and what the test itself holds. */
const MAX_HEAP = 200_000_000;

/** Returns how many messages the strangers have sent. */
export async function nodeRound(rng: Rng): Promise<number> {
  const before = heapUsed();
  const network = new TestNetwork({ seed: rng.u32(), latency: rng.pick([1, 10, 300]) });
  const strangers: Hostile[] = [];
  const meet = () => {
    const stranger = new Hostile(rng, network.time, network.params.magic);
    strangers.push(stranger);
    return stranger;
  };
  const called = Array.from({ length: rng.below(CALLED + 1) }, (_, i) => ({
    host: `10.1.1.${i}`,
    port: 1,
  }));
  for (const address of called) {
    let calls = 0;
    network.listen(address, (connection) => {
      if (++calls <= MAX_CALLS) return meet().begin(connection);
      connection.close();
      return { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    });
  }
  const node = await network.add("node", {
    connect: called,
    ...(rng.chance(50) ? { addressBook: new AddressBook(new Rng(rng.u32())) } : {}),
  });
  await give(network, node, material.trunk);
  const callers = 1 + rng.below(6);
  for (let i = 0; i < callers; i++) {
    network.time.after(rng.small(MINUTE), () => {
      const stranger = meet();
      stranger.begin(network.connectStranger(node, stranger.handler));
    });
  }
  await network.time.pass(MINUTE);
  const over = () => strangers.every(({ done, ended }) => done || ended);
  await network.time.until("the strangers have said it all", over, 2 * HOUR);
  await network.time.pass(rng.pick([0, 5_000, MINUTE]));
  expect(heapUsed() - before).toBeLessThan(MAX_HEAP);
  await expectUnharmed(network, node);
  for (const each of network.nodes) await each.node.stop();
  return strangers.reduce((sum, { sent }) => sum + sent, 0);
}

async function give(network: TestNetwork, { chain }: TestNode, blocks: typeof material.trunk) {
  for (const block of blocks) {
    expect(await network.during(chain.acceptBlock(block, { requested: true }))).toMatchObject({
      ok: true,
    });
  }
}

/** An honest node knows more blocks, makes a payment, and gets a block that the node makes. */
async function expectUnharmed(network: TestNetwork, node: TestNode): Promise<void> {
  const honest = await network.add("honest", { connect: [node.address] });
  await give(network, honest, [...material.trunk, ...material.honest]);
  const together = () => node.chain.tip.hash === honest.chain.tip.hash;
  await network.time.until("the node follows the honest one", together, 2 * HOUR);
  const { honestPayment } = material;
  expect(await network.during(honest.node.submitTransaction(honestPayment))).toMatchObject({
    ok: true,
  });
  const arrived = () => node.chain.mempool.get(honestPayment.txid) !== undefined;
  await network.time.until("an honest payment arrives", arrived, HOUR);
  const mined = await network.during(node.miner(testKey(9).script).mineOne());
  expect(mined.transactions.map(({ txid }) => txid)).toContain(honestPayment.txid);
  await network.time.until(
    "its block reaches the honest one",
    () => honest.chain.tip.hash === mined.hash,
    HOUR,
  );
  const [ours, theirs] = await Promise.all(
    [node, honest].map(({ chain }) => network.during(chain.coinStatistics())),
  );
  expect(ours?.hash).toBe(theirs?.hash);
  const raw = await network.during(node.chain.getRawBlock(mined.hash));
  expect(raw !== undefined && equalBytes(raw, mined.toBytes())).toBe(true);
  expect(node.log.filter((line) => line.startsWith("error"))).toEqual([]);
}
