/**
 * Blocks that a chain manager connects in a second, in memory. Run with `pnpm bench engine/bench/chain`.
 *
 * Node 20 on one of two busy cores: 750 blocks (15,700 transactions) a second without the arithmetic of signatures; 300
 * transactions a second with noble's. Everything else is hashing (ids, signature hashes) and keys of outpoints.
 */
import { nobleVerifier, regtest, type SignatureVerifier } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { ChainManager } from "../src/chain/manager.ts";
import { trustingVerifier } from "../test/support/chains.ts";
import { realTimers } from "../test/support/ports.ts";

const RUNS = 5;

async function run(
  name: string,
  verifier: SignatureVerifier,
  limit: number,
  runs: number,
): Promise<void> {
  const { raw, blocks } = sharedChain(name);
  const transactions = blocks
    .slice(0, limit)
    .reduce((sum, block) => sum + block.transactions.length, 0);
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const chain = await ChainManager.open({
      params: regtest,
      store: new MemoryStore(),
      verifier,
      clock: { now: () => Date.now() },
      timers: realTimers,
      log: () => {},
    });
    const begun = performance.now();
    for (const bytes of raw.slice(0, limit)) await chain.acceptBlock(bytes);
    times.push((performance.now() - begun) / 1000);
    if (chain.tip.height !== Math.min(limit, raw.length)) console.log("NOT CONNECTED");
  }
  const best = Math.min(...times);
  const count = Math.min(limit, raw.length);
  console.log(
    `${name}, ${count} blocks, verifier ${verifier.name}: best of ${runs}: ${best.toFixed(2)} s, ` +
      `${Math.round(count / best)} blocks/s, ${Math.round(transactions / best)} transactions/s`,
  );
}

if (present) {
  await run("chain-p2pkh-small", trustingVerifier, 200, RUNS);
  await run("chain-p2pkh", trustingVerifier, 1000, RUNS);
  await run("chain-p2pkh-small", nobleVerifier, 120, 1); // only coinbases before block 101
} else {
  console.log("skipped: ../shared/data is absent");
}
