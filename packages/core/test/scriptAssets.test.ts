/** The slow suite runs all cases with these signatures, and the libsecp256k1 bodies do in @chain/signatures. */
import { runScriptAssets } from "@chain/testing/scriptAssets";
import { expect, test } from "vitest";

test("script_assets_test.json: each tenth of its good and spoilt spends, by its own flags", () => {
  const { runs, wrong } = runScriptAssets([], undefined, 10);
  expect(wrong).toEqual([]);
  expect(runs).toBeGreaterThan(350);
});
