import {
  type AncestorView,
  type BlockHash,
  BlockHeader,
  type ChainParams,
  checkHeader,
  checkHeaderContext,
  checkProofOfWork,
  compactToTarget,
  HeaderTree,
  isPermittedTransition,
  type MerkleRoot,
  mainnet,
  minimumBlockTime,
  nextBits,
  regtest,
  signet,
  signetParams,
  targetToCompact,
  testnet4,
  workOfBits,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { summary } from "@chain/testing/blockFactory";
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

  test("a chain may count its work in other hashes than those that name blocks", () => {
    const { header } = mainnet.genesis;
    const powHash = ({ nonce }: BlockHeader) => (nonce === 7 ? "00" : "ff").repeat(32) as BlockHash;
    const other = { ...mainnet, powHash };
    const lucky = new BlockHeader({ ...header, nonce: 7 });
    expect([header, lucky].map((each) => checkHeader(each, mainnet).ok)).toEqual([true, false]);
    expect([header, lucky].map((each) => checkHeader(each, other).ok)).toEqual([false, true]);
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
      ...header,
      hash: header.hash,
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
    const regular = block(4033, 1000, 0x1c05a3f4);
    expect(nextBits(regular, 2200, testnet4)).toBe(0x1c05a3f4);
    expect(nextBits(regular, 2201, testnet4)).toBe(0x1d00ffff);
    const easy: AncestorView = {
      ...block(4034, 1000, 0x1d00ffff),
      ancestor: (height) => (height === 4033 ? regular : undefined),
    };
    expect(nextBits(easy, 1001, testnet4)).toBe(0x1c05a3f4);
  });

  // The rule of the twenty minutes let testnet3's difficulty fall to 1 with the last block of a period.
  test.each([
    ["testnet3", { ...testnet4, enforceBip94: false }, 0x1d00ffff],
    ["testnet4", testnet4, 0x1c05a3f4],
    ["mainnet", mainnet, 0x1d00ffff],
  ])("an easy block at the end of a period, on %s", (_, params, expected) => {
    const time = 1_800_000_000;
    const last: AncestorView = {
      ...block(4031, time, 0x1d00ffff),
      ancestor: (height) =>
        height === 2016 ? block(2016, time - 14 * 24 * 60 * 60, 0x1c05a3f4) : undefined,
    };
    // And the first block of the next period is never easy, however long it took.
    for (const wait of [1, 1201, 1_000_000]) {
      expect(nextBits(last, time + wait, params)).toBe(expected);
    }
  });

  test("signet moves away from its own limit, and not beyond", () => {
    const { powLimitBits } = signet;
    const time = 1_598_918_400;
    const quarter = targetToCompact(signet.powLimit / 4n);
    expect(nextBits(block(2015, time + 1, powLimitBits, time), 0, signet)).toBe(quarter);
    expect(nextBits(block(2015, time + 9_999_999, powLimitBits, time), 0, signet)).toBe(
      powLimitBits,
    );
    expect(nextBits(block(2014, time, powLimitBits), time + 9_999_999, signet)).toBe(powLimitBits);
  });

  test("regtest never changes, not even at the end of a period", () => {
    for (const height of [1, 2014, 2015, 2016]) {
      expect(nextBits(block(height, 1000, 0x207fffff), 1001, regtest)).toBe(0x207fffff);
    }
  });
});

