import { expect, test } from "vitest";
import { ACTIVATION_NAMES, parseActivationHeight } from "../src/chain/activationHeight.ts";

test("each of Core's names is one of our rules", () => {
  expect(ACTIVATION_NAMES.map((name) => parseActivationHeight(`${name}@7`))).toEqual(
    ["segwit", "bip34", "bip66", "bip65", "csv"].map((rule) => ({
      ok: true,
      heights: { [rule]: 7 },
    })),
  );
});

test.each([
  ["dersig", "format"],
  ["", "format"],
  ["@5", "name"],
  ["toString@5", "name"],
  ["bip66@5", "name"],
  ["dersig@", "height"],
  ["dersig@-1", "height"],
  ["dersig@1e3", "height"],
  ["dersig@1@2", "height"],
  ["dersig@2147483647", "height"],
  // Core looks at the height first.
  ["moon@x", "height"],
])("%j is refused because of its %s", (text, fault) => {
  expect(parseActivationHeight(text)).toEqual({ ok: false, fault });
});
