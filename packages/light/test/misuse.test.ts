import { ZERO_TXID } from "@chain/core";
import * as light from "@chain/light";
import { type Calls, maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import { indexedDB } from "fake-indexeddb";
import { expect, test } from "vitest";
import { nodeOptions } from "./support/nodeOptions.ts";

test("functions that plain JavaScript calls say what is wrong", async () => {
  const options = nodeOptions();
  const { genesis } = options.params;
  const [coinbase] = genesis.transactions;
  const txid = coinbase?.txid ?? ZERO_TXID;
  const proof = light.inclusionProof(genesis, txid);
  const node = await light.LightNode.open(options);
  const script = Uint8Array.of(0x51);
  const kept = await light.IndexedDbLightStore.open({ indexedDB, name: "misuse" });
  const calls: Calls = {
    LightError: {},
    MemoryLightStore: {
      make: () => new light.MemoryLightStore(),
      methods: { readHeaders: [], writeHeaders: [0, script], readState: [], writeState: [script] },
    },
    IndexedDbLightStore: {
      statics: { open: [{ indexedDB: whole(indexedDB), name: "misuse" }] },
      make: () => kept,
      methods: {
        readHeaders: [],
        writeHeaders: [0, script],
        readState: [],
        writeState: [script],
        close: [],
      },
    },
    LightNode: {
      statics: {
        open: [
          {
            ...options,
            params: whole(options.params),
            store: whole(options.store),
            random: whole(options.random),
            connect: maybe([{ host: "127.0.0.1", port: 1 }]),
          },
        ],
      },
      make: () => node,
      methods: {
        start: [],
        stop: [],
        subscribe: [() => {}],
        header: [0],
        watch: [[script], maybe({ height: maybe(0) })],
        rescan: [0],
        transaction: [txid],
        broadcast: [whole(coinbase)],
        fate: [txid],
        forget: [txid],
      },
    },
    inclusionProof: [whole(genesis), txid],
    verifyInclusion: [whole(coinbase), proof, whole(genesis.header)],
    encodeMerkleBlock: [
      { transaction: whole(coinbase), proof, transactionCount: 1 },
      whole(genesis.header),
    ],
    decodeMerkleBlock: [whole(new Uint8Array(84))],
    isFilterOf: [whole(Uint8Array.of(0)), whole(genesis), [script]],
  };
  expect(misuseGaps(light, calls)).toEqual([]);
  expect(await misuseProblems(light, calls)).toEqual([]);
});
