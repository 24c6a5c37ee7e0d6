/** A node that deletes its old blocks, and one whose database is made again when it starts. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createNode, findNetwork, startNode } from "@chain/fullnode";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import { identityOf } from "../src/identity.ts";
import { extraNonces } from "../src/node/extraNonces.ts";

const network = findNetwork({ network: "regtest" });

test("a node prunes, and its directory says so to the next", async () => {
  const directory = await temporaryDirectory();
  const identity = identityOf(network, network.params.defaultPort, directory);
  const settings = { identity, connect: [], bind: [], role: "central", rpc: { port: 0 } } as const;
  const small = { blockFileSize: 10_000, prune: { afterHeight: 100 } };
  const full = await createNode({ directory });
  await full.mine(320);
  const { tip } = full.chain;
  await full.close();

  const first = await startNode({ ...settings, ...small, rebuild: "index" });
  onTestFinished(() => first.stop());
  expect(first.chain.tip.hash).toBe(tip.hash);
  await first.chain.prune(320);
  // All blocks are in one file, which holds the last ones as well.
  expect(first.chain.prunedHeight).toBeUndefined();
  await first.stop();

  const again = await startNode({ ...settings, rebuild: "coins" });
  expect(again.chain.tip.hash).toBe(tip.hash);
  await again.stop();
});

test("small files can go, and a node that keeps all blocks does not start on what is left", async () => {
  const directory = await temporaryDirectory();
  const identity = identityOf(network, network.params.defaultPort, directory);
  const settings = { identity, connect: [], bind: [], role: "central", rpc: { port: 0 } } as const;
  const small = { blockFileSize: 10_000, prune: { afterHeight: 100 } };
  const first = await startNode({ ...settings, ...small });
  const source = await createNode();
  onTestFinished(() => source.close());
  for (const block of await source.mine(400)) {
    await first.chain.acceptBlock(block, { requested: true });
  }
  const files = () => readdirSync(join(identity.paths.database, "blocks")).length;
  const before = files();
  await first.chain.prune(400);
  const { prunedHeight = 0, tip } = first.chain;
  expect(prunedHeight).toBeGreaterThan(60);
  expect(files()).toBeLessThan(before);
  await first.stop();

  await expect(startNode(settings)).rejects.toMatchObject({
    code: "refused",
    message: expect.stringContaining(`blocks up to height ${prunedHeight} were pruned`),
    data: { option: "prune" },
  });
  await expect(createNode({ directory })).rejects.toMatchObject({ code: "refused" });
  await expect(startNode({ ...settings, ...small, rebuild: "coins" })).rejects.toMatchObject({
    message: expect.stringContaining("blocks were pruned"),
  });
  const second = await createNode({ directory, prune: {} });
  expect(second.chain.tip.hash).toBe(tip.hash);
  const [block] = await second.mine();
  expect(second.chain.tip.hash).toBe(block?.hash);
  await second.close();
});

test("an index of transactions needs all blocks", async () => {
  const wanted = { prune: {}, indexes: { transactions: true } };
  await expect(createNode(wanted)).rejects.toMatchObject({
    code: "usage",
    data: { option: "prune" },
  });
});

test("coinbases on one block are numbered, also where the chain comes back to it", () => {
  const [a, b] = ["aa", "bb"].map((hash) => ({ hash })) as [never, never];
  const chain: { tip: never } = { tip: a };
  const next = extraNonces(chain);
  expect([next(), next()]).toEqual([0, 1]);
  chain.tip = b;
  expect(next()).toBe(0);
  chain.tip = a;
  expect(next()).toBe(2);
});
