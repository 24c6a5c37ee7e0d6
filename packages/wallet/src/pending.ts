/** A wallet's own payments that no block holds yet, as far as the wallet knows. */

import {
  type BlockHash,
  bytesToHex,
  hash160,
  type LocatedCoin,
  type Outpoint,
  outpointKey,
  p2pkhScript,
  ScriptReader,
  type Transaction,
  type TxInput,
} from "@chain/core";
import {
  requireArray,
  requireByteArrays,
  requireFields,
  requireLocatedCoin,
  requireTransaction,
} from "@chain/core/arguments";
import type { SpendableCoin } from "./build.ts";

/** A payment that was handed out. */
export interface PendingTransaction {
  readonly transaction: Transaction;
  /** Seconds since 1970. */
  readonly created: number;
  /** Whether a node has said that it accepted the payment. Only then it may be handed in again. */
  readonly accepted?: boolean | undefined;
  /**
   * Whether none but the wallet's own node can have got it. If that node runs and does not know it, it was not made:
   * the wallet was killed before it left.
   */
  readonly onlyOwnNode?: boolean | undefined;
  /**
   * The tip at which its coins were first found spent: a block holds it, or one that conflicts with it. The payment is
   * remembered until a reorganisation that brings the coins back is out of the question.
   */
  readonly settled?: { readonly height: number; readonly hash: BlockHash } | undefined;
}

/** Height of a coin that no block holds. Core: MEMPOOL_HEIGHT. */
const MEMPOOL_HEIGHT = 0x7fff_ffff;

export interface AppliedPending {
  /** Coins that can be spent: those of blocks that no payment spends yet, and the change of payments. */
  readonly spendable: readonly SpendableCoin[];
  /** Payments whose coins are all still there, or that spend none of these scripts. */
  readonly live: readonly PendingTransaction[];
  /** Payments of which a coin is gone: a block holds them, or one that conflicts with them. They are settled. */
  readonly dropped: readonly PendingTransaction[];
}

/**
 * The coins that are left when the wallet's own payments are counted: without a node that runs, two payments in a row
 * must neither spend a coin twice nor miss the change of the first. A payment counts for as long as its coins are
 * unspent on the chain; once one is gone the chain itself says what became of it. The change of a payment that no node
 * has accepted yet can't be spent: to do so, the payment would have to be handed in again, and its owner was not told
 * that it was made.
 * @param coins every coin of blocks that pays one of `scripts`, as some node knows them
 * @param pending in the order they were made; settled ones count for nothing
 * @param scripts the output scripts that this is about; payments of other scripts are neither counted nor dropped
 * @example
 * const signed = signTransaction(payment.transaction, payment.coins, () => key);
 * if (!signed.ok) return;
 * const pending = [{ transaction: signed.transaction, created: 1_800_000_000, accepted: true }];
 * applyPending(coins, pending, [script]).spendable.some((coin) => coin.pending) // true: the change
 */
export function applyPending(
  coins: readonly LocatedCoin[],
  pending: readonly PendingTransaction[],
  scripts: readonly Uint8Array[],
): AppliedPending {
  requireArray(coins, "coins", requireLocatedCoin);
  requireArray(pending, "pending", requirePending);
  requireByteArrays(scripts, "scripts");

  const own = new Set(scripts.map(bytesToHex));
  const spendable = new Map<string, SpendableCoin>(
    coins.map((coin) => [outpointKey(coin.outpoint), coin]),
  );
  const uncertain = new Set<string>();
  const live: PendingTransaction[] = [];
  const dropped: PendingTransaction[] = [];
  for (const payment of pending) {
    const { transaction, settled } = payment;
    if (settled !== undefined) continue;
    const spent = transaction.inputs.filter((input) => own.has(spentScript(input)));
    if (spent.some(({ prevout }) => !spendable.has(outpointKey(prevout)))) {
      dropped.push(payment);
      continue;
    }
    live.push(payment);
    // Nothing tells us whether such a payment is still waiting, so what it pays us counts once a block holds it.
    if (spent.length === 0) continue;
    for (const { prevout } of spent) spendable.delete(outpointKey(prevout));
    transaction.outputs.forEach(({ value, scriptPubKey }, vout) => {
      if (!own.has(bytesToHex(scriptPubKey))) return;
      const outpoint: Outpoint = { txid: transaction.txid, vout };
      const coin = { value, scriptPubKey, height: MEMPOOL_HEIGHT, coinbase: false };
      const key = outpointKey(outpoint);
      if (spendable.has(key)) return;
      spendable.set(key, { outpoint, coin, pending: true });
      if (payment.accepted !== true) uncertain.add(key);
    });
  }
  for (const key of uncertain) spendable.delete(key);
  return { spendable: [...spendable.values()], live, dropped };
}

/** The output script that a signed P2PKH input spends, by the public key it shows. */
function spentScript({ scriptSig }: TxInput): string {
  const reader = new ScriptReader(scriptSig);
  reader.next();
  const publicKey = reader.next()?.data;
  return publicKey === undefined ? "" : bytesToHex(p2pkhScript(hash160(publicKey)));
}

function requirePending(value: unknown, name: string): void {
  requireFields(value, name, { transaction: "object", created: "number" });
  requireTransaction((value as PendingTransaction).transaction, `${name}.transaction`);
}
