/** A new address of a wallet, on disk before its caller sees it. */
import type { AccountKind } from "@chain/wallet/accounts";
import { RPC_WALLET_ERROR, RPC_WALLET_KEYPOOL_RAN_OUT, RpcError } from "../../errors.ts";
import type { RpcWallet } from "../host.ts";

const NO_KEYS = "Error: This wallet has no available keys";

/** Core: CanGetAddresses. @throws RpcError -4 */
export function requireAddresses({ ledger }: RpcWallet, internal: boolean): void {
  const canGive = ledger
    .descriptors()
    .filter(({ active }) => active?.internal === internal)
    .some(({ hasPrivateKeys, next, range }) => hasPrivateKeys || next < range.end);
  if (canGive) return;
  throw new RpcError(RPC_WALLET_ERROR, NO_KEYS);
}

/** @throws RpcError -12 */
export async function newAddress(
  wallet: RpcWallet,
  kind: AccountKind,
  options: { readonly label?: string; readonly internal?: boolean },
): Promise<string> {
  const made = wallet.ledger.newAddress(kind, options);
  await wallet.save();
  if (made.ok) return made.address;
  throw new RpcError(RPC_WALLET_KEYPOOL_RAN_OUT, made.reason);
}
