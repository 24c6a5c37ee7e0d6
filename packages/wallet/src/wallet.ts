/** A wallet: keys, their addresses and the payments under way, over a place that keeps them. */

import {
  bytesToHex,
  equalBytes,
  hash160,
  hexToBytes,
  type LocatedCoin,
  outpointKey,
  p2pkhScript,
  type Transaction,
  type Txid,
} from "@chain/core";
import {
  optional,
  present,
  requireArray,
  requireBytes,
  requireFields,
  requireFunction,
  requireId,
  requireInteger,
  requireLocatedCoin,
  requireMap,
  requireOptions,
  requireString,
  requireTransaction,
} from "@chain/core/arguments";
import { randomBytes as secureRandomBytes } from "@noble/hashes/utils.js";
import { type AddressParams, encodeAddress, requireAddressParams } from "./address.ts";
import {
  DEFAULT_SCRYPT_COST,
  deriveKey,
  NONCE_SIZE,
  SALT_SIZE,
  type ScryptCost,
} from "./encryption.ts";
import { WalletError } from "./errors.ts";
import { inputSize } from "./fees.ts";
import {
  decodeKeyFile,
  encodeKeyFile,
  type KeyEntry,
  type KeyFile,
  MAX_LABEL,
  type Sealing,
  sealSecrets,
  unsealSecrets,
} from "./keyfile.ts";
import { generateKey, PrivateKey, type RandomBytes, requireKey, toWif } from "./keys.ts";
import type { PendingTransaction } from "./pending.ts";
import { requireBackend, type SignatureBackend, type SignResult, signTransaction } from "./sign.ts";
import type { WalletStorage } from "./storage.ts";
import { requireStorage } from "./storage.ts";

export interface WalletOptions {
  /** The network of the keys. `DEVNET` will do before there is a chain. */
  readonly params: AddressParams;
  /** The time in seconds since 1970. */
  readonly now: () => number;
  /** Default: the system's generator. */
  readonly randomBytes?: RandomBytes;
  /** The cost of each guess at a passphrase that is set from now on. */
  readonly scryptCost?: ScryptCost;
  /** The backend that signs and verifies. Default: JavaScript. */
  readonly signatures?: SignatureBackend;
}

/** The facts known of a payment that was handed out. */
export type PendingFate = Omit<PendingTransaction, "transaction" | "created">;

/** A key of the wallet, without its secret. */
export interface WalletKey {
  readonly address: string;
  /** The output script that pays it. */
  readonly script: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Seconds since 1970. */
  readonly created: number;
  readonly label: string | undefined;
  /** It was made elsewhere, so it may be older than `created` says. */
  readonly imported?: true;
}

/**
 * Keys and pending payments. A change is on disk before its promise resolves, so an address that was shown has its
 * key. Other processes may change the same wallet: each change begins with what is written, not with what is
 * remembered.
 *
 * @example
 * const wallet = await Wallet.create(memoryStorage(), { params: DEVNET, now: () => 1_800_000_000 });
 * const { address } = await wallet.newKey();
 * address // "C…"
 */
export class Wallet {
  readonly #storage: WalletStorage;
  readonly #options: WalletOptions;
  #file: KeyFile;
  /** Opens and closes the seal; `undefined` while locked, and without passphrase. */
  #sealing: Sealing | undefined;
  /** The keys of `#file` by their script in hex. */
  #byScript: ReadonlyMap<string, WalletKey & { readonly index: number }>;
  /** Settles when the changes asked for so far are done. */
  #busy: Promise<void> = Promise.resolve();

  private constructor(
    storage: WalletStorage,
    options: WalletOptions,
    file: KeyFile,
    sealing?: Sealing,
  ) {
    this.#storage = storage;
    this.#options = options;
    this.#sealing = sealing;
    this.#file = file;
    this.#byScript = indexKeys(file, options.params);
  }

  /**
   * A new wallet without keys, encrypted where a passphrase is given.
   * @throws WalletError `exists`, `empty-passphrase`.
   */
  static async create(
    storage: WalletStorage,
    options: WalletOptions & { readonly passphrase?: string | undefined },
  ): Promise<Wallet> {
    requireStorage(storage, "storage");
    requireWalletOptions(options, "options");
    optional(options.passphrase, "options.passphrase", requireString);

    const { params, passphrase } = options;
    const sealing = passphrase === undefined ? undefined : await newSealing(passphrase, options);
    const content = { network: params.name, keys: [], pending: [] };
    const file = { ...content, secrets: protect([], content, sealing, options) };
    await storage.update((text) => {
      if (text !== undefined) throw new WalletError("exists", "there is a wallet already");
      return encodeKeyFile(file);
    });
    return new Wallet(storage, options, file, sealing);
  }

