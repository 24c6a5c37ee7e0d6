/** Blocks whose transactions are named by six bytes each, for peers that have most of them (BIP-0152). */
import { type BlockHash, BlockHeader, Transaction, type Writer } from "@chain/core";
import { WireError } from "../errors.ts";
import { MAX_COMPACT_TRANSACTIONS, MAX_PAYLOAD } from "../protocol.ts";
import {
  LIST_PAYLOAD,
  type MessageCodec,
  readBlockHash,
  readList,
  SMALL_PAYLOAD,
  writeList,
} from "./codec.ts";

/** Says which version of compact blocks the sender reads. */
export interface SendCmpctMessage {
  readonly command: "sendcmpct";
  /** Whether new blocks should come as compact blocks at once, without being announced ("high bandwidth"). */
  readonly announce: boolean;
  readonly version: bigint;
}

/** A transaction that comes whole in a compact block. */
export interface PrefilledTransaction {
  /** Its place in the block. */
  readonly index: number;
  readonly transaction: Transaction;
}

/** A block: its header, the coinbase, and short names of all others in their order. */
export interface CmpctBlockMessage {
  readonly command: "cmpctblock";
  readonly header: BlockHeader;
  /** Random, part of the key of the short names. */
  readonly nonce: bigint;
  /** Names of 48 bits of the transactions that are not prefilled. */
  readonly shortIds: readonly number[];
  /** By rising index. */
  readonly prefilled: readonly PrefilledTransaction[];
}

/** Asks for transactions of a block by their places in it. */
export interface GetBlockTxnMessage {
  readonly command: "getblocktxn";
  readonly blockHash: BlockHash;
  /** Rising. */
  readonly indexes: readonly number[];
}

/** The answer, in the order of the question. */
export interface BlockTxnMessage {
  readonly command: "blocktxn";
  readonly blockHash: BlockHash;
  readonly transactions: readonly Transaction[];
}

/** A transaction of no inputs and outputs: version, two counts, lock time. */
const LEAST_TRANSACTION = 10;
const TWO_32 = 2 ** 32;

export const sendCmpctCodec: MessageCodec<SendCmpctMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode(reader): SendCmpctMessage {
    return { command: "sendcmpct", announce: reader.u8() !== 0, version: reader.u64() };
  },
  encode(writer, { announce, version }): void {
    writer.u8(announce ? 1 : 0).u64(version);
  },
};

/** Turns distances, as they stand on the wire, into rising indexes. Core: DifferenceFormatter. */
class Indexes {
  #next = 0;

  /** @throws WireError `malformed` beyond 16 bits. */
  after(distance: number): number {
    const index = this.#next + distance;
    if (index > MAX_COMPACT_TRANSACTIONS) throw new WireError("malformed", `index ${index}`);
    this.#next = index + 1;
    return index;
  }

  /** @throws WireError `unencodable` where indexes do not rise. */
  distance(index: number): number {
    const distance = index - this.#next;
    if (distance < 0) throw new WireError("unencodable", `index ${index} after ${this.#next - 1}`);
    this.#next = index + 1;
    return distance;
  }
}

function tooMany(count: number): string {
  return `a compact block of ${count} transactions`;
}

export const cmpctBlockCodec: MessageCodec<CmpctBlockMessage> = {
  maxPayload: MAX_PAYLOAD,
  decode(reader): CmpctBlockMessage {
    const header = BlockHeader.read(reader);
    const nonce = reader.u64();
    // 16 bits of index are a matter of the encoding: what goes beyond them is unreadable, not a broken promise.
    const shortIds = readList(reader, Number.MAX_SAFE_INTEGER, 6, tooMany, () => {
      const low = reader.u32();
      return low + TWO_32 * (reader.u8() + 256 * reader.u8());
    });
    const indexes = new Indexes();
    const prefilled = readList(
      reader,
      Number.MAX_SAFE_INTEGER,
      1 + LEAST_TRANSACTION,
      tooMany,
      (): PrefilledTransaction => ({
        index: indexes.after(reader.compactSize()),
        transaction: Transaction.read(reader),
      }),
    );
    if (shortIds.length + prefilled.length > MAX_COMPACT_TRANSACTIONS) {
      throw new WireError("malformed", tooMany(shortIds.length + prefilled.length));
    }
    return { command: "cmpctblock", header, nonce, shortIds, prefilled };
  },
  encode(writer, { header, nonce, shortIds, prefilled }): void {
    header.write(writer);
    writer.u64(nonce);
    writeList(writer, shortIds, MAX_COMPACT_TRANSACTIONS, (id) => {
      writer.u32(id % TWO_32);
      const high = Math.floor(id / TWO_32);
      writer.u8(high % 256).u8(Math.floor(high / 256));
    });
    const indexes = new Indexes();
    const most = MAX_COMPACT_TRANSACTIONS - shortIds.length;
    writeList(writer, prefilled, most, ({ index, transaction }) => {
      writer.compactSize(indexes.distance(index));
      transaction.write(writer);
    });
  },
};

export const getBlockTxnCodec: MessageCodec<GetBlockTxnMessage> = {
  maxPayload: LIST_PAYLOAD,
  decode(reader): GetBlockTxnMessage {
    const blockHash = readBlockHash(reader);
    const indexes = new Indexes();
    const read = () => indexes.after(reader.compactSize());
    const list = readList(reader, Number.MAX_SAFE_INTEGER, 1, tooMany, read);
    return { command: "getblocktxn", blockHash, indexes: list };
  },
  encode(writer, { blockHash, indexes }): void {
    writer.hash(blockHash);
    const steps = new Indexes();
    writeList(writer, indexes, MAX_COMPACT_TRANSACTIONS, (index) => {
      writer.compactSize(steps.distance(index));
    });
  },
};

export const blockTxnCodec: MessageCodec<BlockTxnMessage> = {
  maxPayload: MAX_PAYLOAD,
  decode(reader): BlockTxnMessage {
    const blockHash = readBlockHash(reader);
    const transactions = readList(reader, Number.MAX_SAFE_INTEGER, LEAST_TRANSACTION, tooMany, () =>
      Transaction.read(reader),
    );
    return { command: "blocktxn", blockHash, transactions };
  },
  encode(writer: Writer, { blockHash, transactions }): void {
    writer.hash(blockHash);
    writeList(writer, transactions, MAX_COMPACT_TRANSACTIONS, (transaction) => {
      transaction.write(writer);
    });
  },
};
