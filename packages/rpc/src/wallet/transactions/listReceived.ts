/** The sums that addresses and labels were paid. Core: ListReceived (wallet/rpc/transactions.cpp). */
import { bytesToHex, type Txid } from "@chain/core";
import { countedTransactions, type ReceivedOptions } from "../coins/received.ts";
import type { RpcWallet } from "../host.ts";

export interface Received {
  readonly script: Uint8Array;
  readonly label: string;
  readonly amount: bigint;
  /** Of the most recent payment; 0 where there is none. */
  readonly confirmations: number;
  readonly txids: readonly Txid[];
}

interface Tally {
  amount: bigint;
  depth: number;
  readonly txids: Txid[];
}

/** @param only of this address alone */
export function listReceived(
  { ledger }: RpcWallet,
  options: ReceivedOptions & { readonly includeEmpty: boolean; readonly only?: Uint8Array },
): readonly Received[] {
  const tallies = new Map<string, Tally>();
  for (const { transaction, depth } of countedTransactions(ledger, options)) {
    for (const { scriptPubKey, value } of transaction.outputs) {
      if (ledger.ownerOf(scriptPubKey) === undefined) continue;
      const key = bytesToHex(scriptPubKey);
      const tally = tallies.get(key) ?? { amount: 0n, depth, txids: [] };
      tallies.set(key, tally);
      tally.amount += value;
      tally.depth = Math.min(tally.depth, depth);
      tally.txids.push(transaction.txid);
    }
  }
  const only = options.only && bytesToHex(options.only);
  return ledger
    .addressEntries()
    .map((entry) => ({ ...entry, key: bytesToHex(entry.script) }))
    .filter(({ key }) => only === undefined || key === only)
    .filter(({ key }) => options.includeEmpty || tallies.has(key))
    .map(({ script, label, key }) => {
      const { amount = 0n, depth = 0, txids = [] } = tallies.get(key) ?? {};
      return { script, label, amount, confirmations: depth, txids };
    });
}
