import { requireArray } from "./arguments.ts";
import { hexToBytes } from "./bytes.ts";
import { Reader } from "./encoding/reader.ts";
import { compactSizeLength, Writer } from "./encoding/writer.ts";
import { BlockHeader, type BlockHeaderJson, HEADER_SIZE } from "./header.ts";
import type { BlockHash } from "./ids.ts";
import { Shown } from "./inspect.ts";
import {
  requireHeader,
  requireOptions,
  requireReader,
  requireTransaction,
  requireWriter,
} from "./shapes.ts";
import { Transaction, type TransactionJson } from "./transaction.ts";

/** A block in JSON. */
export interface BlockJson extends BlockHeaderJson {
  /** Bytes, witness included. */
  readonly size: number;
  readonly weight: number;
  readonly transactions: readonly TransactionJson[];
}

/**
 * A header and the transactions it commits to. Immutable.
 * @example
 * const block = Block.fromBytes(raw);
 * block.hash // "00000000d1145790a8…"
 * block.transactions.length // 2
 */
export class Block extends Shown {
  readonly header: BlockHeader;
  readonly transactions: readonly Transaction[];

  constructor(header: BlockHeader, transactions: readonly Transaction[]) {
    super();
    requireHeader(header, "header");
    requireArray(transactions, "transactions", requireTransaction);

    this.header = header;
    this.transactions = transactions;
  }

  /** Exactly one block. @throws CoreError where Core would not decode it. */
  static fromBytes(bytes: Uint8Array): Block {
    const reader = new Reader(bytes);
    const block = Block.read(reader);
    reader.finish();
    return block;
  }

  static fromHex(hex: string): Block {
    return Block.fromBytes(hexToBytes(hex));
  }

  /** @param header the header, if it was read before: then the reader stands behind it */
  static read(reader: Reader, header: BlockHeader = BlockHeader.read(reader)): Block {
    requireReader(reader, "reader");
    requireHeader(header, "header");

    const count = reader.compactSize();
    const transactions: Transaction[] = [];
    for (let i = 0; i < count; i++) transactions.push(Transaction.read(reader));
    return new Block(header, transactions);
  }

  get hash(): BlockHash {
    return this.header.hash;
  }

  /** Bytes without witness. */
  get baseSize(): number {
    return this.#size((transaction) => transaction.baseSize);
  }

  /** Bytes as sent, witness included. */
  get totalSize(): number {
    return this.#size((transaction) => transaction.totalSize);
  }

  /** Weight units (BIP-0141). */
  get weight(): number {
    return this.baseSize * 3 + this.totalSize;
  }

  #size(of: (transaction: Transaction) => number): number {
    let size = HEADER_SIZE + compactSizeLength(this.transactions.length);
    for (const transaction of this.transactions) size += of(transaction);
    return size;
  }

  /** For `JSON.stringify`: the header's fields, and all transactions. */
  toJSON(): BlockJson {
    return {
      ...this.header.toJSON(),
      size: this.totalSize,
      weight: this.weight,
      transactions: this.transactions.map((transaction) => transaction.toJSON()),
    };
  }

  write(writer: Writer, options: { readonly witness?: boolean } = {}): void {
    requireWriter(writer, "writer");
    requireOptions(options, "options", { witness: "boolean?" });

    this.header.write(writer);
    writer.compactSize(this.transactions.length);
    for (const transaction of this.transactions) transaction.write(writer, options);
  }

  toBytes(options: { readonly witness?: boolean } = {}): Uint8Array {
    requireOptions(options, "options", { witness: "boolean?" });

    const writer = new Writer(options.witness === false ? this.baseSize : this.totalSize);
    this.write(writer, options);
    return writer.finish();
  }
}
