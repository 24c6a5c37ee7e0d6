import { requireArray, requireFields } from "./arguments.ts";
import { type Outpoint, type OutpointKey, outpointKey } from "./outpoint.ts";
import { requireCoin, requireCoinsView, requireLocatedCoin, requireOutpoint } from "./shapes.ts";

/** An unspent output, and what a rule needs to know of the transaction that made it. */
export interface Coin {
  readonly value: bigint;
  readonly scriptPubKey: Uint8Array;
  /** Height of the block that made it. */
  readonly height: number;
  /** Whether a coinbase made it: then it matures before it can be spent. */
  readonly coinbase: boolean;
}

/** A coin and where it stands. */
export interface LocatedCoin {
  readonly outpoint: Outpoint;
  readonly coin: Coin;
}

/** Coins as far as they were read beforehand; what is not in it does not exist for the rule that asks. */
export interface CoinsView {
  get(outpoint: Outpoint): Coin | undefined;
}

/**
 * The net effect of a run of blocks on the set of coins. A coin that the run creates and spends itself is in neither list.
 * Each list names an outpoint once. One that is in both was replaced: apply `spent` first, then `created`.
 */
export interface CoinChanges {
  readonly spent: readonly LocatedCoin[];
  readonly created: readonly LocatedCoin[];
}

/**
 * Coins over a lower view, changed in memory only: the scratch view on which a reorganisation is rehearsed.
 * `changes()` is the difference to the lower view, ready for one atomic write.
 * @example
 * const overlay = new CoinsOverlay(view);
 * overlay.spend(input.prevout)?.value // 50_0000_0000n
 * overlay.get(input.prevout) // undefined
 * overlay.changes().spent.length // 1
 */
export class CoinsOverlay implements CoinsView {
  readonly #below: CoinsView;
  /** The entries that differ from the view below; `undefined`: spent here. */
  readonly #entries = new Map<OutpointKey, { outpoint: Outpoint; coin: Coin | undefined }>();

  constructor(below: CoinsView) {
    requireCoinsView(below, "below");

    this.#below = below;
  }

  get(outpoint: Outpoint): Coin | undefined {
    requireOutpoint(outpoint, "outpoint");

    const entry = this.#entries.get(outpointKey(outpoint));
    return entry === undefined ? this.#below.get(outpoint) : entry.coin;
  }

  /** Adds a coin; where one stood already, this one takes its place. */
  add(outpoint: Outpoint, coin: Coin): void {
    requireOutpoint(outpoint, "outpoint");
    requireCoin(coin, "coin");

    this.#entries.set(outpointKey(outpoint), { outpoint, coin });
  }

  /** Takes a coin out and returns it; `undefined` where there is none. */
  spend(outpoint: Outpoint): Coin | undefined {
    requireOutpoint(outpoint, "outpoint");

    const coin = this.get(outpoint);
    if (coin === undefined) return undefined;
    const key = outpointKey(outpoint);
    if (this.#below.get(outpoint) === undefined) this.#entries.delete(key);
    else this.#entries.set(key, { outpoint, coin: undefined });
    return coin;
  }

  apply(changes: CoinChanges): void {
    requireFields(changes, "changes", { spent: "array", created: "array" });
    requireArray(changes.spent, "changes.spent", requireLocatedCoin);
    requireArray(changes.created, "changes.created", requireLocatedCoin);

    for (const { outpoint } of changes.spent) this.spend(outpoint);
    for (const { outpoint, coin } of changes.created) this.add(outpoint, coin);
  }

  /** Everything that differs from the lower view. A replaced coin is both spent (the old) and created (the new). */
  changes(): CoinChanges {
    const spent: LocatedCoin[] = [];
    const created: LocatedCoin[] = [];
    for (const { outpoint, coin } of this.#entries.values()) {
      const old = this.#below.get(outpoint);
      if (coin !== undefined && old !== undefined && sameCoin(coin, old)) continue;
      if (old !== undefined) spent.push({ outpoint, coin: old });
      if (coin !== undefined) created.push({ outpoint, coin });
    }
    return { spent, created };
  }
}

function sameCoin(a: Coin, b: Coin): boolean {
  return (
    a.value === b.value &&
    a.height === b.height &&
    a.coinbase === b.coinbase &&
    a.scriptPubKey.length === b.scriptPubKey.length &&
    a.scriptPubKey.every((byte, i) => byte === b.scriptPubKey[i])
  );
}
