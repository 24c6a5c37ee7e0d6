import { type Block, type HeaderNode, HeaderTree, nobleVerifier } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import {
  type BlockOptions,
  makeBlock,
  payment,
  summary,
  testKey,
} from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import {
  COIN_VALUE,
  coinbaseCoin,
  coinbaseOf,
  coinsHash,
  give,
  grow,
  mine,
  openNode,
  output,
  params,
  spend,
  trustingVerifier,
} from "../support/chains.ts";
import { SessionStore } from "../support/sessionStore.ts";

const genesisCoin = coinbaseOf(params.genesis);

const DAY = 24 * 60 * 60;

describe("choosing", () => {
  it("stays with the first of two equals, and moves when the other grows", async () => {
    const { chain, events } = await openNode();
    const first = await grow(chain, chain.tip, 1, 1);
    const second = await grow(chain, chain.headers.genesis, 1, 2);
    expect(chain.tip).toBe(first);
    events.length = 0;
    const longer = await grow(chain, second, 1, 2);
    expect(chain.tip).toBe(longer);
    expect(events.map((event) => ("height" in event ? [event.type, event.height] : []))).toEqual([
      ["block-disconnected", 1],
      ["block-connected", 1],
      ["block-connected", 2],
      ["tip-changed", 2],
    ]);
  });

  it("reorganises 100 blocks to the very coins of a node that never saw the other branch", async () => {
    const { chain } = await openNode();
    let tip = chain.tip;
    let coin = genesisCoin;
    for (let height = 1; height <= 100; height++) {
      // Each block spends what the one before made, and one output within itself.
      const outer = spend([coin], [COIN_VALUE - 5n * BigInt(height), 5n]);
      const inner = spend([output(outer, 1)], [5n]);
      tip = await mine(chain, tip, [outer, inner], height);
      coin = output(outer);
    }
    expect(chain.tip.height).toBe(100);

    const other = (await openNode()).chain;
    const goal = await grow(other, await mine(other, other.tip, [spend([genesisCoin], [3n])]), 100);
    for (let height = 1; height <= 101; height++) {
      const { hash } = goal.ancestor(height) as HeaderNode;
      await give(chain, (await other.getBlock(hash)) as Block);
    }
    expect(chain.tip.hash).toBe(goal.hash);
    expect(await coinsHash(chain)).toBe(await coinsHash(other));
    expect((await chain.coinStatistics()).count).toBe((await other.coinStatistics()).count);
  });

  it.each([
    ["at its beginning", 1],
    ["in its middle", 3],
    ["at its end", 5],
  ])("changes nothing where a better branch is invalid %s", async (_, badHeight) => {
    const disk = new MemoryStore();
    const { chain, events } = await openNode({ store: new SessionStore(disk) });
    const tip = await grow(chain, chain.tip, 4, 1);
    const before = await coinsHash(chain);
    events.length = 0;

    let node = chain.headers.genesis;
    let bad: Block | undefined;
    for (let height = 1; height <= 5; height++) {
      const reward = height === badHeight ? COIN_VALUE + 1n : COIN_VALUE;
      const block = makeBlock({ parent: node, params, reward, extra: 2 });
      if (height === badHeight) bad = block;
      const verdict = await chain.acceptBlock(block, { requested: true });
      const isLast = height === 5;
      // Only the block that makes the branch better brings it out.
      const own = isLast && badHeight === 5;
      expect(summary(verdict)).toBe(own ? "consensus: bad-cb-amount" : "ok");
      node = chain.headers.get(block.hash) as HeaderNode;
    }
    expect(chain.tip).toBe(tip);
    expect(await coinsHash(chain)).toBe(before);
    const hash = (bad as Block).hash;
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "block-refused",
        hash,
        refusal: expect.objectContaining({ reason: "bad-cb-amount" }),
      }),
    );
    expect(events.some(({ type }) => type === "tip-changed")).toBe(false);
    expect(node.invalidReason).toBe(badHeight === 5 ? "bad-cb-amount" : "bad-prevblk");
    expect(summary(await chain.acceptBlock(bad as Block))).toBe(
      "cached-invalid: duplicate-invalid",
    );
    const child = makeBlock({ parent: node, params });
    expect(summary(await chain.acceptBlock(child))).toBe("invalid-parent: bad-prevblk");

    // Remembered for ever, and the next best branch is found.
    await chain.close();
    const again = (await openNode({ store: new SessionStore(disk) })).chain;
    expect(summary(await again.acceptBlock(bad as Block))).toBe(
      "cached-invalid: duplicate-invalid",
    );
    expect(again.tip.hash).toBe(tip.hash);
  });

  it("checks the scripts of a block once, however often it is disconnected and connected", async () => {
    let count = 0;
    const verifier = { ...trustingVerifier, verifyEcdsa: () => ++count > 0 };
    const disk = new MemoryStore();
    const { chain } = await openNode({ store: new SessionStore(disk), verifier });
    const { genesis } = chain.headers;
    const one = await mine(chain, genesis, [spend([genesisCoin], [1n])], 1);
    const two = await grow(
      chain,
      await mine(chain, genesis, [spend([genesisCoin], [2n])], 2),
      1,
      2,
    );
    expect(chain.tip).toBe(two);
    expect(count).toBe(2);
    await grow(chain, one, 2, 1);
    expect(chain.tip.height).toBe(3);
    const again = (await openNode({ store: new SessionStore(disk), verifier })).chain;
    const back = await grow(again, again.headers.get(two.hash) as HeaderNode, 2, 2);
    expect(again.tip).toBe(back);
    expect(count).toBe(2);
  });

  it("turns to the next best branch when the best is invalid", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 2, 1);
    const good = await grow(chain, chain.headers.genesis, 2, 2);
    const root = await grow(chain, chain.headers.genesis, 1, 3);
    const bad = makeBlock({ parent: root, params, reward: COIN_VALUE + 1n });
    const badNode = await give(chain, bad);
    const best = await chain.acceptHeaders([makeBlock({ parent: good, params, extra: 2 }).header]);
    expect(best.ok).toBe(true);
    // The bad branch gets ahead with a block whose coming also completes nothing else.
    const top = makeBlock({ parent: badNode, params });
    const longer = makeBlock({ parent: good, params, extra: 2 });
    expect(await chain.acceptBlock(top, { requested: true })).toMatchObject({ connected: false });
    expect(chain.headers.isInvalid(badNode)).toBe(true);
    const node = await give(chain, longer);
    expect(chain.tip).toBe(node);
  });
});

