import { type ChainParams, type OutpointKey, outpointKey, type Transaction } from "@chain/core";
import type { WatchedCoin } from "./watch.ts";

/** The money of the watched scripts, as the blocks have it that were searched. Base units. */
export interface Balance {
  /** Mature coins, which the next block may spend. */
  readonly confirmed: bigint;
  /** Coinbases that are too young. */
  readonly immature: bigint;
  /** The part of `confirmed` that transactions of ours spend which are not in a block yet. */
  readonly leaving: bigint;
  /** The block that this is true at; -1: none was searched. */
  readonly height: number;
  /** Whether that is the end of the best chain, and a peer that serves filters agrees. */
  readonly isCurrent: boolean;
}

/** The facts that a balance follows from. */
export interface Purse {
  readonly params: ChainParams;
  /** The last block that was searched. */
  readonly height: number;
  readonly coins: readonly WatchedCoin[];
  /** Transactions of ours that are not in a block and may come to be. */
  readonly pending: readonly Transaction[];
}

export function balanceOf(purse: Purse): Omit<Balance, "isCurrent"> {
  let confirmed = 0n;
  let immature = 0n;
  let leaving = 0n;
  const spends = pendingSpends(purse);
  for (const coin of purse.coins) {
    if (coin.spent !== undefined) continue;
    if (!isMature(coin, purse)) immature += coin.value;
    else {
      confirmed += coin.value;
      if (spends.has(outpointKey(coin.outpoint))) leaving += coin.value;
    }
  }
  return { confirmed, immature, leaving, height: purse.height };
}

export function freeCoins(purse: Purse): readonly WatchedCoin[] {
  const spends = pendingSpends(purse);
  return purse.coins.filter((coin) => {
    const isFree = coin.spent === undefined && !spends.has(outpointKey(coin.outpoint));
    return isFree && isMature(coin, purse);
  });
}

function pendingSpends({ pending }: Purse): ReadonlySet<OutpointKey> {
  const inputs = pending.flatMap(({ inputs }) => inputs);
  return new Set(inputs.map(({ prevout }) => outpointKey(prevout)));
}

function isMature({ coinbase, height }: WatchedCoin, { params, height: searched }: Purse): boolean {
  if (height === 0 && !params.genesisSpendable) return false;
  return !coinbase || searched + 1 - height >= params.coinbaseMaturity;
}
