import { outpointKey, type Transaction, type Txid } from "@chain/core";
import { formatPsbt, updatePsbt } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { any, list } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
} from "../../errors.ts";
import { EXAMPLE_PSBT, PSBT, requirePsbt } from "../psbts.ts";
import { providerOf } from "../scripts.ts";
import { confirmedTransaction, isIndexReady } from "../transactions.ts";

export const utxoupdatepsbt: Method = defineMethod({
  name: "utxoupdatepsbt",
  category: "rawtransactions",
  description:
    "Updates all segwit inputs and outputs in a PSBT with data from output descriptors, the UTXO set, the index of transactions or the mempool.",
  arguments: [
    PSBT,
    list(
      "descriptors",
      any("descriptor", {
        text: "An output descriptor, or an object with desc, and range: the end or [begin,end], 1000 by default",
        optional: true,
      }),
      { text: "An array of either strings or objects", optional: true },
    ),
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
    const { chain } = host;
    const provider = await providerOf(
      descriptors.map((each) => each ?? null),
      host,
    );
    const psbt = requirePsbt(given);
    const prevouts = psbt.transaction.inputs.map(({ prevout }) => prevout);
    const found = await chain.getCoins(prevouts);
    const coins = new Map(prevouts.map((prevout, i) => [outpointKey(prevout), found[i]]));
    await isIndexReady(host);
    const funding = new Map<Txid, Transaction | undefined>();
    for (const { txid } of prevouts) {
      const confirmed = await confirmedTransaction(host, txid);
      funding.set(txid, confirmed?.transaction ?? chain.mempool.get(txid)?.transaction);
    }
    const updated = updatePsbt(psbt, {
      provider,
      transactions: (txid) => funding.get(txid),
      coins: (outpoint) => coins.get(outpointKey(outpoint)),
    });
    return formatPsbt(updated);
  },
});
