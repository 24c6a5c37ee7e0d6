import { type Outpoint, Transaction } from "@chain/core";
import { summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { output, spend } from "../support/chains.ts";
import { withCoins } from "../support/mempools.ts";

/** A coin's value less what has been paid so far. */
const left = (paid: bigint) => 1_000_000n - paid;

/** So many transactions, each of which spends the one before. */
function chainOf(coin: Outpoint, count: number, fee = 1000n): Transaction[] {
  const transactions: Transaction[] = [];
  for (let n = 1; n <= count; n++) {
    const last = transactions.at(-1);
    transactions.push(spend([last === undefined ? coin : output(last)], [left(BigInt(n) * fee)]));
  }
  return transactions;
}

describe("a package that is tested", () => {
  it("may spend its own outputs, and nothing is kept of it", async () => {
    const { chain, coins } = await withCoins(2);
    const [coin, other] = coins as [Outpoint, Outpoint];
    const transactions = [...chainOf(coin, 3), spend([other], [left(500n)])];
    const [, second] = transactions as [Transaction, Transaction];
    await chain.prioritiseTransaction(second.txid, 7n);
    const { refusal, results } = await chain.testPackage(transactions);
    expect(refusal).toBeUndefined();
    expect([...results]).toEqual(
      transactions.map(({ wtxid, virtualSize }, n) => [
        wtxid,
        {
          ok: true,
          fee: n === 3 ? 500n : 1000n,
          modifiedFee: n === 3 ? 500n : n === 1 ? 1007n : 1000n,
          size: virtualSize,
        },
      ]),
    );
    expect(chain.mempool.count).toBe(0);
  });

  it("ends at the first that is refused", async () => {
    const { chain, coins } = await withCoins(3);
    const [first, second, third] = coins as [Outpoint, Outpoint, Outpoint];
    const good = spend([first], [left(1000n)]);
    const greedy = spend([second], [left(-1n)]);
    const last = spend([third], [left(1000n)]);
    const { refusal, results } = await chain.testPackage([good, greedy, last]);
    expect(refusal).toBeUndefined();
    expect([...results.keys()]).toEqual([greedy.wtxid]);
    expect(summary(results.get(greedy.wtxid)!)).toBe("consensus: bad-txns-in-belowout");
    // Scripts are run once all the rest of all of them holds: those before have passed.
    const { inputs, ...rest } = spend([second], [left(1n)]);
    const unsigned = new Transaction({
      ...rest,
      inputs: inputs.map((input) => ({ ...input, scriptSig: new Uint8Array(0) })),
    });
    const scripts = await chain.testPackage([good, unsigned, last]);
    expect([...scripts.results.keys()]).toEqual([good.wtxid, unsigned.wtxid]);
    expect(scripts.results.get(unsigned.wtxid)).toMatchObject({ ok: false });
  });

  it("replaces nothing, and spends what exists", async () => {
    const { chain, coins } = await withCoins(2, { policy: { replaceByFee: "full" } });
    const [coin, other] = coins as [Outpoint, Outpoint];
    const waiting = spend([coin], [left(1000n)], { sequence: 0 });
    await chain.acceptTransaction(waiting);
    const rival = spend([coin], [left(50_000n)]);
    const good = spend([other], [left(1000n)]);
    const both = await chain.testPackage([good, rival]);
    expect(summary(both.results.get(rival.wtxid)!)).toBe("policy: bip125-replacement-disallowed");
    expect(summary((await chain.testTransaction(rival)) as never)).toBe("ok");
    const orphan = spend([output(spend([other], [left(2n)]))], [left(3n)]);
    const missing = await chain.testPackage([good, orphan]);
    expect(summary(missing.results.get(orphan.wtxid)!)).toBe(
      "missing-inputs: bad-txns-inputs-missingorspent",
    );
  });

  it("has a form", async () => {
    const { chain, coins } = await withCoins(30);
    const [coin] = coins as [Outpoint];
    const [parent, child] = chainOf(coin, 2) as [Transaction, Transaction];
    const reason = async (...transactions: readonly Transaction[]) => {
      const { refusal, results } = await chain.testPackage(transactions);
      expect(results.size).toBe(0);
      return refusal?.reason;
    };
    expect(await reason(child, parent)).toBe("package-not-sorted");
    expect(await reason(parent, child, parent)).toBe("package-contains-duplicates");
    expect(await reason(parent, spend([coin], [left(9n)]))).toBe("conflict-in-package");
    const many = coins.slice(0, 26).map((each) => spend([each], [left(1000n)]));
    expect(await reason(...many)).toBe("package-too-many-transactions");
    const large = coins.slice(0, 2).map((each) => spend([each], Array<bigint>(1600).fill(1n)));
    expect(await reason(...large)).toBe("package-too-large");
  });

  it("keeps to the limits of the mempool, counted as one family", async () => {
    const { chain, coins } = await withCoins(3, {
      mempool: { maxAncestorCount: 5, maxDescendantCount: 4 },
    });
    const [coin, other, third] = coins as [Outpoint, Outpoint, Outpoint];
    const limits = async (transactions: readonly Transaction[]) => {
      const { refusal } = await chain.testPackage(transactions);
      return refusal && [refusal.reason, refusal.debug];
    };
    const five = chainOf(coin, 5);
    expect(await limits(chainOf(coin, 6))).toEqual([
      "package-mempool-limits",
      "package count 6 exceeds ancestor count limit [limit: 5]",
    ]);
    expect(await limits(five)).toEqual([
      "package-mempool-limits",
      "package count 5 exceeds descendant count limit [limit: 4]",
    ]);
    expect(await limits(five.slice(0, 4))).toBeUndefined();
    const [first, second] = five as [Transaction, Transaction];
    for (const each of [first, second]) await chain.acceptTransaction(each);
    expect(await limits(five.slice(2, 5))).toEqual([
      "package-mempool-limits",
      `possibly too many descendants for tx ${first.txid} [limit: 4]`,
    ]);
    const one = spend([other], [left(1000n)]);
    const two = spend([third], [left(1000n)]);
    for (const each of [one, two]) await chain.acceptTransaction(each);
    const join = spend([output(second), output(one), output(two)], [left(1000n)]);
    const after = chainOf(output(join), 2);
    expect(await limits([join, ...after])).toEqual([
      "package-mempool-limits",
      "too many unconfirmed parents [limit: 5]",
    ]);
  });
});
