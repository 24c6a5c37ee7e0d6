/**
 * Hashes that the search tries in a second, and what mempool and template cost. Run with `pnpm bench engine/bench/mining`.
 *
 * Node 20 on one of two busy cores: 760,000 hashes/s from the midstate, 160,000 with the whole header each time. Adding
 * to a mempool 20 µs; a full template (4,400 transactions of 10,000 or 50,000 that wait) 150 ms. The memory
 * of the entries is measured by `bench engine/bench/mempool`.
 */
import { BlockHeader, regtest, sha256d, type Transaction } from "@chain/core";
import type { Candidate } from "../src/mempool/entry.ts";
import { Mempool } from "../src/mempool/mempool.ts";
import { InProcessSearch } from "../src/mining/search.ts";
import { makeTemplate } from "../src/mining/template.ts";
import { output, params, spend } from "../test/support/chains.ts";
import { realTimers } from "../test/support/ports.ts";

const clock = { now: () => Date.now() };
const hopeless = new BlockHeader({ ...regtest.genesis.header, bits: 0x1d00ffff });

/** Counts by what is left of the range when the time is over. */
async function hashesASecond(milliseconds: number): Promise<number> {
  const span = 200_000;
  const search = new InProcessSearch(clock, realTimers, { firstNonce: 0x1_0000_0000 - span });
  const end = performance.now() + milliseconds;
  const begun = performance.now();
  let hashes = 0;
  for (; performance.now() < end; hashes += span) await search.search(hopeless, { aborted: false });
  return hashes / ((performance.now() - begun) / 1000);
}

/** The simple way, for comparison: the whole header each time. */
function simpleHashesASecond(milliseconds: number): number {
  const bytes = hopeless.toBytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const begun = performance.now();
  let hashes = 0;
  for (; performance.now() - begun < milliseconds; hashes += 1000) {
    for (let i = 0; i < 1000; i++) {
      view.setUint32(76, hashes + i, true);
      sha256d(bytes);
    }
  }
  return hashes / ((performance.now() - begun) / 1000);
}

await hashesASecond(500);
console.log(`hashes/s, midstate (used): ${Math.round(await hashesASecond(3000))}`);
simpleHashesASecond(500);
console.log(`hashes/s, whole header:    ${Math.round(simpleHashesASecond(3000))}`);

const parent = {
  ...params.genesis.header,
  hash: params.genesis.hash,
  height: 0,
  medianTimePast: params.genesis.header.time,
  ancestor: () => undefined,
};

for (const count of [100, 1_000, 10_000, 50_000]) {
  const mempool = new Mempool(params, { maxMemory: 1e12 });
  const [coinbase] = params.genesis.transactions as [Transaction];
  const begun = performance.now();
  let last = coinbase;
  for (let i = 0; i < count; i++) {
    // Chains of five.
    const coin = i % 5 === 0 ? { txid: coinbase.txid, vout: i } : output(last);
    last = spend([coin], [BigInt(i), 1n]);
    last.txid; // its cost is not the mempool's
    const fee = BigInt((i * 7919) % 5000);
    const candidate: Candidate = {
      transaction: last,
      fee,
      sigopCost: 8,
      height: 0,
      coins: [],
      checks: [],
    };
    mempool.add(candidate, i);
  }
  const added = performance.now();
  const made = performance.now();
  const template = makeTemplate(parent, mempool.entries(), params, {
    payTo: new Uint8Array(25),
    time: 0,
  });
  const ended = performance.now();
  console.log(
    `${count} waiting: ${(((added - begun) / count) * 1000).toFixed(1)} µs each to add, ` +
      `template of ${template.entries.length} in ${(ended - made).toFixed(1)} ms`,
  );
}
