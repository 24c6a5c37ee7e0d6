/** Signs a payment, and hands it in. Core: SendMoney (wallet/rpc/spend.cpp). */
import type { Payee } from "@chain/wallet/spending";
import type { ErrorCase, ResultCase } from "../../define/method.ts";
import { hex, obj, type SchemaOf, text } from "../../define/result.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_TYPE_ERROR,
  RPC_WALLET_ERROR,
  RPC_WALLET_INSUFFICIENT_FUNDS,
  RPC_WALLET_UNLOCK_NEEDED,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { shuffleWith } from "../../methods/shuffle.ts";
import type { CommitDetails, RpcWallet } from "../host.ts";
import type { CoinControl } from "./control.ts";
import { commitPayment, makePayment, signPayment } from "./payment.ts";

interface Sent {
  readonly txid: string;
  readonly fee_reason: string;
}

export const SENT: readonly [ResultCase<SchemaOf<string>>, ResultCase<SchemaOf<Sent>>] = [
  {
    when: "if verbose is not set or set to false",
    given: { verbose: [false] },
    schema: hex("The transaction id."),
  },
  {
    when: "if verbose is set to true",
    given: { verbose: [true] },
    schema: obj({
      txid: hex("The transaction id."),
      fee_reason: text("The transaction fee reason."),
    }),
  },
];

export const SENDING_ERRORS: readonly ErrorCase[] = [
  { code: RPC_INVALID_PARAMETER, when: "a parameter is out of range, or contradicts another" },
  { code: RPC_INVALID_ADDRESS_OR_KEY, when: "an address is none of this network" },
  { code: RPC_TYPE_ERROR, when: "an amount is none" },
  { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
  { code: RPC_WALLET_ERROR, when: "the wallet has no private keys, or can't make the payment" },
  { code: RPC_WALLET_INSUFFICIENT_FUNDS, when: "no coins suffice" },
];

/** @throws RpcError -4, -6 */
export async function sendMoney(
  wallet: RpcWallet,
  host: RpcHost,
  control: CoinControl,
  payees: readonly Payee[],
  { verbose, ...details }: CommitDetails & { readonly verbose: boolean },
): Promise<string | Sent> {
  if (wallet.ledger.hasFlag("disablePrivateKeys")) {
    throw new RpcError(RPC_WALLET_ERROR, "Error: Private keys are disabled for this wallet");
  }
  const shuffled = shuffleWith(host.random)(payees);
  const spend = makePayment(wallet, host, control, shuffled);
  if (!spend.ok) throw new RpcError(RPC_WALLET_INSUFFICIENT_FUNDS, spend.reason);
  const transaction = signPayment(wallet, spend);
  if (transaction === undefined) {
    throw new RpcError(RPC_WALLET_INSUFFICIENT_FUNDS, "Signing transaction failed");
  }
  await commitPayment(wallet, transaction, details);
  const { txid } = transaction;
  return verbose ? { txid, fee_reason: spend.feeReason } : txid;
}
