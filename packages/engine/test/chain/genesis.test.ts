import { type AncestorView, Block } from "@chain/core";
import { type ChainStore, MemoryStore } from "@chain/storage";
import { coinbaseTransaction, makeBlock, testKey, unsolve } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { COIN_VALUE, openNode, params } from "../support/chains.ts";
import { SessionStore } from "../support/sessionStore.ts";

function chainView(genesis: Block): AncestorView {
  return {
    ...genesis.header,
    height: -1,
    hash: genesis.hash,
    medianTimePast: 0,
    ancestor: () => undefined,
  };
}

describe("opening", () => {
  it("refuses the store of another chain, and a genesis block that breaks its own rules", async () => {
    const disk = new MemoryStore();
    await openNode({ store: new SessionStore(disk) });
    const { genesis } = params;
    const coinbase = (extra: number) =>
      coinbaseTransaction(0, [{ value: COIN_VALUE, scriptPubKey: testKey(1).script }], extra);
    const open = (block: Block, target: ChainStore = new MemoryStore()) =>
      openNode({ store: target, params: { ...params, genesis: block } });
    const parent = { ...chainView(genesis) };
    const remade = (options: object) =>
      makeBlock({
        parent,
        params,
        coinbase: coinbase(1),
        ...options,
        header: {
          previousHash: "00".repeat(32) as typeof genesis.hash,
          ...("header" in options ? (options.header as object) : {}),
        },
      });
    await expect(open(remade({}), new SessionStore(disk))).rejects.toMatchObject({
      code: "wrong-chain",
    });
    const unworked = new Block(unsolve(genesis.header, params), genesis.transactions);
    for (const [block, why] of [
      [unworked, "high-hash"],
      [remade({ header: { previousHash: "11".repeat(32) } }), "it has a parent"],
      [remade({ header: { bits: 0x207ffffe } }), "its target is not that of the network"],
      [remade({ transactions: [coinbase(2)] }), "it has to hold one transaction"],
      [remade({ coinbase: coinbaseTransaction(7, [], 0) }), "bad-txns-vout-empty"],
      [
        remade({
          coinbase: coinbaseTransaction(7, [{ value: 1n, scriptPubKey: testKey(1).script }]),
        }),
        "bad-cb-height",
      ],
      [
        remade({
          coinbase: coinbaseTransaction(0, [
            { value: COIN_VALUE + 1n, scriptPubKey: testKey(1).script },
          ]),
        }),
        "bad-cb-amount",
      ],
    ] as const) {
      await expect(open(block)).rejects.toMatchObject({
        code: "bad-genesis",
        message: `the genesis block is not valid: ${why}`,
      });
    }
    await expect(open(remade({}))).resolves.toBeDefined();
  });
});
