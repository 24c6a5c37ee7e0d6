/** KEY expressions of descriptors: a public key, or one that is derived. Core: PubkeyProvider (descriptor.cpp). */
import { bytesToHex, hash160 } from "@chain/core";
import { type ExtendedKey, HARDENED } from "../extendedKey.ts";
import { type PrivateKey, toWif } from "../keys.ts";
import type { KeyOrigin, SigningProvider } from "../signingProvider.ts";
import { formatKeyPath, type RangeKind } from "./keyPath.ts";
import type { DescriptorParams } from "./params.ts";

/** Always public: private keys that were typed stand in a provider beside. */
export type KeyExpression = {
  /** The origin in brackets before the key. */
  readonly origin?: KeyOrigin | undefined;
  /** Whether hardened steps are printed with `'` rather than `h`. */
  readonly apostrophe: boolean;
} & (
  | {
      readonly type: "constant";
      /** 33 or 65 bytes. */
      readonly publicKey: Uint8Array;
      /** Printed in 32 bytes. */
      readonly xOnly: boolean;
    }
  | {
      readonly type: "extended";
      readonly root: ExtendedKey;
      readonly path: readonly number[];
      readonly range: RangeKind;
    }
);

/** Bytes of the public key in a script. */
export function keySize(key: KeyExpression): number {
  return key.type === "constant" ? key.publicKey.length : 33;
}

export function isRanged(key: KeyExpression): boolean {
  return key.type === "extended" && key.range !== "none";
}

/** The path of a key behind its root, at an index of its range. */
function fullPath(
  { path, range }: KeyExpression & { readonly type: "extended" },
  index: number,
): number[] {
  if (range === "none") return [...path];
  return [...path, range === "hardened" ? index + HARDENED : index];
}

/** The extended key with its private part, where that is known. */
export function privateRoot(
  { root }: KeyExpression & { readonly type: "extended" },
  keys: SigningProvider,
): ExtendedKey | undefined {
  const privateKey = keys.privateKey(root.publicKey);
  return privateKey === undefined ? undefined : root.withPrivateKey(privateKey);
}

/** A key of an index with its origin. */
export interface DerivedKey {
  readonly publicKey: Uint8Array;
  readonly origin: KeyOrigin;
  /** Only where it was asked for, and is known. */
  readonly privateKey?: PrivateKey | undefined;
}

/** Roots of key expressions with their private parts, which cost a multiplication each to make. */
export type PrivateRoots = Map<KeyExpression, ExtendedKey>;

/**
 * The key at an index.
 * @param roots takes the root of the key, and has it the next time
 * @returns `undefined` where only a private key that is missing could derive it
 */
export function deriveKey(
  key: KeyExpression,
  index: number,
  keys: SigningProvider,
  roots: PrivateRoots = new Map(),
): DerivedKey | undefined {
  if (key.type === "constant") {
    const { publicKey } = key;
    const privateKey = key.xOnly
      ? keys.privateKeyByX(publicKey.subarray(1))
      : keys.privateKey(publicKey);
    const own = { fingerprint: hash160(publicKey).slice(0, 4), path: [] };
    return { publicKey, origin: key.origin ?? own, privateKey };
  }
  const path = fullPath(key, index);
  const root = roots.get(key) ?? privateRoot(key, keys) ?? key.root;
  roots.set(key, root);
  const derived = root.derive(path);
  if (derived === undefined) return undefined;
  const origin =
    key.origin === undefined
      ? { fingerprint: key.root.fingerprint, path }
      : { fingerprint: key.origin.fingerprint, path: [...key.origin.path, ...path] };
  return { publicKey: derived.publicKey, origin, privateKey: derived.privateKey };
}

/** The key as text; hardened steps are marked as in what was parsed. */
export function formatKey(key: KeyExpression): string {
  return originPrefix(key) + body(key, key.type === "extended" ? key.root.toPublicString() : "");
}

/**
 * The key as text with its private part.
 * @returns `undefined` where that is not known
 */
export function formatPrivateKey(
  key: KeyExpression,
  keys: SigningProvider,
  params: DescriptorParams,
): string | undefined {
  if (key.type === "extended") {
    const root = privateRoot(key, keys)?.toPrivateString();
    return root === undefined ? undefined : originPrefix(key) + body(key, root);
  }
  const { privateKey } = deriveKey(key, 0, keys) ?? {};
  return privateKey === undefined ? undefined : originPrefix(key) + toWif(privateKey, params);
}

function originPrefix({ origin, apostrophe }: KeyExpression): string {
  if (origin === undefined) return "";
  return `[${bytesToHex(origin.fingerprint)}${formatKeyPath(origin.path, apostrophe)}]`;
}

function body(key: KeyExpression, root: string): string {
  if (key.type === "constant") {
    return bytesToHex(key.xOnly ? key.publicKey.subarray(1) : key.publicKey);
  }
  const mark = key.apostrophe ? "'" : "h";
  const range = { none: "", unhardened: "/*", hardened: `/*${mark}` }[key.range];
  return root + formatKeyPath(key.path, key.apostrophe) + range;
}
