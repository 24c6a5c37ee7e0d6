/** The work of headers, word by word, against a twin that counts with bigints. */
import { type BlockHash, BlockHeader, HeaderTree, type MerkleRoot, workOfBits } from "@chain/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HeaderTable } from "../src/chain/headerTable.ts";

const ZERO = "00".repeat(32);

function header(previousHash: string, bits: number, nonce: number): BlockHeader {
  return new BlockHeader({
    version: 4,
    previousHash: previousHash as BlockHash,
    merkleRoot: ZERO as MerkleRoot,
    time: nonce,
    bits,
    nonce,
  });
}

/** From work 1 to almost 2^256, so that sums carry from each word to the next; 0 of bits that are no target. */
const bits = fc.oneof(
  fc.constantFrom(0x207fffff, 0x2100ffff, 0x03000001, 0x01010000, 0, 0x04923456),
  fc
    .record({ exponent: fc.nat(0x21), mantissa: fc.nat(0x7fffff) })
    .map(({ exponent, mantissa }) => exponent * 0x100_0000 + mantissa),
);

test("is compared as numbers are (property)", () => {
  const steps = fc.array(fc.record({ parent: fc.nat(), bits }), { minLength: 2, maxLength: 20 });
  const orders = new Set<number>();
  fc.assert(
    fc.property(steps, (list) => {
      const table = new HeaderTable();
      const work: bigint[] = [];
      for (const [i, step] of list.entries()) {
        const parent = i === 0 ? -1 : step.parent % i;
        const made = header(ZERO, step.bits, i);
        expect(table.add(made.bytes, 0, made.hashBytes, 0)).toBe(i);
        table.link(i, parent, i);
        const sum = (work[parent] ?? 0n) + workOfBits(step.bits);
        work.push(BigInt.asUintN(256, sum));
        expect(table.chainWork(i)).toBe(work[i]);
      }
      for (const a of work.keys()) {
        for (const b of work.keys()) {
          const [x, y] = [work[a] as bigint, work[b] as bigint];
          const expected = x < y ? -1 : x > y ? 1 : 0;
          expect(Math.sign(table.compareWork(a, b))).toBe(expected);
          orders.add(expected);
        }
      }
    }),
  );
  expect([...orders].sort()).toEqual([-1, 0, 1]);
});

test("decides which header is the best, whatever comes first and however long the branches are (property)", () => {
  const steps = fc.array(fc.record({ parent: fc.nat(), bits }), { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(steps, (list) => {
      const tree = new HeaderTree(header(ZERO, 0x207fffff, 0));
      const nodes = [tree.genesis];
      const work = [workOfBits(0x207fffff)];
      for (const [i, step] of list.entries()) {
        const parent = step.parent % nodes.length;
        nodes.push(tree.add(header(nodes[parent]?.hash ?? ZERO, step.bits, i + 1)));
        work.push((work[parent] as bigint) + workOfBits(step.bits));
        fc.pre((work.at(-1) as bigint) < 1n << 256n);
        // Of the same work, the first that came.
        let best = 0;
        for (const [j, own] of work.entries()) if (own > (work[best] as bigint)) best = j;
        expect(tree.bestHeader).toBe(nodes[best]);
      }
    }),
  );
});
