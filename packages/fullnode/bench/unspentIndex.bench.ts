/**
 * The costs of the index of unspent outputs by script: a chain connected on disk with it and without, in turn. Run with
 * `pnpm bench unspentIndex`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { regtest } from "@chain/core";
import { ChainManager } from "@chain/engine";
import { fastestVerifier } from "@chain/signatures";
import { openLevelStore } from "@chain/storage/level";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { systemClock, systemTimers } from "../src/ports/system.ts";
import { processorTime, time } from "./support/measure.ts";

const RUNS = 3;
const verifier = await fastestVerifier();

async function run(scripts: boolean): Promise<object> {
  const { raw, facts, blocks } = sharedChain("chain-p2pkh");
  const directory = await mkdtemp(join(tmpdir(), "chain-bench-"));
  const path = join(directory, "db");
  try {
    const store = await openLevelStore(path, { scripts });
    const ports = { clock: systemClock, timers: systemTimers, log: () => {} };
    const chain = await ChainManager.open({ params: regtest, store, verifier, ...ports });
    const connecting = await processorTime(async () => {
      for (const block of raw) await chain.acceptBlock(block, { requested: true });
    });
    if (chain.tip.hash !== facts.tipHash) throw new TypeError("the chain was not connected");
    const output = blocks.at(-1)?.transactions.at(-1)?.outputs.at(-1);
    const script = output?.scriptPubKey ?? new Uint8Array(0);
    let coins = 0;
    const reading = await time(async () => {
      for await (const _ of chain.unspentByScript(script)) coins++;
    });
    const { count } = await chain.coinStatistics("none");
    await chain.close();
    const switching = await time(async () => {
      await (await openLevelStore(path, { scripts: !scripts })).close();
    });
    return {
      index: scripts ? "yes" : "no",
      "connecting, processor s": connecting.toFixed(2),
      coins: count,
      "a script's coins": coins,
      "reading them, ms": (reading * 1000).toFixed(1),
      "opened the other way, ms": (switching * 1000).toFixed(0),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

if (present) {
  const rows: object[] = [];
  for (let i = 0; i < RUNS; i++) rows.push(await run(true), await run(false));
  console.table(rows);
} else console.log("skipped: ../shared/data is absent");
