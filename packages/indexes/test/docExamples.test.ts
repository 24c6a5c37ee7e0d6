import { MemoryKeyValueStore } from "@chain/storage";
import { testDocExamples } from "@chain/testing/docExamples";
import * as indexes from "../src/index.ts";
import { openChain } from "./support/chain.ts";

testDocExamples("indexes", { ...indexes, MemoryKeyValueStore }, async () => {
  const { chain, grow } = await openChain();
  const [block] = await grow(1);
  return { chain, log: () => {}, transaction: block?.transactions[0] };
});
