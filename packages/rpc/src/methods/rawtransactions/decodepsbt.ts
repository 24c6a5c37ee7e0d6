import { isMoney } from "@chain/core";
import { PSBT_GLOBAL, type Psbt, psbtXpubs, spentOutput } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { anything, coins, dict, hex, list, maybe, num, obj, text } from "../../define/result.ts";
import {
  describeInput,
  describeOrigin,
  describeOutputMap,
  proprietaryOf,
  unknownOf,
} from "../../describe/psbt.ts";
import { describeTransaction, transactionShape } from "../../describe/transaction.ts";
import { RPC_DESERIALIZATION_ERROR } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { EXAMPLE_PSBT, PSBT, requirePsbt } from "../psbts.ts";

const GLOBAL_TYPES: ReadonlySet<number> = /* @__PURE__ */ new Set(Object.values(PSBT_GLOBAL));

const innerScript = (what: string) =>
  obj(
    {
      asm: text("Disassembly of the script"),
      hex: hex("The raw script bytes"),
      type: text("The type, eg 'pubkeyhash'"),
    },
    what,
  );
const origin = {
  pubkey: hex("The public key"),
  master_fingerprint: hex("The fingerprint of the master key"),
  path: text("The path"),
};
const derivations = list(obj(origin), "Public keys with where they come from");
const tapDerivations = list(
  obj({
    ...origin,
    leaf_hashes: list(hex("The hash of a leaf"), "The leaves that this key appears in"),
  }),
  "Keys of Taproot, by x alone",
);
const preimages = dict(hex("The preimage"), "Hashes and their preimages", "hash");
const unknown = dict(hex("The value"), "The unknown fields", "key");
const proprietary = list(
  obj({
    identifier: hex("The proprietary identifier"),
    subtype: num("The number for the subtype"),
    key: hex("The key"),
    value: hex("The value"),
  }),
  "The proprietary map",
);

const input = obj({
  witness_utxo: maybe(
    obj(
      {
        amount: coins("The value"),
        scriptPubKey: anything("The output script, as `gettxout` has it"),
      },
      "Transaction output for witness UTXOs",
    ),
  ),
  non_witness_utxo: maybe(
    obj(transactionShape(false), "Decoded network transaction for non-witness UTXOs"),
  ),
  partial_signatures: maybe(dict(hex("The signature"), "Signatures by public keys", "pubkey")),
  sighash: maybe(text("The sighash type to be used")),
  redeem_script: maybe(innerScript("The redeem script")),
  witness_script: maybe(innerScript("The witness script")),
  bip32_derivs: maybe(derivations),
  final_scriptSig: maybe(
    obj(
      { asm: text("Disassembly of the script"), hex: hex("The raw script bytes") },
      "The final signature script",
    ),
  ),
  final_scriptwitness: maybe(list(hex("An item of the witness"), "The final witness")),
  ripemd160_preimages: maybe(preimages),
  sha256_preimages: maybe(preimages),
  hash160_preimages: maybe(preimages),
  hash256_preimages: maybe(preimages),
  taproot_key_path_sig: maybe(hex("The signature for the Taproot key path spend")),
  taproot_script_path_sigs: maybe(
    list(
      obj({
        pubkey: hex("The x-only pubkey for this signature"),
        leaf_hash: hex("The leaf hash for this signature"),
        sig: hex("The signature itself"),
      }),
      "Signatures by public key and leaf",
    ),
  ),
  taproot_scripts: maybe(
    list(
      obj({
        script: hex("A leaf script"),
        leaf_ver: num("The version number for the leaf script"),
        control_blocks: list(hex("A control block"), "The control blocks for this script"),
      }),
      "Scripts of the tree",
    ),
  ),
  taproot_bip32_derivs: maybe(tapDerivations),
  taproot_internal_key: maybe(hex("The Taproot x-only internal key")),
  taproot_merkle_root: maybe(hex("The Taproot merkle root")),
  proprietary: maybe(proprietary),
  unknown: maybe(unknown),
});

const output = obj({
  redeem_script: maybe(innerScript("The redeem script")),
  witness_script: maybe(innerScript("The witness script")),
  bip32_derivs: maybe(derivations),
  taproot_internal_key: maybe(hex("The Taproot x-only internal key")),
  taproot_tree: maybe(
    list(
      obj({
        depth: num("The depth of this element in the tree"),
        leaf_ver: num("The version of this leaf"),
        script: hex("The script itself"),
      }),
      "The tuples that make up the Taproot tree, in depth first search order",
    ),
  ),
  taproot_bip32_derivs: maybe(tapDerivations),
  proprietary: maybe(proprietary),
  unknown: maybe(unknown),
});

export const decodepsbt: Method = defineMethod({
  name: "decodepsbt",
  category: "rawtransactions",
  description:
    "Return a JSON object representing the serialized, base64-encoded partially signed transaction.",
  arguments: [PSBT],
  results: [
    {
      schema: obj({
        tx: obj(transactionShape(false), "The decoded network-serialized unsigned transaction."),
        global_xpubs: list(
          obj({
            xpub: text("The extended public key this path corresponds to"),
            master_fingerprint: hex("The fingerprint of the master key"),
            path: text("The path"),
          }),
          "Extended public keys",
        ),
        psbt_version: num(
          "The PSBT version number. Not to be confused with the unsigned transaction version",
        ),
        proprietary,
        unknown,
        inputs: list(input, "The inputs"),
        outputs: list(output, "The outputs"),
        fee: maybe(
          coins("The transaction fee paid if all UTXOs slots in the PSBT have been filled."),
        ),
      }),
    },
  ],
  errors: [{ code: RPC_DESERIALIZATION_ERROR, when: "the text is no PSBT" }],
  examples: [[EXAMPLE_PSBT]],
  run: ({ psbt: given }, { chain: { params } }) => {
    const psbt = requirePsbt(given);
    const fee = feeOf(psbt);
    return {
      tx: describeTransaction(psbt.transaction, params, { showsHex: false }),
      global_xpubs: psbtXpubs(psbt).map(({ text: xpub, origin: from }) => ({
        xpub,
        ...describeOrigin(from),
      })),
      psbt_version: psbt.version,
      proprietary: [...proprietaryOf(psbt.global)],
      unknown: unknownOf(psbt.global, GLOBAL_TYPES) ?? {},
      inputs: psbt.inputs.map((map) => describeInput(map, params)),
      outputs: psbt.outputs.map(describeOutputMap),
      ...(fee !== undefined && { fee: coinsNumber(fee) }),
    };
  },
});

/** Undefined where an output that is spent is missing, and where the sums are no money. */
function feeOf(psbt: Psbt): bigint | undefined {
  let fee = 0n;
  for (const index of psbt.inputs.keys()) {
    const spent = spentOutput(psbt, index);
    if (spent === undefined || !isMoney(spent.value)) return undefined;
    fee += spent.value;
    if (!isMoney(fee)) return undefined;
  }
  let paid = 0n;
  for (const { value } of psbt.transaction.outputs) {
    paid += value;
    if (!isMoney(value) || !isMoney(paid)) return undefined;
  }
  return fee - paid;
}
