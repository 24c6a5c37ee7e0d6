import {
  ALWAYS_ACTIVE,
  type AncestorView,
  BlockHeader,
  computeBlockVersion,
  DEVNET,
  HeaderTree,
  mainnet,
  NEVER_ACTIVE,
  NO_TIMEOUT,
  regtest,
  signet,
  testnet4,
  type VersionBitsCache,
  type VersionBitsDeployment,
  type VersionBitsState,
  versionBitsState,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const TOP = 0x2000_0000;
const [testdummy] = regtest.versionBits as readonly [VersionBitsDeployment];

/** Blocks with these versions, and median times as given, not as the headers have them. */
function chain(blocks: readonly { readonly version: number; readonly time: number }[]) {
  const views: AncestorView[] = blocks.map(({ version, time }, height) => {
    const header = new BlockHeader({ ...regtest.genesis.header, version, time, nonce: height });
    const ancestor = (at: number): AncestorView | undefined =>
      at <= height ? views[at] : undefined;
    return { ...header, hash: header.hash, height, medianTimePast: time, ancestor };
  });
  return views;
}

/** So many periods of blocks; which of them signal, and the median time at their end. */
function periods(
  length: number,
  ...each: readonly (readonly [signals: number, time: number])[]
): AncestorView[] {
  return chain(
    each.flatMap(([signals, time]) =>
      Array.from({ length }, (_, i) => ({
        version: i < signals ? TOP | (1 << testdummy.bit) : TOP,
        time,
      })),
    ),
  );
}

const small: VersionBitsDeployment = {
  ...testdummy,
  period: 4,
  threshold: 3,
  startTime: 100,
  timeout: 200,
};
const after = (
  views: readonly AncestorView[],
  deployment: VersionBitsDeployment = small,
): VersionBitsState => versionBitsState(views.at(-1), deployment);

describe("a deployment", () => {
  test("waits for its start time, for enough signals, and for one more period", () => {
    const all = periods(4, [4, 99], [4, 100], [2, 100], [3, 100], [0, 100], [0, 999]);
    const states = Array.from({ length: all.length + 1 }, (_, height) =>
      after(all.slice(0, height)),
    );
    const expected = ["defined", "defined", "started", "started", "locked-in", "active", "active"];
    expect(states.filter((_, height) => height % 4 === 0)).toEqual(expected);
    // All blocks of a period have the state of its first.
    for (const [height, state] of states.entries()) {
      expect(state).toBe(states[height - (height % 4)]);
    }
  });

  test("fails where the time is out, and stays so", () => {
    expect(after(periods(4, [0, 100], [2, 200]))).toBe("failed");
    expect(after(periods(4, [0, 100], [2, 200], [4, 200], [4, 200]))).toBe("failed");
    expect(after(periods(4, [0, 100], [2, 199]))).toBe("started");
  });

  test("has all of the period in which the time runs out, and a whole one where it was out before", () => {
    // As Core since 0.21.1 has it; the text of BIP-0009 looks at the time first.
    expect(after(periods(4, [0, 100], [3, 200]))).toBe("locked-in");
    expect(after(periods(4, [0, 200]))).toBe("started");
  });

  test("waits, locked in, for its least height", () => {
    const late = { ...small, minActivationHeight: 13 };
    const blocks = periods(4, [0, 100], [4, 100], [0, 300], [0, 300]);
    expect(after(blocks.slice(0, 12), late)).toBe("locked-in");
    expect(after(blocks.slice(0, 12), { ...late, minActivationHeight: 12 })).toBe("active");
    expect(after(blocks, late)).toBe("active");
  });

  test("takes as signals only versions that begin with 001", () => {
    const bit = 1 << small.bit;
    for (const [version, state] of [
      [TOP | bit, "locked-in"],
      [TOP | bit | 1, "locked-in"],
      [TOP, "started"],
      [TOP | 1, "started"],
      [0x4000_0000 | bit, "started"],
      [0x6000_0000 | bit, "started"],
      [0xa000_0000 | bit | 0, "started"],
      [bit, "started"],
      [-1, "started"],
    ] as const) {
      const blocks = Array.from({ length: 8 }, () => ({ version: version | 0, time: 150 }));
      expect(after(chain(blocks))).toBe(state);
    }
  });

  test("can be decided from the beginning", () => {
    for (const blocks of [[], periods(4, [4, 100], [4, 100], [4, 100])]) {
      expect(after(blocks, { ...small, startTime: ALWAYS_ACTIVE })).toBe("active");
      expect(after(blocks, { ...small, startTime: NEVER_ACTIVE })).toBe("failed");
    }
  });

  test("is defined for the genesis block", () => {
    expect(versionBitsState(undefined, { ...small, startTime: 0 })).toBe("defined");
  });
});

/** BIP-0009 told in terms of the first period that changes things, with no thought of speed. */
function model(
  views: readonly AncestorView[],
  height: number,
  { bit, startTime, timeout, period, threshold, minActivationHeight }: VersionBitsDeployment,
): VersionBitsState {
  const starts: number[] = [];
  for (let start = period; start <= height; start += period) starts.push(start);
  const time = (start: number): number => views[start - 1]!.medianTimePast;
  const isFull = (start: number): boolean =>
    views.slice(start - period, start).filter(({ version }) => {
      const bits = (version >>> 0).toString(2).padStart(32, "0");
      return bits.startsWith("001") && bits.at(-1 - bit) === "1";
    }).length >= threshold;
  const started = starts.find((start) => time(start) >= startTime);
  if (started === undefined) return "defined";
  const later = starts.filter((start) => start > started);
  const lockedIn = later.find(isFull);
  const failed = later.find((start) => !isFull(start) && time(start) >= timeout);
  if (failed !== undefined && (lockedIn === undefined || failed < lockedIn)) return "failed";
  if (lockedIn === undefined) return "started";
  const active = starts.find((start) => start > lockedIn && start >= minActivationHeight);
  return active === undefined ? "locked-in" : "active";
}

describe("against a model", () => {
  const cases = fc
    .record({
      period: fc.integer({ min: 1, max: 6 }),
      bit: fc.integer({ min: 0, max: 28 }),
      startTime: fc.integer({ min: 0, max: 30 }),
      duration: fc.integer({ min: 0, max: 40 }),
      minActivationHeight: fc.integer({ min: 0, max: 60 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      blocks: fc.array(
        fc.record({
          signals: fc.boolean(),
          noise: fc.integer({ min: 0, max: 0xffff }),
          top: fc.constantFrom(TOP, TOP, TOP, 0),
          step: fc.integer({ min: 0, max: 2 }),
        }),
        { maxLength: 60 },
      ),
    })
    .map(({ period, bit, startTime, duration, minActivationHeight, share, blocks }) => {
      let time = 0;
      const views = chain(
        blocks.map(({ signals, noise, top, step }) => {
          time += step;
          const rest = noise & ~(1 << bit);
          return { version: top | rest | (signals ? 1 << bit : 0), time };
        }),
      );
      const threshold = Math.max(1, Math.round(share * period));
      const timeout = startTime + duration;
      const deployment: VersionBitsDeployment = {
        name: "model",
        ...{ bit, startTime, timeout, minActivationHeight, period, threshold },
      };
      return { views, deployment };
    });

  test("says the same of every block, with a cache and without", () => {
    fc.assert(
      fc.property(cases, fc.boolean(), ({ views, deployment }, backwards) => {
        const cache: VersionBitsCache = new Map();
        const heights = [...views.keys(), views.length];
        for (const height of backwards ? heights.toReversed() : heights) {
          const parent = views[height - 1];
          const expected = model(views, height, deployment);
          expect(versionBitsState(parent, deployment)).toBe(expected);
          expect(versionBitsState(parent, deployment, cache)).toBe(expected);
        }
        // One entry a period is all that it keeps.
        const kept = cache.get(deployment)?.size ?? 0;
        expect(kept).toBeLessThanOrEqual(Math.floor(views.length / deployment.period));
      }),
      { numRuns: 300 },
    );
  });

  test("one cache serves branches and deployments", () => {
    const cache: VersionBitsCache = new Map();
    const other = { ...small, bit: 3 };
    const [yes, no] = [periods(4, [0, 100], [4, 101]), periods(4, [0, 100], [2, 101])];
    for (let round = 0; round < 2; round++) {
      expect(versionBitsState(yes.at(-1), small, cache)).toBe("locked-in");
      expect(versionBitsState(no.at(-1), small, cache)).toBe("started");
      expect(versionBitsState(yes.at(-1), other, cache)).toBe("started");
    }
  });
});

describe("the version of the next block", () => {
  test("on regtest signals for testdummy from block 144 to block 431", () => {
    const tree = new HeaderTree(regtest.genesis.header);
    const cache: VersionBitsCache = new Map();
    const versions: number[] = [];
    for (let height = 1; height <= 500; height++) {
      const version = computeBlockVersion(tree.tip, regtest, cache);
      versions[height] = version;
      const { hash, header } = tree.tip;
      const time = header.time + 1;
      tree.setTip(tree.add(new BlockHeader({ ...header, version, time, previousHash: hash })));
    }
    const changes = versions.flatMap((version, height) =>
      version === versions[height - 1] ? [] : [[height, version]],
    );
    expect(changes).toEqual([
      [1, TOP],
      [144, 0x3000_0000],
      [432, TOP],
    ]);
    expect(versionBitsState(tree.tip, testdummy)).toBe("active");
  });

  test("signals for nothing on other networks, where testdummy is never active", () => {
    const parent = chain([{ version: TOP, time: 2 ** 31 }])[0]!;
    for (const params of [mainnet, testnet4, signet, DEVNET]) {
      expect(computeBlockVersion(parent, params)).toBe(TOP);
      for (const deployment of params.versionBits) {
        expect(versionBitsState(parent, deployment)).toBe("failed");
        expect(deployment.timeout).toBe(NO_TIMEOUT);
      }
    }
  });
});
