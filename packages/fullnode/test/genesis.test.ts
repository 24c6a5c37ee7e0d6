import { checkProofOfWork, devnet } from "@chain/core";
import { InProcessSearch } from "@chain/engine";
import { testKey } from "@chain/testing/blockFactory";
import { GENESIS, OTHER_GENESIS } from "@chain/testing/place";
import { describe, expect, it } from "vitest";
import { mineGenesis } from "../src/chain/genesis.ts";
import { systemClock, systemTimers } from "../src/ports/system.ts";

describe("a genesis block", () => {
  it("follows from the key, the time and what is random, and from nothing else", async () => {
    const search = new InProcessSearch(systemClock, systemTimers);
    const bytes = (fill: number) => (count: number) => new Uint8Array(count).fill(fill);
    const mine = (fill: number) =>
      mineGenesis(testKey(0).script, {
        search,
        random: { bytes: bytes(fill) },
        time: 1_700_000_000,
      });
    expect((await mine(1)).hash).toBe(GENESIS.hash);
    expect((await mine(2)).hash).toBe(OTHER_GENESIS.hash);
  });

  it("tries another second where no nonce is good", async () => {
    const times: number[] = [];
    const block = await mineGenesis(testKey(0).script, {
      search: {
        search: async (header) => {
          times.push(header.time);
          return times.length === 3 ? header : undefined;
        },
      },
      random: { bytes: (count) => new Uint8Array(count) },
      time: 5,
    });
    expect(times).toEqual([5, 6, 7]);
    expect(block.header.time).toBe(7);
  });

  it("gives each chain a magic of its own", () => {
    for (const block of [GENESIS, OTHER_GENESIS]) {
      expect(checkProofOfWork(block.hash, block.header.bits, devnet(block))).toBe(true);
    }
    expect(devnet(GENESIS).magic).not.toEqual(devnet(OTHER_GENESIS).magic);
  });
});
