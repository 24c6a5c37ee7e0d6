import {
  Block,
  type Coin,
  type Outpoint,
  type OutpointKey,
  outpointKey,
  type Policy,
  SEQUENCE_FINAL,
  type Transaction,
  type Txid,
} from "@chain/core";
import { MINER } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkForMempool } from "../../src/mempool/checkForMempool.ts";
import type { MempoolEntry } from "../../src/mempool/entry.ts";
import { entryUsage, LINK_USAGE, pointerUsage } from "../../src/mempool/memoryUsage.ts";
import { Mempool } from "../../src/mempool/mempool.ts";
import { output, params, spend } from "../support/chains.ts";

const LIMITS = {
  maxMemory: 6_000,
  maxAncestorCount: 6,
  maxAncestorSize: 1_500,
  maxDescendantCount: 5,
  maxDescendantSize: 1_400,
  expiry: 1000,
};

const VALUE = 1_000_000n;

const tip = { height: 10, medianTimePast: 5, ancestor: () => undefined } as never;

/** The memory of the twin: the transactions in order, and nothing worked out from them. */
interface Waiting {
  readonly transaction: Transaction;
  /** With its delta. */
  fee: bigint;
  readonly time: number;
}

/** Looks everything up by going through all of it. */
class Twin {
  waiting: Waiting[] = [];
  /** Of what waits and of what does not. */
  readonly deltas = new Map<Txid, bigint>();

  prioritise(txid: Txid, delta: bigint): void {
    this.deltas.set(txid, (this.deltas.get(txid) ?? 0n) + delta);
    for (const each of this.waiting) if (each.transaction.txid === txid) each.fee += delta;
  }

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

  /** Those that spend what it spends. */
  conflicts(of: Transaction): Waiting[] {
    const spent = new Set(of.inputs.map(({ prevout }) => outpointKey(prevout)));
    return this.waiting.filter(({ transaction }) =>
      transaction.inputs.some(({ prevout }) => spent.has(outpointKey(prevout))),
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
      readonly signals: boolean;
      /** The amount that its operator adds before it comes. */
      readonly delta: number;
      /** Whether it picks from what exists, spent by others that wait or not. */
      readonly exists: boolean;
    }
  | { readonly type: "block"; readonly count: number; readonly rival: boolean }
  | { readonly type: "prioritise"; readonly pick: number; readonly delta: number }
  | { readonly type: "wait"; readonly milliseconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant("add" as const),
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      fee: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1000, max: 9000 })),
      outputs: fc.integer({ min: 1, max: 4 }),
      delta: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0) },
        fc.integer({ min: -3000, max: 500 }),
      ),
      signals: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
      exists: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
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
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("prioritise" as const),
      pick: fc.nat(),
      delta: fc.integer({ min: -3000, max: 5000 }),
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

function compare(mempool: Mempool, twin: Twin): void {
  const entries = [...mempool.entries()];
  const ids = (list: readonly { readonly transaction: Transaction }[]) =>
    list.map(({ transaction }) => transaction.txid).sort();
  expect(ids(entries)).toEqual(ids(twin.waiting));
  expect(mempool.count).toBe(twin.waiting.length);
  expect(mempool.virtualSize).toBe(sums(twin.waiting).size);
  expect(mempool.memory).toBeLessThanOrEqual(LIMITS.maxMemory);
  const links = entries.reduce((sum, { parents }) => sum + parents.size, 0);
  const usage = twin.waiting.reduce((sum, each) => sum + entryUsage(each.transaction), 0);
  expect(mempool.memory).toBe(usage + links * LINK_USAGE + pointerUsage(entries.length));
  const deltas = [...twin.deltas].filter(([, delta]) => delta !== 0n);
  expect(new Map(mempool.feeDeltas())).toEqual(new Map(deltas));
  const seen = new Set<MempoolEntry>();
  for (const entry of entries) {
    const own = twin.waiting.find(({ transaction }) => transaction === entry.transaction)!;
    expect(entry.modifiedFee).toBe(own.fee);
    expect(entry.fee).toBe(own.fee - (twin.deltas.get(own.transaction.txid) ?? 0n));
    expect(entry.ancestors).toEqual(sums(twin.ancestors(own)));
    expect(entry.descendants).toEqual(sums(twin.descendants(own)));
    for (const parent of entry.parents) expect(seen.has(parent)).toBe(true);
    seen.add(entry);
    expect(mempool.getByWtxid(entry.transaction.wtxid)).toBe(entry);
    for (const { prevout } of entry.transaction.inputs)
      expect(mempool.spenderOf(prevout)).toBe(entry);
  }
}

