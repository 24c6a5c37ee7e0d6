import { spendableCoins } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, hex, list, num, obj } from "../../define/result.ts";
import { hexText, readHex } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";

export const listunspentbyscript: Method = defineMethod({
  name: "listunspentbyscript",
  category: "chain",
  description:
    "Returns what an output script has to spend, unconfirmed outputs included, and immature coinbases too.",
  arguments: [hexText("script", { text: "The output script" })],
  results: [
    {
      schema: obj({
        height: num("The height of the tip"),
        coins: list(
          obj({
            txid: hex("The transaction id"),
            vout: num("The output number"),
            amount: coins("The value"),
            height: num("The height of its block; of the next one while it is unconfirmed"),
            coinbase: flag("Whether a coinbase made it"),
            pending: flag("Whether it is unconfirmed"),
          }),
          "The outputs",
        ),
      }),
    },
  ],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "the script is not in hex" }],
  examples: [["76a914000000000000000000000000000000000000000088ac"]],
  run: async ({ script }, { chain }) => ({
    height: chain.tip.height,
    coins: (await spendableCoins(chain, readHex(script, "script"))).map(
      ({ outpoint, coin, pending }) => ({
        txid: outpoint.txid,
        vout: outpoint.vout,
        amount: coinsNumber(coin.value),
        height: coin.height,
        coinbase: coin.coinbase,
        pending,
      }),
    ),
  }),
});
