import { defineMethod, type Method } from "../../define/method.ts";
import { hex, num, obj } from "../../define/result.ts";
import { EXAMPLE_ADDRESS } from "../examples.ts";
import { AMOUNT, DEV_ERRORS, readReceiver, receiver, withDev } from "./devMethod.ts";

export const chain_fund: Method = defineMethod({
  name: "chain_fund",
  category: "hidden",
  description:
    "Makes a confirmed coin for somebody, in a block of its own: the mempool stays as it is.",
  arguments: [receiver, AMOUNT],
  results: [
    {
      schema: obj({
        txid: hex("The transaction id"),
        vout: num("The output index"),
        height: num("The height of the block"),
        blockhash: hex("The hash of the block"),
      }),
    },
  ],
  errors: DEV_ERRORS,
  examples: [[EXAMPLE_ADDRESS, 0.5]],
  run: withDev(async ({ address, amount: value }, dev, host) => {
    const coin = await dev.fund(readReceiver(address, host), value);
    const { txid, vout, height, hash } = coin;
    return { txid, vout, height, blockhash: hash };
  }),
});
