import { bytesToHex } from "@chain/core";
import { decodeAddress } from "@chain/wallet";
import { RPC_INVALID_ADDRESS_OR_KEY, RpcError } from "../errors.ts";
import type { HeaderHost } from "../host.ts";

/** The output script of an address, or why it is none. */
function scriptOfAddress(
  address: string,
  { chain }: Pick<HeaderHost, "chain">,
): Uint8Array | undefined {
  const decoded = decodeAddress(address, chain.params);
  return decoded.ok ? decoded.script : undefined;
}

/** @param message the error where it is no address @throws RpcError -5 */
export function requireScript(
  address: string,
  host: Pick<HeaderHost, "chain">,
  message = "Error: Invalid address",
): Uint8Array {
  const script = scriptOfAddress(address, host);
  if (script !== undefined) return script;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
}

export function scriptKey(script: Uint8Array): string {
  return bytesToHex(script);
}
