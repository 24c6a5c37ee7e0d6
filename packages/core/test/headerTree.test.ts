import {
  type BlockHash,
  BlockHeader,
  type HeaderNode,
  HeaderTree,
  idToBytes,
  type KnownHeader,
  type MerkleRoot,
  regtest,
  workOfBits,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { HeaderTable } from "../src/chain/headerTable.ts";

const EASY = 0x207fffff; // work 2
const HARD = 0x200fffff; // work 16

/** Headers without proof of work: the tree takes what it is given. */
function header(previousHash: BlockHash, nonce: number, bits = EASY, time = nonce): BlockHeader {
  const merkleRoot = "00".repeat(32) as MerkleRoot;
  return new BlockHeader({ version: 4, previousHash, merkleRoot, time, bits, nonce });
}

function extend(tree: HeaderTree, from: HeaderNode, count: number, nonce = 0): HeaderNode[] {
  const nodes: HeaderNode[] = [];
  let tip = from;
  for (let i = 0; i < count; i++) {
    tip = tree.add(header(tip.hash, nonce, EASY, tip.header.time + 1));
    nodes.push(tip);
  }
  return nodes;
}

function makeTree(): HeaderTree {
  return new HeaderTree(regtest.genesis.header);
}

describe("ancestors", () => {
  const tree = makeTree();
  const chain = [tree.genesis, ...extend(tree, tree.genesis, 5000)];

  test("any height from any block", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (a, b) => {
        expect(chain[a]!.ancestor(b)).toBe(b <= a ? chain[b] : undefined);
      }),
    );
    expect(chain[10]!.ancestor(-1)).toBeUndefined();
  });

  test("in few steps: of 5,000 blocks a walk touches no more than 60", () => {
    const links = ["skip", "parent"] as const;
    const spies = links.map((link) => vi.spyOn(HeaderTable.prototype, link));
    let most = 0;
    for (let height = 0; height < 5000; height += 7) {
      for (const spy of spies) spy.mockClear();
      chain[5000]!.ancestor(height);
      most = Math.max(
        most,
        spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0),
      );
    }
    for (const spy of spies) spy.mockRestore();
    expect(most).toBeLessThanOrEqual(60);
    expect(most).toBeGreaterThan(3);
  });

  test("median time past of up to eleven blocks", () => {
    const times = [50, 10, 40, 20, 30, 90, 80, 70, 60, 5, 1, 2];
    const small = new HeaderTree(header(ZERO_BLOCK_HASH, 0, EASY, 100));
    const medians: number[] = [];
    let tip = small.genesis;
    for (const time of times) {
      tip = small.add(header(tip.hash, 0, EASY, time));
      medians.push(tip.medianTimePast);
    }
    const all = [100, ...times];
    const expected = times.map((_, i) => {
      const window = all.slice(Math.max(0, i + 2 - 11), i + 2).toSorted((a, b) => a - b);
      return window[Math.floor(window.length / 2)];
    });
    expect(medians).toEqual(expected);
  });

  test("locator: ten one by one, then doubling, genesis at the end", () => {
    const heights = tree.locator(chain[5000]).map((hash) => tree.get(hash)!.height);
    expect(heights.slice(0, 12)).toEqual([
      5000, 4999, 4998, 4997, 4996, 4995, 4994, 4993, 4992, 4991, 4990, 4989,
    ]);
    expect(heights.slice(12)).toEqual([
      4987, 4983, 4975, 4959, 4927, 4863, 4735, 4479, 3967, 2943, 895, 0,
    ]);
    expect(tree.locator(tree.genesis)).toEqual([tree.genesis.hash]);
  });

  test("a locator finds the fork in the active chain", () => {
    const own = makeTree();
    const main = extend(own, own.genesis, 100);
    const side = extend(own, main[49]!, 30, 7);
    own.setTip(main[99]!);
    expect(own.findFork(own.locator(side[7])).height).toBe(50);
    // Further back the locator has gaps, so the fork is met a little below: 50 lies between 55 and 39.
    expect(own.findFork(own.locator(side[29])).height).toBe(39);
    expect(own.findFork(own.locator(main[80]))).toBe(main[80]);
    expect(own.findFork(["ff".repeat(32) as BlockHash])).toBe(own.genesis);
    // A peer that is ahead of us on our own chain shares all of it.
    own.setTip(main[60]!);
    expect(own.findFork([main[90]!.hash])).toBe(main[60]);
  });
});

