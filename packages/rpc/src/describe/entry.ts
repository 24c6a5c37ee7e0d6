/** Unconfirmed transactions as Core's RPC shows them. Core: entryToJSON (rpc/mempool.cpp). */
import { signalsReplaceability, type Txid } from "@chain/core";
import type { MempoolEntry } from "@chain/engine";
import {
  coins,
  flag,
  hex,
  list,
  num,
  obj,
  type SchemaOf,
  type ShapeOf,
  time,
} from "../define/result.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RpcError } from "../errors.ts";
import type { RpcHost } from "../host.ts";
import { coinsNumber } from "../json/number.ts";

export interface EntryDescription {
  readonly vsize: number;
  readonly weight: number;
  readonly time: number;
  readonly height: number;
  readonly descendantcount: number;
  readonly descendantsize: number;
  readonly ancestorcount: number;
  readonly ancestorsize: number;
  readonly wtxid: string;
  readonly fees: {
    readonly base: number;
    readonly modified: number;
    readonly ancestor: number;
    readonly descendant: number;
  };
  readonly depends: readonly string[];
  readonly spentby: readonly string[];
  readonly "bip125-replaceable": boolean;
  readonly unbroadcast: boolean;
}

const entryShape: ShapeOf<EntryDescription> = {
  vsize: num("Virtual transaction size, for which sigops count as well"),
  weight: num("Transaction weight as defined in BIP-0141"),
  time: time("When it entered the mempool, in seconds since 1970"),
  height: num("The height of the chain when it entered the mempool"),
  descendantcount: num("Number of descendants in the mempool, this one included"),
  descendantsize: num("Virtual size of descendants in the mempool, this one included"),
  ancestorcount: num("Number of ancestors in the mempool, this one included"),
  ancestorsize: num("Virtual size of ancestors in the mempool, this one included"),
  wtxid: hex("Hash of the transaction with its witness"),
  fees: obj({
    base: coins("The fee, in coins"),
    modified: coins("The fee with deltas that mining prefers it by, in coins"),
    ancestor: coins("Modified fees of ancestors in the mempool, this one included, in coins"),
    descendant: coins("Modified fees of descendants in the mempool, this one included, in coins"),
  }),
  depends: list(hex("The id of a parent"), "Unconfirmed transactions that it spends"),
  spentby: list(hex("The id of a child"), "Unconfirmed transactions that spend it"),
  "bip125-replaceable": flag(
    "Whether it, or an unconfirmed ancestor, signals that it may be replaced",
  ),
  unbroadcast: flag("Whether it is our own and no peer has shown to know it yet"),
};

export const entryResult: SchemaOf<EntryDescription> = obj(entryShape, "The transaction");

/** @throws RpcError -5 */
export function entryOf({ chain }: Pick<RpcHost, "chain">, txid: Txid): MempoolEntry {
  const entry = chain.mempool.get(txid);
  if (entry !== undefined) return entry;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Transaction not in mempool");
}

export function describeEntry(
  entry: MempoolEntry,
  { node }: Pick<RpcHost, "node">,
): EntryDescription {
  const { transaction, fee, modifiedFee, descendants, ancestors } = entry;
  return {
    vsize: entry.size,
    weight: transaction.weight,
    time: Math.floor(entry.time / 1000),
    height: entry.height,
    descendantcount: descendants.count,
    descendantsize: descendants.size,
    ancestorcount: ancestors.count,
    ancestorsize: ancestors.size,
    wtxid: transaction.wtxid,
    fees: {
      base: coinsNumber(fee),
      modified: coinsNumber(modifiedFee),
      ancestor: coinsNumber(ancestors.fees),
      descendant: coinsNumber(descendants.fees),
    },
    depends: txids(entry.parents),
    spentby: txids(entry.children),
    "bip125-replaceable": isReplaceable(entry),
    unbroadcast: node.unbroadcast.has(transaction.txid),
  };
}

function txids(entries: Iterable<MempoolEntry>): readonly Txid[] {
  return [...entries].map(({ transaction }) => transaction.txid);
}

/** Core: IsRBFOptIn. */
export function isReplaceable(entry: MempoolEntry): boolean {
  const family = new Set([entry]);
  for (const member of family) {
    if (signalsReplaceability(member.transaction)) return true;
    for (const parent of member.parents) family.add(parent);
  }
  return false;
}
