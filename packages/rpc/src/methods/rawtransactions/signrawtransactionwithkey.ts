import {
  bytesToHex,
  COIN,
  MAX_MONEY,
  outpointKey,
  type Transaction,
  type TxOutput,
} from "@chain/core";
import { type SignedRawTransaction, SigningProvider, signRawTransaction } from "@chain/wallet/psbt";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag, hex, list as listOf, maybe, num, obj, text } from "../../define/result.ts";
import { amount, hexText, integer, list, objectOf, string } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_TYPE_ERROR,
  RpcError,
} from "../../errors.ts";
import type { Json } from "../../json/parse.ts";
import { decodeTransaction } from "../decode.ts";
import { HASH_TYPE_NAMES, requireHashType } from "../hashTypes.ts";
import { findCoins, readPreviousOutputs } from "../previousOutputs.ts";
import { requirePrivateKey } from "../privateKeys.ts";

const PREVIOUS = objectOf(
  "prevtx",
  [
    hexText("txid", { text: "The transaction id" }),
    integer("vout", { text: "The output number" }),
    hexText("scriptPubKey", { text: "output script" }),
    hexText("redeemScript", { text: "(required for P2SH) redeem script", optional: true }),
    hexText("witnessScript", {
      text: "(required for P2WSH or P2SH-P2WSH) witness script",
      optional: true,
    }),
    amount("amount", { text: "(required for Segwit inputs) the amount spent", optional: true }),
  ],
  { text: "A previous output" },
  (value): Json => value,
);

const ERRORS = listOf(
  obj({
    txid: hex("The hash of the referenced, previous transaction"),
    vout: num("The index of the output to spent and used as input"),
    witness: listOf(hex("An element"), "The witness"),
    scriptSig: hex("The hex-encoded signature script"),
    sequence: num("Script sequence number"),
    error: text("Verification or signing error related to the input"),
  }),
  "Script verification errors (if there are any)",
);

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
    list("prevtxs", PREVIOUS, {
      text: "The previous dependent transaction outputs",
      optional: true,
    }),
    string("sighashtype", {
      text: `The signature hash type. Must be one of:${HASH_TYPE_NAMES}`,
      hint: "DEFAULT for Taproot, ALL otherwise",
    }),
  ],
  results: [
    {
      schema: obj({
        hex: hex("The hex-encoded raw transaction with signature(s)"),
        complete: flag("If the transaction has a complete set of signatures"),
        errors: maybe(ERRORS),
      }),
    },
  ],
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
    return describe(signed);
  },
});

/** A signature of an input with a witness covers the amount. */
function checkAmounts({ inputs }: Transaction, spent: readonly (TxOutput | undefined)[]): void {
  inputs.forEach(({ witness }, i) => {
    const coin = spent[i];
    if (coin === undefined || coin.value !== MAX_MONEY || witness.length === 0) return;
    const value = `${coin.value / COIN}.${String(coin.value % COIN).padStart(8, "0")}`;
    const script = bytesToHex(coin.scriptPubKey).slice(0, 30);
    const message = `Missing amount for CTxOut(nValue=${value}, scriptPubKey=${script})`;
    throw new RpcError(RPC_TYPE_ERROR, message);
  });
}

function describe({ transaction, complete, errors }: SignedRawTransaction) {
  const described = errors.flatMap(({ index, reason }) => {
    const input = transaction.inputs[index];
    if (input === undefined) return [];
    return {
      txid: input.prevout.txid,
      vout: input.prevout.vout,
      witness: input.witness.map((item) => bytesToHex(item)),
      scriptSig: bytesToHex(input.scriptSig),
      sequence: input.sequence,
      error: reason,
    };
  });
  return {
    hex: bytesToHex(transaction.toBytes()),
    complete,
    ...(described.length > 0 && { errors: described }),
  };
}