  /**
   * The wallet that is there. An encrypted one stays locked until `unlock`; its addresses can be read all the same.
   * @throws WalletError `not-found`, `corrupt`, `newer-version`, `wrong-network`.
   */
  static async open(storage: WalletStorage, options: WalletOptions): Promise<Wallet> {
    requireStorage(storage, "storage");
    requireWalletOptions(options, "options");

    return new Wallet(storage, options, decode(await storage.read(), options));
  }

  /** Whether a passphrase protects the private keys. */
  get encrypted(): boolean {
    return this.#file.secrets.type !== "plain";
  }

  /** Whether a passphrase is needed before anything can be signed or added. */
  get locked(): boolean {
    return this.encrypted && this.#sealing === undefined;
  }

  /** Oldest first. */
  get keys(): readonly WalletKey[] {
    return [...this.#byScript.values()];
  }

  /** Payments handed out and not known to be settled, oldest first. See `applyPending`. */
  get pending(): readonly PendingTransaction[] {
    return this.#file.pending;
  }

  /** @throws WalletError `wrong-passphrase`. Does nothing for a wallet without passphrase. */
  async unlock(passphrase: string): Promise<void> {
    requireString(passphrase, "passphrase");

    const { secrets } = this.#file;
    if (secrets.type === "plain") return;
    const { salt, cost } = secrets;
    const sealing = { key: await deriveKey(passphrase, hexToBytes(salt), cost), salt, cost };
    unsealSecrets(secrets, sealing, this.#file);
    this.#sealing = sealing;
  }

  /** Forgets what `unlock` made. */
  lock(): void {
    this.#sealing?.key.fill(0);
    this.#sealing = undefined;
  }

  /**
   * Encrypts the wallet, or changes its passphrase. Keys that an unencrypted file left behind on the disk, and in copies
   * of it, stay readable.
   * @throws WalletError `needs-passphrase` while it is locked, `empty-passphrase`.
   */
  async setPassphrase(passphrase: string): Promise<void> {
    requireString(passphrase, "passphrase");

    const sealing = await newSealing(passphrase, this.#options);
    await this.#update((file) => {
      const privateKeys = this.#privateKeys(file);
      return { ...file, secrets: protect(privateKeys, file, sealing, this.#options) };
    }, sealing);
  }

  /** Makes a key and keeps it. @throws WalletError `needs-passphrase`, `invalid-label`, `in-use`, `io`. */
  async newKey(options: { readonly label?: string } = {}): Promise<WalletKey> {
    requireOptions(options, "options", { label: "string?" });

    return await this.#addKey(generateKey(this.#randomBytes), options);
  }

  /** Keeps a key that was made elsewhere; one that is there already stays as it is. */
  async importKey(key: PrivateKey, options: { readonly label?: string } = {}): Promise<WalletKey> {
    requireKey(key, "key");
    requireOptions(options, "options", { label: "string?" });

    return await this.#addKey(key, { ...options, imported: true });
  }

  async #addKey(
    key: PrivateKey,
    options: Pick<KeyEntry, "label" | "imported">,
  ): Promise<WalletKey> {
    checkLabel(options.label);
    const entry: KeyEntry = {
      publicKey: bytesToHex(key.publicKey),
      created: this.#options.now(),
      ...options,
    };
    await this.#update((file) => {
      const privateKeys = this.#privateKeys(file);
      if (file.keys.some(({ publicKey }) => publicKey === entry.publicKey)) return file;
      const keys = [...file.keys, entry];
      const all = [...privateKeys, bytesToHex(key.toBytes())];
      return {
        ...file,
        keys,
        secrets: protect(all, { ...file, keys }, this.#sealing, this.#options),
      };
    });
    return present(this.#byScript.get(bytesToHex(key.script)), "the key that was added");
  }

  /** The wallet's key of an address. @throws WalletError `unknown-key`. */
  keyOf(address: string): WalletKey {
    requireString(address, "address");

    const key = this.keys.find((candidate) => candidate.address === address);
    if (key === undefined) {
      throw new WalletError("unknown-key", `${address} is not an address of this wallet`);
    }
    return key;
  }

  /** The private key of an address as WIF. @throws WalletError `unknown-key`, `needs-passphrase`. */
  exportKey(address: string): string {
    requireString(address, "address");

    const key = this.keyFor(this.keyOf(address).script);
    return toWif(
      present(key, "the private key of an address of this wallet"),
      this.#options.params,
    );
  }

  /**
   * The private key that an output script pays; `undefined` where it is not ours.
   * @throws WalletError `needs-passphrase`, `corrupt`.
   */
  keyFor(script: Uint8Array): PrivateKey | undefined {
    requireBytes(script, "script");

    const known = this.#byScript.get(bytesToHex(script));
    if (known === undefined) return undefined;
    const secret = present(
      this.#privateKeys(this.#file)[known.index],
      "privateKeys(file)[known.index]",
    );
    const key = new PrivateKey(hexToBytes(secret), { compressed: known.publicKey.length === 33 });
    if (!equalBytes(key.publicKey, known.publicKey)) {
      throw new WalletError("corrupt", `the private key of ${known.address} is another's`);
    }
    return key;
  }

  /** Bytes of the input that spends a coin of ours, for `buildPayment`. */
  inputSize(located: LocatedCoin): number {
    requireLocatedCoin(located, "located");
    const { coin } = located;

    const publicKey = this.#byScript.get(bytesToHex(coin.scriptPubKey))?.publicKey;
    return inputSize(publicKey?.length !== 65);
  }

  /** Signs every input and checks every signature. See `signTransaction`. */
  sign(transaction: Transaction, coins: readonly LocatedCoin[]): SignResult {
    requireTransaction(transaction, "transaction");
    requireArray(coins, "coins", requireLocatedCoin);

    const keyFor = (script: Uint8Array) => this.keyFor(script);
    return signTransaction(transaction, coins, keyFor, this.#options.signatures);
  }

  /**
   * Remembers a payment before it is handed out, so that its coins are not spent again and no payment that was made is
   * unknown to its wallet. `notePending` hears of its fate.
   * @throws WalletError `conflict` where another one, of this or another process, spends one of its coins.
   */
  async addPending(transaction: Transaction, fate: PendingFate = {}): Promise<void> {
    requireTransaction(transaction, "transaction");
    requireOptions(fate, "fate", {
      accepted: "boolean?",
      onlyOwnNode: "boolean?",
      settled: "object?",
    });

    const wanted = new Set(transaction.inputs.map(({ prevout }) => outpointKey(prevout)));
    await this.#update((file) => {
      for (const { transaction: other, settled } of file.pending) {
        if (other.txid === transaction.txid) return file;
        if (settled !== undefined) continue;
        if (other.inputs.some(({ prevout }) => wanted.has(outpointKey(prevout)))) {
          const message = `payment ${other.txid}, not in a block yet, spends the same coins`;
          throw new WalletError("conflict", message);
        }
      }
      const created = this.#options.now();
      return { ...file, pending: [...file.pending, { transaction, created, ...fate }] };
    });
  }

  /**
   * Runs an action, from the choice of coins to their being spent, while no other program makes a payment from this
   * wallet. Payments that others have written until then are known to it.
   * @param onWait hears, once the wait gets long, which process is before us
   * @example
   * await wallet.exclusively(async () => {
   *   const payment = buildPayment(request);
   *   const signed = payment.ok && signTransaction(payment.transaction, payment.coins, () => key);
   *   if (signed.ok) await wallet.addPending(signed.transaction);
   * });
   * wallet.pending.length // 1
   */
  exclusively<T>(action: () => Promise<T>, onWait?: (holder: string) => void): Promise<T> {
    requireFunction(action, "action");
    optional(onWait, "onWait", requireFunction);

    return this.#storage.exclusively(async () => {
      this.#remember(decode(await this.#storage.read(), this.#options));
      return action();
    }, onWait);
  }

  /** Remembers what has become known of payments: accepted by a node, settled, or not settled any more. */
  async notePending(news: ReadonlyMap<Txid, PendingFate>): Promise<void> {
    requireMap(news, "news");

    if (news.size === 0) return;
    await this.#update((file) => {
      const pending = file.pending.map((payment) => {
        return { ...payment, ...news.get(payment.transaction.txid) };
      });
      return { ...file, pending };
    });
  }

  /** Forgets payments that are settled for good, or were refused. */
  async removePending(txids: readonly Txid[]): Promise<void> {
    requireArray(txids, "txids", requireId);

    if (!this.pending.some(({ transaction }) => txids.includes(transaction.txid))) return;
    await this.#update((file) => {
      const pending = file.pending.filter(({ transaction }) => !txids.includes(transaction.txid));
      return { ...file, pending };
    });
  }

  /** One change after the other: what is remembered is always what was written last. */
  async #update(change: (file: KeyFile) => KeyFile, newSealing?: Sealing): Promise<void> {
    const turn = this.#busy.then(async () => {
      let next = this.#file;
      await this.#storage.update((text) => {
        next = change(decode(text, this.#options));
        return encodeKeyFile(next);
      });
      this.#remember(next);
      if (newSealing !== undefined) this.#sealing = newSealing;
    });
    this.#busy = turn.catch(() => undefined);
    await turn;
  }

  #remember(file: KeyFile): void {
    this.#file = file;
    this.#byScript = indexKeys(file, this.#options.params);
  }

  /** Hex, in the order of the public keys. @throws WalletError `needs-passphrase`, `wrong-passphrase`. */
  #privateKeys(file: KeyFile): readonly string[] {
    if (file.secrets.type === "plain") return file.secrets.keys;
    if (this.#sealing === undefined) {
      throw new WalletError("needs-passphrase", "the wallet is locked: it needs its passphrase");
    }
    if (this.#sealing.salt !== file.secrets.salt) {
      const message = "the passphrase was changed meanwhile: the wallet needs the new one";
      throw new WalletError("needs-passphrase", message);
    }
    return unsealSecrets(file.secrets, this.#sealing, file);
  }

  get #randomBytes(): RandomBytes {
    return this.#options.randomBytes ?? secureRandomBytes;
  }
}

