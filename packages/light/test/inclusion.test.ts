import { Block, BlockHeader, merkleRoot, Transaction, type Txid } from "@chain/core";
import { inclusionProof, isFilterOf, verifyInclusion } from "@chain/light";
import { easyDevnet, MINER, makeBlock, payment, TestChain } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** A block of so many transactions, which need not be valid. */
function blockOf(count: number): Block {
  const chain = new TestChain(easyDevnet());
  const coin = chain.coinbaseCoin(0);
  const transactions = Array.from({ length: count - 1 }, (_, i) =>
    payment({ coins: [coin], outputs: [{ value: BigInt(i), scriptPubKey: MINER.script }] }),
  );
  return makeBlock({ parent: chain.tip, params: chain.params, transactions });
}

describe("a proof of inclusion", () => {
  test("holds for every transaction of a block of any size, and for no other", () => {
    for (const count of [1, 2, 3, 4, 5, 7, 8, 11]) {
      const block = blockOf(count);
      const proofs = block.transactions.map(({ txid }) => inclusionProof(block, txid));
      block.transactions.forEach((transaction, i) => {
        proofs.forEach((proof, j) => {
          expect(verifyInclusion(transaction, proof, block.header), `${i} by ${j}`).toBe(i === j);
        });
      });
    }
  });

  test("does not hold once a bit of it is changed", () => {
    const block = blockOf(6);
    const [, transaction] = block.transactions as [Transaction, Transaction];
    const proof = inclusionProof(block, transaction.txid);
    fc.assert(
      fc.property(fc.nat(proof.siblings.length - 1), fc.nat(63), fc.nat(15), (level, at, digit) => {
        const sibling = proof.siblings[level] as string;
        const changed = sibling.slice(0, at) + digit.toString(16) + sibling.slice(at + 1);
        const siblings = proof.siblings.with(level, changed as Txid);
        const holds = verifyInclusion(transaction, { ...proof, siblings }, block.header);
        expect(holds).toBe(changed === sibling);
      }),
    );
    for (const index of [0, 2, 3, 6, 9, -1]) {
      expect(verifyInclusion(transaction, { ...proof, index }, block.header)).toBe(false);
    }
  });

  test("is not given by a node of the tree that passes for a transaction of 64 bytes (CVE-2017-12842)", () => {
    const inputs = [
      {
        prevout: { txid: "11".repeat(32) as Txid, vout: 0 },
        scriptSig: new Uint8Array(0),
        sequence: 0,
        witness: [],
      },
    ];
    const outputs = [{ value: 0n, scriptPubKey: new Uint8Array(4) }];
    const forged = new Transaction({ version: 1, inputs, outputs, lockTime: 0 });
    expect(forged.baseSize).toBe(64);
    const { header: fields } = blockOf(1);
    const header = new BlockHeader({ ...fields, merkleRoot: merkleRoot([forged.txid]).root });
    const proof = { blockHash: header.hash, index: 0, siblings: [] };
    expect(verifyInclusion(forged, proof, header)).toBe(false);
  });

  test("of a transaction that the block does not have is an error", () => {
    const block = blockOf(2);
    expect(() => inclusionProof(block, "22".repeat(32) as Txid)).toThrow(
      expect.objectContaining({ code: "unknown-transaction" }),
    );
  });
});

test("an empty filter is that of a block without scripts alone", () => {
  const block = blockOf(2);
  expect(isFilterOf(Uint8Array.of(0), block, [])).toBe(false);
  expect(isFilterOf(Uint8Array.of(0), new Block(block.header, []), [])).toBe(true);
});
