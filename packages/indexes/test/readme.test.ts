import { readmeExamples, runExample } from "@chain/testing/readme";
import { expect, it } from "vitest";

it("the example of the README runs", async () => {
  const [example = ""] = await readmeExamples("indexes");
  expect(await runExample(example)).toEqual({ stdout: "in block 1, place 0\n", stderr: "" });
});
