import { type AddressParams, requireAddressParams } from "../address.ts";
import { type ExtendedKeyParams, requireExtendedKeyParams } from "../extendedKey.ts";

/** The parameters that descriptors depend on. `DEVNET` has them too, before there is a chain. */
export type DescriptorParams = AddressParams & ExtendedKeyParams;

export function requireDescriptorParams(value: unknown, name: string): void {
  requireAddressParams(value, name);
  requireExtendedKeyParams(value, name);
}
