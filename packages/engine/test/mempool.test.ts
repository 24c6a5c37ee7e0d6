import {
  type ChainParams,
  nobleVerifier,
  type Outpoint,
  type SignatureVerifier,
  type Transaction,
  type Txid,
} from "@chain/core";
import { MemoryStore } from "@chain/storage";
import {
  coinbaseTransaction,
  MINER,
  makeBlock,
  payment,
  summary,
  testKey,
} from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import type { NodeEvent } from "../src/events.ts";
import { blockTemplate } from "../src/mining/template.ts";
import {
  COIN_VALUE,
  coinbaseCoin,
  coinbaseOf,
  grow,
  mine,
  openNode,
  output,
  params,
  spend,
  type TestNode,
} from "./support/chains.ts";

const genesisCoin = coinbaseOf(params.genesis);
const HOUR = 60 * 60 * 1000;

/** A node with so many confirmed coins of 1,000,000 each. */
async function withCoins(
  count: number,
  options: Parameters<typeof openNode>[0] = {},
): Promise<TestNode & { readonly coins: readonly Outpoint[] }> {
  const node = await openNode(options);
  const split = spend([genesisCoin], new Array<bigint>(count).fill(1_000_000n));
  await mine(node.chain, node.chain.tip, [split]);
  node.events.length = 0;
  return { ...node, coins: split.outputs.map((_, vout) => output(split, vout)) };
}

function removals(events: readonly NodeEvent[]): [Txid, string][] {
  return events.flatMap((event) =>
    event.type === "transaction-removed" ? [[event.txid, event.why] as [Txid, string]] : [],
  );
}

/** So many transactions, each spending the one before. */
function chainOf(coin: Outpoint, length: number, value = 1_000_000n, fee = 0n): Transaction[] {
  const chain: Transaction[] = [];
  let from = coin;
  for (let i = 1n; i <= length; i++) {
    const next = spend([from], [value - fee * i]);
    chain.push(next);
    from = output(next);
  }
  return chain;
}

