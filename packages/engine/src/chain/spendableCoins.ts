import { equalBytes, type LocatedCoin, outpointKey } from "@chain/core";
import { requireBytes, requireFields } from "@chain/core/arguments";
import type { ChainManager } from "./manager.ts";

/** A coin that a payment may spend. */
export interface SpendableCoin extends LocatedCoin {
  /** A waiting transaction makes it: no block holds it yet, and its height is that of the next block. */
  readonly pending: boolean;
}

/**
 * Everything that a script has to spend: coins of the chain that no waiting transaction spends, and outputs of waiting
 * transactions. Immature coinbases are among them: the spender knows the height to compare with.
 * @example (await spendableCoins(chain, Uint8Array.of(0x51))).length // 0
 */
export async function spendableCoins(
  chain: ChainManager,
  scriptPubKey: Uint8Array,
): Promise<SpendableCoin[]> {
  requireFields(chain, "chain", {
    run: "function",
    unspentByScript: "function",
    mempool: "object",
  });
  requireBytes(scriptPubKey, "scriptPubKey");

  const { mempool } = chain;
  const confirmed = chain.unspentByScript(scriptPubKey)[Symbol.asyncIterator]();
  const pending: SpendableCoin[] = [];
  const spent = new Set<string>();
  // In the queue of the chain: a payment that is confirmed meanwhile would stand in neither half, or in both.
  const { first } = await chain.run(async () => {
    // The store has taken its snapshot when this returns. Where it has no index by script, the first coin may be long in
    // coming, and blocks do not wait for it.
    const first = confirmed.next();
    first.catch(() => {}); // it is awaited below
    for (const { transaction } of mempool.entries()) {
      for (const { prevout } of transaction.inputs) spent.add(outpointKey(prevout));
      for (const [vout, output] of transaction.outputs.entries()) {
        if (!equalBytes(output.scriptPubKey, scriptPubKey)) continue;
        const coin = { ...output, height: chain.tip.height + 1, coinbase: false };
        pending.push({ outpoint: { txid: transaction.txid, vout }, coin, pending: true });
      }
    }
    return { first };
  });
  const coins: SpendableCoin[] = [];
  for (let next = await first; next.done !== true; next = await confirmed.next()) {
    coins.push({ ...next.value, pending: false });
  }
  return [...coins, ...pending].filter(({ outpoint }) => !spent.has(outpointKey(outpoint)));
}
