/** Keys and scripts for spending outputs: scripts, public keys with their origins, private keys, Taproot trees. */
import { ArgumentError, bytesToHex, concatBytes, hash160 } from "@chain/core";
import { optional, requireArray, requireBytes, requireFields } from "@chain/core/arguments";
import { type PrivateKey, requireKey } from "./keys.ts";
import type { TaprootOutput } from "./taproot.ts";

/** Where a key comes from: the fingerprint of a master key (4 bytes), and the path from it. BIP-0380. */
export interface KeyOrigin {
  readonly fingerprint: Uint8Array;
  readonly path: readonly number[];
}

const EVEN = /* @__PURE__ */ Uint8Array.of(2);
const ODD = /* @__PURE__ */ Uint8Array.of(3);

/**
 * Finds scripts and keys by their hashes. A descriptor fills one when it is expanded; inference, PSBT updaters and
 * signers ask it. Private keys in it are never printed. Core: FlatSigningProvider.
 *
 * @example
 * const provider = new SigningProvider();
 * provider.addPrivateKey(key);
 * provider.publicKey(hash160(key.publicKey)) // key.publicKey
 */
export class SigningProvider {
  readonly #scripts = new Map<string, Uint8Array>();
  readonly #publicKeys = new Map<string, Uint8Array>();
  readonly #origins = new Map<string, KeyOrigin>();
  readonly #privateKeys = new Map<string, PrivateKey>();
  readonly #taproot = new Map<string, TaprootOutput>();

  /** The script of this hash: a redeem script by `hash160`, a witness script by `ripemd160` of its SHA-256. */
  script(hash20: Uint8Array): Uint8Array | undefined {
    requireBytes(hash20, "hash20");
    return this.#scripts.get(bytesToHex(hash20));
  }

  /** The public key of this hash. */
  publicKey(hash20: Uint8Array): Uint8Array | undefined {
    requireBytes(hash20, "hash20");
    return this.#publicKeys.get(bytesToHex(hash20));
  }

  /** Where a public key comes from. */
  origin(publicKey: Uint8Array): KeyOrigin | undefined {
    requireBytes(publicKey, "publicKey");
    return this.#origins.get(nameOf(publicKey));
  }

  /** The public key of this x that is known, with either y; the one with even y first. */
  publicKeyByX(x32: Uint8Array): Uint8Array | undefined {
    requireBytes(x32, "x32");
    return byX(x32, (name) => this.#publicKeys.get(name));
  }

  /** The origin of the key of this x, with either y. */
  originByX(x32: Uint8Array): KeyOrigin | undefined {
    requireBytes(x32, "x32");
    return byX(x32, (name) => this.#origins.get(name));
  }

  /** The private key of a public key. */
  privateKey(publicKey: Uint8Array): PrivateKey | undefined {
    requireBytes(publicKey, "publicKey");
    return this.#privateKeys.get(nameOf(publicKey));
  }

  /** The private key of this x, with either y. */
  privateKeyByX(x32: Uint8Array): PrivateKey | undefined {
    requireBytes(x32, "x32");
    return byX(x32, (name) => this.#privateKeys.get(name));
  }

  /** The internal key and scripts of the Taproot output of this key. */
  taproot(outputKey32: Uint8Array): TaprootOutput | undefined {
    requireBytes(outputKey32, "outputKey32");
    return this.#taproot.get(bytesToHex(outputKey32));
  }

  /** Whether it has a private key. */
  get hasPrivateKeys(): boolean {
    return this.#privateKeys.size > 0;
  }

  /** All public keys, in the order in which they were added. */
  get publicKeys(): readonly Uint8Array[] {
    const byText = new Map([...this.#publicKeys.values()].map((key) => [bytesToHex(key), key]));
    return [...byText.values()];
  }

  addScript(script: Uint8Array): void {
    requireBytes(script, "script");
    this.#scripts.set(bytesToHex(hash160(script)), script);
  }

  /** Adds a public key. Of several origins the first is kept, as in Core. */
  addPublicKey(publicKey: Uint8Array, origin?: KeyOrigin): void {
    requireBytes(publicKey, "publicKey");
    optional(origin, "origin", requireOrigin);
    const name = nameOf(publicKey);
    this.#publicKeys.set(name, publicKey);
    if (origin !== undefined && !this.#origins.has(name)) this.#origins.set(name, origin);
  }

  /** Lets a public key be found by the hash of its x, which scripts of Taproot hold. */
  addKeyByX(publicKey: Uint8Array): void {
    requireBytes(publicKey, "publicKey");
    this.#publicKeys.set(nameOf(publicKey.subarray(1, 33)), publicKey);
  }

  /** Adds a private key, and its public key. */
  addPrivateKey(key: PrivateKey): void {
    requireKey(key, "key");
    this.#privateKeys.set(nameOf(key.publicKey), key);
    this.addPublicKey(key.publicKey);
  }

  addTaproot(output: TaprootOutput): void {
    requireFields(output, "output", {
      internalKey: "bytes",
      outputKey: "bytes",
      parity: "number",
      merkleRoot: "bytes",
      leaves: "array",
    });
    requireArray(output.leaves, "output.leaves", requirePlacedLeaf);
    this.#taproot.set(bytesToHex(output.outputKey), output);
  }

  /** Adds all that another one knows. */
  merge(other: SigningProvider): void {
    if (!(other instanceof SigningProvider)) {
      throw new ArgumentError("other", "a SigningProvider", other);
    }
    for (const [name, script] of other.#scripts) this.#scripts.set(name, script);
    for (const [name, key] of other.#publicKeys) this.#publicKeys.set(name, key);
    for (const [name, origin] of other.#origins) {
      if (!this.#origins.has(name)) this.#origins.set(name, origin);
    }
    for (const [name, key] of other.#privateKeys) this.#privateKeys.set(name, key);
    for (const [name, output] of other.#taproot) this.#taproot.set(name, output);
  }
}

function requirePlacedLeaf(value: unknown, name: string): void {
  requireFields(value, name, {
    depth: "number",
    script: "bytes",
    leafVersion: "number",
    controlBlock: "bytes",
    leafHash: "bytes",
  });
}

function requireOrigin(value: unknown, name: string): void {
  requireFields(value, name, { fingerprint: "bytes", path: "array" });
}

export function requireProvider(value: unknown, name: string): asserts value is SigningProvider {
  const { privateKeyByX, merge } = Object(value);
  if (typeof privateKeyByX !== "function" || typeof merge !== "function") {
    throw new ArgumentError(name, "a SigningProvider", value);
  }
}

function nameOf(publicKey: Uint8Array): string {
  return bytesToHex(hash160(publicKey));
}

function byX<T>(x32: Uint8Array, find: (name: string) => T | undefined): T | undefined {
  return find(nameOf(concatBytes(EVEN, x32))) ?? find(nameOf(concatBytes(ODD, x32)));
}
