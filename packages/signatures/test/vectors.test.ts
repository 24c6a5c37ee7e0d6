/** The libsecp256k1 bodies on Bitcoin Core's Taproot file and BIP-0340's vectors, as core's own body is in its tests. */
import { hexToBytes, type SignatureVerifier } from "@chain/core";
import { runScriptAssets } from "@chain/testing/scriptAssets";
import { vectors } from "@chain/testing/vectors";
import { describe, expect, test } from "vitest";
import { loadNativeVerifier } from "../src/native.ts";
import { loadWasmVerifier } from "../src/wasm.ts";

const bodies: readonly SignatureVerifier[] = [loadNativeVerifier(), await loadWasmVerifier()];

describe.each(bodies)("$name", (verifier) => {
  test("script_assets_test.json: each tenth of its good and spoilt spends", () => {
    const { runs, wrong } = runScriptAssets([], verifier, 10);
    expect(wrong).toEqual([]);
    expect(runs).toBeGreaterThan(350);
  });

  test("BIP-0340", () => {
    const cases =
      vectors<
        readonly {
          readonly public_key: string;
          readonly message: string;
          readonly signature: string;
          readonly verification_result: boolean;
        }[]
      >("bip340.js");
    expect(cases).toHaveLength(15);
    for (const { public_key: key, message, signature, verification_result: good } of cases) {
      const [bytes, hash, x] = [signature, message, key].map(hexToBytes);
      expect(verifier.verifySchnorr(bytes!, hash!, x!)).toBe(good);
    }
  });
});
