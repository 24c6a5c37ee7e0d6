/**
 * A whole node among hostile strangers, for minutes. FUZZ_SEED, FUZZ_MINUTES and FUZZ_ROUND (one round alone) are read
 * from the environment; each run prints its seed, each failure how to see it again.
 */

import { fuzzFor } from "@chain/testing/fuzz";
import { test } from "vitest";
import { nodeRound } from "./support/nodeFuzz.ts";

const MINUTES = Number(process.env["FUZZ_MINUTES"] ?? 3);

test("a node among hostile strangers", { timeout: (MINUTES + 3) * 60_000 }, async () => {
  await fuzzFor({
    project: "engine",
    file: "fuzz.slow.test.ts",
    minutes: MINUTES,
    round: nodeRound,
  });
});
