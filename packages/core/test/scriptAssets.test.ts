import { expect, test } from "vitest";
import { runScriptAssets } from "./support/scriptAssets.ts";

test("script_assets_test.json: 2,243 good spends and 1,492 spoilt ones, each by its own flags", () => {
  expect(runScriptAssets([])).toEqual({ runs: 2243 + 1492, wrong: [] });
}, 60_000);
