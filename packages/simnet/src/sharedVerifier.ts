import { bytesToHex, type SignatureVerifier } from "@chain/core";

/** Answers that are remembered; then it begins anew. */
const MAX_ANSWERS = 100_000;

/**
 * Asks another body once for each signature: what a thousand nodes check, they check in one process. For simulations
 * only: a real node has no use for it, as its own cache of good transactions is in front of it.
 */
export function sharedVerifier(body: SignatureVerifier): SignatureVerifier {
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
    name: `shared ${body.name}`,
    ...(body.sha256Of && { sha256Of: body.sha256Of }),
    verifyEcdsa: (signature, hash, publicKey) =>
      once([0, signature, hash, publicKey], () => body.verifyEcdsa(signature, hash, publicKey)),
    verifySchnorr: (signature, hash, publicKey) =>
      once([1, signature, hash, publicKey], () => body.verifySchnorr(signature, hash, publicKey)),
    checkTaprootTweak: (output, parity, internal, tweak) =>
      once([2, output, parity, internal, tweak], () =>
        body.checkTaprootTweak(output, parity, internal, tweak),
      ),
  };
}