describe("the best chain", () => {
  test("most work wins, not most blocks", () => {
    const tree = makeTree();
    const long = extend(tree, tree.genesis, 5);
    const heavy = tree.add(header(tree.genesis.hash, 1, HARD));
    expect(tree.bestHeader).toBe(heavy);
    for (const node of [...long, heavy]) tree.setBody(node, 1);
    expect(tree.bestCandidate).toBe(heavy);
  });

  test("among equals the first header, and the first complete body", () => {
    const tree = makeTree();
    const [a] = extend(tree, tree.genesis, 1, 1);
    const [b] = extend(tree, tree.genesis, 1, 2);
    expect(tree.bestHeader).toBe(a);
    tree.setBody(b!, 1);
    tree.setBody(a!, 1);
    expect(tree.bestCandidate).toBe(b);
  });

  test("a block waits for the bodies below it", () => {
    const tree = makeTree();
    const chain = extend(tree, tree.genesis, 4);
    for (const i of [3, 1, 2]) tree.setBody(chain[i]!, 10);
    expect(tree.bestCandidate).toBe(tree.genesis);
    expect(chain[3]!.chainTransactionCount).toBe(0);
    tree.setBody(chain[0]!, 10);
    expect(tree.bestCandidate).toBe(chain[3]);
    expect(chain[3]!.chainTransactionCount).toBe(41);
  });

  test("an invalid block takes its descendants with it, those to come too", () => {
    const tree = makeTree();
    const good = extend(tree, tree.genesis, 3, 1);
    const bad = extend(tree, tree.genesis, 5, 2);
    for (const node of [...good, ...bad]) tree.setBody(node, 1);
    expect(tree.bestCandidate).toBe(bad[4]);
    expect(tree.markInvalid(bad[1]!, "bad-cb-amount")).toEqual(bad.slice(1));
    expect(bad.map((node) => node.invalidReason)).toEqual([
      undefined,
      "bad-cb-amount",
      "bad-prevblk",
      "bad-prevblk",
      "bad-prevblk",
    ]);
    expect(tree.bestCandidate).toBe(good[2]);
    expect(tree.bestHeader).toBe(good[2]);
    const [late] = extend(tree, bad[4]!, 1);
    tree.setBody(late!, 1);
    expect([late!.invalidReason, tree.isInvalid(late!)]).toEqual(["bad-prevblk", true]);
    expect(tree.bestHeader).toBe(good[2]);
    expect(tree.markInvalid(bad[3]!, "again")).toEqual([]);
  });

  test("what was invalid is good again where somebody says so, and what branches off is not", () => {
    const tree = makeTree();
    const good = extend(tree, tree.genesis, 2, 1);
    const bad = extend(tree, tree.genesis, 4, 2);
    const [side] = extend(tree, bad[1]!, 1, 3);
    for (const node of [...good, ...bad.slice(0, 3)]) tree.setBody(node, 1);
    tree.markInvalid(bad[0]!, "bad");
    tree.setBody(side!, 1);
    expect(tree.reconsider(good[1]!)).toEqual([]);
    expect(tree.reconsider(bad[2]!)).toEqual(bad);
    expect([...bad, side!].map((node) => node.invalidReason)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      "bad-prevblk",
    ]);
    expect(tree.bestHeader).toBe(bad[3]);
    expect(tree.bestCandidate).toBe(bad[2]);
    expect(tree.reconsider(tree.genesis)).toEqual([side]);
  });

  test("blocks whose body was deleted are none, nor is what stands on them, until it comes again", () => {
    const tree = makeTree();
    const short = extend(tree, tree.genesis, 3, 1);
    const long = extend(tree, tree.genesis, 5, 2);
    for (const node of [...short, ...long]) tree.setBody(node, 2);
    expect(tree.bestCandidate).toBe(long.at(-1));
    tree.setTip(short.at(-1)!);
    tree.clearBody(long[1]!);
    expect(tree.bestCandidate).toBe(short.at(-1));
    expect(long.map((node) => node.chainTransactionCount > 0)).toEqual([
      true,
      ...Array(4).fill(false),
    ]);
    tree.clearBody(long[1]!);
    tree.clearBody(long[3]!);
    tree.setBody(long[1]!, 2);
    expect(tree.bestCandidate).toBe(short.at(-1));
    tree.setBody(long[3]!, 2);
    expect(tree.bestCandidate).toBe(long.at(-1));
    expect(() => tree.clearBody(short[0]!)).toThrow("an active block keeps its body");
  });

  test("a branch of 100,000 invalid blocks, and as many bodies that wait for one", () => {
    const tree = makeTree();
    const chain = extend(tree, tree.genesis, 100_000);
    for (let i = chain.length - 1; i >= 0; i--) tree.setBody(chain[i]!, 1);
    expect(tree.bestCandidate).toBe(chain.at(-1));
    expect(tree.markInvalid(chain[0]!, "bad").length).toBe(100_000);
    expect(tree.bestCandidate).toBe(tree.genesis);
    expect(tree.bestHeader).toBe(tree.genesis);
    expect(tree.reconsider(chain.at(-1)!).length).toBe(100_000);
    expect(tree.bestCandidate).toBe(chain.at(-1));
  });
});

