/** Runs in each test file: a test fails if it, or a program that it has started, tries to leave this machine. */
import { afterAll, beforeEach, expect, onTestFinished } from "vitest";
import { outsideNotes, stayOnLoopback } from "../loopback.ts";

const { TEST } = stayOnLoopback();

function expectNone(test: string): void {
  const attempts = outsideNotes(test).map(({ verb, target }) => `${verb} ${target}`);
  expect(attempts, "attempts to leave loopback").toEqual([]);
}

const file = expect.getState().testPath ?? "a test file";
process.env[TEST] = file;

beforeEach(({ task }) => {
  process.env[TEST] = task.fullName;
  // Registered first, it runs last: after the test has ended its programs.
  onTestFinished(() => {
    process.env[TEST] = file;
    expectNone(task.fullName);
  });
});

afterAll(() => expectNone(file));
