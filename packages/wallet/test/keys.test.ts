import {
  bytesToHex,
  concatBytes,
  encodeDerSignature,
  hexToBytes,
  mainnet,
  nobleVerifier,
  regtest,
  sha256,
} from "@chain/core";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import * as secp256k1 from "@noble/secp256k1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WalletError } from "../src/errors.ts";
import { fromWif, generateKey, PrivateKey, toWif } from "../src/keys.ts";
import { testKey } from "./support/fixtures.ts";
import { type Base58Vector, vectors } from "./support/vectors.ts";

const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

describe("range", () => {
  test.each([
    ["zero", "00".repeat(32)],
    ["the order", ORDER],
    ["all ones", "ff".repeat(32)],
    ["31 bytes", "01".repeat(31)],
    ["33 bytes", "01".repeat(33)],
    ["nothing", ""],
  ])("%s is no key", (_, hex) => {
    expect(() => new PrivateKey(hexToBytes(hex))).toThrow(
      expect.objectContaining({ name: "WalletError", code: "invalid-key" }),
    );
  });

  test("one and the order less one are keys", () => {
    const generator = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    const one = new PrivateKey(hexToBytes("01".padStart(64, "0")));
    const last = new PrivateKey(hexToBytes(`${ORDER.slice(0, -1)}0`));
    expect(bytesToHex(one.publicKey)).toBe(`02${generator}`);
    expect(bytesToHex(last.publicKey)).toBe(`03${generator}`);
  });
});

test("a key shows nothing when it is printed, and is not the caller's array", () => {
  const bytes = hexToBytes("11".repeat(32));
  const key = new PrivateKey(bytes);
  bytes.fill(7);
  key.toBytes().fill(7);
  expect(bytesToHex(key.toBytes())).toBe("11".repeat(32));
  expect(JSON.stringify(key)).toBe('{"compressed":true}');
});

describe("generateKey", () => {
  test("takes what the generator gives", () => {
    const key = generateKey((length) => new Uint8Array(length).fill(9));
    expect(bytesToHex(key.toBytes())).toBe("09".repeat(32));
  });

  test("asks again for a number out of range, and not for ever", () => {
    const answers = [new Uint8Array(32), new Uint8Array(32).fill(5)];
    expect(generateKey(() => answers.shift() as Uint8Array).toBytes()[0]).toBe(5);
    expect(() => generateKey((length) => new Uint8Array(length))).toThrow(WalletError);
  });

  test("differs each time", () => {
    expect(generateKey().toBytes()).not.toEqual(generateKey().toBytes());
  });
});

describe("signatures", () => {
  interface Rfc6979Vector {
    readonly d: string;
    readonly message: string;
    readonly signature: { readonly r: string; readonly s: string };
  }
  const { valid } = vectors<{ readonly valid: readonly Rfc6979Vector[] }>("ecdsa.json");
  const cases = valid.map(({ d, message, signature }) => ({
    key: new PrivateKey(hexToBytes(d.padStart(64, "0"))),
    hash: sha256(new TextEncoder().encode(message)),
    expected: [signature.r, signature.s]
      .map((number) => BigInt(number).toString(16).padStart(64, "0"))
      .join(""),
    lowR: BigInt(signature.r) < 1n << 255n,
  }));

  test.each(cases.filter(({ lowR }) => lowR))(
    "RFC 6979 vector $expected",
    ({ key, hash, expected }) => {
      expect(bytesToHex(key.sign(hash))).toBe(expected);
    },
  );

  test("both kinds of vectors are there", () => {
    expect(new Set(cases.map(({ lowR }) => lowR)).size).toBe(2);
  });

  test.each(cases.filter(({ lowR }) => !lowR))(
    "high r is passed over for the next nonce with low r, as Core counts them: $expected",
    ({ key, hash, expected }) => {
      hmacDuring(() => {
        const attempt = (counter: number): Uint8Array => {
          const extraEntropy = hexToBytes(`0${counter}`.padEnd(64, "0"));
          return secp256k1.sign(hash, key.toBytes(), { prehash: false, extraEntropy });
        };
        expect(bytesToHex(secp256k1.sign(hash, key.toBytes(), { prehash: false }))).toBe(expected);
        // Core's first extra entropy is 1; 0 is a nonce that it never tries.
        const first = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((n) => (attempt(n)[0] as number) < 0x80);
        expect(bytesToHex(key.sign(hash))).toBe(bytesToHex(attempt(first as number)));
      });
    },
  );

  test("verify, are the same each time, and have at most 70 bytes in DER", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.uint8Array({ minLength: 32, maxLength: 32 }), (n, hash) => {
        const key = testKey(n);
        const signature = key.sign(hash);
        expect(nobleVerifier.verifyEcdsa(signature, hash, key.publicKey)).toBe(true);
        expect(key.sign(hash)).toEqual(signature);
        expect(encodeDerSignature(signature).length).toBeLessThanOrEqual(70);
      }),
      { numRuns: 30 },
    );
  });

  test("another hash function set for the library neither changes them nor is lost", () => {
    const { hashes } = secp256k1;
    const expected = testKey(1).sign(new Uint8Array(32));
    const foreign = (key: Uint8Array): ReturnType<typeof hmac> =>
      hmac(nobleSha256, key, new Uint8Array(1));
    const before = hashes.hmacSha256;
    hashes.hmacSha256 = foreign;
    try {
      expect(testKey(1).sign(new Uint8Array(32))).toEqual(expected);
      expect(hashes.hmacSha256).toBe(foreign);
    } finally {
      hashes.hmacSha256 = before;
    }
  });

  test("what is not 32 bytes is not signed", () => {
    expect(() => testKey(1).sign(new Uint8Array(31))).toThrow(WalletError);
  });
});

