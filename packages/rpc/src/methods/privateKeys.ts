/** Private keys that callers give. Core: DecodeSecret (key_io.cpp). */
import { fromWif, type PrivateKey } from "@chain/wallet";
import { RPC_INVALID_ADDRESS_OR_KEY, RpcError } from "../errors.ts";
import type { HeaderHost } from "../host.ts";

/** @throws RpcError -5; the text does not repeat what may be a secret */
export function requirePrivateKey(text: string, { chain }: Pick<HeaderHost, "chain">): PrivateKey {
  const parsed = fromWif(text, chain.params);
  if (parsed.ok) return parsed.key;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Invalid private key");
}