describe("a mempool and its naive twin", () => {
  it("hold the same, with the same sums, after any steps", () => {
    let evictions = 0;
    let replacements = 0;
    const reached = new Set<string>();
    const mode = fc.constantFrom<Policy["replaceByFee"]>("off", "opt-in", "opt-in", "full");
    const sequence = fc.array(step, { minLength: 20, maxLength: 120 });
    fc.assert(
      fc.property(mode, sequence, (replaceByFee, steps) => {
        const mempool = new Mempool(params, LIMITS, { replaceByFee });
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
          if (action.type === "prioritise") {
            const { txid } = known[action.pick % known.length] as Outpoint;
            twin.prioritise(txid, BigInt(action.delta));
            mempool.prioritise(txid, BigInt(action.delta));
          } else if (action.type === "wait") {
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
              twin.deltas.delete(each.txid);
              for (const { prevout } of each.inputs) confirmed.delete(outpointKey(prevout));
              for (const [vout, { value }] of each.outputs.entries()) {
                confirmed.set(outpointKey(output(each, vout)), { ...coin(), value });
              }
            }
          } else {
            const stands = ({ txid, vout }: Outpoint) =>
              confirmed.has(outpointKey({ txid, vout })) ||
              twin.waiting.some(
                ({ transaction }) => txid === transaction.txid && vout < transaction.outputs.length,
              );
            const standing = action.exists ? known.filter(stands) : [];
            const from = standing.length > 0 ? standing : known;
            const inputs = [
              ...new Map(
                action.picks
                  .map((n) => from[n % from.length]!)
                  .map((each) => [outpointKey(each), each]),
              ).values(),
            ];
            const worth = (outpoint: Outpoint) =>
              confirmed.get(outpointKey(outpoint))?.value ??
              twin.waiting.find(({ transaction }) => transaction.txid === outpoint.txid)
                ?.transaction.outputs[outpoint.vout]?.value ??
              0n;
            const value = inputs.reduce((sum, each) => sum + worth(each), 0n);
            const paid = BigInt(action.fee) < value ? BigInt(action.fee) : 0n;
            const share = (value - paid) / BigInt(action.outputs);
            const outputs = new Array<bigint>(action.outputs).fill(share);
            outputs[0] = value - paid - share * BigInt(action.outputs - 1);
            const transaction = spend(inputs, outputs, {
              sequence: action.signals ? 0 : SEQUENCE_FINAL,
            });
            const { txid } = transaction;
            if (!twin.waiting.some((each) => each.transaction.txid === txid)) {
              twin.prioritise(txid, BigInt(action.delta));
              mempool.prioritise(txid, BigInt(action.delta));
            }
            const fee = paid + (twin.deltas.get(transaction.txid) ?? 0n);
            known.push(...transaction.outputs.map((_, vout) => output(transaction, vout)));

            const verdict = checkForMempool(transaction, {
              mempool,
              params,
              confirmed: { get: (outpoint) => confirmed.get(outpointKey(outpoint)) },
              tip,
              now,
            });
            const exists = inputs.every(stands);
            const candidate: Waiting = { transaction, fee, time: now };
            const conflicts = twin.conflicts(transaction);
            const ancestors = sums(twin.ancestors(candidate));
            // One that replaces one has its place.
            const going =
              conflicts.length === 1
                ? { count: 1, size: sums(twin.descendants(conflicts[0]!)).size }
                : { count: 0, size: 0 };
            const isLong = (most: number, extra: { count: number; size: number }) =>
              ancestors.count > most ||
              ancestors.size > LIMITS.maxAncestorSize ||
              twin.ancestors(candidate).some((each) => {
                if (each === candidate) return false;
                const { count, size } = sums(twin.descendants(each));
                return (
                  count + 1 > LIMITS.maxDescendantCount + going.count + extra.count ||
                  size + transaction.virtualSize >
                    LIMITS.maxDescendantSize + going.size + extra.size
                );
              });
            const long =
              isLong(LIMITS.maxAncestorCount, { count: 0, size: 0 }) &&
              (transaction.virtualSize > 10_000 || isLong(2, { count: 1, size: 10_000 }));
            const rate = mempool.raisedFeeRate(now);
            const replaced = twin.waiting.filter((each) =>
              twin.ancestors(each).some((ancestor) => conflicts.includes(ancestor)),
            );
            const stays = ({ transaction: { inputs } }: Waiting) =>
              replaceByFee === "off" ||
              (replaceByFee === "opt-in" && inputs.every((each) => each.sequence > 0xffff_fffd));
            const perKvB = (each: Waiting) =>
              (each.fee * 1000n) / BigInt(each.transaction.virtualSize);
            const oldParents = replaced.flatMap((each) =>
              each.transaction.inputs.map(({ prevout }) => prevout.txid),
            );
            const expected = twin.waiting.some(
              ({ transaction: { txid } }) => txid === transaction.txid,
            )
              ? "txn-already-in-mempool"
              : conflicts.some(stays)
                ? "txn-mempool-conflict"
                : !exists
                  ? "bad-txns-inputs-missingorspent"
                  : rate > 0n && fee * 1000n < rate * BigInt(transaction.virtualSize)
                    ? "mempool min fee not met"
                    : fee < 0n
                      ? "min relay fee not met"
                      : long
                        ? "too-long-mempool-chain"
                        : twin.ancestors(candidate).some((each) => conflicts.includes(each))
                          ? "bad-txns-spends-conflicting-tx"
                          : conflicts.some((each) => perKvB(candidate) <= perKvB(each))
                            ? "insufficient fee"
                            : twin
                                  .parents(transaction)
                                  .some((each) => !oldParents.includes(each.transaction.txid)) &&
                                conflicts.length > 0
                              ? "replacement-adds-unconfirmed"
                              : conflicts.length > 0 &&
                                  fee < sums(replaced).fees + BigInt(transaction.virtualSize)
                                ? "insufficient fee"
                                : "ok";
            reached.add(expected);
            expect(verdict.ok ? "ok" : verdict.reason).toBe(expected);
            if (verdict.ok) {
              const added = mempool.add(verdict, now);
              if (added.ok) {
                const out = added.replaced.map(({ entry }) => entry.transaction.txid);
                expect(out.sort()).toEqual(replaced.map((each) => each.transaction.txid).sort());
                replacements += out.length;
                twin.drop(replaced);
                twin.waiting.push(candidate);
                // Each transaction that went was the worst that there was.
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
      { numRuns: 40 },
    );
    expect(evictions).toBeGreaterThan(5);
    expect(replacements).toBeGreaterThan(5);
    for (const reason of [
      "bad-txns-inputs-missingorspent",
      "bad-txns-spends-conflicting-tx",
      "insufficient fee",
      "mempool min fee not met",
      "min relay fee not met",
      "ok",
      "replacement-adds-unconfirmed",
      "too-long-mempool-chain",
      "txn-mempool-conflict",
    ]) {
      expect(reached).toContain(reason);
    }
  });
});
