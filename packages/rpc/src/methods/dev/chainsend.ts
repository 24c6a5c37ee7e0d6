import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
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

export const chain_send: Method = defineMethod({
  name: "chain_send",
  category: "hidden",
  description: "Pays from an account, by a transaction that it signs.",
  arguments: [integer("account", { text: "The number of the account" }), receiver, AMOUNT, feeRate],
  results: [{ schema: hex("The transaction id") }],
  errors: DEV_ERRORS,
  examples: [[0, EXAMPLE_ADDRESS, 0.5]],
  run: withDev(({ account, address, amount: value, fee_rate: rate }, dev, host) =>
    dev.send(account, readReceiver(address, host), value, feeOf(rate)),
  ),
});