describe("what a mempool refuses, and why", () => {
  const [a, b] = [900_000n, 800_000n];
  interface Case {
    readonly reason: string;
    readonly make: (coins: readonly Outpoint[]) => Transaction;
    readonly before?: (coins: readonly Outpoint[]) => Transaction[];
    readonly params?: Partial<ChainParams>;
  }
  const witnessed = (transaction: Transaction) => ({
    ...transaction,
    inputs: transaction.inputs.map((input) => ({ ...input, witness: [Uint8Array.of(1)] })),
  });
  const cases: readonly Case[] = [
    { reason: "consensus: bad-txns-vout-empty", make: ([coin]) => spend([coin!], []) },
    {
      reason: "consensus: coinbase",
      make: () => coinbaseTransaction(2, [{ value: 1n, scriptPubKey: MINER.script }]),
    },
    {
      reason: "policy: tx-size-small",
      make: ([coin]) =>
        spend([coin!], [], {
          inputs: [{ prevout: coin!, scriptSig: new Uint8Array(), sequence: 0, witness: [] }],
          outputs: [{ value: 1n, scriptPubKey: new Uint8Array(3) }],
        }),
    },
    {
      reason: "premature-spend: non-final",
      make: ([coin]) => spend([coin!], [a], { lockTime: 3, sequence: 0 }),
    },
    {
      reason: "conflict: txn-already-in-mempool",
      before: ([coin]) => [spend([coin!], [a])],
      make: ([coin]) => spend([coin!], [a]),
    },
    {
      reason: "conflict: txn-same-nonwitness-data-in-mempool",
      before: ([coin]) => [spend([coin!], [a])],
      make: ([coin]) => spend([coin!], [a], { inputs: witnessed(spend([coin!], [a])).inputs }),
    },
    {
      reason: "conflict: txn-mempool-conflict",
      before: ([coin]) => [spend([coin!], [a])],
      make: ([coin, other]) => spend([coin!, other!], [b]),
    },
    {
      reason: "conflict: txn-already-known",
      make: (coins) => spend([genesisCoin], new Array<bigint>(coins.length).fill(1_000_000n)),
    },
    {
      reason: "missing-inputs: bad-txns-inputs-missingorspent",
      make: ([coin]) => spend([{ ...coin!, vout: 77 }], [a]),
    },
    {
      reason: "premature-spend: bad-txns-premature-spend-of-coinbase",
      params: { coinbaseMaturity: 3 },
      make: () => spend([genesisCoin], [a]),
    },
    {
      reason: "premature-spend: non-BIP68-final",
      make: ([coin]) => spend([coin!], [a], { sequence: 2 }),
    },
    { reason: "consensus: bad-txns-in-belowout", make: ([coin]) => spend([coin!], [1_000_001n]) },
    {
      reason: "policy: bad-txns-too-many-sigops",
      make: ([coin]) =>
        spend([coin!], [], {
          outputs: [{ value: 1n, scriptPubKey: new Uint8Array(4001).fill(0xac) }],
        }),
    },
    {
      reason: "policy: min relay fee not met",
      params: { minRelayFeeRate: 1000n },
      make: ([coin]) => spend([coin!], [1_000_001n - BigInt(spend([coin!], [1n]).virtualSize)]),
    },
    {
      reason: "policy: too-long-mempool-chain",
      before: ([coin]) => chainOf(coin!, 25),
      make: ([coin]) => spend([output(chainOf(coin!, 25)[24]!)], [a]),
    },
    {
      reason: "policy: too-long-mempool-chain", // descendants of one parent
      before: ([coin]) => {
        const parent = spend([coin!], new Array<bigint>(26).fill(1000n));
        return [
          parent,
          // The last of them is carved out.
          ...[...Array(25).keys()].map((n) => spend([output(parent, n)], [n === 0 ? 1n : 2n])),
        ];
      },
      make: ([coin]) =>
        spend([output(spend([coin!], new Array<bigint>(26).fill(1000n)), 25)], [a / 1000n]),
    },
    {
      reason: "policy: too-long-mempool-chain", // the carve-out is for one that depends on one alone
      before: ([coin]) => {
        const parent = spend([coin!], [1000n, 500_000n]);
        const first = spend([output(parent, 1)], [1000n, 400_000n]);
        return [parent, first, ...chainOf(output(first, 1), 23, 400_000n)];
      },
      make: ([coin]) => {
        const parent = spend([coin!], [1000n, 500_000n]);
        const first = spend([output(parent, 1)], [1000n, 400_000n]);
        return spend([output(parent), output(first)], [1n]);
      },
    },
    {
      reason: "policy: too-long-mempool-chain", // the carve-out is for small ones
      before: ([coin]) => {
        const parent = spend([coin!], [900_000n, 50_000n]);
        return [parent, ...chainOf(output(parent, 1), 24, 50_000n)];
      },
      make: ([coin]) =>
        spend([output(spend([coin!], [900_000n, 50_000n]))], new Array<bigint>(300).fill(1n)),
    },
    {
      reason: "policy: too-long-mempool-chain", // nor for version 3
      before: ([coin]) => {
        const parent = spend([coin!], [900_000n, 50_000n]);
        return [parent, ...chainOf(output(parent, 1), 24, 50_000n)];
      },
      make: ([coin]) => spend([output(spend([coin!], [900_000n, 50_000n]))], [1n], { version: 3 }),
    },
    {
      reason: "policy: too-long-mempool-chain", // bytes of ancestors
      before: ([coin]) => [spend([coin!], new Array<bigint>(2960).fill(1n))],
      make: ([coin]) =>
        spend(
          [output(spend([coin!], new Array<bigint>(2960).fill(1n)))],
          new Array<bigint>(10).fill(0n),
        ),
    },
  ];

  it.each(cases)("$reason", async ({ reason, make, before, params: some }) => {
    const { chain, coins, events } = await (some?.coinbaseMaturity === undefined
      ? withCoins(30, { params: { ...params, ...some } })
      : openNode({ params: { ...params, ...some } }).then((node) => ({
          ...node,
          coins: [genesisCoin],
        })));
    for (const each of before?.(coins) ?? []) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    const { count, memory } = chain.mempool;
    events.length = 0;
    const transaction = make(coins);
    expect(summary(await chain.acceptTransaction(transaction))).toBe(reason);
    expect({ count: chain.mempool.count, memory: chain.mempool.memory }).toEqual({ count, memory });
    expect(events).toEqual([
      expect.objectContaining({ type: "transaction-refused", txid: transaction.txid }),
    ]);
  });

  it("a script that only a mempool minds", async () => {
    const { chain } = await openNode({ verifier: nobleVerifier });
    const coins = [coinbaseCoin(params.genesis, 0)];
    const outputs = [{ value: COIN_VALUE, scriptPubKey: testKey(1).script }];
    // An undefined hash type is fine in a block.
    const odd = payment({ coins, outputs, hashType: 0x05 });
    expect(summary(await chain.acceptTransaction(odd))).toBe(
      "policy: non-mandatory-script-verify-flag (Signature hash type missing or not understood)",
    );
    await mine(chain, chain.tip, [odd]);
    expect(chain.tip.height).toBe(1);
  });

  it("nothing that is just within the limits", async () => {
    const { chain, coins } = await withCoins(2, { params: { ...params, minRelayFeeRate: 1000n } });
    const [coin, other] = coins as [Outpoint, Outpoint];
    const size = spend([coin], [1n]).virtualSize;
    const exact = spend([coin], [1_000_000n - BigInt(size)]);
    expect(await chain.acceptTransaction(exact)).toEqual({ ok: true, fee: BigInt(size) });
    for (const each of chainOf(other, 25, 1_000_000n, 300n)) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    expect(chain.mempool.count).toBe(26);
  });
});

