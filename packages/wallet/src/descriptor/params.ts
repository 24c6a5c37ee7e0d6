import type { AddressParams } from "../address.ts";
import type { ExtendedKeyParams } from "../extendedKey.ts";

/** The parameters that descriptors depend on. `DEVNET` has them too, before there is a chain. */
export type DescriptorParams = AddressParams & ExtendedKeyParams;
