import {
  type AncestorView,
  Block,
  MAX_BLOCK_SIGOPS_COST,
  MAX_BLOCK_WEIGHT,
  type Outpoint,
  type Policy,
  pushNumber,
  regtest,
  type Transaction,
  type VersionBitsDeployment,
} from "@chain/core";
import { MINER, summary } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/mempool/entry.ts";
import { Mempool } from "../../src/mempool/mempool.ts";
import { selectTransactions } from "../../src/mempool/selection.ts";
import { InProcessSearch } from "../../src/mining/search.ts";
import { blockTemplate, makeTemplate } from "../../src/mining/template.ts";
import { COIN_VALUE, give, mine, openNode, output, params, spend } from "../support/chains.ts";
import { realTimers, TestClock } from "../support/ports.ts";

const parent: AncestorView = {
  ...params.genesis.header,
  hash: params.genesis.hash,
  height: 0,
  medianTimePast: params.genesis.header.time,
  ancestor: () => undefined,
};

const [genesisCoinbase] = params.genesis.transactions as [Transaction];

const coin = (vout: number): Outpoint => ({ txid: genesisCoinbase.txid, vout });

/** Adds without asking any rule: a template has to trust its mempool. */
function add(mempool: Mempool, transaction: Transaction, fee: bigint, sigopCost = 4): Transaction {
  const candidate: Candidate = {
    transaction,
    fee,
    sigopCost,
    height: 0,
    coins: [],
    checks: [],
  };
  expect(summary(mempool.add(candidate, 0))).toBe("ok");
  return transaction;
}

const NO_LIMIT = { weight: MAX_BLOCK_WEIGHT, sigopCost: MAX_BLOCK_SIGOPS_COST };

function choose(
  mempool: Mempool,
  limits: Parameters<typeof selectTransactions>[1] = NO_LIMIT,
): Transaction[] {
  return selectTransactions(mempool.entries(), limits).map(({ transaction }) => transaction);
}

async function solve(block: Block): Promise<Block> {
  const search = new InProcessSearch(new TestClock(0), realTimers);
  const header = await search.search(block.header, { aborted: false });
  if (header === undefined) throw new Error("no nonce");
  return new Block(header, block.transactions);
}