describe("a waiting transaction", () => {
  it("is found by its ids and by what it spends, and is a coin for others", async () => {
    const { chain, coins, clock, events } = await withCoins(1);
    const [coin] = coins as [Outpoint];
    const parent = spend([coin], [600_000n, 399_000n]);
    const child = spend([output(parent, 1)], [398_000n]);
    expect(await chain.acceptTransaction(parent)).toEqual({ ok: true, fee: 1000n });
    expect(await chain.acceptTransaction(child)).toEqual({ ok: true, fee: 1000n });
    const { mempool } = chain;
    expect(mempool.get(parent.txid)).toMatchObject({ fee: 1000n, time: clock.now() });
    expect(mempool.getByWtxid(child.wtxid)?.transaction).toBe(child);
    expect(mempool.spenderOf(coin)?.transaction).toBe(parent);
    expect(mempool.coin(output(parent), 2)).toMatchObject({ value: 600_000n, height: 2 });
    expect([...mempool.entries()].map(({ transaction }) => transaction)).toEqual([parent, child]);
    expect(events.map(({ type }) => type)).toEqual(["transaction-added", "transaction-added"]);
  });

  it("leaves with the block that holds it, and with the one that holds its rival", async () => {
    const { chain, coins, events } = await withCoins(2);
    const [coin, other] = coins as [Outpoint, Outpoint];
    const good = spend([coin], [1n]);
    const after = spend([output(good)], [1n]);
    const loser = spend([other], [2n]);
    const loserChild = spend([output(loser)], [2n]);
    for (const each of [good, after, loser, loserChild]) await chain.acceptTransaction(each);
    events.length = 0;
    await mine(chain, chain.tip, [good, spend([other], [3n])]);
    expect(removals(events)).toEqual([
      [good.txid, "block"],
      [loserChild.txid, "conflict"],
      [loser.txid, "conflict"],
    ]);
    expect([...chain.mempool.entries()].map(({ transaction }) => transaction)).toEqual([after]);
    expect(chain.mempool.get(after.txid)?.ancestors.count).toBe(1);
  });

  it("is dropped after two weeks, with what depends on it", async () => {
    const { chain, coins, clock, events } = await withCoins(2);
    const [coin, other] = coins as [Outpoint, Outpoint];
    const old = spend([coin], [1n]);
    await chain.acceptTransaction(old);
    clock.milliseconds += HOUR;
    const child = spend([output(old)], [1n]);
    const young = spend([other], [2n]);
    await chain.acceptTransaction(child);
    await chain.acceptTransaction(young);
    clock.milliseconds += 336 * HOUR - HOUR;
    await grow(chain, chain.tip, 1);
    expect(chain.mempool.count).toBe(3);
    clock.milliseconds += 1;
    await grow(chain, chain.tip, 1);
    expect(removals(events)).toEqual([
      [child.txid, "expiry"],
      [old.txid, "expiry"],
    ]);
    expect(chain.mempool.count).toBe(1);
  });
});

