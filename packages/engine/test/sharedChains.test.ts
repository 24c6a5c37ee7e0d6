import { regtest } from "@chain/core";
import { present, type SharedChain, sharedChain } from "@chain/testing/sharedChains";
import { describe, expect, it } from "vitest";
import type { ChainManager } from "../src/chain/manager.ts";
import { openNode } from "./support/chains.ts";

async function openRegtest(): Promise<ChainManager> {
  const { chain, clock } = await openNode({ params: regtest });
  clock.milliseconds = 1_700_000_000_000;
  return chain;
}

async function expectEnd(chain: ChainManager, facts: SharedChain["facts"]): Promise<void> {
  const { count, total, tip } = await chain.coinStatistics();
  expect(tip).toMatchObject({ hash: facts.tipHash, height: facts.height });
  expect({ count, total }).toEqual({ count: facts.utxoCount, total: BigInt(facts.utxoSum) });
}

const why = present ? "" : " (skipped: ../shared/data is absent)";

describe.skipIf(!present)(`a chain of another implementation${why}`, () => {
  it("connects block by block", async () => {
    const { raw, facts } = sharedChain("chain-p2pkh-small");
    const chain = await openRegtest();
    for (const bytes of raw) {
      expect(await chain.acceptBlock(bytes)).toMatchObject({ ok: true, connected: true });
    }
    await expectEnd(chain, facts);
  });

  it("connects headers first, with witness commitments, bodies out of order", async () => {
    const { raw, blocks, facts } = sharedChain("chain-p2pkh-small-commitment");
    const chain = await openRegtest();
    await chain.acceptHeaders(blocks.map(({ header }) => header));
    expect(chain.bestHeader.hash).toBe(facts.tipHash);
    expect(chain.initialDownload).toBe(true);
    // Pairs the wrong way round, as when many peers send them.
    for (let i = 0; i < raw.length; i += 2) {
      for (const bytes of [raw[i + 1], raw[i]]) {
        if (bytes !== undefined) await chain.acceptBlock(bytes, { requested: true });
      }
    }
    expect(chain.initialDownload).toBe(false);
    await expectEnd(chain, facts);
  });
});
