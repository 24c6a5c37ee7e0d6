import { bytesToHex, p2wpkhScript, type Transaction } from "@chain/core";
import { createNode } from "@chain/fullnode";
import { createRpcClient } from "@chain/rpc/client";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { createDevChain, type DevChain, type DevChainOptions } from "../src/index.ts";

async function newChain(options: DevChainOptions = {}): Promise<DevChain> {
  const chain = await createDevChain(options);
  onTestFinished(() => chain.close());
  return chain;
}

const SCRIPT = p2wpkhScript(new Uint8Array(20).fill(7));
const OTHER = p2wpkhScript(new Uint8Array(20).fill(8));
const TIME = 1_800_000_000;

async function facts(chain: DevChain) {
  const { chain: manager, mempool } = chain.node;
  const { tip: _, ...coins } = await manager.coinStatistics("muhash");
  return {
    ...{ tip: chain.tip, now: chain.now, coins },
    mempool: [...mempool.entries()].map(({ transaction, modifiedFee, time }) => {
      return [transaction.txid, modifiedFee, time];
    }),
    headers: manager.headers.size,
  };
}

const waiting = (chain: DevChain) =>
  [...chain.node.mempool.entries()].map(({ transaction }) => transaction.txid);
const transactionOf = (chain: DevChain, txid: string) =>
  chain.node.mempool.get(txid as Transaction["txid"])?.transaction as Transaction;

