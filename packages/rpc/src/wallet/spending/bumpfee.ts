import type { Method } from "../../define/method.ts";
import { hex, obj } from "../../define/result.ts";
import { txid as txidArgument } from "../../define/types.ts";
import { RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import { EXAMPLE_TXID } from "../../methods/examples.ts";
import { walletMethod } from "../method.ts";
import { DESCRIPTION, ERRORS, FEES, feesOf, OPTIONS, prepareBump, replacementOf } from "./bump.ts";
import { commitPayment, signPayment } from "./payment.ts";

export const bumpfee: Method = walletMethod({
  name: "bumpfee",
  description: `Bumps the fee of a transaction T, replacing it with a new transaction B.\nA transaction with the given txid must be in the wallet.\n${DESCRIPTION}`,
  arguments: [txidArgument("txid", { text: "The txid to be bumped" }), OPTIONS],
  results: [{ schema: obj({ txid: hex("The id of the new transaction."), ...FEES }) }],
  errors: ERRORS,
  examples: [[EXAMPLE_TXID]],
  waits: false,
  run: async ({ txid, options }, wallet, { host }) => {
    if (wallet.ledger.hasFlag("disablePrivateKeys")) {
      const message =
        "bumpfee is not available with wallets that have private keys disabled. Use psbtbumpfee instead.";
      throw new RpcError(RPC_WALLET_ERROR, message);
    }
    const wish = await prepareBump(txid, options ?? {}, wallet, host);
    const made = replacementOf(wish, wallet, host, true);
    const transaction = signPayment(wallet, made);
    if (transaction === undefined) {
      throw new RpcError(RPC_WALLET_ERROR, "Can't sign transaction.");
    }
    const { comment, to } = wallet.ledger.transaction(txid)?.notes ?? {};
    await commitPayment(wallet, transaction, {
      ...(comment !== undefined && { comment }),
      ...(to !== undefined && { to }),
      replaces: txid,
    });
    return { txid: transaction.txid, ...feesOf(made) };
  },
});
