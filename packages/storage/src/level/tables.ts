/**
 * Verifies LevelDB's tables by the checksums of their own format, which its binding does not look at: data blocks, and
 * the blocks of index and filter, by which a record is found at all. A flipped bit in one of those makes a record
 * vanish, and no checksum in a value shows that; some make LevelDB end the process. Format: doc/table_format.md of
 * LevelDB: blocks, each followed by its compression (1 byte) and a masked CRC-32C (4), then a footer of 48 bytes.
 */

import { existsSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Milliseconds } from "@chain/core";
import { StorageError } from "../errors.ts";
import { maskedCrc32c } from "./crc32c.ts";
import { liveTables } from "./manifest.ts";
import { VarintReader } from "./varint.ts";

const FOOTER_SIZE = 48;
/** Compression and checksum behind each block. */
const TRAILER_SIZE = 5;
/** The last eight bytes of a table, little-endian. */
const MAGIC = 0xdb4775248b80fb57n;
/** Blocks are some kilobytes long: so many bytes are read at a time. */
const READ_SIZE = 1024 * 1024;

/** How much of a table is verified. */
export type Depth = "whole" | "structure";

interface Handle {
  readonly offset: number;
  /** Of the block, without its trailer. */
  readonly size: number;
}

/** How long what was verified is taken for good. Milliseconds. */
const VALID_FOR: Milliseconds = 10 * 60 * 1000;
/** Tables of so many bytes are read again each time: in a fifth of a second, less than a stranger's block costs. */
const ALWAYS = 32 * 1024 * 1024;

export interface VerifierOptions {
  /** Milliseconds. */
  readonly now?: () => number;
  /** Bytes up to which nothing is remembered. */
  readonly always?: number;
}

/**
 * Verifies the tables of one database. It does not read a verified one again for ten minutes, because a caller
 * may ask at the wish of strangers.
 */
export class TableVerifier {
  readonly #directory: string;
  readonly #now: () => number;
  readonly #always: number;
  /** When tables were found whole. A table is never changed once it is written, and no number is used twice. */
  readonly #known = new Map<number, number>();

  /** @param directory LevelDB's own */
  constructor(
    directory: string,
    { now = () => performance.now(), always = ALWAYS }: VerifierOptions = {},
  ) {
    this.#directory = directory;
    this.#now = now;
    this.#always = always;
  }