/** Core: the functional test mempool_package_onemore.py. */
describe("the carve-out for one child more", () => {
  it("is for a small one with one unconfirmed ancestor, though 25 descend from it", async () => {
    const { chain, coins } = await withCoins(1);
    const judge = async (each: Transaction) => summary(await chain.acceptTransaction(each));
    const parent = spend([coins[0]!], [1000n, 500_000n, 1000n]);
    for (const each of [parent, ...chainOf(output(parent, 1), 24, 500_000n)]) {
      expect(await judge(each)).toBe("ok");
    }
    const child = spend([output(parent)], new Array<bigint>(289).fill(1n));
    expect(child.virtualSize).toBeLessThanOrEqual(10_000);
    expect(await judge(child)).toBe("ok");
    expect(await judge(spend([output(parent, 2)], [1n]))).toBe("policy: too-long-mempool-chain");
    expect(chain.mempool.count).toBe(26);
  });

  it("is for 10,000 bytes beyond the most that may descend from one", async () => {
    const { chain, coins } = await withCoins(1);
    const parent = spend([coins[0]!], [1000n, 500_000n, 1000n]);
    const wide = spend([output(parent, 1)], new Array<bigint>(2953).fill(1n));
    const child = (vout: number) =>
      spend([output(parent, vout)], new Array<bigint>(vout === 0 ? 100 : 289).fill(1n));
    const verdicts: string[] = [];
    for (const each of [parent, wide, child(0), child(2)]) {
      verdicts.push(summary(await chain.acceptTransaction(each)));
    }
    const refusal = "policy: too-long-mempool-chain";
    expect(parent.virtualSize + wide.virtualSize).toBeLessThanOrEqual(101_000);
    expect(verdicts).toEqual(["ok", "ok", "ok", refusal]);
  });
});

