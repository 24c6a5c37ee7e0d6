import type { BlockHash } from "@chain/core";
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
        const taken = await importBlocks(chain, path, signal);
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

/** @returns how many of its blocks were new and are stored now */
export async function importBlocks(
  chain: ChainManager,
  path: string,
  signal: { readonly aborted: boolean } = { aborted: false },
): Promise<number> {
  const file = await BlockFile.open(path, chain.params.magic);
  /** Where the blocks stand that came before their parents, by those. */
  const waiting = new Map<BlockHash, number[]>();
  let taken = 0;
  try {
    for await (const { offset, raw } of file.blocks()) {
      const parent = new RawBlock(raw).header?.previousHash;
      if (parent !== undefined && chain.headers.get(parent) === undefined) {
        waiting.set(parent, [...(waiting.get(parent) ?? []), offset]);
        continue;
      }
      const queue = [raw];
      for (const next of queue) {
        if (signal.aborted) return taken;
        const verdict = await chain.acceptBlock(next, { requested: true });
        if (!verdict.ok) continue;
        if (verdict.fresh) taken++;
        const { hash } = verdict.node;
        for (const at of waiting.get(hash) ?? []) {
          const child = await file.at(at);
          if (child !== undefined) queue.push(child);
        }
        waiting.delete(hash);
      }
    }
    return taken;
  } finally {
    await file.close();
  }
}