describe("refusing", () => {
  describe("below a block that is assumed to be valid", () => {
    // A block stands for two weeks of work here, so one needs two above it.
    const slow = { ...params, targetSpacing: 14 * DAY };
    const forged = payment({
      coins: [coinbaseCoin(params.genesis, 0)],
      outputs: [{ value: COIN_VALUE, scriptPubKey: testKey(1).script }],
      key: { ...testKey(2), publicKey: testKey(0).publicKey },
    });

    /** A node that got all headers and then the bodies of a chain with one odd block, and assumes the last valid. */
    async function sync(height: number, odd: Partial<BlockOptions>, assume = true) {
      const tree = new HeaderTree(params.genesis.header);
      const blocks: Block[] = [];
      for (let node = tree.genesis; node.height < 4; ) {
        const options = node.height + 1 === height ? odd : {};
        const block = makeBlock({ parent: node, params, ...options });
        blocks.push(block);
        node = tree.add(block.header);
      }
      const assumeValid = assume ? blocks.at(-1)?.hash : undefined;
      const { chain } = await openNode({
        params: { ...slow, assumeValid },
        verifier: nobleVerifier,
      });
      await chain.acceptHeaders(blocks.map(({ header }) => header));
      for (const block of blocks) await chain.acceptBlock(block, { requested: true });
      return chain;
    }

    it("scripts are not run", async () => {
      const chain = await sync(2, { transactions: [forged] });
      expect(chain.tip.height).toBe(4);
      const [coin] = await chain.getCoins([output(forged)]);
      expect(coin).toMatchObject({ value: COIN_VALUE, height: 2 });
    });

    it.each([
      ["without such a block", 2, false],
      ["with too little work above", 3, true],
    ])("they are run %s", async (_, height, assume) => {
      const chain = await sync(height, { transactions: [forged] }, assume);
      expect(chain.tip.height).toBe(height - 1);
    });

    it("all else is checked", async () => {
      const chain = await sync(2, { reward: COIN_VALUE + 1n });
      expect(chain.tip.height).toBe(1);
    });
  });
});
