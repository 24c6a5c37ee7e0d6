import { TestChain } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { MSG_WITNESS_BLOCK } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { UploadBudget } from "../../../src/net/peer/uploadBudget.ts";

const NOW = 1_700_000_000_000;

describe("an upload budget", () => {
  const DAY = 24 * 3_600_000;
  const BLOCKS_OF_A_DAY = 144 * 4_000_000;

  it("has no end by default", () => {
    const budget = new UploadBudget();
    budget.sent(1e15, NOW);
    expect(budget.isReached(NOW, true)).toBe(false);
  });

  it("leaves room for the blocks of the rest of the day, and begins anew with the next", () => {
    const budget = new UploadBudget(BLOCKS_OF_A_DAY + 1_000);
    budget.sent(999, NOW);
    expect(budget.isReached(NOW, true)).toBe(false);
    budget.sent(1, NOW);
    expect([budget.isReached(NOW, true), budget.isReached(NOW, false)]).toEqual([true, false]);
    // Ten minutes later there is one block less to come.
    expect(budget.isReached(NOW + 600_000, true)).toBe(false);
    budget.sent(BLOCKS_OF_A_DAY, NOW + 600_000);
    expect(budget.isReached(NOW + 600_000, false)).toBe(true);
    expect(budget.state(NOW + 600_000)).toEqual({
      target: BLOCKS_OF_A_DAY + 1_000,
      sent: BLOCKS_OF_A_DAY + 1_000,
      left: 0,
      endsIn: DAY - 600_000,
      reached: true,
      servesOld: false,
    });
    expect(budget.isReached(NOW + DAY, false)).toBe(false);
    expect(budget.state(NOW + DAY).sent).toBe(0);
    // A clock that is set back begins a new day as well.
    budget.sent(5, NOW - 10 * DAY);
    expect(budget.state(NOW - 10 * DAY)).toMatchObject({ sent: 5, endsIn: DAY });
  });

  async function spent(): Promise<{ network: TestNetwork; node: TestNode; source: TestChain }> {
    const network = new TestNetwork();
    const node = await network.add("node", { maxUpload: 1 });
    const source = new TestChain(network.params);
    source.mine();
    source.mine({ header: { time: source.tip.header.time + 8 * 24 * 3600 } });
    for (const block of source.blocks.slice(1)) {
      await network.during(node.chain.acceptBlock(block, { requested: true }));
    }
    return { network, node, source };
  }

  it("once spent, gives new blocks and no old ones", async () => {
    const { network, node, source } = await spent();
    const [, old, fresh] = source.blocks;
    if (old === undefined || fresh === undefined) throw new Error("no blocks");
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash: fresh.hash }] });
    await stranger.hears("block");
    stranger.say({ command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash: old.hash }] });
    await stranger.isDropped();
  });
});
