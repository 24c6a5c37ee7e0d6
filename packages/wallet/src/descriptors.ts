/**
 * Descriptors and extended keys: the entry `@chain/wallet/descriptors`.
 * @module @chain/wallet/descriptors
 */
export type { ChecksumResult } from "./descriptor/checksum.ts";
export { checkDescriptorChecksum, descriptorChecksum } from "./descriptor/checksum.ts";
export type {
  DerivedAddresses,
  DescriptorExpansion,
  ParsedDescriptor,
} from "./descriptor/descriptor.ts";
export { Descriptor, parseDescriptor } from "./descriptor/descriptor.ts";
export { inferDescriptor } from "./descriptor/infer.ts";
export type { CreatedMultisig, MultisigAddressType } from "./descriptor/multisig.ts";
export { createMultisig } from "./descriptor/multisig.ts";
export type { DescriptorParams } from "./descriptor/params.ts";
export type { MaxSatisfaction, SatisfactionOptions } from "./descriptor/satisfaction.ts";
export type { ExtendedKeyParams } from "./extendedKey.ts";
export { ExtendedKey, HARDENED } from "./extendedKey.ts";
export type { KeyOrigin } from "./signingProvider.ts";
export { SigningProvider } from "./signingProvider.ts";
export type { TaprootLeaf, TaprootOutput } from "./taproot.ts";
export { taprootOutput } from "./taproot.ts";
