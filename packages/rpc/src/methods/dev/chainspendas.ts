import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { EXAMPLE_ADDRESS } from "../examples.ts";
import {
  AMOUNT,
  DEV_ERRORS,
  feeOf,
  feeRate,
  readReceiver,
  receiver,
  withDev,
} from "./devMethod.ts";

export const chain_spendas: Method = defineMethod({
  name: "chain_spendas",
  category: "hidden",
  description:
    "Pays from the coins of anybody, without a signature.\nOther nodes refuse the blocks of this chain from then on.",
  arguments: [
    string("from", { text: "The owner: an address, or an output script in hex" }),
    receiver,
    AMOUNT,
    feeRate,
  ],
  results: [{ schema: hex("The transaction id") }],
  errors: DEV_ERRORS,
  examples: [[EXAMPLE_ADDRESS, EXAMPLE_ADDRESS, 0.5]],
  run: withDev(({ from, address, amount: value, fee_rate: rate }, dev, host) =>
    dev.spendAs(readReceiver(from, host), readReceiver(address, host), value, feeOf(rate)),
  ),
});
