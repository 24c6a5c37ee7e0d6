/** Finds the records of block files without the database that says where they are. */

import { existsSync } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { BlockHeader, CoreError, HEADER_SIZE, MAX_BLOCK_WEIGHT } from "@chain/core";
import { present } from "@chain/core/arguments";
import type { FilePosition, Location } from "./appendFile.ts";

/** Length and checksum before each payload: see appendFile.ts. */
export const RECORD_HEADER_SIZE = 8;
/** A block has at least a header and the count of its transactions. */
const LEAST_BLOCK = HEADER_SIZE + 1;
/** Bytes read at a time: several of the largest blocks. */
const READ_SIZE = 16 * 1024 * 1024;
const FILE = /^blk(\d{5,})\.dat$/;

export interface FoundBlock {
  readonly location: Location;
  /** The block; only for the moment. */
  readonly payload: Uint8Array;
}

export interface ScanProgress {
  /** Bytes of all block files that were looked at, and that there are. */
  readonly done: number;
  readonly total: number;
}

/**
 * Hands out every block that stands whole in the files of a directory, in their order. Behind a damaged one it looks for
 * the next at every byte, because its length may be what is damaged.
 * @returns how many stretches of bytes belong to no block, and where the last block ends
 */
export async function scanBlockFiles(
  directory: string,
  take: (block: FoundBlock) => void,
  onProgress: (progress: ScanProgress) => void,
): Promise<{ readonly damaged: number; readonly end: { file: number; offset: number } }> {
  const names = (await readdir(directory)).filter((name) => FILE.test(name)).sort();
  const files = await Promise.all(names.map((name) => open(join(directory, name), "r")));
  try {
    const sizes = await Promise.all(files.map(async (file) => (await file.stat()).size));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let [damaged, before] = [0, 0];
    let end = { file: 0, offset: 0 };
    for (const [i, file] of files.entries()) {
      const number = Number(FILE.exec(present(names[i], "names[i]"))?.[1]);
      const scan = new FileScan(file, sizes[i] as number);
      for await (const { offset, payload } of scan.blocks()) {
        const location = { file: number, offset, length: payload.length };
        take({ location, payload });
        end = { file: number, offset: offset + RECORD_HEADER_SIZE + payload.length };
        onProgress({ done: before + end.offset, total });
      }
      damaged += scan.damaged;
      before += sizes[i] as number;
    }
    return { damaged, end };
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

/** Hands out the blocks from a position on, in their order, up to the first bytes that are no record. */
export async function* readBlocksFrom(
  directory: string,
  from: FilePosition,
): AsyncGenerator<FoundBlock> {
  let { offset } = from;
  for (let number = from.file; ; number++, offset = 0) {
    const path = join(directory, `blk${String(number).padStart(5, "0")}.dat`);
    if (!existsSync(path)) return;
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const scan = new FileScan(file, size);
      for (let at = offset; at < size; ) {
        const payload = await scan.blockAt(at);
        if (payload === undefined) return;
        yield { location: { file: number, offset: at, length: payload.length }, payload };
        at += RECORD_HEADER_SIZE + payload.length;
      }
    } finally {
      await file.close();
    }
  }
}

class FileScan {
  readonly #file: FileHandle;
  readonly #size: number;
  #buffer = new Uint8Array(0);
  #start = 0;
  damaged = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  async *blocks(): AsyncGenerator<{ readonly offset: number; readonly payload: Uint8Array }> {
    let isLost = false;
    for (let offset = 0; offset < this.#size; ) {
      const payload = await this.blockAt(offset);
      if (payload === undefined) {
        if (!isLost) this.damaged++;
        isLost = true;
        offset++;
        continue;
      }
      isLost = false;
      yield { offset, payload };
      offset += RECORD_HEADER_SIZE + payload.length;
    }
  }

  /** The payload of a record that begins here, if its checksum is right. */
  async blockAt(offset: number): Promise<Uint8Array | undefined> {
    const head = await this.#read(offset, RECORD_HEADER_SIZE + LEAST_BLOCK);
    if (head === undefined) return undefined;
    const view = new DataView(head.buffer, head.byteOffset);
    const length = view.getUint32(0, true);
    if (length < LEAST_BLOCK || length > MAX_BLOCK_WEIGHT) return undefined;
    const record = await this.#read(offset, RECORD_HEADER_SIZE + length);
    const payload = record?.subarray(RECORD_HEADER_SIZE);
    if (payload === undefined || crc32(payload) !== view.getUint32(4, true)) return undefined;
    return payload;
  }

  /** `undefined` beyond the end of the file. */
  async #read(offset: number, length: number): Promise<Uint8Array | undefined> {
    if (offset + length > this.#size) return undefined;
    const at = offset - this.#start;
    if (at >= 0 && at + length <= this.#buffer.length)
      return this.#buffer.subarray(at, at + length);
    const buffer = new Uint8Array(Math.min(READ_SIZE, this.#size - offset));
    let done = 0;
    while (done < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, done, undefined, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    [this.#buffer, this.#start] = [buffer.subarray(0, done), offset];
    return done < length ? undefined : this.#buffer.subarray(0, length);
  }
}

/** The facts in the first bytes of a block. */
export interface PeekedBlock {
  readonly header: BlockHeader;
  /** Transactions that are said to follow the header. */
  readonly transactionCount: number;
}

/** @returns `undefined` where the bytes are no block */
export function peekBlock(payload: Uint8Array): PeekedBlock | undefined {
  try {
    const header = BlockHeader.fromBytes(payload.slice(0, HEADER_SIZE));
    return { header, transactionCount: countOf(payload) };
  } catch (error) {
    if (error instanceof CoreError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function countOf(payload: Uint8Array): number {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const first = view.getUint8(HEADER_SIZE);
  if (first < 0xfd) return first;
  return first === 0xfd
    ? view.getUint16(HEADER_SIZE + 1, true)
    : view.getUint32(HEADER_SIZE + 1, true);
}
