import type { WalletLedger } from "@chain/wallet/ledger";

/** The descriptors that an output script comes from. Core: PushParentDescriptors. */
export function parentsOf(
  script: Uint8Array,
  ledger: Pick<WalletLedger, "ownerOf">,
): readonly string[] {
  const owner = ledger.ownerOf(script);
  return owner === undefined ? [] : [owner.descriptor.text];
}
