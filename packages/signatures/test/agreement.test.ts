/** Three bodies, one answer: whoever disagrees with the others would leave the chain. */
import { hexToBytes, nobleVerifier, type SignatureVerifier, sha256, taggedHash } from "@chain/core";
import * as secp256k1 from "@noble/secp256k1";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { fastestVerifier } from "../src/fastest.ts";
import { loadNativeVerifier } from "../src/native.ts";
import { checked } from "../src/selfTest.ts";
import { loadWasmVerifier } from "../src/wasm.ts";

const { n: N, p: P, Gx } = secp256k1.Point.CURVE();
const { BASE } = secp256k1.Point;

let bodies: readonly SignatureVerifier[] = [];
beforeAll(async () => {
  bodies = [nobleVerifier, await loadWasmVerifier(), loadNativeVerifier()];
});

/** The one answer of all three. */
function answer(ask: (verifier: SignatureVerifier) => boolean): boolean {
  const answers = bodies.map((verifier) => [verifier.name, ask(verifier)] as const);
  const [first] = answers;
  expect(answers).toEqual(answers.map(([name]) => [name, first?.[1]]));
  return first?.[1] ?? false;
}

function bytes32(number: bigint): Uint8Array {
  return hexToBytes(number.toString(16).padStart(64, "0"));
}
function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
const number = (bytes: Uint8Array) => secp256k1.etc.bytesToNumberBE(bytes);
const inverse = (value: bigint) => secp256k1.etc.invert(value, N);
const mod = (value: bigint) => ((value % N) + N) % N;

/** ECDSA as the book has it, with any nonce, low s. */
function signEcdsa(secret: bigint, hash: Uint8Array, nonce: bigint): Uint8Array {
  const r = mod(BASE.multiply(nonce).toAffine().x);
  const s = mod(inverse(nonce) * (number(hash) + r * secret));
  return join(bytes32(r), bytes32(s > N / 2n ? N - s : s));
}

/** BIP-0340, with any nonce. */
function signSchnorr(secret: bigint, hash: Uint8Array, nonce: bigint): Uint8Array {
  const evenSecret = (BASE.multiply(secret).toBytes()[0] as number) === 2 ? secret : N - secret;
  const evenNonce = (BASE.multiply(nonce).toBytes()[0] as number) === 2 ? nonce : N - nonce;
  const r = BASE.multiply(nonce).toBytes().subarray(1);
  const key = BASE.multiply(secret).toBytes().subarray(1);
  const e = mod(number(taggedHash("BIP0340/challenge", r, key, hash)));
  return join(r, bytes32(mod(evenNonce + e * evenSecret)));
}

const secret = 0xb7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfefn;
const key = BASE.multiply(secret);
const compressed = key.toBytes(true);
const uncompressed = key.toBytes(false);
const x = compressed.subarray(1);
const hash = sha256(Uint8Array.of(1, 2, 3));
const EDGES = [
  0n,
  1n,
  2n,
  N / 2n,
  N / 2n + 1n,
  N - 1n,
  N,
  N + 1n,
  P - 1n,
  P,
  P + 1n,
  Gx,
  2n ** 256n - 1n,
];

