import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HeaderNode, Outpoint, Transaction } from "@chain/core";
import { openLevelStore } from "@chain/storage/level";
import { makeBlock } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChainManager } from "../../src/chain/manager.ts";
import {
  coinbaseOf,
  coinsHash,
  grow,
  mine,
  openNode,
  output,
  params,
  spend,
} from "../support/chains.ts";
import { expectInStep, TransactionIndex } from "../support/transactionIndex.ts";

/** All that a chain shows. */
async function facts(chain: ChainManager) {
  const known = [...chain.headers.nodes()].map(({ hash, invalidReason }) => [hash, invalidReason]);
  return {
    tip: chain.tip.hash,
    known: known.sort(),
    coins: await coinsHash(chain),
    mempool: [...chain.mempool.entries()].map(({ transaction, modifiedFee, ancestors }) => {
      return [transaction.txid, modifiedFee, ancestors.count];
    }),
    deltas: [...chain.mempool.feeDeltas()],
  };
}

/** A chain of some blocks, and the outputs that its coinbases made. */
async function start() {
  const node = await openNode();
  const { chain } = node;
  const outpoints: Outpoint[] = [coinbaseOf(params.genesis)];
  for (let i = 0; i < 5; i++) {
    const { hash } = await grow(chain, chain.tip, 1);
    const block = await chain.getBlock(hash);
    if (block !== undefined) outpoints.push(coinbaseOf(block));
  }
  return { ...node, outpoints };
}

type Act = "block" | "pay" | "child" | "branch" | "invalidate" | "prioritise" | "drop";

/** Does one thing to a chain; what is refused is refused. */
async function act(
  chain: ChainManager,
  outpoints: readonly Outpoint[],
  what: Act,
  n: number,
  extra: number,
) {
  const waiting = [...chain.mempool.entries()].map(({ transaction }) => transaction);
  const one = waiting[n % Math.max(1, waiting.length)];
  const at = chain.headers.activeAt(Math.max(0, chain.tip.height - (n % 4))) as HeaderNode;
  const paid = outpoints[n % outpoints.length] as Outpoint;
  switch (what) {
    case "block":
      return mine(chain, chain.tip, waiting, extra);
    case "pay":
      return chain.acceptTransaction(spend([paid], [100_000n + BigInt(n)]));
    case "child":
      return one && chain.acceptTransaction(spend([output(one)], [50_000n]));
    case "branch":
      return grow(chain, at.parent ?? at, 1 + (n % 6), extra);
    case "invalidate":
      return chain.invalidateBlock(at);
    case "prioritise":
      return one && chain.prioritiseTransaction(one.txid, BigInt(n));
    case "drop":
      return one && chain.rewinding.drop(one.txid);
    default:
      return what satisfies never;
  }
}

const acts = (maxLength: number) =>
  fc.array(
    fc.record({
      what: fc.constantFrom<Act>(
        ...([
          "block",
          "pay",
          "pay",
          "child",
          "branch",
          "invalidate",
          "prioritise",
          "drop",
        ] as const),
      ),
      n: fc.nat({ max: 1_000 }),
    }),
    { maxLength },
  );

