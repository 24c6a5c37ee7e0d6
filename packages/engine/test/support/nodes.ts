/** A node on a virtual network that has some blocks, and payments of their coins. */

import type { LocatedCoin, Transaction } from "@chain/core";
import { payment, TestChain, testKey } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";

/** Mines so many blocks, and gives them to a node. */
export async function give(
  network: TestNetwork,
  node: TestNode,
  count: number,
): Promise<TestChain> {
  const source = new TestChain(network.params);
  for (let i = 0; i < count; i++) source.mine();
  for (const block of source.blocks.slice(1)) {
    await network.during(node.chain.acceptBlock(block, { requested: true }));
  }
  return source;
}

export async function nodeWith(
  blocks: number,
  options: ConstructorParameters<typeof TestNetwork>[0] = {},
): Promise<{
  readonly network: TestNetwork;
  readonly node: TestNode;
  readonly source: TestChain;
}> {
  const network = new TestNetwork(options);
  const node = await network.add("node");
  return { network, node, source: await give(network, node, blocks) };
}

export function moved(
  { outpoint, coin }: LocatedCoin,
  to: number,
  key?: ReturnType<typeof testKey>,
): Transaction {
  const outputs = [{ value: coin.value, scriptPubKey: testKey(to).script }];
  return payment({ coins: [{ outpoint, coin }], outputs, ...(key === undefined ? {} : { key }) });
}
