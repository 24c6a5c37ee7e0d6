import { bytesToHex } from "@chain/core";
import { extractTransaction, finalizePsbt, formatPsbt } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag, hex, maybe, obj, text } from "../../define/result.ts";
import { boolean } from "../../define/types.ts";
import { RPC_DESERIALIZATION_ERROR } from "../../errors.ts";
import { EXAMPLE_PSBT, PSBT, requirePsbt } from "../psbts.ts";

export const finalizepsbt: Method = defineMethod({
  name: "finalizepsbt",
  category: "rawtransactions",
  description:
    "Finalize the inputs of a PSBT. If the transaction is fully signed, it will produce a\nnetwork serialized transaction which can be broadcast with sendrawtransaction. Otherwise a PSBT will be\ncreated which has the final_scriptSig and final_scriptwitness fields filled for inputs that are complete.\nImplements the Finalizer and Extractor roles.",
  arguments: [
    PSBT,
    boolean("extract", {
      text: "If true and the transaction is complete,\nextract and return the complete transaction in normal network serialization instead of the PSBT.",
      fallback: true,
    }),
  ],
  results: [
    {
      schema: obj({
        psbt: maybe(text("The base64-encoded partially signed transaction if not extracted")),
        hex: maybe(hex("The hex-encoded network transaction if extracted")),
        complete: flag("If the transaction has a complete set of signatures"),
      }),
    },
  ],
  errors: [{ code: RPC_DESERIALIZATION_ERROR, when: "the text is no PSBT" }],
  examples: [[EXAMPLE_PSBT]],
  run: ({ psbt, extract }) => {
    const { psbt: finalized, complete } = finalizePsbt(requirePsbt(psbt));
    const transaction = complete && extract ? extractTransaction(finalized) : undefined;
    return transaction === undefined
      ? { psbt: formatPsbt(finalized), complete }
      : { hex: bytesToHex(transaction.toBytes()), complete };
  },
});
