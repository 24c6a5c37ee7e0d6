import type { WalletLedger } from "@chain/wallet/ledger";

/**
 * Whether an output is change: it is the wallet's, and its address was never given to anybody. Core: ScriptIsChange,
 * OutputIsChange.
 */
export function isChange(
  ledger: Pick<WalletLedger, "ownerOf" | "addressEntry">,
  script: Uint8Array,
): boolean {
  return ledger.ownerOf(script) !== undefined && ledger.addressEntry(script) === undefined;
}
