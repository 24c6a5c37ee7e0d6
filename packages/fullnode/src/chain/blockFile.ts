import { type FileHandle, open } from "node:fs/promises";
import { HEADER_SIZE, MAX_BLOCK_WEIGHT } from "@chain/core";

/** Bytes read at a time: a few of the largest blocks. */
const READ_SIZE = 16 * 1024 * 1024;
/** Magic and length before each block. */
const PREFIX_SIZE = 8;

/** A block of a file, and where it stands. */
export interface FileBlock {
  readonly offset: number;
  readonly raw: Uint8Array;
}

/**
 * Reads blocks from a file as Bitcoin Core writes them, such as `bootstrap.dat`: the network's magic, a length of four
 * bytes, the block. Behind anything else it goes on with the next magic. Core: LoadExternalBlockFile.
 */
export class BlockFile {
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #magic: Uint8Array;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;

  private constructor(file: FileHandle, size: number, magic: Uint8Array) {
    this.#file = file;
    this.#size = size;
    this.#magic = magic;
  }

  static async open(path: string, magic: Uint8Array): Promise<BlockFile> {
    const file = await open(path, "r");
    try {
      return new BlockFile(file, (await file.stat()).size, magic);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async *blocks(): AsyncGenerator<FileBlock> {
    let offset = 0;
    while (true) {
      const at = await this.#find(offset);
      if (at === undefined) return;
      const raw = await this.at(at);
      if (raw !== undefined) yield { offset: at, raw };
      offset = raw === undefined ? at + 1 : at + PREFIX_SIZE + raw.length;
    }
  }

  /** The block whose magic stands here; `undefined` where its length can't be one. */
  async at(offset: number): Promise<Uint8Array | undefined> {
    const prefix = await this.#read(offset, PREFIX_SIZE);
    const length = prefix?.readUInt32LE(4) ?? 0;
    if (length <= HEADER_SIZE || length > MAX_BLOCK_WEIGHT) return undefined;
    const record = await this.#read(offset, PREFIX_SIZE + length);
    return record && Uint8Array.from(record.subarray(PREFIX_SIZE));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Where the next magic begins. */
  async #find(from: number): Promise<number | undefined> {
    for (let offset = from; ; ) {
      const length = Math.min(READ_SIZE, this.#size - offset);
      if (length < PREFIX_SIZE) return undefined;
      const isHere = offset >= this.#start && offset + PREFIX_SIZE <= this.#end;
      if (!isHere && (await this.#read(offset, length)) === undefined) return undefined;
      const found = this.#buffer.indexOf(this.#magic, offset - this.#start);
      if (found >= 0) return this.#start + found;
      // One that begins in the last bytes is found with what follows.
      offset = Math.max(offset + 1, this.#end - this.#magic.length + 1);
    }
  }

  get #end(): number {
    return this.#start + this.#buffer.length;
  }

  /** `undefined` beyond the end of the file. */
  async #read(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset + length > this.#size) return undefined;
    if (offset < this.#start || offset + length > this.#end) {
      const buffer = Buffer.alloc(Math.min(READ_SIZE, this.#size - offset));
      let done = 0;
      while (done < buffer.length) {
        const { bytesRead } = await this.#file.read(buffer, done, undefined, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      this.#buffer = buffer.subarray(0, done);
      this.#start = offset;
      if (done < length) return undefined;
    }
    return this.#buffer.subarray(offset - this.#start, offset - this.#start + length);
  }
}