describe("misuse", () => {
  test.each([
    [
      "a header without its parent",
      (tree: HeaderTree) => tree.add(header("ee".repeat(32) as BlockHash, 0)),
    ],
    [
      "a node of another tree",
      (tree: HeaderTree) => tree.setTip(extend(makeTree(), makeTree().genesis, 1)[0]!),
    ],
    ["an invalid genesis", (tree: HeaderTree) => tree.markInvalid(tree.genesis, "no")],
    ["an empty body", (tree: HeaderTree) => tree.setBody(extend(tree, tree.genesis, 1)[0]!, 0)],
  ])("%s is thrown", (_, act) => {
    expect(() => act(makeTree())).toThrow(expect.objectContaining({ name: "CoreError" }));
  });

  test("a header twice is the same node", () => {
    const tree = makeTree();
    const [node] = extend(tree, tree.genesis, 1);
    expect(tree.add(node!.header)).toBe(node);
    expect(tree.size).toBe(2);
  });
});

/** The same tree without any cleverness: everything is looked up by walking over all nodes. */
class NaiveTree {
  readonly nodes: {
    parent: number;
    work: number;
    body: boolean;
    bad: boolean;
  }[] = [{ parent: -1, work: 2, body: true, bad: false }];
  path(i: number): number[] {
    return i < 0 ? [] : [i, ...this.path(this.nodes[i]!.parent)];
  }

  /** It and all that descends from it. */
  mark(i: number, bad: boolean): void {
    this.nodes.forEach((node, each) => {
      if (this.path(each).includes(i)) node.bad = bad;
    });
  }

  valid(i: number): boolean {
    return this.path(i).every((each) => !this.nodes[each]!.bad);
  }

  complete(i: number): boolean {
    return this.path(i).every((each) => this.nodes[each]!.body);
  }

  totalWork(i: number): number {
    return this.path(i).reduce((sum, each) => sum + this.nodes[each]!.work, 0);
  }

  best(counts: (i: number) => boolean, rank: (i: number) => number): number {
    const all = this.nodes.map((_, i) => i).filter(counts);
    all.sort((a, b) => this.totalWork(b) - this.totalWork(a) || rank(a) - rank(b));
    return all[0]!;
  }

  leaves(): number[] {
    const parents = new Set(this.nodes.map(({ parent }) => parent));
    return this.nodes.map((_, i) => i).filter((i) => !parents.has(i));
  }

  fork(a: number, b: number): number {
    const other = new Set(this.path(b));
    return this.path(a).find((each) => other.has(each))!;
  }
}

