/** What a running node can be asked about transactions that wait, and given to wait. Names and fields are Core's. */
import {
  feeForSize,
  hasValidOpcodes,
  isUnspendable,
  type Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import { z } from "zod";
import type { ControlContext } from "./context.ts";
import { describeEntry, type EntryDescription } from "./describeTransaction.ts";
import { coinsNumber } from "./json.ts";
import { type Method, method } from "./method.ts";
import { amountOf, decodeTransaction, feeRateOf, txid } from "./parameters.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_VERIFY_ALREADY_IN_UTXO_SET,
  RPC_VERIFY_ERROR,
  RPC_VERIFY_REJECTED,
  RpcError,
} from "./protocol.ts";
import type { AcceptanceDescription, RpcResults } from "./results.ts";

type MempoolMethod =
  | "getrawmempool"
  | "getmempoolinfo"
  | "getmempoolentry"
  | "sendrawtransaction"
  | "submitpayment"
  | "testmempoolaccept";

/** Coins for 1,000 virtual bytes. Core: DEFAULT_MAX_RAW_TX_FEE_RATE. */
const MAX_FEE_RATE = "0.1";

export const mempoolMethods: { readonly [Name in MempoolMethod]: Method<RpcResults[Name]> } = {
  getrawmempool: method({ verbose: z.boolean().default(false) }, ({ verbose }, context) => {
    const { mempool } = context.chain;
    const names = [...mempool.entries()].map(({ transaction }) => transaction.txid);
    if (!verbose) return names;
    return Object.fromEntries(names.map((name) => [name, entryOf(context, name)]));
  }),

  getmempoolinfo: method({}, (_, { chain, node, now, mempoolLoaded }) => {
    const { mempool } = chain;
    const { policy } = mempool;
    let fees = 0n;
    let unbroadcast = 0;
    for (const { fee, transaction } of mempool.entries()) {
      fees += fee;
      if (node.unbroadcast.has(transaction.txid)) unbroadcast++;
    }
    return {
      loaded: mempoolLoaded(),
      size: mempool.count,
      bytes: mempool.virtualSize,
      usage: mempool.memory,
      total_fee: coinsNumber(fees),
      maxmempool: mempool.limits.maxMemory,
      mempoolminfee: coinsNumber(mempool.minFeeRate(now())),
      minrelaytxfee: coinsNumber(policy.minRelayFeeRate),
      incrementalrelayfee: coinsNumber(policy.incrementalRelayFeeRate),
      unbroadcastcount: unbroadcast,
      fullrbf: policy.replaceByFee === "full",
    };
  }),

  getmempoolentry: method({ txid }, (params, context) => entryOf(context, params.txid)),

  /** `maxfeerate`: coins for 1,000 virtual bytes, 0: no limit; `maxburnamount`: for outputs that can't be spent. */
  sendrawtransaction: method(
    {
      hexstring: z.string(),
      maxfeerate: z.unknown().optional(),
      maxburnamount: z.unknown().optional(),
    },
    async ({ hexstring, maxfeerate, maxburnamount = 0 }, { chain, node, keepTransaction }) => {
      // In Core's order, so that of several faults the same one is told.
      const maxBurn = amountOf(maxburnamount);
      const transaction = decodeTransaction(hexstring);
      if (transaction.outputs.some((output) => output.value > maxBurn && isBurnt(output))) {
        const message = "Unspendable output exceeds maximum configured by user (maxburnamount)";
        throw new RpcError(RPC_VERIFY_ERROR, message);
      }
      const maxFeeRate = feeRateOf(maxfeerate ?? MAX_FEE_RATE);
      const tested = await chain.testTransaction(transaction);
      if (tested.ok && isTooMuch(tested, maxFeeRate)) throw tooMuch();
      const verdict = tested.ok ? await node.submitTransaction(transaction) : tested;
      if (verdict.ok || verdict.reason === "txn-already-in-mempool") {
        await keepTransaction(transaction);
        return transaction.txid;
      }
      if (verdict.reason === "txn-already-known") {
        const message = "Transaction outputs already in utxo set";
        throw new RpcError(RPC_VERIFY_ALREADY_IN_UTXO_SET, message);
      }
      // Core keeps -25 for inputs that it does not know, and -26 for what breaks a rule.
      const code = verdict.kind === "missing-inputs" ? RPC_VERIFY_ERROR : RPC_VERIFY_REJECTED;
      throw new RpcError(code, verdict.reason);
    },
  ),

  /**
   * Ours: takes a new payment. Unlike `sendrawtransaction` it refuses one that is known already or that would replace
   * another: of two programs that spend the same coins, or make the same payment, one has to choose again.
   */
  submitpayment: method({ hexstring: z.string() }, async ({ hexstring }, context) => {
    const { chain, node, keepTransaction } = context;
    const transaction = decodeTransaction(hexstring);
    const tested = await chain.testTransaction(transaction);
    if (tested.ok && isTooMuch(tested, feeRateOf(MAX_FEE_RATE))) throw tooMuch();
    const verdict = await node.submitTransaction(transaction, { mayReplace: false });
    if (!verdict.ok) throw new RpcError(RPC_VERIFY_REJECTED, verdict.reason);
    await keepTransaction(transaction);
    return transaction.txid;
  }),

  /** Whether `sendrawtransaction` would take it. One at a time, as Core up to 0.21 has it. */
  testmempoolaccept: method(
    { rawtxs: z.array(z.string()), maxfeerate: z.unknown().optional() },
    async ({ rawtxs, maxfeerate }, context) => {
      const [hex, ...others] = rawtxs;
      if (hex === undefined || others.length > 0) {
        const message = "Array must contain exactly one raw transaction for now";
        throw new RpcError(RPC_INVALID_PARAMETER, message);
      }
      const maxFeeRate = feeRateOf(maxfeerate ?? MAX_FEE_RATE);
      return [await testAcceptance(context, decodeTransaction(hex), maxFeeRate)];
    },
  ),
};

function entryOf({ chain, node }: ControlContext, name: Txid): EntryDescription {
  const entry = chain.mempool.get(name);
  if (entry === undefined) {
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Transaction not in mempool");
  }
  return describeEntry(entry, node.unbroadcast.has(name));
}

/** @param maxFeeRate base units for 1,000 virtual bytes; 0: no limit */
async function testAcceptance(
  { chain }: ControlContext,
  transaction: Transaction,
  maxFeeRate: bigint,
): Promise<AcceptanceDescription> {
  const verdict = await chain.testTransaction(transaction);
  const names = { txid: transaction.txid, wtxid: transaction.wtxid };
  const refused = (reason: string) => ({ ...names, allowed: false, "reject-reason": reason });
  if (!verdict.ok) {
    const { kind, reason } = verdict;
    return refused(kind === "missing-inputs" ? "missing-inputs" : reason);
  }
  const { fee, size } = verdict;
  if (isTooMuch(verdict, maxFeeRate)) return refused("max-fee-exceeded");
  return { ...names, allowed: true, vsize: size, fees: { base: coinsNumber(fee) } };
}

function isBurnt({ scriptPubKey }: TxOutput): boolean {
  return isUnspendable(scriptPubKey) || !hasValidOpcodes(scriptPubKey);
}

function tooMuch(): RpcError {
  const message = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";
  return new RpcError(RPC_VERIFY_ERROR, message);
}

/** @param maxFeeRate base units for 1,000 virtual bytes; 0: no limit */
function isTooMuch({ fee, size }: { fee: bigint; size: number }, maxFeeRate: bigint): boolean {
  return maxFeeRate > 0n && fee > feeForSize(maxFeeRate, size);
}
