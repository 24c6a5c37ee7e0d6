import { outpointKey, type TxOutput } from "@chain/core";
import { SigningProvider, signRawTransaction } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { list, string } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_TYPE_ERROR,
} from "../../errors.ts";
import { decodeTransaction } from "../decode.ts";
import { HASH_TYPE_NAMES, requireHashType } from "../hashTypes.ts";
import { findCoins, readPreviousOutputs } from "../previousOutputs.ts";
import { requirePrivateKey } from "../privateKeys.ts";
import { checkAmounts, describeSigned, PREVIOUS_OUTPUTS, SIGNED } from "../signed.ts";

export const signrawtransactionwithkey: Method = defineMethod({
  name: "signrawtransactionwithkey",
  category: "rawtransactions",
  description:
    "Sign inputs for raw transaction (serialized, hex-encoded).\nThe second argument is an array of base58-encoded private\nkeys that will be the only keys used to sign the transaction.\nThe third optional argument (may be null) is an array of previous transaction outputs that\nthis transaction depends on but may not yet be in the block chain.",
  arguments: [
    string("hexstring", { text: "The transaction hex string" }),
    list("privkeys", string("privatekey", { text: "private key in base58-encoding" }), {
      text: "The base58-encoded private keys for signing",
    }),
    PREVIOUS_OUTPUTS,
    string("sighashtype", {
      text: `The signature hash type. Must be one of:${HASH_TYPE_NAMES}`,
      hint: "DEFAULT for Taproot, ALL otherwise",
    }),
  ],
  results: [{ schema: SIGNED }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "a transaction or a previous output is malformed" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "a key is none of this network" },
    { code: RPC_INVALID_PARAMETER, when: "scripts don't fit, or the hash type is unknown" },
    { code: RPC_TYPE_ERROR, when: "an amount is missing" },
  ],
  examples: [["myhex", ["key1", "key2"]]],
  run: async ({ hexstring, privkeys, prevtxs, sighashtype }, host) => {
    const transaction = decodeTransaction(hexstring, { withoutWitness: true });
    const provider = new SigningProvider();
    for (const key of privkeys) provider.addPrivateKey(requirePrivateKey(key, host));
    const outpoints = transaction.inputs.map(({ prevout }) => prevout);
    const found = await findCoins(outpoints, host);
    const coins = new Map<string, TxOutput>();
    outpoints.forEach((outpoint, i) => {
      const coin = found[i];
      if (coin !== undefined) coins.set(outpointKey(outpoint), coin);
    });
    readPreviousOutputs(prevtxs ?? [], provider, coins);
    const hashType = requireHashType(sighashtype);
    const spent = outpoints.map((outpoint) => coins.get(outpointKey(outpoint)));
    const signed = signRawTransaction(transaction, spent, provider, { hashType });
    checkAmounts(signed.transaction, spent);
    return describeSigned(signed);
  },
});
