import {
  nobleVerifier,
  type Outpoint,
  type SignatureVerifier,
  type Transaction,
} from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { MINER, makeBlock, summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { blockTemplate } from "../../src/mining/template.ts";
import {
  COIN_VALUE,
  coinbaseOf,
  grow,
  mine,
  openNode,
  output,
  params,
  spend,
} from "../support/chains.ts";
import { genesisCoin, removals, withCoins } from "../support/mempools.ts";

const HOUR = 60 * 60 * 1000;

describe("a reorganisation", () => {
  it("returns what was mined, before what depends on it, and keeps what still holds", async () => {
    const { chain, coins, events, clock } = await withCoins(4);
    const fork = chain.tip;
    const [a, b, c, d] = coins as [Outpoint, Outpoint, Outpoint, Outpoint];
    const first = spend([a], [10n]);
    const second = spend([output(first)], [9n]);
    const third = spend([output(second)], [8n]); // waits throughout
    const rival = spend([b], [7n]); // mined here, lost to the other branch
    const rivalChild = spend([output(rival)], [6n]);
    const shared = spend([c], [5n]); // in both branches
    const side = spend([d], [4n]);
    for (const each of [first, second, third, rivalChild, side].slice(0, 3)) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    const waitedSince = clock.now();
    let tip = await mine(chain, chain.tip, [first, rival, shared], 1);
    tip = await mine(chain, tip, [second], 1);
    for (const each of [rivalChild, side]) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    const reward = spend([coinbaseOf((await chain.getBlock(tip.hash))!)], [3n]); // gone with its block
    expect(summary(await chain.acceptTransaction(reward))).toBe("ok");
    clock.milliseconds += HOUR;
    events.length = 0;

    let other = await mine(chain, fork, [spend([b], [2n]), shared], 2);
    other = await grow(chain, other, 2, 2);
    expect(chain.tip).toBe(other);
    const waiting = [...chain.mempool.entries()].map(({ transaction }) => transaction.txid);
    expect(waiting).toEqual([first, second, third, side].map(({ txid }) => txid));
    expect(
      events.flatMap((event) =>
        event.type === "transaction-added" ? [event.transaction.txid] : [],
      ),
    ).toEqual([first.txid, second.txid]);
    expect(removals(events)).toEqual([
      [rivalChild.txid, "reorganisation"],
      [reward.txid, "reorganisation"],
    ]);
    expect(chain.mempool.get(third.txid)).toMatchObject({ time: waitedSince });
    expect(chain.mempool.get(third.txid)?.ancestors.count).toBe(3);
    // And all of it fits into the next block.
    const { block } = blockTemplate(chain, MINER.script);
    expect(block.transactions).toHaveLength(5);
  });

  /** A transaction with many outputs, and so many that spend one each. */
  const family = (coin: Outpoint, size: number) => {
    const parent = spend([coin], new Array<bigint>(size).fill(1000n));
    const children = parent.outputs.map((_, vout) => spend([output(parent, vout)], [900n]));
    return [parent, ...children];
  };
  const line = (coin: Outpoint, length: number) => {
    const all: Transaction[] = [];
    for (let from = coin; all.length < length; from = output(all.at(-1)!)) {
      all.push(spend([from], [1000n - BigInt(all.length)]));
    }
    return all;
  };

  it("limits the ancestors of what returns, and the descendants within a block that is declared invalid", async () => {
    const { chain, coins } = await withCoins(3);
    const [first, ...more] = family(coins[0]!, 20);
    const [wide, ...narrow] = family(coins[1]!, 30);
    const grandchildren = more.map((child) => spend([output(child)], [800n]));
    const start = await mine(chain, chain.tip, [first!, ...more, wide!, ...narrow], 1);
    await mine(chain, start, grandchildren, 1);
    await chain.invalidateBlock(start);
    // More than 25 depend on the first one, across blocks; of the 30 in one block, Core's carve-out adds one to 24.
    expect(chain.mempool.get(first!.txid)?.descendants.count).toBe(41);
    expect(chain.mempool.get(wide!.txid)?.descendants.count).toBe(26);
  });

  it("puts no more descendants back than may wait, and no more ancestors", async () => {
    const { chain, coins } = await withCoins(3);
    const fork = chain.tip;
    const [wide, ...narrow] = family(coins[0]!, 20);
    const grandchildren = narrow.map((child) => spend([output(child)], [800n]));
    const long = line(coins[1]!, 30);
    const start = await mine(chain, fork, [wide!, ...narrow, ...long.slice(0, 20)], 1);
    await mine(chain, start, grandchildren, 1);
    for (const each of long.slice(20)) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    await grow(chain, fork, 3, 2);
    expect(chain.mempool.get(wide!.txid)?.descendants.count).toBe(25);
    expect(long.filter(({ txid }) => chain.mempool.get(txid) !== undefined)).toHaveLength(25);
  });

  it("takes transactions back from ten blocks that are declared invalid", async () => {
    const { chain, coins } = await withCoins(12);
    const all = coins.map((coin) => spend([coin], [1n]));
    const first = chain.tip.height + 1;
    for (const each of all) await mine(chain, chain.tip, [each], 1);
    await chain.invalidateBlock(chain.tip.ancestor(first)!);
    const isBack = all.map(({ txid }) => chain.mempool.get(txid) !== undefined);
    expect(isBack).toEqual([false, false, ...new Array<boolean>(10).fill(true)]);
  });

  it("lets peers ask at once for what was in a block, and for the rest as before", async () => {
    const { chain, coins } = await withCoins(2);
    const [mined, waits] = [spend([coins[0]!], [1n]), spend([coins[1]!], [1n])];
    await chain.acceptTransaction(waits);
    const before = chain.mempool.get(waits.txid)!;
    await mine(chain, chain.tip, [mined], 1);
    await chain.invalidateBlock(chain.tip);
    expect(chain.mempool.get(mined.txid)?.arrival).toBe(-1);
    const after = chain.mempool.get(waits.txid)!;
    expect(after.arrival).toBe(before.arrival);
    expect(after.sequence).toBeGreaterThan(before.sequence);
  });

  it("drops what is too early on the other branch", async () => {
    const { chain, events } = await openNode({ params: { ...params, coinbaseMaturity: 2 } });
    const fork = chain.tip;
    const tip = await grow(chain, fork, 3, 1);
    const young = coinbaseOf((await chain.getBlock(tip.ancestor(2)!.hash))!);
    const late = spend([genesisCoin], [1n], { lockTime: 3, sequence: 0 });
    const early = spend([young], [2n]);
    for (const each of [late, early]) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    // More work with fewer blocks is not to be had here, so the branch is as high but its coinbases are others.
    await grow(chain, fork, 4, 2);
    expect(removals(events)).toEqual([[early.txid, "reorganisation"]]);
    expect(chain.mempool.get(late.txid)).toBeDefined();
  });

  it("does not ask again for fees, nor check scripts again", async () => {
    let count = 0;
    const verifier: SignatureVerifier = {
      ...nobleVerifier,
      verifyEcdsa: () => {
        count++;
        return true;
      },
    };
    const dear = { ...params, minRelayFeeRate: 1000n };
    const { chain } = await openNode({ params: dear, store: new MemoryStore(), verifier });
    const fork = chain.tip;
    const free = spend([genesisCoin], [COIN_VALUE]);
    await mine(chain, fork, [free], 1);
    const child = spend([output(free)], [COIN_VALUE - 1000n]);
    expect(summary(await chain.acceptTransaction(child))).toBe("ok");
    expect(count).toBe(2);
    await grow(chain, fork, 2, 2);
    expect([...chain.mempool.entries()].map(({ fee }) => fee)).toEqual([0n, 1000n]);
    // Only the one that never was in a mempool had to be held to its stricter rules.
    expect(count).toBe(3);
    const block = makeBlock({
      parent: chain.tip,
      params: dear,
      transactions: [free, child],
      reward: COIN_VALUE + 1000n,
    });
    expect(await chain.acceptBlock(block)).toMatchObject({ ok: true, connected: true });
    expect(count).toBe(3);
  });
});
