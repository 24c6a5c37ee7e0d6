/** PSBTs that callers give in base64. */
import type { TransactionFields } from "@chain/core";
import { createPsbt, formatPsbt, type Psbt, parsePsbt } from "@chain/wallet/psbt";
import type { Argument } from "../define/argument.ts";
import { list, string } from "../define/types.ts";
import { RPC_DESERIALIZATION_ERROR, RpcError } from "../errors.ts";

/** @throws RpcError -22 */
export function requirePsbt(text: string): Psbt {
  const parsed = parsePsbt(text);
  if (parsed.ok) return parsed.psbt;
  throw new RpcError(RPC_DESERIALIZATION_ERROR, `TX decode failed ${parsed.reason}`);
}

export const PSBT: Argument<"psbt", string> = string("psbt", { text: "A base64 string of a PSBT" });

export const PSBTS: Argument<"txs", readonly string[]> = list("txs", PSBT, {
  text: "The base64 strings of partially signed transactions",
});

/** A PSBT without inputs, for the examples of help texts. */
export const EXAMPLE_PSBT = "cHNidP8BAAoCAAAAAAAAAAAAAA==";

/** The PSBT of a transaction, with nothing known yet, in base64. @throws RpcError -22 where it has signatures */
export function unsignedPsbt(
  transaction: TransactionFields,
  options: { readonly dropSignatures?: boolean } = {},
): string {
  const created = createPsbt(transaction, options);
  if (created.ok) return formatPsbt(created.psbt);
  throw new RpcError(RPC_DESERIALIZATION_ERROR, created.reason);
}
