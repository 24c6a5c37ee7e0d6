import { type BlockHash, ZERO_BLOCK_HASH } from "@chain/core";
import { requireFields, requireOptions, requireString } from "@chain/core/arguments";
import { type ChainManager, type Log, RawBlock } from "@chain/engine";
import { messageOf } from "../errors.ts";
import type { Service } from "../node/service.ts";
import { cannotRead } from "../systemWords.ts";
import { BlockFile } from "./blockFile.ts";

/**
 * Takes in the blocks of files in the background, in whatever order they stand in a file. A file that can't be read is a
 * line in the log. Core: ImportBlocks, -loadblock.
 */
export function startImport(chain: ChainManager, paths: readonly string[], log: Log): Service {
  const signal = { aborted: false };
  const work = (async () => {
    for (const path of paths) {
      if (signal.aborted) return;
      try {
        const { taken } = await importBlocks(chain, path, { signal });
        log("info", "store", `Loaded ${taken} blocks from external file ${path}`);
      } catch (error) {
        if (!signal.aborted)
          log("error", "store", messageOf(cannotRead("the blocks of", path, error)));
      }
    }
  })();
  const stop = () => {
    signal.aborted = true;
    return work;
  };
  return { stopping: "ending the import of blocks", stop };
}

/** Blocks that the chain is handed at once, so that their scripts are run before their turn. */
const AT_ONCE = 16;

/** How an import may be told to end early, and who hears of it. */
export interface ImportOptions {
  /** No block is taken in once the chain is so high. */
  readonly stopHeight?: number | undefined;
  readonly signal?: { readonly aborted: boolean };
  /** Hears of each block: bytes that were read, and bytes of the file. */
  readonly onProgress?: (read: number, size: number) => void;
}

/** The fates of the blocks of a file. */
export interface ImportedBlocks {
  /** New, and stored now. */
  readonly taken: number;
  /** Stored before. */
  readonly known: number;
  /** Against the rules. */
  readonly refused: number;
  /** The first of those, and why. */
  readonly firstRefused: { readonly hash: BlockHash; readonly reason: string } | undefined;
  /** Left aside, because their parents are neither here nor in the file. */
  readonly orphans: number;
}

/**
 * Takes in the blocks of a file, in whatever order they stand there. See `BlockFile` for its forms. Once more with the
 * same file, it goes on where it ended.
 * @throws the system's error where the file can't be read; EngineError where the chain can't go on
 * @example
 * const path = `${directory}/own.dat`;
 * await exportBlocks(chain, path);
 * (await importBlocks(chain, path)).known // 1: the genesis block
 */
export async function importBlocks(
  chain: ChainManager,
  path: string,
  options: ImportOptions = {},
): Promise<ImportedBlocks> {
  requireFields(chain, "chain", { acceptBlock: "function", headers: "object", params: "object" });
  requireString(path, "path");
  requireOptions(options, "options", {
    ...{ stopHeight: "number?", signal: "object?", onProgress: "function?" },
  });

  const { stopHeight = Number.POSITIVE_INFINITY, signal, onProgress } = options;
  const file = await BlockFile.open(path, chain.params.magic);
  const waiting = new WaitingBlocks();
  const fates = { taken: 0, known: 0, refused: 0 };
  let firstRefused: ImportedBlocks["firstRefused"];
  const take = async (offset: number, raw: Uint8Array) => {
    const verdict = await chain.acceptBlock(raw, { requested: true, durable: false });
    if (verdict.ok) {
      fates[verdict.fresh ? "taken" : "known"]++;
      return verdict.node.hash;
    }
    const { hash, previousHash } = new RawBlock(raw).header ?? {};
    // This copy of its parent was damaged; there may be another.
    if (verdict.kind === "missing-parent" && previousHash !== undefined)
      waiting.add(offset, previousHash);
    else {
      fates.refused++;
      if (hash !== undefined) firstRefused ??= { hash, reason: verdict.reason };
    }
    return undefined;
  };
  const isOver = () => signal?.aborted === true || chain.tip.height >= stopHeight;
  const pending = new PendingBlocks();
  const takeAll = async (offset: number, raw: Uint8Array) => {
    // Places, and not blocks: in a file that begins with its youngest block, all of them wait for the last.
    const queue = [offset];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      const next = at === offset ? raw : await file.at(at);
      const hash = next && (at === offset || !isOver() ? await take(at, next) : undefined);
      if (hash === undefined) continue;
      queue.push(...waiting.take(hash));
    }
  };
  try {
    for await (const { offset, raw } of file.blocks()) {
      // With those that it has in hand the chain may be as high as it is to be.
      await pending.until(({ size }) => size < AT_ONCE && chain.tip.height + size < stopHeight);
      if (isOver()) break;
      onProgress?.(offset, file.size);
      const { header } = new RawBlock(raw);
      const { hash, previousHash: parent } = header ?? {};
      const isHere = parent === undefined || parent === ZERO_BLOCK_HASH || pending.has(parent);
      if (!isHere && chain.headers.get(parent) === undefined) {
        waiting.add(offset, parent);
        continue;
      }
      pending.add(hash, takeAll(offset, raw));
    }
    await pending.until(({ size }) => size === 0);
    return { ...fates, firstRefused, orphans: waiting.size };
  } finally {
    await pending.ended();
    await file.close();
  }
}

/** Where the blocks stand in their file that came before their parents, by those. */
class WaitingBlocks {
  readonly #offsets = new Map<BlockHash, number[]>();

  get size(): number {
    return [...this.#offsets.values()].reduce((sum, { length }) => sum + length, 0);
  }

  add(offset: number, parent: BlockHash): void {
    const others = this.#offsets.get(parent);
    if (others === undefined) this.#offsets.set(parent, [offset]);
    else others.push(offset);
  }

  take(parent: BlockHash): readonly number[] {
    const offsets = this.#offsets.get(parent) ?? [];
    this.#offsets.delete(parent);
    return offsets;
  }
}

/** Blocks that the chain has been handed and has not answered for. */
class PendingBlocks {
  readonly #works = new Set<Promise<void>>();
  readonly #hashes = new Map<BlockHash | undefined, number>();
  #failure: { readonly error: unknown } | undefined;

  get size(): number {
    return this.#works.size;
  }

  has(hash: BlockHash): boolean {
    return (this.#hashes.get(hash) ?? 0) > 0;
  }

  add(hash: BlockHash | undefined, work: Promise<void>): void {
    const count = (more: number) => this.#hashes.set(hash, (this.#hashes.get(hash) ?? 0) + more);
    count(1);
    const own = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#works.delete(own);
        count(-1);
        if (this.#hashes.get(hash) === 0) this.#hashes.delete(hash);
      });
    this.#works.add(own);
  }

  /** Resolves once there are few enough. @throws the error of one that failed */
  async until(isEnough: (pending: PendingBlocks) => boolean): Promise<void> {
    while (this.size > 0 && !isEnough(this)) await Promise.race(this.#works);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async ended(): Promise<void> {
    await Promise.all(this.#works);
  }
}
