import { existsSync, rmSync, statSync, truncateSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { StorageError } from "../errors.ts";

/** A file grows to this many bytes before the next begins: small enough to copy, large enough to have few. */
const MAX_FILE_SIZE = 128 * 1024 * 1024;
/** Length and checksum before each payload. */
const HEADER_SIZE = 8;

/** Where a payload is. */
export interface Location {
  readonly file: number;
  /** Of the length and checksum before the payload. */
  readonly offset: number;
  /** Bytes of the payload. */
  readonly length: number;
}

/** The end of what is written. */
export interface FileEnd {
  readonly file: number;
  readonly offset: number;
}

export function isBefore(a: FileEnd, b: FileEnd): boolean {
  return a.file < b.file || (a.file === b.file && a.offset < b.offset);
}

/**
 * Records one behind the other in numbered files, never changed once written: a length, a CRC-32 and the payload. The
 * checksum is there to find what the disk has spoilt or a power cut has left half written; blocks carry their own
 * proof against everything else.
 */
export class AppendFile {
  readonly #directory: string;
  readonly #prefix: string;
  #end: FileEnd;
  #writing: FileHandle | undefined;
  /** For reading, by number. */
  readonly #open = new Map<number, Promise<FileHandle>>();
  #unsynced = false;

  /**
   * @param end where the next record goes, as the database says. What stands behind it was never referred to and is
   * cut off.
   */
  constructor(directory: string, prefix: string, end: FileEnd) {
    this.#directory = directory;
    this.#prefix = prefix;
    this.#end = end;
    const last = this.#path(end.file);
    if (existsSync(last) && statSync(last).size > end.offset) truncateSync(last, end.offset);
    for (let file = end.file + 1; existsSync(this.#path(file)); file++) rmSync(this.#path(file));
  }

  get end(): FileEnd {
    return this.#end;
  }

  /** Bytes that are really there of a file. */
  sizeOf(file: number): number {
    return statSync(this.#path(file), { throwIfNoEntry: false })?.size ?? 0;
  }

  #path(file: number): string {
    return join(this.#directory, `${this.#prefix}${String(file).padStart(5, "0")}.dat`);
  }

  /** Writes a record. It counts only once the database refers to it. */
  async append(payload: Uint8Array): Promise<Location> {
    if (this.#end.offset > 0 && this.#end.offset + HEADER_SIZE + payload.length > MAX_FILE_SIZE) {
      await this.sync();
      await this.#writing?.close();
      this.#writing = undefined;
      this.#end = { file: this.#end.file + 1, offset: 0 };
    }
    const { file, offset } = this.#end;
    this.#writing ??= await open(this.#path(file), existsSync(this.#path(file)) ? "r+" : "w+");
    const record = new Uint8Array(HEADER_SIZE + payload.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, payload.length, true);
    view.setUint32(4, crc32(payload), true);
    record.set(payload, HEADER_SIZE);
    let written = 0;
    while (written < record.length) {
      const { bytesWritten } = await this.#writing.write(
        record,
        written,
        undefined,
        offset + written,
      );
      written += bytesWritten;
    }
    this.#end = { file, offset: offset + record.length };
    this.#unsynced = true;
    return { file, offset, length: payload.length };
  }

  /** @throws StorageError `corrupt` where the bytes are not those that were written. */
  async read({ file, offset, length }: Location): Promise<Uint8Array> {
    const what = `${this.#prefix}${String(file).padStart(5, "0")}.dat at ${offset}`;
    const record = new Uint8Array(HEADER_SIZE + length);
    let handle = this.#open.get(file);
    if (handle === undefined) {
      handle = open(this.#path(file), "r");
      this.#open.set(file, handle);
    }
    let read = 0;
    try {
      while (read < record.length) {
        const { bytesRead } = await (await handle).read(
          record,
          read,
          record.length - read,
          offset + read,
        );
        if (bytesRead === 0) break;
        read += bytesRead;
      }
    } catch (error) {
      this.#open.delete(file);
      throw new StorageError("corrupt", `${what} can't be read`, { cause: error });
    }
    const view = new DataView(record.buffer);
    const payload = record.subarray(HEADER_SIZE);
    if (read < record.length || view.getUint32(0, true) !== length) {
      throw new StorageError("corrupt", `${what}: the record is not there`);
    }
    if (view.getUint32(4, true) !== crc32(payload)) {
      throw new StorageError("corrupt", `${what}: wrong checksum`);
    }
    return payload;
  }

  /** Whether the files are long enough for this record. */
  holds({ file, offset, length }: Location): boolean {
    return offset + HEADER_SIZE + length <= this.sizeOf(file);
  }

  /** Whether a record is there, whole. */
  async isIntact(location: Location): Promise<boolean> {
    if (!this.holds(location)) return false;
    try {
      await this.read(location);
      return true;
    } catch (error) {
      if (error instanceof StorageError) return false;
      throw error;
    }
  }

  /** Waits until the disk has everything. */
  async sync(): Promise<void> {
    if (!this.#unsynced) return;
    await this.#writing?.datasync();
    this.#unsynced = false;
  }

  async close(): Promise<void> {
    await this.sync();
    await this.#writing?.close();
    this.#writing = undefined;
    const handles = [...this.#open.values()];
    this.#open.clear();
    for (const handle of handles) await (await handle).close();
  }
}
