import { BlockHeader, HEADER_SIZE, Transaction } from "@chain/core";
import { MAX_HEADERS, MAX_PAYLOAD } from "../protocol.ts";
import { LIST_PAYLOAD, type MessageCodec, readList, writeList } from "./codec.ts";

/** Headers in the order of their chain: the answer to `getheaders`, or news of blocks (BIP-0130). */
export interface HeadersMessage {
  readonly command: "headers";
  readonly headers: readonly BlockHeader[];
}
/** A block. Neither decoded nor checked: it may be anything that fits into a message. */
export interface BlockMessage {
  readonly command: "block";
  /** Its bytes; Core ignores what stands after the block, so what reads it should too. */
  readonly raw: Uint8Array;
}
/** A transaction. */
export interface TxMessage {
  readonly command: "tx";
  readonly transaction: Transaction;
}

export const headersCodec: MessageCodec<HeadersMessage> = {
  maxPayload: LIST_PAYLOAD,
  decode(reader): HeadersMessage {
    const headers = readList(
      reader,
      MAX_HEADERS,
      HEADER_SIZE + 1,
      (count) => `headers message size = ${count}`,
      () => {
        const header = BlockHeader.read(reader);
        reader.compactSize(); // the number of transactions: always 0, and Core does not look
        return header;
      },
    );
    return { command: "headers", headers };
  },
  encode(writer, { headers }): void {
    writeList(writer, headers, MAX_HEADERS, (header) => {
      header.write(writer);
      writer.compactSize(0);
    });
  },
};

export const blockCodec: MessageCodec<BlockMessage> = {
  maxPayload: MAX_PAYLOAD,
  decode(reader): BlockMessage {
    return { command: "block", raw: reader.take(reader.remaining) };
  },
  encode(writer, { raw }): void {
    writer.bytes(raw);
  },
};

export const txCodec: MessageCodec<TxMessage> = {
  maxPayload: MAX_PAYLOAD,
  decode(reader): TxMessage {
    const start = reader.position;
    const transaction = Transaction.read(reader);
    if (reader.remaining === 0) return { command: "tx", transaction };
    // Core ignores what stands behind it. As scripts are views, that would live as long as they: 4 MB for a few bytes.
    const own = reader.bytes.slice(start, reader.position);
    reader.take(reader.remaining);
    return { command: "tx", transaction: Transaction.fromBytes(own) };
  },
  encode(writer, { transaction }): void {
    transaction.write(writer);
  },
};
