import { formatPsbt, updatePsbt } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { list } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
} from "../../errors.ts";
import { DESCRIPTOR, EXAMPLE_PSBT, knownOf, PSBT, requirePsbt } from "../psbts.ts";
import { providerOf } from "../scripts.ts";

export const utxoupdatepsbt: Method = defineMethod({
  name: "utxoupdatepsbt",
  category: "rawtransactions",
  description:
    "Updates all segwit inputs and outputs in a PSBT with data from output descriptors, the UTXO set, the index of transactions or the mempool.",
  arguments: [
    PSBT,
    list("descriptors", DESCRIPTOR, {
      text: "An array of either strings or objects",
      optional: true,
    }),
  ],
  results: [
    { schema: text("The base64-encoded partially signed transaction with inputs updated") },
  ],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no PSBT" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "a descriptor is none" },
    { code: RPC_INVALID_PARAMETER, when: "an object has no descriptor, or its range is none" },
  ],
  examples: [[EXAMPLE_PSBT]],
  run: async ({ psbt: given, descriptors = [] }, host) => {
    const provider = await providerOf(
      descriptors.map((each) => each ?? null),
      host,
    );
    const psbt = requirePsbt(given);
    return formatPsbt(updatePsbt(psbt, { provider, ...(await knownOf(psbt, host)) }));
  },
});
