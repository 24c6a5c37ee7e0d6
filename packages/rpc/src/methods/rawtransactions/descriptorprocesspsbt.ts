import { bytesToHex } from "@chain/core";
import {
  extractTransaction,
  formatPsbt,
  isFinalInput,
  signPsbt,
  updatePsbt,
} from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag, hex, maybe, obj, text } from "../../define/result.ts";
import { boolean, list, string } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
} from "../../errors.ts";
import { HASH_TYPE_NAMES, requireHashType } from "../hashTypes.ts";
import {
  DESCRIPTOR,
  EXAMPLE_PSBT,
  knownOf,
  PSBT,
  requirePsbt,
  withoutNewOrigins,
} from "../psbts.ts";
import { providerOf } from "../scripts.ts";

export const descriptorprocesspsbt: Method = defineMethod({
  name: "descriptorprocesspsbt",
  category: "rawtransactions",
  description:
    "Update all segwit inputs in a PSBT with information from output descriptors, the UTXO set or the mempool. \nThen, sign the inputs we are able to with information from the output descriptors.",
  arguments: [
    PSBT,
    list("descriptors", DESCRIPTOR, { text: "An array of either strings or objects" }),
    string("sighashtype", {
      text: `The signature hash type to sign with if not specified by the PSBT. Must be one of${HASH_TYPE_NAMES}`,
      hint: "DEFAULT for Taproot, ALL otherwise",
    }),
    boolean("bip32derivs", {
      text: "Include BIP 32 derivation paths for public keys if we know them",
      fallback: true,
    }),
    boolean("finalize", { text: "Also finalize inputs if possible", fallback: true }),
  ],
  results: [
    {
      schema: obj({
        psbt: text("The base64-encoded partially signed transaction"),
        complete: flag("If the transaction has a complete set of signatures"),
        hex: maybe(hex("The hex-encoded network transaction if complete")),
      }),
    },
  ],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no PSBT" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "a descriptor is none" },
    { code: RPC_INVALID_PARAMETER, when: "the hash type is none, or a range" },
  ],
  examples: [[EXAMPLE_PSBT, ["descriptor1", "descriptor2"]]],
  run: async ({ psbt: given, descriptors, sighashtype, bip32derivs, finalize }, host) => {
    const objects = descriptors.map((each) => each ?? null);
    const provider = await providerOf(objects, host, { withPrivateKeys: true });
    const hashType = requireHashType(sighashtype);
    const psbt = requirePsbt(given);
    const updated = updatePsbt(psbt, { provider, ...(await knownOf(psbt, host)) });
    const { psbt: signed, ...outcome } = signPsbt(updated, provider, { hashType, finalize });
    // Signatures that are not assembled do not count. Core: PSBTInputSigned.
    const complete = outcome.complete && signed.inputs.every((input) => isFinalInput(input));
    const result = bip32derivs ? signed : withoutNewOrigins(signed, psbt);
    const transaction = complete ? extractTransaction(signed) : undefined;
    return {
      psbt: formatPsbt(result),
      complete,
      ...(transaction !== undefined && { hex: bytesToHex(transaction.toBytes()) }),
    };
  },
});
