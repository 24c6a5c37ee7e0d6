/** @module @chain/signatures/wasm */
import type { SignatureVerifier } from "@chain/core";
import { importWasm } from "./importWasm.ts";
import { plainPublicKey } from "./publicKey.ts";
import { checked } from "./selfTest.ts";

/**
 * libsecp256k1 compiled to WebAssembly (by way of `tiny-secp256k1`): the same machine code everywhere, in a browser too.
 * @throws SignaturesError `unavailable`, `wrong-answers`.
 * @example (await loadWasmVerifier()).name // "wasm"
 */
export async function loadWasmVerifier(): Promise<SignatureVerifier> {
  const secp256k1 = await importWasm();
  return checked({
    name: "wasm",

    verifyEcdsa(compact64, hash32, publicKey) {
      const key = plainPublicKey(publicKey);
      if (key === undefined) return false;
      // It throws for what is no number or point, as for what has the wrong size.
      try {
        return secp256k1.verify(hash32, key, compact64, true);
      } catch {
        return false;
      }
    },

    verifySchnorr(signature64, hash32, publicKey32) {
      try {
        return secp256k1.verifySchnorr(hash32, publicKey32, signature64);
      } catch {
        return false;
      }
    },

    checkTaprootTweak(outputKey32, parity, internalKey32, tweak32) {
      if (parity !== 0 && parity !== 1) return false;
      try {
        return secp256k1.xOnlyPointAddTweakCheck(internalKey32, tweak32, outputKey32, parity);
      } catch {
        return false;
      }
    },
  });
}
