/** Raw transactions that were signed, and the outputs that a caller tells for it. Core: SignTransactionResultToJSON. */
import { bytesToHex, COIN, MAX_MONEY, type Transaction, type TxOutput } from "@chain/core";
import type { SignedRawTransaction } from "@chain/wallet/psbt";
import type { Argument } from "../define/argument.ts";
import {
  flag,
  hex,
  list as listOf,
  maybe,
  num,
  obj,
  type SchemaOf,
  text,
} from "../define/result.ts";
import { amount, hexText, integer, list, objectOf } from "../define/types.ts";
import { RPC_TYPE_ERROR, RpcError } from "../errors.ts";
import type { Json } from "../json/parse.ts";

const PREVIOUS = objectOf(
  "prevtx",
  [
    hexText("txid", { text: "The transaction id" }),
    integer("vout", { text: "The output number" }),
    hexText("scriptPubKey", { text: "output script" }),
    hexText("redeemScript", { text: "(required for P2SH) redeem script", optional: true }),
    hexText("witnessScript", {
      text: "(required for P2WSH or P2SH-P2WSH) witness script",
      optional: true,
    }),
    amount("amount", { text: "(required for Segwit inputs) the amount spent", optional: true }),
  ],
  { text: "A previous output" },
  (value): Json => value,
);

export const PREVIOUS_OUTPUTS: Argument<"prevtxs", readonly Json[] | undefined> = list(
  "prevtxs",
  PREVIOUS,
  { text: "The previous dependent transaction outputs", optional: true },
);

const ERRORS = listOf(
  obj({
    txid: hex("The hash of the referenced, previous transaction"),
    vout: num("The index of the output to spent and used as input"),
    witness: listOf(hex("An element"), "The witness"),
    scriptSig: hex("The hex-encoded signature script"),
    sequence: num("Script sequence number"),
    error: text("Verification or signing error related to the input"),
  }),
  "Script verification errors (if there are any)",
);

/** A transaction that was signed, and the inputs that were not. */
export interface DescribedSignatures {
  readonly hex: string;
  readonly complete: boolean;
  readonly errors?:
    | readonly {
        readonly txid: string;
        readonly vout: number;
        readonly witness: readonly string[];
        readonly scriptSig: string;
        readonly sequence: number;
        readonly error: string;
      }[]
    | undefined;
}

export const SIGNED: SchemaOf<DescribedSignatures> = obj({
  hex: hex("The hex-encoded raw transaction with signature(s)"),
  complete: flag("If the transaction has a complete set of signatures"),
  errors: maybe(ERRORS),
});

/** A signature of an input with a witness covers the amount. */
export function checkAmounts(
  { inputs }: Transaction,
  spent: readonly (TxOutput | undefined)[],
): void {
  inputs.forEach(({ witness }, i) => {
    const coin = spent[i];
    if (coin === undefined || coin.value !== MAX_MONEY || witness.length === 0) return;
    const value = `${coin.value / COIN}.${String(coin.value % COIN).padStart(8, "0")}`;
    const script = bytesToHex(coin.scriptPubKey).slice(0, 30);
    const message = `Missing amount for CTxOut(nValue=${value}, scriptPubKey=${script})`;
    throw new RpcError(RPC_TYPE_ERROR, message);
  });
}

export function describeSigned({
  transaction,
  complete,
  errors,
}: SignedRawTransaction): DescribedSignatures {
  const described = errors.flatMap(({ index, reason }) => {
    const input = transaction.inputs[index];
    if (input === undefined) return [];
    return {
      txid: input.prevout.txid,
      vout: input.prevout.vout,
      witness: input.witness.map((item) => bytesToHex(item)),
      scriptSig: bytesToHex(input.scriptSig),
      sequence: input.sequence,
      error: reason,
    };
  });
  return {
    hex: bytesToHex(transaction.toBytes()),
    complete,
    ...(described.length > 0 && { errors: described }),
  };
}
