/** The end of `.ci/run` names the tests that failed, with their step and version of Node. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../.ci/report.mjs", import.meta.url));
const TITLE = "tests, Node v24.0.0";

/** The lines for a report of vitest, or for a text in place of it; `undefined`: none was written. */
function linesOf(report: unknown, status = "1"): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), "chain-ci-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "report.json");
  if (report !== undefined) {
    writeFileSync(file, typeof report === "string" ? report : JSON.stringify(report));
  }
  const argv = [SCRIPT, TITLE, "420", status, file];
  return execFileSync(process.execPath, argv, { encoding: "utf8" }).trimEnd().split("\n");
}

const testResult = (name: string, tests: readonly [string, string][], more: object = {}) => ({
  name: join(process.cwd(), name),
  status: tests.some(([, status]) => status === "failed") ? "failed" : "passed",
  assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
  message: "",
  ...more,
});

const GOOD = testResult("a/good.test.ts", [["works", "passed"]]);

test("a good run has no failures", () => {
  expect(linesOf({ numPassedTests: 7, testResults: [GOOD] }, "0")).toEqual(["7 0"]);
});

test("each failed test is named, with its file", () => {
  const bad = testResult("a/bad.test.ts", [
    ["group works", "passed"],
    ["group fails\nover two lines", "failed"],
    ["another fails", "failed"],
  ]);
  expect(linesOf({ numPassedTests: 2, testResults: [GOOD, bad] })).toEqual([
    "2 2",
    `${TITLE}: a/bad.test.ts: group fails over two lines`,
    `${TITLE}: a/bad.test.ts: another fails`,
  ]);
});

test("a file that does not load is named, with the reason", () => {
  const more = { status: "failed", message: "Cannot find module x\n  at y" };
  const broken = testResult("a/broken.test.ts", [], more);
  expect(linesOf({ numPassedTests: 1, testResults: [GOOD, broken] })).toEqual([
    "1 1",
    `${TITLE}: a/broken.test.ts: Cannot find module x`,
  ]);
});

test("a run that fails without a failed test says why", () => {
  const fine = { numPassedTests: 1, testResults: [GOOD] };
  const reasons = (report: unknown, status: string) => linesOf(report, status).slice(1);
  expect(reasons(fine, "1")).toEqual([
    `${TITLE}: an error outside of the tests (exit status 1), see above`,
  ]);
  expect(reasons(undefined, "124")).toEqual([`${TITLE}: not done after 420 s`]);
  expect(reasons(undefined, "1")).toEqual([`${TITLE}: no report (exit status 1)`]);
  expect(reasons('{"numPassed', "137")).toEqual([`${TITLE}: not done after 420 s`]);
  expect(reasons({ numPassedTests: 0, testResults: [GOOD] }, "0")).toEqual([
    `${TITLE}: no test has passed`,
  ]);
});
