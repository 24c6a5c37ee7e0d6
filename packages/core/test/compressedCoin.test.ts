import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToHex, concatBytes, hexToBytes } from "../src/bytes.ts";
import type { Coin } from "../src/coin.ts";
import { readCompressedCoin, writeCompressedCoin } from "../src/compressedCoin.ts";
import { Reader } from "../src/encoding/reader.ts";
import { Writer } from "../src/encoding/writer.ts";
import { MAX_MONEY } from "../src/limits.ts";
import { p2pkhScript, p2pkScript, p2shScript } from "../src/script/templates.ts";

const write = (coin: Coin): string => {
  const writer = new Writer();
  writeCompressedCoin(writer, coin);
  return bytesToHex(writer.finish());
};
const read = (hex: string): Coin => {
  const reader = new Reader(hexToBytes(hex));
  const coin = readCompressedCoin(reader);
  reader.finish();
  return coin;
};
const coinOf = (scriptPubKey: Uint8Array): Coin => ({
  value: 0n,
  scriptPubKey,
  height: 0,
  coinbase: false,
});

/** The generator of the curve. */
const X = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const Y = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

describe("coins in Core's short form", () => {
  test("are Core's to the byte", () => {
    // Core: coins_tests.cpp, ccoins_serialization.
    const first = "97f23c835800816115944e077fe7c803cfa57f29b36bf87c1d35";
    expect(read(first)).toEqual({
      value: 60_000_000_000n,
      scriptPubKey: p2pkhScript(hexToBytes("816115944e077fe7c803cfa57f29b36bf87c1d35")),
      height: 203_998,
      coinbase: false,
    });
    expect(write(read(first))).toBe(first);
    const second = "8ddf77bbd123008c988f1a4a4de2161e0f50aac7f17e7f9555caa4";
    expect(read(second)).toEqual({
      value: 110_397n,
      scriptPubKey: p2pkhScript(hexToBytes("8c988f1a4a4de2161e0f50aac7f17e7f9555caa4")),
      height: 120_891,
      coinbase: true,
    });
    expect(write(read(second))).toBe(second);
    expect(read("000006")).toEqual(coinOf(new Uint8Array(0)));
  });

  test("stay what they are", () => {
    const coin = fc.record({
      value: fc.bigInt({ min: 0n, max: MAX_MONEY }),
      height: fc.nat(2 ** 31 - 1),
      coinbase: fc.boolean(),
      scriptPubKey: fc.oneof(
        fc.uint8Array({ maxLength: 80 }),
        ...[p2pkhScript, p2shScript].map((template) =>
          fc.uint8Array({ minLength: 20, maxLength: 20 }).map(template),
        ),
      ),
    });
    fc.assert(
      fc.property(coin, (each) => {
        expect(read(write(each))).toEqual(each);
      }),
    );
  });

  test("have one byte and 20 or 32 of the usual scripts", () => {
    const compressed = hexToBytes(`02${X}`);
    const whole = hexToBytes(`04${X}${Y}`);
    expect(write(coinOf(p2pkScript(compressed)))).toBe(`000002${X}`);
    expect(write(coinOf(p2pkScript(whole)))).toBe(`000004${X}`);
    expect(read(`000004${X}`).scriptPubKey).toEqual(p2pkScript(whole));
    expect(bytesToHex(read(`000005${X}`).scriptPubKey.subarray(0, 34))).toBe(`4104${X}`);
    // A key that is no point is written whole, because its y could not be found again.
    const none = concatBytes(Uint8Array.of(65, 4), new Uint8Array(64), Uint8Array.of(0xac));
    expect(read(write(coinOf(none)))).toEqual(coinOf(none));
    expect(write(coinOf(none))).toHaveLength(2 * (2 + 1 + 67));
  });

  test("as a hostile file has them are read as Core reads them", () => {
    // No point: an empty script.
    expect(read(`000004${"ff".repeat(32)}`).scriptPubKey).toHaveLength(0);
    // Too long for any script.
    const long = `0000cd17${"51".repeat(10_001)}`;
    expect(read(long).scriptPubKey).toEqual(Uint8Array.of(0x6a));
    // Numbers wrap at 64 bits, and are negative from 63 on.
    expect(read("0080fefefefefefefefe7f06").value).toBe(2_049_638_230_412_174_624n);
    expect(read("0080fefefefefefefefe7a06").value).toBe(-600_000_000n);
    expect(() => read("8efefefe7f0006")).not.toThrow();
    const tooLarge = { code: "out-of-range", message: "ReadVarInt(): size too large" };
    for (const hex of [
      "8ffefefe7f0006",
      "ffffffffff7f0006",
      "0080fefefefefefefeff0006",
      `00${"ff".repeat(11)}`,
    ]) {
      expect(() => read(hex)).toThrow(expect.objectContaining(tooLarge));
    }
    for (const hex of ["", "80", "00", "0000", "000000", "000007", `000004${"00".repeat(31)}`]) {
      expect(() => read(hex)).toThrow(expect.objectContaining({ code: "truncated" }));
    }
  });
});
