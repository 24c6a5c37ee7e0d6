import { hexToBytes, type SignatureVerifier } from "@chain/core";
import { requireBytes, requireNumber } from "@chain/core/arguments";
import { SignaturesError } from "./errors.ts";
import { compressedKey } from "./publicKey.ts";

// BIP-0340's test vector 1, and ECDSA of the same key over the same 32 bytes (RFC 6979, low s).
const PUBLIC_X = "dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659";
const MESSAGE = "243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89";
const SCHNORR =
  "6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de33418906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a";

const ECDSA =
  "b205a970e2fed06001bcd3864ce7a2c63291b531525d693dc2deeb92c91627de5c0cccd156282e5a477cd3541e210f4eb65eb3549b9f63725f92432f084dfed0";

/**
 * The verifier, once it has told a right signature from a wrong one, because a library that loads may still be broken
 * on this machine, and that would show only when the chain splits.
 * @throws TypeError where it does not.
 */
export function checked(verifier: SignatureVerifier): SignatureVerifier {
  const [key, message, schnorr, ecdsa] = [PUBLIC_X, MESSAGE, SCHNORR, ECDSA].map(hexToBytes) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const other = message.with(31, (message[31] as number) ^ 1);
  const nothing = new Uint8Array(32);
  const isRight =
    verifier.verifySchnorr(schnorr, message, key) &&
    !verifier.verifySchnorr(schnorr, other, key) &&
    verifier.verifyEcdsa(ecdsa, message, compressedKey(key, 0)) &&
    !verifier.verifyEcdsa(ecdsa, other, compressedKey(key, 0)) &&
    verifier.checkTaprootTweak(key, 0, key, nothing) &&
    !verifier.checkTaprootTweak(key, 1, key, nothing);
  if (!isRight) {
    const message = `the ${verifier.name} signature checks give wrong answers`;
    throw new SignaturesError("wrong-answers", message);
  }
  return Object.freeze({ ...verifier, ...guarded(verifier) });
}

/** The checks of keys and signatures, which name an argument that is not bytes: a script can't bring one, a caller can. */
function guarded(
  verifier: SignatureVerifier,
): Pick<SignatureVerifier, "verifyEcdsa" | "verifySchnorr" | "checkTaprootTweak"> {
  return {
    verifyEcdsa(compact64, hash32, publicKey) {
      requireBytes(compact64, "compact64");
      requireBytes(hash32, "hash32");
      requireBytes(publicKey, "publicKey");

      return verifier.verifyEcdsa(compact64, hash32, publicKey);
    },

    verifySchnorr(signature64, hash32, publicKey32) {
      requireBytes(signature64, "signature64");
      requireBytes(hash32, "hash32");
      requireBytes(publicKey32, "publicKey32");

      return verifier.verifySchnorr(signature64, hash32, publicKey32);
    },

    checkTaprootTweak(outputKey32, parity, internalKey32, tweak32) {
      requireBytes(outputKey32, "outputKey32");
      requireNumber(parity, "parity");
      requireBytes(internalKey32, "internalKey32");
      requireBytes(tweak32, "tweak32");

      return verifier.checkTaprootTweak(outputKey32, parity, internalKey32, tweak32);
    },
  };
}
