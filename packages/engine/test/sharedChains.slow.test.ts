import { nobleVerifier, regtest } from "@chain/core";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { describe, expect, it } from "vitest";
import { openNode } from "./support/chains.ts";

const why = present ? "" : " (skipped: ../shared/data is absent)";

describe.skipIf(!present)(`a chain of another implementation${why}`, () => {
  it("connects with every signature checked", async () => {
    const { raw, facts } = sharedChain("chain-p2pkh-small");
    let signatures = 0;
    const verifier = {
      ...nobleVerifier,
      verifyEcdsa: (...args: Parameters<typeof nobleVerifier.verifyEcdsa>) => {
        signatures++;
        return nobleVerifier.verifyEcdsa(...args);
      },
    };
    const { chain, clock } = await openNode({ params: regtest, verifier });
    clock.milliseconds = 1_700_000_000_000;
    for (const bytes of raw) await chain.acceptBlock(bytes);
    expect(chain.tip.hash).toBe(facts.tipHash);
    expect(signatures).toBe(facts.inputs);
  });
});