/** Labels end up in lists and in terminals. */
function checkLabel(label: string | undefined): void {
  if (label === undefined) return;
  if (label.length > MAX_LABEL) {
    throw new WalletError("invalid-label", `a label has ${MAX_LABEL} characters at most`);
  }
  if (/\p{Cc}|\p{Zl}|\p{Zp}/u.test(label)) {
    throw new WalletError("invalid-label", "a label is one line, without control characters");
  }
}

function decode(text: string | undefined, { params }: WalletOptions): KeyFile {
  if (text === undefined) throw new WalletError("not-found", "there is no wallet");
  const file = decodeKeyFile(text);
  if (file.network !== params.name) {
    const message = `the wallet is one of ${file.network}, not of ${params.name}`;
    throw new WalletError("wrong-network", message);
  }
  return file;
}

function indexKeys(
  file: KeyFile,
  params: AddressParams,
): ReadonlyMap<string, WalletKey & { readonly index: number }> {
  return new Map(
    file.keys.map(({ publicKey: publicKeyHex, created, label, imported }, index) => {
      const publicKey = hexToBytes(publicKeyHex);
      const hash = hash160(publicKey);
      const script = p2pkhScript(hash);
      const address = encodeAddress({ type: "p2pkh", hash }, params);
      const key = { address, script, publicKey, created, label, index };
      return [bytesToHex(script), imported === true ? { ...key, imported } : key];
    }),
  );
}

