import {
  ArgumentError,
  type BlockHash,
  BlockHeader,
  type Coin,
  idToBytes,
  type LocatedCoin,
  type Milliseconds,
  type Outpoint,
  type OutpointKey,
  outpointKey,
} from "@chain/core";
import type { ChainUpdate } from "../store.ts";
import { type CoinsPlace, deleteCoins, putCoins, putEntries } from "./changes.ts";
import type { Batch } from "./checked.ts";
import { asStored, type BlockEntry } from "./records.ts";
import { META } from "./schema.ts";

/** After so many bytes of blocks and undo data the disk is waited for, asked or not: `recover` has to read them. */
export const MAX_UNSYNCED: number = 32 * 1024 * 1024;
/** Changes are held so long at most. */
export const MAX_AGE: Milliseconds = 10_000;

/** A coin that differs from that of the database. */
interface HeldCoin {
  readonly outpoint: Outpoint;
  /** The database has this one. */
  readonly stored: Coin | undefined;
  /** `undefined`: spent. */
  now: Coin | undefined;
}

/** About what a coin takes in memory beside its script, and what an index entry does. Bytes. */
const COIN_BYTES = 300;
const ENTRY_BYTES = 700;
/** A coin has its height in 31 bits. */
const MAX_HEIGHT = 0x7fff_ffff;

/**
 * Changes of the chain that are not in the database yet, because nothing has to wait for them: one batch writes those of
 * many blocks. A coin that is made and spent meanwhile is never written. Core: CCoinsViewCache.
 */
export class HeldChanges {
  readonly #coins = new Map<OutpointKey, HeldCoin>();
  readonly #entries = new Map<BlockHash, BlockEntry>();
  #tip: BlockHash | undefined;
  #coinBytes = 0;

  /** Memory that they take, about. */
  get bytes(): number {
    return this.#coinBytes + this.#entries.size * ENTRY_BYTES;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#coins.size === 0 && this.#tip === undefined;
  }

  get tip(): BlockHash | undefined {
    return this.#tip;
  }

  entry(hash: BlockHash): BlockEntry | undefined {
    return this.#entries.get(hash);
  }

  /** Coins in the order asked. @param read those that the database has right */
  async coins(
    outpoints: readonly Outpoint[],
    read: (outpoints: readonly Outpoint[]) => Promise<readonly (Coin | undefined)[]>,
  ): Promise<readonly (Coin | undefined)[]> {
    const held = outpoints.map((outpoint) => {
      const found = this.#coins.get(outpointKey(outpoint));
      return found && { now: found.now };
    });
    const missing = outpoints.filter((_, i) => held[i] === undefined);
    const stored = (missing.length === 0 ? [] : await read(missing)).values();
    return held.map((found) => (found === undefined ? stored.next().value : found.now));
  }

  addEntries(entries: Iterable<BlockEntry>): void {
    for (const entry of entries) {
      const { header } = entry.record;
      // A copy: the header may be a view onto its whole block.
      const own = BlockHeader.fromHashed(header.bytes.slice(), header.hashBytes);
      const record = { ...entry.record, header: own };
      this.#entries.set(header.hash, asStored({ ...entry, record }));
    }
  }

  /** Whether a step does no more than connect blocks to the held tip, if there is one. */
  isFollowedBy({ connected, records }: ChainUpdate): boolean {
    const [first] = connected;
    const record = records.find(({ header }) => header.hash === first?.hash);
    return this.#tip === undefined || record?.header.previousHash === this.#tip;
  }

  /** @throws ArgumentError, and changes nothing, for what could not be written later */
  addStep({ tip, coins: { spent, created } }: ChainUpdate): void {
    for (const each of spent) requireStorable(each, "update.coins.spent");
    for (const each of created) requireStorable(each, "update.coins.created");
    this.#tip = tip;
    for (const { outpoint, coin } of spent) {
      const key = outpointKey(outpoint);
      const held = this.#coins.get(key);
      if (held === undefined) {
        this.#coins.set(key, { outpoint, stored: coin, now: undefined });
        this.#coinBytes += sizeOf(coin);
      } else if (held.stored === undefined) {
        this.#coins.delete(key);
        this.#coinBytes -= sizeOf(coin);
      } else {
        held.now = undefined;
      }
    }
    for (const { outpoint, coin } of created) {
      const key = outpointKey(outpoint);
      const held = this.#coins.get(key);
      if (held !== undefined) held.now = coin;
      else {
        this.#coins.set(key, { outpoint, stored: undefined, now: coin });
        this.#coinBytes += sizeOf(coin);
      }
    }
  }

  /** Begins a batch with them. They stay until `clear`, so that reads find them while it is written. */
  putInto(batch: Batch, place: CoinsPlace): Batch {
    putEntries(batch, ...this.#entries.values());
    if (this.#tip !== undefined) batch.put(META.tip, idToBytes(this.#tip));
    for (const { outpoint, stored, now } of this.#coins.values()) {
      if (stored !== undefined) deleteCoins(batch, place, [{ outpoint, coin: stored }]);
      if (now !== undefined) putCoins(batch, place, [{ outpoint, coin: now }]);
    }
    return batch;
  }

  clear(): void {
    this.#coins.clear();
    this.#entries.clear();
    this.#tip = undefined;
    this.#coinBytes = 0;
  }
}

const MAX_VALUE = 0xffff_ffff_ffff_ffffn;

function requireStorable({ outpoint, coin }: LocatedCoin, name: string): void {
  if (!/^[0-9a-f]{64}$/.test(outpoint.txid)) {
    throw new ArgumentError(name, "coins with an id of 64 hex digits", outpoint.txid);
  }
  const { value, height } = coin;
  if (value < 0n || value > MAX_VALUE || !(height >= 0 && height <= MAX_HEIGHT)) {
    throw new ArgumentError(name, "coins with a value and a height that can be encoded", coin);
  }
}

function sizeOf({ scriptPubKey }: Coin): number {
  return COIN_BYTES + scriptPubKey.length;
}
