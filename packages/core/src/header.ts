import { requireBytes, requireBytesOf, requireFunction } from "./arguments.ts";
import { hexToBytes } from "./bytes.ts";
import { Reader } from "./encoding/reader.ts";
import { Writer } from "./encoding/writer.ts";
import { sha256d } from "./hash.ts";
import { type BlockHash, idFromBytes, type MerkleRoot } from "./ids.ts";
import { Shown } from "./inspect.ts";
import { requireHeaderFields, requireReader, requireWriter } from "./shapes.ts";
import type { Seconds } from "./units.ts";

/** Bytes of an encoded header. */
export const HEADER_SIZE = 80;

export interface BlockHeaderFields {
  /** Signed 32 bits. */
  readonly version: number;
  readonly previousHash: BlockHash;
  readonly merkleRoot: MerkleRoot;
  /** Seconds since 1970. */
  readonly time: Seconds;
  /** Target in compact form. */
  readonly bits: number;
  readonly nonce: number;
}

/** A header in JSON. */
export interface BlockHeaderJson {
  readonly hash: BlockHash;
  readonly version: number;
  readonly previousHash: BlockHash;
  readonly merkleRoot: MerkleRoot;
  /** Seconds since 1970. */
  readonly time: Seconds;
  /** Target in compact form, eight hex digits. */
  readonly bits: string;
  readonly nonce: number;
}

/**
 * A block's 80-byte header. Immutable; its hash is computed once, when first asked for.
 * @example
 * const header = BlockHeader.fromHex(bytesToHex(raw.subarray(0, HEADER_SIZE)));
 * header.hash // "00000000d1145790a8…"
 * header.time // 1_231_731_025
 */
export class BlockHeader extends Shown implements BlockHeaderFields {
  readonly version: number;
  readonly previousHash: BlockHash;
  readonly merkleRoot: MerkleRoot;
  readonly time: Seconds;
  readonly bits: number;
  readonly nonce: number;
  /** Its encoding and the 32 bytes of its hash, as far as they are known. */
  #bytes: Uint8Array | undefined;
  #hashBytes: Uint8Array | undefined;
  #hash: BlockHash | undefined;

  constructor(fields: BlockHeaderFields) {
    super();
    requireHeaderFields(fields, "fields");

    this.version = fields.version;
    this.previousHash = fields.previousHash;
    this.merkleRoot = fields.merkleRoot;
    this.time = fields.time;
    this.bits = fields.bits;
    this.nonce = fields.nonce;
  }

  static fromBytes(bytes: Uint8Array): BlockHeader {
    const reader = new Reader(bytes);
    const header = BlockHeader.read(reader);
    reader.finish();
    return header;
  }

  static fromHex(hex: string): BlockHeader {
    return BlockHeader.fromBytes(hexToBytes(hex));
  }

  /** Keeps a view onto the bytes of the reader, which must not change. */
  static read(reader: Reader): BlockHeader {
    requireReader(reader, "reader");

    const start = reader.position;
    const header = new BlockHeader(readFields(reader));
    header.#bytes = reader.bytes.subarray(start, reader.position);
    return header;
  }

  /** A header that was hashed before. @param hash of these 80 bytes: it is believed */
  static fromHashed(bytes: Uint8Array, hash: Uint8Array): BlockHeader {
    requireBytes(bytes, "bytes");
    requireBytesOf(32, hash, "hash");

    const header = BlockHeader.read(new Reader(bytes));
    header.#hashBytes = hash.slice();
    return header;
  }

  get hash(): BlockHash {
    this.#hash ??= idFromBytes(this.hashBytes);
    return this.#hash;
  }

  /** The 32 bytes of its hash in the order they go over the wire; not to be changed. */
  get hashBytes(): Uint8Array {
    this.#hashBytes ??= sha256d(this.bytes);
    return this.#hashBytes;
  }

  /**
   * Has it hashed by the platform, unless it was hashed before.
   * @param sha256 SHA-256, faster than the one in JavaScript
   */
  hashWith(sha256: (bytes: Uint8Array) => Uint8Array): void {
    requireFunction(sha256, "sha256");

    this.#hashBytes ??= sha256(sha256(this.bytes));
  }

  /** Its 80 bytes; not to be changed. For bytes of your own, see `toBytes`. */
  get bytes(): Uint8Array {
    this.#bytes ??= encode(this);
    return this.#bytes;
  }

  /** For `JSON.stringify`: hashes as they are shown, `bits` in hex as Core has it. */
  toJSON(): BlockHeaderJson {
    return {
      hash: this.hash,
      version: this.version,
      previousHash: this.previousHash,
      merkleRoot: this.merkleRoot,
      time: this.time,
      bits: this.bits.toString(16).padStart(8, "0"),
      nonce: this.nonce,
    };
  }

  write(writer: Writer): void {
    requireWriter(writer, "writer");

    writer.bytes(this.bytes);
  }

  toBytes(): Uint8Array {
    return this.bytes.slice();
  }
}

function encode(fields: BlockHeaderFields): Uint8Array {
  return new Writer(HEADER_SIZE)
    .i32(fields.version)
    .hash(fields.previousHash)
    .hash(fields.merkleRoot)
    .u32(fields.time)
    .u32(fields.bits)
    .u32(fields.nonce)
    .finish();
}

function readFields(reader: Reader): BlockHeaderFields {
  return {
    version: reader.i32(),
    previousHash: reader.hash<BlockHash>(),
    merkleRoot: reader.hash<MerkleRoot>(),
    time: reader.u32(),
    bits: reader.u32(),
    nonce: reader.u32(),
  };
}
