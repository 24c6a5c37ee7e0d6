import { equalBytes, regtest } from "@chain/core";
import { TestChain } from "@chain/testing/blockFactory";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { describe, expect, test } from "vitest";

describe.skipIf(!present)(
  `chains of another implementation${present ? "" : " (skipped: ../shared/data is absent)"}`,
  () => {
    test.each(["chain-p2pkh-small", "chain-p2pkh-small-commitment"])(
      "%s: every rule but the scripts, forwards and back",
      (name) => {
        const { blocks, raw, facts } = sharedChain(name);
        const chain = new TestChain(regtest);
        let inputs = 0;
        for (const [i, block] of blocks.entries()) {
          inputs += chain.connect(block, { scripts: false }).checks.length;
          expect(equalBytes(block.toBytes(), raw[i]!)).toBe(true);
        }
        expect(inputs).toBe(facts.inputs);
        expect([chain.tip.height, chain.tip.hash]).toEqual([facts.height, facts.tipHash]);
        expect(chain.tip.chainTransactionCount).toBe(facts.allTx + 1);
        expect(chain.coins.size).toBe(facts.utxoCount);
        const sum = [...chain.coins.values()].reduce((total, { coin }) => total + coin.value, 0n);
        expect(sum).toBe(BigInt(facts.utxoSum));
        while (chain.tip.height > 0) chain.disconnect();
        expect(chain.coins.size).toBe(0);
      },
    );
  },
);
