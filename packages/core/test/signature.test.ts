import {
  bytesToHex,
  concatBytes,
  encodeDerSignature,
  hexToBytes,
  isLowS,
  isStrictDer,
  nobleVerifier,
  normalizeS,
  parseDerSignature,
  parseDerSignatureLax,
} from "@chain/core";
import { testKey } from "@chain/testing/blockFactory";
import { vectors } from "@chain/testing/vectors";
import * as secp256k1 from "@noble/secp256k1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const isHex = (text: string): boolean => /^[0-9a-fA-F]+$/.test(text) && text.length % 2 === 0;
const bytes32 = (n: bigint): Uint8Array => hexToBytes(n.toString(16).padStart(64, "0"));

describe("DER (BIP-0066)", () => {
  test("Core's canonical signatures", () => {
    const all = vectors<string[]>("bitcoind/sig_canonical.json").filter(isHex);
    expect(all.length).toBeGreaterThan(3);
    for (const hex of all) expect([hex, isStrictDer(hexToBytes(hex))]).toEqual([hex, true]);
  });

  test("Core's non-canonical signatures", () => {
    const all = vectors<string[]>("bitcoind/sig_noncanonical.json").filter(isHex);
    expect(all.length).toBeGreaterThan(10);
    for (const hex of all) {
      // The one about the hash type is not about DER.
      const strict = hex.endsWith("ed11") && hex.startsWith("3044");
      expect([hex, isStrictDer(hexToBytes(hex))]).toEqual([hex, strict]);
    }
  });

  test("r and s come back from what was encoded, by both parsers", () => {
    const number = fc.bigInt({ min: 1n, max: N - 1n }).map(bytes32);
    fc.assert(
      fc.property(number, number, (r, s) => {
        const compact = concatBytes(r, s);
        const der = encodeDerSignature(compact);
        expect(parseDerSignature(der)).toEqual(compact);
        expect(parseDerSignatureLax(der)).toEqual(compact);
      }),
    );
  });

  test("any bytes: no parser throws, and whatever is strict is also lax", () => {
    const der = fc.constant(encodeDerSignature(new Uint8Array(64).fill(0x81)));
    const mutated = fc
      .tuple(der, fc.nat(69), fc.nat(255))
      .map(([bytes, at, value]) => bytes.with(at, value));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), mutated), (bytes) => {
        const strict = parseDerSignature(bytes);
        const lax = parseDerSignatureLax(bytes);
        if (strict !== undefined) expect(lax).toEqual(strict);
        expect(lax?.length ?? 64).toBe(64);
      }),
      { numRuns: 2000 },
    );
  });

  test("73 bytes at most, and every number positive", () => {
    const der = (r: string, s: string): Uint8Array => {
      const integer = (digits: string): string =>
        `02${(digits.length / 2).toString(16).padStart(2, "0")}${digits}`;
      const both = integer(r) + integer(s);
      return hexToBytes(`30${(both.length / 2).toString(16).padStart(2, "0")}${both}01`);
    };
    const long = `00${"80".repeat(32)}`;
    expect(der(long, long).length).toBe(73);
    expect([der(long, long), der(long, `${long}80`), der("7f", "7f")].map(isStrictDer)).toEqual([
      true,
      false,
      true,
    ]);
    for (const wrong of ["80", "8001", "007f", "0000", ""]) {
      expect([wrong, isStrictDer(der(wrong, "01"))]).toEqual([wrong, false]);
      expect([wrong, isStrictDer(der("01", wrong))]).toEqual([wrong, false]);
    }
    expect(isStrictDer(der("0080", "00"))).toBe(true); // zero has one form
  });

  test("what is encoded: the sign bit kept free, a byte for zero, 64 bytes and no other number", () => {
    const encoded = (r: bigint, s: bigint): string =>
      bytesToHex(encodeDerSignature(concatBytes(bytes32(r), bytes32(s))));
    expect(encoded(0x7fn, 0x80n)).toBe("300702017f02020080");
    expect(encoded(0n, 1n)).toBe("3006020100020101");
    expect(encoded(0x1234n, 1n)).toBe("300702021234020101");
    for (const length of [63, 65]) {
      expect(() => encodeDerSignature(new Uint8Array(length))).toThrow("64 bytes");
    }
  });

  // Forms that OpenSSL took, all of the same numbers 1 and 2.
  test.each([
    ["strict", "3006020101020102"],
    ["another length of the whole", "30ff020101020102", false],
    ["no length behind a long form", "3080020101020102"],
    ["long form of the whole", "308106020101020102"],
    ["bytes behind the end", "3006020101020102ffff"],
    ["padded numbers", "30080203000001020102"],
    ["long form of a number", "300802810101020102"],
    ["long form with leading zeros", "300a0283000001010201 02".replace(" ", "")],
  ])("lax: %s", (_, hex, parses = true) => {
    const expected = parses ? bytesToHex(concatBytes(bytes32(1n), bytes32(2n))) : undefined;
    const parsed = parseDerSignatureLax(hexToBytes(hex));
    expect(parsed && bytesToHex(parsed)).toBe(expected);
  });

  test.each([
    ["a length of no bytes is zero", "30050280020102", "00", "02"],
    ["a length of one byte, zero", "300602010102810000", "01", "00"],
    ["the same at the very end", "3006020101028100", "01", "00"],
    ["a long form with four bytes, three of them zero", "300b028400000001010201 02", "01", "02"],
    ["a length of two bytes", `30820107028201 00${"00".repeat(255)}07020102`, "07", "02"],
    ["s of 33 digits takes nothing from r", `3026020105022101${"11".repeat(32)}`, "00", "00"],
    ["s = n", `30260201050221 00${N.toString(16)}`, "00", "00"],
    ["s = n - 1", `30260201050221 00${(N - 1n).toString(16)}`, "05", (N - 1n).toString(16)],
  ])("lax: %s", (_, hex, r, s) => {
    const parsed = parseDerSignatureLax(hexToBytes(hex.replace(" ", "")));
    expect(parsed && bytesToHex(parsed)).toBe(r.padStart(64, "0") + s.padStart(64, "0"));
  });

  test.each([
    ["a number with the tag of another kind", "3006030101020102"],
    ["both numbers with the tag of another kind", "3006030101030102"],
    ["no length of s", "300402010102"],
    ["a length of s that is cut off", "30060201010282 01".replace(" ", "")],
    ["a zero between a number of no bytes and the next", "3008028100000201 01".replace(" ", "")],
    ["nothing", ""],
    ["no tag", "3106020101020102"],
    ["no s", "3003020101"],
    ["a number that runs past the end", "3006020101020202"],
    ["a length of four bytes", "300b028401000000010201 02".replace(" ", "")],
  ])("lax refuses: %s", (_, hex) => {
    expect(parseDerSignatureLax(hexToBytes(hex))).toBeUndefined();
  });

  test("numbers that no signature can have become zeros", () => {
    const zeros = new Uint8Array(64);
    const over = encodeDerSignature(concatBytes(bytes32(N), bytes32(1n)));
    expect(parseDerSignatureLax(over)).toEqual(zeros);
    expect(parseDerSignatureLax(hexToBytes(`3026022101${"00".repeat(32)}020101`))).toEqual(zeros);
  });
});

