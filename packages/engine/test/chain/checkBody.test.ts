import { Block, type HeaderNode } from "@chain/core";
import { makeBlock, summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { COIN_VALUE, coinbaseOf, openNode, params, spend } from "../support/chains.ts";

const genesisCoin = coinbaseOf(params.genesis);

describe("refusing", () => {
  it("marks nothing where the body is not what the header commits to", async () => {
    const { chain } = await openNode();
    const block = makeBlock({
      parent: chain.tip,
      params,
      transactions: [spend([genesisCoin], [COIN_VALUE])],
    });
    const mutated = new Block(block.header, block.transactions.slice(0, 1));
    expect(summary(await chain.acceptBlock(mutated, { requested: true }))).toBe(
      "mutated: bad-txnmrklroot",
    );
    expect(await chain.acceptBlock(block, { requested: true })).toMatchObject({ connected: true });
  });

  it("says nothing of the header, nor of its children, where a block fails by itself", async () => {
    const { chain } = await openNode();
    const posing = spend([genesisCoin], [], {
      inputs: [{ prevout: genesisCoin, scriptSig: new Uint8Array(), sequence: 0, witness: [] }],
      outputs: [{ value: 1n, scriptPubKey: new Uint8Array(4) }],
    });
    expect(posing.baseSize).toBe(64);
    // The first may be an inner node of another body's merkle tree.
    for (const coinbase of [posing, spend([genesisCoin], [1n])]) {
      const block = makeBlock({ parent: chain.tip, params, coinbase });
      const unknown = await chain.acceptBlock(block, { requested: true });
      expect(unknown).toMatchObject({ ok: false, reason: "bad-cb-missing" });
      expect(chain.headers.get(block.hash)).toBeUndefined();
      expect(await chain.acceptHeaders([block.header])).toMatchObject({ ok: true });
      const verdict = await chain.acceptBlock(block, { requested: true });
      expect(verdict).toMatchObject({ ok: false, reason: "bad-cb-missing" });
      const node = chain.headers.get(block.hash) as HeaderNode;
      expect(node.invalidReason).toBeUndefined();
      const child = makeBlock({ parent: node, params });
      expect(await chain.acceptHeaders([child.header])).toMatchObject({ ok: true });
    }
  });
});
