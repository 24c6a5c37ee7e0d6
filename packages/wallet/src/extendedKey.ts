/** Extended keys (BIP-0032): a key and a chain code, from which other keys are derived. */

import { ArgumentError, type ChainParams, equalBytes } from "@chain/core";
import {
  present,
  requireArray,
  requireBytes,
  requireFields,
  requireInteger,
  requireString,
} from "@chain/core/arguments";
import { HDKey, type Versions } from "@scure/bip32";
import { WalletError } from "./errors.ts";
import { PrivateKey, requireKey } from "./keys.ts";

/** The version bytes that extended keys of a network begin with. */
export type ExtendedKeyParams = Pick<ChainParams, "bip32PublicPrefix" | "bip32PrivatePrefix">;

/** Added to an index of a path: only the private key can derive this child. */
export const HARDENED: number = 0x8000_0000;

/** Longer than any extended key. Base58 takes the square of the length. */
const MAX_TEXT = 120;
/** Depth is one byte. */
const MAX_DEPTH = 255;

/**
 * An extended key, private or public. Immutable. Printing or serialising one shows nothing secret: the private text
 * has a method of its own. Source: BIP-0032; Core: CExtKey, CExtPubKey.
 *
 * @example
 * const master = ExtendedKey.fromSeed(new Uint8Array(32).fill(7), regtest);
 * const account = master.derive([84 + HARDENED, 1 + HARDENED, 0 + HARDENED]);
 * account?.toPublicString() // "tpub…"
 */
export class ExtendedKey {
  readonly #node: HDKey;
  #parent: { readonly name: string; readonly node: HDKey } | undefined;

  private constructor(node: HDKey) {
    this.#node = node;
  }

  /**
   * Reads an extended key, private or public.
   * @returns `undefined` for a text that is no extended key of this network
   * @example ExtendedKey.parse(master.toPublicString(), regtest)?.depth // 0
   */
  static parse(text: string, params: ExtendedKeyParams): ExtendedKey | undefined {
    requireString(text, "text");
    requireExtendedKeyParams(params, "params");
    if (text.length > MAX_TEXT) return undefined;
    try {
      return new ExtendedKey(HDKey.fromExtendedKey(text, versionsOf(params)));
    } catch {
      return undefined;
    }
  }

  /**
   * The master key of a seed of 16 to 64 bytes.
   */
  static fromSeed(seed: Uint8Array, params: ExtendedKeyParams): ExtendedKey {
    requireBytes(seed, "seed");
    requireExtendedKeyParams(params, "params");
    if (seed.length < 16 || seed.length > 64) {
      throw new ArgumentError("seed", "a Uint8Array of 16 to 64 bytes", seed.length);
    }
    return new ExtendedKey(HDKey.fromMasterSeed(seed, versionsOf(params)));
  }

  /** Number of derivations between the master key and this one. */
  get depth(): number {
    return this.#node.depth;
  }

  /** 33 bytes. */
  get publicKey(): Uint8Array {
    return present(this.#node.publicKey ?? undefined, "the public key of an extended key");
  }

  /** The private key; `undefined` for an extended public key. */
  get privateKey(): PrivateKey | undefined {
    const bytes = this.#node.privateKey;
    return bytes === null ? undefined : new PrivateKey(bytes);
  }

  /** The first 4 bytes of the hash of the public key, which key origins name it by. */
  get fingerprint(): Uint8Array {
    return present(this.#node.pubKeyHash, "the hash of an extended key").slice(0, 4);
  }

  /** The same key without its private part. */
  neuter(): ExtendedKey {
    return this.#with({ publicKey: this.publicKey });
  }

  /**
   * The same key with its private part.
   * @throws WalletError `invalid-key` for the private key of another public key.
   */
  withPrivateKey(key: PrivateKey): ExtendedKey {
    requireKey(key, "key");
    const result = this.#with({ privateKey: key.toBytes() });
    if (equalBytes(result.publicKey, this.publicKey)) return result;
    throw new WalletError("invalid-key", "the private key of another extended key");
  }

  #with(
    key: { readonly publicKey: Uint8Array } | { readonly privateKey: Uint8Array },
  ): ExtendedKey {
    const { versions, depth, index, parentFingerprint, chainCode } = this.#node;
    const fields = {
      versions,
      depth,
      index,
      parentFingerprint,
      chainCode: present(chainCode ?? undefined, "the chain code of an extended key"),
    };
    return new ExtendedKey(new HDKey({ ...fields, ...key }));
  }

  /**
   * The key at the end of a path, private if this one is.
   * @param path indices, `HARDENED` added where only the private key can derive
   * @returns `undefined` for a hardened step of a public key, and below a depth of 255
   */
  derive(path: readonly number[]): ExtendedKey | undefined {
    requireArray(path, "path", requireIndex);
    if (this.depth + path.length > MAX_DEPTH) return undefined;
    const isPublic = this.#node.privateKey === null;
    if (isPublic && path.some((index) => index >= HARDENED)) return undefined;
    const last = path.at(-1);
    if (last === undefined) return this;
    return new ExtendedKey(this.#parentAt(path.slice(0, -1)).deriveChild(last));
  }

  /** Keeps the one of the last call: the keys of a range have all but the last step in common. */
  #parentAt(path: readonly number[]): HDKey {
    const name = path.join("/");
    if (this.#parent?.name !== name) {
      const node = path.reduce((above, index) => above.deriveChild(index), this.#node);
      this.#parent = { name, node };
    }
    return this.#parent.node;
  }

  /** The extended public key as text. */
  toPublicString(): string {
    return this.#node.publicExtendedKey;
  }

  /** The extended private key as text: a secret. `undefined` for an extended public key. */
  toPrivateString(): string | undefined {
    return this.#node.privateKey === null ? undefined : this.#node.privateExtendedKey;
  }
}

function requireIndex(value: unknown, name: string): void {
  requireInteger(value, name, 0, 0xffff_ffff);
}

export function requireExtendedKeyParams(value: unknown, name: string): void {
  requireFields(value, name, { bip32PublicPrefix: "number", bip32PrivatePrefix: "number" });
}

function versionsOf(params: ExtendedKeyParams): Versions {
  return { public: params.bip32PublicPrefix, private: params.bip32PrivatePrefix };
}
