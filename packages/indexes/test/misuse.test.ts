import { ZERO_TXID } from "@chain/core";
import * as indexes from "@chain/indexes";
import { MemoryKeyValueStore } from "@chain/storage";
import { type Calls, maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import { expect, test } from "vitest";
import { openChain } from "./support/chain.ts";

test("functions that plain JavaScript calls say what is wrong", async () => {
  const { chain, log } = await openChain();
  const records = new MemoryKeyValueStore();
  const index = () => new indexes.TransactionIndex(records, chain);
  const { genesis } = chain.params;
  const block = { block: whole(genesis), undo: [], hash: genesis.hash, height: 0 };
  const writer = {
    get: async () => undefined,
    getMany: async () => [],
    put: () => {},
    delete: () => {},
  };
  const options = { chain: whole(chain), records: whole(records), log };
  const follow = <Index extends indexes.ChainIndex>(each: Index) =>
    indexes.followChain(each, { chain, records: new MemoryKeyValueStore(), log });
  const lookedUp = {
    transactions: await follow(index()),
    spenders: await follow(new indexes.SpenderIndex(records, chain)),
    scriptHistory: await follow(new indexes.ScriptHistoryIndex(records, chain, log)),
  };
  const script = indexes.scriptHashOf(Uint8Array.of(0x51));
  const after = { height: 0, position: 0 };
  const history = maybe({ limit: maybe(1), newestFirst: maybe(true), after: maybe(after) });
  const calls: Calls = {
    IndexError: {},
    TransactionIndex: {
      new: [whole(records), whole(chain)],
      make: index,
      methods: { find: [ZERO_TXID], connect: [block, writer], disconnect: [block, writer] },
    },
    BlockFilterIndex: {
      new: [whole(records)],
      make: () => new indexes.BlockFilterIndex(records),
      methods: {
        connect: [block, writer],
        disconnect: [block, writer],
        filter: [genesis.hash],
        filters: [[genesis.hash]],
        summaries: [[genesis.hash]],
      },
    },
    CoinStatisticsIndex: {
      new: [whole(records), whole(chain)],
      make: () => new indexes.CoinStatisticsIndex(records, chain),
      methods: {
        connect: [block, writer],
        disconnect: [block, writer],
        statistics: [genesis.hash],
      },
    },
    SpenderIndex: {
      new: [whole(records), whole(chain)],
      make: () => new indexes.SpenderIndex(records, chain),
      methods: {
        connect: [block, writer],
        disconnect: [block, writer],
        find: [{ txid: ZERO_TXID, vout: 0 }],
      },
    },
    ScriptHistoryIndex: {
      new: [whole(records), whole(chain), log],
      make: () => new indexes.ScriptHistoryIndex(records, chain, log),
      methods: {
        connect: [block, writer],
        disconnect: [block, writer],
        settled: [[{ type: "transaction-removed", transaction: genesis.transactions[0] }]],
        scriptHistory: [script, history],
        scriptBalance: [script],
        scriptUnspent: [
          script,
          maybe({ limit: maybe(1), after: maybe({ txid: ZERO_TXID, vout: 0 }) }),
        ],
        scriptStatus: [script, maybe(1)],
        subscribe: [script, () => {}],
      },
    },
    ChainLookup: {
      new: [{ chain: whole(chain), indexes: whole(lookedUp) }],
      make: () => new indexes.ChainLookup({ chain, indexes: lookedUp }),
      methods: {
        atOneMoment: [async () => 1],
        transaction: [ZERO_TXID],
        transactionsAt: [[after]],
        spender: [{ txid: ZERO_TXID, vout: 0 }],
        spentOutputs: [[{ transaction: whole(genesis.transactions[0]), position: 0 }]],
      },
    },
    scriptHashOf: [Uint8Array.of(0x51)],
    followChain: [whole(index()), options],
    allIndexes: [
      whole(
        {
          transactions: maybe(undefined),
          coinStats: maybe(undefined),
          blockFilters: maybe(undefined),
          spenders: maybe(undefined),
          scriptHistory: maybe(undefined),
        },
        "object",
        "function",
        "map",
        "array",
        "bytes",
      ),
    ],
  };
  expect(misuseGaps(indexes, calls)).toEqual([]);
  expect(await misuseProblems(indexes, calls)).toEqual([]);
});
