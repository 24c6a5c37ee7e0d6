import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex, type Transaction, type Txid } from "@chain/core";
import { testKey } from "@chain/testing/blockFactory";
import { payAll, startTestNode } from "@chain/testing/nodes";
import { newChain, temporaryDirectory } from "@chain/testing/place";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readMempoolFile,
  type SavedTransaction,
  writeMempoolFile,
} from "../src/node/mempoolFile.ts";
import { MempoolJournal, readMempoolJournal } from "../src/node/mempoolJournal.ts";
import { startNode } from "../src/node/start.ts";
import { mineBlock } from "../src/offline.ts";
import { openControl } from "../src/rpc/client.ts";

/** A payment on a chain of its own, and two that build on it. */
async function chainOfPayments(): Promise<{
  readonly identity: Awaited<ReturnType<typeof newChain>>;
  readonly transactions: readonly Transaction[];
}> {
  const identity = await newChain();
  const node = await startNode({ identity, connect: [] });
  const transactions: Transaction[] = [];
  for (let n = 0; n < 3; n++) {
    const transaction = await payAll(node, { from: testKey(n), to: testKey(n + 1) });
    transactions.push(transaction);
    expect(await node.node.submitTransaction(transaction)).toMatchObject({ ok: true });
  }
  await node.stop();
  return { identity, transactions };
}

