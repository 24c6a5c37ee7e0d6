import { readmeExamples, runExample } from "@chain/testing/readme";
import { expect, it } from "vitest";

it("the example of the README runs", async () => {
  const [example = ""] = await readmeExamples("terminal");
  expect(await runExample(example)).toEqual({ stdout: "", stderr: "" });
});
