import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { boolean, hexText } from "../../define/types.ts";
import { RPC_DESERIALIZATION_ERROR } from "../../errors.ts";
import { decodeTransaction } from "../decode.ts";
import { unsignedPsbt } from "../psbts.ts";

export const converttopsbt: Method = defineMethod({
  name: "converttopsbt",
  category: "rawtransactions",
  description:
    "Converts a network serialized transaction to a PSBT. This should be used only with createrawtransaction and fundrawtransaction\ncreatepsbt and walletcreatefundedpsbt should be used for new applications.",
  arguments: [
    hexText("hexstring", { text: "The hex string of a raw transaction" }),
    boolean("permitsigdata", {
      text: "If true, any signatures in the input will be discarded and conversion\nwill continue. If false, RPC will fail if any signatures are present.",
      fallback: false,
    }),
    boolean("iswitness", {
      text: "Whether the transaction hex is a serialized witness transaction.\nIf iswitness is not present, heuristic tests will be used in decoding, because the bytes of one without inputs do not tell.",
      hint: "depends on heuristic tests",
    }),
  ],
  results: [{ schema: text("The resulting raw transaction (base64-encoded string)") }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no transaction, or it has signatures" },
  ],
  examples: [["hexstring"]],
  run: ({ hexstring, permitsigdata, iswitness }) => {
    const transaction = decodeTransaction(hexstring, {
      withWitness: iswitness !== false,
      withoutWitness: iswitness !== true,
      message: "TX decode failed",
    });
    return unsignedPsbt(transaction, { dropSignatures: permitsigdata });
  },
});
