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
  return sipHashWith(sipHashState(key), data);
}

/** A key, made ready for many hashes: its state before any data, in 32-bit halves. */
export type SipHashState = readonly [
  ...v0: readonly [high: number, low: number],
  ...v1: readonly [high: number, low: number],
  ...v2: readonly [high: number, low: number],
  ...v3: readonly [high: number, low: number],
];

export function sipHashState({ k0, k1 }: SipHashKey): SipHashState {
  const [k0h, k0l] = halves(k0);
  const [k1h, k1l] = halves(k1);
  // "somepseudorandomlygeneratedbytes"
  return [
    ...([k0h ^ 0x736f6d65, k0l ^ 0x70736575] as const),
    ...([k1h ^ 0x646f7261, k1l ^ 0x6e646f6d] as const),
    ...([k0h ^ 0x6c796765, k0l ^ 0x6e657261] as const),
    ...([k1h ^ 0x74656462, k1l ^ 0x79746573] as const),
  ];
}

/** As `sipHash`, with a key that is ready and arguments that are known to be good. */
export function sipHashWith(state: SipHashState, data: Uint8Array): SipHashResult {
  let [v0h, v0l, v1h, v1l, v2h, v2l, v3h, v3l] = state;

  const whole = data.length - (data.length % 8);
  // One step for each eight bytes, and a last one that mixes what there is. No function inside: its variables would be
  // in memory, which makes the hash twice as slow.
  for (let at = 0; ; at += 8) {
    const isLast = at > whole;
    const low = isLast ? 0 : word(data, at);
    let high = isLast ? 0 : word(data, at + 4);
    // The last block ends with the length.
    if (at === whole) high = (high & 0x00ff_ffff) | ((data.length & 0xff) << 24);
    v3h ^= high;
    v3l ^= low;
    if (isLast) v2l ^= 0xff;
    for (let rounds = isLast ? 4 : 2; rounds > 0; rounds--) {
      let sum = (v0l >>> 0) + (v1l >>> 0);
      v0h = (v0h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      sum = (v2l >>> 0) + (v3l >>> 0);
      v2h = (v2h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      let turned = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = turned;
      turned = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = turned;
      turned = v0l; // by 32: the halves change places
      v0l = v0h;
      v0h = turned;

      sum = (v2l >>> 0) + (v1l >>> 0);
      v2h = (v2h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      sum = (v0l >>> 0) + (v3l >>> 0);
      v0h = (v0h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      turned = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = turned;
      turned = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = turned;
      turned = v2l;
      v2l = v2h;
      v2h = turned;
    }
    v0h ^= high;
    v0l ^= low;
    if (isLast) {
      return { high: (v0h ^ v1h ^ v2h ^ v3h) >>> 0, low: (v0l ^ v1l ^ v2l ^ v3l) >>> 0 };
    }
  }
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
