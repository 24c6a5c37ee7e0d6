import { type Block, type HeaderNode, nobleVerifier, type SignatureVerifier } from "@chain/core";
import { type ChainStore, MemoryStore } from "@chain/storage";
import { describe, expect, it } from "vitest";
import {
  easyDevnet,
  GENESIS_TIME,
  MINER,
  makeBlock,
  payment,
  testKey,
} from "../../core/test/support/blockFactory.ts";
import { ChainManager } from "../src/chain/manager.ts";
import type { NodeEvent } from "../src/events.ts";
import { collectingLog, realTimers, TestClock } from "./support/ports.ts";

const params = easyDevnet();
const clock = new TestClock(GENESIS_TIME + 1_000_000);

async function openChain(
  store: ChainStore = new MemoryStore(),
  verifier: SignatureVerifier = nobleVerifier,
): Promise<ChainManager> {
  const { log } = collectingLog();
  return ChainManager.open({ params, store, verifier, clock, timers: realTimers, log });
}

async function give(chain: ChainManager, block: Block): Promise<HeaderNode> {
  const verdict = await chain.acceptBlock(block, { requested: true });
  if (!verdict.ok) throw new Error(verdict.reason);
  return verdict.node;
}

/** So many empty blocks on top of a parent. */
async function grow(chain: ChainManager, parent: HeaderNode, count: number, extra = 0) {
  let tip = parent;
  for (let i = 0; i < count; i++)
    tip = await give(chain, makeBlock({ parent: tip, params, extra }));
  return tip;
}

/** Spends the coinbase of a block whole. */
function spendCoinbase(block: Block, to = testKey(1).script, fee = 0n) {
  const [coinbase] = block.transactions;
  const output = coinbase?.outputs[0];
  if (coinbase === undefined || output === undefined) throw new Error("no coinbase");
  const coin = { ...output, height: 0, coinbase: true };
  return payment({
    coins: [{ outpoint: { txid: coinbase.txid, vout: 0 }, coin }],
    outputs: [{ value: output.value - fee, scriptPubKey: to }],
  });
}

describe("a chain manager", () => {
  it("grows, and spends the genesis coinbase in the next block", async () => {
    const chain = await openChain();
    const block = makeBlock({
      parent: chain.tip,
      params,
      transactions: [spendCoinbase(params.genesis)],
    });
    const verdict = await chain.acceptBlock(block, { requested: true });
    expect(verdict).toMatchObject({ ok: true, fresh: true, connected: true });
    expect(chain.tip.height).toBe(1);
    const { count, total } = await chain.coinStatistics();
    expect({ count, total }).toEqual({ count: 2, total: 20n * 100_000_000n });
  });

  it("follows most work across 100 blocks, to the same coins as a node that saw one branch only", async () => {
    const chain = await openChain();
    const events: NodeEvent["type"][] = [];
    chain.subscribe(({ type }) => events.push(type));
    const spend = spendCoinbase(params.genesis);
    const first = await give(
      chain,
      makeBlock({ parent: chain.tip, params, transactions: [spend] }),
    );
    await grow(chain, first, 99);
    expect(chain.tip.height).toBe(100);

    const other = await openChain();
    const tip = await grow(other, other.headers.genesis, 101, 7);
    for (let height = 1; height <= 101; height++) {
      const block = await other.getBlock(tip.ancestor(height)?.hash ?? tip.hash);
      if (block !== undefined) await give(chain, block);
    }
    expect(chain.tip.hash).toBe(tip.hash);
    expect((await chain.coinStatistics()).hash).toBe((await other.coinStatistics()).hash);
    expect(events.filter((type) => type === "block-disconnected")).toHaveLength(100);
    expect(events.filter((type) => type === "tip-changed")).toHaveLength(101);
    // What the abandoned branch held waits again.
    expect(chain.mempool.get(spend.txid)).toBeDefined();
  });

  it("leaves the chain as it is when the better branch turns out invalid, and remembers", async () => {
    const chain = await openChain();
    await grow(chain, chain.tip, 2);
    const before = await chain.coinStatistics();
    const side = await grow(chain, chain.headers.genesis, 1, 5);
    const bad = makeBlock({ parent: side, params, reward: 11n * 100_000_000n, extra: 6 });
    // Not connected yet, so nobody knows.
    const stored = await chain.acceptBlock(bad, { requested: true });
    expect(stored).toMatchObject({ ok: true, connected: false });
    const node = chain.headers.get(bad.hash);
    if (node === undefined) throw new Error("the header is known");
    const onTop = makeBlock({ parent: node, params });
    expect(await chain.acceptBlock(onTop, { requested: true })).toMatchObject({ connected: false });
    expect(chain.headers.isInvalid(node)).toBe(true);
    expect((await chain.coinStatistics()).hash).toBe(before.hash);
    expect(await chain.acceptBlock(bad)).toMatchObject({
      ok: false,
      kind: "cached-invalid",
      reason: "duplicate-invalid",
    });
    expect(MINER.script).toBeDefined();
  });
});