test("agrees with a naive twin under any sequence of headers, bodies and invalid blocks", () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ act: fc.constant("add"), at: fc.nat(), hard: fc.boolean() }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ act: fc.constant("body"), at: fc.nat(), hard: fc.constant(false) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ act: fc.constant("bad"), at: fc.nat(), hard: fc.constant(false) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ act: fc.constant("good"), at: fc.nat(), hard: fc.constant(false) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ act: fc.constant("tip"), at: fc.nat(), hard: fc.constant(false) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), fc.nat(), (steps, left, right) => {
      const tree = makeTree();
      const naive = new NaiveTree();
      const nodes = [tree.genesis];
      const index = (node: HeaderNode): number => nodes.indexOf(node);
      steps.forEach(({ act, at, hard }, n) => {
        const i = at % nodes.length;
        const node = nodes[i]!;
        if (act === "add") {
          nodes.push(tree.add(header(node.hash, n, hard ? HARD : EASY)));
          const bad = !naive.valid(i);
          naive.nodes.push({ parent: i, work: hard ? 16 : 2, body: false, bad });
        } else if (act === "body") {
          tree.setBody(node, 1);
          naive.nodes[i]!.body = true;
        } else if (act === "bad" && i > 0) {
          tree.markInvalid(node, "bad");
          naive.mark(i, true);
        } else if (act === "good") {
          tree.reconsider(node);
          naive.mark(i, false);
          for (const each of naive.path(i)) naive.nodes[each]!.bad = false;
        } else if (act === "tip") {
          tree.setTip(node);
          expect(tree.tip).toBe(node);
          const path = naive.path(i).toReversed();
          expect(path.map((each, height) => tree.activeAt(height) === nodes[each])).not.toContain(
            false,
          );
          expect(tree.activeAt(path.length)).toBeUndefined();
        }
        const best = naive.best(
          (each) => naive.valid(each),
          (each) => each,
        );
        expect(index(tree.bestHeader)).toBe(best);
        const connectable = (each: number): boolean => naive.valid(each) && naive.complete(each);
        const work = naive.totalWork(naive.best(connectable, (each) => each));
        const candidate = index(tree.bestCandidate);
        expect([connectable(candidate), naive.totalWork(candidate)]).toEqual([true, work]);
        expect(nodes.map((each) => tree.isInvalid(each))).toEqual(
          nodes.map((_, each) => !naive.valid(each)),
        );
      });
      expect([...tree.leaves()].map(index).sort()).toEqual(naive.leaves().sort());
      expect(nodes.map((each) => tree.get(each.hash) === each)).not.toContain(false);
      const [a, b] = [left % nodes.length, right % nodes.length];
      expect(index(tree.forkPoint(nodes[a]!, nodes[b]!))).toBe(naive.fork(a, b));
      expect(nodes[a]!.chainWork).toBe(BigInt(naive.totalWork(a)));
    }),
    { numRuns: 300 },
  );
});

