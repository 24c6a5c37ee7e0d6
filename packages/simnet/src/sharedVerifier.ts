import { bytesToHex, type SignatureVerifier } from "@chain/core";

/** Answers that are remembered; when there are more, all are forgotten. */
const MAX_ANSWERS = 100_000;

/**
 * Asks another verifier once for each signature, because a thousand nodes in one process check the same ones. It is for
 * simulations only: a real node has a cache of good transactions in front of its verifier.
 * @example
 * const verifier = sharedVerifier(nobleVerifier);
 * new Simulation({ seed: 1, settle, verifier }).seed // 1
 */
export function sharedVerifier(verifier: SignatureVerifier): SignatureVerifier {
  const answers = new Map<string, boolean>();
  const once = (parts: readonly (Uint8Array | number)[], ask: () => boolean): boolean => {
    const key = parts.map((part) => (typeof part === "number" ? part : bytesToHex(part))).join(" ");
    const known = answers.get(key);
    if (known !== undefined) return known;
    if (answers.size >= MAX_ANSWERS) answers.clear();
    const answer = ask();
    answers.set(key, answer);
    return answer;
  };
  return {
    name: `shared ${verifier.name}`,
    ...(verifier.sha256Of && { sha256Of: verifier.sha256Of }),
    verifyEcdsa: (signature, hash, publicKey) =>
      once([0, signature, hash, publicKey], () => verifier.verifyEcdsa(signature, hash, publicKey)),
    verifySchnorr: (signature, hash, publicKey) =>
      once([1, signature, hash, publicKey], () =>
        verifier.verifySchnorr(signature, hash, publicKey),
      ),
    checkTaprootTweak: (output, parity, internal, tweak) =>
      once([2, output, parity, internal, tweak], () =>
        verifier.checkTaprootTweak(output, parity, internal, tweak),
      ),
  };
}
