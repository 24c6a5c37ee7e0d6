/** Accounts of a master key as descriptors: BIP-0044, 0049, 0084, 0086. */

import { ArgumentError, bytesToHex } from "@chain/core";
import { present, requireFields, requireInteger, requireString } from "@chain/core/arguments";
import { type Descriptor, parseDescriptor } from "../descriptor/descriptor.ts";
import { type DescriptorParams, requireDescriptorParams } from "../descriptor/params.ts";
import { ExtendedKey, HARDENED } from "../extendedKey.ts";

/** Addresses that an account gives, by the name that Bitcoin Core has for them, and how. */
const KINDS = {
  /** BIP-0044. */
  legacy: { purpose: 44, around: (key: string): string => `pkh(${key})` },
  /** BIP-0049. */
  "p2sh-segwit": { purpose: 49, around: (key: string): string => `sh(wpkh(${key}))` },
  /** BIP-0084. */
  bech32: { purpose: 84, around: (key: string): string => `wpkh(${key})` },
  /** BIP-0086. */
  bech32m: { purpose: 86, around: (key: string): string => `tr(${key})` },
} as const;

/** A type of address. Core: OutputType. */
export type AccountKind = keyof typeof KINDS;

/** All of them. */
export const ACCOUNT_KINDS: readonly AccountKind[] = /* @__PURE__ */ Object.freeze(
  Object.keys(KINDS) as AccountKind[],
);

export interface AccountOptions {
  readonly kind: AccountKind;
  /** From 0 on. Default: 0. */
  readonly account?: number;
  /**
   * Of the second step of the path (SLIP-0044). Default: 0 where extended keys are those of Bitcoin's main network
   * (`xpub`), 1 anywhere else.
   */
  readonly coinType?: number;
  readonly params: DescriptorParams;
}

/** The addresses that an account gives to payers, and those that take its own change. */
export interface AccountPair {
  readonly receive: Descriptor;
  readonly change: Descriptor;
}

const MAINNET_PUBLIC_PREFIX = 0x0488_b21e;

/**
 * The descriptors of an account, as a new descriptor wallet of Bitcoin Core has them: the key of the account with its
 * origin, `/0/*` for receiving, `/1/*` for change. They have the private keys that the master key brings:
 * `toPrivateString()` shows them, `toString()` does not. Core: GenerateWalletDescriptor, but with the key derived to
 * the account, as wallets exchange it.
 * @param master private: only that derives hardened steps
 * @example
 * const { receive } = accountDescriptors(master, { kind: "bech32", params: regtest });
 * receive.toString() // "wpkh([e2867bb6/84h/1h/0h]tpub…"
 * receive.addresses(0).ok // true
 */
export function accountDescriptors(master: ExtendedKey, options: AccountOptions): AccountPair {
  requireMaster(master, "master");
  requireFields(options, "options", {
    kind: "string",
    account: "number?",
    coinType: "number?",
    params: "object",
  });
  const { kind, account = 0, params } = options;
  requireDescriptorParams(params, "options.params");
  const { coinType = coinTypeOf(params) } = options;
  requireAccountKind(kind, "options.kind");
  requireInteger(account, "options.account", 0, HARDENED - 1);
  requireInteger(coinType, "options.coinType", 0, HARDENED - 1);
  const path = [KINDS[kind].purpose, coinType, account];
  const key = present(master.derive(path.map((step) => step + HARDENED)), "an account's key");
  const origin = `[${bytesToHex(master.fingerprint)}/${path.map((step) => `${step}h`).join("/")}]`;
  const secret = present(key.toPrivateString(), "the private text of a private key");
  return pairOf(kind, `${origin}${secret}`, params);
}

/**
 * The same two descriptors with the master key itself in them, as Bitcoin Core keeps those of its own wallets. Core:
 * GenerateWalletDescriptor.
 * @param master private
 * @example
 * const { change } = walletDescriptors(master, { kind: "bech32", params: regtest });
 * change.toString() // "wpkh(tpub…"
 */
export function walletDescriptors(
  master: ExtendedKey,
  options: Pick<AccountOptions, "kind" | "params">,
): AccountPair {
  requireMaster(master, "master");
  requireFields(options, "options", {});
  const { kind, params } = options;
  requireAccountKind(kind, "options.kind");
  requireDescriptorParams(params, "options.params");
  const secret = present(master.toPrivateString(), "the private text of a master key");
  return pairOf(kind, `${secret}/${KINDS[kind].purpose}h/${coinTypeOf(params)}h/0h`, params);
}

function pairOf(kind: AccountKind, key: string, params: DescriptorParams): AccountPair {
  const [receive, change] = [0, 1].map((branch) => {
    const parsed = parseDescriptor(KINDS[kind].around(`${key}/${branch}/*`), params);
    return present(parsed.ok ? parsed.descriptor : undefined, "a descriptor of our own making");
  });
  return { receive: present(receive, "receive"), change: present(change, "change") };
}

function coinTypeOf(params: DescriptorParams): number {
  return params.bip32PublicPrefix === MAINNET_PUBLIC_PREFIX ? 0 : 1;
}

export function requireMaster(value: unknown, name: string): asserts value is ExtendedKey {
  if (!(value instanceof ExtendedKey) || value.privateKey === undefined) {
    throw new ArgumentError(name, "an ExtendedKey with its private key", value);
  }
}

export function requireAccountKind(value: unknown, name: string): asserts value is AccountKind {
  requireString(value, name);
  if (!Object.hasOwn(KINDS, value)) {
    throw new ArgumentError(name, `one of ${ACCOUNT_KINDS.join(", ")}`, value);
  }
}
