import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bundled } from "@chain/testing/bundled";
import { StorageError } from "../../src/errors.ts";
import { MemoryStore } from "../../src/memory.ts";
import type { ChainStore, CoinStatistics } from "../../src/store.ts";
import { begin, chainSteps, recordOf } from "./chainSteps.ts";

/** Stores and connects blocks of the chain of a seed. */
export async function write(
  store: ChainStore,
  seed: number,
  from: number,
  to: number,
): Promise<void> {
  for (const { block, height, update } of chainSteps(seed, to)) {
    if (height < from) continue;
    await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
    await store.commit(update);
  }
}

/** The coins that there must be at a height. */
export async function replay(seed: number, height: number): Promise<CoinStatistics> {
  const store = new MemoryStore();
  await begin(store);
  await write(store, seed, 1, height);
  return store.coinStatistics();
}

/** A process that goes on writing the chain of a seed (see writer.ts), and prints a line for each step. */
export async function startWriter(
  path: string,
  seed: number,
  mode: "" | "prune" | "hold" = "",
): Promise<ChildProcess> {
  const program = await bundled(fileURLToPath(new URL("./writer.ts", import.meta.url)));
  return spawn(process.execPath, [program, path, String(seed), mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** A process that switches the index by script (see switcher.ts), and prints a line for each piece of that. */
export async function startSwitcher(path: string): Promise<ChildProcess> {
  const program = await bundled(fileURLToPath(new URL("./switcher.ts", import.meta.url)));
  return spawn(process.execPath, [program, path], { stdio: ["ignore", "pipe", "inherit"] });
}

/** Waits for so many lines. */
export async function seen(writer: ChildProcess, lines: number): Promise<void> {
  if (writer.stdout === null) throw new StorageError("io", "the writer has no output");
  let count = 0;
  for await (const _ of createInterface({ input: writer.stdout })) if (++count >= lines) return;
  throw new StorageError("io", "the writer ended by itself");
}
