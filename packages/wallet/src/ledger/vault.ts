/** The secrets of a wallet, one text a descriptor, plain or under a passphrase. */
import { hexToBytes, type Reader, type Seconds, Writer } from "@chain/core";
import { bytesToUtf8 } from "@noble/ciphers/utils.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import {
  DEFAULT_SCRYPT_COST,
  deriveKey,
  NONCE_SIZE,
  SALT_SIZE,
  type ScryptCost,
  seal,
  unseal,
} from "../encryption.ts";
import { WalletError } from "../errors.ts";
import type { RandomBytes } from "../keys.ts";
import { damaged, type Journal, recordKey } from "./records.ts";

const KEY_SIZE = 32;
const TAG_SIZE = 16;
const CONTEXT = "master key";

/** The wallet's own key, sealed by one that a passphrase gives; another passphrase changes nothing else. */
interface SealedKey {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

type Secret =
  | { readonly type: "plain"; readonly text: string }
  | { readonly type: "sealed"; readonly nonce: Uint8Array; readonly sealed: Uint8Array };

export interface VaultHost {
  readonly now: () => Seconds;
  readonly randomBytes: RandomBytes;
  readonly scryptCost?: ScryptCost | undefined;
  readonly journal: Journal;
}

/** Core: mapMasterKeys, vMasterKey and the crypted keys of a wallet. */
export class Vault {
  readonly #host: VaultHost;
  readonly #secrets = new Map<string, Secret>();
  #sealedKey: SealedKey | undefined;
  #key: Uint8Array | undefined;
  #until: Seconds = 0;

  constructor(host: VaultHost) {
    this.#host = host;
  }

  get isEncrypted(): boolean {
    return this.#sealedKey !== undefined;
  }

  get isLocked(): boolean {
    if (this.#sealedKey === undefined) return false;
    if (this.#key !== undefined && this.#host.now() >= this.#until) this.lock();
    return this.#key === undefined;
  }

  /** When it locks itself; 0 where it is locked or needs no passphrase. */
  get unlockedUntil(): Seconds {
    return this.isEncrypted && !this.isLocked ? this.#until : 0;
  }

  has(id: string): boolean {
    return this.#secrets.has(id);
  }

  /** @throws WalletError `needs-passphrase` */
  put(id: string, text: string): void {
    this.#requireUnlocked();
    this.#secrets.set(
      id,
      this.#key === undefined ? { type: "plain", text } : this.#sealed(id, text),
    );
    this.#host.journal.put(secretKey(id), () => this.#encode(id));
  }

  /** @throws WalletError `needs-passphrase` */
  get(id: string): string | undefined {
    const secret = this.#secrets.get(id);
    if (secret === undefined || secret.type === "plain") return secret?.text;
    this.#requireUnlocked();
    const key = this.#key ?? new Uint8Array(KEY_SIZE);
    return bytesToUtf8(unseal(key, secret.nonce, secret.sealed, utf8ToBytes(id)));
  }

  /**
   * Seals all secrets. The wallet is locked afterwards.
   * @throws WalletError `exists` where they are sealed already, `empty-passphrase`
   */
  async encrypt(passphrase: string): Promise<void> {
    if (this.isEncrypted) throw new WalletError("exists", "the wallet is encrypted already");
    const key = this.#host.randomBytes(KEY_SIZE);
    const sealedKey = await this.#seal(passphrase, key);
    if (this.isEncrypted) throw new WalletError("exists", "the wallet is encrypted already");
    this.#setSealedKey(sealedKey);
    this.#key = key;
    this.#until = Number.POSITIVE_INFINITY;
    for (const [id, secret] of this.#secrets)
      if (secret.type === "plain") this.put(id, secret.text);
  }

  /** @throws WalletError `wrong-passphrase`, `not-encrypted` */
  async unlock(passphrase: string, until: Seconds): Promise<void> {
    this.#key = await this.#open(passphrase);
    this.#until = until;
  }

  lock(): void {
    this.#key?.fill(0);
    this.#key = undefined;
    this.#until = 0;
  }

  /** @throws WalletError `wrong-passphrase`, `not-encrypted`, `empty-passphrase` */
  async changePassphrase(old: string, passphrase: string): Promise<void> {
    const key = await this.#open(old);
    this.#setSealedKey(await this.#seal(passphrase, key));
    key.fill(0);
  }

  loadKey(reader: Reader): void {
    const [n, r, p] = [reader.u32(), reader.u32(), reader.u32()];
    const [salt, nonce] = [reader.take(SALT_SIZE).slice(), reader.take(NONCE_SIZE).slice()];
    const sealed = reader.take(KEY_SIZE + TAG_SIZE).slice();
    reader.finish();
    this.#sealedKey = { cost: { n, r, p }, salt, nonce, sealed };
  }

  loadSecret(id: string, reader: Reader): void {
    const kind = reader.u8();
    if (kind > 1) throw damaged(secretKey(id), `a secret of kind ${kind}`);
    const nonce = kind === 1 ? reader.take(NONCE_SIZE).slice() : new Uint8Array(0);
    const content = reader.take(reader.remaining).slice();
    const secret: Secret =
      kind === 1
        ? { type: "sealed", nonce, sealed: content }
        : { type: "plain", text: bytesToUtf8(content) };
    this.#secrets.set(id, secret);
  }

  #setSealedKey(sealedKey: SealedKey): void {
    this.#sealedKey = sealedKey;
    this.#host.journal.put(recordKey("masterKey", new Uint8Array(0)), () => {
      const { cost, salt, nonce, sealed } = sealedKey;
      const writer = new Writer().u32(cost.n).u32(cost.r).u32(cost.p);
      return writer.bytes(salt).bytes(nonce).bytes(sealed).finish();
    });
  }

  async #seal(passphrase: string, key: Uint8Array): Promise<SealedKey> {
    const { randomBytes, scryptCost: cost = DEFAULT_SCRYPT_COST } = this.#host;
    const [salt, nonce] = [randomBytes(SALT_SIZE), randomBytes(NONCE_SIZE)];
    const outer = await deriveKey(passphrase, salt, cost);
    return { cost, salt, nonce, sealed: seal(outer, nonce, key, utf8ToBytes(CONTEXT)) };
  }

  async #open(passphrase: string): Promise<Uint8Array> {
    if (this.#sealedKey === undefined) {
      throw new WalletError("not-encrypted", "the wallet has no passphrase");
    }
    const { cost, salt, nonce, sealed } = this.#sealedKey;
    const outer = await deriveKey(passphrase, salt, cost);
    return unseal(outer, nonce, sealed, utf8ToBytes(CONTEXT));
  }

  #sealed(id: string, text: string): Secret {
    const key = this.#key ?? new Uint8Array(KEY_SIZE);
    const nonce = this.#host.randomBytes(NONCE_SIZE);
    return { type: "sealed", nonce, sealed: seal(key, nonce, utf8ToBytes(text), utf8ToBytes(id)) };
  }

  #encode(id: string): Uint8Array {
    const secret = this.#secrets.get(id);
    const writer = new Writer();
    if (secret?.type === "sealed")
      return writer.u8(1).bytes(secret.nonce).bytes(secret.sealed).finish();
    return writer
      .u8(0)
      .bytes(utf8ToBytes(secret?.text ?? ""))
      .finish();
  }

  #requireUnlocked(): void {
    if (this.isLocked) throw new WalletError("needs-passphrase", "the wallet is locked");
  }
}

function secretKey(id: string): Uint8Array {
  return recordKey("secret", hexToBytes(id));
}
