import { type FileHandle, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { CoreError, type Milliseconds, Reader, Transaction, Writer } from "@chain/core";
import { systemCode } from "../errors.ts";
import { syncDirectory } from "../files.ts";
import { cannotRead, cannotWrite } from "../systemWords.ts";
import type { SavedTransaction } from "./mempoolFile.ts";

/** Length and checksum before each record. */
const HEAD_SIZE = 8;
/** Time. */
const ENTRY_EXTRA = 8;

/**
 * Transactions that must be on disk before their sender gets an answer, appended to a file: length, CRC-32, time and
 * transaction of each. Several at a time share one wait for the disk. A caller that has written the whole mempool to
 * its own file empties the journal.
 */
export class MempoolJournal {
  readonly #file: FileHandle;
  #size: number;
  #queue: Uint8Array[] = [];
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens the journal, and makes it where there is none.
   * @param size how much of it was read: what a killed process did not write whole is cut off, because nothing behind
   *   it could be read
   */
  static async open(path: string, size: number): Promise<MempoolJournal> {
    try {
      const file = await open(path, "a", 0o600);
      await file.truncate(size);
      await syncDirectory(dirname(path));
      return new MempoolJournal(file, size);
    } catch (error) {
      throw cannotWrite("the journal of the mempool", path, error);
    }
  }

  /** How long it is, in bytes: `clear` may be told. */
  get size(): number {
    return this.#size;
  }

  /** Resolves once it is on disk. @throws errors of the system */
  append(transaction: Transaction, time: Milliseconds): Promise<void> {
    const body = new Writer(transaction.totalSize + ENTRY_EXTRA).u64(BigInt(Math.floor(time)));
    transaction.write(body);
    const bytes = body.finish();
    const head = new Writer(HEAD_SIZE).u32(bytes.length).u32(crc32(bytes)).finish();
    this.#queue.push(head, bytes);
    // Records that come while others are written wait for them, and then go together.
    this.#writing = (this.#writing ?? Promise.resolve()).catch(() => {}).then(() => this.#flush());
    return this.#writing;
  }

  async #flush(): Promise<void> {
    const parts = this.#queue;
    if (parts.length === 0) return;
    this.#queue = [];
    for (const part of parts) {
      await this.#file.appendFile(part);
      this.#size += part.length;
    }
    await this.#file.datasync();
  }

  /** Empties it, unless it has grown beyond `size` bytes: what came since is nowhere else. */
  clear(size: number): Promise<void> {
    // After what is being written, because a record that grows the file meanwhile must not be cut off with it.
    this.#writing = (this.#writing ?? Promise.resolve())
      .catch(() => {})
      .then(async () => {
        if (this.#size !== size) return;
        await this.#file.truncate(0);
        this.#size = 0;
      });
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing?.catch(() => {});
    await this.#file.close();
  }
}

/** The records of a journal, up to one that was not written whole. */
export interface JournalContent {
  readonly entries: readonly SavedTransaction[];
  /** Bytes that were read. */
  readonly size: number;
}

/**
 * @returns `undefined` where there is none, as after a node that ended well
 * @throws UserError `io`.
 */
export async function readMempoolJournal(path: string): Promise<JournalContent | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw cannotRead("the journal of the mempool", path, error);
  }
  const entries: SavedTransaction[] = [];
  const reader = new Reader(bytes);
  let size = 0;
  try {
    while (size < bytes.length) {
      const [length, checksum] = [reader.u32(), reader.u32()];
      const body = reader.take(length);
      if (crc32(body) !== checksum) break;
      const record = new Reader(body);
      const time = Number(record.u64());
      entries.push({ transaction: Transaction.read(record), time, unbroadcast: true });
      size = reader.position;
    }
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
  }
  return { entries, size };
}
