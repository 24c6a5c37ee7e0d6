import { filterMatches } from "@chain/core";
import { MemoryKeyValueStore } from "@chain/storage";
import { testDocExamples } from "@chain/testing/docExamples";
import * as indexes from "../src/index.ts";
import { openChain } from "./support/chain.ts";

testDocExamples("indexes", { ...indexes, filterMatches, MemoryKeyValueStore }, async () => {
  const { chain, grow } = await openChain();
  const [block] = await grow(1);
  const transaction = block?.transactions[0];
  return { chain, log: () => {}, transaction, script: transaction?.outputs[0]?.scriptPubKey };
});
