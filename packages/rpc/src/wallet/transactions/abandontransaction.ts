import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { txid as txidArgument } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RpcError } from "../../errors.ts";
import { EXAMPLE_TXID } from "../../methods/examples.ts";
import { walletMethod } from "../method.ts";

export const abandontransaction: Method = walletMethod({
  name: "abandontransaction",
  description:
    'Mark in-wallet transaction <txid> as abandoned\nThis will mark this transaction and all its in-wallet descendants as abandoned which will allow\nfor their inputs to be respent.  It can be used to replace "stuck" or evicted transactions.\nIt only works on transactions which are not included in a block and are not currently in the mempool.\nIt has no effect on transactions which are already abandoned.',
  arguments: [txidArgument("txid", { text: "The transaction id" })],
  results: [{ schema: none() }],
  errors: [
    {
      code: RPC_INVALID_ADDRESS_OR_KEY,
      when: "the wallet has no such transaction, or it is in a block or in the mempool",
    },
  ],
  examples: [[EXAMPLE_TXID]],
  run: async ({ txid }, wallet) => {
    if (wallet.ledger.transaction(txid) === undefined) {
      const message = "Invalid or non-wallet transaction id";
      throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
    }
    if (!wallet.ledger.abandon(txid)) {
      const message = "Transaction not eligible for abandonment";
      throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
    }
    await wallet.save();
    return null;
  },
});
