import { pbkdf2Sync } from "node:crypto";
import { bytesToHex, hash160, p2wpkhScript, regtest } from "@chain/core";
import { present } from "@chain/core/arguments";
import { toWif } from "@chain/wallet";
import {
  ACCOUNT_KINDS,
  type AccountKind,
  accountDescriptors,
  readMnemonic,
} from "@chain/wallet/accounts";
import { type Descriptor, ExtendedKey, HARDENED, SigningProvider } from "@chain/wallet/descriptors";
import { DevChainError } from "./errors.ts";

/** Words that everybody knows, those of Anvil and Hardhat: never for real money. */
export const DEFAULT_MNEMONIC = "test test test test test test test test test test test junk";

/** Rounds of PBKDF2 (BIP-0039). */
const ROUNDS = 2048;
/** The purpose of each type's path (BIP-0044, 0049, 0084, 0086). */
const PURPOSES: Readonly<Record<AccountKind, number>> = /* @__PURE__ */ Object.freeze({
  legacy: 44,
  "p2sh-segwit": 49,
  bech32: 84,
  bech32m: 86,
});
/** SLIP-0044: all test networks. */
const COIN_TYPE = 1;

/** An address of an account, with all that signs for it. */
export interface AccountKey {
  readonly address: string;
  readonly scriptPubKey: Uint8Array;
  /** `m/84'/1'/0'/0/0`. */
  readonly path: string;
  /** 33 bytes, in hex. */
  readonly publicKey: string;
  /** The private key as other wallets import it. */
  readonly wif: string;
}

/** The descriptors of an account, with private keys and checksums, as `importdescriptors` takes them. */
export interface AccountDescriptors {
  readonly receive: string;
  readonly change: string;
}

/**
 * Account number `index` of the mnemonic (BIP-0044), by its first receiving address of each type. Keys are derived when
 * they are first asked for.
 * @example
 * const [account] = chain.accounts;
 * account.address // "bcrt1qquv9lg5g2r4jkr0ahun0ddfg5xntxjelwjpnuw"
 * account.key("bech32m").path // "m/86'/1'/0'/0/0"
 */
export class Account {
  /** From 0 on; the third step of each path. */
  readonly index: number;
  readonly #roots: Roots;
  readonly #keys = new Map<AccountKind, AccountKey>();
  readonly #pairs = new Map<
    AccountKind,
    { readonly receive: Descriptor; readonly change: Descriptor }
  >();
  #script: Uint8Array | undefined;
  #provider: SigningProvider | undefined;

  constructor(roots: Roots, index: number) {
    this.#roots = roots;
    this.index = index;
  }

  /** Its address of the type `bech32`, which has the funds. */
  get address(): string {
    return this.key("bech32").address;
  }

  /** The private key of `address`. */
  get wif(): string {
    return this.key("bech32").wif;
  }

  /** The public key of `address`, 33 bytes in hex. */
  get publicKey(): string {
    return this.key("bech32").publicKey;
  }

  /** The output script of `address`. */
  get scriptPubKey(): Uint8Array {
    this.#script ??= p2wpkhScript(hash160(this.#derive("bech32").publicKey));
    return this.#script;
  }

  /** Its address of each type. */
  get addresses(): Readonly<Record<AccountKind, string>> {
    return this.#each((kind) => this.key(kind).address);
  }

  /** Its descriptors of each type: secrets. */
  get descriptors(): Readonly<Record<AccountKind, AccountDescriptors>> {
    return this.#each((kind) => {
      const { receive, change } = this.#pair(kind);
      const text = (each: Descriptor) => present(each.toPrivateString(), "a private descriptor");
      return { receive: text(receive), change: text(change) };
    });
  }

  /** The address of a type, with its keys. */
  key(kind: AccountKind): AccountKey {
    if (!ACCOUNT_KINDS.includes(kind)) {
      throw new DevChainError("usage", `a type of address is one of ${ACCOUNT_KINDS.join(", ")}`);
    }
    const known = this.#keys.get(kind);
    if (known !== undefined) return known;
    const { receive } = this.#pair(kind);
    const scriptPubKey = present(receive.expand(0)?.scripts[0], "the first script of an account");
    const derived = receive.addresses(0);
    const address = present(derived.ok ? derived.addresses[0] : undefined, "an address");
    const key = this.#derive(kind);
    const wif = toWif(present(key.privateKey, "a private key"), regtest);
    const path = `m/${PURPOSES[kind]}'/${COIN_TYPE}'/${this.index}'/0/0`;
    const made = { address, scriptPubKey, path, publicKey: bytesToHex(key.publicKey), wif };
    this.#keys.set(kind, made);
    return made;
  }

  /** All that spends what its addresses have. */
  get provider(): SigningProvider {
    if (this.#provider !== undefined) return this.#provider;
    const provider = new SigningProvider();
    for (const kind of ACCOUNT_KINDS) {
      const expansion = this.#pair(kind).receive.expand(0, { withPrivateKeys: true });
      provider.merge(present(expansion, "an expansion of private keys").provider);
    }
    this.#provider = provider;
    return provider;
  }

  #pair(kind: AccountKind): { readonly receive: Descriptor; readonly change: Descriptor } {
    const known = this.#pairs.get(kind);
    if (known !== undefined) return known;
    const options = { kind, account: this.index, params: regtest };
    const pair = accountDescriptors(this.#roots.master, options);
    this.#pairs.set(kind, pair);
    return pair;
  }

  #derive(kind: AccountKind): ExtendedKey {
    const path = [this.index + HARDENED, 0, 0];
    return present(this.#roots.of(kind).derive(path), "a derived key");
  }

  #each<Value>(of: (kind: AccountKind) => Value): Readonly<Record<AccountKind, Value>> {
    const entries = ACCOUNT_KINDS.map((kind) => [kind, of(kind)] as const);
    return Object.fromEntries(entries) as Record<AccountKind, Value>;
  }
}

/** The master key of a mnemonic, and the part of the accounts' paths that they share, which is derived once. */
class Roots {
  readonly master: ExtendedKey;
  readonly #roots = new Map<AccountKind, ExtendedKey>();

  constructor(master: ExtendedKey) {
    this.master = master;
  }

  of(kind: AccountKind): ExtendedKey {
    const path = [PURPOSES[kind] + HARDENED, COIN_TYPE + HARDENED];
    const root = this.#roots.get(kind) ?? present(this.master.derive(path), "a derived key");
    this.#roots.set(kind, root);
    return root;
  }
}

/** The accounts of the mnemonic that was used last: those of the next chain are the same, nearly always. */
const known: { mnemonic: string; roots: Roots | undefined; accounts: Account[] } = {
  ...{ mnemonic: "", roots: undefined, accounts: [] },
};

/** @throws DevChainError `usage` for words that are no mnemonic. */
export function makeAccounts(mnemonic: string, count: number): readonly Account[] {
  const read = readMnemonic(mnemonic);
  if (!read.ok) throw new DevChainError("usage", `mnemonic: ${read.reason}`);
  if (known.roots === undefined || known.mnemonic !== read.mnemonic) {
    // BIP-0039, by the system's PBKDF2: 20 times as fast as one in JavaScript, and a chain must be there at once.
    const seed = pbkdf2Sync(read.mnemonic, "mnemonic", ROUNDS, 64, "sha512");
    known.mnemonic = read.mnemonic;
    known.roots = new Roots(ExtendedKey.fromSeed(seed, regtest));
    known.accounts = [];
  }
  const { roots, accounts } = known;
  while (accounts.length < count) accounts.push(new Account(roots, accounts.length));
  return Object.freeze(accounts.slice(0, count));
}
