/**
 * Hostile bytes for the deframer, the codecs and the session, for minutes. FUZZ_SEED, FUZZ_MINUTES and FUZZ_ROUND
 * (one round alone) are read from the environment; each run prints its seed, each failure how to see it again.
 */

import { fuzzFor } from "@chain/testing/fuzz";
import { test } from "vitest";
import { wireRound } from "./support/wireFuzz.ts";

const MINUTES = Number(process.env["FUZZ_MINUTES"] ?? 2);

test("hostile bytes", { timeout: (MINUTES + 3) * 60_000 }, async () => {
  await fuzzFor({
    project: "wire",
    file: "fuzz.slow.test.ts",
    minutes: MINUTES,
    round: wireRound,
  });
});