async function newSealing(passphrase: string, options: WalletOptions): Promise<Sealing> {
  const salt = (options.randomBytes ?? secureRandomBytes)(SALT_SIZE);
  const cost = options.scryptCost ?? DEFAULT_SCRYPT_COST;
  return { key: await deriveKey(passphrase, salt, cost), salt: bytesToHex(salt), cost };
}

/** The secret part of a key file: sealed where there is something to seal it with. */
function protect(
  privateKeys: readonly string[],
  content: Pick<KeyFile, "network" | "keys">,
  sealing: Sealing | undefined,
  options: WalletOptions,
): KeyFile["secrets"] {
  if (sealing === undefined) return { type: "plain", keys: [...privateKeys] };
  // 24 random bytes never come twice.
  const nonce = (options.randomBytes ?? secureRandomBytes)(NONCE_SIZE);
  return sealSecrets(privateKeys, sealing, nonce, content);
}

function requireWalletOptions(value: unknown, name: string): void {
  requireFields(value, name, {
    params: "object",
    now: "function",
    randomBytes: "function?",
    scryptCost: "object?",
    signatures: "object?",
  });
  const { params, scryptCost, signatures } = value as WalletOptions;
  requireAddressParams(params, `${name}.params`);
  optional(signatures, `${name}.signatures`, requireBackend);
  if (scryptCost === undefined) return;
  requireFields(scryptCost, `${name}.scryptCost`, {});
  requireInteger(scryptCost.n, `${name}.scryptCost.n`, 1);
  requireInteger(scryptCost.r, `${name}.scryptCost.r`, 1);
  requireInteger(scryptCost.p, `${name}.scryptCost.p`, 1);
}
