/** Multisig outputs of given keys. Core: createmultisig, AddAndGetMultisigDestination (rpc/util.cpp). */

import {
  ArgumentError,
  hash160,
  multisigScript,
  p2shScript,
  p2wshScript,
  sha256,
} from "@chain/core";
import { present, requireArray, requireBytes, requireInteger } from "@chain/core/arguments";
import { addressOfScript } from "../address.ts";
import { type Refused, refused } from "../errors.ts";
import { SigningProvider } from "../signingProvider.ts";
import { inferDescriptor } from "./infer.ts";
import { type DescriptorParams, requireDescriptorParams } from "./params.ts";

/** Most keys of OP_CHECKMULTISIG. */
const MAX_KEYS = 20;
/** Longest redeem script. Bytes. */
const MAX_REDEEM_SCRIPT = 520;

/** How the script is wrapped. */
export type MultisigAddressType = "legacy" | "p2sh-segwit" | "bech32";
const ADDRESS_TYPES: readonly MultisigAddressType[] = ["legacy", "p2sh-segwit", "bech32"];

export type CreatedMultisig =
  | {
      readonly ok: true;
      readonly address: string;
      /** The script that the address is a hash of. */
      readonly redeemScript: Uint8Array;
      /** With its checksum. */
      readonly descriptor: string;
      readonly warnings: readonly string[];
    }
  | Refused<"no-key-required" | "too-few-keys" | "too-many-keys" | "too-large">;

/**
 * The address that so many of these keys must sign for, in their order. SegWit takes compressed keys alone: with another
 * one the address is of type `legacy`, and a warning says so. Reasons are Core's. Source: Core, createmultisig.
 * @param publicKeys 33 or 65 bytes each, on the curve
 * @example createMultisig(2, [alice, bob], "bech32", regtest).ok // true
 */
export function createMultisig(
  required: number,
  publicKeys: readonly Uint8Array[],
  addressType: MultisigAddressType,
  params: DescriptorParams,
): CreatedMultisig {
  requireInteger(required, "required");
  requireArray(publicKeys, "publicKeys", requireBytes);
  if (!ADDRESS_TYPES.includes(addressType)) {
    throw new ArgumentError("addressType", ADDRESS_TYPES.join(", "), addressType);
  }
  requireDescriptorParams(params, "params");
  const count = publicKeys.length;
  if (required < 1) {
    return refused(
      "no-key-required",
      "a multisignature address must require at least one key to redeem",
    );
  }
  if (count < required) {
    return refused(
      "too-few-keys",
      `not enough keys supplied (got ${count} keys, but need at least ${required} to redeem)`,
    );
  }
  if (count > MAX_KEYS) {
    return refused(
      "too-many-keys",
      `Number of keys involved in the multisignature address creation > ${MAX_KEYS}\nReduce the number`,
    );
  }
  const redeemScript = multisigScript(required, publicKeys);
  const type = publicKeys.every((key) => key.length === 33) ? addressType : "legacy";
  if (type === "legacy" && redeemScript.length > MAX_REDEEM_SCRIPT) {
    return refused(
      "too-large",
      `redeemScript exceeds size limit: ${redeemScript.length} > ${MAX_REDEEM_SCRIPT}`,
    );
  }
  const provider = new SigningProvider();
  provider.addScript(redeemScript);
  const program = p2wshScript(sha256(redeemScript));
  if (type === "p2sh-segwit") provider.addScript(program);
  const script = {
    legacy: () => p2shScript(hash160(redeemScript)),
    "p2sh-segwit": () => p2shScript(hash160(program)),
    bech32: () => program,
  }[type]();
  return {
    ok: true,
    address: present(addressOfScript(script, params), "the address of a multisig script"),
    redeemScript,
    descriptor: inferDescriptor(script, params, provider).toString(),
    warnings:
      type === addressType
        ? []
        : [
            "Unable to make chosen address type, please ensure no uncompressed public keys are present.",
          ],
  };
}
