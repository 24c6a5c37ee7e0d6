import { type FileHandle, open } from "node:fs/promises";
import { Block, HEADER_SIZE, MAX_BLOCK_WEIGHT, ZERO_BLOCK_HASH } from "@chain/core";
import { requireString } from "@chain/core/arguments";

/** Bytes read at a time: a few of the largest blocks. */
const READ_SIZE = 16 * 1024 * 1024;
/** Bytes of a length, and of a magic before it. */
const [LENGTH_SIZE, MAGIC_SIZE] = [4, 4];

/** A block of a file, and where it stands. */
export interface FileBlock {
  readonly offset: number;
  readonly raw: Uint8Array;
}

/**
 * Reads blocks from a file as Bitcoin Core writes them, such as `bootstrap.dat`: the network's magic, a length of four
 * bytes, the block. Behind anything else it goes on with the next magic. Core: LoadExternalBlockFile. A file that
 * begins with a length has no magics: there each block follows the one before.
 */
export class BlockFile {
  readonly #file: FileHandle;
  readonly #size: number;
  /** `undefined`: lengths alone stand before the blocks. */
  readonly #magic: Uint8Array | undefined;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;

  private constructor(file: FileHandle, size: number, magic: Uint8Array | undefined) {
    this.#file = file;
    this.#size = size;
    this.#magic = magic;
  }

  static async open(path: string, magic: Uint8Array): Promise<BlockFile> {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const bare = new BlockFile(file, size, undefined);
      return (await bare.#beginsWithBlocks()) ? bare : new BlockFile(file, size, magic);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  async *blocks(): AsyncGenerator<FileBlock> {
    let offset = 0;
    while (true) {
      const at = await this.#find(offset);
      if (at === undefined) return;
      const raw = await this.at(at);
      if (raw !== undefined) yield { offset: at, raw };
      offset = raw === undefined ? at + 1 : at + this.#prefix + raw.length;
    }
  }

  /** The block whose record stands here; `undefined` where its length can't be one. */
  async at(offset: number): Promise<Uint8Array | undefined> {
    const size = this.#prefix;
    const prefix = await this.#read(offset, size);
    const length = prefix?.readUInt32LE(size - LENGTH_SIZE) ?? 0;
    if (length <= HEADER_SIZE || length > MAX_BLOCK_WEIGHT) return undefined;
    const record = await this.#read(offset, size + length);
    return record && Uint8Array.from(record.subarray(size));
  }

  get #prefix(): number {
    return this.#magic === undefined ? LENGTH_SIZE : MAGIC_SIZE + LENGTH_SIZE;
  }

  /** Whether a block begins after a length alone, and another one or the end follows it. */
  async #beginsWithBlocks(): Promise<boolean> {
    const first = await this.at(0);
    if (first === undefined) return false;
    const next = LENGTH_SIZE + first.length;
    return next === this.#size || (await this.at(next)) !== undefined;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Where the next record begins. */
  async #find(from: number): Promise<number | undefined> {
    const magic = this.#magic;
    if (magic === undefined) return (await this.at(from)) === undefined ? undefined : from;
    const prefix = this.#prefix;
    for (let offset = from; ; ) {
      const length = Math.min(READ_SIZE, this.#size - offset);
      if (length < prefix) return undefined;
      const isHere = offset >= this.#start && offset + prefix <= this.#end;
      if (!isHere && (await this.#read(offset, length)) === undefined) return undefined;
      const found = this.#buffer.indexOf(magic, offset - this.#start);
      if (found >= 0) return this.#start + found;
      // One that begins in the last bytes is found with what follows.
      offset = Math.max(offset + 1, this.#end - magic.length + 1);
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

/**
 * The genesis block that a file of blocks begins with, whatever the magic; `undefined` where it begins with another.
 * @throws the system's error where it can't be read
 * @example
 * const first = `${directory}/first.dat`;
 * await exportBlocks(chain, first);
 * (await readGenesisOf(first))?.hash === chain.params.genesis.hash // true
 */
export async function readGenesisOf(path: string): Promise<Block | undefined> {
  requireString(path, "path");

  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(MAGIC_SIZE + LENGTH_SIZE);
    await file.read(head, 0, head.length, 0);
    for (const at of [0, MAGIC_SIZE]) {
      const length = head.readUInt32LE(at);
      if (length <= HEADER_SIZE || length > MAX_BLOCK_WEIGHT) continue;
      const raw = Buffer.alloc(length);
      const { bytesRead } = await file.read(raw, 0, length, at + LENGTH_SIZE);
      if (bytesRead < length) continue;
      const block = blockOf(Uint8Array.from(raw));
      if (block?.header.previousHash === ZERO_BLOCK_HASH) return block;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

function blockOf(raw: Uint8Array): Block | undefined {
  try {
    return Block.fromBytes(raw);
  } catch {
    return undefined;
  }
}
