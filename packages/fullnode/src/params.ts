import { type AddressParams, decodeAddress } from "@chain/wallet";
import { UserError } from "./errors.ts";
import { type NetworkName, networkOf } from "./networks.ts";

/** The form of addresses of a network. */
export function addressParams(network: NetworkName): AddressParams {
  return networkOf(network).params;
}

/**
 * The output script of an address that somebody typed.
 * @param flag where it was typed
 * @throws UserError `usage` with the reason.
 */
export function parseAddress(text: string, network: NetworkName, flag: string): Uint8Array {
  const decoded = decodeAddress(text, addressParams(network));
  if (!decoded.ok)
    throw new UserError(
      "usage",
      `${flag} ${JSON.stringify(text.slice(0, 100))}: ${decoded.reason}`,
    );
  return decoded.script;
}
