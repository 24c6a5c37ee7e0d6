import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bigNumber, coinsNumber } from "../src/json/number.ts";
import { parseJson, repeatedNames } from "../src/json/parse.ts";
import { toJson } from "../src/json/write.ts";

const again = (text: string) => {
  const value = parseJson(text);
  return value === undefined ? undefined : toJson(value);
};

describe("JSON", () => {
  test.each([
    "1.10",
    "1e2",
    "-0",
    "9007199254740993",
    "123456789012345678901234567890",
    "0.10000000",
    "1E-7",
    '[1.0,{"a":1.50}]',
    '"é\\n\\u0000"',
    "[]",
    "{}",
  ])("comes back as it was written: %s", (text) => {
    expect(again(text)).toBe(text);
  });

  test.each([
    "",
    " ",
    "01",
    "1.",
    ".5",
    "+1",
    "-",
    "1e",
    "nul",
    "[1,]",
    "[,1]",
    '{"a"}',
    '{"a":1,}',
    "{a:1}",
    '"a',
    '"\\"',
    '"\\x"',
    '"\u0001"',
    '"\\ud800"',
    "1 2",
    "[1",
    "NaN",
    "\u00a01",
    "[".repeat(513) + "]".repeat(513),
  ])("is refused: %.20s", (text) => {
    expect(parseJson(text)).toBeUndefined();
  });

  test("means what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(again(text) ?? "")).toEqual(JSON.parse(text));
      }),
    );
  });

  test("takes 512 containers within each other, and a text of megabytes", () => {
    const deep = `${"[".repeat(512)}${"]".repeat(512)}`;
    expect(again(deep)).toBe(deep);
    const long = `"${"ab".repeat(4_000_000)}"`;
    expect(again(long)).toBe(long);
  });

  test("keeps the first of two fields, and tells of the second", () => {
    const object = parseJson('{"a":1,"a":2,"__proto__":3}') as object;
    expect(toJson(object)).toBe('{"a":1,"__proto__":3}');
    expect(repeatedNames(object)).toEqual(["a"]);
  });

  test("has amounts with eight decimals, and integers of any size", () => {
    const amounts = [1n, -1n, 10_000_000n, 2_100_000_000_000_000n, 0n].map(coinsNumber);
    expect(toJson(amounts)).toBe(
      "[0.00000001,-0.00000001,0.10000000,21000000.00000000,0.00000000]",
    );
    expect(toJson(bigNumber(18_446_744_073_709_551_615n))).toBe("18446744073709551615");
  });

  test("has other fractions with 16 digits, as Core", () => {
    expect(toJson([4.656542373906925e-10, 1 / 3, 2 ** 53, 1e21])).toBe(
      "[4.656542373906925e-10,0.3333333333333333,9007199254740992,1e+21]",
    );
    expect(toJson("\u007f")).toBe('"\\u007f"');
  });

  test("can be indented", () => {
    expect(toJson({ a: [1, {}], b: [] }, 2)).toBe(JSON.stringify({ a: [1, {}], b: [] }, null, 2));
  });
});
