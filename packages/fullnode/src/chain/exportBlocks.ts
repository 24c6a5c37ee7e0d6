import { access, type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ArgumentError, concatBytes, Writer } from "@chain/core";
import { present, requireFields, requireOptions, requireString } from "@chain/core/arguments";
import type { ChainManager } from "@chain/engine";
import { UserError } from "../errors.ts";
import { syncDirectory } from "../files.ts";

/** Blocks gathered before they are written. */
const BATCH_SIZE = 4 * 1024 * 1024;

/** Which blocks of the best chain, and who hears of it. */
export interface ExportOptions {
  /** Height of the first one. Default: 0. */
  readonly from?: number | undefined;
  /** Height of the last one. Default: that of the tip. */
  readonly to?: number | undefined;
  readonly signal?: { readonly aborted: boolean } | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Writes blocks of the best chain into a file as Bitcoin Core reads it (`-loadblock`, `bootstrap.dat`): the network's
 * magic, a length of four bytes, the block. The file is there when it is whole, and never in the place of another.
 * @returns how many blocks; `undefined` where it was told to stop, and nothing is written
 * @throws UserError `exists`; `refused` for blocks that were pruned; `usage` for heights that it does not have;
 *   the system's error where the file can't be written
 * @example
 * await exportBlocks(chain, `${directory}/bootstrap.dat`) // 1: the genesis block
 */
export async function exportBlocks(
  chain: ChainManager,
  path: string,
  options: ExportOptions = {},
): Promise<number | undefined> {
  requireFields(chain, "chain", { getRawBlock: "function", headers: "object", tip: "object" });
  requireString(path, "path");
  requireOptions(options, "options", {
    ...{ from: "number?", to: "number?", signal: "object?", onProgress: "function?" },
  });

  const { height } = chain.tip;
  const { from = 0, to = height, signal, onProgress } = options;
  const isHeight = (value: number) => Number.isInteger(value) && value >= 0;
  if (!isHeight(from)) throw new ArgumentError("options.from", "a height", from);
  if (!isHeight(to)) throw new ArgumentError("options.to", "a height", to);
  if (from > to || to > height) {
    const message = `there are blocks of heights 0 to ${height}, not ${from} to ${to}`;
    throw new UserError("usage", message);
  }
  await refuseFile(path, "name another file, or delete it");
  const draft = `${path}.part`;
  await refuseFile(draft, "another export writes it, or one was killed: delete it then");
  const file = await open(draft, "wx");
  try {
    const count = await writeBlocks(file, chain, { from, to, signal, onProgress });
    await file.sync();
    await file.close();
    if (count === undefined) await rm(draft);
    else {
      await refuseFile(path, "it was made meanwhile");
      await rename(draft, path);
      await syncDirectory(dirname(path));
    }
    return count;
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
}

async function writeBlocks(
  file: FileHandle,
  chain: ChainManager,
  { from, to, signal, onProgress }: ExportOptions & { readonly from: number; readonly to: number },
): Promise<number | undefined> {
  const total = to - from + 1;
  let batch: Uint8Array[] = [];
  let size = 0;
  const write = async () => {
    await file.writeFile(concatBytes(...batch));
    [batch, size] = [[], 0];
  };
  for (let height = from; height <= to; height++) {
    if (signal?.aborted) return undefined;
    const { hash } = present(chain.headers.activeAt(height), "a header of the best chain");
    const raw = await chain.getRawBlock(hash);
    if (raw === undefined) {
      const advice = "blocks that were pruned are on nodes that keep all";
      throw new UserError("refused", `block ${hash} at height ${height} is not here: ${advice}`);
    }
    batch.push(new Writer(8).bytes(chain.params.magic).u32(raw.length).finish(), raw);
    size += raw.length;
    if (size >= BATCH_SIZE) await write();
    onProgress?.(height - from + 1, total);
  }
  await write();
  return total;
}

async function refuseFile(path: string, advice: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw new UserError("exists", `${path} exists already: ${advice}`);
}