describe("snapshots", () => {
  test("bring back chain, mempool and clock, whatever was done since", async () => {
    const verb = fc.record({
      act: fc.constantFrom("mine", "send", "fund", "faucet", "time", "reorg", "rollback", "drop"),
      n: fc.nat({ max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(verb, { maxLength: 8 }), async (verbs) => {
        const chain = await createDevChain({ time: TIME });
        await chain.send(0, SCRIPT, 1_000n);
        await chain.mine(2);
        await chain.send(1, SCRIPT, 1_000n);
        const [id, then] = [await chain.snapshot(), await facts(chain)];
        for (let round = 0; round < 2; round++) {
          for (const { act, n } of verbs) {
            if (act === "mine") await chain.mine(n % 4, { interval: n });
            else if (act === "send") await chain.send(n, SCRIPT, 1_000n);
            else if (act === "fund") await chain.fund(SCRIPT, 5_000n);
            else if (act === "faucet") await chain.faucet(SCRIPT, 5_000n);
            else if (act === "time") chain.increaseTime(n * 100);
            else if (act === "reorg") await chain.reorg({ depth: 1 + (n % 5), unconfirm: "all" });
            else if (act === "rollback") await chain.rollback(n % 3);
            else await chain.drop(waiting(chain)[0] ?? ("00".repeat(32) as never));
          }
          await chain.revert(id);
          expect(await facts(chain)).toEqual(then);
        }
        await chain.mine();
        expect(await chain.balance(SCRIPT)).toBe(2_000n);
        await chain.close();
      }),
      { numRuns: 8 },
    );
  });

  test("nest, and those that were taken later are gone", async () => {
    const chain = await newChain();
    const [start, first] = [chain.height, await chain.snapshot()];
    await chain.mine();
    const second = await chain.snapshot();
    await chain.mine();
    await chain.revert(second);
    expect(chain.height).toBe(start + 1);
    await chain.revert(first);
    expect(chain.height).toBe(start);
    await expect(chain.revert(second)).rejects.toThrow(`there is no snapshot ${second}`);
    await chain.revert(first);
  });

  test("take indexes along, and the RPC sees nothing else", async () => {
    const chain = await newChain({ rpc: true, indexes: { transactions: true } });
    const client = createRpcClient(chain.node.rpc);
    const id = await chain.snapshot();
    const txid = await chain.send(0, SCRIPT, 1_000n);
    await chain.mine();
    expect(await client.getRawTransaction(txid)).toHaveLength(444);
    await chain.revert(id);
    await expect(client.getRawTransaction(txid)).rejects.toThrow("No such mempool or blockchain");
    expect(await client.getBlockCount()).toBe(chain.height);
    expect(await client.getChainTips()).toHaveLength(1);
  });

  test("cost the depth, and not the length of the chain", async () => {
    const chain = await newChain({ time: TIME });
    await chain.mine(400);
    const id = await chain.snapshot();
    const before = performance.now();
    for (let i = 0; i < 20; i++) {
      await chain.mine();
      await chain.revert(id);
    }
    // A walk of the chain, 20 times over 530 blocks, takes seconds.
    expect(performance.now() - before).toBeLessThan(1_500);
  });
});

describe("a reorganisation", () => {
  test("moves in one step to a branch that is one block longer", async () => {
    const chain = await newChain({ time: TIME });
    const [one, two] = [await chain.send(0, SCRIPT, 1_000n), await chain.send(1, SCRIPT, 1_000n)];
    await chain.mine(3);
    const events: string[] = [];
    chain.node.subscribe(({ type }) => events.push(type));
    const before = chain.height;
    const old = [2, 1, 0].map((n) => chain.node.chain.headers.activeAt(before - n)?.hash);
    const { forkHeight, disconnected, connected } = await chain.reorg({ depth: 3 });
    expect([forkHeight, chain.height]).toEqual([before - 3, before + 1]);
    expect(disconnected).toEqual(old);
    expect(chain.tip.hash).toBe(connected.at(-1));
    expect(events.filter((type) => type === "tip-changed")).toHaveLength(1);
    expect(await chain.balance(SCRIPT)).toBe(2_000n);
    expect(waiting(chain)).toEqual([]);
    const { transactions } = (await chain.node.chain.getBlock(connected[0] as never)) ?? {};
    expect(
      transactions
        ?.slice(1)
        .map(({ txid }) => txid)
        .sort(),
    ).toEqual([one, two].sort());
  });

  test("the fees of the new blocks are those of the old ones", async () => {
    const chain = await newChain();
    const supply = async () => (await chain.node.chain.coinStatistics()).total;
    await chain.send(0, SCRIPT, 1_000n, { feeRate: 100 });
    await chain.mine();
    const [before, { height }] = [await supply(), chain];
    await chain.reorg({ depth: 1 });
    expect(chain.height).toBe(height + 1);
    expect((await supply()) - before).toBe(50_0000_0000n);
  });

  test("a transaction that vanishes, one that waits again, and their descendants", async () => {
    const chain = await newChain();
    const dropped = await chain.send(0, SCRIPT, 1_000n);
    const freed = await chain.send(1, SCRIPT, 1_000n);
    await chain.mine();
    const child = await chain.send(1, OTHER, 1_000n);
    const stays = await chain.send(2, OTHER, 1_000n);
    await chain.mine();
    await chain.reorg({ depth: 2, drop: [dropped], unconfirm: [freed] });
    expect(waiting(chain)).toEqual([freed, child]);
    expect(await chain.balance(SCRIPT)).toBe(0n);
    expect(await chain.balance(OTHER)).toBe(1_000n);
    expect(chain.node.mempool.get(stays)).toBeUndefined();
    await chain.mine();
    expect(await chain.balance(SCRIPT)).toBe(1_000n);
  });

  test("a transaction that is double-spent", async () => {
    const chain = await newChain({ time: TIME });
    const twin = await newChain({ time: TIME });
    const paid = await chain.send(0, SCRIPT, 1_000n);
    await chain.mine();
    const other = transactionOf(twin, await twin.send(0, OTHER, 1_000n));
    await chain.reorg({ depth: 1, replace: { [paid]: bytesToHex(other.toBytes()) } });
    expect([await chain.balance(SCRIPT), await chain.balance(OTHER)]).toEqual([0n, 1_000n]);
    expect(waiting(chain)).toEqual([]);
  });

  test("a transaction that is confirmed at another height", async () => {
    const chain = await newChain();
    const txid = await chain.send(0, SCRIPT, 1_000n);
    await chain.mine(2);
    const [{ coin: before } = { coin: undefined }] = await chain.coins(SCRIPT);
    await chain.reorg({ depth: 2, unconfirm: [txid] });
    await chain.mine();
    const [{ coin: after } = { coin: undefined }] = await chain.coins(SCRIPT);
    expect((after?.height ?? 0) - (before?.height ?? 0)).toBe(3);
  });

  test("ten blocks deep, more than once, with a peer that follows", async () => {
    const chain = await newChain();
    const peer = await createNode();
    onTestFinished(() => peer.close());
    await peer.connect(chain.node);
    await chain.send(0, SCRIPT, 1_000n);
    await chain.mine(10);
    for (let i = 0; i < 3; i++) await chain.reorg({ depth: 10 });
    await peer.until(() => peer.chain.tip.hash === chain.tip.hash);
    expect((await peer.chain.coinStatistics()).hash).toBe(
      (await chain.node.chain.coinStatistics()).hash,
    );
  });

  test("that breaks a rule leaves all as it was", async () => {
    const chain = await newChain({ time: TIME });
    const rich = await newChain({ time: TIME, balance: 200_0000_0000n });
    const txid = await chain.send(0, SCRIPT, 1_000n);
    await chain.mine();
    const foreign = transactionOf(rich, await rich.send(0, OTHER, 1_000n));
    const before = await facts(chain);
    await expect(chain.reorg({ depth: 1, replace: { [txid]: foreign } })).rejects.toThrow(
      "the new branch is not valid: bad-txns-inputs-missingorspent",
    );
    expect(await facts(chain)).toEqual(before);
    await expect(chain.reorg({ depth: 1, drop: ["00".repeat(32)] })).rejects.toThrow(
      "0000 is not in the last block",
    );
    await expect(chain.reorg({ depth: 1_000 })).rejects.toThrow("depth is a number of blocks");
    await expect(chain.reorg({ depth: 0 })).rejects.toThrow("depth is a number of blocks");
  });
});

test("rolling back forgets blocks, and the same ones can come again", async () => {
  const chain = await newChain({ time: TIME });
  await chain.send(0, SCRIPT, 1_000n);
  const [{ hash } = { hash: "" }] = await chain.mine();
  await chain.rollback();
  expect(chain.node.chain.headers.get(hash as never)).toBeUndefined();
  expect([await chain.balance(SCRIPT), waiting(chain)]).toEqual([0n, []]);
  await chain.send(0, SCRIPT, 1_000n);
  await chain.mine();
  expect(await chain.balance(SCRIPT)).toBe(1_000n);
  await expect(chain.rollback(10_000)).rejects.toThrow("depth");
});

test("fees: the rate that estimates answer, and what a transaction counts as paying", async () => {
  const chain = await newChain({ rpc: true });
  const client = createRpcClient(chain.node.rpc);
  chain.setFeeRate(25);
  expect((await client.estimateSmartFee(2)).feerate).toBe(0.00025);
  const txid = await chain.send(0, SCRIPT, 1_000n);
  const { fee = 0n, size = 1 } = chain.node.mempool.get(txid) ?? {};
  expect(Number(fee) / size).toBeCloseTo(25, 0);
  await chain.prioritise(txid, 5_000n);
  expect(chain.node.mempool.get(txid)?.modifiedFee).toBe(fee + 5_000n);
  chain.setFeeRate(undefined);
  expect((await client.estimateSmartFee(2)).feerate).toBeLessThan(0.0001);
  expect(() => chain.setFeeRate(-1)).toThrow("feeRate is in satoshis");
});

test("coins of anybody can be spent, one by one", async () => {
  const chain = await newChain();
  const rich = chain.accounts[0]?.address ?? "";
  await chain.fund(OTHER, 50_000n);
  const txid = await chain.spendAs(OTHER, SCRIPT, 20_000n);
  expect(transactionOf(chain, txid).inputs[0]?.witness).toEqual([]);
  await chain.mine();
  expect(await chain.balance(SCRIPT)).toBe(20_000n);
  expect(await chain.balance(OTHER)).toBeGreaterThan(29_000n);
  await chain.spendAs(rich, SCRIPT, 1_000n);
  await expect(chain.spendAs(OTHER, SCRIPT, 50_000n)).rejects.toThrow("it has");
  // Coins that were not named are as safe as ever.
  const { inputs, ...fields } = transactionOf(chain, await chain.send(1, SCRIPT, 1_000n));
  await chain.drop(waiting(chain)[1] as never);
  const bare = new (await import("@chain/core")).Transaction({
    ...fields,
    inputs: inputs.map((input) => ({ ...input, witness: [] })),
  });
  await expect(chain.submit(bare)).rejects.toThrow(/script-verify-flag|Witness/);
});

describe("a chain as text", () => {
  test("goes on where it was", async () => {
    const chain = await newChain({ time: TIME, accounts: 3, blockInterval: 60 });
    await chain.mine(2);
    await chain.fund(OTHER, 50_000n);
    await chain.spendAs(OTHER, SCRIPT, 20_000n);
    await chain.mine();
    await chain.prioritise(await chain.send(0, SCRIPT, 1_000n), 500n);
    chain.setFeeRate(7);
    const state = await chain.dump();
    const again = await newChain({ state });
    expect(await facts(again)).toEqual(await facts(chain));
    expect(again.accounts.map(({ address }) => address)).toEqual(
      chain.accounts.map(({ address }) => address),
    );
    expect(await again.dump()).toBe(state);
    expect((await again.mine())[0]?.header.time).toBe((await chain.mine())[0]?.header.time);
  });

  test.each([
    ["{", "the state is no JSON"],
    ["{}", "the state is none that dump() wrote: format"],
  ])("that is none is refused: %s", async (state, why) => {
    await expect(createDevChain({ state })).rejects.toThrow(why);
  });

  test("with a block that breaks a rule is refused", async () => {
    const chain = await newChain();
    const state = JSON.parse(await chain.dump());
    state.blocks.splice(5, 1);
    await expect(createDevChain({ state: JSON.stringify(state) })).rejects.toThrow(
      "block 6 of the state is not valid: prev-blk-not-found",
    );
    await expect(createDevChain({ state: "{}", accounts: 3 })).rejects.toThrow(
      "a state brings its own accounts",
    );
  });
});
