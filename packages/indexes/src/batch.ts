import { bytesToHex } from "@chain/core";
import type { KeyValueChange, KeyValueStore } from "@chain/storage";
import type { IndexRecords } from "./chainIndex.ts";

/** Changes of records that are written together, and that are seen by reads before that. */
export class Batch implements IndexRecords {
  readonly #store: Pick<KeyValueStore, "get" | "getMany">;
  readonly #changes = new Map<string, KeyValueChange>();

  constructor(store: Pick<KeyValueStore, "get" | "getMany">) {
    this.#store = store;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const change = this.#changes.get(bytesToHex(key));
    return change === undefined ? this.#store.get(key) : change.value;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    const changes = keys.map((key) => this.#changes.get(bytesToHex(key)));
    const stored = await this.#store.getMany(keys.filter((_, i) => changes[i] === undefined));
    const rest = stored.values();
    return changes.map((change) => (change === undefined ? rest.next().value : change.value));
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#changes.set(bytesToHex(key), { key, value });
  }

  delete(key: Uint8Array): void {
    this.#changes.set(bytesToHex(key), { key, value: undefined });
  }

  get changes(): readonly KeyValueChange[] {
    return [...this.#changes.values()];
  }
}
