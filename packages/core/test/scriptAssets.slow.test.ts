import { runScriptAssets } from "@chain/testing/scriptAssets";
import { flagsOf } from "@chain/testing/scriptCases";
import { expect, test } from "vitest";

/** All sets of flags that a block can be checked with. Core: AllConsensusFlags. */
const STEPS = ["", "P2SH", "P2SH,WITNESS", "P2SH,WITNESS,TAPROOT"];
const FREE = ["DERSIG", "NULLDUMMY", "CHECKLOCKTIMEVERIFY", "CHECKSEQUENCEVERIFY"];
const SETS = STEPS.flatMap((step) =>
  Array.from({ length: 16 }, (_, bits) =>
    flagsOf([step, ...FREE.filter((_, i) => ((bits >> i) & 1) !== 0)].join(",")),
  ),
);

test("script_assets_test.json: with all sets of flags that say something of a case", () => {
  const { runs, wrong } = runScriptAssets(SETS);
  expect(wrong).toEqual([]);
  expect(runs).toBe(141_094);
});
