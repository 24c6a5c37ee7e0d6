import { bytesToHex } from "@chain/core";
import { analyzePsbt, type InputAnalysis } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, hex, list, maybe, num, obj, text } from "../../define/result.ts";
import { RPC_DESERIALIZATION_ERROR } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { EXAMPLE_PSBT, PSBT, requirePsbt } from "../psbts.ts";

export const analyzepsbt: Method = defineMethod({
  name: "analyzepsbt",
  category: "rawtransactions",
  description:
    "Analyzes and provides information about the current status of a PSBT and its inputs",
  arguments: [PSBT],
  results: [
    {
      schema: obj({
        inputs: maybe(
          list(
            obj({
              has_utxo: flag("Whether a UTXO is provided"),
              is_final: flag("Whether the input is finalized"),
              missing: maybe(
                obj(
                  {
                    pubkeys: maybe(
                      list(hex("Hash160 of a public key"), "Keys whose derivation path is missing"),
                    ),
                    signatures: maybe(
                      list(hex("Hash160 of a public key"), "Keys whose signature is missing"),
                    ),
                    redeemscript: maybe(hex("Hash160 of the redeem script that is missing")),
                    witnessscript: maybe(hex("SHA256 of the witness script that is missing")),
                  },
                  "Things that are missing that are required to complete this input",
                ),
              ),
              next: maybe(text("Role of the next person that this input needs to go to")),
            }),
            "The inputs",
          ),
        ),
        estimated_vsize: maybe(num("Estimated vsize of the final signed transaction")),
        estimated_feerate: maybe(
          coins("Estimated feerate of the final signed transaction in coins/kvB"),
        ),
        fee: maybe(coins("The transaction fee paid")),
        next: text("Role of the next person that this psbt needs to go to"),
        error: maybe(text("Error message (if there is one)")),
      }),
    },
  ],
  errors: [{ code: RPC_DESERIALIZATION_ERROR, when: "the text is no PSBT" }],
  examples: [[EXAMPLE_PSBT]],
  run: ({ psbt }) => {
    const analysis = analyzePsbt(requirePsbt(psbt));
    const { inputs, next, fee, estimatedVsize, estimatedFeeRate, error } = analysis;
    return {
      ...(inputs.length > 0 && { inputs: inputs.map(describe) }),
      ...(estimatedVsize !== undefined && { estimated_vsize: estimatedVsize }),
      ...(estimatedFeeRate !== undefined && { estimated_feerate: coinsNumber(estimatedFeeRate) }),
      ...(fee !== undefined && { fee: coinsNumber(fee) }),
      next,
      ...(error !== undefined && { error }),
    };
  },
});

function describe({ hasUtxo, isFinal, missing, next }: InputAnalysis) {
  const hashes = (all: readonly Uint8Array[]) => all.map((hash) => bytesToHex(hash));
  return {
    has_utxo: hasUtxo,
    is_final: isFinal,
    ...(missing !== undefined && {
      missing: {
        ...(missing.publicKeys.length > 0 && { pubkeys: hashes(missing.publicKeys) }),
        ...(missing.signatures.length > 0 && { signatures: hashes(missing.signatures) }),
        ...(missing.redeemScript && { redeemscript: bytesToHex(missing.redeemScript) }),
        ...(missing.witnessScript && { witnessscript: bytesToHex(missing.witnessScript) }),
      },
    }),
    next,
  };
}
