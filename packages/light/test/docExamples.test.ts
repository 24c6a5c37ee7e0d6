import { blockFilter } from "@chain/core";
import { easyDevnet, MINER, TestChain } from "@chain/testing/blockFactory";
import { testDocExamples } from "@chain/testing/docExamples";
import { indexedDB } from "fake-indexeddb";
import * as light from "../src/index.ts";
import { nodeOptions } from "./support/nodeOptions.ts";

testDocExamples("light", { ...light, blockFilter }, () => {
  const chain = new TestChain(easyDevnet());
  const { coin } = chain.coinbaseCoin(0);
  return { ...nodeOptions(), indexedDB, block: chain.mine(), coin, script: MINER.script };
});
