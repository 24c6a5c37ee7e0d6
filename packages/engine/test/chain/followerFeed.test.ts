import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import type { Following } from "../../src/chain/follower.ts";
import { grow, openNode, params } from "../support/chains.ts";
import { DamagedStore } from "../support/damagedStore.ts";
import { EMPTY, expectInStep, TransactionIndex } from "../support/transactionIndex.ts";

/** Resolves at the next change of state of a follower. */
async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 1 }).toBe(true);
}

describe("a follower that is behind", () => {
  it("of a long chain is handed a hundred blocks at a time, and the chain does not wait for it", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 250);
    const index = new TransactionIndex();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    index.gate = () => gate;
    const following = await chain.follow(index);
    expect(following).toMatchObject({ state: "catching-up", position: undefined });
    await grow(chain, chain.tip, 5); // answered, though the follower does not move
    expect(following.goal).toEqual({ hash: chain.tip.hash, height: 255 });
    open();
    await following.caughtUp;
    expect(index.calls).toEqual([100, 100, 56]);
    expect(following).toMatchObject({ state: "at-tip", position: following.goal });
    await expectInStep(chain, index);
  });

  it("that throws while it catches up is reported as well", async () => {
    const { chain, events } = await openNode();
    const index = new TransactionIndex();
    index.gate = () => Promise.reject(new Error("no room"));
    const following = await chain.follow(index);
    await expect(following.caughtUp).rejects.toThrow("no room");
    expect(following.state).toBe("failed");
    expect(events.at(-1)).toMatchObject({ type: "follower-failed", why: "no room" });
  });

  it("stops in the midst of it, after the call that is under way", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 250);
    const index = new TransactionIndex();
    let stopped: Promise<void> = Promise.resolve();
    let following: Following | undefined;
    index.gate = () => {
      if (index.calls.length === 1) stopped = following?.stop() as Promise<void>;
    };
    following = await chain.follow(index);
    await expect(following.caughtUp).rejects.toMatchObject({ code: "closed" });
    await stopped;
    expect(index.disk.position?.height).toBe(199);
    expect(following).toMatchObject({ state: "stopped", position: index.disk.position });
    await grow(chain, chain.tip, 1);
    expect(index.calls).toEqual([100, 100]);
    await (await chain.follow(index)).caughtUp;
    await expectInStep(chain, index);
  });

  it("is stopped before the store is closed", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 250);
    const index = new TransactionIndex();
    const following = await chain.follow(index);
    await until(() => index.calls.length > 0);
    await chain.close();
    expect(following.state).toBe("stopped");
    expect(following.position).toEqual(index.disk.position);
    await expect(chain.follow(index)).rejects.toMatchObject({ code: "closed" });
  });
});

describe("the position of a follower", () => {
  it("has to be a block that the chain knows", async () => {
    const { chain } = await openNode();
    const hash = "ab".repeat(32) as never;
    const index = new TransactionIndex({ disk: { ...EMPTY, position: { hash, height: 3 } } });
    await expect(chain.follow(index)).rejects.toMatchObject({
      code: "unknown-position",
      message: `the transaction index stands at block ${hash} at height 3, which this chain does not know`,
    });
  });

  /** An index that has five blocks, of which another chain knows but the headers. */
  async function ahead() {
    const { chain: first } = await openNode();
    const tip = await grow(first, first.tip, 5);
    const index = new TransactionIndex();
    await (await first.follow(index)).caughtUp;
    const blocks = await Promise.all(
      [1, 2, 3, 4, 5].map((height) => first.getBlock(tip.ancestor(height)?.hash as never)),
    );
    const { chain } = await openNode();
    await chain.acceptHeaders(blocks.map((block) => block?.header as never));
    index.calls.length = 0;
    return { chain, index, blocks };
  }

  it("may be ahead of a chain that has lost its last blocks: then it waits for them", async () => {
    const { chain, index, blocks } = await ahead();
    const following = await chain.follow(index);
    await until(() => following.state === "waiting");
    for (const block of blocks) await chain.acceptBlock(block as never);
    await following.caughtUp;
    expect(index.calls).toEqual([]);
    await grow(chain, chain.tip, 1);
    await expectInStep(chain, index);
  });

  it("is of no use where the chain goes another way, and has no undo data of the block", async () => {
    const { chain, index, blocks } = await ahead();
    const following = await chain.follow(index);
    await chain.acceptBlock(blocks[0] as never);
    await grow(chain, chain.tip, 5, 1);
    await expect(following.caughtUp).rejects.toMatchObject({ code: "unknown-position" });
    expect(following.state).toBe("failed");
    expect(index.disk.position?.height).toBe(5);
  });

  it("stays where a block can't be read, until a peer has sent it again", async () => {
    const store = new DamagedStore();
    const { chain } = await openNode({ store });
    const tip = await grow(chain, chain.tip, 5);
    const third = await chain.getBlock(tip.ancestor(3)?.hash as never);
    store.damaged.add(third?.hash as never);
    const index = new TransactionIndex();
    const following = await chain.follow(index);
    await until(() => following.state === "waiting");
    expect(following.position?.height).toBe(2);
    await chain.acceptBlock(makeBlock({ parent: tip, params }), { requested: true });
    await chain.acceptBlock(third as never);
    await following.caughtUp;
    await expectInStep(chain, index);
  });
});
