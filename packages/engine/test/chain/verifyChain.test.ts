import { type Coin, type Outpoint, outpointKey } from "@chain/core";
import { payment, TestChain } from "@chain/testing/blockFactory";
import { describe, expect, onTestFinished, test } from "vitest";
import { COIN_VALUE, openNode, params } from "../support/chains.ts";
import { DamagedStore } from "../support/damagedStore.ts";

/** A disk that has lost single coins as well. */
class LosingStore extends DamagedStore {
  readonly lost: Set<string> = new Set();

  override async getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    const coins = await super.getCoins(outpoints);
    return coins.map((coin, i) => {
      const outpoint = outpoints[i];
      return outpoint !== undefined && this.lost.has(outpointKey(outpoint)) ? undefined : coin;
    });
  }
}

/** Five blocks; the last one spends the reward of the first. */
async function start(refused = false) {
  const made = new TestChain(params);
  for (let i = 0; i < 4; i++) made.mine();
  const coins = [made.coinbaseCoin(1)];
  const outputs = [{ value: COIN_VALUE, scriptPubKey: Uint8Array.of(0x51) }];
  made.mine({ transactions: [payment({ coins, outputs })] });
  const store = new LosingStore();
  let trusts = true;
  const verifier = {
    name: "no-op",
    verifyEcdsa: () => trusts,
    verifySchnorr: () => trusts,
    checkTaprootTweak: () => trusts,
  };
  const { chain } = await openNode({ store, verifier });
  onTestFinished(() => chain.close());
  for (const block of made.blocks.slice(1)) await chain.acceptBlock(block);
  expect(chain.tip.height).toBe(5);
  if (refused) trusts = false;
  return { chain, store, made };
}

const whole = { ok: true, isComplete: true };

describe("the verification of a chain", () => {
  test("finds nothing in a good one, at any level", async () => {
    const { chain } = await start();
    for (const level of [0, 1, 2, 3, 4]) {
      const disconnected = level < 3 ? 0 : 5;
      const seen: number[] = [];
      const onProgress = (done: number, total: number) => void seen.push(done, total);
      const result = await chain.verify({ level, onProgress });
      expect(result).toEqual({ ...whole, blocks: 5, disconnected });
      expect(seen).toEqual([1, 5, 2, 5, 3, 5, 4, 5, 5, 5]);
    }
    expect(await chain.verify({ blocks: 2 })).toEqual({ ...whole, blocks: 2, disconnected: 2 });
    expect(await chain.verify({ blocks: 0 })).toMatchObject({ blocks: 5 });
    // Nothing was changed by it.
    expect(chain.tip.height).toBe(5);
  });

  test("finds each kind of damage at the level that looks for it", async () => {
    const { chain, store, made } = await start();
    const [second, last] = [made.blocks[2], made.blocks[5]];
    if (second === undefined || last === undefined) expect.unreachable();
    const failure = (height: number, why: string) => ({ ok: false, node: { height }, why });

    store.damagedUndo.add(second.hash);
    expect(await chain.verify({ level: 1 })).toMatchObject(whole);
    expect(await chain.verify({ level: 2, blocks: 3 })).toMatchObject(whole);
    expect(await chain.verify({ level: 2 })).toMatchObject(failure(2, "rev00000.dat is damaged"));
    store.damagedUndo.clear();

    const txid = last.transactions[1]?.txid ?? expect.unreachable();
    store.lost.add(outpointKey({ txid, vout: 0 }));
    expect(await chain.verify({ level: 2 })).toMatchObject(whole);
    const why = `block ${last.hash}: output ${txid}:0 is not among the coins`;
    expect(await chain.verify({ level: 3 })).toMatchObject(failure(5, why));
    store.lost.clear();

    store.damaged.add(second.hash);
    expect(await chain.verify({ level: 0 })).toMatchObject(failure(2, "blk00000.dat is damaged"));
  });

  test("runs the scripts again at the deepest level alone", async () => {
    const { chain } = await start(true);
    expect(await chain.verify({ level: 3 })).toMatchObject(whole);
    expect(await chain.verify({ level: 4 })).toMatchObject({ ok: false, node: { height: 5 } });
  });

  test("takes blocks meanwhile, and ends when its caller has gone", async () => {
    const { chain, made } = await start();
    const signal = { aborted: false };
    let height = 0;
    const verifying = chain.verify({
      level: 4,
      signal,
      onProgress: (done) => {
        if (done === 1) void chain.acceptBlock(made.mine()).then(() => (height = chain.tip.height));
      },
    });
    expect(await verifying).toMatchObject({ ok: true, blocks: 5, disconnected: 5 });
    await chain.run(async () => {});
    expect(height).toBe(6);
    signal.aborted = true;
    expect(await chain.verify({ level: 4, signal })).toMatchObject({ ok: true, isComplete: false });
  });
});
