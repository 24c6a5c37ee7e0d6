import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Transaction } from "@chain/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testKey } from "../../../packages/core/test/support/blockFactory.ts";
import { UserError } from "../src/errors.ts";
import {
  readMempoolFile,
  type SavedTransaction,
  writeMempoolFile,
} from "../src/node/mempoolFile.ts";
import { startNode } from "../src/node/start.ts";
import { payAll, startTestNode } from "./support/nodes.ts";
import { newChain, temporaryDirectory } from "./support/place.ts";

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
    const saved = await readMempoolFile(identity.paths.mempool);
    expect(saved.map(({ unbroadcast }) => unbroadcast)).toEqual([false, false, false]);
  });

  it("are written down a moment after they come, without any stop", async () => {
    const identity = await newChain();
    const node = await startTestNode({ identity });
    await node.node.submitTransaction(await payAll(node));
    await expect
      .poll(async () => (await readMempoolFile(identity.paths.mempool)).length, { timeout: 5_000 })
      .toBe(1);
  });

  it("are forgotten where the file is damaged, with a warning, and the node starts", async () => {
    const { identity } = await chainOfPayments();
    const bytes = await readFile(identity.paths.mempool);
    for (const damaged of [
      bytes.subarray(0, -30),
      bytes.subarray(0, 7),
      Buffer.from("\u0002".padEnd(16, "\0")),
      Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(8, 0xff), bytes.subarray(16)]),
      Buffer.alloc(0),
      Buffer.alloc(100, 0xee),
    ]) {
      await writeFile(identity.paths.mempool, damaged);
      const lines: string[] = [];
      const log = (level: string, _: string, text: string) => void lines.push(`${level} ${text}`);
      const node = await startNode({ identity, connect: [], log });
      await node.stop();
      expect(lines).toContainEqual(expect.stringMatching(/^warn .*waiting transactions/));
    }
  });

  it("stay in the file where the node stops before it has looked at them", async () => {
    const { identity, transactions } = await chainOfPayments();
    const before = await readMempoolFile(identity.paths.mempool);
    const node = await startNode({ identity, connect: [] });
    await node.stop();
    const after = await readMempoolFile(identity.paths.mempool);
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
          const read = await readMempoolFile(path);
          const facts = (all: readonly SavedTransaction[]) =>
            all.map(({ transaction, ...more }) => ({ ...more, wtxid: transaction.wtxid }));
          expect(facts(read)).toEqual(facts(entries));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("never throws anything but a UserError for bytes that are no such file", async () => {
    const path = join(await temporaryDirectory(), "mempool.dat");
    const head = Buffer.from("01000000000000000300000000000000", "hex");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, withHead) => {
        await writeFile(path, withHead ? Buffer.concat([head, bytes]) : bytes);
        await readMempoolFile(path).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UserError);
        });
      }),
      { numRuns: 50 },
    );
  });
});