describe("targets that can follow each other", () => {
  const HARD = 0x1c05a3f4;
  const [eased, harder] = [4n, 1n].map((by) =>
    targetToCompact((compactToTarget(HARD).target * by) / (by === 1n ? 4n : 1n)),
  ) as [number, number];
  const past = (bits: number, by: bigint) => targetToCompact(compactToTarget(bits).target + by);
  const step = 1n << 200n;

  test.each([
    ["mainnet: the same, inside of a period", mainnet, 2017, HARD, true],
    ["mainnet: another one, inside of a period", mainnet, 2017, HARD - 1, false],
    ["mainnet: four times easier", mainnet, 4032, eased, true],
    ["mainnet: easier than that", mainnet, 4032, past(eased, step), false],
    ["mainnet: four times harder", mainnet, 4032, harder, true],
    ["mainnet: harder than that", mainnet, 4032, past(harder, -step), false],
    ["mainnet: the easiest of all", mainnet, 4032, 0x1d00ffff, false],
    ["testnet4: anything, at any height", testnet4, 4033, 0x1d00ffff, true],
    ["without retargeting: another one", { ...signet, noRetargeting: true }, 4032, harder, false],
  ])("%s", (_, params, height, bits, expected) => {
    expect(isPermittedTransition(height, HARD, bits, params)).toBe(expected);
  });

  test("a signet's own interval says where periods begin", () => {
    const fast = signetParams(Uint8Array.of(0x51), 30);
    const harder = targetToCompact(signet.powLimit / 4n);
    const may = (height: number) =>
      isPermittedTransition(height, signet.powLimitBits, harder, fast);
    expect([2_016, 40_319, 40_320, 40_321].map(may)).toEqual([false, false, true, false]);
  });

  test("every target that a chain can have is permitted, and no other one on its edge", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0x1b000001, max: 0x1d00ffff }),
        fc.integer({ min: -5_000_000, max: 9_000_000 }),
        (bits, seconds) => {
          fc.pre(compactToTarget(bits).target > 0n && !compactToTarget(bits).negative);
          const time = 1_700_000_000;
          const last = {
            ...view(4031, time, bits),
            ancestor: () => view(2016, time - seconds, bits),
          };
          const next = nextBits(last, time, mainnet);
          expect(isPermittedTransition(4032, bits, next, mainnet)).toBe(true);
        },
      ),
    );
  });

  function view(height: number, time: number, bits: number): AncestorView {
    const { hash, header } = mainnet.genesis;
    return { ...header, hash, height, time, bits, medianTimePast: time, ancestor: () => undefined };
  }
});

test("easy blocks of testnet4 run at most five ahead of the clock", () => {
  // Each must be twenty minutes after its parent, and none may be two hours in the future.
  const now = 1_800_000_000;
  const first = new BlockHeader({ ...testnet4.genesis.header, time: now, bits: 0x1c00ffff });
  const tree = new HeaderTree(first);
  let parent = tree.genesis;
  const verdicts: string[] = [];
  for (let i = 0; i < 7; i++) {
    const time = parent.time + 1201;
    const bits = nextBits(parent, time, testnet4);
    expect(bits).toBe(testnet4.powLimitBits);
    const { hash: previousHash } = parent;
    const header = new BlockHeader({ ...first, version: 4, previousHash, time, bits });
    verdicts.push(summary(checkHeaderContext(header, parent, testnet4, now)));
    if (i < 5) parent = tree.add(header);
  }
  const ahead = "time-future: time-too-new";
  expect(verdicts).toEqual(["ok", "ok", "ok", "ok", "ok", ahead, ahead]);
});

describe("the first block of a period and its parent (BIP-0094)", () => {
  /** Every block of this chain has this time, but the last. */
  const parent = (height: number, time: number): AncestorView => {
    const { header } = testnet4.genesis;
    const view: AncestorView = {
      ...header,
      hash: header.hash,
      time,
      height,
      medianTimePast: header.time,
      ancestor: (at) => (at < height ? parent(at, header.time) : view),
    };
    return view;
  };
  const start = testnet4.genesis.header.time;
  const last = parent(2015, start + 10_000);
  const check = (params: ChainParams, before: AncestorView, time: number): string => {
    const bits = nextBits(before, time, params);
    const header = new BlockHeader({ ...testnet4.genesis.header, version: 4, time, bits });
    return summary(checkHeaderContext(header, before, params, time));
  };
  const attack = "invalid-header: time-timewarp-attack";

  test("may be 600 seconds apart the wrong way, and no more", () => {
    expect(check(testnet4, last, start + 9_400)).toBe("ok");
    expect(check(testnet4, last, start + 9_399)).toBe(attack);
  });

  test("does not matter inside a period, nor on other networks", () => {
    for (const height of [2014, 2016]) {
      expect(check(testnet4, parent(height, start + 10_000), start + 1)).toBe("ok");
    }
    expect(check({ ...testnet4, enforceBip94: false }, last, start + 1)).toBe("ok");
  });

  test("a block that is too old by the median as well is just that", () => {
    expect(check(testnet4, last, start)).toBe("invalid-header: time-too-old");
  });

  test("miners keep to it everywhere", () => {
    for (const params of [mainnet, testnet4, signet]) {
      expect(minimumBlockTime(last, params)).toBe(start + 9_400);
      expect(minimumBlockTime(parent(2015, start + 1), params)).toBe(start + 1);
      expect(minimumBlockTime(parent(2014, start + 10_000), params)).toBe(start + 1);
    }
  });
});
