import { readmeExamples, runExample } from "@chain/testing/readme";
import { expect, it } from "vitest";

it("the example of the README runs", async () => {
  const [example = ""] = await readmeExamples("light");
  expect(await runExample(example)).toEqual({ stdout: "0n\n", stderr: "" });
});
