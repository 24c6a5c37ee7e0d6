/** Blocks that callers make, and what they make them of. */
import { bytesToHex } from "@chain/core";
import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

describe("a block that is handed in", () => {
  test("is taken, known, stored or refused", async () => {
    const { call, error, chain, mine } = await startHost();
    const make = (options: object = {}) =>
      makeBlock({ parent: chain.tip, params: chain.params, ...options });
    const block = make();
    const hex = bytesToHex(block.toBytes());
    expect(await call("submitblock", hex, "whatever")).toBeNull();
    expect(chain.tip.hash).toBe(block.hash);
    expect(await call("submitblock", hex)).toBe("duplicate");
    const genesis = chain.headers.genesis;
    const side = makeBlock({ parent: genesis, params: chain.params, extra: 3 });
    expect(await call("submitblock", bytesToHex(side.toBytes()))).toBe("inconclusive");
    const greedy = make({ reward: 5_000_000_001n });
    expect(await call("submitblock", bytesToHex(greedy.toBytes()))).toBe("bad-cb-amount");
    for (const bad of ["", "00", "xx", `${hex}00`]) {
      expect(await error("submitblock", bad)).toEqual([-22, "Block decode failed"]);
    }
    await mine(1);
    expect(chain.tip.height).toBe(2);
  });

  test("may be its header alone", async () => {
    const { call, error, chain } = await startHost();
    const block = makeBlock({ parent: chain.tip, params: chain.params });
    const hex = bytesToHex(block.header.toBytes());
    expect(await call("submitheader", hex)).toBeNull();
    expect(chain.bestHeader.hash).toBe(block.hash);
    expect(await call("submitheader", `${hex}00`)).toBeNull();
    const { height, time, bits } = chain.tip;
    const unknown = { hash: "ab".repeat(32), height, time, bits };
    const orphan = makeBlock({
      parent: unknown as never,
      params: chain.params,
    });
    expect(await error("submitheader", bytesToHex(orphan.header.toBytes()))).toEqual([
      -25,
      `Must submit previous header (${"ab".repeat(32)}) first`,
    ]);
    const early = makeBlock({ parent: chain.tip, params: chain.params, header: { time: 1 } });
    expect(await error("submitheader", bytesToHex(early.header.toBytes()))).toEqual([
      -25,
      "time-too-old",
    ]);
    expect(await error("submitheader", "00")).toEqual([-22, "Block header decode failed"]);
  });
});
