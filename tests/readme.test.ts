/** The first program of the README, which a newcomer copies. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readmeExamples, runExample } from "@chain/testing/readme";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test("the first program of the README runs, and is the same in Korean", async () => {
  const [first = "", ...others] = await readmeExamples("..");
  expect(others).toEqual([]);
  expect(first.trim().split("\n").length).toBeLessThanOrEqual(10);
  expect(await readFile(`${ROOT}README.ko.md`, "utf8")).toContain(first);
  expect((await runExample(first)).stderr).toBe("");
});
