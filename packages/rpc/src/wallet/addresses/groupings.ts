/** Addresses that transactions have shown to have one owner. Core: GetAddressGroupings, GetAddressBalances (receive.cpp). */
import { bytesToHex } from "@chain/core";
import { scriptKey } from "../../methods/addresses.ts";
import type { RpcWallet } from "../host.ts";

type Ledger = RpcWallet["ledger"];

/** Scripts, by their keys, in groups that have no member in common. */
export function addressGroups(ledger: Ledger): readonly ReadonlySet<string>[] {
  const groups = new Map<string, Set<string>>();
  const join = (scripts: readonly Uint8Array[]) => {
    const merged = new Set<string>();
    for (const key of scripts.map(scriptKey)) {
      for (const member of groups.get(key) ?? [key]) merged.add(member);
    }
    for (const member of merged) groups.set(member, merged);
  };
  for (const { transaction } of ledger.transactions()) {
    const outputs = transaction.outputs.map(({ scriptPubKey }) => scriptPubKey);
    const spent = transaction.inputs.flatMap(({ prevout }) => {
      const output = ledger.transaction(prevout.txid)?.transaction.outputs[prevout.vout];
      return output !== undefined && isMine(ledger, output.scriptPubKey)
        ? [output.scriptPubKey]
        : [];
    });
    const change = outputs.filter((script) => ledger.isChange(script));
    if (spent.length > 0) join([...spent, ...change]);
    for (const script of outputs) if (isMine(ledger, script)) join([script]);
  }
  return [...new Set(groups.values())];
}

/** The unspent coins of trusted transactions, by script. */
export function addressBalances(ledger: Ledger): ReadonlyMap<string, bigint> {
  const balances = new Map<string, bigint>();
  for (const { txid, transaction } of ledger.transactions()) {
    if (!ledger.isTrusted(txid) || ledger.blocksToMaturity(txid) > 0) continue;
    if (ledger.depth(txid) < (ledger.isFromMe(txid) ? 0 : 1)) continue;
    for (const [vout, { scriptPubKey, value }] of transaction.outputs.entries()) {
      if (!isMine(ledger, scriptPubKey) || ledger.isSpent({ txid, vout })) continue;
      const key = bytesToHex(scriptPubKey);
      balances.set(key, (balances.get(key) ?? 0n) + value);
    }
  }
  return balances;
}

function isMine(ledger: Ledger, script: Uint8Array): boolean {
  return ledger.ownerOf(script) !== undefined;
}
