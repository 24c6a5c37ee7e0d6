import { type Block, type HeaderNode, outpointKey } from "@chain/core";
import { MemoryKeyValueStore } from "@chain/storage";
import { describe, expect, it, test } from "vitest";
import { followChain } from "../src/followChain.ts";
import { SpenderIndex } from "../src/spenderIndex.ts";
import { openChain, spending, type TestChain } from "./support/chain.ts";
import { overHistories } from "./support/history.ts";

/** The spender of each output of the best chain, by reading all blocks. */
async function naiveSpenders({ chain }: TestChain): Promise<ReadonlyMap<string, unknown>> {
  const spenders = new Map<string, unknown>();
  for (let node: HeaderNode | undefined = chain.tip; node !== undefined; node = node.parent) {
    const { transactions } = (await chain.getBlock(node.hash)) as Block;
    for (const [position, { txid, inputs }] of transactions.entries()) {
      for (const { prevout } of inputs) {
        spenders.set(outpointKey(prevout), { txid, hash: node.hash, position });
      }
    }
  }
  return spenders;
}

async function expectExact(test: TestChain, index: SpenderIndex, blocks: readonly Block[]) {
  const spenders = await naiveSpenders(test);
  for (const { txid, outputs } of blocks.flatMap(({ transactions }) => transactions)) {
    for (const vout of outputs.keys()) {
      const found = await index.find({ txid, vout });
      const place = found && {
        txid: found.transaction.txid,
        hash: found.node.hash,
        position: found.position,
      };
      expect(place, `${txid}:${vout}`).toEqual(spenders.get(outpointKey({ txid, vout })));
    }
  }
}

describe("the index of spenders", () => {
  it("finds exactly what the best chain has spent, whatever it had when it began", async () => {
    await overHistories((records, { chain }) => new SpenderIndex(records, chain), expectExact);
  });

  test("finds a spender by the whole outpoint alone", async () => {
    const own = await openChain();
    const { chain, log } = own;
    const records = new MemoryKeyValueStore();
    const running = await followChain(new SpenderIndex(records, chain), { chain, records, log });
    const [block] = await own.grow(1);
    const payment = spending(block as Block, 1);
    await own.add([payment]);
    const { txid, vout } = payment.inputs[0]?.prevout ?? expect.unreachable();
    const { index } = running;
    expect(await index.find({ txid, vout })).toMatchObject({ position: 1, node: { height: 2 } });
    const alike = `${"0".repeat(40)}${txid.slice(40)}` as typeof txid;
    expect(await index.find({ txid: alike, vout })).toBeUndefined();
    expect(await index.find({ txid, vout: vout + 1 })).toBeUndefined();
    expect(await index.find({ txid, vout: vout + 0x100_0000 })).toBeUndefined();
    // The input of a coinbase names no output.
    const [coinbase] = block?.transactions ?? [];
    expect(await index.find(coinbase?.inputs[0]?.prevout ?? expect.unreachable())).toBeUndefined();
  });
});
