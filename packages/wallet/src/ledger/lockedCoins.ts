/** Coins that the user keeps out of payments. Core: m_locked_coins. */
import { type Outpoint, Reader, readOutpoint, Writer, writeOutpoint } from "@chain/core";
import { type Journal, recordKey } from "./records.ts";

interface LockedCoin {
  readonly outpoint: Outpoint;
  readonly persistent: boolean;
}

export class LockedCoins {
  readonly #journal: Journal;
  readonly #locked = new Map<string, LockedCoin>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  all(): readonly Outpoint[] {
    return [...this.#locked.values()].map(({ outpoint }) => outpoint);
  }

  has(outpoint: Outpoint): boolean {
    return this.#locked.size > 0 && this.#locked.has(nameOf(outpoint));
  }

  /** @param persistent `true`: it is locked after a restart as well */
  lock(outpoint: Outpoint, persistent: boolean): void {
    this.#locked.set(nameOf(outpoint), { outpoint, persistent });
    if (persistent) this.#journal.put(keyOf(outpoint), () => new Uint8Array(0));
  }

  /** @returns whether it was locked */
  unlock(outpoint: Outpoint): boolean {
    const name = nameOf(outpoint);
    const locked = this.#locked.get(name);
    if (locked === undefined) return false;
    this.#locked.delete(name);
    if (locked.persistent) this.#journal.delete(keyOf(outpoint));
    return true;
  }

  load(key: Uint8Array): void {
    const outpoint = readOutpoint(new Reader(key, 2));
    this.#locked.set(nameOf(outpoint), { outpoint, persistent: true });
  }
}

function nameOf({ txid, vout }: Outpoint): string {
  return `${txid}:${vout}`;
}

function keyOf(outpoint: Outpoint): Uint8Array {
  const writer = new Writer(36);
  writeOutpoint(writer, outpoint);
  return recordKey("lockedCoin", writer.finish());
}
