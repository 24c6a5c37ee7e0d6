import { COIN, MAX_MONEY } from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAmount, parseAmount } from "../src/amount.ts";

function amountOf(text: string): bigint {
  const parsed = parseAmount(text);
  if (!parsed.ok) expect.fail(`${text}: ${parsed.reason}`);
  return parsed.amount;
}

test.each([
  ["10", 10n * COIN],
  ["0.5", COIN / 2n],
  ["0.00000001", 1n],
  ["1.10", 110_000_000n],
  ["21000000", MAX_MONEY],
  ["20999999.99999999", MAX_MONEY - 1n],
])("%s coins are %s units", (text, units) => {
  expect(amountOf(text)).toBe(units);
});

test("0.1 and 0.2 make 0.3", () => {
  expect(formatAmount(amountOf("0.1") + amountOf("0.2"))).toBe("0.3");
});

test.each([
  ["", "empty"],
  [" ", "space"],
  ["1 000", "space"],
  ["1\n", "space"],
  ["1\u00a0000", "space"],
  ["-1", "negative"],
  ["-0", "negative"],
  ["−1", "negative"],
  ["+1", "sign"],
  ["0x10", "hex"],
  ["1e3", "exponent"],
  ["1.5E-3", "exponent"],
  ["1,000", "separator"],
  ["0,5", "separator"],
  ["1_000", "separator"],
  ["1'000", "separator"],
  ["１", "foreign-digit"],
  ["٣", "foreign-digit"],
  ["1２", "foreign-digit"],
  [".5", "bare-point"],
  ["5.", "bare-point"],
  ["007", "leading-zero"],
  ["00.5", "leading-zero"],
  ["1.2.3", "not-a-number"],
  [".", "not-a-number"],
  ["Infinity", "not-a-number"],
  ["NaN", "not-a-number"],
  ["10 coins", "space"],
  ["ten", "not-a-number"],
  ["0.000000001", "too-precise"],
  ["1.000000000", "too-precise"],
  ["21000000.00000001", "too-large"],
  ["99999999", "too-large"],
  ["9".repeat(1_000_000), "too-large"],
  ["0", "zero"],
  ["0.00000000", "zero"],
])("%j is refused as %s", (text, code) => {
  const parsed = parseAmount(text);
  expect(parsed).toMatchObject({ ok: false, code });
  expect(parsed.ok || parsed.reason.length).toBeGreaterThan(10);
});

test("each refusal has a sentence of its own", () => {
  const texts = ["", " ", "-1", "+1", "0x1", "1e3", "1,0", "１", ".5", "01", "x", "0", "22000000"];
  const sentences = [...texts, "0.000000001"].map((text) => {
    const parsed = parseAmount(text);
    return parsed.ok ? "" : parsed.reason;
  });
  expect(new Set(sentences).size).toBe(texts.length + 1);
});

test("a fee may be nothing", () => {
  expect(parseAmount("0", { allowZero: true })).toEqual({ ok: true, amount: 0n });
});

test.each([
  [10n * COIN, "10"],
  [COIN / 2n, "0.5"],
  [1n, "0.00000001"],
  [0n, "0"],
  [-COIN / 2n, "-0.5"],
])("%s units are written %s", (units, text) => {
  expect(formatAmount(units)).toBe(text);
});

describe("properties", () => {
  test("what is written is read back, and in no shorter form", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, MAX_MONEY), (units) => {
        const text = formatAmount(units);
        expect(amountOf(text)).toBe(units);
        expect(text).not.toMatch(/\..*0$|\.$/);
      }),
    );
  });

  test("any text is either refused or means exactly its digits", () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.stringMatching(/^[0-9.,+\-e_ ]{0,20}$/),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseAmount(text);
        if (!parsed.ok) return;
        expect(text).toMatch(/^\d+(\.\d{1,8})?$/);
        const [whole = "", fraction = ""] = text.split(".");
        expect(parsed.amount).toBe(BigInt(`${whole}${fraction.padEnd(8, "0")}`));
      }),
    );
  });
});
