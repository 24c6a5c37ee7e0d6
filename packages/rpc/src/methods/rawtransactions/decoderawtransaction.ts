import { defineMethod, type Method } from "../../define/method.ts";
import { obj } from "../../define/result.ts";
import { boolean, hexText } from "../../define/types.ts";
import { describeTransaction, transactionShape } from "../../describe/transaction.ts";
import { RPC_DESERIALIZATION_ERROR } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";
import { decodeTransaction } from "../decode.ts";

export const decoderawtransaction: Method<HeaderHost> = defineMethod({
  name: "decoderawtransaction",
  category: "rawtransactions",
  description: "Return a JSON object representing the serialized, hex-encoded transaction.",
  arguments: [
    hexText("hexstring", { text: "The transaction hex string" }),
    boolean("iswitness", {
      text: "Whether the transaction hex is a serialized witness transaction.\nIf iswitness is not present, heuristic tests will be used in decoding, because the bytes of one without inputs do not tell.",
      hint: "depends on heuristic tests",
    }),
  ],
  results: [{ schema: obj(transactionShape(false)) }],
  errors: [{ code: RPC_DESERIALIZATION_ERROR, when: "the text is no transaction" }],
  examples: [["hexstring"]],
  run: ({ hexstring, iswitness }, { chain }) => {
    const transaction = decodeTransaction(hexstring, {
      withWitness: iswitness !== false,
      withoutWitness: iswitness !== true,
      message: "TX decode failed",
    });
    return describeTransaction(transaction, chain.params, { showsHex: false });
  },
});
