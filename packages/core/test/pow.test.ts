import {
  type AncestorView,
  type BlockHash,
  BlockHeader,
  type ChainParams,
  checkProofOfWork,
  compactToTarget,
  type MerkleRoot,
  mainnet,
  nextBits,
  regtest,
  targetToCompact,
  workOfBits,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const root = "00".repeat(32) as MerkleRoot;

describe("compact targets", () => {
  // Core's arith_uint256_tests.cpp (bignum_SetCompact): bits, target, how it is written again.
  test.each([
    [0x00000000, "0", 0],
    [0x00123456, "0", 0],
    [0x01003456, "0", 0],
    [0x02000056, "0", 0],
    [0x03000000, "0", 0],
    [0x04000000, "0", 0],
    [0x00923456, "0", 0],
    [0x01803456, "0", 0],
    [0x02800056, "0", 0],
    [0x03800000, "0", 0],
    [0x04800000, "0", 0],
    [0x01123456, "12", 0x01120000],
    [0x02123456, "1234", 0x02123400],
    [0x03123456, "123456", 0x03123456],
    [0x04123456, "12345600", 0x04123456],
    [0x05009234, "92340000", 0x05009234],
    [0x20123456, `123456${"00".repeat(29)}`, 0x20123456],
  ])("%i", (bits, hex, compact) => {
    const { target, negative, overflow } = compactToTarget(bits);
    expect(target.toString(16)).toBe(hex);
    expect([negative, overflow]).toEqual([false, false]);
    expect(targetToCompact(target)).toBe(compact);
  });

  test("negative and overflowing ones are told apart", () => {
    expect(compactToTarget(0x01fedcba)).toEqual({ target: 0x7en, negative: true, overflow: false });
    expect(compactToTarget(0x04923456)).toMatchObject({ target: 0x12345600n, negative: true });
    expect(compactToTarget(0xff123456)).toMatchObject({ negative: false, overflow: true });
    expect(compactToTarget(0x22000100).overflow).toBe(true);
    expect(compactToTarget(0x220000ff).overflow).toBe(false);
    expect(compactToTarget(0x21010000).overflow).toBe(true);
    expect(compactToTarget(0x2100ffff).overflow).toBe(false);
  });

  test("0x80 does not become a sign", () => {
    expect(targetToCompact(0x80n)).toBe(0x02008000);
  });

  test("what was written reads as the target, cut to three bytes", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), (target) => {
        const read = compactToTarget(targetToCompact(target));
        expect([read.negative, read.overflow]).toEqual([false, false]);
        expect(read.target <= target).toBe(true);
        expect(target === 0n || (target - read.target) * 0x8000n <= target).toBe(true);
        expect(targetToCompact(read.target)).toBe(targetToCompact(target));
      }),
    );
  });

  test("a target outside of 256 bits is misuse", () => {
    expect(() => targetToCompact(-1n)).toThrow();
    expect(() => targetToCompact(1n << 256n)).toThrow();
  });

  test("networks' limits agree with their compact form", () => {
    for (const params of [mainnet, regtest]) {
      expect(targetToCompact(params.powLimit)).toBe(params.powLimitBits);
    }
  });
});

describe("work", () => {
  test("of well-known targets", () => {
    expect(workOfBits(0x1d00ffff)).toBe(0x100010001n);
    expect(workOfBits(0x207fffff)).toBe(2n);
    expect(workOfBits(0x1f00ffff)).toBe(0x10001n);
  });

  test("impossible targets have none", () => {
    for (const bits of [0, 0x1d000000, 0x1d80ffff, 0xff123456]) expect(workOfBits(bits)).toBe(0n);
  });

  test("a hash is good up to the target, and only for targets that the network allows", () => {
    const hash = (target: bigint): BlockHash => target.toString(16).padStart(64, "0") as BlockHash;
    const { target } = compactToTarget(0x1c00ffff);
    expect(checkProofOfWork(hash(target), 0x1c00ffff, mainnet)).toBe(true);
    expect(checkProofOfWork(hash(target + 1n), 0x1c00ffff, mainnet)).toBe(false);
    for (const bits of [0x1d010000, 0, 0x1d80ffff, 0xff123456]) {
      expect(checkProofOfWork(hash(0n), bits, mainnet)).toBe(false);
    }
  });
});

describe("the next target", () => {
  /** A chain of which only what is asked for exists. */
  function block(height: number, time: number, bits: number, first?: number): AncestorView {
    const header = new BlockHeader({
      version: 4,
      previousHash: ZERO_BLOCK_HASH,
      merkleRoot: root,
      time,
      bits,
      nonce: 0,
    });
    return {
      hash: header.hash,
      header,
      height,
      medianTimePast: time,
      ancestor: (at) =>
        at === height
          ? block(height, time, bits)
          : first === undefined
            ? undefined
            : block(at, first, bits),
    };
  }

  // Real retargets of mainnet; Core's pow_tests.cpp has them too.
  test.each([
    ["no constraint", 32_255, 1_262_152_739, 1_261_130_161, 0x1d00ffff, 0x1d00d86a],
    ["limit", 2015, 1_233_061_996, 1_231_006_505, 0x1d00ffff, 0x1d00ffff],
    ["at most to a quarter", 68_543, 1_279_297_671, 1_279_008_237, 0x1c05a3f4, 0x1c0168fd],
    ["at most to the fourfold", 46_367, 1_269_211_443, 1_263_163_443, 0x1c387f6f, 0x1d00e1fd],
  ])("%s", (_, height, time, first, bits, expected) => {
    expect(nextBits(block(height, time, bits, first), time + 600, mainnet)).toBe(expected);
  });

  test("inside a period it stays", () => {
    expect(nextBits(block(2014, 1_233_061_996, 0x1c05a3f4), 0, mainnet)).toBe(0x1c05a3f4);
  });

  test("testnets allow an easy block after twenty minutes, and forget it afterwards", () => {
    const testnet: ChainParams = { ...mainnet, allowMinDifficultyBlocks: true };
    const regular = block(4033, 1000, 0x1c05a3f4);
    expect(nextBits(regular, 2200, testnet)).toBe(0x1c05a3f4);
    expect(nextBits(regular, 2201, testnet)).toBe(0x1d00ffff);
    const easy: AncestorView = {
      ...block(4034, 1000, 0x1d00ffff),
      ancestor: (height) => (height === 4033 ? regular : undefined),
    };
    expect(nextBits(easy, 1001, testnet)).toBe(0x1c05a3f4);
  });

  test("regtest never changes, not even at the end of a period", () => {
    for (const height of [1, 2014, 2015, 2016]) {
      expect(nextBits(block(height, 1000, 0x207fffff), 1001, regtest)).toBe(0x207fffff);
    }
  });
});