describe("ECDSA", () => {
  const good = signEcdsa(secret, hash, 12345n);
  const hybrid = (prefix: number) => uncompressed.with(0, prefix);
  const parity = (uncompressed[64] as number) & 1;

  test.each<[string, () => Uint8Array, boolean]>([
    ["compressed", () => compressed, true],
    ["uncompressed", () => uncompressed, true],
    ["hybrid", () => hybrid(6 + parity), true],
    ["hybrid of the other parity", () => hybrid(7 - parity), false],
    ["of the other y", () => compressed.with(0, 5 - (compressed[0] as number)), false],
    ["compressed, called hybrid", () => compressed.with(0, 6), false],
    ["uncompressed, called compressed", () => uncompressed.with(0, 2), false],
    ["compressed, called uncompressed", () => compressed.with(0, 4), false],
    ["of 32 bytes", () => x, false],
    ["of 34 bytes", () => join(compressed, Uint8Array.of(0)), false],
    ["of 64 bytes", () => uncompressed.subarray(1), false],
    ["of no bytes", () => new Uint8Array(0), false],
    ["of zeros", () => new Uint8Array(33), false],
    ["not on the curve", () => uncompressed.with(64, (uncompressed[64] as number) ^ 1), false],
    ["with an x on no point", () => join(Uint8Array.of(2), bytes32(5n)), false],
    ["with an x beyond the field", () => join(Uint8Array.of(2), bytes32(P + 1n)), false],
    [
      "with coordinates beyond the field",
      () => join(Uint8Array.of(4), bytes32(P), bytes32(P)),
      false,
    ],
  ])("a key that is %s", (_, make, expected) => {
    expect(answer((verifier) => verifier.verifyEcdsa(good, hash, make()))).toBe(expected);
  });

  test("r and s at every edge", () => {
    for (const r of EDGES) {
      for (const s of EDGES) {
        const signature = join(bytes32(r), bytes32(s));
        expect(answer((verifier) => verifier.verifyEcdsa(signature, hash, compressed))).toBe(false);
      }
    }
  });

  test("an s that is high is nobody's business here: it does not verify", () => {
    const high = join(good.subarray(0, 32), bytes32(N - number(good.subarray(32))));
    expect(answer((verifier) => verifier.verifyEcdsa(high, hash, compressed))).toBe(false);
  });

  test("an r that stands for an x beyond the order", () => {
    // The least x > n on the curve; r is what is left of it. The key is made to fit: P = r⁻¹(s·R - m·G).
    const lifted = firstPointFrom(N + 1n);
    const r = mod(lifted.toAffine().x);
    const [s, m] = [7n, number(hash)];
    const fitting = lifted.multiply(mod(s * inverse(r))).add(BASE.multiply(mod(-m * inverse(r))));
    const signature = join(bytes32(r), bytes32(s));
    const verdict = answer((verifier) =>
      verifier.verifyEcdsa(signature, hash, fitting.toBytes(true)),
    );
    expect(verdict).toBe(true);
  });

  test("hashes at every edge, and wrong sizes", () => {
    for (const edge of EDGES) {
      const message = bytes32(edge);
      const signature = signEcdsa(secret, message, 99n);
      expect(answer((verifier) => verifier.verifyEcdsa(signature, message, compressed))).toBe(true);
    }
    for (const size of [0, 31, 33, 64]) {
      const wrong = new Uint8Array(size);
      expect(answer((verifier) => verifier.verifyEcdsa(good, wrong, compressed))).toBe(false);
      if (size !== 64) {
        expect(answer((verifier) => verifier.verifyEcdsa(wrong, hash, compressed))).toBe(false);
      }
    }
  });

  test("random keys, hashes and nonces, whole and with one bit changed (property)", () => {
    fc.assert(
      fc.property(scalar, bytes(32), scalar, fc.nat(), (own, message, nonce, bit) => {
        const publicKey = BASE.multiply(own).toBytes(bit % 2 === 0);
        const signature = signEcdsa(own, message, nonce);
        expect(answer((verifier) => verifier.verifyEcdsa(signature, message, publicKey))).toBe(
          true,
        );
        for (const parts of changed([signature, message, publicKey], bit)) {
          const [a, b, c] = parts as [Uint8Array, Uint8Array, Uint8Array];
          const verdict = answer((verifier) => verifier.verifyEcdsa(a, b, c));
          // 04 with one bit changed may be the other spelling of the same key.
          if (c[0] !== 6 && c[0] !== 7) expect(verdict).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("Schnorr", () => {
  const good = signSchnorr(secret, hash, 12345n);

  test("r and s at every edge, keys too", () => {
    for (const first of EDGES) {
      for (const second of EDGES) {
        const signature = join(bytes32(first), bytes32(second));
        expect(answer((verifier) => verifier.verifySchnorr(signature, hash, x))).toBe(false);
      }
      expect(answer((verifier) => verifier.verifySchnorr(good, hash, bytes32(first)))).toBe(false);
    }
  });

  test("an s of zero is a number like any other", () => {
    // R = -e·P, so that s = k + e·d = 0: the nonce would have to be -e·d, but e depends on R. It can't be met; what can
    // be is that all say no without an exception, for a key whose secret is known or not.
    const signature = join(good.subarray(0, 32), bytes32(0n));
    expect(answer((verifier) => verifier.verifySchnorr(signature, hash, x))).toBe(false);
  });

  test("wrong sizes", () => {
    for (const size of [0, 31, 33, 63, 65]) {
      const wrong = new Uint8Array(size).fill(1);
      expect(answer((verifier) => verifier.verifySchnorr(wrong, hash, x))).toBe(false);
      expect(answer((verifier) => verifier.verifySchnorr(good, wrong, x))).toBe(false);
      expect(answer((verifier) => verifier.verifySchnorr(good, hash, wrong))).toBe(false);
    }
  });

  test("random keys, hashes and nonces, whole and with one bit changed (property)", () => {
    fc.assert(
      fc.property(scalar, bytes(32), scalar, fc.nat(), (own, message, nonce, bit) => {
        const publicKey = BASE.multiply(own).toBytes().subarray(1);
        const signature = signSchnorr(own, message, nonce);
        expect(answer((verifier) => verifier.verifySchnorr(signature, message, publicKey))).toBe(
          true,
        );
        for (const parts of changed([signature, message, publicKey], bit)) {
          const [a, b, c] = parts as [Uint8Array, Uint8Array, Uint8Array];
          expect(answer((verifier) => verifier.verifySchnorr(a, b, c))).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("the Taproot tweak", () => {
  const even = compressed[0] === 2 ? key : key.negate();

  test("tweaks at every edge", () => {
    for (const tweak of EDGES) {
      const output = tweak >= N || tweak === 0n ? even : even.add(BASE.multiply(tweak));
      const parity = output.is0() ? 0 : (output.toBytes()[0] as number) - 2;
      const result = output.is0() ? x : output.toBytes().subarray(1);
      const ask = (odd: number) =>
        answer((verifier) => verifier.checkTaprootTweak(result, odd, x, bytes32(tweak)));
      expect(ask(parity)).toBe(tweak < N);
      expect(ask(1 - parity)).toBe(false);
      expect(ask(2)).toBe(false);
    }
  });

  test("a sum at infinity, keys on no point, wrong sizes", () => {
    const minusSecret = compressed[0] === 2 ? N - secret : secret;
    const tweak = bytes32(minusSecret);
    for (const parity of [0, 1]) {
      expect(answer((verifier) => verifier.checkTaprootTweak(x, parity, x, tweak))).toBe(false);
      for (const edge of [0n, 5n, P, P + 1n, 2n ** 256n - 1n]) {
        const strange = bytes32(edge);
        expect(
          answer((verifier) => verifier.checkTaprootTweak(x, parity, strange, bytes32(1n))),
        ).toBe(false);
        expect(
          answer((verifier) => verifier.checkTaprootTweak(strange, parity, x, bytes32(1n))),
        ).toBe(false);
      }
      for (const size of [0, 31, 33]) {
        const wrong = new Uint8Array(size).fill(1);
        expect(answer((verifier) => verifier.checkTaprootTweak(wrong, parity, x, tweak))).toBe(
          false,
        );
        expect(answer((verifier) => verifier.checkTaprootTweak(x, parity, wrong, tweak))).toBe(
          false,
        );
        expect(answer((verifier) => verifier.checkTaprootTweak(x, parity, x, wrong))).toBe(false);
      }
    }
  });

  test("random keys and tweaks, whole and with one bit changed (property)", () => {
    fc.assert(
      fc.property(scalar, scalar, fc.nat(), (own, tweak, bit) => {
        const own33 = BASE.multiply(own).toBytes();
        const internal = own33[0] === 2 ? BASE.multiply(own) : BASE.multiply(own).negate();
        const sum = internal.add(BASE.multiply(tweak));
        if (sum.is0()) return;
        const output = sum.toBytes();
        const parity = (output[0] as number) - 2;
        const parts = [output.subarray(1), own33.subarray(1), bytes32(tweak)] as const;
        const ask = ([out, inner, add]: readonly Uint8Array[]) =>
          answer((verifier) =>
            verifier.checkTaprootTweak(
              out as Uint8Array,
              parity,
              inner as Uint8Array,
              add as Uint8Array,
            ),
          );
        expect(ask(parts)).toBe(true);
        for (const other of changed([...parts], bit)) expect(ask(other)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});

test("random bytes of any size: never an exception, never a yes (property)", () => {
  const any = fc.uint8Array({ maxLength: 70 });
  fc.assert(
    fc.property(any, any, any, any, (a, b, c, d) => {
      expect(answer((verifier) => verifier.verifyEcdsa(a, b, c))).toBe(false);
      expect(answer((verifier) => verifier.verifySchnorr(a, b, c))).toBe(false);
      expect(answer((verifier) => verifier.checkTaprootTweak(a, 0, b, d))).toBe(false);
    }),
    { numRuns: 200 },
  );
});

describe("choosing", () => {
  test("takes the native one where it loads, and says so", async () => {
    expect((await fastestVerifier(() => expect.unreachable())).name).toBe("native");
  });

  test.each<keyof Omit<SignatureVerifier, "name">>([
    "verifyEcdsa",
    "verifySchnorr",
    "checkTaprootTweak",
  ])("takes none whose %s says yes or no to everything", (method) => {
    for (const verdict of [true, false]) {
      const broken = { ...nobleVerifier, name: "broken", [method]: () => verdict };
      expect(() => checked(broken)).toThrow("the broken signature checks give wrong answers");
    }
  });
});

const scalar = fc.bigInt({ min: 1n, max: N - 1n });
function bytes(length: number) {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** Each of the parts with one bit changed, the others as they were. */
function changed(parts: readonly Uint8Array[], bit: number): Uint8Array[][] {
  return parts.map((_, which) =>
    parts.map((part, i) => {
      if (i !== which) return part;
      const at = bit % (8 * part.length);
      return part.with(at >> 3, (part[at >> 3] as number) ^ (1 << (at & 7)));
    }),
  );
}

function firstPointFrom(start: bigint): secp256k1.Point {
  for (let at = start; ; at++) {
    try {
      return secp256k1.Point.fromBytes(join(Uint8Array.of(2), bytes32(at)));
    } catch {
      // no point has this x
    }
  }
}

test("the platform's SHA-256 of pieces is that of the whole", () => {
  const { sha256Of } = loadNativeVerifier();
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (parts) => {
      expect(sha256Of?.(parts)).toEqual(sha256(join(...parts)));
    }),
  );
});
