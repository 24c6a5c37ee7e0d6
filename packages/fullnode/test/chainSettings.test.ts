import type { BlockHash } from "@chain/core";
import { startTestNode } from "@chain/testing/nodes";
import { expect, test } from "vitest";
import { newRegtest } from "./support/rpc.ts";

test("a node assumes and waits as it is told", async () => {
  const assumeValid = "ab".repeat(32) as BlockHash;
  const plain = await startTestNode({ identity: await newRegtest() });
  expect(plain.params.assumeValid).toBeUndefined();
  // The genesis block is of 2011.
  expect(plain.chain.initialDownload).toBe(false);
  const told = { assumeValid, maxTipAge: 60_000, minimumChainWork: 1n };
  const node = await startTestNode({ identity: await newRegtest(), ...told });
  expect(node.chain.params).toMatchObject({ assumeValid, minimumChainWork: 1n });
  expect(node.chain.initialDownload).toBe(true);
});
