import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { StorageError } from "../errors.ts";
import { syncDirectory } from "./syncDirectory.ts";

/** A file grows to this many bytes before the next begins (as in Core): small enough to copy, large enough to be few. */
const MAX_FILE_SIZE = 128 * 1024 * 1024;
/** Bytes that are written without leaving the thread. */
const MAX_AT_ONCE = 64 * 1024;
/** Length and checksum before each payload. */
const HEADER_SIZE = 8;

/** Where bytes begin, or end. */
export interface FilePosition {
  readonly file: number;
  readonly offset: number;
}

/** Where a payload is. The offset is that of the length and checksum before it. */
export interface Location extends FilePosition {
  /** Bytes of the payload. */
  readonly length: number;
}

export function isBefore(a: FilePosition, b: FilePosition): boolean {
  return a.file < b.file || (a.file === b.file && a.offset < b.offset);
}

/** Whether a whole record begins at a position, or in the file behind that of the position. */
export function holdsRecord(directory: string, prefix: string, at: FilePosition): boolean {
  const next = { file: at.file + 1, offset: 0 };
  return isRecordAt(directory, prefix, at) || isRecordAt(directory, prefix, next);
}

/** Whether bytes before a position are missing at the end of its file. */
export function isShort(
  directory: string,
  prefix: string,
  { file, offset }: FilePosition,
): boolean {
  return sizeOf(join(directory, nameOf(prefix, file))) < offset;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function isRecordAt(directory: string, prefix: string, { file, offset }: FilePosition): boolean {
  const path = join(directory, nameOf(prefix, file));
  const size = sizeOf(path);
  if (size < offset + HEADER_SIZE) return false;
  const handle = openSync(path, "r");
  try {
    const head = new Uint8Array(HEADER_SIZE);
    readSync(handle, head, 0, HEADER_SIZE, offset);
    const view = new DataView(head.buffer);
    const length = view.getUint32(0, true);
    if (length === 0 || offset + HEADER_SIZE + length > size) return false;
    const payload = new Uint8Array(length);
    readSync(handle, payload, 0, length, offset + HEADER_SIZE);
    return view.getUint32(4, true) === crc32(payload);
  } finally {
    closeSync(handle);
  }
}

function nameOf(prefix: string, file: number): string {
  return `${prefix}${String(file).padStart(5, "0")}.dat`;
}

/** Numbers of the files of a kind that are there. */
function numbersOf(directory: string, prefix: string): number[] {
  const name = new RegExp(`^${prefix}(\\d{5,})\\.dat$`);
  return readdirSync(directory).flatMap((entry) => {
    const digits = name.exec(entry)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

/**
 * Records one behind the other in numbered files, never changed once written: a length, a CRC-32 and the payload. The
 * checksum is there to find what the disk has spoilt or a power cut left half written, at the least cost (zlib's is
 * native); against forgery blocks carry their own proof. One writer, any number of readers.
 */
export class AppendFile {
  readonly #directory: string;
  readonly #prefix: string;
  readonly #maxFileSize: number;
  #end: FilePosition;
  #writing: FileHandle | undefined;
  #created = false;
  #unsynced = 0;
  /** Once the disk did not take everything, asking it again proves nothing: the system may have forgotten the rest. */
  #failure: unknown;
  /** Bytes of each file, by its number. */
  readonly #files: Map<number, number>;
  /** Whether bytes are missing that the database says were written. */
  readonly isShort: boolean;

  /**
   * @param end where the next record goes, as the database says. Bytes behind it were never referred to (the
   *   process was killed between the record and the batch) and are cut off.
   */
  constructor(
    directory: string,
    prefix: string,
    end: FilePosition,
    maxFileSize: number = MAX_FILE_SIZE,
  ) {
    this.#directory = directory;
    this.#prefix = prefix;
    this.#maxFileSize = maxFileSize;
    const size = this.sizeOf(end.file);
    this.isShort = size < end.offset;
    this.#end = { file: end.file, offset: Math.min(size, end.offset) };
    if (size > end.offset) truncateSync(this.#path(end.file), end.offset);
    for (let file = end.file + 1; existsSync(this.#path(file)); file++) rmSync(this.#path(file));
    this.#files = new Map(numbersOf(directory, prefix).map((file) => [file, this.sizeOf(file)]));
  }

  /** Bytes of all files. */
  get bytes(): number {
    let sum = 0;
    for (const size of this.#files.values()) sum += size;
    return sum;
  }

  /** The numbers of the files that nothing is written to any more. */
  get full(): readonly number[] {
    return [...this.#files.keys()].filter((file) => file < this.#end.file).sort((a, b) => a - b);
  }

  /** Deletes a file to which nothing is written any more. */
  remove(file: number): void {
    rmSync(this.#path(file), { force: true });
    this.#files.delete(file);
  }

  get end(): FilePosition {
    return this.#end;
  }

  /** Bytes written since the disk was last waited for. */
  get unsynced(): number {
    return this.#unsynced;
  }

  /** Bytes that are really there of a file. */
  sizeOf(file: number): number {
    return sizeOf(this.#path(file));
  }

  #name(file: number): string {
    return nameOf(this.#prefix, file);
  }

  #path(file: number): string {
    return join(this.#directory, this.#name(file));
  }

  /** Writes a record. It counts only once the database refers to it. */
  async append(payload: Uint8Array): Promise<Location> {
    const record = new Uint8Array(HEADER_SIZE + payload.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, payload.length, true);
    view.setUint32(4, crc32(payload), true);
    record.set(payload, HEADER_SIZE);

    if (this.#end.offset > 0 && this.#end.offset + record.length > this.#maxFileSize) {
      await this.sync();
      await this.#writing?.close();
      this.#writing = undefined;
      this.#end = { file: this.#end.file + 1, offset: 0 };
    }
    const { file, offset } = this.#end;
    this.#writing ??= await this.#openToWrite(file);
    // After a failure nothing is lost: the next record goes to the same place.
    const handle = this.#writing;
    for (let done = 0; done < record.length; ) {
      const left = record.length - done;
      // The system copies a few pages in less time than it takes to wake a thread for them.
      done +=
        left <= MAX_AT_ONCE
          ? writeSync(handle.fd, record, done, left, offset + done)
          : (await handle.write(record, done, left, offset + done)).bytesWritten;
    }
    this.#end = { file, offset: offset + record.length };
    this.#files.set(file, this.#end.offset);
    this.#unsynced += record.length;
    return { file, offset, length: payload.length };
  }

  #openToWrite(file: number): Promise<FileHandle> {
    const path = this.#path(file);
    if (existsSync(path)) return open(path, "r+");
    this.#created = true;
    return open(path, "wx");
  }

  /** @throws StorageError `corrupt` where the bytes are not those that were written, `io`. */
  async read(location: Location): Promise<Uint8Array> {
    const { file, offset, length } = location;
    const what = `${this.#name(file)} at ${offset}`;
    // Before the allocation that it protects: the length comes from the database.
    if (!this.contains(location)) throw new StorageError("corrupt", `${what}: bytes are missing`);
    const record = new Uint8Array(HEADER_SIZE + length);
    let done = 0;
    // Opened for each read: the handles of a long chain would be too many to keep.
    const handle = await open(this.#path(file), "r");
    try {
      while (done < record.length) {
        const { bytesRead } = await handle.read(record, done, undefined, offset + done);
        if (bytesRead === 0) throw new StorageError("corrupt", `${what}: bytes are missing`);
        done += bytesRead;
      }
    } finally {
      await handle.close();
    }
    const view = new DataView(record.buffer);
    const payload = record.subarray(HEADER_SIZE);
    if (view.getUint32(0, true) !== length || view.getUint32(4, true) !== crc32(payload)) {
      throw new StorageError("corrupt", `${what}: wrong checksum`);
    }
    return payload;
  }

  /** Whether the file is long enough for it; says nothing of the bytes. @param size of the file, where that is known */
  contains({ file, offset, length }: Location, size: number = this.sizeOf(file)): boolean {
    return offset + HEADER_SIZE + length <= size;
  }

  /** Bytes that a killed process wrote may not have reached the disk yet: the next `sync` waits for it as well. */
  async distrust(): Promise<void> {
    const { file, offset } = this.#end;
    if (offset === 0) return;
    this.#writing ??= await this.#openToWrite(file);
    this.#unsynced = Math.max(this.#unsynced, 1);
    this.#created = true;
  }

  /** Waits until the disk has everything. */
  async sync(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#unsynced === 0) return;
    try {
      await this.#writing?.datasync();
      // A new file is safe only when its name is.
      if (this.#created) await syncDirectory(this.#directory);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    this.#created = false;
    this.#unsynced = 0;
  }

  async close(): Promise<void> {
    await this.#writing?.close();
    this.#writing = undefined;
  }
}
