import { formatPsbt } from "@chain/wallet/psbt";
import type { Method } from "../../define/method.ts";
import { obj, text } from "../../define/result.ts";
import { txid as txidArgument } from "../../define/types.ts";
import { EXAMPLE_TXID } from "../../methods/examples.ts";
import { walletMethod } from "../method.ts";
import { DESCRIPTION, ERRORS, FEES, feesOf, OPTIONS, prepareBump, replacementOf } from "./bump.ts";
import { blankPsbt, fillPsbt } from "./walletPsbt.ts";

export const psbtbumpfee: Method = walletMethod({
  name: "psbtbumpfee",
  description: `Bumps the fee of a transaction T, replacing it with a new transaction B.\nReturns a PSBT instead of creating and signing a new transaction.\nA transaction with the given txid must be in the wallet.\n${DESCRIPTION}`,
  arguments: [txidArgument("txid", { text: "The txid to be bumped" }), OPTIONS],
  results: [
    {
      schema: obj({
        psbt: text("The base64-encoded unsigned PSBT of the new transaction."),
        ...FEES,
      }),
    },
  ],
  errors: ERRORS,
  examples: [[EXAMPLE_TXID]],
  waits: false,
  run: async ({ txid, options }, wallet, { host }) => {
    const wish = await prepareBump(txid, options ?? {}, wallet, host);
    const made = replacementOf(wish, wallet, host, false);
    await wallet.save();
    const { psbt } = fillPsbt(wallet.ledger, blankPsbt(made.transaction), { sign: false });
    return { psbt: formatPsbt(psbt), ...feesOf(made) };
  },
});
