/** A light node's store in files of its directory: `genesis.dat`, `headers.dat` and `state.dat`. */
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Block, HEADER_SIZE, isChainError } from "@chain/core";
import type { LightStore } from "@chain/light";
import { StorageError } from "@chain/storage";
import { type Guard, takeGuard } from "@chain/storage/level";
import { systemCode, UserError } from "../errors.ts";
import { makeDataDirectory, replaceFile } from "../files.ts";
import { cannotRead, cannotWrite } from "../systemWords.ts";

/**
 * Headers are appended, the state is replaced whole, and both are checked when they are read back: what a kill has left
 * half written is asked of peers again.
 */
export class LightFiles implements LightStore {
  readonly #directory: string;
  readonly #guard: Guard;
  #headers: FileHandle | undefined;

  private constructor(directory: string, guard: Guard) {
    this.#directory = directory;
    this.#guard = guard;
  }

  /**
   * Makes the directory where there is none, and keeps other processes out of it.
   * @throws UserError `in-use`, `io`
   */
  static async open(directory: string): Promise<LightFiles> {
    await makeDataDirectory(directory);
    try {
      return new LightFiles(directory, await takeGuard(directory));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const code = error.code === "in-use" ? "in-use" : "io";
      throw new UserError(code, error.message, { cause: error });
    }
  }

  /**
   * The first block of the chain; where none was kept, the one that is given is.
   * @returns undefined where there is neither
   * @throws UserError `wrong-chain`, `damaged`, `io`
   */
  async genesis(wanted: Block | undefined): Promise<Block | undefined> {
    const path = this.#path("genesis");
    const bytes = await this.#read("genesis");
    if (bytes === undefined) {
      if (wanted !== undefined) await this.#replace("genesis", wanted.toBytes());
      return wanted;
    }
    const kept = blockOf(bytes);
    if (kept === undefined) {
      throw new UserError(
        "damaged",
        `${path} holds no block: delete it, and name the genesis block`,
      );
    }
    if (wanted === undefined || kept.hash === wanted.hash) return kept;
    const which = `it begins with ${kept.hash}, not with ${wanted.hash}`;
    throw new UserError("wrong-chain", `${this.#directory} is of another chain: ${which}`);
  }

  async readHeaders(): Promise<Uint8Array> {
    return (await this.#read("headers")) ?? new Uint8Array(0);
  }

  async writeHeaders(index: number, bytes: Uint8Array): Promise<void> {
    const start = index * HEADER_SIZE;
    this.#headers ??= await this.#openHeaders();
    // First, so that no header of before stands behind those that are written.
    await this.#headers.truncate(start);
    await this.#headers.write(bytes, 0, bytes.length, start);
  }

  readState(): Promise<Uint8Array | undefined> {
    return this.#read("state");
  }

  writeState(bytes: Uint8Array): Promise<void> {
    return this.#replace("state", bytes);
  }

  async close(): Promise<void> {
    await this.#headers?.sync();
    await this.#headers?.close();
    await this.#guard.release();
  }

  #path(name: string): string {
    return join(this.#directory, `${name}.dat`);
  }

  async #openHeaders(): Promise<FileHandle> {
    const path = this.#path("headers");
    try {
      // "a" makes the file where there is none; it could not write in the middle.
      await (await open(path, "a", 0o600)).close();
      return await open(path, "r+");
    } catch (error) {
      throw cannotWrite("the headers", path, error);
    }
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    const path = this.#path(name);
    try {
      return Uint8Array.from(await readFile(path));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw cannotRead("a file of the light node", path, error);
    }
  }

  async #replace(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    try {
      await replaceFile(path, [bytes]);
    } catch (error) {
      throw cannotWrite("a file of the light node", path, error);
    }
  }
}

function blockOf(bytes: Uint8Array): Block | undefined {
  try {
    return Block.fromBytes(bytes);
  } catch (error) {
    if (!isChainError(error)) throw error;
    return undefined;
  }
}
