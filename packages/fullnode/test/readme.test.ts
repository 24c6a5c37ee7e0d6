import { freePort } from "@chain/testing/place";
import { readmeExamples, runExample } from "@chain/testing/readme";
import { expect, it } from "vitest";

it("the examples of the README run, and a node in process takes 13 lines", async () => {
  const [inProcess = "", called = "", onPort = "", ...more] = await readmeExamples("fullnode");
  expect(more).toEqual([]);
  expect(inProcess.trimEnd().split("\n").length).toBeLessThanOrEqual(13);
  expect(await runExample(inProcess)).toEqual({
    stdout: expect.stringMatching(/^(height \d\n)*height 3\n$/),
    stderr: "",
  });
  const paid = "block 1 pays 50\n";
  expect(await runExample(called)).toEqual({ stdout: paid, stderr: "" });
  const stdout = "block-connected\ntip-changed\n";
  // Another program of this machine may have the port of the example.
  const onFree = onPort.replace("28444", String(await freePort()));
  expect(await runExample(onFree)).toEqual({ stdout, stderr: "" });
});
