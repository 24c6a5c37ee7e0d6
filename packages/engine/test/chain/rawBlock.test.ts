import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { openNode, params } from "../support/chains.ts";

describe("refusing", () => {
  it("ignores what stands behind a block", async () => {
    const { chain } = await openNode();
    const bytes = makeBlock({ parent: chain.tip, params }).toBytes();
    const padded = new Uint8Array(bytes.length + 7);
    padded.set(bytes);
    expect(await chain.acceptBlock(padded)).toMatchObject({ ok: true, connected: true });
    expect(await chain.getRawBlock(chain.tip.hash)).toEqual(bytes);
  });
});
