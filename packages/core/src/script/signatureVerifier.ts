import * as secp256k1 from "@noble/secp256k1";

/**
 * Checks signatures: the one expensive step of validation, so it can be exchanged for a faster body (native,
 * WebAssembly, worker threads). All bodies give the same answers, and none ever throws.
 */
export interface SignatureVerifier {
  /** For logs and benchmarks. */
  readonly name: string;
  /**
   * @param compact64 r‖s with s already low; zeros and numbers out of range do not verify
   * @param hash32 what was signed
   * @param publicKey 33 or 65 bytes as scripts hold them, hybrid ones (first byte 6 or 7) too; else false
   */
  verifyEcdsa(compact64: Uint8Array, hash32: Uint8Array, publicKey: Uint8Array): boolean;
}

/** In plain JavaScript, so it runs everywhere; about 400 signatures a second. */
export const nobleVerifier: SignatureVerifier = Object.freeze({
  name: "noble",
  verifyEcdsa(compact64: Uint8Array, hash32: Uint8Array, publicKey: Uint8Array): boolean {
    if (compact64.length !== 64 || hash32.length !== 32) return false;
    const key = withoutHybridPrefix(publicKey);
    if (key === undefined) return false;
    try {
      return secp256k1.verify(compact64, hash32, key, { prehash: false });
    } catch {
      return false;
    }
  },
});

/** A hybrid key names the parity of y in its first byte on top of y itself; libsecp256k1 takes it where both agree. */
function withoutHybridPrefix(key: Uint8Array): Uint8Array | undefined {
  const [prefix] = key;
  if (key.length !== 65 || (prefix !== 6 && prefix !== 7)) return key;
  if (((key[64] as number) & 1) !== (prefix & 1)) return undefined;
  const plain = key.slice();
  plain[0] = 4;
  return plain;
}
