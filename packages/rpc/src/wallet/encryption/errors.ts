/** Texts and checks of the methods that lock and unlock a wallet. Core: wallet/rpc/encrypt.cpp. */
import {
  RPC_INVALID_PARAMETER,
  RPC_WALLET_ERROR,
  RPC_WALLET_WRONG_ENC_STATE,
  RpcError,
} from "../../errors.ts";
import type { RpcWallet } from "../host.ts";

/** @throws RpcError -15 */
export function requireEncrypted({ ledger }: RpcWallet, method: string): void {
  if (ledger.isEncrypted) return;
  const message = `Error: running with an unencrypted wallet, but ${method} was called.`;
  throw new RpcError(RPC_WALLET_WRONG_ENC_STATE, message);
}

/** A scan needs the keys, to derive further ones. @throws RpcError -4 */
export function requireNoScan({ rescans }: RpcWallet, before: string): void {
  if (rescans.current() === undefined) return;
  const what =
    "the wallet is currently being used to rescan the blockchain for related transactions";
  const message = `Error: ${what}. Please call \`abortrescan\` before ${before}.`;
  throw new RpcError(RPC_WALLET_ERROR, message);
}

/** @throws RpcError -8 */
export function requirePassphrase(...passphrases: readonly string[]): void {
  if (!passphrases.includes("")) return;
  throw new RpcError(RPC_INVALID_PARAMETER, "passphrase cannot be empty");
}
