import { bytesToHex, Transaction } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { boolean, long, unsigned } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER } from "../../errors.ts";
import { constructTransaction, INPUTS, OUTPUTS } from "../construct.ts";
import { EXAMPLE_ADDRESS, EXAMPLE_TXID } from "../examples.ts";

export const createrawtransaction: Method = defineMethod({
  name: "createrawtransaction",
  category: "rawtransactions",
  description:
    "Create a transaction spending the given inputs and creating new outputs.\nOutputs can be addresses or data.\nReturns hex-encoded raw transaction.\nNote that the transaction's inputs are not signed, and it is not stored in the wallet or transmitted to the network.",
  arguments: [
    INPUTS,
    OUTPUTS,
    long("locktime", {
      text: "Raw locktime. Non-0 value also locktime-activates inputs",
      fallback: 0,
    }),
    boolean("replaceable", {
      text: "Marks this transaction as BIP125-replaceable.\nAllows this transaction to be replaced by a transaction with higher fees. If provided, it is an error if explicit sequence numbers are incompatible.",
      hint: "true",
    }),
    unsigned("version", { text: "Transaction version", fallback: 2 }),
  ],
  results: [{ schema: hex("The transaction") }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "an input, output or number is out of range, or twice" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "an address is none of this network" },
  ],
  examples: [
    [[{ txid: EXAMPLE_TXID, vout: 0 }], [{ [EXAMPLE_ADDRESS]: 0.01 }]],
    [[{ txid: EXAMPLE_TXID, vout: 0 }], [{ data: "00010203" }]],
  ],
  run: ({ inputs, outputs, locktime, replaceable, version }, host) =>
    bytesToHex(
      new Transaction(
        constructTransaction({ inputs, outputs, locktime, replaceable, version }, host),
      ).toBytes(),
    ),
});
