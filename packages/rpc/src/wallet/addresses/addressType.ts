/** The types of addresses that callers name. Core: ParseOutputType (outputtype.cpp). */
import { ACCOUNT_KINDS, type AccountKind } from "@chain/wallet/accounts";
import { RPC_INVALID_ADDRESS_OR_KEY, RpcError } from "../../errors.ts";

export const ADDRESS_TYPES = 'Options are "legacy", "p2sh-segwit", "bech32", "bech32m".';

/** @throws RpcError -5 */
export function requireAddressType(text: string): AccountKind {
  const kind = ACCOUNT_KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, `Unknown address type '${text}'`);
}
