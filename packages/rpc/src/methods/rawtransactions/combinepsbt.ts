import { combinePsbts, formatPsbt } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { RPC_DESERIALIZATION_ERROR, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { EXAMPLE_PSBT, PSBTS, requirePsbt } from "../psbts.ts";

export const combinepsbt: Method = defineMethod({
  name: "combinepsbt",
  category: "rawtransactions",
  description:
    "Combine multiple partially signed Bitcoin transactions into one transaction.\nImplements the Combiner role.",
  arguments: [PSBTS],
  results: [{ schema: text("The base64-encoded partially signed transaction") }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "a text is no PSBT" },
    { code: RPC_INVALID_PARAMETER, when: "there is none, or they are of different transactions" },
  ],
  examples: [[[EXAMPLE_PSBT, EXAMPLE_PSBT]]],
  run: ({ txs }) => {
    const combined = combinePsbts(txs.map(requirePsbt));
    if (combined.ok) return formatPsbt(combined.psbt);
    throw new RpcError(RPC_INVALID_PARAMETER, combined.reason);
  },
});
