import { MemoryStore } from "@chain/storage";
import { describe, expect, it } from "vitest";
import { coinsHash, grow, openNode } from "../support/chains.ts";
import { SessionStore } from "../support/sessionStore.ts";

describe("opening", () => {
  it("goes on where it stopped, the first of two equals still first", async () => {
    const disk = new MemoryStore();
    const { chain } = await openNode({ store: new SessionStore(disk) });
    const second = await grow(chain, chain.tip, 3, 2);
    await grow(chain, chain.headers.genesis, 3, 1);
    expect(chain.tip).toBe(second);
    const again = (await openNode({ store: new SessionStore(disk) })).chain;
    expect(again.tip.hash).toBe(second.hash);
    expect(await coinsHash(again)).toBe(await coinsHash(chain));
    expect(again.headers.size).toBe(chain.headers.size);
  });
});
