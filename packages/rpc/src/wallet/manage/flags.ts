/** The flags of wallets by Core's names. Core: WALLET_FLAG_TO_STRING. */
import type { WalletLedger } from "@chain/wallet/ledger";

/** In the order of Core's bits. */
export const WALLET_FLAGS: readonly string[] = [
  "avoid_reuse",
  "key_origin_metadata",
  "last_hardened_xpub_cached",
  "disable_private_keys",
  "blank",
  "descriptor_wallet",
  "external_signer",
];

/** Core: GetWalletFlags. Every wallet has descriptors, and the last hardened key of each. */
export function flagsOf(ledger: Pick<WalletLedger, "hasFlag">): readonly string[] {
  const set = new Map([
    ["avoid_reuse", ledger.hasFlag("avoidReuse")],
    ["last_hardened_xpub_cached", true],
    ["disable_private_keys", ledger.hasFlag("disablePrivateKeys")],
    ["blank", ledger.hasFlag("blank")],
    ["descriptor_wallet", true],
  ]);
  return WALLET_FLAGS.filter((name) => set.get(name) === true);
}