describe("a full mempool", () => {
  it("throws out what pays least with its descendants, and asks for more until it has room", async () => {
    const one = 1250; // more than one, less than two
    const { chain, coins, events, clock } = await withCoins(6, { mempool: { maxMemory: 4 * one } });
    const [a, b, c, d, e, f] = coins as [
      Outpoint,
      Outpoint,
      Outpoint,
      Outpoint,
      Outpoint,
      Outpoint,
    ];
    const poor = spend([a], [1_000_000n - 100n]);
    const rich = spend([output(poor)], [1_000_000n - 900n]);
    const middle = spend([b], [1_000_000n - 300n]);
    const other = spend([c], [1_000_000n - 350n]);
    for (const each of [poor, rich, middle, other]) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    events.length = 0;
    // The child pays for its parent, so the one in the middle goes.
    const better = spend([d], [1_000_000n - 1000n]);
    expect(summary(await chain.acceptTransaction(better))).toBe("ok");
    expect(removals(events)).toEqual([[middle.txid, "size-limit"]]);
    expect(chain.mempool.memory).toBeLessThanOrEqual(4 * one);

    const rate = (300n * 1000n) / BigInt(middle.virtualSize) + 1000n;
    expect(chain.mempool.minFeeRate(clock.now())).toBe(rate);
    const size = BigInt(middle.virtualSize);
    const needed = (rate * size + 999n) / 1000n;
    const short = spend([e], [1_000_000n - needed + 1n]);
    expect(summary(await chain.acceptTransaction(short))).toBe("policy: mempool min fee not met");
    expect(summary(await chain.acceptTransaction(spend([e], [1_000_000n - needed])))).toBe("ok");
    expect(removals(events).at(-1)).toEqual([other.txid, "size-limit"]);

    // One that is large and pays enough by the price, but less than those that would have to go for it.
    const large = spend([f], [1_000_000n - 9000n, ...new Array<bigint>(80).fill(0n)]);
    const before = [...chain.mempool.entries()].map((entry) => [
      entry.transaction,
      entry.time,
      entry.ancestors,
    ]);
    expect(summary(await chain.acceptTransaction(large))).toBe("policy: mempool full");
    const after = [...chain.mempool.entries()].map((entry) => [
      entry.transaction,
      entry.time,
      entry.ancestors,
    ]);
    expect(new Set(after)).toEqual(new Set(before));
    expect(removals(events)).toHaveLength(2);
    expect(chain.mempool.get(large.txid)).toBeUndefined();
    expect(chain.mempool.count).toBe(4);

    // No block, no room: the price stands. After a block it halves, faster as the mempool is empty.
    const risen = chain.mempool.minFeeRate(clock.now());
    clock.milliseconds += 48 * HOUR;
    expect(chain.mempool.minFeeRate(clock.now())).toBe(risen);
    const all = [...chain.mempool.entries()].map(({ transaction }) => transaction);
    await mine(chain, chain.tip, all);
    clock.milliseconds += 3 * HOUR;
    const halved = chain.mempool.minFeeRate(clock.now());
    expect(halved).toBeGreaterThanOrEqual(risen / 2n);
    expect(halved).toBeLessThanOrEqual(risen / 2n + 1n > 1000n ? risen / 2n + 1n : 1000n);
    clock.milliseconds += 12 * HOUR;
    expect(chain.mempool.minFeeRate(clock.now())).toBe(0n);
  });

  it("keeps those who came first among those who pay the same", async () => {
    const { chain, coins, events } = await withCoins(3, { mempool: { maxMemory: 2500 } });
    const all = coins.map((coin) => spend([coin], [1_000_000n - 500n]));
    const verdicts = [];
    for (const each of all) verdicts.push(summary(await chain.acceptTransaction(each)));
    expect(verdicts).toEqual(["ok", "ok", "policy: mempool full"]);
    expect(removals(events)).toEqual([]);
  });
});

