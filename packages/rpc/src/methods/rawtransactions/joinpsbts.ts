import { formatPsbt, joinPsbts } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { RPC_DESERIALIZATION_ERROR, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { EXAMPLE_PSBT, PSBTS, requirePsbt } from "../psbts.ts";
import { shuffleWith } from "../shuffle.ts";

export const joinpsbts: Method = defineMethod({
  name: "joinpsbts",
  category: "rawtransactions",
  description:
    "Joins multiple distinct PSBTs with different inputs and outputs into one PSBT with inputs and outputs from all of the PSBTs\nNo input in any of the PSBTs can be in more than one of the PSBTs.",
  arguments: [PSBTS],
  results: [{ schema: text("The base64-encoded partially signed transaction") }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "a text is no PSBT" },
    { code: RPC_INVALID_PARAMETER, when: "there are less than two, or two have the same input" },
  ],
  examples: [[[EXAMPLE_PSBT, EXAMPLE_PSBT]]],
  run: ({ txs }, { random }) => {
    // Core counts them before it reads them.
    const psbts = txs.length < 2 ? [] : txs.map(requirePsbt);
    const joined = joinPsbts(psbts, shuffleWith(random));
    if (joined.ok) return formatPsbt(joined.psbt);
    throw new RpcError(RPC_INVALID_PARAMETER, joined.reason);
  },
});
