/** Several programs at once on one store: one has it, the others hear that it is in use, and nothing counts as damage. */
import { spawn } from "node:child_process";
import { cpSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { bundled } from "@chain/testing/bundled";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLevelStore } from "../src/level/open.ts";
import { rebuildLevelStore } from "../src/level/rebuild.ts";
import { begin, GENESIS } from "./support/chainSteps.ts";
import { loadIndex } from "./support/loadIndex.ts";
import { write } from "./support/process.ts";

const SEED = 33;
const HEIGHT = 60;
let root: string;
let whole: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "chain-at-once-"));
  whole = join(root, "whole");
  const store = await openLevelStore(whole);
  await begin(store);
  await write(store, SEED, 1, HEIGHT);
  await store.close();
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const copyOf = (name: string) => {
  const path = join(root, name);
  cpSync(whole, path, { recursive: true });
  return path;
};

it("a store that others open and close meanwhile is in use, and never damaged", async () => {
  const path = copyOf("busy");
  const program = await bundled(fileURLToPath(new URL("./support/visitor.ts", import.meta.url)));
  const answers = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const args = [program, path, "40"];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      return JSON.parse(await text(child.stdout)) as { opened: number; refusals: unknown[] };
    }),
  );
  expect(answers.reduce((sum, { opened }) => sum + opened, 0)).toBeGreaterThan(0);
  const refusals = new Set(answers.flatMap((answer) => answer.refusals));
  expect([...refusals].filter((code) => code !== "in-use")).toEqual([]);
}, 60_000);

it("of two that make it again one is refused, and the other ends well", async () => {
  const path = copyOf("rebuilt");
  const results = await Promise.allSettled([rebuildLevelStore(path), rebuildLevelStore(path)]);
  expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
  for (const result of results) {
    if (result.status === "fulfilled") expect(result.value.blocks).toBe(HEIGHT + 1);
    else expect(result.reason).toMatchObject({ code: "in-use" });
  }
  await expectAll(path);
});

it("nobody opens it while it is made again, so that no new block is cut off", async () => {
  const path = copyOf("scanned");
  let attempt: Promise<unknown> | undefined;
  await rebuildLevelStore(path, {
    onProgress: () => {
      attempt ??= openLevelStore(path).then(
        (store) => store.close(),
        (error: unknown) => (error as { code?: unknown }).code,
      );
    },
  });
  expect(await attempt).toBe("in-use");
  await expectAll(path);
});

it("damage of the files of the lock is no damage of the store", async () => {
  const path = copyOf("lock");
  for (const name of readdirSync(join(path, "lock"))) truncateSync(join(path, "lock", name), 3);
  await expectAll(path);
});

it("a lock that the disk refuses is told in a sentence", async () => {
  const path = copyOf("refused");
  rmSync(join(path, "lock"), { recursive: true });
  writeFileSync(join(path, "lock"), "");
  await expect(openLevelStore(path)).rejects.toMatchObject({
    code: "io",
    message: expect.stringMatching(/^can't lock /),
  });
});

it("damage that was found is found again at the next start", async () => {
  const path = copyOf("twice");
  const store = await openLevelStore(path); // the entries of the log go into a table
  await write(store, SEED, HEIGHT + 1, HEIGHT + 5);
  await store.close();
  const index = join(path, "index");
  const [log = ""] = readdirSync(index).filter((name) => name.endsWith(".log"));
  rmSync(join(index, log));
  for (let start = 0; start < 3; start++) {
    await expect(openLevelStore(path)).rejects.toMatchObject({ code: "corrupt" });
  }
});

async function expectAll(path: string): Promise<void> {
  const store = await openLevelStore(path);
  try {
    const { records } = await loadIndex(store);
    expect(records).toHaveLength(HEIGHT + 1);
    for (const { header } of records) expect(await store.readBlock(header.hash)).toBeDefined();
    expect(await store.readGenesis()).toEqual(GENESIS.toBytes());
  } finally {
    await store.close();
  }
}