describe("a reorganisation", () => {
  it("returns what was mined, before what depends on it, and keeps what still holds", async () => {
    const { chain, coins, events, clock } = await withCoins(4);
    const fork = chain.tip;
    const [a, b, c, d] = coins as [Outpoint, Outpoint, Outpoint, Outpoint];
    const first = spend([a], [10n]);
    const second = spend([output(first)], [9n]);
    const third = spend([output(second)], [8n]); // waits throughout
    const rival = spend([b], [7n]); // mined here, lost to the other branch
    const rivalChild = spend([output(rival)], [6n]);
    const shared = spend([c], [5n]); // in both branches
    const side = spend([d], [4n]);
    for (const each of [first, second, third, rivalChild, side].slice(0, 3)) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    const waitedSince = clock.now();
    let tip = await mine(chain, chain.tip, [first, rival, shared], 1);
    tip = await mine(chain, tip, [second], 1);
    for (const each of [rivalChild, side]) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    const reward = spend([coinbaseOf((await chain.getBlock(tip.hash))!)], [3n]); // gone with its block
    expect(summary(await chain.acceptTransaction(reward))).toBe("ok");
    clock.milliseconds += HOUR;
    events.length = 0;

    let other = await mine(chain, fork, [spend([b], [2n]), shared], 2);
    other = await grow(chain, other, 2, 2);
    expect(chain.tip).toBe(other);
    const waiting = [...chain.mempool.entries()].map(({ transaction }) => transaction.txid);
    expect(waiting).toEqual([first, second, third, side].map(({ txid }) => txid));
    expect(
      events.flatMap((event) =>
        event.type === "transaction-added" ? [event.transaction.txid] : [],
      ),
    ).toEqual([first.txid, second.txid]);
    expect(removals(events)).toEqual([
      [rivalChild.txid, "reorganisation"],
      [reward.txid, "reorganisation"],
    ]);
    expect(chain.mempool.get(third.txid)).toMatchObject({ time: waitedSince });
    expect(chain.mempool.get(third.txid)?.ancestors.count).toBe(3);
    // And all of it fits into the next block.
    const { block } = blockTemplate(chain, MINER.script);
    expect(block.transactions).toHaveLength(5);
  });

  it("drops what is too early on the other branch", async () => {
    const { chain, events } = await openNode({ params: { ...params, coinbaseMaturity: 2 } });
    const fork = chain.tip;
    const tip = await grow(chain, fork, 3, 1);
    const young = coinbaseOf((await chain.getBlock(tip.ancestor(2)!.hash))!);
    const late = spend([genesisCoin], [1n], { lockTime: 3, sequence: 0 });
    const early = spend([young], [2n]);
    for (const each of [late, early]) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    // More work with fewer blocks is not to be had here, so the branch is as high but its coinbases are others.
    await grow(chain, fork, 4, 2);
    expect(removals(events)).toEqual([[early.txid, "reorganisation"]]);
    expect(chain.mempool.get(late.txid)).toBeDefined();
  });

  it("does not ask again for fees, nor check scripts again", async () => {
    let count = 0;
    const verifier: SignatureVerifier = {
      ...nobleVerifier,
      verifyEcdsa: () => {
        count++;
        return true;
      },
    };
    const dear = { ...params, minRelayFeeRate: 1000n };
    const { chain } = await openNode({ params: dear, store: new MemoryStore(), verifier });
    const fork = chain.tip;
    const free = spend([genesisCoin], [COIN_VALUE]);
    await mine(chain, fork, [free], 1);
    const child = spend([output(free)], [COIN_VALUE - 1000n]);
    expect(summary(await chain.acceptTransaction(child))).toBe("ok");
    expect(count).toBe(2);
    await grow(chain, fork, 2, 2);
    expect([...chain.mempool.entries()].map(({ fee }) => fee)).toEqual([0n, 1000n]);
    // Only the one that never was in a mempool had to be held to its stricter rules.
    expect(count).toBe(3);
    const block = makeBlock({
      parent: chain.tip,
      params: dear,
      transactions: [free, child],
      reward: COIN_VALUE + 1000n,
    });
    expect(await chain.acceptBlock(block)).toMatchObject({ ok: true, connected: true });
    expect(count).toBe(3);
  });
});

describe("the memory of a mempool", () => {
  it("is counted as Core counts it", async () => {
    const { chain, coins } = await withCoins(3);
    expect(chain.mempool.memory).toBe(0);
    const parent = spend([coins[0]!], [10n, 20n]);
    // Core 29: an entry 416, its place among the spent 64, the transaction 144 and its counter 48, the input 128, two
    // outputs 96, scriptSig of 106 bytes 128, and 32 for the pointer among all.
    await chain.acceptTransaction(parent);
    expect(chain.mempool.memory).toBe(416 + 64 + 144 + 48 + 128 + 96 + 128 + 32);
    // The link to its parent is known to both, and there are two pointers of 16.
    const child = spend([output(parent)], [10n]);
    await chain.acceptTransaction(child);
    expect(chain.mempool.memory).toBe(1024 + 416 + 64 + 144 + 48 + 128 + 64 + 128 + 2 * 64 + 48);
    await mine(chain, chain.tip, [parent]);
    expect(chain.mempool.memory).toBe(416 + 64 + 144 + 48 + 128 + 64 + 128 + 32);
  });

  it("is bounded by what it really takes where that is far more", async () => {
    const maxMemory = 10_000;
    const { chain, coins } = await withCoins(3, { mempool: { maxMemory } });
    const verdicts: string[] = [];
    for (const [n, coin] of coins.entries()) {
      const wide = spend([coin], new Array<bigint>(50).fill(BigInt(n)));
      verdicts.push(summary(await chain.acceptTransaction(wide)));
    }
    // Each is counted as 3 kB, and takes 13 kB.
    expect(verdicts).toEqual(["ok", "ok", "policy: mempool full"]);
    expect(chain.mempool.memory).toBeLessThan(0.7 * maxMemory);
  });
});
