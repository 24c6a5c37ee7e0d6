/** The path of one transaction: what a light node writes is what a full node writes for the same block, and reads. */
import { bytesToHex, hexToBytes } from "@chain/core";
import { decodeMerkleBlock, encodeMerkleBlock, inclusionProof } from "@chain/light";
import { easyDevnet, MINER, makeBlock, payment, TestChain } from "@chain/testing/blockFactory";
import { expect, test } from "vitest";
import { encodeMerkleProof, requireMerkleProof } from "../src/describe/merkleBlock.ts";

function blockOf(count: number) {
  const chain = new TestChain(easyDevnet());
  const coin = chain.coinbaseCoin(0);
  const transactions = Array.from({ length: count - 1 }, (_, i) =>
    payment({ coins: [coin], outputs: [{ value: BigInt(i), scriptPubKey: MINER.script }] }),
  );
  return makeBlock({ parent: chain.tip, params: chain.params, transactions });
}

test("both write the same bytes, and both read them, for blocks of any size", () => {
  for (const count of [1, 2, 3, 5, 6, 7, 9, 13]) {
    const block = blockOf(count);
    block.transactions.forEach((transaction, index) => {
      const { txid } = transaction;
      const proof = inclusionProof(block, txid);
      const bytes = encodeMerkleBlock(
        { transaction, proof, transactionCount: count },
        block.header,
      );
      expect(bytesToHex(bytes)).toBe(bytesToHex(encodeMerkleProof(block, new Set([txid]))));
      expect(requireMerkleProof(bytes).matches).toMatchObject([{ txid, index }]);
      const { siblings } = proof;
      expect(decodeMerkleBlock(bytes)).toMatchObject({
        txid,
        index,
        transactionCount: count,
        siblings,
      });
    });
  }
});

test("a proof with a byte changed, cut off or added proves nothing; and so does one of two transactions or none", () => {
  const block = blockOf(6);
  const [coinbase, second] = block.transactions.map(({ txid }) => txid);
  if (coinbase === undefined || second === undefined) throw new RangeError("two are there");
  const good = encodeMerkleProof(block, new Set([second]));
  expect(decodeMerkleBlock(good)?.txid).toBe(second);
  for (let at = 0; at < good.length; at++) {
    const bad = good.with(at, (good[at] ?? 0) ^ 0x10);
    const read = decodeMerkleBlock(bad);
    // Other fields of the header belong to another header with the same root.
    const isOtherHeader = at < 36 || (at >= 68 && at < 80);
    expect(read?.header.hash === block.hash && read?.txid === second, `byte ${at}`).toBe(false);
    if (!isOtherHeader) expect(read, `byte ${at}`).toBeUndefined();
    expect(decodeMerkleBlock(good.slice(0, at))).toBeUndefined();
  }
  expect(decodeMerkleBlock(hexToBytes(`${bytesToHex(good)}00`))).toBeUndefined();
  expect(decodeMerkleBlock(encodeMerkleProof(block, new Set([coinbase, second])))).toBeUndefined();
  expect(decodeMerkleBlock(encodeMerkleProof(block, new Set()))).toBeUndefined();
});
