import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToHex, reversedHex } from "../src/bytes.ts";
import { chaCha20Stream } from "../src/chaCha20.ts";
import { MuHash } from "../src/muHash.ts";

/** 32 bytes, as the elements of Core's tests are. */
const element = (i: number) => Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? i : 0));

describe("MuHash", () => {
  test("is Core's of the same set", () => {
    // Core: crypto_tests.cpp, muhash_tests.
    const set = new MuHash().add(element(0)).add(element(1)).remove(element(2));
    const expected = "10d312b100cbd32ada024a6646e40d3482fcff103668d2625f10002a607d5863";
    expect(reversedHex(set.digest())).toBe(expected);
    // And the same as long as nothing changes.
    expect(reversedHex(set.digest())).toBe(expected);
  });

  test("depends on neither order nor what has left", () => {
    const elements = fc.uniqueArray(fc.uint8Array({ maxLength: 100 }), {
      selector: (bytes) => bytesToHex(bytes),
      maxLength: 8,
    });
    fc.assert(
      fc.property(elements, elements, (stay, go) => {
        const plain = new MuHash();
        for (const each of stay) plain.add(each);
        const other = new MuHash();
        for (const each of go) other.remove(each);
        for (const each of [...stay].reverse()) other.add(each);
        for (const each of [...go].reverse()) other.add(each);
        expect(bytesToHex(other.digest())).toBe(bytesToHex(plain.digest()));
        expect(bytesToHex(MuHash.decode(other.encode()).digest())).toBe(bytesToHex(plain.digest()));
      }),
      { numRuns: 30 },
    );
  });

  test("is another for another set, and for an element that is there twice", () => {
    const sets = [[], [1], [2], [1, 2], [1, 1]].map((all) => {
      const set = new MuHash();
      for (const each of all) set.add(element(each));
      return bytesToHex(set.digest());
    });
    expect(new Set(sets).size).toBe(sets.length);
  });

  test("takes numbers beyond the modulus back into it, and survives a set that nobody can make", () => {
    const most = new Uint8Array(768).fill(0xff);
    expect(MuHash.decode(most).encode()).not.toEqual(most);
    expect(new MuHash().digest()).toEqual(MuHash.decode(most).digest());
    expect(MuHash.decode(new Uint8Array(768)).digest()).toHaveLength(32);
  });
});

test("ChaCha20 is that of RFC 8439 (appendix A.1)", () => {
  const zero = bytesToHex(chaCha20Stream(new Uint8Array(32), 2));
  expect(zero.slice(0, 128)).toBe(
    "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7" +
      "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
  );
  expect(zero.slice(128)).toBe(
    "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed" +
      "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
  );
});
