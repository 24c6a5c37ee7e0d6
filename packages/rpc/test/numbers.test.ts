/** Numbers in calls and answers, as Bitcoin Core 29 reads and writes them. */
import { COIN, MAX_MONEY } from "@chain/core";
import { formatAmount } from "@chain/wallet";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { readAmount, readFeeRate } from "../src/define/types.ts";
import { difficultyOf } from "../src/describe/header.ts";
import { serviceNames } from "../src/describe/peer.ts";
import { RpcError } from "../src/errors.ts";
import { coinsNumber } from "../src/json/number.ts";
import { parseJson } from "../src/json/parse.ts";
import { toJson } from "../src/json/write.ts";
import { decodeTransaction } from "../src/methods/decode.ts";

/** As a caller writes it. */
const amountOf = (value: unknown) => readAmount(parseJson(JSON.stringify(value)) ?? null);
const feeRateOf = (value: unknown) => readFeeRate(parseJson(JSON.stringify(value)) ?? null);

describe("amounts in calls", () => {
  // Asked of Bitcoin Core: testmempoolaccept [["00"], AMOUNT], sendrawtransaction.
  test.each<[unknown, bigint | string]>([
    [0.00000001, 1n],
    [1e-8, 1n],
    ["1e-8", 1n],
    [1.5e-7, 15n],
    ["0.10000000", 10_000_000n],
    ["1.000000000", COIN],
    [0.1e1, COIN],
    ["1E3", 1000n * COIN],
    ["1e+3", 1000n * COIN],
    [10_000_000.00000001, 10_000_000n * COIN + 1n],
    [21_000_000, MAX_MONEY],
    ["0", 0n],
    ["0.0", 0n],
    ["-0", 0n],
    ["0e99", 0n],
    [1e-9, "Invalid amount"],
    ["1e-9", "Invalid amount"],
    ["0.000000001", "Invalid amount"],
    [0.999999999, "Invalid amount"],
    ["1e99999999999999999999", "Invalid amount"],
    ["1e-99999999999999999999", "Invalid amount"],
    [1e20, "Invalid amount"],
    ["", "Invalid amount"],
    [" 1", "Invalid amount"],
    ["1 ", "Invalid amount"],
    [".5", "Invalid amount"],
    ["1.", "Invalid amount"],
    ["+1", "Invalid amount"],
    ["01", "Invalid amount"],
    ["0x10", "Invalid amount"],
    ["1e", "Invalid amount"],
    ["Infinity", "Invalid amount"],
    [-1, "Amount out of range"],
    ["-0.00000001", "Amount out of range"],
    [21_000_001, "Amount out of range"],
    ["21000000.00000001", "Amount out of range"],
    [true, "Amount is not a number or string"],
    [[1], "Amount is not a number or string"],
    [{}, "Amount is not a number or string"],
  ])("%j", (value, expected) => {
    if (typeof expected === "bigint") expect(amountOf(value)).toBe(expected);
    else expect(() => amountOf(value)).toThrow(new RpcError(-3, expected));
  });

  test("a million digits are no amount", () => {
    expect(() => amountOf("1".repeat(1_000_000))).toThrow("Invalid amount");
  });

  test("what is written can be given", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX_MONEY), (units) => {
        expect(amountOf(formatAmount(units))).toBe(units);
        expect(amountOf(toJson(coinsNumber(units)))).toBe(units);
        expect(amountOf(JSON.parse(toJson(coinsNumber(units))))).toBe(units);
        if (units > 0n) expect(() => amountOf(`${formatAmount(units)}e-17`)).toThrow("Invalid");
      }),
    );
  });

  test("fee rates are less than 1 coin for 1,000 bytes", () => {
    expect(feeRateOf("0.99999999")).toBe(COIN - 1n);
    expect(() => feeRateOf(1)).toThrow(expect.objectContaining({ code: -8 }));
  });
});

