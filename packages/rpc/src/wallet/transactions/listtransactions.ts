import type { Method } from "../../define/method.ts";
import { list, obj } from "../../define/result.ts";
import { boolean, integer, string } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_WALLET_INVALID_LABEL_NAME, RpcError } from "../../errors.ts";
import { requireLabel, walletMethod } from "../method.ts";
import { PAYMENT_SHAPE, type Payment, paymentsOf, TRANSACTION_SHAPE } from "./describe.ts";

const NO_LABEL = 'Label argument must be a valid label name or "*".';

export const listtransactions: Method = walletMethod({
  name: "listtransactions",
  description:
    "If a label name is provided, this will return only incoming transactions paying to addresses with the specified label.\nReturns up to 'count' most recent transactions ordered from oldest to newest while skipping the first number of \ntransactions specified in the 'skip' argument. A transaction can have multiple entries in this RPC response: one for each output that pays another, and one for each that pays the wallet.",
  arguments: [
    string("label", {
      text: 'If set, should be a valid label name to return only incoming transactions\nwith the specified label, or "*" to disable filtering and return all transactions.',
      aliases: ["dummy"],
      optional: true,
    }),
    integer("count", { text: "The number of transactions to return", fallback: 10 }),
    integer("skip", { text: "The number of transactions to skip", fallback: 0 }),
    boolean("include_watchonly", { text: "(DEPRECATED) No longer used", fallback: false }),
  ],
  results: [{ schema: list(obj({ ...PAYMENT_SHAPE, ...TRANSACTION_SHAPE }), "The payments") }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "the label is empty, or a number negative" },
    { code: RPC_WALLET_INVALID_LABEL_NAME, when: "the label is none" },
  ],
  examples: [[], ["*", 20, 100]],
  run: ({ label: given = "*", count, skip }, wallet, { host }) => {
    const label = given === "*" ? undefined : requireLabel(given);
    if (label === "") throw new RpcError(RPC_INVALID_PARAMETER, NO_LABEL);
    if (count < 0) throw new RpcError(RPC_INVALID_PARAMETER, "Negative count");
    if (skip < 0) throw new RpcError(RPC_INVALID_PARAMETER, "Negative from");
    const found: Payment[] = [];
    for (const each of [...wallet.ledger.transactions()].reverse()) {
      found.push(...paymentsOf(each, wallet, host, { isLong: true, label }));
      if (found.length >= count + skip) break;
    }
    return found.slice(skip, skip + count).reverse();
  },
});
