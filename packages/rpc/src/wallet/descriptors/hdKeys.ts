/** The extended keys that the descriptors of a wallet are made from. */
import { bytesToHex, type ChainParams } from "@chain/core";
import { type ExtendedKey, parseDescriptor } from "@chain/wallet/descriptors";
import type { WalletDescriptor } from "@chain/wallet/ledger";
import type { RpcWallet } from "../host.ts";

/** An extended key, and the descriptors that use it. */
export interface HdKey {
  readonly xpub: string;
  /** For sorting as Core does: the public key. */
  readonly order: string;
  readonly descriptors: readonly WalletDescriptor[];
}

/** @param activeOnly of the descriptors alone that give addresses */
export function hdKeysOf(ledger: RpcWallet["ledger"], activeOnly: boolean): readonly HdKey[] {
  ledger.shareKeys();
  const found = new Map<string, { key: ExtendedKey; descriptors: WalletDescriptor[] }>();
  for (const each of ledger.descriptors()) {
    if (activeOnly && each.active === undefined) continue;
    for (const key of each.descriptor.extendedKeys()) {
      const xpub = key.toPublicString();
      const entry = found.get(xpub) ?? { key, descriptors: [] };
      found.set(xpub, entry);
      if (!entry.descriptors.includes(each)) entry.descriptors.push(each);
    }
  }
  const keys = [...found].map(([xpub, { key, descriptors }]) => {
    return { xpub, order: bytesToHex(key.publicKey), descriptors };
  });
  return keys.sort((a, b) => (a.order < b.order ? -1 : 1));
}

/** The private form of an extended key, where a descriptor of the wallet has it. @throws WalletError `needs-passphrase` */
export function privateKeyOf(
  { xpub, descriptors }: Pick<HdKey, "xpub" | "descriptors">,
  ledger: RpcWallet["ledger"],
  params: ChainParams,
): ExtendedKey | undefined {
  for (const { id, hasPrivateKeys } of descriptors) {
    const text = hasPrivateKeys ? ledger.privateText(id) : undefined;
    const parsed = text === undefined ? undefined : parseDescriptor(text, params);
    const keys = parsed?.ok ? parsed.descriptor.extendedKeys() : [];
    const key = keys.find((each) => each.toPublicString() === xpub);
    if (key?.privateKey !== undefined) return key;
  }
  return undefined;
}
