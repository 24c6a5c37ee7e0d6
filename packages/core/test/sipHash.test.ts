/** SipHash, by the vectors of its paper. */
import { type SipHashKey, sipHash } from "@chain/core";
import fc from "fast-check";
import { expect, test } from "vitest";

/** Bytes 00 to 0f, as the paper has it. */
const KEY: SipHashKey = { k0: 0x0706050403020100n, k1: 0x0f0e0d0c0b0a0908n };
const hash = (key: SipHashKey, data: Uint8Array): bigint => {
  const { high, low } = sipHash(key, data);
  return (BigInt(high) << 32n) | BigInt(low);
};

// Aumasson and Bernstein, appendix A, and the first rows of the table of their reference implementation.
test.each([
  [15, 0xa129ca6149be45e5n],
  [0, 0x726fdb47dd0e0e31n],
  [1, 0x74f839c593dc67fdn],
  [7, 0xab0200f58b01d137n],
  [8, 0x93f5f5799a932462n],
])("of %i bytes", (length, expected) => {
  expect(
    hash(
      KEY,
      Uint8Array.from({ length }, (_, i) => i),
    ),
  ).toBe(expected);
});

/** The same with big numbers, step by step as the paper says it. */
function plain({ k0, k1 }: SipHashKey, data: Uint8Array): bigint {
  const mask = (1n << 64n) - 1n;
  const turn = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & mask;
  const v = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ] as [bigint, bigint, bigint, bigint];
  const round = () => {
    v[0] = (v[0] + v[1]) & mask;
    v[1] = turn(v[1], 13n) ^ v[0];
    v[0] = turn(v[0], 32n);
    v[2] = (v[2] + v[3]) & mask;
    v[3] = turn(v[3], 16n) ^ v[2];
    v[0] = (v[0] + v[3]) & mask;
    v[3] = turn(v[3], 21n) ^ v[0];
    v[2] = (v[2] + v[1]) & mask;
    v[1] = turn(v[1], 17n) ^ v[2];
    v[2] = turn(v[2], 32n);
  };
  const padded = [...data, ...new Array(7 - (data.length % 8)).fill(0), data.length & 255];
  for (let at = 0; at < padded.length; at += 8) {
    let m = 0n;
    for (let i = 7; i >= 0; i--) m = (m << 8n) | BigInt(padded[at + i]);
    v[3] ^= m;
    round();
    round();
    v[0] ^= m;
  }
  v[2] ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

test("is what its definition says (property)", () => {
  const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
  fc.assert(
    fc.property(u64, u64, fc.uint8Array({ maxLength: 70 }), (k0, k1, data) => {
      expect(hash({ k0, k1 }, data)).toBe(plain({ k0, k1 }, data));
    }),
  );
});
