import type { Coin, Outpoint } from "@chain/core";
import { MemoryStore, StorageError } from "@chain/storage";
import { payment, TestChain } from "@chain/testing/blockFactory";
import { expect, it } from "vitest";
import { COIN_VALUE, openNode, params } from "../support/chains.ts";

/** A disk that has lost all coins of one transaction, and finds that when it is asked to verify itself. */
class LosingStore extends MemoryStore {
  lost: string | undefined;

  override async getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    const coins = await super.getCoins(outpoints);
    return coins.map((coin, i) => (outpoints[i]?.txid === this.lost ? undefined : coin));
  }

  override async verify(): Promise<void> {
    if (this.lost !== undefined) throw new StorageError("corrupt", "a table is damaged");
  }

  override async close(): Promise<void> {}
}

it("a block that spends a vanished coin is not refused, and connects once the disk is mended", async () => {
  const chain = new TestChain(params);
  const first = chain.mine();
  chain.mine();
  const coins = [chain.coinbaseCoin(1)];
  const outputs = [{ value: COIN_VALUE, scriptPubKey: Uint8Array.of(0x51) }];
  const spends = chain.mine({ transactions: [payment({ coins, outputs })] });
  const store = new LosingStore();
  const { chain: damaged, events } = await openNode({ store });
  for (const block of chain.blocks.slice(1, -1)) await damaged.acceptBlock(block);

  store.lost = first.transactions[0]?.txid;
  await expect(damaged.acceptBlock(spends)).rejects.toMatchObject({ code: "corrupt" });
  const node = damaged.headers.get(spends.hash);
  expect(node && damaged.headers.isInvalid(node)).toBe(false);
  expect(events.some(({ type }) => type === "block-refused")).toBe(false);
  await damaged.close();

  store.lost = undefined;
  const { chain: mended } = await openNode({ store });
  expect(mended.tip.hash).toBe(spends.hash);
  await mended.close();
});

it("a block that spends what never was is refused as ever", async () => {
  const chain = new TestChain(params);
  chain.mine();
  const coins = [
    { ...chain.coinbaseCoin(1), outpoint: { txid: "ab".repeat(32) as never, vout: 0 } },
  ];
  const outputs = [{ value: COIN_VALUE, scriptPubKey: Uint8Array.of(0x51) }];
  const bad = chain.next({ transactions: [payment({ coins, outputs })] });
  const { chain: node } = await openNode();
  for (const block of chain.blocks.slice(1)) await node.acceptBlock(block);
  expect(await node.acceptBlock(bad)).toMatchObject({
    ok: false,
    reason: "bad-txns-inputs-missingorspent",
  });
  await node.close();
});
