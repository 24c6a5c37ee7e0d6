/** A second of what `fuzz.slow.test.ts` does for minutes, always the same. */

import { fuzzRounds } from "@chain/testing/fuzz";
import { expect, test } from "vitest";
import { nodeRound } from "./support/nodeFuzz.ts";

test.each([1, 2])("a node among hostile strangers, seed %i", async (seed) => {
  const options = { project: "engine", file: "fuzz.test.ts", minutes: 0, round: nodeRound };
  expect(await fuzzRounds(options, seed, 0, 1)).toBeGreaterThan(100);
});
