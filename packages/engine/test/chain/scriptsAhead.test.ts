/** Scripts that other threads run before the turn of their block comes. */
import { type Block, concatBytes, nobleVerifier, type SignatureVerifier } from "@chain/core";
import { makeBlock, payment, summary, testKey } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeScriptJobs, runScriptJobs } from "../../src/chain/scriptJobs.ts";
import type { ScriptJob, ScriptWorkers } from "../../src/ports.ts";
import { COIN_VALUE, coinbaseCoin, openNode, params } from "../support/chains.ts";

/** A job is run, its thread is lost, or no thread comes to it. */
const FATES = ["run", "lost", "late"] as const;
type Fate = (typeof FATES)[number];

/** Threads that are none: each job meets the fate that is next. */
class FakeWorkers implements ScriptWorkers {
  readonly #fates: readonly Fate[];
  jobs = 0;
  isClosed = false;

  constructor(fates: readonly Fate[]) {
    this.#fates = fates;
  }

  run(jobs: readonly ScriptJob[]) {
    const late: ScriptJob[] = [];
    const passed: ScriptJob[] = [];
    for (const job of jobs) {
      const fate = this.#fates[this.jobs++ % this.#fates.length];
      if (fate === "late") late.push(job);
      const [passes] = runScriptJobs(encodeScriptJobs([job]), nobleVerifier);
      if (fate === "run" && passes) passed.push(job);
    }
    return { passed: Promise.resolve(passed), takeBack: () => nextOf(late) };
  }

  async close() {
    this.isClosed = true;
  }
}

function nextOf(jobs: ScriptJob[]): readonly ScriptJob[] | undefined {
  return jobs.length === 0 ? undefined : jobs.splice(0, 1);
}

/** Blocks of which each spends the coinbase of the one before it. @param forged height of one that has no right to */
async function blocksOf(count: number, forged?: number): Promise<readonly Block[]> {
  const { chain } = await openNode(); // takes every signature
  const blocks = [params.genesis];
  for (let height = 1; height <= count; height++) {
    const outputs = [{ value: COIN_VALUE, scriptPubKey: testKey(0).script }];
    const coins = [coinbaseCoin(blocks.at(-1) as Block, height - 1)];
    const key = { ...testKey(height === forged ? 2 : 0), publicKey: testKey(0).publicKey };
    const transactions = [payment({ coins, outputs, key })];
    const block = makeBlock({ parent: chain.tip, params, transactions });
    expect(summary(await chain.acceptBlock(block, { requested: true }))).toBe("ok");
    blocks.push(block);
  }
  await chain.close();
  return blocks.slice(1);
}

/** Hands over all blocks at once. */
async function takeAll(blocks: readonly Block[], workers?: ScriptWorkers) {
  let checks = 0;
  const verifier: SignatureVerifier = {
    ...nobleVerifier,
    verifyEcdsa: (...given) => {
      checks++;
      return nobleVerifier.verifyEcdsa(...given);
    },
  };
  const { chain } = await openNode({ verifier, ...(workers && { scriptWorkers: workers }) });
  const verdicts = await Promise.all(
    blocks.map((block) => chain.acceptBlock(block.toBytes(), { requested: true })),
  );
  const texts = verdicts.map((verdict) =>
    verdict.ok ? "ok" : `${verdict.reason} ${verdict.debug}`,
  );
  const { height } = chain.tip;
  await chain.close();
  return { texts, height, checks };
}

it("are not run again", async () => {
  const blocks = await blocksOf(4);
  const workers = new FakeWorkers(["run"]);
  expect(await takeAll(blocks, workers)).toMatchObject({ height: 4, checks: 0 });
  expect(workers).toMatchObject({ jobs: 4, isClosed: true });
  expect((await takeAll(blocks)).checks).toBe(4);
});

it("change no verdict, whatever becomes of them", async () => {
  const honest = await blocksOf(4);
  const forged = await blocksOf(4, 3);
  const [first, second] = [await takeAll(honest), await takeAll(forged)];
  expect([first.height, second.height]).toEqual([4, 2]);
  expect(second.texts[2]).toContain("mandatory-script-verify-flag-failed");
  const fates = fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fates, fc.boolean(), async (list, isForged) => {
      const { checks: _, ...alone } = isForged ? second : first;
      expect(await takeAll(isForged ? forged : honest, new FakeWorkers(list))).toMatchObject(alone);
    }),
    { numRuns: 12 },
  );
});

it("are run here where no thread comes to them", async () => {
  const workers = new FakeWorkers(["late"]);
  expect(await takeAll(await blocksOf(3), workers)).toMatchObject({ height: 3, checks: 3 });
});

