import {
  hasValidOpcodes,
  isUnspendable,
  type Refusal,
  type Transaction,
  type TxOutput,
} from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { hexText, rawAmount, readAmount, readFeeRate } from "../../define/types.ts";
import { refusalText } from "../../describe/refusal.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_VERIFY_ALREADY_IN_UTXO_SET,
  RPC_VERIFY_ERROR,
  RPC_VERIFY_REJECTED,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { decodeTransaction } from "../decode.ts";
import { isTooMuch, MAX_FEE_RATE, tooMuch } from "../feeLimit.ts";

export const sendrawtransaction: Method = defineMethod({
  name: "sendrawtransaction",
  category: "rawtransactions",
  description:
    "Submit a raw transaction (serialized, hex-encoded) to local node and network.\nIt goes to the mempool and to the peers, again and again until one of them has shown to know it.",
  arguments: [
    hexText("hexstring", { text: "The hex string of the raw transaction" }),
    rawAmount("maxfeerate", {
      text: "Reject transactions whose fee rate is higher than the specified value, expressed in BTC/kvB.\nFee rates larger than 1BTC/kvB are rejected.\nSet to 0 to accept any fee rate.",
      fallback: MAX_FEE_RATE,
    }),
    rawAmount("maxburnamount", {
      text: "Reject transactions with provably unspendable outputs greater than the specified value, expressed in BTC.",
      fallback: "0.00",
    }),
  ],
  results: [{ schema: hex("The transaction hash in hex") }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no transaction" },
    { code: RPC_VERIFY_ERROR, when: "inputs are missing, or a limit of the caller's is exceeded" },
    {
      code: RPC_VERIFY_REJECTED,
      when: "it breaks a rule: the message begins with the reject reason",
    },
    { code: RPC_VERIFY_ALREADY_IN_UTXO_SET, when: "it is in the best chain already" },
  ],
  examples: [["signedhex"]],
  run: async ({ hexstring, maxfeerate, maxburnamount }, { chain, node, mempool }) => {
    // In Core's order, so that of several faults the same one is told.
    const maxBurn = readAmount(maxburnamount);
    const transaction = decodeTransaction(hexstring);
    if (transaction.outputs.some((output) => output.value > maxBurn && isBurnt(output))) {
      const message = "Unspendable output exceeds maximum configured by user (maxburnamount)";
      throw new RpcError(RPC_VERIFY_ERROR, message);
    }
    const maxFeeRate = readFeeRate(maxfeerate);
    // First, as in Core: of a confirmed transaction no other fault is told, be it a coinbase or of no usual form.
    if (await isConfirmed(transaction, chain)) throw alreadyInUtxoSet();
    const tested = await chain.testTransaction(transaction);
    if (tested.ok && isTooMuch(tested, maxFeeRate)) throw tooMuch();
    const isToBeTold = tested.ok || isWaiting(tested);
    const verdict = isToBeTold ? await node.submitTransaction(transaction) : tested;
    if (verdict.ok || isWaiting(verdict)) {
      await mempool.keep(transaction);
      return transaction.txid;
    }
    if (verdict.reason === "txn-already-known") throw alreadyInUtxoSet();
    // Core keeps -25 for inputs that it does not know, and -26 for what breaks a rule.
    if (verdict.kind === "missing-inputs") throw new RpcError(RPC_VERIFY_ERROR, verdict.reason);
    throw new RpcError(RPC_VERIFY_REJECTED, refusalText(verdict));
  },
});

/** The mempool has it, be it with another witness: then it is announced once more, and that is no mistake. */
function isWaiting({ reason }: Refusal): boolean {
  return reason === "txn-already-in-mempool" || reason === "txn-same-nonwitness-data-in-mempool";
}

/** Whether the best chain has one of its outputs, unspent. Core: BroadcastTransaction. */
async function isConfirmed(
  { txid, outputs }: Transaction,
  chain: RpcHost["chain"],
): Promise<boolean> {
  const coins = await chain.getCoins(outputs.map((_, vout) => ({ txid, vout })));
  return coins.some((coin) => coin !== undefined);
}

function alreadyInUtxoSet(): RpcError {
  return new RpcError(RPC_VERIFY_ALREADY_IN_UTXO_SET, "Transaction outputs already in utxo set");
}

function isBurnt({ scriptPubKey }: TxOutput): boolean {
  return isUnspendable(scriptPubKey) || !hasValidOpcodes(scriptPubKey);
}