describe("verification", () => {
  const key = testKey(1);
  const hash = new Uint8Array(32).fill(7);
  const signature = secp256k1.sign(hash, key.secretKey, { prehash: false });
  const full = secp256k1.getPublicKey(key.secretKey, false);
  const odd = (full[64] as number) & 1;

  test("s and -s are the same signature, of which verifiers see the low one", () => {
    const s = BigInt(`0x${bytesToHex(signature.subarray(32))}`);
    const high = concatBytes(signature.subarray(0, 32), bytes32(N - s));
    expect([isLowS(signature), isLowS(high)]).toEqual([true, false]);
    expect(normalizeS(high)).toEqual(signature);
    expect(normalizeS(signature)).toBe(signature);
    expect(isLowS(high)).toBe(false); // it was left as it is
  });

  test("the greatest low s is half of n", () => {
    const half = concatBytes(bytes32(1n), bytes32(N >> 1n));
    const more = concatBytes(bytes32(1n), bytes32((N >> 1n) + 1n));
    expect([isLowS(half), isLowS(more)]).toEqual([true, false]);
    expect(normalizeS(half)).toBe(half);
    expect(normalizeS(more)).toEqual(half);
  });

  test.each([
    ["compressed", key.publicKey, true],
    ["uncompressed", full, true],
    ["hybrid with the right parity", full.with(0, 6 + odd), true],
    ["hybrid with the wrong parity", full.with(0, 7 - odd), false],
    ["another prefix", full.with(0, 5), false],
    ["not on the curve", full.with(64, (full[64] as number) ^ 1), false],
    ["too short", key.publicKey.subarray(1), false],
    ["empty", new Uint8Array(0), false],
  ])("public key: %s", (_, publicKey, expected) => {
    expect(nobleVerifier.verifyEcdsa(signature, hash, publicKey)).toBe(expected);
  });

  test.each([
    ["zeros", new Uint8Array(64)],
    ["r zero", signature.slice().fill(0, 0, 32)],
    ["s zero", signature.slice().fill(0, 32)],
    ["r = n", concatBytes(bytes32(N), signature.subarray(32))],
    ["s = n", concatBytes(signature.subarray(0, 32), bytes32(N))],
    ["all ones", new Uint8Array(64).fill(0xff)],
    ["too short", signature.subarray(1)],
    ["of another hash", secp256k1.sign(hash.with(0, 8), key.secretKey, { prehash: false })],
  ])("signature that does not verify: %s", (_, compact) => {
    expect(nobleVerifier.verifyEcdsa(compact, hash, key.publicKey)).toBe(false);
  });
});
