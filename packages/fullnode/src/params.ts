import { requireFields, requireString } from "@chain/core/arguments";
import { decodeAddress } from "@chain/wallet";
import { UserError } from "./errors.ts";
import type { Network } from "./networks.ts";

/**
 * The output script of an address that a user typed.
 * @param flag where it was typed
 * @throws UserError `usage` with the reason.
 * @example parseAddress("CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG", identity.network, "--to").length // 25
 */
export function parseAddress(text: string, network: Network, flag: string): Uint8Array {
  requireString(text, "text");
  requireFields(network, "network", { params: "object" });
  requireString(flag, "flag");

  const decoded = decodeAddress(text, network.params);
  if (!decoded.ok)
    throw new UserError(
      "usage",
      `${flag} ${JSON.stringify(text.slice(0, 100))}: ${decoded.reason}`,
    );
  return decoded.script;
}
