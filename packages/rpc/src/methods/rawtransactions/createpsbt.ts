import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER } from "../../errors.ts";
import { CONSTRUCTION, constructTransaction } from "../construct.ts";
import { EXAMPLE_ADDRESS, EXAMPLE_TXID } from "../examples.ts";
import { unsignedPsbt } from "../psbts.ts";

export const createpsbt: Method = defineMethod({
  name: "createpsbt",
  category: "rawtransactions",
  description:
    "Creates a transaction in the Partially Signed Transaction format.\nImplements the Creator role.\nNote that the transaction's inputs are not signed, and\nit is not stored in the wallet or transmitted to the network.",
  arguments: CONSTRUCTION,
  results: [{ schema: text("The resulting raw transaction (base64-encoded string)") }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "an input, output or number is out of range, or twice" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "an address is none of this network" },
  ],
  examples: [
    [[{ txid: EXAMPLE_TXID, vout: 0 }], [{ [EXAMPLE_ADDRESS]: 0.01 }]],
    [[{ txid: EXAMPLE_TXID, vout: 0 }], [{ data: "00010203" }]],
  ],
  run: (construction, host) => unsignedPsbt(constructTransaction(construction, host)),
});
