/** Transactions as Core's RPC shows them: TxToUniv (core_write.cpp) and entryToJSON (rpc/mempool.cpp). */
import {
  bytesToHex,
  type ChainParams,
  type Coin,
  outputTemplate,
  scriptToAsm,
  signalsReplaceability,
  type Transaction,
  type TxInput,
  type Txid,
  type TxOutput,
  type Wtxid,
} from "@chain/core";
import type { MempoolEntry } from "@chain/engine";
import { addressOfScript } from "@chain/wallet";
import { coinsNumber } from "./json.ts";

interface InputDescription {
  readonly coinbase?: string;
  readonly txid?: Txid;
  readonly vout?: number;
  readonly scriptSig?: { readonly asm: string; readonly hex: string };
  readonly txinwitness?: readonly string[];
  readonly sequence: number;
}

interface OutputDescription {
  /** Coins. */
  readonly value: number;
  readonly n: number;
  readonly scriptPubKey: {
    readonly asm: string;
    readonly hex: string;
    readonly address?: string;
    readonly type: string;
  };
}

export interface TransactionDescription {
  readonly txid: Txid;
  /** Core's name for the wtxid. */
  readonly hash: Wtxid;
  readonly version: number;
  readonly size: number;
  readonly vsize: number;
  readonly weight: number;
  readonly locktime: number;
  readonly vin: readonly InputDescription[];
  readonly vout: readonly OutputDescription[];
  /** Coins; missing where it is not known what was spent. */
  readonly fee?: number;
  readonly hex: string;
}

/** @param spent the coins of its inputs, where they are known; undefined for a coinbase, which has no fee */
export function describeTransaction(
  transaction: Transaction,
  params: ChainParams,
  spent?: readonly Coin[],
): TransactionDescription {
  const { isCoinbase, inputs, outputs } = transaction;
  return {
    txid: transaction.txid,
    hash: transaction.wtxid,
    version: transaction.version,
    size: transaction.totalSize,
    vsize: transaction.virtualSize,
    weight: transaction.weight,
    locktime: transaction.lockTime,
    vin: inputs.map((input) => describeInput(input, isCoinbase)),
    vout: outputs.map((output, n) => describeOutput(output, n, params)),
    ...(spent !== undefined && { fee: coinsNumber(sum(spent) - sum(outputs)) }),
    hex: bytesToHex(transaction.toBytes()),
  };
}

function sum(outputs: readonly { readonly value: bigint }[]): bigint {
  return outputs.reduce((total, { value }) => total + value, 0n);
}

function describeInput(
  { prevout, scriptSig, witness, sequence }: TxInput,
  isCoinbase: boolean,
): InputDescription {
  const hex = bytesToHex(scriptSig);
  const source = isCoinbase
    ? { coinbase: hex }
    : {
        txid: prevout.txid,
        vout: prevout.vout,
        scriptSig: { asm: scriptToAsm(scriptSig, { forDisplay: true, hashTypes: true }), hex },
      };
  const items = witness.length === 0 ? {} : { txinwitness: witness.map(bytesToHex) };
  return { ...source, ...items, sequence };
}

function describeOutput(
  { value, scriptPubKey }: TxOutput,
  n: number,
  params: ChainParams,
): OutputDescription {
  const { type } = outputTemplate(scriptPubKey);
  const address = addressOfScript(scriptPubKey, params);
  return {
    value: coinsNumber(value),
    n,
    scriptPubKey: {
      asm: scriptToAsm(scriptPubKey, { forDisplay: true }),
      hex: bytesToHex(scriptPubKey),
      ...(address !== undefined && { address }),
      type,
    },
  };
}

export interface EntryDescription {
  /** Virtual bytes, for which sigops count as well. */
  readonly vsize: number;
  readonly weight: number;
  /** When it came, in seconds since 1970, and the height of the tip then. */
  readonly time: number;
  readonly height: number;
  /** With what waits and depends on it; with what waits and it depends on; itself included. */
  readonly descendantcount: number;
  readonly descendantsize: number;
  readonly ancestorcount: number;
  readonly ancestorsize: number;
  readonly wtxid: Wtxid;
  /** Coins. `modified` is `base`, because priorities can't be changed here. */
  readonly fees: {
    readonly base: number;
    readonly modified: number;
    readonly ancestor: number;
    readonly descendant: number;
  };
  readonly depends: readonly Txid[];
  readonly spentby: readonly Txid[];
  /** Whether it, or one that waits and that it depends on, says that it may be replaced (BIP-0125). */
  readonly "bip125-replaceable": boolean;
  /** Whether it is our own, and no peer has shown to know it. */
  readonly unbroadcast: boolean;
}

export function describeEntry(entry: MempoolEntry, unbroadcast: boolean): EntryDescription {
  const { transaction, fee, descendants, ancestors } = entry;
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
      modified: coinsNumber(fee),
      ancestor: coinsNumber(ancestors.fees),
      descendant: coinsNumber(descendants.fees),
    },
    depends: txids(entry.parents),
    spentby: txids(entry.children),
    "bip125-replaceable": isReplaceable(entry),
    unbroadcast,
  };
}

function txids(entries: Iterable<MempoolEntry>): readonly Txid[] {
  return [...entries].map(({ transaction }) => transaction.txid);
}

/** Core: IsRBFOptIn. */
function isReplaceable(entry: MempoolEntry): boolean {
  const family = new Set([entry]);
  for (const member of family) {
    if (signalsReplaceability(member.transaction)) return true;
    for (const parent of member.parents) family.add(parent);
  }
  return false;
}
