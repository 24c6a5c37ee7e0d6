/**
 * The key as libsecp256k1 is asked for it here: 33 bytes, or 65 that begin with 4. A hybrid key names the parity of y in
 * its first byte on top of y itself; where the two don't agree it is none, and nothing else is a key.
 */
export function plainPublicKey(key: Uint8Array): Uint8Array | undefined {
  const [prefix] = key;
  if (key.length === 33) return prefix === 2 || prefix === 3 ? key : undefined;
  if (key.length !== 65) return undefined;
  if (prefix === 4) return key;
  if ((prefix !== 6 && prefix !== 7) || ((key[64] as number) & 1) !== (prefix & 1))
    return undefined;
  const plain = key.slice();
  plain[0] = 4;
  return plain;
}

/** The compressed key of this x. @param parity of y: 1 is odd */
export function compressedKey(x32: Uint8Array, parity: 0 | 1): Uint8Array {
  const key = new Uint8Array(33);
  key[0] = 2 + parity;
  key.set(x32, 1);
  return key;
}
