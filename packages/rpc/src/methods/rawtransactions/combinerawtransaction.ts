import { bytesToHex, type Coin } from "@chain/core";
import { combineRawTransactions } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { hexText, list } from "../../define/types.ts";
import { RPC_DESERIALIZATION_ERROR, RPC_VERIFY_ERROR, RpcError } from "../../errors.ts";
import { decodeTransaction } from "../decode.ts";
import { findCoins } from "../previousOutputs.ts";

export const combinerawtransaction: Method = defineMethod({
  name: "combinerawtransaction",
  category: "rawtransactions",
  description:
    "Combine multiple partially signed transactions into one transaction.\nThe combined transaction may be another partially signed transaction or a\nfully signed transaction.",
  arguments: [
    list("txs", hexText("hexstring", { text: "A hex-encoded raw transaction" }), {
      text: "The hex strings of partially signed transactions",
    }),
  ],
  results: [{ schema: hex("The hex-encoded raw transaction with signature(s)") }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "a text is no transaction, or there is none" },
    { code: RPC_VERIFY_ERROR, when: "an input is spent or unknown" },
  ],
  examples: [[["myhex1", "myhex2", "myhex3"]]],
  run: async ({ txs }, host) => {
    const [first, ...rest] = txs.map((text, i) => {
      const message = `TX decode failed for tx ${i}. Make sure the tx has at least one input.`;
      return decodeTransaction(text, { withoutWitness: true, message });
    });
    if (first === undefined) {
      throw new RpcError(RPC_DESERIALIZATION_ERROR, "Missing transactions");
    }
    const found = await findCoins(
      first.inputs.map(({ prevout }) => prevout),
      host,
    );
    const coins = found.filter((coin): coin is Coin => coin !== undefined);
    if (coins.length < found.length) {
      throw new RpcError(RPC_VERIFY_ERROR, "Input not found or already spent");
    }
    return bytesToHex(combineRawTransactions([first, ...rest], coins).toBytes());
  },
});
