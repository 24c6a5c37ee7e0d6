import type { BlockHash } from "@chain/core";
import { describe, expect, it } from "vitest";
import { BlockSources } from "../../../src/net/blocks/blockSources.ts";
import type { Peer } from "../../../src/net/peer/peer.ts";

const hash = (n: number) => n.toString(16).padStart(64, "0") as BlockHash;
const peer = (id: number) => ({ id }) as Peer;

describe("BlockSources", () => {
  it("names the first that gave a block, once", () => {
    const sources = new BlockSources();
    sources.add(hash(1), { peer: peer(1), checkedBySender: true });
    sources.add(hash(1), { peer: peer(2), checkedBySender: false });
    expect(sources.take(hash(1))).toEqual({ peer: peer(1), checkedBySender: true });
    expect(sources.take(hash(1))).toBeUndefined();
  });

  it("forgets a peer that has gone, and no other", () => {
    const sources = new BlockSources();
    for (const n of [1, 2, 3]) sources.add(hash(n), { peer: peer(n % 2), checkedBySender: true });
    sources.remove(1);
    expect([1, 2, 3].map((n) => sources.take(hash(n))?.peer.id)).toEqual([undefined, 0, undefined]);
  });

  it("remembers the last 1,024", () => {
    const sources = new BlockSources();
    for (let n = 0; n < 1_025; n++) {
      sources.add(hash(n), { peer: peer(1), checkedBySender: true });
    }
    expect(sources.take(hash(0))).toBeUndefined();
    expect(sources.take(hash(1))).toBeDefined();
    expect(sources.take(hash(1_024))).toBeDefined();
  });
});
