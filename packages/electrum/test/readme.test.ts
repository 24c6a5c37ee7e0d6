import { readmeExamples, runExample } from "@chain/testing/readme";
import { expect, it } from "vitest";

it("the example of the README runs", async () => {
  const [example = ""] = await readmeExamples("electrum");
  expect(await runExample(example)).toEqual({ stdout: "3\n", stderr: "" });
});
