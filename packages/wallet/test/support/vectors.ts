import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const data = new URL("test/data/", import.meta.resolve("bitcore-lib/package.json"));

/** A JSON file of test vectors from bitcore-lib, which has them from Bitcoin Core. */
export function vectors<T>(path: string): T {
  return JSON.parse(readFileSync(fileURLToPath(new URL(path, data)), "utf8")) as T;
}

/** One of Core's base58_keys_valid.json: text, payload in hex, and what it is. */
export type Base58Vector = readonly [
  text: string,
  payload: string,
  about: {
    readonly isPrivkey: boolean;
    readonly isTestnet: boolean;
    readonly isCompressed?: boolean;
    readonly addrType?: "pubkey" | "script";
  },
];
