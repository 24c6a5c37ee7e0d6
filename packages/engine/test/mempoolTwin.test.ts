import {
  Block,
  type Coin,
  type Outpoint,
  type OutpointKey,
  outpointKey,
  type Transaction,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MINER } from "../../core/test/support/blockFactory.ts";
import { checkForMempool } from "../src/mempool/checkForMempool.ts";
import type { MempoolEntry } from "../src/mempool/entry.ts";
import { Mempool } from "../src/mempool/mempool.ts";
import { output, params, spend } from "./support/chains.ts";

const LIMITS = { maxMemory: 15_000, maxFamilyCount: 6, maxFamilySize: 1_500, expiry: 1000 };
const VALUE = 1_000_000n;
const tip = { height: 10, medianTimePast: 5 } as never;

/** What the twin remembers: the transactions in order, and nothing worked out from them. */
interface Waiting {
  readonly transaction: Transaction;
  readonly fee: bigint;
  readonly time: number;
}

/** Looks everything up by going through all of it. */
class Twin {
  waiting: Waiting[] = [];

  parents(of: Transaction): Waiting[] {
    return this.waiting.filter(({ transaction }) =>
      of.inputs.some(({ prevout }) => prevout.txid === transaction.txid),
    );
  }

  family(of: Waiting, step: (each: Waiting) => Waiting[]): Waiting[] {
    const found: Waiting[] = [of];
    for (const each of found)
      for (const next of step(each)) if (!found.includes(next)) found.push(next);
    return found;
  }

  ancestors(of: Waiting): Waiting[] {
    return this.family(of, ({ transaction }) => this.parents(transaction));
  }

  descendants(of: Waiting): Waiting[] {
    return this.family(of, (each) =>
      this.waiting.filter((other) => this.parents(other.transaction).includes(each)),
    );
  }

  drop(gone: readonly Waiting[]): void {
    this.waiting = this.waiting.filter((each) => !gone.includes(each));
  }
}

function sums(family: readonly Waiting[]) {
  return {
    count: family.length,
    size: family.reduce((sum, { transaction }) => sum + transaction.virtualSize, 0),
    fees: family.reduce((sum, { fee }) => sum + fee, 0n),
  };
}

type Step =
  | {
      readonly type: "add";
      readonly picks: readonly number[];
      readonly fee: number;
      readonly outputs: number;
    }
  | { readonly type: "block"; readonly count: number; readonly rival: boolean }
  | { readonly type: "wait"; readonly milliseconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant("add" as const),
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      fee: fc.integer({ min: 0, max: 2000 }),
      outputs: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("block" as const),
      count: fc.integer({ min: 0, max: 5 }),
      rival: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("wait" as const),
      milliseconds: fc.integer({ min: 1, max: 600 }),
    }),
  },
);

