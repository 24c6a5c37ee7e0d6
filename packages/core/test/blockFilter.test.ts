import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Block } from "../src/block.ts";
import {
  blockFilter,
  filterHash,
  filterHeader,
  filterMatches,
  filterMatchesAll,
  inRange,
} from "../src/blockFilter.ts";
import { bytesToHex, hexToBytes } from "../src/bytes.ts";
import { BlockHeader } from "../src/header.ts";
import { type BlockHash, type FilterHeader, ZERO_FILTER_HEADER, ZERO_TXID } from "../src/ids.ts";
import { mainnet } from "../src/networks/bitcoin.ts";
import { Transaction } from "../src/transaction.ts";

/** A block that pays to these scripts, of whose hash nobody asks for work. */
function blockOf(scripts: readonly Uint8Array[], nonce = 0): Block {
  const outputs = scripts.map((scriptPubKey) => ({ value: 1n, scriptPubKey }));
  const prevout = { txid: ZERO_TXID, vout: 0xffff_ffff };
  const inputs = [{ prevout, scriptSig: new Uint8Array(2), sequence: 0, witness: [] }];
  const coinbase = new Transaction({ version: 1, inputs, outputs, lockTime: 0 });
  return new Block(new BlockHeader({ ...mainnet.genesis.header, nonce }), [coinbase]);
}

const coinOf = (scriptPubKey: Uint8Array) => ({
  value: 1n,
  scriptPubKey,
  height: 1,
  coinbase: false,
});
const hexes = (scripts: readonly Uint8Array[]) => new Set(scripts.map(bytesToHex));
const script = fc.uint8Array({ maxLength: 40 });

describe("the filter of a block", () => {
  // BIP-0158: the first of its test vectors, of testnet3, whose genesis block is mainnet's at another time.
  test("is that of BIP-0158 for the genesis block of testnet3", () => {
    const { header, transactions } = mainnet.genesis;
    const fields = { ...header, time: 1_296_688_602, nonce: 414_098_458 };
    const genesis = new Block(new BlockHeader(fields), transactions);
    expect(genesis.hash).toBe("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943");
    const filter = blockFilter(genesis, []);
    expect(bytesToHex(filter)).toBe("019dfca8");
    expect(filterHeader(filterHash(filter), ZERO_FILTER_HEADER)).toBe(
      "21584579b7eb08997773e5aeff3a7f932700042d0ed2a6129012b7d7ae81b750",
    );
  });

  it("matches each script that is paid to or spent, and hardly any other", () => {
    let others = 0;
    let matching = 0;
    fc.assert(
      fc.property(
        fc.array(script, { maxLength: 60 }),
        fc.array(script, { maxLength: 60 }),
        fc.array(script, { maxLength: 60 }),
        fc.nat({ max: 1000 }),
        (paid, spent, asked, nonce) => {
          const block = blockOf(paid, nonce);
          const filter = blockFilter(block, [spent.map(coinOf)]);
          const matches = (scripts: readonly Uint8Array[]) =>
            filterMatches(filter, block.hash, scripts);
          const held = [
            ...paid.filter((each) => each.length > 0 && each[0] !== 0x6a),
            ...spent.filter((each) => each.length > 0),
          ];
          for (const each of held) expect(matches([each])).toBe(true);
          if (held.length > 0) expect(matches([...asked, ...held.slice(-1)])).toBe(true);
          expect(matches([])).toBe(false);
          const known = hexes(held);
          for (const each of asked) {
            if (known.has(bytesToHex(each))) continue;
            others++;
            if (matches([each])) matching++;
          }
          expect(filter[0]).toBe(known.size);
        },
      ),
    );
    expect(others).toBeGreaterThan(100);
    expect(matching).toBeLessThanOrEqual(2);
  });

  test("leaves out what can't be spent where it is made, and nothing where it is spent", () => {
    const data = Uint8Array.of(0x6a, 1, 7);
    const block = blockOf([data, new Uint8Array()]);
    expect(bytesToHex(blockFilter(block, []))).toBe("00");
    const filter = blockFilter(block, [[coinOf(data)]]);
    expect(filterMatches(filter, block.hash, [data])).toBe(true);
  });

  test("holds as many scripts as a block can have", () => {
    const scripts = Array.from({ length: 5000 }, (_, i) => Uint8Array.of(1, i >> 8, i & 255));
    const block = blockOf(scripts);
    const filter = blockFilter(block, []);
    // 19 bits, a zero, and 1.5 ones on average.
    expect((filter.length * 8) / scripts.length).toBeCloseTo(21.06, 0);
    expect(filterMatchesAll(filter, block.hash, scripts)).toBe(true);
    expect(filterMatchesAll(filter, block.hash, [...scripts, Uint8Array.of(2)])).toBe(false);
    // The first, the last, and some between.
    for (let i = 0; i < scripts.length; i += 101) {
      expect(filterMatches(filter, block.hash, scripts.slice(i, i + 1))).toBe(true);
    }
    expect(filterMatches(filter, block.hash, scripts.slice(-1))).toBe(true);
  });
});

describe("a filter from a stranger", () => {
  const { hash } = mainnet.genesis;
  const matches = (hex: string) => () => filterMatches(hexToBytes(hex), hash, [Uint8Array.of(1)]);

  test("is refused where it has fewer scripts than it says", () => {
    expect(matches("")).toThrow(expect.objectContaining({ code: "truncated" }));
    expect(matches("05ffff")).toThrow(expect.objectContaining({ code: "truncated" }));
    expect(matches("feffffffff00")).toThrow(expect.objectContaining({ code: "truncated" }));
    expect(matches("ff0000000001000000")).toThrow(expect.objectContaining({ code: "oversized" }));
  });

  it("never ends otherwise than with an answer or an error of ours", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.array(script), (bytes, scripts) => {
        try {
          expect(typeof filterMatches(bytes, hash, scripts)).toBe("boolean");
        } catch (error) {
          expect(error).toMatchObject({ name: "CoreError" });
        }
      }),
    );
  });
});

test("a header commits to all filters before it", () => {
  const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)].map(filterHash);
  if (first === undefined || second === undefined) expect.unreachable();
  const chain = filterHeader(second, filterHeader(first, ZERO_FILTER_HEADER));
  expect(chain).not.toBe(filterHeader(second, ZERO_FILTER_HEADER));
  expect(chain).not.toBe(filterHeader(first, filterHeader(second, ZERO_FILTER_HEADER)));
  const other = "11".repeat(32) as FilterHeader & BlockHash;
  expect(filterHeader(first, other)).not.toBe(filterHeader(first, ZERO_FILTER_HEADER));
});

test("a hash is spread over a range as 128 bits would do it", () => {
  const half = fc.oneof(fc.nat({ max: 0xffff_ffff }), fc.constantFrom(0, 1, 0xffff, 0xffff_ffff));
  // As many scripts as a filter can say, times the rarity.
  const range = fc.nat({ max: 0xffff_ffff }).map((count) => count * 784_931);
  fc.assert(
    fc.property(half, half, range, (high, low, range) => {
      const whole = ((BigInt(high) << 32n) | BigInt(low)) * BigInt(range);
      expect(inRange(high, low, range)).toBe(Number(whole >> 64n));
    }),
    { examples: [[0xffff_ffff, 0xffff_ffff, 0xffff_ffff * 784_931]] },
  );
});
