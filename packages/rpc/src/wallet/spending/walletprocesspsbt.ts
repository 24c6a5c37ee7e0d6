import { bytesToHex } from "@chain/core";
import { extractTransaction, formatPsbt } from "@chain/wallet/psbt";
import type { Method } from "../../define/method.ts";
import { flag, hex, maybe, obj, text } from "../../define/result.ts";
import { boolean, string } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_PARAMETER,
  RPC_WALLET_UNLOCK_NEEDED,
} from "../../errors.ts";
import { HASH_TYPE_NAMES, requireHashType } from "../../methods/hashTypes.ts";
import { EXAMPLE_PSBT, PSBT, requirePsbt } from "../../methods/psbts.ts";
import { requireUnlocked, walletMethod } from "../method.ts";
import { fillPsbt } from "./walletPsbt.ts";

export const walletprocesspsbt: Method = walletMethod({
  name: "walletprocesspsbt",
  description:
    "Update a PSBT with input information from our wallet and then sign inputs\nthat we can sign for.\nRequires wallet passphrase to be set with walletpassphrase call if wallet is encrypted.",
  arguments: [
    PSBT,
    boolean("sign", {
      text: "Also sign the transaction when updating (requires wallet to be unlocked)",
      fallback: true,
    }),
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
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no PSBT, or asks for another hash type" },
    { code: RPC_INVALID_PARAMETER, when: "the hash type is none" },
    { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
  ],
  examples: [[EXAMPLE_PSBT]],
  run: ({ psbt: given, sign, sighashtype, bip32derivs, finalize }, wallet) => {
    const decoded = requirePsbt(given);
    const hashType = sighashtype === undefined ? undefined : requireHashType(sighashtype);
    if (sign) requireUnlocked(wallet);
    const options = { sign, bip32derivs, finalize, hashType };
    const { psbt, complete } = fillPsbt(wallet.ledger, decoded, options);
    const transaction = complete ? extractTransaction(psbt) : undefined;
    return {
      psbt: formatPsbt(psbt),
      complete,
      ...(transaction !== undefined && { hex: bytesToHex(transaction.toBytes()) }),
    };
  },
});
