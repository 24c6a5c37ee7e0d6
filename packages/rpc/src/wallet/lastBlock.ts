/** The block up to which a wallet has come. Core: AppendLastProcessedBlock. */
import { present } from "@chain/core/arguments";
import type { ChainPosition, WalletLedger } from "@chain/wallet/ledger";
import { hex, num, obj, type SchemaOf } from "../define/result.ts";

export const LAST_BLOCK: SchemaOf<{ readonly hash: string; readonly height: number }> = obj(
  {
    hash: hex("hash of the block this information was generated on"),
    height: num("height of the block this information was generated on"),
  },
  "hash and height of the block this information was generated on",
);

export function lastBlock({ tip }: Pick<WalletLedger, "tip">): ChainPosition {
  const { hash, height } = present(tip, "the position of a wallet that follows the chain");
  return { hash, height };
}
