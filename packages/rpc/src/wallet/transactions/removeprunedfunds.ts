import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { txid as txidArgument } from "../../define/types.ts";
import { RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import { EXAMPLE_TXID } from "../../methods/examples.ts";
import { walletMethod } from "../method.ts";

export const removeprunedfunds: Method = walletMethod({
  name: "removeprunedfunds",
  description:
    "Deletes the specified transaction from the wallet. Meant for use with pruned wallets and as a companion to importprunedfunds. This will affect wallet balances.",
  arguments: [
    txidArgument("txid", { text: "The hex-encoded id of the transaction you are deleting" }),
  ],
  results: [{ schema: none() }],
  errors: [{ code: RPC_WALLET_ERROR, when: "the wallet has no such transaction" }],
  examples: [[EXAMPLE_TXID]],
  waits: false,
  run: async ({ txid }, wallet) => {
    const { ledger } = wallet;
    if (ledger.transaction(txid) === undefined) {
      const message = `Transaction ${txid} does not belong to this wallet`;
      throw new RpcError(RPC_WALLET_ERROR, message);
    }
    ledger.removeTransaction(txid);
    await wallet.save();
    return null;
  },
});
