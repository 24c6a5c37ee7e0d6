/** A node that has the blocks of a chain which the test knows as well. */
import type { LocatedCoin } from "@chain/core";
import { TestChain } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { expect } from "vitest";

export const twin: TestChain = new TestChain();
for (let i = 0; i < 2; i++) twin.mine();

export const coin: LocatedCoin = twin.coinbaseCoin(1);

export async function nodeWithTwin(
  options: Parameters<TestNetwork["add"]>[1] = {},
): Promise<{ network: TestNetwork; node: TestNode }> {
  const network = new TestNetwork();
  const node = await network.add("node", options);
  for (const block of twin.blocks.slice(1)) await network.during(node.chain.acceptBlock(block));
  expect(node.chain.tip.hash).toBe(twin.tip.hash);
  return { network, node };
}
