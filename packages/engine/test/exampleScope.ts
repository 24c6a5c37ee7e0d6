/** Names that examples in docstrings use. */

import * as core from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock } from "@chain/testing/blockFactory";
import type { Scope } from "@chain/testing/docExamples";
import { Rng } from "@chain/testing/random";
import * as wire from "@chain/wire";
import { at, NOW as now, SECONDS } from "./support/addresses.ts";
import { openNode, params, spend } from "./support/chains.ts";
import { genesisCoin } from "./support/mempools.ts";
import { realTimers } from "./support/ports.ts";

export async function exampleScope(): Promise<Scope> {
  const { chain, clock } = await openNode();
  const block = makeBlock({ parent: chain.tip, params });
  const log = () => {};
  return {
    ...{ ...core, ...wire, MemoryStore, params, clock, timers: realTimers, log, chain, block, now },
    raw: block.toBytes(),
    random: new Rng(1),
    address: { ...at("10.1.2.3"), time: SECONDS },
    ip: wire.parseIp("10.1.2.3"),
    dialer: { dial: () => Promise.reject(new Error("nobody listens")) },
    payTo: core.p2pkhScript(new Uint8Array(20)),
    /** One that the mempool of `chain` takes. */
    transaction: spend([genesisCoin], [1n]),
  };
}
