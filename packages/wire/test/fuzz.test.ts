/** A second of what `fuzz.slow.test.ts` does for minutes, always the same. */

import { fuzzRounds } from "@chain/testing/fuzz";
import { expect, test } from "vitest";
import { wireRound } from "./support/wireFuzz.ts";

test.each([1, 2, 3])("hostile bytes, seed %i", async (seed) => {
  const options = { project: "wire", file: "fuzz.test.ts", minutes: 0, round: wireRound };
  expect(await fuzzRounds(options, seed, 0, 25)).toBeGreaterThan(1000);
});
