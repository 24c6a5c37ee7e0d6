/** Coins to spend, and what left a mempool and why. */

import type { Outpoint, Txid } from "@chain/core";
import type { NodeEvent } from "../../src/events.ts";
import { coinbaseOf, mine, openNode, output, params, spend, type TestNode } from "./chains.ts";

export const genesisCoin: Outpoint = coinbaseOf(params.genesis);

/** A node with so many confirmed coins of 1,000,000 each. */
export async function withCoins(
  count: number,
  options: Parameters<typeof openNode>[0] = {},
): Promise<TestNode & { readonly coins: readonly Outpoint[] }> {
  const node = await openNode(options);
  const split = spend([genesisCoin], new Array<bigint>(count).fill(1_000_000n));
  await mine(node.chain, node.chain.tip, [split]);
  node.events.length = 0;
  return { ...node, coins: split.outputs.map((_, vout) => output(split, vout)) };
}

export function removals(events: readonly NodeEvent[]): [Txid, string][] {
  return events.flatMap((event) =>
    event.type === "transaction-removed" ? [[event.txid, event.why] as [Txid, string]] : [],
  );
}
