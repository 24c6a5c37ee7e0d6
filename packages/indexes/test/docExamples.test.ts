import { filterMatches } from "@chain/core";
import { MemoryKeyValueStore } from "@chain/storage";
import { testDocExamples } from "@chain/testing/docExamples";
import * as indexes from "../src/index.ts";
import { openChain } from "./support/chain.ts";

testDocExamples("indexes", { ...indexes, filterMatches, MemoryKeyValueStore }, async () => {
  const { chain, grow } = await openChain();
  const [block] = await grow(1);
  const transaction = block?.transactions[0];
  const records = () => new MemoryKeyValueStore();
  const follow = async <Index extends indexes.ChainIndex>(
    make: (records: MemoryKeyValueStore) => Index,
  ) => {
    const own = records();
    const running = await indexes.followChain(make(own), { chain, records: own, log: () => {} });
    await running.caughtUp;
    return running;
  };
  const all = {
    transactions: await follow((own) => new indexes.TransactionIndex(own, chain)),
    spenders: await follow((own) => new indexes.SpenderIndex(own, chain)),
    scriptHistory: await follow((own) => new indexes.ScriptHistoryIndex(own, chain, () => {})),
  };
  return {
    indexes: all,
    chain,
    log: () => {},
    transaction,
    script: transaction?.outputs[0]?.scriptPubKey,
  };
});
