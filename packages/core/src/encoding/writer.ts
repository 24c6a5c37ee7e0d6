import { CoreError } from "../errors.ts";
import { type HashId, idToBytes } from "../ids.ts";

/** Number of bytes that a CompactSize takes. */
export function compactSizeLength(value: number): number {
  return value < 0xfd ? 1 : value <= 0xffff ? 3 : value <= 0xffff_ffff ? 5 : 9;
}

/** Writes Bitcoin's little-endian encodings into a buffer that grows. */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /** @param capacity bytes to set aside; with the exact size nothing is ever copied. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(Math.max(capacity, 16));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Number of bytes written. */
  get length(): number {
    return this.#length;
  }

  /** Makes room for `count` bytes and says where they begin. */
  #advance(count: number): number {
    const start = this.#length;
    const end = start + count;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = end;
    return start;
  }

  u8(value: number): this {
    this.#view.setUint8(this.#advance(1), integer(value, 0, 0xff));
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#advance(2), integer(value, 0, 0xffff), true);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#advance(4), integer(value, 0, 0xffff_ffff), true);
    return this;
  }

  i32(value: number): this {
    this.#view.setInt32(this.#advance(4), integer(value, -0x8000_0000, 0x7fff_ffff), true);
    return this;
  }

  u64(value: bigint): this {
    if (BigInt.asUintN(64, value) !== value) throw new CoreError("out-of-range", `u64: ${value}`);
    this.#view.setBigUint64(this.#advance(8), value, true);
    return this;
  }

  i64(value: bigint): this {
    if (BigInt.asIntN(64, value) !== value) throw new CoreError("out-of-range", `i64: ${value}`);
    this.#view.setBigInt64(this.#advance(8), value, true);
    return this;
  }

  compactSize(value: number): this {
    integer(value, 0, Number.MAX_SAFE_INTEGER);
    if (value < 0xfd) return this.u8(value);
    if (value <= 0xffff) return this.u8(0xfd).u16(value);
    if (value <= 0xffff_ffff) return this.u8(0xfe).u32(value);
    return this.u8(0xff).u64(BigInt(value));
  }

  bytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#advance(bytes.length));
    return this;
  }

  /** A length and the bytes. */
  varBytes(bytes: Uint8Array): this {
    return this.compactSize(bytes.length).bytes(bytes);
  }

  hash(id: HashId): this {
    return this.bytes(idToBytes(id));
  }

  /** What was written. The writer must not be used after it. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }
}

function integer(value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new CoreError("out-of-range", `${value} is not an integer from ${least} to ${most}`);
  }
  return value;
}
