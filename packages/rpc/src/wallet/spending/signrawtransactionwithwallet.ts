import { outpointKey, type TxOutput } from "@chain/core";
import { signRawTransaction } from "@chain/wallet/psbt";
import type { Method } from "../../define/method.ts";
import { string } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_PARAMETER,
  RPC_TYPE_ERROR,
  RPC_WALLET_UNLOCK_NEEDED,
} from "../../errors.ts";
import { decodeTransaction } from "../../methods/decode.ts";
import { HASH_TYPE_NAMES, requireHashType } from "../../methods/hashTypes.ts";
import { findCoins, readPreviousOutputs } from "../../methods/previousOutputs.ts";
import { checkAmounts, describeSigned, PREVIOUS_OUTPUTS, SIGNED } from "../../methods/signed.ts";
import { requireUnlocked, walletMethod } from "../method.ts";

export const signrawtransactionwithwallet: Method = walletMethod({
  name: "signrawtransactionwithwallet",
  description:
    "Sign inputs for raw transaction (serialized, hex-encoded).\nThe second optional argument (may be null) is an array of previous transaction outputs that\nthis transaction depends on but may not yet be in the block chain.\nRequires wallet passphrase to be set with walletpassphrase call if wallet is encrypted.",
  arguments: [
    string("hexstring", { text: "The transaction hex string" }),
    PREVIOUS_OUTPUTS,
    string("sighashtype", {
      text: `The signature hash type. Must be one of${HASH_TYPE_NAMES}`,
      hint: "DEFAULT for Taproot, ALL otherwise",
    }),
  ],
  results: [{ schema: SIGNED }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "a transaction or a previous output is malformed" },
    { code: RPC_INVALID_PARAMETER, when: "the hash type is unknown" },
    { code: RPC_TYPE_ERROR, when: "an amount is missing" },
    { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
  ],
  examples: [["myhex"]],
  waits: false,
  run: async ({ hexstring, prevtxs, sighashtype }, wallet, { host }) => {
    const transaction = decodeTransaction(hexstring, { withoutWitness: true });
    requireUnlocked(wallet);
    const outpoints = transaction.inputs.map(({ prevout }) => prevout);
    const found = await findCoins(outpoints, host);
    const coins = new Map<string, TxOutput>();
    outpoints.forEach((outpoint, i) => {
      const coin = found[i];
      if (coin !== undefined) coins.set(outpointKey(outpoint), coin);
    });
    readPreviousOutputs(prevtxs ?? [], undefined, coins);
    const hashType = requireHashType(sighashtype);
    const spent = outpoints.map((outpoint) => coins.get(outpointKey(outpoint)));
    const scripts = spent.flatMap((coin) => (coin === undefined ? [] : [coin.scriptPubKey]));
    const own = scripts.filter((script) => wallet.ledger.ownerOf(script) !== undefined);
    const provider = wallet.ledger.provider(own, true);
    const signed = signRawTransaction(transaction, spent, provider, { hashType });
    checkAmounts(signed.transaction, spent);
    return describeSigned(signed);
  },
});
