import { nobleVerifier, regtest, runScriptCheck } from "@chain/core";
import { summary, TestChain } from "@chain/testing/blockFactory";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { describe, expect, test } from "vitest";

describe.skipIf(!present)(
  `chains of another implementation${present ? "" : " (skipped: ../shared/data is absent)"}`,
  () => {
    test("chain-p2pkh-small-commitment: every script", () => {
      const { blocks, facts } = sharedChain("chain-p2pkh-small-commitment");
      const chain = new TestChain(regtest);
      let verified = 0;
      for (const block of blocks) {
        for (const check of chain.connect(block, { scripts: false }).checks) {
          expect(summary(runScriptCheck(check, nobleVerifier))).toBe("ok");
          verified++;
        }
      }
      expect(verified).toBe(facts.inputs);
    });
  },
);