describe("a tree that is restored", () => {
  const written = (node: HeaderNode): KnownHeader => ({
    header: node.header.toBytes(),
    headerStart: 0,
    hash: idToBytes(node.hash),
    hashStart: 0,
    height: node.height,
    transactionCount: node.transactionCount,
    invalidReason: node.invalidReason,
  });

  test("is the same whatever the order of its headers", () => {
    const step = fc.record({
      at: fc.nat(),
      hard: fc.boolean(),
      body: fc.boolean(),
      bad: fc.nat(9),
    });
    const order = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), order, (steps, ranks) => {
        const tree = makeTree();
        const nodes = [tree.genesis];
        steps.forEach(({ at, hard, body, bad }, n) => {
          const parent = nodes[at % nodes.length]!;
          const node = tree.add(header(parent.hash, n, hard ? HARD : EASY));
          nodes.push(node);
          if (body) tree.setBody(node, n + 1);
          if (bad === 0) tree.markInvalid(node, "bad");
        });
        const shuffled = nodes
          .slice(1)
          .map((node, i) => ({ node, rank: ranks[i]! }))
          .toSorted((a, b) => a.rank - b.rank);
        const again = makeTree();
        const restorer = again.restore();
        for (const { node } of shuffled) restorer.add(written(node));
        restorer.finish();
        expect(again.size).toBe(tree.size);
        for (const node of nodes) {
          const same = again.get(node.hash)!;
          expect({ ...written(same), previous: same.parent?.hash }).toEqual({
            ...written(node),
            previous: node.parent?.hash,
          });
          expect(same.chainWork).toBe(node.chainWork);
          expect(same.chainTransactionCount).toBe(node.chainTransactionCount);
          expect(same.medianTimePast).toBe(node.medianTimePast);
          for (let height = 0; height <= node.height; height++) {
            expect(same.ancestor(height)?.hash).toBe(node.ancestor(height)?.hash);
          }
        }
        expect(again.bestHeader.chainWork).toBe(tree.bestHeader.chainWork);
        expect(again.bestCandidate.chainWork).toBe(tree.bestCandidate.chainWork);
        const late = again.add(header(again.bestHeader.hash, 1000));
        expect(again.bestHeader).toBe(late);
      }),
      { numRuns: 200 },
    );
  });

  test("counts of a header that comes twice what comes last", () => {
    const tree = makeTree();
    const [low, high] = extend(tree, tree.genesis, 2).map(written);
    const again = makeTree();
    const restorer = again.restore();
    const numbers = [
      restorer.add({ ...low!, invalidReason: "bad" }),
      restorer.add(high!),
      restorer.add({ ...low!, transactionCount: 7 }),
    ];
    restorer.finish();
    expect(again.size).toBe(3);
    expect(again.bestCandidate).toMatchObject({ height: 1, transactionCount: 7 });
    expect(again.bestHeader.height).toBe(2);
    again.setTip(again.bestCandidate);
    expect(numbers[0]).toBe(numbers[2]);
    expect(restorer.inactive(numbers).map(({ height }) => height)).toEqual([2]);
  });

  test("tells what lacks an ancestor, and keeps the rest", () => {
    const tree = makeTree();
    const nodes = extend(tree, tree.genesis, 5);
    const branch = extend(tree, nodes[0]!, 2, 9);
    const again = makeTree();
    const restorer = again.restore();
    const kept = [nodes[0]!, ...branch];
    const lost = [nodes[2]!, nodes[3]!, nodes[4]!];
    for (const node of [...lost, ...kept]) restorer.add(written(node));
    expect(restorer.lost()).toEqual(lost.map(({ hash }) => idToBytes(hash)));
    expect(again.bestHeader.hash).toBe(branch[1]!.hash);
  });

  const [first, second] = extend(makeTree(), makeTree().genesis, 2).map(written);
  test.each([
    ["a parent is missing", [second!]],
    ["a height is not that of the parent and one", [first!, { ...second!, height: 1 }]],
    ["a height is beyond all", [{ ...first!, height: 0xffff_ffff }]],
  ])("is refused where %s", (_, headers) => {
    const restorer = makeTree().restore();
    for (const each of headers) restorer.add(each);
    expect(() => restorer.finish()).toThrow(
      expect.objectContaining({ name: "CoreError", code: "unknown-header" }),
    );
  });
});

test("gives back the very headers, that of a root with a parent included", () => {
  const root = header(header(ZERO_BLOCK_HASH, 1).hash, 2);
  const tree = new HeaderTree(root);
  const next = header(root.hash, 3, HARD);
  expect(tree.add(next).header.toBytes()).toEqual(next.toBytes());
  expect(tree.genesis.header.toBytes()).toEqual(root.toBytes());
  expect(tree.genesis.header.previousHash).toBe(root.previousHash);
});

test("names the blocks that were left by a reorganisation", () => {
  const tree = makeTree();
  const [low, left] = extend(tree, tree.genesis, 2) as [HeaderNode, HeaderNode];
  const right = extend(tree, low, 2, 50);
  for (const node of [low, left, ...right]) tree.setBody(node, 1);
  tree.setTip(right[1]!);
  extend(tree, low, 3, 70); // headers alone
  expect([...tree.stale(0)]).toEqual([left]);
  expect([...tree.stale(2)]).toEqual([]);
});

