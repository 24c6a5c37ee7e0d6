/** Keys behind their last hardened step, so that the scripts of a descriptor need no private key. */
import { HARDENED } from "../extendedKey.ts";
import type { SigningProvider } from "../signingProvider.ts";
import { type KeyExpression, privateRoot } from "./keyExpression.ts";

/**
 * The same key with its hardened steps taken: they move into the origin, and the extended public key behind them becomes
 * the root. A key without hardened steps, or with a hardened range, stays as it is. Core: GetNormalizedString.
 * @returns `undefined` where the private key for a hardened step is missing
 */
export function normalizeKey(key: KeyExpression, keys: SigningProvider): KeyExpression | undefined {
  if (key.type === "constant" || key.range === "hardened") return { ...key, apostrophe: false };
  const last = key.path.findLastIndex((step) => step >= HARDENED);
  if (last < 0) return { ...key, apostrophe: false };
  const taken = key.path.slice(0, last + 1);
  const root = privateRoot(key, keys)?.derive(taken)?.neuter();
  if (root === undefined) return undefined;
  const origin =
    key.origin === undefined
      ? { fingerprint: key.root.fingerprint, path: taken }
      : { fingerprint: key.origin.fingerprint, path: [...key.origin.path, ...taken] };
  return { ...key, origin, apostrophe: false, root, path: key.path.slice(last + 1) };
}