describe("WIF", () => {
  const valid = vectors<readonly Base58Vector[]>("bitcoind/base58_keys_valid.json").filter(
    ([, , { isPrivkey }]) => isPrivkey,
  );

  test.each(valid)("Core's vector %s", (text, payload, { isTestnet, isCompressed = false }) => {
    const [params, others] = isTestnet ? [regtest, mainnet] : [mainnet, regtest];
    const parsed = fromWif(text, params);
    if (!parsed.ok) expect.fail(parsed.reason);
    expect(bytesToHex(parsed.key.toBytes())).toBe(payload);
    expect(parsed.key.compressed).toBe(isCompressed);
    expect(parsed.key.publicKey.length).toBe(isCompressed ? 33 : 65);
    expect(toWif(parsed.key, params)).toBe(text);
    expect(fromWif(text, others)).toMatchObject({ ok: false, code: "other-network" });
  });

  test.each(
    vectors<readonly [string][]>("bitcoind/base58_keys_invalid.json").map(([text]) => text),
  )("Core's invalid vector %j", (text) => {
    expect(fromWif(text, mainnet).ok).toBe(false);
    expect(fromWif(text, regtest).ok).toBe(false);
  });

  test("a number out of range, the right length with a wrong mark, a long text", () => {
    const zero = concatBytes(Uint8Array.of(0x80), new Uint8Array(32));
    const encode = (payload: Uint8Array): string => {
      // toWif writes no such thing, so it is put together here.
      const checksum = sha256(sha256(payload)).subarray(0, 4);
      return base58(concatBytes(payload, checksum));
    };
    expect(fromWif(encode(zero), mainnet)).toMatchObject({ code: "invalid-key" });
    const marked = concatBytes(Uint8Array.of(0x80), testKey(1).toBytes(), Uint8Array.of(2));
    expect(fromWif(encode(marked), mainnet)).toMatchObject({ code: "not-wif" });
    expect(fromWif("5".repeat(1_000_000), mainnet)).toMatchObject({ code: "not-wif" });
  });

  test("a mistyped key is refused without being repeated", () => {
    const wif = toWif(testKey(3), mainnet);
    const mistyped = wif.replace(/.$/, wif.endsWith("a") ? "b" : "a");
    const parsed = fromWif(mistyped, mainnet);
    expect(parsed).toMatchObject({ ok: false, code: "not-wif" });
    expect(JSON.stringify(parsed)).not.toContain(mistyped.slice(5, 15));
  });
});

/** Lets the library itself sign, for comparison. */
function hmacDuring(action: () => void): void {
  const { hashes } = secp256k1;
  const before = hashes.hmacSha256;
  hashes.hmacSha256 = (key, message) => hmac(nobleSha256, key, message);
  try {
    action();
  } finally {
    hashes.hmacSha256 = before;
  }
}

function base58(bytes: Uint8Array): string {
  const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let number = BigInt(`0x${bytesToHex(bytes)}`);
  let text = "";
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  for (const byte of bytes) {
    if (byte !== 0) break;
    text = `1${text}`;
  }
  return text;
}
