import { concatBytes, HEADER_SIZE } from "@chain/core";
import { requireBytes, requireInteger } from "@chain/core/arguments";

/**
 * Where a light node keeps what it knows: headers, and one record of the state of its search. Both are checked when they
 * are read back, so a store needs no checksums of its own.
 */
export interface LightStore {
  /** All headers, 80 bytes each, in the order of `writeHeaders`. */
  readHeaders(): Promise<Uint8Array>;
  /**
   * Writes headers, the first of them as number `index`; those that stood there and behind it are gone.
   * @param bytes 80 for each
   */
  writeHeaders(index: number, bytes: Uint8Array): Promise<void>;
  /** The last state that was written; undefined: none was. */
  readState(): Promise<Uint8Array | undefined>;
  /** Takes the place of the state before, whole or not at all. */
  writeState(bytes: Uint8Array): Promise<void>;
}

/**
 * A store that forgets all when the process ends.
 * @example
 * const store = new MemoryLightStore();
 * await store.writeHeaders(0, new Uint8Array(80));
 * (await store.readHeaders()).length // 80
 */
export class MemoryLightStore implements LightStore {
  #headers: Uint8Array = new Uint8Array(0);
  #state: Uint8Array | undefined;

  async readHeaders(): Promise<Uint8Array> {
    return this.#headers;
  }

  async writeHeaders(index: number, bytes: Uint8Array): Promise<void> {
    requireInteger(index, "index");
    requireBytes(bytes, "bytes");

    this.#headers = concatBytes(this.#headers.subarray(0, index * HEADER_SIZE), bytes);
  }

  async readState(): Promise<Uint8Array | undefined> {
    return this.#state;
  }

  async writeState(bytes: Uint8Array): Promise<void> {
    requireBytes(bytes, "bytes");

    this.#state = bytes;
  }
}
