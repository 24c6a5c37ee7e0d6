import { bytesToHex, Transaction } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";
import { CONSTRUCTION, constructTransaction } from "../construct.ts";
import { EXAMPLE_ADDRESS, EXAMPLE_TXID } from "../examples.ts";

export const createrawtransaction: Method<HeaderHost> = defineMethod({
  name: "createrawtransaction",
  category: "rawtransactions",
  description:
    "Create a transaction spending the given inputs and creating new outputs.\nOutputs can be addresses or data.\nReturns hex-encoded raw transaction.\nNote that the transaction's inputs are not signed, and it is not stored in the wallet or transmitted to the network.",
  arguments: CONSTRUCTION,
  results: [{ schema: hex("The transaction") }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "an input, output or number is out of range, or twice" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "an address is none of this network" },
  ],
  examples: [
    [[{ txid: EXAMPLE_TXID, vout: 0 }], [{ [EXAMPLE_ADDRESS]: 0.01 }]],
    [[{ txid: EXAMPLE_TXID, vout: 0 }], [{ data: "00010203" }]],
  ],
  run: (construction, host) =>
    bytesToHex(new Transaction(constructTransaction(construction, host)).toBytes()),
});
