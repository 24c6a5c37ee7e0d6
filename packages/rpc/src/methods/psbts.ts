/** PSBTs that callers give in base64. */
import { outpointKey, type Transaction, type TransactionFields, type Txid } from "@chain/core";
import {
  createPsbt,
  formatPsbt,
  PSBT_IN,
  PSBT_OUT,
  type Psbt,
  type PsbtKnowledge,
  type PsbtMap,
  parsePsbt,
} from "@chain/wallet/psbt";
import type { Argument } from "../define/argument.ts";
import { any, list, string } from "../define/types.ts";
import { RPC_DESERIALIZATION_ERROR, RpcError } from "../errors.ts";
import type { RpcHost } from "../host.ts";
import type { Json } from "../json/parse.ts";
import { confirmedTransaction, isIndexReady } from "./transactions.ts";

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

export const DESCRIPTOR: Argument<"descriptor", Json | undefined> = any("descriptor", {
  text: "An output descriptor, or an object with desc, and range: the end or [begin,end], 1000 by default",
  optional: true,
});

/** The knowledge of mempool, chain and index of transactions about the outputs that a PSBT spends. */
export async function knownOf(
  { transaction }: Psbt,
  host: RpcHost,
): Promise<Pick<PsbtKnowledge, "transactions" | "coins">> {
  const { chain } = host;
  const prevouts = transaction.inputs.map(({ prevout }) => prevout);
  const found = await chain.getCoins(prevouts);
  const coins = new Map(prevouts.map((prevout, i) => [outpointKey(prevout), found[i]]));
  await isIndexReady(host);
  const funding = new Map<Txid, Transaction | undefined>();
  for (const { txid } of prevouts) {
    const confirmed = await confirmedTransaction(host, txid);
    funding.set(txid, confirmed?.transaction ?? chain.mempool.get(txid)?.transaction);
  }
  return {
    transactions: (txid) => funding.get(txid),
    coins: (outpoint) => coins.get(outpointKey(outpoint)),
  };
}

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

const INPUT_ORIGINS = [PSBT_IN.BIP32_DERIVATION, PSBT_IN.TAP_BIP32_DERIVATION];
const OUTPUT_ORIGINS = [PSBT_OUT.BIP32_DERIVATION, PSBT_OUT.TAP_BIP32_DERIVATION];

/** Keeps the origins of keys that the caller gave. Core: HidingSigningProvider. */
export function withoutNewOrigins(signed: Psbt, given: Psbt): Psbt {
  const kept = (map: PsbtMap, before: PsbtMap | undefined, origins: readonly number[]) =>
    map.without(
      ({ type, keyData }) => origins.includes(type) && before?.get(type, keyData) === undefined,
    );
  let result = signed;
  signed.inputs.forEach((map, i) => {
    result = result.withInput(i, kept(map, given.inputs[i], INPUT_ORIGINS));
  });
  signed.outputs.forEach((map, i) => {
    result = result.withOutput(i, kept(map, given.outputs[i], OUTPUT_ORIGINS));
  });
  return result;
}
