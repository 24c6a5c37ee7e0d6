import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  Block,
  concatBytes,
  hexToBytes,
  idFromBytes,
  idToBytes,
  mainnet,
  merkleBranch,
  merkleRoot,
  partialMerkleMatches,
  partialMerkleTree,
  Reader,
  regtest,
  sha256d,
  type Txid,
  ZERO_TXID,
} from "@chain/core";
import { vectors } from "@chain/testing/vectors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const id = (n: number): Txid => idFromBytes(sha256d(Uint8Array.of(n >> 8, n & 0xff)));
const ids = (count: number): Txid[] => Array.from({ length: count }, (_, i) => id(i));

/** The same by definition: recursion on lists. */
function naiveRoot(level: readonly string[]): string {
  if (level.length === 0) return ZERO_TXID;
  if (level.length === 1) return level[0] as string;
  const next: string[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const pair = [level[i] as Txid, (level[i + 1] ?? level[i]) as Txid];
    next.push(
      idFromBytes<Txid>(sha256d(Uint8Array.from(pair.flatMap((each) => [...idToBytes(each)])))),
    );
  }
  return naiveRoot(next);
}

describe("merkle root", () => {
  test("agrees with its definition at every size", () => {
    for (let count = 0; count <= 33; count++) {
      expect(merkleRoot(ids(count))).toEqual({ root: naiveRoot(ids(count)), mutated: false });
    }
  });

  test("a repeated tail has the same root, and is noticed (CVE-2012-2459)", () => {
    // [leaves, leaves repeated at the end]
    for (const [count, repeated] of [
      [3, 1],
      [5, 1],
      [6, 2],
      [7, 1],
      [12, 4],
      [10, 2],
    ] as const) {
      const good = ids(count);
      const forged = [...good, ...good.slice(-repeated)];
      expect(merkleRoot(good).mutated).toBe(false);
      expect(merkleRoot(forged)).toEqual({ root: merkleRoot(good).root, mutated: true });
    }
  });

  test("random lists with random repeats: noticed whenever the root is that of a shorter list", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (count, tail) => {
          const good = ids(count);
          const longer = [...good, ...good.slice(-tail)];
          const { root, mutated } = merkleRoot(longer);
          if (root === merkleRoot(good).root) expect(mutated).toBe(true);
        },
      ),
    );
  });
});

describe("real blocks", () => {
  const file = createRequire(import.meta.url).resolve("bitcore-lib/test/data/blk86756-testnet.dat");
  // As Core keeps blocks: magic, length, block, and what comes after it.
  const reader = new Reader(new Uint8Array(readFileSync(file)), 4);
  const raw = reader.take(reader.u32());
  const blocks: [string, Uint8Array, number | undefined][] = [
    ["testnet 86756", raw, 22],
    ...vectors<{ comment: string; data: string; transactions: number }[]>(
      "bitcoind/blocks.json",
    ).map(({ comment, data, transactions }): [string, Uint8Array, number] => [
      comment.slice(0, 60),
      hexToBytes(data),
      transactions,
    ]),
  ];

  test.each(blocks)("%s", (_, bytes, count) => {
    const block = Block.fromBytes(bytes);
    expect(block.transactions.length).toBe(count);
    expect(block.toBytes()).toEqual(bytes);
    expect(merkleRoot(block.transactions.map(({ txid }) => txid)).root).toBe(
      block.header.merkleRoot,
    );
    expect(block.totalSize).toBe(bytes.length);
  });

  test("testnet 86756 has its known hash", () => {
    const known = "000000000b99b16390660d79fcc138d2ad0c89a0d044c4201a02bdf1f61ffa11";
    expect(Block.fromBytes(raw).hash).toBe(known);
  });

  test.each([
    [mainnet, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"],
    [regtest, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"],
  ])("genesis of $name", ({ genesis }, hash) => {
    expect(genesis.hash).toBe(hash);
    expect(Block.fromBytes(genesis.toBytes()).hash).toBe(hash);
    const { root } = merkleRoot(genesis.transactions.map(({ txid }) => txid));
    expect(root).toBe(genesis.header.merkleRoot);
  });
});

describe("a partial Merkle tree", () => {
  const anyIds = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
    minLength: 1,
    maxLength: 40,
  });

  test("gives back the transactions that it was made for, each with the path to the root", () => {
    fc.assert(
      fc.property(anyIds, fc.infiniteStream(fc.boolean()), (bytes, chance) => {
        const txids = [...new Set(bytes.map((each) => idFromBytes<Txid>(each)))];
        const isMatch = txids.map(() => chance.next().value === true);
        const tree = partialMerkleTree(txids, isMatch);
        const read = partialMerkleMatches(tree) ?? expect.unreachable();
        const { root } = merkleRoot(txids);
        expect(read.root).toBe(root);
        const wanted = txids.flatMap((txid, index) => (isMatch[index] ? [{ txid, index }] : []));
        expect(read.matches.map(({ txid, index }) => ({ txid, index }))).toEqual(wanted);
        for (const { txid, index, siblings } of read.matches) {
          const top = siblings.reduce<string>((node, sibling, level) => {
            const pair = (index >> level) & 1 ? [sibling, node] : [node, sibling];
            return idFromBytes(
              sha256d(concatBytes(...pair.map((each) => idToBytes(each as Txid)))),
            );
          }, txid);
          expect(top).toBe(root);
        }
        // With one node too many, or one too few, it is none.
        const more = { ...tree, hashes: [...tree.hashes, ...tree.hashes.slice(0, 1)] };
        expect(partialMerkleMatches(more)).toBeUndefined();
        expect(partialMerkleMatches({ ...tree, hashes: tree.hashes.slice(1) })).toBeUndefined();
        expect(partialMerkleMatches({ ...tree, total: 0 })).toBeUndefined();
        expect(partialMerkleMatches({ ...tree, flags: new Uint8Array(0) })).toBeUndefined();
      }),
    );
  });

  test("with two equal nodes side by side is none", () => {
    const [a, b] = [1, 2].map((n) => idFromBytes<Txid>(new Uint8Array(32).fill(n))) as [Txid, Txid];
    const twice = partialMerkleTree([a, b, a, b], [true, false, false, false]);
    expect(partialMerkleMatches(twice)).toBeUndefined();
  });
});

test("a branch leads from its id to the root, for trees of any size", () => {
  for (const count of [1, 2, 3, 5, 6, 7, 8, 9, 13, 33]) {
    const all = ids(count);
    for (const [position, leaf] of all.entries()) {
      let node = idToBytes(leaf);
      for (const [level, each] of merkleBranch(all, position).entries()) {
        const pair = [node, idToBytes(each)];
        node = sha256d(concatBytes(...((position >> level) % 2 === 0 ? pair : pair.reverse())));
      }
      expect(idFromBytes(node)).toBe(merkleRoot(all).root);
    }
  }
});
