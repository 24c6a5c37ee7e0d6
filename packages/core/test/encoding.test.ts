import {
  Block,
  bytesToHex,
  CoreError,
  compactSizeLength,
  decodeUndo,
  encodeScriptNumber,
  encodeUndo,
  hexToBytes,
  parseId,
  pushNumber,
  Reader,
  reversedHex,
  Transaction,
  Writer,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { block, bytes, i32, i64, transaction, u32 } from "./support/arbitraries.ts";

const coin = fc.record({
  value: i64,
  scriptPubKey: bytes(60),
  height: fc.integer({ min: 0, max: 0x7fff_ffff }),
  coinbase: fc.boolean(),
});

describe("what is decoded is what was encoded", () => {
  test("blocks and their transactions", () => {
    fc.assert(
      fc.property(block, (original) => {
        const encoded = original.toBytes();
        const decoded = Block.fromBytes(encoded);
        expect(bytesToHex(decoded.toBytes())).toBe(bytesToHex(encoded));
        expect(decoded.hash).toBe(original.hash);
        expect(decoded.transactions.map(({ txid, wtxid }) => [txid, wtxid])).toEqual(
          original.transactions.map(({ txid, wtxid }) => [txid, wtxid]),
        );
        expect([decoded.totalSize, decoded.baseSize]).toEqual([
          encoded.length,
          original.toBytes({ witness: false }).length,
        ]);
        expect(decoded.weight).toBe(decoded.baseSize * 3 + decoded.totalSize);
      }),
    );
  });

  test("transactions without witness", () => {
    fc.assert(
      fc.property(transaction, (original) => {
        const stripped = Transaction.fromBytes(original.toBytes({ witness: false }));
        expect([stripped.txid, stripped.hasWitness]).toEqual([original.txid, false]);
        expect(stripped.wtxid).toBe(stripped.txid);
        expect((original.wtxid as string) === original.txid).toBe(!original.hasWitness);
      }),
    );
  });

  test("undo data", () => {
    fc.assert(
      fc.property(fc.array(fc.array(coin, { maxLength: 3 }), { maxLength: 4 }), (undo) => {
        expect(decodeUndo(encodeUndo(undo))).toEqual(undo);
      }),
    );
  });

  test("numbers of every width", () => {
    fc.assert(
      fc.property(u32, i32, i64, fc.nat({ max: 0x02000000 }), (a, b, c, d) => {
        const reader = new Reader(new Writer(1).u32(a).i32(b).i64(c).compactSize(d).finish());
        expect([reader.u32(), reader.i32(), reader.i64(), reader.compactSize()]).toEqual([
          a,
          b,
          c,
          d,
        ]);
        reader.finish();
        expect(new Writer().compactSize(d).length).toBe(compactSizeLength(d));
      }),
    );
  });
});

describe("hostile bytes", () => {
  const decoders = {
    block: (raw: Uint8Array) => Block.fromBytes(raw).toBytes(),
    transaction: (raw: Uint8Array) => Transaction.fromBytes(raw).toBytes(),
    undo: (raw: Uint8Array) => encodeUndo(decodeUndo(raw)),
  };

  /** Either a CoreError, or a value that is written as the very bytes it was read from. */
  function decodesOrRefuses(decode: (raw: Uint8Array) => Uint8Array, raw: Uint8Array): void {
    let again: Uint8Array;
    try {
      again = decode(raw);
    } catch (error) {
      expect(error).toBeInstanceOf(CoreError);
      return;
    }
    expect(bytesToHex(again)).toBe(bytesToHex(raw));
  }

  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const mutated = (raw: Uint8Array, changes: [number, number][], cut: number): Uint8Array => {
    let result = raw;
    for (const [at, value] of changes) result = result.with(at % raw.length, value);
    return result.subarray(0, raw.length - (cut % raw.length));
  };

  test("mutated and cut encodings", () => {
    fc.assert(
      fc.property(block, edits, fc.oneof(fc.constant(0), fc.nat()), (original, changes, cut) => {
        decodesOrRefuses(decoders.block, mutated(original.toBytes(), changes, cut));
        const [first] = original.transactions;
        if (first === undefined) return;
        decodesOrRefuses(decoders.transaction, mutated(first.toBytes(), changes, cut));
      }),
      { numRuns: 500 },
    );
  });

  test.each(Object.entries(decoders))("any bytes as %s", (_, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
        try {
          decode(raw);
        } catch (error) {
          expect(error).toBeInstanceOf(CoreError);
        }
      }),
      { numRuns: 500 },
    );
  });

  const code = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof CoreError) return error.code;
      throw error;
    }
    return "accepted";
  };
  const none = `01000000${"00".repeat(32)}`;

  test.each([
    ["nothing", "", "truncated"],
    ["a count of inputs that lies", `01000000fe00000002${"00".repeat(60)}`, "truncated"],
    ["a count of inputs beyond all limits", "01000000ffffffffffffffffff", "oversized"],
    ["a count longer than it need be", "01000000fd0100", "non-canonical-compact-size"],
    [
      "a witness marker without witness",
      `010000000001${"01"}${"00".repeat(36)}00ffffffff000000000000`,
      "superfluous-witness",
    ],
    ["an unknown flag", `010000000002${"00"}${"00"}00000000`, "unknown-transaction-flag"],
    ["a byte too many", "0100000000000000000000", "trailing-bytes"],
    ["a script longer than the rest", `${none.slice(0, 8)}01${"00".repeat(36)}ff`, "truncated"],
    ["no hex", "zz", "invalid-hex"],
    ["half a byte", "0", "invalid-hex"],
  ])("%s", (_, hex, expected) => {
    expect(code(() => Transaction.fromHex(hex))).toBe(expected);
  });

  test("a witness of a million empty items costs no million objects", () => {
    const count = 1_000_000;
    const writer = new Writer().i32(2).u8(0).u8(1).compactSize(1).bytes(new Uint8Array(36));
    writer.varBytes(new Uint8Array(0)).u32(0).compactSize(0).compactSize(count);
    const raw = writer.bytes(new Uint8Array(count)).u32(0).finish();
    const { witness } = Transaction.fromBytes(raw).inputs[0]!;
    expect(witness.length).toBe(count);
    expect(new Set(witness).size).toBe(1);
  });

  test.each([
    ["invalid-length", "00"],
    ["invalid-hex", "g".repeat(64)],
    ["accepted", "AB".repeat(32)],
  ])("an id that somebody typed: %s", (expected, text) => {
    expect(code(() => parseId(text))).toBe(expected);
    if (expected === "accepted") expect(parseId(text)).toBe(text.toLowerCase());
  });

  test("numbers that do not fit are misuse", () => {
    for (const act of [
      () => new Writer().u8(256),
      () => new Writer().u32(-1),
      () => new Writer().u32(1.5),
      () => new Writer().i32(0x8000_0000),
      () => new Writer().u64(-1n),
      () => new Writer().i64(1n << 63n),
      () => new Writer().compactSize(Number.NaN),
    ]) {
      expect(code(act)).toBe("out-of-range");
    }
  });
});

