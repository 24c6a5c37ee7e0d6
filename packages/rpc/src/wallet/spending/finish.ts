/** Signs a transaction of `send` or `sendall`, and hands it in if so wished. Core: FinishTransaction. */
import { bytesToHex, Transaction, type TransactionFields } from "@chain/core";
import { extractTransaction, formatPsbt } from "@chain/wallet/psbt";
import { antiFeeSnipingLockTime } from "@chain/wallet/spending";
import { flag, hex, maybe, obj, type SchemaOf, text } from "../../define/result.ts";
import type { RpcHost } from "../../host.ts";
import type { RpcWallet } from "../host.ts";
import type { Options } from "./fund.ts";
import { commitPayment, spendTipOf } from "./payment.ts";
import { blankPsbt, fillPsbt } from "./walletPsbt.ts";

const NONFINAL: readonly number[] = [0xffff_fffd, 0xffff_fffe];

/** A transaction that was made, or as much of it as the wallet can sign. */
export interface Finished {
  readonly complete: boolean;
  readonly txid?: string | undefined;
  readonly hex?: string | undefined;
  readonly psbt?: string | undefined;
}

export const FINISHED: SchemaOf<Finished> = obj({
  complete: flag("If the transaction has a complete set of signatures"),
  txid: maybe(
    hex(
      "The transaction id for the send. Only 1 transaction is created regardless of the number of addresses.",
    ),
  ),
  hex: maybe(hex("If add_to_wallet is false, the hex-encoded raw transaction with signature(s)")),
  psbt: maybe(
    text(
      "If more signatures are needed, or if add_to_wallet is false, the base64-encoded (partially) signed transaction",
    ),
  ),
});

/** Nothing is awaited before its coins are spent: a caller that chose them in the same turn has them for itself. */
export async function finishTransaction(
  wallet: RpcWallet,
  host: RpcHost,
  given: TransactionFields,
  options: Options,
): Promise<Finished> {
  const maySnipe =
    options["locktime"] === undefined &&
    given.inputs.every(({ sequence }) => NONFINAL.includes(sequence));
  const lockTime = maySnipe
    ? antiFeeSnipingLockTime(spendTipOf(host), (length) => host.random.bytes(length))
    : given.lockTime;
  const filled = fillPsbt(wallet.ledger, blankPsbt(new Transaction({ ...given, lockTime })), {
    sign: !wallet.ledger.isLocked,
  });
  const transaction = filled.complete ? extractTransaction(filled.psbt) : undefined;
  const wantsPsbt = options["psbt"] === true;
  const adds = options["add_to_wallet"] !== false;
  const isAdded = adds && !wantsPsbt;
  if (transaction !== undefined && isAdded) await commitPayment(wallet, transaction);
  // The address for change has been given away.
  else await wallet.save();
  const showsPsbt = wantsPsbt || transaction === undefined || !adds;
  return {
    ...(showsPsbt && { psbt: formatPsbt(filled.psbt) }),
    ...(transaction !== undefined && { txid: transaction.txid }),
    ...(transaction !== undefined && !isAdded && { hex: bytesToHex(transaction.toBytes()) }),
    complete: transaction !== undefined,
  };
}