  /**
   * LevelDB may have the database open meanwhile.
   * @param depth `structure`: only by what records are found (index, filter, ends), which is a hundredth of it all
   * @throws StorageError `corrupt`, which names the table; errors of the system
   */
  async verify(depth: Depth): Promise<void> {
    const tables = await liveTables(this.#directory);
    const total = [...tables.values()].reduce((sum, size) => sum + size, 0);
    if (total <= this.#always) this.#known.clear();
    for (const number of tables.keys()) await this.#verifyTable(number, depth);
  }

  async #verifyTable(number: number, depth: Depth): Promise<void> {
    const path = pathOf(this.#directory, number);
    if (this.#isKnown(number)) return;
    const damage = path === undefined ? "it is missing" : await findDamage(path, depth);
    if (damage === undefined) {
      if (depth === "whole") this.#known.set(number, this.#now());
      return;
    }
    // LevelDB may have merged it into another one meanwhile, and deleted it.
    if (!(await liveTables(this.#directory)).has(number)) return;
    const name = path ?? join(this.#directory, `${number}.ldb`);
    throw new StorageError("corrupt", `${name} is damaged: ${damage}`);
  }

  #isKnown(number: number): boolean {
    const at = this.#known.get(number);
    return at !== undefined && this.#now() - at < VALID_FOR;
  }
}

/** Bytes of all tables of a database. @param directory LevelDB's own */
export async function tableBytes(directory: string): Promise<number> {
  return [...(await liveTables(directory)).values()].reduce((sum, size) => sum + size, 0);
}

/** Newer versions of LevelDB have another ending. */
function pathOf(directory: string, number: number): string | undefined {
  const name = String(number).padStart(6, "0");
  for (const path of [join(directory, `${name}.ldb`), join(directory, `${name}.sst`)]) {
    if (existsSync(path)) return path;
  }
  return undefined;
}

/** The fault of a table, in words; `undefined` where there is none. */
async function findDamage(path: string, depth: Depth): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "it is missing";
    throw error;
  }
  try {
    return await new TableReader(file, (await file.stat()).size).findDamage(depth);
  } catch (error) {
    if (error instanceof StorageError) return error.message;
    throw error;
  } finally {
    await file.close();
  }
}

class TableReader {
  readonly #file: FileHandle;
  readonly #size: number;
  #buffer = new Uint8Array(0);
  #bufferStart = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** Every byte of a table is in a block, in the trailer of one, or in the footer. */
  async findDamage(depth: Depth): Promise<string | undefined> {
    if (this.#size < FOOTER_SIZE) return "it is too short";
    const end = this.#size - FOOTER_SIZE;
    const footer = await this.#read(end, FOOTER_SIZE);
    const magic = new DataView(footer.buffer, footer.byteOffset).getBigUint64(40, true);
    if (magic !== MAGIC) return "its end is not that of a table";
    const handles = new VarintReader(footer.subarray(0, 40));
    const metaHandle = handleOf(handles);
    const indexHandle = handleOf(handles);
    if (footer.subarray(handles.position, 40).some((byte) => byte !== 0))
      return "its footer is damaged";
    const meta = blockEntries(await this.#block(metaHandle));
    const index = blockEntries(await this.#block(indexHandle));
    if (depth === "structure") {
      for (const value of meta) await this.#block(handleOf(new VarintReader(value)));
    }
    const blocks = [...meta, ...index].map((value) => handleOf(new VarintReader(value)));
    const all = [...blocks, metaHandle, indexHandle].sort((a, b) => a.offset - b.offset);
    let next = 0;
    for (const handle of all) {
      if (handle.offset !== next) return `its blocks leave out the bytes at ${next}`;
      if (depth === "whole") await this.#block(handle);
      next = handle.offset + handle.size + TRAILER_SIZE;
    }
    return next === end ? undefined : `its blocks leave out the bytes at ${next}`;
  }

  /** @throws StorageError `corrupt` where its checksum is not right */
  async #block({ offset, size }: Handle): Promise<Uint8Array> {
    const length = size + TRAILER_SIZE;
    if (offset + length > this.#size)
      throw new StorageError("corrupt", "a block goes beyond its end");
    const bytes = await this.#read(offset, length);
    const checked = bytes.subarray(0, size + 1); // the compression is covered as well
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (view.getUint32(size + 1, true) !== maskedCrc32c(checked)) {
      throw new StorageError("corrupt", `wrong checksum of the block at ${offset}`);
    }
    if (bytes[size] !== 0)
      throw new StorageError("corrupt", `the block at ${offset} is compressed`);
    return bytes.subarray(0, size);
  }

  /** Blocks are asked for one after the other, so much more than one is read at a time. */
  async #read(offset: number, length: number): Promise<Uint8Array> {
    const start = offset - this.#bufferStart;
    if (start < 0 || start + length > this.#buffer.length) {
      const wanted = Math.min(Math.max(length, READ_SIZE), this.#size - offset);
      const buffer = new Uint8Array(wanted);
      const { bytesRead } = await this.#file.read(buffer, 0, wanted, offset);
      if (bytesRead < length) throw new StorageError("corrupt", "bytes are missing");
      this.#buffer = buffer.subarray(0, bytesRead);
      this.#bufferStart = offset;
      return this.#buffer.subarray(0, length);
    }
    return this.#buffer.subarray(start, start + length);
  }
}

function handleOf(reader: VarintReader): Handle {
  return { offset: reader.varint(), size: reader.varint() };
}

/** The values of a block: entries of (shared, unshared, value length), key and value, then restart points. */
function blockEntries(block: Uint8Array): readonly Uint8Array[] {
  if (block.length < 4) throw new StorageError("corrupt", "an index block is too short");
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const restarts = view.getUint32(block.length - 4, true);
  const end = block.length - 4 * (restarts + 1);
  if (end < 0) throw new StorageError("corrupt", "an index block is too short");
  const reader = new VarintReader(block.subarray(0, end));
  const values: Uint8Array[] = [];
  while (reader.position < end) {
    reader.varint();
    const unshared = reader.varint();
    const length = reader.varint();
    reader.take(unshared);
    values.push(reader.take(length));
  }
  return values;
}
