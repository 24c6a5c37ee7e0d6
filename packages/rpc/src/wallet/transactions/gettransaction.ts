import { bytesToHex } from "@chain/core";
import type { Method } from "../../define/method.ts";
import { coins, hex, list, maybe, obj } from "../../define/result.ts";
import { boolean, txid as txidArgument } from "../../define/types.ts";
import { describeTransaction, transactionShape } from "../../describe/transaction.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { EXAMPLE_TXID } from "../../methods/examples.ts";
import { LAST_BLOCK, lastBlock } from "../lastBlock.ts";
import { walletMethod } from "../method.ts";
import {
  PAYMENT_SHAPE,
  paymentsOf,
  TRANSACTION_SHAPE,
  transactionFields,
  valueOut,
} from "./describe.ts";

export const gettransaction: Method = walletMethod({
  name: "gettransaction",
  description: "Get detailed information about in-wallet transaction <txid>",
  arguments: [
    txidArgument("txid", { text: "The transaction id" }),
    boolean("include_watchonly", { text: "(DEPRECATED) No longer used", fallback: false }),
    boolean("verbose", {
      text: "Whether to include a `decoded` field containing the decoded transaction (equivalent to RPC decoderawtransaction)",
      fallback: false,
    }),
  ],
  results: [
    {
      schema: obj({
        amount: coins("The amount"),
        fee: maybe(
          coins(
            "The amount of the fee. This is negative and only available for the\n'send' category of transactions.",
          ),
        ),
        ...TRANSACTION_SHAPE,
        details: list(obj(PAYMENT_SHAPE), "The payments"),
        hex: hex("Raw data for transaction"),
        decoded: maybe(
          obj(
            transactionShape(false),
            "The decoded transaction (only present when `verbose` is passed)",
          ),
        ),
        lastprocessedblock: LAST_BLOCK,
      }),
    },
  ],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "the wallet has no such transaction" }],
  examples: [[EXAMPLE_TXID], [EXAMPLE_TXID, false, true]],
  run: ({ txid, verbose }, wallet, { host }) => {
    const { ledger } = wallet;
    const known = ledger.transaction(txid);
    if (known === undefined) {
      const message = "Invalid or non-wallet transaction id";
      throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
    }
    const { transaction } = known;
    const { credit: paid, debit } = ledger.amounts(txid);
    // Core: CachedTxGetCredit.
    const credit = ledger.blocksToMaturity(txid) > 0 ? 0n : paid;
    const isFromMe = debit > 0n;
    const fee = isFromMe ? valueOut(transaction) - debit : 0n;
    return {
      amount: coinsNumber(credit - debit - fee),
      ...(isFromMe && { fee: coinsNumber(fee) }),
      ...transactionFields(known, wallet, host),
      details: paymentsOf(known, wallet, host, {}),
      hex: bytesToHex(transaction.toBytes()),
      ...(verbose && {
        decoded: describeTransaction(transaction, host.chain.params, { showsHex: false }),
      }),
      lastprocessedblock: lastBlock(ledger),
    };
  },
});
