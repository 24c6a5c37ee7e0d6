import { requireBigint, requireBytes, requireInteger, requireNumber } from "../arguments.ts";
import { CoreError } from "../errors.ts";
import { type HashId, idToBytes } from "../ids.ts";

/**
 * Number of bytes that a CompactSize takes.
 * @example compactSizeLength(253) // 3
 */
export function compactSizeLength(value: number): number {
  requireNumber(value, "value");
  return value < 0xfd ? 1 : value <= 0xffff ? 3 : value <= 0xffff_ffff ? 5 : 9;
}

/**
 * Writes Bitcoin's little-endian encodings into a buffer that grows.
 * @example new Writer().u32(1).varBytes(Uint8Array.of(7, 8)).finish() // Uint8Array.of(1, 0, 0, 0, 2, 7, 8)
 */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /** @param capacity bytes to set aside; with the exact size nothing is ever copied. */
  constructor(capacity = 256) {
    requireInteger(capacity, "capacity", 0);

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

  // In each: check, make room, write. Making room may replace the buffer, so it comes before the buffer is named.

  u8(value: number): this {
    integer(value, 0, 0xff);
    const start = this.#advance(1);
    this.#view.setUint8(start, value);
    return this;
  }

  u16(value: number): this {
    integer(value, 0, 0xffff);
    const start = this.#advance(2);
    this.#view.setUint16(start, value, true);
    return this;
  }

  u32(value: number): this {
    integer(value, 0, 0xffff_ffff);
    const start = this.#advance(4);
    this.#view.setUint32(start, value, true);
    return this;
  }

  i32(value: number): this {
    integer(value, -0x8000_0000, 0x7fff_ffff);
    const start = this.#advance(4);
    this.#view.setInt32(start, value, true);
    return this;
  }

  u64(value: bigint): this {
    requireBigint(value, "value");

    if (BigInt.asUintN(64, value) !== value) throw new CoreError("out-of-range", `u64: ${value}`);
    const start = this.#advance(8);
    this.#view.setBigUint64(start, value, true);
    return this;
  }

  i64(value: bigint): this {
    requireBigint(value, "value");

    if (BigInt.asIntN(64, value) !== value) throw new CoreError("out-of-range", `i64: ${value}`);
    const start = this.#advance(8);
    this.#view.setBigInt64(start, value, true);
    return this;
  }

  compactSize(value: number): this {
    integer(value, 0, Number.MAX_SAFE_INTEGER);
    if (value < 0xfd) return this.u8(value);
    if (value <= 0xffff) return this.u8(0xfd).u16(value);
    if (value <= 0xffff_ffff) return this.u8(0xfe).u32(value);
    return this.u8(0xff).u64(BigInt(value));
  }

  /** A CompactSize that is not a length: up to 2^64 - 1. */
  compactSize64(value: bigint): this {
    requireBigint(value, "value");

    if (value >= 0n && value <= 0xffff_ffffn) return this.compactSize(Number(value));
    return this.u8(0xff).u64(value);
  }

  bytes(bytes: Uint8Array): this {
    requireBytes(bytes, "bytes");

    const start = this.#advance(bytes.length);
    this.#bytes.set(bytes, start);
    return this;
  }

  /** A length and the bytes. */
  varBytes(bytes: Uint8Array): this {
    requireBytes(bytes, "bytes");

    return this.compactSize(bytes.length).bytes(bytes);
  }

  hash(id: HashId): this {
    return this.bytes(idToBytes(id));
  }

  /** The bytes that were written. The writer must not be used after it. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }
}

function integer(value: number, least: number, most: number): void {
  if (typeof value !== "number") requireNumber(value, "value");
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new CoreError("out-of-range", `${value} is not an integer from ${least} to ${most}`);
  }
}
