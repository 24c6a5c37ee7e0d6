import { type ChainParams, nobleVerifier, type Outpoint, type Transaction } from "@chain/core";
import { coinbaseTransaction, MINER, payment, summary, testKey } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import {
  COIN_VALUE,
  coinbaseCoin,
  mine,
  openNode,
  output,
  params,
  spend,
} from "../support/chains.ts";
import { genesisCoin, withCoins } from "../support/mempools.ts";

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
      "policy: mempool-script-verify-flag-failed (Signature hash type missing or not understood)",
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

describe("a chain that is too long", () => {
  it("is refused with the limit that it meets first", async () => {
    const { chain, coins } = await withCoins(2, {
      mempool: { maxAncestorCount: 5, maxDescendantCount: 4, maxAncestorSize: 1000 },
    });
    const why = async (each: Transaction) => {
      const verdict = await chain.acceptTransaction(each);
      return verdict.ok ? "ok" : `${verdict.reason}, ${verdict.debug}`;
    };
    const tooLong = "too-long-mempool-chain, ";
    const wide = spend([coins[0]!], new Array<bigint>(6).fill(900n));
    const children = [0, 1, 2].map((vout) => spend([output(wide, vout)], [800n]));
    for (const each of [wide, ...children]) expect(await why(each)).toBe("ok");
    const both = spend([output(wide, 3), output(children[0]!)], [1n]);
    expect(await why(both)).toBe(`${tooLong}too many descendants for tx ${wide.txid} [limit: 4]`);
    const parents = [0, 1, 2].map((vout) => output(children[vout]!));
    const many = spend([output(wide, 3), output(wide, 4), ...parents], [1n]);
    expect(await why(many)).toBe(`${tooLong}too many descendants for tx ${wide.txid} [limit: 4]`);
    const large = spend([coins[1]!], new Array<bigint>(20).fill(900n));
    expect(await why(large)).toBe("ok");
    const heavy = spend([output(large)], new Array<bigint>(30).fill(1n));
    expect(await why(heavy)).toBe(`${tooLong}exceeds ancestor size limit [limit: 1000]`);
  });

  it("counts unconfirmed parents, and ancestors, before it looks at their descendants", async () => {
    const { chain, coins } = await withCoins(4, {
      mempool: { maxAncestorCount: 3, maxDescendantCount: 3 },
    });
    const why = async (each: Transaction) => {
      const verdict = await chain.acceptTransaction(each);
      return verdict.ok ? "ok" : verdict.debug;
    };
    const line = chainOf(coins[0]!, 4);
    for (const each of line.slice(0, 3)) expect(await why(each)).toBe("ok");
    expect(await why(line[3]!)).toBe("too many unconfirmed ancestors [limit: 3]");
    const wide = [0, 1, 2].map((i) => spend([coins[i + 1]!], [100n]));
    for (const each of wide) expect(await why(each)).toBe("ok");
    const all = spend(
      wide.map((each) => output(each)),
      [1n],
    );
    expect(await why(all)).toBe("too many unconfirmed parents [limit: 3]");
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
