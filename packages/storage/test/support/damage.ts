import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { bundled } from "@chain/testing/bundled";
import type { Rng } from "@chain/testing/random";
import { expect } from "vitest";
import { rebuildLevelStore } from "../../src/level/rebuild.ts";
import { GENESIS } from "./chainSteps.ts";

/** Flips a bit, cuts the end off, or writes zeros over a stretch of one file of a store. @returns a description */
function damage(directory: string, rng: Rng): string {
  const files = ["index", "blocks"].flatMap((name) =>
    readdirSync(join(directory, name)).map((file) => join(name, file)),
  );
  const kept = files
    .filter((file) => !/LOCK|LOG/.test(file) && statSync(join(directory, file)).size > 0)
    .sort();
  const file = kept[rng.below(kept.length)] as string;
  const path = join(directory, file);
  const bytes = readFileSync(path);
  const at = rng.below(bytes.length);
  const kind = rng.below(10);
  if (kind === 0) {
    truncateSync(path, at);
    return `${file} cut at ${at} of ${bytes.length}`;
  }
  if (kind === 1) {
    const length = Math.min(1 + rng.below(4096), bytes.length - at);
    writeFileSync(path, bytes.fill(0, at, at + length));
    return `${file} zeroed from ${at} for ${length} of ${bytes.length}`;
  }
  const bit = rng.below(8);
  bytes[at] = (bytes[at] as number) ^ (1 << bit);
  writeFileSync(path, bytes);
  return `${file} bit ${bit} at ${at} of ${bytes.length}`;
}

/** The answers of another process that reads stores: one each; `undefined` from where on it ended by itself. */
export async function readInProcess(paths: readonly string[]): Promise<readonly unknown[]> {
  const program = await bundled(fileURLToPath(new URL("./reader.ts", import.meta.url)));
  const child = spawn(process.execPath, [program, ...paths], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [out] = await Promise.all([text(child.stdout), once(child, "close")]);
  const lines = out.split("\n").filter((line) => line !== "");
  return paths.map((_, i) => (lines[i] === undefined ? undefined : JSON.parse(lines[i])));
}

/** Damages copies of the store, reads them in one process, and rebuilds those that can't be read. */
export async function damageMany(
  {
    whole,
    right,
    root,
  }: { readonly whole: string; readonly right: unknown; readonly root: string },
  rng: Rng,
  count: number,
): Promise<void> {
  const copies = Array.from({ length: count }, (_, n) => {
    const path = join(root, `copy${n}`);
    cpSync(whole, path, { recursive: true });
    return { path, what: damage(path, rng) };
  });
  const before = copies.map(({ path }) => blockBytes(path));
  const answers = await readInProcess(copies.map(({ path }) => path));
  const shrunk = copies.filter(({ path }, i) => blockBytes(path) < (before[i] as number));
  // Nothing that a block file holds is thrown away, whatever else is damaged.
  expect(shrunk.map(({ what }) => what)).toEqual([]);
  const broken: string[] = [];
  for (const [i, { path, what }] of copies.entries()) {
    const answer = answers[i] as { code?: string; coins?: string; tip?: string } | undefined;
    if (answer === undefined) expect.fail(`the process ended: ${what}`);
    if (answer.code !== undefined) {
      expect({ what, code: answer.code }).toEqual({ what, code: "corrupt" });
      await rebuildLevelStore(path, { genesis: GENESIS });
      broken.push(path);
    } else if (answer.tip !== undefined) {
      // Without a tip the coins are to be made again from the blocks, as after a power cut.
      const { coins } = right as { readonly coins: string };
      expect({ what, coins: answer.coins }).toEqual({ what, coins });
    }
  }
  for (const again of await readInProcess(broken)) {
    expect(again).toMatchObject({ bodies: expect.any(Number) });
  }
  for (const { path } of copies) rmSync(path, { recursive: true, force: true });
}

function blockBytes(path: string): number {
  return statSync(join(path, "blocks", "blk00000.dat")).size;
}
