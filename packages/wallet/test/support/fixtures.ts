import { bytesToHex, type LocatedCoin, sha256, type Txid } from "@chain/core";
import { PrivateKey } from "../../src/keys.ts";

/** Key number n, the same in every run. */
export function testKey(n: number, compressed = true): PrivateKey {
  return new PrivateKey(sha256(Uint8Array.of(n, n >> 8)), { compressed });
}

/** The coin number n of a script. */
export function testCoin(
  n: number,
  value: bigint,
  scriptPubKey: Uint8Array,
  about: { readonly height?: number; readonly coinbase?: boolean } = {},
): LocatedCoin {
  const txid = bytesToHex(sha256(Uint8Array.of(1, n, n >> 8))) as Txid;
  const { height = 1, coinbase = false } = about;
  return { outpoint: { txid, vout: n % 3 }, coin: { value, scriptPubKey, height, coinbase } };
}
