/** The crashes of crashKinds.slow.test.ts, many times over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  killPruners,
  killSwitchers,
  killWriters,
  makeHoles,
  tearFiles,
} from "./support/crashes.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "chain-storage-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it.each([1, 2, 3])("torn files, series %i", async (series) => {
  const { kept, rebuilt } = await tearFiles(directory, series * 1000, 40);
  expect(kept).toBeGreaterThan(5);
  expect(rebuilt).toBeGreaterThan(5);
});

it.each([1, 2])("holes in LevelDB's log, series %i", async (series) => {
  expect((await makeHoles(directory, series * 1000, 25)).rebuilt).toBeGreaterThan(5);
});

it.each([1, 2])("kill -9, series %i", async (series) => {
  await killWriters(directory, series, 15);
});

it.each([1, 2])("kill -9 while changes are held back, series %i", async (series) => {
  await killWriters(directory, series, 15, "hold");
});

it.each([1, 2])("kill -9 while it prunes, series %i", async (series) => {
  await killPruners(directory, series, 25);
});

it("kill -9 while the index by script is switched", async () => {
  await killSwitchers(directory, 1, 25);
});