describe("a mempool and its naive twin", () => {
  it("hold the same, with the same sums, after any steps", () => {
    let evictions = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const mempool = new Mempool(params, LIMITS);
        const twin = new Twin();
        const confirmed = new Map<OutpointKey, Coin>();
        const known: Outpoint[] = [];
        const coin = (): Coin => ({
          value: VALUE,
          scriptPubKey: MINER.script,
          height: 1,
          coinbase: false,
        });
        for (let vout = 0; vout < 12; vout++) {
          const outpoint = { txid: params.genesis.transactions[0]!.txid, vout };
          confirmed.set(outpointKey(outpoint), coin());
          known.push(outpoint);
        }
        let now = 0;

        for (const action of steps) {
          if (action.type === "wait") {
            now += action.milliseconds;
            const old = twin.waiting.filter(({ time }) => time + LIMITS.expiry < now);
            twin.drop(old.flatMap((each) => twin.descendants(each)));
            mempool.expire(now);
          } else if (action.type === "block") {
            const picked = [
              ...new Set(
                twin.waiting.slice(0, action.count).flatMap((each) => twin.ancestors(each)),
              ),
            ];
            const inOrder = twin.waiting
              .filter((each) => picked.includes(each))
              .map(({ transaction }) => transaction);
            // Somebody else's payment may spend what a waiting one spends.
            const victim = action.rival
              ? twin.waiting.findLast(
                  (each) => twin.ancestors(each).length === 1 && !picked.includes(each),
                )
              : undefined;
            const rival = victim && spend([victim.transaction.inputs[0]!.prevout], [77n]);
            const transactions = rival === undefined ? inOrder : [...inOrder, rival];
            const conflicts =
              victim === undefined
                ? []
                : twin.waiting.filter(({ transaction }) =>
                    transaction.inputs.some(
                      ({ prevout }) =>
                        outpointKey(prevout) === outpointKey(victim.transaction.inputs[0]!.prevout),
                    ),
                  );
            twin.drop([...picked, ...conflicts.flatMap((each) => twin.descendants(each))]);
            mempool.removeForBlock(new Block(params.genesis.header, transactions), now);
            for (const each of transactions) {
              for (const { prevout } of each.inputs) confirmed.delete(outpointKey(prevout));
              for (const [vout, { value }] of each.outputs.entries()) {
                confirmed.set(outpointKey(output(each, vout)), { ...coin(), value });
              }
            }
          } else {
            const inputs = [
              ...new Map(
                action.picks
                  .map((n) => known[n % known.length]!)
                  .map((each) => [outpointKey(each), each]),
              ).values(),
            ];
            const worth = (outpoint: Outpoint) =>
              confirmed.get(outpointKey(outpoint))?.value ??
              twin.waiting.find(({ transaction }) => transaction.txid === outpoint.txid)
                ?.transaction.outputs[outpoint.vout]?.value ??
              0n;
            const value = inputs.reduce((sum, each) => sum + worth(each), 0n);
            const fee = BigInt(action.fee) < value ? BigInt(action.fee) : 0n;
            const share = (value - fee) / BigInt(action.outputs);
            const outputs = new Array<bigint>(action.outputs).fill(share);
            outputs[0] = value - fee - share * BigInt(action.outputs - 1);
            const transaction = spend(inputs, outputs);
            known.push(...transaction.outputs.map((_, vout) => output(transaction, vout)));

            const verdict = checkForMempool(transaction, {
              mempool,
              params,
              confirmed: { get: (outpoint) => confirmed.get(outpointKey(outpoint)) },
              tip,
              now,
            });
            const exists = inputs.every(
              (each) =>
                confirmed.has(outpointKey(each)) ||
                twin.waiting.some(
                  ({ transaction: { txid, outputs } }) =>
                    txid === each.txid && each.vout < outputs.length,
                ),
            );
            const taken = twin.waiting.some(({ transaction: other }) =>
              other.inputs.some(({ prevout }) =>
                inputs.some((each) => outpointKey(each) === outpointKey(prevout)),
              ),
            );
            const candidate: Waiting = { transaction, fee, time: now };
            const ancestors = sums(twin.ancestors(candidate));
            const long =
              ancestors.count > LIMITS.maxFamilyCount ||
              ancestors.size > LIMITS.maxFamilySize ||
              twin.ancestors(candidate).some((each) => {
                if (each === candidate) return false;
                const { count, size } = sums(twin.descendants(each));
                return (
                  count + 1 > LIMITS.maxFamilyCount ||
                  size + transaction.virtualSize > LIMITS.maxFamilySize
                );
              });
            const rate = mempool.raisedFeeRate(now);
            const expected = taken
              ? /^txn-(mempool-conflict|already-in-mempool)$/
              : !exists
                ? /^bad-txns-inputs-missingorspent$/
                : fee * 1000n < rate * BigInt(transaction.virtualSize)
                  ? /^mempool min fee not met$/
                  : long
                    ? /^too-long-mempool-chain$/
                    : /^ok$/;
            expect(verdict.ok ? "ok" : verdict.reason).toMatch(expected);
            if (verdict.ok) {
              const added = mempool.add(verdict, now);
              if (added.ok) {
                twin.waiting.push(candidate);
                // What went was, each time, the worst that there was.
                const gone = added.removed.map(
                  ({ entry }) =>
                    twin.waiting.find((each) => each.transaction === entry.transaction)!,
                );
                evictions += gone.length;
                while (gone.some((each) => twin.waiting.includes(each))) {
                  const worst = twin.waiting.reduce((a, b) => {
                    const [x, y] = [sums(twin.descendants(a)), sums(twin.descendants(b))];
                    return y.fees * BigInt(x.size) <= x.fees * BigInt(y.size) ? b : a;
                  });
                  expect(gone).toContain(worst);
                  twin.drop(twin.descendants(worst));
                }
              } else {
                expect(added.reason).toBe("mempool full");
              }
            }
          }
          compare(mempool, twin);
        }
      }),
      { numRuns: 60 },
    );
    expect(evictions).toBeGreaterThan(20);
  });
});

function compare(mempool: Mempool, twin: Twin): void {
  const entries = [...mempool.entries()];
  const ids = (list: readonly { readonly transaction: Transaction }[]) =>
    list.map(({ transaction }) => transaction.txid).sort();
  expect(ids(entries)).toEqual(ids(twin.waiting));
  expect(mempool.count).toBe(twin.waiting.length);
  expect(mempool.virtualSize).toBe(sums(twin.waiting).size);
  expect(mempool.memory).toBeLessThanOrEqual(LIMITS.maxMemory);
  expect(mempool.memory === 0).toBe(twin.waiting.length === 0);
  const seen = new Set<MempoolEntry>();
  for (const entry of entries) {
    const own = twin.waiting.find(({ transaction }) => transaction === entry.transaction)!;
    expect(entry.ancestors).toEqual(sums(twin.ancestors(own)));
    expect(entry.descendants).toEqual(sums(twin.descendants(own)));
    for (const parent of entry.parents) expect(seen.has(parent)).toBe(true);
    seen.add(entry);
    expect(mempool.getByWtxid(entry.transaction.wtxid)).toBe(entry);
    for (const { prevout } of entry.transaction.inputs)
      expect(mempool.spenderOf(prevout)).toBe(entry);
  }
}
