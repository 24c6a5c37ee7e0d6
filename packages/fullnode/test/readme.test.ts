import { readmeExamples, runExample } from "@chain/testing/readme";
import { expect, it } from "vitest";

it("the examples of the README run, and a node in process takes 13 lines", async () => {
  const [inProcess = "", onPort = "", ...more] = await readmeExamples("fullnode");
  expect(more).toEqual([]);
  expect(inProcess.trimEnd().split("\n").length).toBeLessThanOrEqual(13);
  expect(await runExample(inProcess)).toEqual({
    stdout: expect.stringMatching(/^(height \d\n)*height 3\n$/),
    stderr: "",
  });
  const stdout = "block-connected\ntip-changed\n";
  expect(await runExample(onPort)).toEqual({ stdout, stderr: "" });
});
