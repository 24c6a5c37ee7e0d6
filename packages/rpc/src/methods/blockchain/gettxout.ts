import type { Coin, Outpoint } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, hex, none, num, obj } from "../../define/result.ts";
import { boolean, txid, unsigned } from "../../define/types.ts";
import { describeScript, scriptResult } from "../../describe/script.ts";
import type { RpcHost } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";
import { EXAMPLE_TXID } from "../examples.ts";

export const gettxout: Method = defineMethod({
  name: "gettxout",
  category: "blockchain",
  description: "Returns details about an unspent transaction output.",
  arguments: [
    txid("txid", { text: "The transaction id" }),
    unsigned("n", { text: "vout number" }),
    boolean("include_mempool", {
      text: "Whether to include the mempool. Note that an unspent output that is spent in the mempool won't appear.",
      fallback: true,
    }),
  ],
  results: [
    { when: "If the UTXO was not found", schema: none() },
    {
      when: "Otherwise",
      schema: obj({
        bestblock: hex("The hash of the block at the tip of the chain"),
        confirmations: num("The number of confirmations"),
        value: coins("The value in coins"),
        scriptPubKey: scriptResult,
        coinbase: flag("Coinbase or not"),
      }),
    },
  ],
  examples: [[EXAMPLE_TXID, 1]],
  run: ({ txid: name, n, include_mempool }, host) => {
    const { chain } = host;
    return chain.run(async () => {
      const coin = await unspent(host, { txid: name, vout: n }, include_mempool);
      if (coin === undefined) return null;
      return {
        bestblock: chain.tip.hash,
        // One of the mempool has the height of the next block.
        confirmations: chain.tip.height - coin.height + 1,
        value: coinsNumber(coin.value),
        scriptPubKey: describeScript(coin.scriptPubKey, chain.params),
        coinbase: coin.coinbase,
      };
    });
  },
});

async function unspent(
  { chain }: RpcHost,
  outpoint: Outpoint,
  includesMempool: boolean,
): Promise<Coin | undefined> {
  const { mempool } = chain;
  if (includesMempool) {
    if (mempool.spenderOf(outpoint) !== undefined) return undefined;
    const coin = mempool.coin(outpoint, chain.tip.height + 1);
    if (coin !== undefined) return coin;
  }
  return (await chain.getCoins([outpoint]))[0];
}