describe("numbers in answers", () => {
  test.each<[bigint, string]>([
    [0n, "0.00000000"],
    [1n, "0.00000001"],
    [-1n, "-0.00000001"],
    [1_000n, "0.00001000"],
    [50n * COIN, "50.00000000"],
    [MAX_MONEY, "21000000.00000000"],
    [-MAX_MONEY - 1n, "-21000000.00000001"],
  ])("%d base units are %s", (units, text) => {
    expect(toJson({ value: coinsNumber(units) })).toBe(`{"value":${text}}`);
    expect(JSON.stringify([coinsNumber(units)])).toBe(JSON.stringify([Number(text)]));
  });

  // Written by Core's std::setprecision(16).
  test.each<[number, string]>([
    [4.656542373906925e-10, "4.656542373906925e-10"],
    [1 / 65_536, "1.52587890625e-05"],
    [0.0001, "0.0001"],
    [0.1 + 0.2, "0.3"],
    [2 / 3, "0.6666666666666666"],
    [1_234_567.25, "1234567.25"],
    [1e-7, "1e-07"],
    [1, "1"],
    [-7, "-7"],
    [1.5e300, "1.5e+300"],
    [Number.NaN, "null"],
  ])("%d is %s", (value, text) => {
    expect(toJson(value)).toBe(text);
  });

  test("all else is written as ever", () => {
    const values = fc.jsonValue({ noUnicodeString: false }).filter((value) => {
      // Doubles of 17 digits lose the last one, as in Core.
      const exact = (each: unknown) =>
        typeof each !== "number" || Number(each.toPrecision(16)) === each;
      return (
        JSON.stringify(value, (_, each) => (exact(each) ? each : { inexact: true })) ===
        JSON.stringify(value)
      );
    });
    fc.assert(
      fc.property(values, (value) => {
        expect(JSON.parse(toJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(toJson({ a: undefined, b: [undefined, () => 1], c: null })).toBe(
      '{"b":[null,null],"c":null}',
    );
  });

  test.each<[number, string]>([
    [0x207fffff, "4.656542373906925e-10"],
    [0x1d00ffff, "1"],
    [0x1b0404cb, "16307.42093852398"],
    [0x1f00ffff, "1.52587890625e-05"],
    [0x170331db, "88104191118793.16"],
    [0x1d000001, "65535"],
    [0, "0"],
  ])("the difficulty of %i is %s", (bits, difficulty) => {
    expect(toJson(difficultyOf(bits))).toBe(difficulty);
  });
});

describe("transactions in hex", () => {
  // One input and one output with an empty witness item, or no inputs and one output with a script of 47 bytes. Core
  // decides as told here.
  const bothWays = (legacyOpcode: string, script: string) =>
    `02000000000101${"11".repeat(7)}2f${legacyOpcode}${"22".repeat(23)}00000000` +
    `00ffffffff01${"00".repeat(8)}01${script}010100` +
    "00000000";
  test.each<[string, string, boolean]>([
    ["both make sense", bothWays("2e", "51"), true],
    ["only the one with witness does", bothWays("ff", "51"), true],
    ["only the one without does", bothWays("2e", "ff"), false],
    ["none does", bothWays("ff", "ff"), true],
  ])("of two readings, where %s", (_, hex, witness) => {
    const forms = { withWitness: true, withoutWitness: true };
    expect(decodeTransaction(hex, forms).hasWitness).toBe(witness);
    expect(decodeTransaction(hex).hasWitness).toBe(true);
    expect(decodeTransaction(hex, { withWitness: false, withoutWitness: true }).inputs).toEqual([]);
  });
});

describe("service bits", () => {
  it("names service bits as Core does", () => {
    expect(serviceNames(0xc4dn)).toEqual([
      "NETWORK",
      "BLOOM",
      "WITNESS",
      "COMPACT_FILTERS",
      "NETWORK_LIMITED",
      "P2P_V2",
    ]);
    expect(serviceNames(2n ** 63n + 2n)).toEqual(["UNKNOWN[2^1]", "UNKNOWN[2^63]"]);
  });
});