test("the work of headers adds up beyond 64 bits as it does in bigints", () => {
  const bits = fc.constantFrom(EASY, HARD, 0x1d00ffff, 0x17034219, 0x03000001, 0x0400ffff);
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 20 }), (all) => {
      const tree = makeTree();
      let tip = tree.genesis;
      let work = tip.chainWork;
      all.forEach((each, i) => {
        tip = tree.add(header(tip.hash, i, each));
        work += workOfBits(each);
        expect(tip.chainWork).toBe(BigInt.asUintN(256, work)); // as Core's arith_uint256
      });
    }),
  );
});

describe("forgetting", () => {
  test("leaves a tree as if the headers had never come", () => {
    const step = fc.record({
      act: fc.constantFrom("add", "add", "add", "body", "body", "bad", "forget"),
      at: fc.nat(),
      hard: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const tree = makeTree();
        let nodes = [tree.genesis];
        let done: { act: string; hash: BlockHash; header: BlockHeader }[] = [];
        steps.forEach(({ act, at, hard }, n) => {
          const node = nodes[at % nodes.length] as HeaderNode;
          if (act === "add") {
            const added = tree.add(header(node.hash, n, hard ? HARD : EASY));
            nodes.push(added);
            done.push({ act, hash: added.hash, header: added.header });
          } else if (act === "forget" && node !== tree.genesis) {
            const gone = new Set(tree.forget(node).map(({ hash }) => hash));
            expect(node.parent).toBeDefined();
            nodes = nodes.filter(({ hash }) => !gone.has(hash));
            done = done.filter(({ hash }) => !gone.has(hash));
            for (const hash of gone) expect(tree.get(hash)).toBeUndefined();
          } else if (act === "body" || (act === "bad" && node !== tree.genesis)) {
            if (act === "body") tree.setBody(node, 1);
            else tree.markInvalid(node, "bad");
            done.push({ act, hash: node.hash, header: node.header });
          }
        });
        const twin = makeTree();
        for (const { act, hash, header: each } of done) {
          if (act === "add") twin.add(each);
          else if (act === "body") twin.setBody(twin.get(hash) as HeaderNode, 1);
          else twin.markInvalid(twin.get(hash) as HeaderNode, "bad");
        }
        const facts = (each: HeaderTree) => ({
          size: each.size,
          best: [each.bestHeader.hash, each.bestCandidate.hash],
          leaves: [...each.leaves()].map(({ hash }) => hash),
          nodes: [...each.nodes()].map(({ hash, height, invalidReason, chainWork }) => {
            return [hash, height, invalidReason, chainWork];
          }),
          stale: [...each.stale(0)].map(({ hash }) => hash),
        });
        expect(facts(tree)).toEqual(facts(twin));
        expect(nodes.map(({ hash }) => tree.get(hash) === undefined)).not.toContain(true);
      }),
      { numRuns: 300 },
    );
  });

  test("finds each of thousands while others go, whatever their places in the hash table", () => {
    const tree = makeTree();
    const nodes = Array.from({ length: 3_000 }, (_, n) => tree.add(header(tree.genesis.hash, n)));
    nodes.forEach((node, n) => {
      if (n % 3 !== 0) tree.forget(node);
    });
    expect(nodes.filter(({ hash }) => tree.get(hash) !== undefined)).toEqual(
      nodes.filter((_, n) => n % 3 === 0),
    );
    expect(tree.addedSince(1)).toHaveLength(1_000);
    const [again] = extend(tree, tree.genesis, 1, 77);
    expect(tree.get(again?.hash as BlockHash)).toBe(again);
  });

  test("a header that comes again is a new node", () => {
    const tree = makeTree();
    const first = header(tree.genesis.hash, 1);
    const node = tree.add(first);
    tree.setBody(node, 1);
    tree.forget(node);
    expect([tree.bestHeader, tree.bestCandidate]).toEqual([tree.genesis, tree.genesis]);
    const again = tree.add(first);
    expect(again).not.toBe(node);
    expect([again.transactionCount, node.height]).toEqual([0, 1]);
  });

  test("active blocks stay", () => {
    const tree = makeTree();
    const [node] = extend(tree, tree.genesis, 1);
    tree.setTip(node as HeaderNode);
    expect(() => tree.forget(node as HeaderNode)).toThrow("an active block stays");
  });
});
