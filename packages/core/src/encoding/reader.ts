import {
  optional,
  requireBytes,
  requireFunction,
  requireInteger,
  requireNumber,
} from "../arguments.ts";
import { CoreError } from "../errors.ts";
import { type HashId, idFromBytes } from "../ids.ts";

const EMPTY = /* @__PURE__ */ new Uint8Array(0);

/** Core's MAX_SIZE: no length on the wire or on disk may be larger. */
export const MAX_COMPACT_SIZE = 0x02000000;

/** SHA-256 of the platform, which is several times as fast as one in JavaScript. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/**
 * Reads Bitcoin's little-endian encodings from front to back. It owns nothing: `take` hands out views onto the input.
 * Every method throws CoreError `truncated` where the input ends too early.
 * @example
 * const reader = new Reader(Uint8Array.of(1, 0, 0, 0, 2, 7, 8));
 * reader.u32() // 1
 * reader.varBytes() // Uint8Array.of(7, 8)
 * reader.remaining // 0
 */
export class Reader {
  readonly bytes: Uint8Array;
  /** Computes the ids of what is read; `undefined`: in JavaScript. */
  readonly sha256: Sha256 | undefined;
  #position: number;
  readonly #view: DataView;

  /** @param sha256 of the platform, for the ids of the transactions that are read; default: one in JavaScript */
  constructor(bytes: Uint8Array, position = 0, sha256?: Sha256) {
    requireBytes(bytes, "bytes");
    requireInteger(position, "position", 0);
    optional(sha256, "sha256", requireFunction);

    this.bytes = bytes;
    this.sha256 = sha256;
    this.#position = position;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Offset of the next byte to read. */
  get position(): number {
    return this.#position;
  }

  /** Number of bytes not read yet. */
  get remaining(): number {
    return this.bytes.length - this.#position;
  }

  /** Moves past `count` bytes and says where they began. */
  #advance(count: number): number {
    const start = this.#position;
    if (count > this.bytes.length - start) {
      throw new CoreError(
        "truncated",
        `end of data: needs ${count} bytes at ${start}, has ${this.remaining}`,
      );
    }
    this.#position = start + count;
    return start;
  }

  /** Moves past bytes without reading them. */
  skip(count: number): void {
    requireInteger(count, "count", 0);
    this.#advance(count);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true);
  }

  /**
   * Bitcoin's variable-length count: 1, 3, 5 or 9 bytes, the shortest that holds it. Core: ReadCompactSize.
   * @param max the largest value that the caller can accept; reject before allocating.
   * @throws CoreError `non-canonical-compact-size`, `oversized`.
   */
  compactSize(max: number = MAX_COMPACT_SIZE): number {
    requireNumber(max, "max");

    const first = this.u8();
    const value = first < 0xfd ? first : this.#longCompactSize(first);
    if (value > max) throw new CoreError("oversized", `length ${value} is above ${max}`);
    return Number(value);
  }

  /** A CompactSize that is not a length (service bits in BIP-0155, for instance): up to 2^64 - 1. */
  compactSize64(): bigint {
    const first = this.u8();
    return BigInt(first < 0xfd ? first : this.#longCompactSize(first));
  }

  #longCompactSize(first: number): number | bigint {
    const value = first === 0xfd ? this.u16() : first === 0xfe ? this.u32() : this.u64();
    const least = first === 0xfd ? 0xfd : first === 0xfe ? 0x1_0000 : 0x1_0000_0000;
    if (value < least) {
      throw new CoreError("non-canonical-compact-size", `${value} in a longer form than it needs`);
    }
    return value;
  }

  /** A view onto the next `count` bytes: no copy, so a reference to it keeps the whole input alive. */
  take(count: number): Uint8Array {
    requireInteger(count, "count", 0);

    if (count === 0) return EMPTY; // a witness of a million empty items must not cost a million objects
    const start = this.#advance(count);
    return this.bytes.subarray(start, start + count);
  }

  /** A length and that many bytes. */
  varBytes(max: number = MAX_COMPACT_SIZE): Uint8Array {
    return this.take(this.compactSize(max));
  }

  /** A 32-byte hash as the identifier that people read. */
  hash<Id extends HashId>(): Id {
    return idFromBytes<Id>(this.take(32));
  }

  /** @throws CoreError `trailing-bytes` unless everything has been read. */
  finish(): void {
    if (this.remaining > 0) {
      throw new CoreError("trailing-bytes", `${this.remaining} bytes after the end`);
    }
  }
}
