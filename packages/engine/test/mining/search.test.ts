import { BlockHeader, checkProofOfWork, DEVNET } from "@chain/core";
import { MINER } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { InProcessSearch } from "../../src/mining/search.ts";
import { blockTemplate } from "../../src/mining/template.ts";
import { openNode, params } from "../support/chains.ts";
import { realTimers } from "../support/ports.ts";

const systemClock = { now: () => Date.now() };

describe("the search in process", () => {
  it("finds a nonce of devnet's difficulty that the rules agree with", async () => {
    const { chain } = await openNode();
    const { header } = blockTemplate(chain, MINER.script).block;
    const hard = new BlockHeader({ ...header, bits: 0x1f7fffff });
    const search = new InProcessSearch(systemClock, realTimers);
    const found = await search.search(hard, { aborted: false });
    expect(checkProofOfWork(found!.hash, hard.bits, DEVNET)).toBe(false); // easier than devnet allows at all
    expect(checkProofOfWork(found!.hash, hard.bits, params)).toBe(true);
    expect({ ...found, nonce: 0 }).toEqual({ ...hard, nonce: 0 });
    // It is the first one that is good.
    for (let nonce = 0; nonce < found!.nonce; nonce++) {
      const other = new BlockHeader({ ...hard, nonce });
      expect(checkProofOfWork(other.hash, hard.bits, params)).toBe(false);
    }
  });

  it("tries the last nonce of all, and then gives up", async () => {
    const { chain } = await openNode();
    const template = blockTemplate(chain, MINER.script).block.header;
    const from = (firstNonce: number) =>
      new InProcessSearch(systemClock, realTimers, { firstNonce });
    // Find a header whose very last nonce is good, and one whose last three are not.
    let good: BlockHeader | undefined;
    let bad: BlockHeader | undefined;
    for (let time = template.time; good === undefined || bad === undefined; time++) {
      const isGood = (nonce: number) => {
        const header = new BlockHeader({ ...template, time, nonce });
        return checkProofOfWork(header.hash, header.bits, params);
      };
      const [a, b, c] = [0xfffffffd, 0xfffffffe, 0xffffffff].map(isGood);
      if (!a && !b && c) good ??= new BlockHeader({ ...template, time });
      if (!a && !b && !c) bad ??= new BlockHeader({ ...template, time });
    }
    const found = await from(0xfffffffd).search(good, { aborted: false });
    expect(found?.nonce).toBe(0xffffffff);
    expect(await from(0xfffffffd).search(bad, { aborted: false })).toBeUndefined();
  });

  it("stops when told to", async () => {
    const { chain } = await openNode();
    const { header } = blockTemplate(chain, MINER.script).block;
    const hopeless = new BlockHeader({ ...header, bits: 0x1d00ffff });
    const signal = { aborted: false };
    const search = new InProcessSearch(systemClock, realTimers);
    const result = search.search(hopeless, signal);
    setImmediate(() => {
      signal.aborted = true;
    });
    expect(await result).toBeUndefined();
  });
});
