/** The fast suite takes each tenth of them. */
import { runScriptAssets } from "@chain/testing/scriptAssets";
import { expect, test } from "vitest";
import { loadNativeVerifier } from "../src/native.ts";
import { loadWasmVerifier } from "../src/wasm.ts";

test.each([
  ["native", loadNativeVerifier],
  ["wasm", loadWasmVerifier],
] as const)(
  "%s: 2,243 good spends of script_assets_test.json and 1,492 spoilt ones",
  async (_, load) => {
    expect(runScriptAssets([], await load())).toEqual({ runs: 2243 + 1492, wrong: [] });
  },
);
