import { readmeExamples, runExample } from "@chain/testing/readme";
import { expect, it } from "vitest";

it("the example of the README runs", async () => {
  const [example = ""] = await readmeExamples("fullnode");
  const stdout = "block-connected\ntip-changed\n";
  expect(await runExample(example)).toEqual({ stdout, stderr: "" });
});
