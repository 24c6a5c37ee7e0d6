import type { LocatedCoin, Transaction } from "@chain/core";
import {
  mineBlock,
  type NodeConfig,
  type RunningNode,
  spendableCoins,
  startNode,
} from "@chain/fullnode";
import { onTestFinished } from "vitest";
import { payment, type TestKey, testKey } from "./blockFactory.ts";

/** A node in this process, on real TCP, that stops after the test. Calls nobody unless told to. */
export async function startTestNode(config: NodeConfig): Promise<RunningNode> {
  const node = await startNode({ connect: [], ...config });
  onTestFinished(() => node.stop());
  return node;
}

/** Pays all that a key has on this node's chain, or less, to another. */
export async function payAll(
  { chain }: Pick<RunningNode, "chain">,
  options: { readonly from?: TestKey; readonly to?: TestKey; readonly less?: bigint } = {},
): Promise<Transaction> {
  const { from = testKey(0), to = testKey(1), less = 0n } = options;
  const coins: readonly LocatedCoin[] = await spendableCoins(chain, from.script);
  const value = coins.reduce((sum, { coin }) => sum + coin.value, -less);
  return payment({ coins, key: from, outputs: [{ value, scriptPubKey: to.script }] });
}

/** Mines so many blocks on a node's tip. */
export async function mineTo(
  { chain }: Pick<RunningNode, "chain">,
  payTo: Uint8Array,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) await mineBlock(chain, payTo);
}
