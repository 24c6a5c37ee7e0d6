import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
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

export const chain_faucet: Method = defineMethod({
  name: "chain_faucet",
  category: "hidden",
  description: "Pays somebody by a transaction that waits for a block.",
  arguments: [receiver, AMOUNT, feeRate],
  results: [{ schema: hex("The transaction id") }],
  errors: DEV_ERRORS,
  examples: [[EXAMPLE_ADDRESS, 0.5]],
  run: withDev(({ address, amount: value, fee_rate: rate }, dev, host) =>
    dev.faucet(readReceiver(address, host), value, feeOf(rate)),
  ),
});
