import { type BlockHash, CoreError, Reader, Writer } from "@chain/core";
import { WireError } from "../errors.ts";
import { MAX_PAYLOAD } from "../protocol.ts";

/** How one message stands on the wire. */
export interface MessageCodec<M> {
  /**
   * Most payload bytes that are worth keeping: a frame that announces more is skipped unread. Room is left for fields
   * that later versions of the protocol may append; Core ignores bytes after those it knows, and so do we.
   */
  readonly maxPayload: number;
  /** @param protocolVersion the version that both sides speak. */
  decode(reader: Reader, protocolVersion: number): M;
  encode(writer: Writer, message: M, protocolVersion: number): void;
}

/** For messages whose fields have a fixed size or nearly so. */
export const SMALL_PAYLOAD = 4_096;
/** For messages that are as long as their lists: a list over its limit must be read to be recognised. */
export const LIST_PAYLOAD: number = MAX_PAYLOAD;

/**
 * A count and that many items.
 * @param max more of them are refused before one is read.
 * @param itemSize the least bytes of an item. A count that the payload can't hold is `malformed`, as it is for Core.
 * @param describe Core's words for a list that is too long.
 */
export function readList<T>(
  reader: Reader,
  max: number,
  itemSize: number,
  describe: (count: number) => string,
  readItem: (reader: Reader) => T,
): T[] {
  const count = reader.compactSize();
  if (count * itemSize > reader.remaining) {
    throw new WireError("malformed", `${count} items in ${reader.remaining} bytes`);
  }
  if (count > max) throw new WireError("too-many-items", describe(count));
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(readItem(reader));
  return items;
}

/** @throws WireError `unencodable` for more than `max` items. */
export function writeList<T>(
  writer: Writer,
  items: readonly T[],
  max: number,
  writeItem: (item: T) => void,
): void {
  if (items.length > max) {
    throw new WireError("unencodable", `${items.length} items, above ${max}`);
  }
  writer.compactSize(items.length);
  for (const item of items) writeItem(item);
}

export function readBlockHash(reader: Reader): BlockHash {
  return reader.hash<BlockHash>();
}

/** Runs a codec's reading half; what it can't read is `malformed`. */
export function decodeWith<M>(codec: MessageCodec<M>, payload: Uint8Array, version: number): M {
  try {
    return codec.decode(new Reader(payload), version);
  } catch (error) {
    if (error instanceof CoreError) {
      throw new WireError("malformed", error.message, { cause: error });
    }
    throw error;
  }
}

/** Runs a codec's writing half; what does not fit is `unencodable`. */
export function encodeWith<M>(codec: MessageCodec<M>, message: M, version: number): Uint8Array {
  const writer = new Writer();
  try {
    codec.encode(writer, message, version);
  } catch (error) {
    if (error instanceof CoreError) {
      throw new WireError("unencodable", error.message, { cause: error });
    }
    throw error;
  }
  return writer.finish();
}
