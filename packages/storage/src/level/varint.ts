import { StorageError } from "../errors.ts";

/** Reads numbers of LevelDB: seven bits a byte, the lowest first. It throws a StorageError `corrupt`. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.position++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new StorageError("corrupt", "a number in it is damaged");
  }

  take(length: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.position, this.position + length);
    if (bytes.length < length) throw new StorageError("corrupt", "an entry goes beyond its block");
    this.position += length;
    return bytes;
  }
}
