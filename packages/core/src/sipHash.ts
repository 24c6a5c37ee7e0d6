/**
 * SipHash-2-4: a short keyed hash, quick even for a few bytes. In 32-bit halves, as JavaScript has no quick 64-bit
 * numbers. Aumasson and Bernstein, "SipHash: a fast short-input PRF"; Core: crypto/siphash.h.
 */
import { requireBytes, requireFields } from "./arguments.ts";

/** A key of 128 bits. */
export interface SipHashKey {
  readonly k0: bigint;
  readonly k1: bigint;
}

/** 64 bits as two numbers, 0 to 2^32 - 1. */
export interface SipHashResult {
  readonly high: number;
  readonly low: number;
}

/**
 * @example sipHash({ k0: 0n, k1: 0n }, new Uint8Array()) // { high: 0x1e924b9d, low: 0x737700d7 }
 */
export function sipHash(key: SipHashKey, data: Uint8Array): SipHashResult {
  requireFields(key, "key", { k0: "bigint", k1: "bigint" });
  requireBytes(data, "data");
  const { k0, k1 } = key;

  const [k0h, k0l] = halves(k0);
  const [k1h, k1l] = halves(k1);
  // "somepseudorandomlygeneratedbytes"
  let v0h = k0h ^ 0x736f6d65;
  let v0l = k0l ^ 0x70736575;
  let v1h = k1h ^ 0x646f7261;
  let v1l = k1l ^ 0x6e646f6d;
  let v2h = k0h ^ 0x6c796765;
  let v2l = k0l ^ 0x6e657261;
  let v3h = k1h ^ 0x74656462;
  let v3l = k1l ^ 0x79746573;

  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      let sum = (v0l >>> 0) + (v1l >>> 0);
      v0h = (v0h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      sum = (v2l >>> 0) + (v3l >>> 0);
      v2h = (v2h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      let high = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = high;
      high = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = high;
      high = v0l; // by 32: the halves change places
      v0l = v0h;
      v0h = high;

      sum = (v2l >>> 0) + (v1l >>> 0);
      v2h = (v2h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      sum = (v0l >>> 0) + (v3l >>> 0);
      v0h = (v0h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      high = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = high;
      high = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = high;
      high = v2l;
      v2l = v2h;
      v2h = high;
    }
  };

  const whole = data.length - (data.length % 8);
  for (let at = 0; at <= whole; at += 8) {
    const low = word(data, at);
    let high = word(data, at + 4);
    // The last block ends with the length.
    if (at === whole) high = (high & 0x00ff_ffff) | ((data.length & 0xff) << 24);
    v3h ^= high;
    v3l ^= low;
    rounds(2);
    v0h ^= high;
    v0l ^= low;
  }
  v2l ^= 0xff;
  rounds(4);
  return { high: (v0h ^ v1h ^ v2h ^ v3h) >>> 0, low: (v0l ^ v1l ^ v2l ^ v3l) >>> 0 };
}

function halves(value: bigint): readonly [high: number, low: number] {
  return [Number(value >> 32n) | 0, Number(value & 0xffff_ffffn) | 0];
}

/** Four bytes, little-endian; zeros beyond the end. */
function word(data: Uint8Array, at: number): number {
  return (
    (data[at] ?? 0) |
    ((data[at + 1] ?? 0) << 8) |
    ((data[at + 2] ?? 0) << 16) |
    ((data[at + 3] ?? 0) << 24)
  );
}
