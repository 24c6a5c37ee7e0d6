/** Coins with all that a payment or a list wants to know of them. Core: AvailableCoins. */
import type { Outpoint } from "@chain/core";
import { present } from "@chain/core/arguments";
import type { HeldTransaction, OwnOutput } from "./heldTransaction.ts";
import type { History } from "./history.ts";
import type { HeldScript } from "./keyRing.ts";
import type { CoinFilter, OwnedCoin } from "./types.ts";
import { ownerOf } from "./walletKeys.ts";

export interface CoinHost {
  readonly history: History;
  readonly isLocked: (outpoint: Outpoint) => boolean;
  readonly isReused: (script: Uint8Array) => boolean;
  readonly owner: (script: Uint8Array) => HeldScript | undefined;
}

/** A filter that also takes coins which no payment could spend, because their transaction is nowhere. */
type WideFilter = CoinFilter & { readonly includeUnusable?: boolean };

export function coinsOf(
  outputs: Iterable<OwnOutput>,
  filter: WideFilter,
  host: CoinHost,
): readonly OwnedCoin[] {
  const trust = new Map<HeldTransaction, boolean>();
  const found: OwnedCoin[] = [];
  for (const output of outputs) {
    const coin = coinOf(output, filter, host, trust);
    if (coin !== undefined) found.push(coin);
  }
  return found;
}

function coinOf(
  output: OwnOutput,
  filter: WideFilter,
  host: CoinHost,
  trust: Map<HeldTransaction, boolean>,
): OwnedCoin | undefined {
  const { history } = host;
  const { transaction, vout, value, script } = output;
  const { minDepth = 0, maxDepth = Number.POSITIVE_INFINITY } = filter;
  const { minValue = 0n, maxValue = value } = filter;
  const depth = history.depth(transaction);
  const isImmature = history.blocksToMaturity(transaction) > 0;
  const isUsable = depth > 0 || (depth === 0 && transaction.state.type === "mempool");
  if (!isUsable && !filter.includeUnusable) return undefined;
  if (isImmature && !filter.includeImmature) return undefined;
  if (isUsable && (depth < minDepth || depth > maxDepth)) return undefined;
  if (value < minValue || value > maxValue) return undefined;
  const isSafe = history.isTrusted(transaction, trust) && !isInReplacement(transaction, depth);
  if (!isSafe && !filter.includeUnsafe) return undefined;
  const outpoint = { txid: transaction.txid, vout };
  const isLocked = host.isLocked(outpoint);
  if (isLocked && !filter.includeLocked) return undefined;
  const isReused = host.isReused(script);
  if (isReused && !filter.includeReused) return undefined;
  output.owner ??= host.owner(script);
  const { held, index } = present(output.owner, "the owner of an own output");
  // Field by field: there may be 100,000 of them, and each spread would make another object.
  return {
    outpoint,
    value,
    scriptPubKey: script,
    transaction,
    depth,
    isCoinbase: transaction.isCoinbase,
    isImmature,
    isSafe,
    isFromMe: history.isFromMe(transaction),
    isSolvable: held.isSolvable,
    isLocked,
    isReused,
    hasTrucChild: transaction.trucChild !== undefined,
    owner: ownerOf(held, index),
  };
}

/**
 * An unconfirmed transaction that replaces another one, or was replaced: a reorganisation could confirm both what spends the one
 * and what spends the other, so that the user would pay twice.
 */
function isInReplacement({ notes }: HeldTransaction, depth: number): boolean {
  return depth === 0 && (notes.replaces !== undefined || notes.replacedBy !== undefined);
}
