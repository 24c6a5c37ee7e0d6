import {
  BloomFilter,
  bytesToHex,
  hexToBytes,
  merkleRoot,
  multisigScript,
  p2pkhScript,
  p2pkScript,
  partialMerkleTree,
  Transaction,
  type Txid,
  Writer,
  writeOutpoint,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const filterOf = (bytes: number, hashFunctions: number, tweak = 0, flags = 0) =>
  new BloomFilter({ data: new Uint8Array(bytes), hashFunctions, tweak, flags });

describe("a Bloom filter", () => {
  // Three keys in three bytes: the example of Core's bloom_tests.cpp (bloom_create_insert_serialize).
  test.each([
    [0, "614e9b"],
    [2_147_483_649, "ce4299"],
  ])("has the bits of Core's with tweak %i", (tweak, bits) => {
    const filter = filterOf(3, 5, tweak);
    const keys = [
      "99108ad8ed9bb6274d3980bab5a85c048f0950c8",
      "b5a2c786d9ef4658287ced5914b37a1b4aa32eee",
      "b9300670b4c5366e95b2699e8b18bc75e5f729c5",
    ].map(hexToBytes);
    for (const key of keys) filter.insert(key);
    expect(bytesToHex(filter.data)).toBe(bits);
    for (const key of keys) expect(filter.contains(key)).toBe(true);
    expect(filter.contains(hexToBytes("19108ad8ed9bb6274d3980bab5a85c048f0950c8"))).toBe(false);
  });

  test("contains what was inserted, whatever its length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(0xffff_ffff), (bytes, tweak) => {
        const filter = filterOf(100, 7, tweak);
        filter.insert(bytes);
        expect(filter.contains(bytes)).toBe(true);
      }),
    );
  });

  test("without bits matches everything, and takes nothing in (CVE-2013-5700)", () => {
    const filter = filterOf(0, 1);
    filter.insert(Uint8Array.of(1));
    expect(filter.contains(Uint8Array.of(2))).toBe(true);
    expect(filter.data).toHaveLength(0);
  });
});

const KEY = hexToBytes(`02${"11".repeat(32)}`);
const HASH = new Uint8Array(20).fill(7);

function payment(scriptPubKey: Uint8Array, prevout = { txid: "ab".repeat(32) as Txid, vout: 3 }) {
  return new Transaction({
    version: 2,
    inputs: [{ prevout, scriptSig: Uint8Array.of(2, 9, 9), sequence: 0, witness: [] }],
    outputs: [{ value: 1n, scriptPubKey }],
    lockTime: 0,
  });
}

function outpoint(txid: Txid, vout: number): Uint8Array {
  const writer = new Writer(36);
  writeOutpoint(writer, { txid, vout });
  return writer.finish();
}

describe("a transaction matches", () => {
  const paid = payment(p2pkhScript(HASH));
  const watching = (...items: Uint8Array[]) => {
    const filter = filterOf(500, 10, 0, 1);
    for (const item of items) filter.insert(item);
    return filter;
  };

  test("by its id, by what its scripts push, and by what it spends", () => {
    expect(watching(hexToBytes(paid.txid).reverse()).matches(paid)).toBe(true);
    expect(watching(HASH).matches(paid)).toBe(true);
    expect(watching(Uint8Array.of(9, 9)).matches(paid)).toBe(true);
    expect(watching(outpoint("ab".repeat(32) as Txid, 3)).matches(paid)).toBe(true);
    expect(watching(outpoint("ab".repeat(32) as Txid, 2)).matches(paid)).toBe(false);
    expect(watching(new Uint8Array(20).fill(8)).matches(paid)).toBe(false);
  });

  test.each([
    ["none", 0, p2pkScript(KEY), false],
    ["all", 1, p2pkhScript(HASH), true],
    ["those of public keys", 2, p2pkhScript(HASH), false],
    ["those of public keys", 2, p2pkScript(KEY), true],
    ["those of public keys", 2, multisigScript(1, [KEY]), true],
  ])("and adds %s of its outputs (flags %i)", (_, flags, script, isAdded) => {
    const filter = filterOf(500, 10, 0, flags);
    filter.insert(script.length === 25 ? HASH : KEY);
    const parent = payment(script);
    expect(filter.matches(parent)).toBe(true);
    const spender = payment(Uint8Array.of(0x51), { txid: parent.txid, vout: 0 });
    expect(filter.matches(spender)).toBe(isAdded);
  });
});

describe("a partial Merkle tree", () => {
  const ids = Array.from({ length: 13 }, (_, i) => (i + 16).toString(16).repeat(32) as Txid);

  test("has all ids where all match, and the root where none does", () => {
    for (let count = 1; count <= ids.length; count++) {
      const some = ids.slice(0, count);
      const all = partialMerkleTree(
        some,
        some.map(() => true),
      );
      expect(all.hashes).toEqual(some);
      const none = partialMerkleTree(
        some,
        some.map(() => false),
      );
      expect(none).toEqual({
        total: count,
        hashes: [merkleRoot(some).root],
        flags: Uint8Array.of(0),
      });
    }
  });

  test("of nothing is a mistake", () => {
    expect(() => partialMerkleTree([], [])).toThrow("at least one transaction");
  });
});
