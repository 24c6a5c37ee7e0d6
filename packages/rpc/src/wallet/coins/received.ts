/** The sums that addresses were paid. Core: GetReceived (wallet/rpc/coins.cpp). */
import { bytesToHex, type Transaction } from "@chain/core";
import { RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import type { RpcWallet } from "../host.ts";

export interface ReceivedOptions {
  readonly minDepth: number;
  readonly includeImmature: boolean;
}

/** @param scripts of addresses; those of others are left out @throws RpcError -4 where none is the wallet's */
export function receivedBy(
  { ledger }: RpcWallet,
  scripts: readonly Uint8Array[],
  options: ReceivedOptions,
): bigint {
  const own = scripts.filter((script) => ledger.ownerOf(script) !== undefined);
  if (own.length === 0) throw new RpcError(RPC_WALLET_ERROR, "Address not found in wallet");
  const wanted = new Set(own.map(bytesToHex));
  let amount = 0n;
  for (const { transaction } of countedTransactions(ledger, options)) {
    for (const { value, scriptPubKey } of transaction.outputs) {
      if (wanted.has(bytesToHex(scriptPubKey))) amount += value;
    }
  }
  return amount;
}

/** Transactions deep enough, without coinbases of stale blocks and, unless they are wanted, immature ones. */
export function* countedTransactions(
  ledger: RpcWallet["ledger"],
  { minDepth, includeImmature }: ReceivedOptions,
): Generator<{ readonly transaction: Transaction; readonly depth: number }> {
  for (const each of ledger.transactions()) {
    const depth = ledger.depth(each.txid);
    if (depth < minDepth) continue;
    const isStale = each.transaction.isCoinbase && depth < 1;
    if (isStale || (!includeImmature && ledger.blocksToMaturity(each.txid) > 0)) continue;
    yield { transaction: each.transaction, depth };
  }
}
