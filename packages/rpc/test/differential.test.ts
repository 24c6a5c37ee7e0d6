/** Every method is asked of ours and of Knots, or it is said why not: see differential.slow.test.ts. */
import { expect, test } from "vitest";
import { METHODS } from "../src/methods/table.ts";
import { NOT_ASKED, readingQuestions } from "./support/readingQuestions.ts";
import { signingQuestions } from "./support/signingQuestions.ts";

test("every method is compared with Knots, or there is a reason", async () => {
  const facts = new Proxy({} as Parameters<typeof readingQuestions>[0], { get: () => "00" });
  const questions = [...readingQuestions(facts), ...(await signingQuestions(async () => ""))];
  const asked = new Set(questions.map(([method]) => method));
  const names = METHODS.map(({ name }) => name);
  expect(names.filter((name) => !asked.has(name) && !Object.hasOwn(NOT_ASKED, name))).toEqual([]);
  // No reason outlives its need.
  expect(Object.keys(NOT_ASKED).filter((name) => asked.has(name))).toEqual([]);
});
