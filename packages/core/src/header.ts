import { hexToBytes } from "./bytes.ts";
import { Reader } from "./encoding/reader.ts";
import { Writer } from "./encoding/writer.ts";
import { sha256d } from "./hash.ts";
import { type BlockHash, idFromBytes, type MerkleRoot } from "./ids.ts";

/** Bytes of an encoded header. */
export const HEADER_SIZE = 80;

export interface BlockHeaderFields {
  /** Signed 32 bits. */
  readonly version: number;
  readonly previousHash: BlockHash;
  readonly merkleRoot: MerkleRoot;
  /** Seconds since 1970. */
  readonly time: number;
  /** Target in compact form. */
  readonly bits: number;
  readonly nonce: number;
}

/** A block's 80-byte header. Immutable; its hash is computed once, when first asked for. */
export class BlockHeader implements BlockHeaderFields {
  readonly version: number;
  readonly previousHash: BlockHash;
  readonly merkleRoot: MerkleRoot;
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
  #hash: BlockHash | undefined;

  /** @param hash its hash, where that is known already: it is believed */
  constructor(fields: BlockHeaderFields, hash?: BlockHash) {
    this.version = fields.version;
    this.previousHash = fields.previousHash;
    this.merkleRoot = fields.merkleRoot;
    this.time = fields.time;
    this.bits = fields.bits;
    this.nonce = fields.nonce;
    this.#hash = hash;
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

  static read(reader: Reader): BlockHeader {
    const start = reader.position;
    const fields = readFields(reader);
    const hash = sha256d(reader.bytes.subarray(start, reader.position));
    return new BlockHeader(fields, idFromBytes(hash));
  }

  /** A header that was hashed before. @param hash of these 80 bytes: it is believed */
  static fromHashed(bytes: Uint8Array, hash: Uint8Array): BlockHeader {
    return new BlockHeader(readFields(new Reader(bytes)), idFromBytes(hash));
  }

  get hash(): BlockHash {
    this.#hash ??= idFromBytes(sha256d(this.toBytes()));
    return this.#hash;
  }

  write(writer: Writer): void {
    writer
      .i32(this.version)
      .hash(this.previousHash)
      .hash(this.merkleRoot)
      .u32(this.time)
      .u32(this.bits)
      .u32(this.nonce);
  }

  toBytes(): Uint8Array {
    const writer = new Writer(HEADER_SIZE);
    this.write(writer);
    return writer.finish();
  }
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