describe("a chain that goes back to a moment", () => {
  it("is what it was then, whatever came since, and so are its followers", async () => {
    await fc.assert(
      fc.asyncProperty(acts(6), acts(12), async (before, since) => {
        const { chain, outpoints } = await start();
        const index = new TransactionIndex({ mempool: true });
        await (await chain.follow(index)).caughtUp;
        let extra = 1;
        for (const { what, n } of before) await act(chain, outpoints, what, n, extra++);
        const [moment, then] = [await chain.rewinding.moment(), await facts(chain)];
        for (let round = 0; round < 2; round++) {
          for (const { what, n } of since) await act(chain, outpoints, what, n, extra++);
          await chain.rewinding.rewind(moment);
          expect(await facts(chain)).toEqual(then);
          await expectInStep(chain, index);
        }
        // It goes on from there.
        const { hash } = await grow(chain, chain.tip, 1, 7_777);
        expect(chain.tip.hash).toBe(hash);
      }),
      { numRuns: 40 },
    );
  });

  it("takes the very blocks again that it forgot", async () => {
    const { chain } = await start();
    const moment = await chain.rewinding.moment();
    const block = makeBlock({ parent: chain.tip, params });
    for (let i = 0; i < 3; i++) {
      expect(await chain.acceptBlock(block, { requested: true })).toMatchObject({
        connected: true,
      });
      await chain.rewinding.rewind(moment);
      expect(await chain.getRawBlock(block.hash)).toBeUndefined();
    }
  });

  it("tells listeners of one step", async () => {
    const { chain, events } = await start();
    const moment = await chain.rewinding.moment();
    await grow(chain, chain.tip, 3);
    events.length = 0;
    await chain.rewinding.rewind(moment);
    expect(events.map(({ type }) => type)).toEqual([
      ...Array(3).fill("block-disconnected"),
      "tip-changed",
    ]);
  });
});

describe("rolling back", () => {
  it("forgets blocks with their transactions, and keeps what still holds", async () => {
    const { chain, outpoints } = await start();
    const [first, second] = outpoints as [Outpoint, Outpoint];
    const confirmed = spend([first], [100_000n]);
    const fork = chain.tip;
    await mine(chain, fork, [confirmed]);
    const stays = spend([second], [100_000n]);
    const goes = spend([output(confirmed)], [50_000n]);
    for (const each of [stays, goes]) {
      expect(await chain.acceptTransaction(each)).toMatchObject({ ok: true });
    }
    await chain.rewinding.rollback(fork);
    expect([chain.tip, chain.bestHeader]).toEqual([fork, fork]);
    const waiting = [...chain.mempool.entries()].map(({ transaction }) => transaction.txid);
    expect(waiting).toEqual([stays.txid]);
    await chain.rewinding.rollback(fork);
    expect(chain.tip).toBe(fork);
  });
});

it("drops a transaction and those that depend on it", async () => {
  const { chain, events, outpoints } = await start();
  const parent = spend([outpoints[0] as Outpoint], [100_000n]);
  const child: Transaction = spend([output(parent)], [50_000n]);
  await chain.acceptTransaction(parent);
  await chain.acceptTransaction(child);
  events.length = 0;
  expect(await chain.rewinding.drop(parent.txid)).toBe(true);
  expect(events).toEqual([
    { type: "transaction-removed", txid: child.txid, why: "dropped" },
    { type: "transaction-removed", txid: parent.txid, why: "dropped" },
  ]);
  expect(await chain.rewinding.drop(parent.txid)).toBe(false);
  expect(await chain.acceptTransaction(parent)).toMatchObject({ ok: true });
});

it("is refused by a chain on disk, which goes on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chain-rewinding-"));
  const { chain } = await openNode({ store: await openLevelStore(join(folder, "db")) });
  try {
    const moment = await chain.rewinding.moment();
    const node = await grow(chain, chain.tip, 1);
    await expect(chain.rewinding.rewind(moment)).rejects.toMatchObject({ code: "not-in-memory" });
    await expect(chain.rewinding.forget(node)).rejects.toMatchObject({ code: "not-in-memory" });
    await grow(chain, chain.tip, 1);
    expect(chain.tip.height).toBe(2);
  } finally {
    await chain.close();
    await rm(folder, { recursive: true });
  }
});

it("keeps blocks that a moment needs, and takes them back to it", async () => {
  const { chain } = await start();
  const fork = chain.tip;
  await grow(chain, fork, 2);
  const [moment, then] = [await chain.rewinding.moment(), await facts(chain)];
  await chain.rewinding.rollback(fork, { keeps: true });
  await grow(chain, fork, 4, 9);
  await chain.rewinding.rewind(moment);
  expect(await facts(chain)).toEqual(then);
});
