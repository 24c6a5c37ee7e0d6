/** The block catalogue, put to the rules alone. */

import { TestChain } from "@chain/testing/blockFactory";
import { NaiveNode } from "@chain/testing/naiveNode";
import { rememberingVerifier } from "@chain/testing/scriptCases";
import { allStories } from "@chain/testing/stories";
import { afterAll, describe, expect, test } from "vitest";

const stories = allStories();

test("the catalogue has as many blocks as it had", () => {
  const steps = stories.flatMap(({ steps: each }) => each);
  const refused = steps.filter(({ expected }) => expected.includes(": "));
  expect([steps.length, refused.length]).toEqual([566, 328]);
});

describe.each(stories)("$name", ({ params, steps }) => {
  const node = new NaiveNode(params, rememberingVerifier());

  test.each(steps)("$name: $expected", ({ raw, expected }) => {
    const before = [...node.chain.coins.keys()];
    expect(node.accept(raw)).toBe(expected);
    if (expected !== "tip") expect([...node.chain.coins.keys()].sort()).toEqual(before.sort());
  });

  // Disconnecting takes all back that was made and spent, of every kind.
  afterAll(() => {
    while (node.chain.tip.height > 0) node.chain.disconnect();
    expect(node.chain.coins).toEqual(new TestChain(params).coins);
  });
});