it("are left alone where a block is not asked for, does not decode, or has another's body", async () => {
  const [block, other] = await blocksOf(2);
  const workers = new FakeWorkers(["run"]);
  const { chain } = await openNode({ verifier: nobleVerifier, scriptWorkers: workers });
  const bytes = (block as Block).toBytes();
  const swapped = concatBytes(bytes.subarray(0, 80), (other as Block).toBytes().subarray(80));
  const requested = { requested: true };
  expect(summary(await chain.acceptBlock(bytes.subarray(0, 100), requested))).toMatch(/encoding/);
  expect(summary(await chain.acceptBlock(swapped, requested))).toMatch(/bad-txnmrklroot/);
  expect(workers.jobs).toBe(0);
  expect(summary(await chain.acceptBlock(bytes))).toBe("ok");
  expect(workers.jobs).toBe(0);
  await chain.close();
});

it("belong to the body that was looked at, not to another under the same header", async () => {
  const [block, other] = await blocksOf(2);
  const good = (block as Block).toBytes();
  const swapped = concatBytes(good.subarray(0, 80), (other as Block).toBytes().subarray(80));
  for (const [first, second] of [
    [good, swapped],
    [swapped, good],
  ] as const) {
    const workers = new FakeWorkers(["run"]);
    const { chain } = await openNode({ verifier: nobleVerifier, scriptWorkers: workers });
    const verdicts = await Promise.all([
      chain.acceptBlock(first), // nobody asked for it
      chain.acceptBlock(second, { requested: true }),
    ]);
    const mutated = "mutated: bad-txnmrklroot";
    expect(verdicts.map(summary)).toEqual(first === good ? ["ok", mutated] : [mutated, "ok"]);
    await chain.close();
  }
});

it("are not begun where an output is spent twice, or can't be spent", async () => {
  const { chain } = await openNode();
  const parent = makeBlock({ parent: chain.tip, params });
  await chain.acceptBlock(parent, { requested: true });
  const coins = [coinbaseCoin(parent, 1)];
  const twice = [1n, 2n].map((value) =>
    payment({ coins, outputs: [{ value, scriptPubKey: testKey(0).script }] }),
  );
  const burnt = { value: 1n, scriptPubKey: Uint8Array.of(0x6a, 1, 2) };
  const burning = payment({ coins, outputs: [burnt] });
  const located = {
    outpoint: { txid: burning.txid, vout: 0 },
    coin: { ...burnt, height: 2, coinbase: false },
  };
  const fromBurnt = payment({
    coins: [located],
    outputs: [{ value: 1n, scriptPubKey: testKey(0).script }],
    key: { ...testKey(0), script: testKey(0).script },
  });
  for (const [transactions, jobs] of [
    [twice, 0],
    [[burning, fromBurnt], 1],
  ] as const) {
    const workers = new FakeWorkers(["run"]);
    const node = await openNode({ verifier: nobleVerifier, scriptWorkers: workers });
    const block = makeBlock({ parent: chain.tip, params, transactions });
    const [, verdict] = await Promise.all([
      node.chain.acceptBlock(parent.toBytes(), { requested: true }),
      node.chain.acceptBlock(block.toBytes(), { requested: true }),
    ]);
    expect(summary(verdict)).toMatch(/bad-txns-inputs-missingorspent/);
    expect(workers.jobs).toBe(jobs);
    await node.chain.close();
  }
  await chain.close();
});

it("of a large block are shared when its turn comes, if nobody has foreseen them", async () => {
  const { chain } = await openNode();
  const funding: Block[] = [];
  for (let i = 0; i < 70; i++) {
    const block = makeBlock({ parent: chain.tip, params });
    await chain.acceptBlock(block, { requested: true });
    funding.push(block);
  }
  const coins = funding.map((block, i) => coinbaseCoin(block, i + 1));
  const outputs = [{ value: COIN_VALUE, scriptPubKey: testKey(0).script }];
  const key = testKey(0);
  const transactions = coins.map((coin) => payment({ coins: [coin], outputs, key }));
  const large = makeBlock({ parent: chain.tip, params, transactions });
  await chain.close();

  const workers = new FakeWorkers(["run", "late", "lost"]);
  const node = await openNode({ verifier: nobleVerifier, scriptWorkers: workers });
  for (const block of funding) await node.chain.acceptBlock(block, { requested: true });
  expect(summary(await node.chain.acceptBlock(large, { requested: true }))).toBe("ok");
  expect(workers.jobs).toBe(70);
  await node.chain.close();
});
