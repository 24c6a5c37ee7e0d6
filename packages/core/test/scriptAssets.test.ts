import { runScriptAssets } from "@chain/testing/scriptAssets";
import { expect, test } from "vitest";

test("script_assets_test.json: 2,243 good spends and 1,492 spoilt ones, each by its own flags", () => {
  expect(runScriptAssets([])).toEqual({ runs: 2243 + 1492, wrong: [] });
}, 60_000);