describe("numbers in scripts", () => {
  // Core's CScriptNum::serialize, by hand.
  test.each([
    [0, ""],
    [1, "01"],
    [-1, "81"],
    [127, "7f"],
    [128, "8000"],
    [-128, "8080"],
    [255, "ff00"],
    [-255, "ff80"],
    [256, "0001"],
    [32_767, "ff7f"],
    [32_768, "008000"],
    [0x7fff_ffff, "ffffff7f"],
    [-0x7fff_ffff, "ffffffff"],
    [0x8000_0000, "0000008000"],
  ])("%i", (value, hex) => {
    expect(bytesToHex(encodeScriptNumber(value))).toBe(hex);
  });

  test.each([
    [0, "00"],
    [-1, "4f"],
    [1, "51"],
    [16, "60"],
    [17, "0111"],
    [227_931, "035b7a03"],
  ])("push of %i", (value, hex) => {
    expect(bytesToHex(pushNumber(value))).toBe(hex);
  });
});

test("hex: both cases, long ones too", () => {
  expect(hexToBytes("00fFAb")).toEqual(Uint8Array.of(0, 255, 0xab));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (raw) => {
      expect(bytesToHex(raw)).toBe(
        [...raw].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      );
      expect(hexToBytes(bytesToHex(raw))).toEqual(raw);
      expect(reversedHex(raw)).toBe(bytesToHex(raw.toReversed()));
    }),
  );
  const long = new Uint8Array(10_001).fill(0x5a);
  expect(bytesToHex(long)).toBe("5a".repeat(10_001));
  expect(reversedHex(long)).toBe("5a".repeat(10_001));
});