describe("what goes into a block", () => {
  it("is what pays most for each byte, ties in order of arrival", () => {
    const mempool = new Mempool(params);
    const low = add(mempool, spend([coin(0)], [1n]), 100n);
    const high = add(mempool, spend([coin(1)], [1n]), 300n);
    const same = add(mempool, spend([coin(2)], [1n]), 100n);
    const broad = add(mempool, spend([coin(3)], [1n, 1n, 1n, 1n, 1n, 1n]), 310n);
    expect(choose(mempool)).toEqual([high, broad, low, same]);
  });

  it("is nothing that pays less than the least rate with its ancestors", () => {
    const mempool = new Mempool(params);
    const poor = add(mempool, spend([coin(0)], [1n]), 100n);
    const size = BigInt(mempool.get(poor.txid)?.size ?? 0);
    const rich = add(mempool, spend([coin(1)], [1n]), size);
    const choice = (minFeeRate: bigint) => choose(mempool, { ...NO_LIMIT, minFeeRate });
    expect(choice(1_000n)).toEqual(size > 100n ? [rich] : [poor, rich]);
    expect(choice(1_001n)).toEqual([]);
    // An operator that takes all of a fee away keeps the transaction out of its blocks.
    mempool.prioritise(poor.txid, -100n);
    expect(choice(1n)).toEqual([rich]);
    expect(choice(0n)).toEqual([rich, poor]);
  });

  it("goes by what a transaction pays with the ancestors that it needs", () => {
    const mempool = new Mempool(params);
    const free = add(mempool, spend([coin(0)], [1n, 1n]), 0n);
    const middle = add(mempool, spend([coin(1)], [1n]), 400n);
    const child = add(mempool, spend([output(free)], [1n]), 1000n);
    const freeRider = add(mempool, spend([output(free, 1)], [1n]), 410n);
    // Child and parent pay 500 each; once the parent is in, its other child is better than the one in the middle.
    expect(choose(mempool)).toEqual([free, child, freeRider, middle]);
  });

  it("leaves out what pays too little with the ancestors that it needs", () => {
    const mempool = new Mempool(params, {}, { blockMinFeeRate: 1000n });
    const free = add(mempool, spend([coin(0)], [1n, 1n]), 0n);
    const child = spend([output(free)], [1n]);
    add(mempool, child, BigInt(free.virtualSize + child.virtualSize));
    const cheap = spend([coin(1)], [1n]);
    add(mempool, cheap, BigInt(cheap.virtualSize) - 1n);
    const minFeeRate = mempool.policy.blockMinFeeRate;
    expect(choose(mempool, { ...NO_LIMIT, minFeeRate })).toEqual([free, child]);
    expect(choose(mempool)).toEqual([free, child, cheap]);
    const chain = { tip: parent, params, mempool, now: params.genesis.header.time * 1000 };
    expect(blockTemplate(chain, MINER.script).entries).toHaveLength(2);
  });

  it("is no more than the policy allows, under the version that it says", () => {
    const entriesWith = (policy: Partial<Policy>) => {
      const mempool = new Mempool(params, {}, policy);
      const first = add(mempool, spend([coin(0)], [1n]), 1000n);
      add(mempool, spend([coin(1)], [1n]), 900n);
      const chain = { tip: parent, params, mempool, now: params.genesis.header.time * 1000 };
      return { weight: first.weight, template: blockTemplate(chain, MINER.script) };
    };
    const { weight } = entriesWith({});
    const room = (blockMaxWeight: number) =>
      entriesWith({ blockMaxWeight, blockReservedWeight: 4000 }).template.entries.length;
    expect([4000, 3999 + weight, 4000 + weight, 4000 + 2 * weight].map(room)).toEqual([0, 0, 1, 2]);
    expect(room(2000)).toBe(0);
    expect(entriesWith({ blockVersion: 1337 }).template.block.header.version).toBe(1337);
  });

  it("leaves out what does not fit, and takes smaller ones instead", () => {
    const mempool = new Mempool(params);
    const large = add(mempool, spend([coin(0)], new Array<bigint>(50).fill(1n)), 100_000n);
    const costly = add(mempool, spend([coin(1)], [1n]), 5000n, 1000);
    const small = add(mempool, spend([coin(2)], [1n]), 1n);
    expect(choose(mempool, { weight: large.weight - 1, sigopCost: 999 })).toEqual([small]);
    expect(choose(mempool, { weight: large.weight, sigopCost: 1000 })).toEqual([large]);
    expect(choose(mempool, { ...NO_LIMIT, sigopCost: 1000 })).toEqual([large, small]);
    expect(choose(mempool)).toEqual([large, costly, small]);
  });

  it("never breaks a limit, an order or a family, whatever waits", () => {
    const entry = fc.record({
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      fee: fc.nat(5000),
      outputs: fc.integer({ min: 1, max: 30 }),
      cost: fc.nat(40),
    });
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 40 }),
        fc.nat(30_000),
        fc.nat(400),
        (plan, weight, sigopCost) => {
          const mempool = new Mempool(params);
          const free: Outpoint[] = Array.from({ length: 10 }, (_, vout) => coin(vout));
          for (const { picks, fee, outputs, cost } of plan) {
            const inputs = picks.flatMap((n) =>
              free.length > 0 ? free.splice(n % free.length, 1) : [],
            );
            if (inputs.length === 0) continue;
            const transaction = spend(inputs, new Array<bigint>(outputs).fill(1n));
            add(mempool, transaction, BigInt(fee), cost);
            free.push(...transaction.outputs.map((_, vout) => output(transaction, vout)));
          }
          const chosen = selectTransactions(mempool.entries(), { weight, sigopCost });
          expect(
            chosen.reduce((sum, each) => sum + each.transaction.weight, 0),
          ).toBeLessThanOrEqual(weight);
          expect(chosen.reduce((sum, each) => sum + each.sigopCost, 0)).toBeLessThanOrEqual(
            sigopCost,
          );
          const seen = new Set<unknown>();
          for (const each of chosen) {
            for (const above of each.parents) expect(seen.has(above)).toBe(true);
            seen.add(each);
          }
          expect(seen.size).toBe(chosen.length);
          // A transaction that was left out, and needs nothing else that was left out, would not have fit.
          const room = weight - chosen.reduce((sum, each) => sum + each.transaction.weight, 0);
          const cost = sigopCost - chosen.reduce((sum, each) => sum + each.sigopCost, 0);
          for (const each of mempool.entries()) {
            if (seen.has(each) || [...each.parents].some((above) => !seen.has(above))) continue;
            expect(each.transaction.weight > room || each.sigopCost > cost).toBe(true);
          }
          expect(selectTransactions(mempool.entries(), { weight, sigopCost })).toEqual(chosen);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("a template", () => {
  it("lacks only work: height, commitment, reward, time and bits are right", async () => {
    const { chain, clock } = await openNode();
    const paying = spend([coin(0)], [COIN_VALUE - 700n]);
    await chain.acceptTransaction(paying);
    const template = blockTemplate(chain, MINER.script, { extraNonce: 5 });
    expect(template).toMatchObject({ height: 1, fees: 700n, minTime: parent.medianTimePast + 1 });
    expect(template.entries.map(({ transaction }) => transaction)).toEqual([paying]);
    const { header, transactions } = template.block;
    expect(header).toMatchObject({ bits: params.powLimitBits, nonce: 0, time: clock.now() / 1000 });
    const [coinbase] = transactions as [Transaction];
    const { scriptSig, witness } = coinbase.inputs[0]!;
    expect(scriptSig.subarray(0, 1)).toEqual(pushNumber(1));
    expect(coinbase.outputs[0]).toMatchObject({
      value: COIN_VALUE + 700n,
      scriptPubKey: MINER.script,
    });
    expect(coinbase.outputs[1]?.value).toBe(0n);
    expect(witness).toEqual([new Uint8Array(32)]);
    // The same again is the same; another extra nonce is another block.
    expect(blockTemplate(chain, MINER.script, { extraNonce: 5 }).block.hash).toBe(
      template.block.hash,
    );
    expect(blockTemplate(chain, MINER.script, { extraNonce: 6 }).block.hash).not.toBe(
      template.block.hash,
    );
  });

  it("is never earlier than the rules allow, whatever the clock says", async () => {
    const { chain, clock } = await openNode();
    clock.milliseconds = 0;
    const { block, minTime } = blockTemplate(chain, MINER.script);
    expect(block.header.time).toBe(minTime);
    clock.milliseconds = (minTime + 50) * 1000;
    expect(blockTemplate(chain, MINER.script).block.header.time).toBe(minTime + 50);
  });

  it("signals for deployments that want it, and keeps to BIP-0094", () => {
    const [testdummy] = regtest.versionBits as readonly [VersionBitsDeployment];
    const early = {
      ...parent,
      medianTimePast: parent.time - 5000,
      ancestor: (at: number) => (at === 0 ? parent : undefined),
    };
    const options = { payTo: MINER.script, time: 0 };
    const eager = {
      ...params,
      versionBits: [{ ...testdummy, period: 1 }],
      targetTimespan: params.targetSpacing,
    };
    const { block, minTime } = makeTemplate(early, [], eager, options);
    expect(block.header.version).toBe(0x3000_0000);
    expect(minTime).toBe(parent.time - 600);
    const plain = makeTemplate(early, [], params, options);
    expect(plain.block.header.version).toBe(0x2000_0000);
    expect(plain.minTime).toBe(parent.time - 4999);
  });

  it("commits to nothing where SegWit is not in force", () => {
    const old = { ...params, deployments: { ...params.deployments, segwit: 100 } };
    const { block } = makeTemplate(parent, [], old, { payTo: MINER.script, time: 0 });
    expect(block.transactions[0]?.outputs).toHaveLength(1);
    expect(block.transactions[0]?.hasWitness).toBe(false);
  });

  it("fills a block to its limit and is taken", async () => {
    const { chain } = await openNode({
      mempool: {
        maxAncestorCount: 100,
        maxAncestorSize: 10_000_000,
        maxDescendantCount: 100,
        maxDescendantSize: 10_000_000,
      },
    });
    const split = spend([coin(0)], new Array<bigint>(60).fill(1_000_000n));
    await mine(chain, chain.tip, [split]);
    // 60 times about 100,000 weight units: more than fits.
    for (let vout = 0; vout < 60; vout++) {
      const outputs = new Array<bigint>(730).fill(1n);
      const verdict = await chain.acceptTransaction(spend([output(split, vout)], outputs));
      expect(summary(verdict)).toBe("ok");
    }
    // Each output counts as a signature operation too, so that limit is the first.
    const { block, entries } = blockTemplate(chain, MINER.script);
    const cost = entries.reduce((sum, { sigopCost }) => sum + sigopCost, 0);
    expect(cost).toBeLessThanOrEqual(MAX_BLOCK_SIGOPS_COST - 400);
    expect(cost).toBeGreaterThan(MAX_BLOCK_SIGOPS_COST - 400 - 2 * 730 * 4);
    expect(block.weight).toBeLessThanOrEqual(MAX_BLOCK_WEIGHT);
    const solved = await solve(blockTemplate(chain, MINER.script).block);
    expect(await give(chain, solved)).toBe(chain.tip);
  });
});
