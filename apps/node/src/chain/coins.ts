import { equalBytes, type LocatedCoin, type Outpoint, outpointKey } from "@chain/core";
import type { ChainManager } from "@chain/engine";

/** A coin that a payment may spend. */
export interface SpendableCoin extends LocatedCoin {
  /** A waiting transaction makes it: no block holds it yet, and its height is that of the next block. */
  readonly pending: boolean;
}

/**
 * What a script has to spend: coins of the chain that no waiting transaction spends, and outputs of waiting
 * transactions. Immature coinbases are among them: who spends knows the height to compare with.
 */
export async function spendableCoins(
  chain: ChainManager,
  scriptPubKey: Uint8Array,
): Promise<SpendableCoin[]> {
  const coins = new Map<string, SpendableCoin>();
  const add = (outpoint: Outpoint, coin: LocatedCoin["coin"], pending: boolean) => {
    coins.set(outpointKey(outpoint), { outpoint, coin, pending });
  };
  for await (const { outpoint, coin } of chain.unspentByScript(scriptPubKey)) {
    add(outpoint, coin, false);
  }
  // No await below, so nothing changes between these looks at the mempool.
  const { mempool, tip } = chain;
  for (const { transaction } of mempool.entries()) {
    for (const [vout, output] of transaction.outputs.entries()) {
      if (!equalBytes(output.scriptPubKey, scriptPubKey)) continue;
      const coin = { ...output, height: tip.height + 1, coinbase: false };
      const outpoint = { txid: transaction.txid, vout };
      if (!coins.has(outpointKey(outpoint))) add(outpoint, coin, true);
    }
  }
  return [...coins.values()].filter(({ outpoint }) => mempool.spenderOf(outpoint) === undefined);
}
