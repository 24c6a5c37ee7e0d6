import { makeBlock, summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { openNode, params } from "../support/chains.ts";

describe("acceptHeader", () => {
  it("takes a block from the future once its time has come", async () => {
    const { chain, clock } = await openNode();
    const now = clock.now() / 1000;
    const block = makeBlock({ parent: chain.tip, params, header: { time: now + 7201 } });
    expect(summary(await chain.acceptBlock(block))).toBe("time-future: time-too-new");
    expect(chain.headers.get(block.hash)).toBeUndefined();
    clock.milliseconds += 1000;
    expect(await chain.acceptBlock(block)).toMatchObject({ ok: true, connected: true });
  });
});
