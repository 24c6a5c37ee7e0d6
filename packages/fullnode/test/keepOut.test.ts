/** A full and a light node of one number do not run at once, in whatever order they are started. */
import { existsSync } from "node:fs";
import { GENESIS, newChain } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import type { Identity } from "../src/identity.ts";
import { startLightNode } from "../src/light/startLight.ts";
import { startNode } from "../src/node/start.ts";

async function full(identity: Identity) {
  const node = await startNode({ identity, connect: [], bind: [] });
  onTestFinished(() => node.stop());
  return node;
}

async function light(identity: Identity) {
  const node = await startLightNode({ identity, connect: [], genesis: GENESIS });
  onTestFinished(() => node.stop());
  return node;
}

test("a full and a light node of one number keep each other out while they run", async () => {
  const identity = await newChain();
  const first = await full(identity);
  const refusal = (other: string) => ({
    code: "in-use",
    message: expect.stringMatching(
      new RegExp(`^node ${identity.nodeId} runs already, as a ${other} node .*: stop that first$`),
    ),
  });
  await expect(light(identity)).rejects.toMatchObject(refusal("full"));
  await first.stop();
  const second = await light(identity);
  expect(existsSync(identity.paths.light)).toBe(true);
  await expect(full(identity)).rejects.toMatchObject(refusal("light"));
  await second.stop();
  await (await full(identity)).stop();
});
