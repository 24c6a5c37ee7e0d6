/** Values of the block index. */
import { BlockHeader, Reader, Writer } from "@chain/core";
import type { BlockRecord, BlockStatus } from "../store.ts";
import type { Location } from "./appendFile.ts";

/** An index entry, and where its bytes are. */
export interface BlockEntry {
  readonly record: BlockRecord;
  readonly body: Location | undefined;
  readonly undo: Location | undefined;
}

const STATUSES: readonly BlockStatus[] = ["header", "body", "connected", "invalid"];

export function encodeEntry({ record, body, undo }: BlockEntry): Uint8Array {
  const writer = new Writer(160);
  record.header.write(writer);
  writer.u32(record.height).u8(STATUSES.indexOf(record.status));
  writer.u32(record.transactionCount);
  writeLocation(writer, body);
  writeLocation(writer, undo);
  writer.varBytes(Uint8Array.from(record.reason ?? "", (letter) => letter.charCodeAt(0)));
  return writer.finish();
}

/** @throws CoreError, StorageError-free: the caller says which key it was. */
export function decodeEntry(bytes: Uint8Array): BlockEntry {
  const reader = new Reader(bytes);
  const header = BlockHeader.read(reader);
  const height = reader.u32();
  const status = STATUSES[reader.u8()] ?? "header";
  const transactionCount = reader.u32();
  const body = readLocation(reader);
  const undo = readLocation(reader);
  const reason = String.fromCharCode(...reader.varBytes(1000));
  reader.finish();
  const hasBody = body !== undefined;
  const record = {
    header,
    height,
    status,
    hasBody,
    transactionCount: hasBody ? transactionCount : 0,
  };
  return { record: reason === "" ? record : { ...record, reason }, body, undo };
}

export function writeLocation(writer: Writer, location: Location | undefined): void {
  writer.u8(location === undefined ? 0 : 1);
  if (location === undefined) return;
  writer.u32(location.file).u32(location.offset).u32(location.length);
}

export function readLocation(reader: Reader): Location | undefined {
  if (reader.u8() === 0) return undefined;
  return { file: reader.u32(), offset: reader.u32(), length: reader.u32() };
}
