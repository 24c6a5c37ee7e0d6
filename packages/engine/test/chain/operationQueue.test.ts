import { Block, BlockHeader, CoreError } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { EngineError } from "../../src/errors.ts";
import { give, openNode, params } from "../support/chains.ts";

describe("living", () => {
  it("lives on after a caller handed it what can't be encoded", async () => {
    const { chain } = await openNode();
    const good = makeBlock({ parent: chain.tip, params });
    const bad = new BlockHeader({ ...good.header, time: -1 });
    await expect(chain.acceptBlock(new Block(bad, good.transactions))).rejects.toThrow(CoreError);
    await expect(chain.acceptHeaders([bad])).rejects.toThrow(CoreError);
    await give(chain, good);
    expect(chain.tip.hash).toBe(good.hash);
  });

  it("takes nothing after it is closed, and closes its store", async () => {
    const store = new MemoryStore();
    const { chain } = await openNode({ store });
    const block = makeBlock({ parent: chain.tip, params });
    const under = chain.acceptBlock(block);
    const closing = chain.close();
    expect(await under).toMatchObject({ ok: true, connected: true });
    await closing;
    await chain.close();
    await expect(chain.acceptBlock(block)).rejects.toBeInstanceOf(EngineError);
    await expect(chain.acceptBlock(block)).rejects.toMatchObject({ code: "closed" });
    await expect(store.readTip()).rejects.toMatchObject({ code: "closed" });
  });
});