describe("waiting transactions", () => {
  it("wait again when the node comes back", async () => {
    const { identity, transactions } = await chainOfPayments();
    const node = await startTestNode({ identity });
    await expect.poll(() => node.chain.mempool.count).toBe(3);
    const waiting = [...node.chain.mempool.entries()].map(({ transaction }) => transaction.txid);
    expect(waiting).toEqual(transactions.map(({ txid }) => txid));
    // Its format is Core's, version 1: version, count, (transaction, time, fee delta)…, an empty table of fee deltas,
    // and the ids of those that no peer has shown to know.
    const bytes = await readFile(identity.paths.mempool);
    expect(bytes.subarray(0, 16).toString("hex")).toBe("01000000000000000300000000000000");
    expect(bytes.subarray(-106, -96).toString("hex")).toBe("00000000000000000003");
    const ids = transactions.map(({ txid }) => Buffer.from(txid, "hex").reverse().toString("hex"));
    expect(bytes.subarray(-96).toString("hex")).toBe(ids.join(""));
  });

  it("are announced by the next run too where nobody has heard of them", async () => {
    const { identity, transactions } = await chainOfPayments();
    const node = await startTestNode({ identity });
    await expect.poll(() => node.chain.mempool.count).toBe(3);
    const notTold = () => transactions.map(({ txid }) => node.node.unbroadcast.has(txid));
    await expect.poll(notTold).toEqual([true, true, true]);
    const connect = [{ host: "127.0.0.1", port: identity.nodeId }];
    await startTestNode({ identity: await newChain(), connect });
    await expect.poll(notTold).toEqual([false, false, false]);
    await node.stop();
    const { entries: saved } = await readMempoolFile(identity.paths.mempool);
    expect(saved.map(({ unbroadcast }) => unbroadcast)).toEqual([false, false, false]);
  });

  it("are written down a moment after they come, without any stop", async () => {
    const identity = await newChain();
    const node = await startTestNode({ identity });
    await node.node.submitTransaction(await payAll(node));
    await expect
      .poll(async () => (await readMempoolFile(identity.paths.mempool)).entries.length)
      .toBe(1);
  });

  it("are neither read nor written where they are not to be kept", async () => {
    const { identity } = await chainOfPayments();
    const before = await readFile(identity.paths.mempool);
    const node = await startNode({ identity, connect: [], persistMempool: false });
    expect(node.chain.mempool.count).toBe(0);
    expect(await node.node.submitTransaction(await payAll(node))).toMatchObject({ ok: true });
    await node.stop();
    expect(await readFile(identity.paths.mempool)).toEqual(before);
    const next = await startTestNode({ identity });
    await expect.poll(() => next.chain.mempool.count).toBe(3);
  });

  it("are as many as the node is told to take", async () => {
    const node = await startTestNode({
      identity: await newChain(),
      mempool: { maxAncestorCount: 1 },
    });
    // One descendant more than the limit is let in (the carve-out).
    for (const n of [0, 1]) {
      const payment = await payAll(node, { from: testKey(n), to: testKey(n + 1) });
      expect(await node.node.submitTransaction(payment)).toMatchObject({ ok: true });
    }
    const third = await payAll(node, { from: testKey(2), to: testKey(3) });
    expect(await node.node.submitTransaction(third)).toMatchObject({
      ok: false,
      reason: "too-long-mempool-chain",
    });
  });

  it.each([
    ["without its last 3 bytes", 3, (bytes: Buffer) => bytes.subarray(0, -3)],
    ["without the list of those that nobody knows", 3, (bytes: Buffer) => bytes.subarray(0, -97)],
    ["cut in the last transaction", 2, (bytes: Buffer) => bytes.subarray(0, -130)],
    ["cut in its head", 0, (bytes: Buffer) => bytes.subarray(0, 7)],
    ["of a later version", 0, (bytes: Buffer) => Buffer.from([3, ...bytes.subarray(1)])],
    [
      "with another count",
      3,
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(8, 0xff), bytes.subarray(16)]),
    ],
    ["empty", 0, () => Buffer.alloc(0)],
    ["full of something else", 0, () => Buffer.alloc(100, 0xee)],
  ])(
    "are kept as far as they can be read from a file %s, and the file too",
    async (_, count, damage) => {
      const { identity } = await chainOfPayments();
      const path = identity.paths.mempool;
      const damaged = damage(await readFile(path));
      await writeFile(path, damaged);
      const lines: string[] = [];
      const log = (level: string, _: string, text: string) => void lines.push(`${level} ${text}`);
      const node = await startTestNode({ identity, log });
      await expect.poll(() => node.chain.mempool.count).toBe(count);
      await node.stop();
      expect(lines).toContainEqual(expect.stringMatching(/^warn .*mempool.*is damaged/));
      expect(await readFile(`${path}.damaged-1`)).toEqual(damaged);
      expect((await readMempoolFile(path)).entries.length).toBe(count);
    },
  );

  it("are read from any part of a file, as many as stand in it whole (property)", async () => {
    const { identity, transactions } = await chainOfPayments();
    const bytes = await readFile(identity.paths.mempool);
    const path = join(await temporaryDirectory(), "mempool.dat");
    const ends: number[] = [];
    for (const { totalSize } of transactions) ends.push((ends.at(-1) ?? 16) + totalSize + 16);
    for (let length = 0; length < bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length));
      const { entries, damage } = await readMempoolFile(path);
      expect(entries.length).toBe(ends.filter((end) => end <= length).length);
      expect(damage).toBeDefined();
    }
  });

  it("are read from a file of Core's version 2, which is XORed with its key", async () => {
    const { identity, transactions } = await chainOfPayments();
    const plain = await readFile(identity.paths.mempool);
    const key = Buffer.from("0123456789abcdef", "hex");
    const head = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, key.length]), key]);
    const rest = plain.subarray(8).map((byte, i) => byte ^ (key[(i + head.length) % 8] as number));
    const path = join(await temporaryDirectory(), "mempool.dat");
    await writeFile(path, Buffer.concat([head, rest]));
    const { entries, damage } = await readMempoolFile(path);
    expect(damage).toBeUndefined();
    expect(entries.map(({ transaction }) => transaction.txid)).toEqual(
      transactions.map(({ txid }) => txid),
    );
    expect(entries).toEqual((await readMempoolFile(identity.paths.mempool)).entries);
  });

  it("keep what an operator of Core has added to their fees, until a block holds them", async () => {
    const { identity, transactions } = await chainOfPayments();
    const { entries } = await readMempoolFile(identity.paths.mempool);
    const [one, two] = transactions as [Transaction, Transaction];
    const other = "ab".repeat(32) as Txid;
    const deltas = new Map([
      [one.txid, 5_000n],
      [two.txid, 7n],
      [other, -(2n ** 62n)],
    ]);
    await writeMempoolFile(identity.paths.mempool, entries, deltas);
    const node = await startTestNode({ identity });
    await expect.poll(() => node.chain.mempool.count).toBe(3);
    expect(new Map(node.chain.mempool.feeDeltas())).toEqual(deltas);
    const entry = node.chain.mempool.get(one.txid);
    expect((entry?.modifiedFee ?? 0n) - (entry?.fee ?? 0n)).toBe(5_000n);
    await node.stop();
    const again = await readMempoolFile(identity.paths.mempool);
    expect(again.entries).toHaveLength(3);
    expect(again.deltas).toEqual(deltas);
    const miner = await startTestNode({ identity });
    await expect.poll(() => miner.chain.mempool.count).toBe(3);
    await mineBlock(miner.chain, testKey(0).script);
    await miner.stop();
    const after = await readMempoolFile(identity.paths.mempool);
    expect([after.entries, after.deltas]).toEqual([[], new Map([[other, -(2n ** 62n)]])]);
  });

  it("are saved and imported when a caller asks for it, as Core's are", async () => {
    const { identity, transactions } = await chainOfPayments();
    const node = await startTestNode({ identity });
    await expect.poll(() => node.chain.mempool.count).toBe(3);
    const [one] = transactions as [Transaction];
    const control = await openControl(identity.paths);
    await control?.call("prioritisetransaction", { txid: one.txid, fee_delta: 5_000 });
    expect(await control?.call("savemempool")).toEqual({ filename: identity.paths.mempool });
    const saved = join(await temporaryDirectory(), "saved.dat");
    await copyFile(identity.paths.mempool, saved);
    await mineBlock(node.chain, testKey(9).script);
    expect(node.chain.mempool.count).toBe(0);
    expect([...node.chain.mempool.feeDeltas()]).toEqual([]);
    await node.chain.invalidateBlock(node.chain.tip);
    await control?.call("importmempool", { filepath: saved });
    expect(node.chain.mempool.count).toBe(3);
    expect([...node.chain.mempool.feeDeltas()]).toEqual([]);
    await control?.call("importmempool", {
      filepath: saved,
      apply_fee_delta_priority: true,
    });
    expect([...node.chain.mempool.feeDeltas()]).toEqual([[one.txid, 5_000n]]);
    for (const filepath of [join(await temporaryDirectory(), "none"), await temporaryDirectory()]) {
      await expect(control?.call("importmempool", { filepath })).rejects.toThrow(
        "Unable to import mempool file",
      );
      // Core reads the options that it knows, and no others.
      await expect(control?.call("importmempool", { filepath, options: { x: 1 } })).rejects.toThrow(
        "Unable to import mempool file",
      );
      const wrong = { filepath, options: { use_current_time: 1 } };
      await expect(control?.call("importmempool", wrong)).rejects.toMatchObject({ code: -3 });
    }
  });

  it("keep the time of their arrival, and expire by it", async () => {
    const { identity } = await chainOfPayments();
    const { entries } = await readMempoolFile(identity.paths.mempool);
    const now = Math.floor(Date.now() / 1000) * 1000;
    const times = [now - 336 * 3600_000 + 3600_000, now - 1000, now];
    await writeMempoolFile(
      identity.paths.mempool,
      entries.map((entry, i) => ({ ...entry, time: times[i] as number })),
    );
    const first = await startTestNode({ identity });
    await expect.poll(() => first.chain.mempool.count).toBe(3);
    expect([...first.chain.mempool.entries()].map(({ time }) => time)).toEqual(times);
    await first.stop();
    const late = await startTestNode({ identity, mockTime: now / 1000 + 2 * 3600 });
    // The first one has expired by now, and the others spend what it made.
    await expect
      .poll(async () => (await readMempoolFile(identity.paths.mempool)).entries.length)
      .toBe(0);
    expect(late.chain.mempool.count).toBe(0);
  });

  it("stay in the file where the node stops before it has looked at them", async () => {
    const { identity, transactions } = await chainOfPayments();
    const { entries: before } = await readMempoolFile(identity.paths.mempool);
    const node = await startNode({ identity, connect: [] });
    await node.stop();
    const { entries: after } = await readMempoolFile(identity.paths.mempool);
    expect(before.map(({ transaction }) => transaction.txid)).toEqual(
      transactions.map(({ txid }) => txid),
    );
    expect(after.map(({ transaction }) => transaction.txid)).toEqual(
      transactions.map(({ txid }) => txid),
    );
  });

  it("come back from a file as they went in", async () => {
    const { transactions } = await chainOfPayments();
    const path = join(await temporaryDirectory(), "mempool.dat");
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.record({
            transaction: fc.constantFrom(...transactions),
            seconds: fc.nat(),
            unbroadcast: fc.boolean(),
          }),
          { selector: ({ transaction }) => transaction.txid },
        ),
        async (wanted) => {
          const entries = wanted.map(({ seconds, ...more }) => ({ ...more, time: seconds * 1000 }));
          await writeMempoolFile(path, entries);
          const { entries: read } = await readMempoolFile(path);
          const facts = (all: readonly SavedTransaction[]) =>
            all.map(({ transaction, ...more }) => ({ ...more, wtxid: transaction.wtxid }));
          expect(facts(read)).toEqual(facts(entries));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("are never read with an exception from bytes that are no such file", async () => {
    const path = join(await temporaryDirectory(), "mempool.dat");
    const head = Buffer.from("01000000000000000300000000000000", "hex");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, withHead) => {
        await writeFile(path, withHead ? Buffer.concat([head, bytes]) : bytes);
        const { entries, damage } = await readMempoolFile(path);
        expect(damage === undefined && entries.length > 0).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the journal of accepted transactions", () => {
  it("keeps what comes while it is emptied", async () => {
    const { transactions } = await chainOfPayments();
    const [one, two] = transactions as [Transaction, Transaction];
    const path = join(await temporaryDirectory(), "journal");
    const journal = await MempoolJournal.open(path, 0);
    for (let n = 0; n < 20; n++) {
      await journal.append(one, n);
      const { size } = journal;
      await Promise.all([journal.append(two, n), journal.clear(size)]);
      const held = (await readMempoolJournal(path))?.entries ?? [];
      expect(held.at(-1)?.transaction.txid).toBe(two.txid);
      await journal.clear(journal.size);
      expect((await readMempoolJournal(path))?.entries).toEqual([]);
    }
    await journal.close();
  });

  it("holds the unconfirmed transactions that a payment spends", async () => {
    const identity = await newChain();
    const node = await startTestNode({ identity });
    const parent = await payAll(node, { from: testKey(0), to: testKey(1) });
    // A peer's, which is in no journal.
    await node.chain.acceptTransaction(parent);
    const child = await payAll(node, { from: testKey(1), to: testKey(2) });
    const control = await openControl(identity.paths);
    await control?.call("sendrawtransaction", { hexstring: bytesToHex(child.toBytes()) });
    const journal = await readMempoolJournal(`${identity.paths.mempool}.journal`);
    const names = (journal?.entries ?? []).map(({ transaction }) => transaction.txid);
    const file = (await readMempoolFile(identity.paths.mempool)).entries;
    expect([...file.map(({ transaction }) => transaction.txid), ...names]).toEqual(
      expect.arrayContaining([parent.txid, child.txid]),
    );
  });
});
