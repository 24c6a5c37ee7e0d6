import { Block, type HeaderNode } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock, summary, unsolve } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { grow, openNode, params } from "../support/chains.ts";
import { SessionStore } from "../support/sessionStore.ts";

describe("BlockAcceptor", () => {
  it("names what it lacks, what has no work, and what is no block", async () => {
    const { chain, events } = await openNode();
    const stranger = makeBlock({
      parent: chain.tip,
      params,
      header: { previousHash: "ab".repeat(32) as typeof params.genesis.hash },
    });
    expect(summary(await chain.acceptBlock(stranger))).toBe("missing-parent: prev-blk-not-found");
    const { header, transactions } = makeBlock({ parent: chain.tip, params });
    const idle = new Block(unsolve(header, params), transactions);
    expect(summary(await chain.acceptBlock(idle))).toBe("invalid-header: high-hash");
    expect(events.map(({ type }) => type)).toEqual(["block-refused", "block-refused"]);
    for (const bytes of [new Uint8Array(), new Uint8Array(79), new Uint8Array(90).fill(255)]) {
      expect(summary(await chain.acceptBlock(bytes))).toBe("consensus: bad-block-encoding");
    }
    expect(chain.tip.height).toBe(0);
  });

  it("keeps of unrequested blocks only what may soon be the tip, but every header", async () => {
    const disk = new MemoryStore();
    const { chain } = await openNode({ store: new SessionStore(disk) });
    const source = (await openNode()).chain;
    const far = await grow(source, source.tip, 289);
    const headers = Array.from(
      { length: 288 },
      (_, i) => (far.ancestor(i + 1) as HeaderNode).header,
    );
    await chain.acceptHeaders(headers);
    const farBlock = (await source.getBlock(far.hash)) as Block;
    expect(await chain.acceptBlock(farBlock)).toMatchObject({
      ok: true,
      fresh: false,
      connected: false,
    });
    expect(await chain.getRawBlock(far.hash)).toBeUndefined();
    // A block that descends from a header which was only taken in passing can be stored: the header was, too.
    const child = makeBlock({ parent: chain.headers.get(far.hash) as HeaderNode, params });
    await chain.acceptBlock(child, { requested: true });

    await grow(chain, chain.headers.genesis, 2, 9);
    const weak = makeBlock({ parent: chain.headers.genesis, params, extra: 5 });
    expect(await chain.acceptBlock(weak)).toMatchObject({ ok: true, fresh: false });
    expect(await chain.acceptBlock(weak, { requested: true })).toMatchObject({ fresh: true });

    const again = (await openNode({ store: new SessionStore(disk) })).chain;
    expect(again.bestHeader.hash).toBe(child.hash);
    expect(again.tip.hash).toBe(chain.tip.hash);
  });
});
