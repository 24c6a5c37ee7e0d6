import { Block, regtest, Transaction, type Txid, ZERO_BLOCK_HASH } from "@chain/core";
import { describe, expect, test, vi } from "vitest";
import { parseDescriptor } from "../../src/descriptors.ts";
import { History } from "../../src/ledger/history.ts";
import type { WalletLedger } from "../../src/ledger/ledger.ts";
import type { CreateLedgerOptions } from "../../src/ledger/types.ts";
import { Host, master, NOW } from "./support.ts";
import { foreign, World } from "./world.ts";

/** A wallet with coins of 1000 each, of coinbases with 3 blocks on them. */
function funded(options: Partial<CreateLedgerOptions> = {}) {
  const [host, world] = [new Host(3), new World()];
  const ledger = host.create({ master, ...options });
  const [a, change] = [false, true].map((internal) => {
    const given = ledger.newAddress("bech32", { internal, label: "a" });
    return given.ok ? given.script : expect.unreachable(given.reason);
  }) as [Uint8Array, Uint8Array];
  const pay = (inputs: Parameters<World["make"]>[0], ...values: [bigint, Uint8Array][]) =>
    world.make(
      inputs,
      values.map(([value, scriptPubKey]) => ({ value, scriptPubKey })),
    );
  for (let i = 0; i < 4; i++) world.mine([], a);
  ledger.apply(world.takeChanges(), world.tip);
  const hand = (to: WalletLedger = ledger) => to.apply(world.takeChanges(), world.tip);
  return { host, world, ledger, a, change, pay, hand };
}

describe("coins of coinbases", () => {
  test("mature with their blocks, and are immature again after a reorganisation", () => {
    const { ledger, world, hand, a } = funded();
    expect(ledger.balances()).toEqual({ trusted: 5000n, untrustedPending: 0n, immature: 15000n });
    world.mine([], foreign(1));
    hand();
    expect(ledger.balances()).toMatchObject({ trusted: 10000n, immature: 10000n });
    expect(ledger.coins().map(({ depth }) => depth)).toEqual([5, 4]);
    expect(ledger.coins({ includeImmature: true })).toHaveLength(4);
    const [first] = ledger.transactions();
    expect(ledger.blocksToMaturity(first?.txid as Txid)).toBe(0);
    world.disconnect(() => false);
    world.disconnect(() => false);
    hand();
    expect(ledger.balances()).toMatchObject({ trusted: 0n, immature: 15000n });
    expect(ledger.transactions().at(-1)?.state).toEqual({ type: "inactive", abandoned: true });
    world.mine([], a);
    hand();
    expect(ledger.tip).toEqual(world.tip);
    expect(ledger.balances()).toMatchObject({ trusted: 5000n, immature: 15000n });
  });
});

describe("a payment", () => {
  test("spends its coins when it is committed, and its change counts once a node has it", () => {
    const { ledger, world, a, change, pay, hand, host } = funded();
    const [coin] = world.coins();
    const payment = pay([coin as never], [1000n, foreign(1)], [3900n, change]);
    ledger.commit(payment, { comment: "rent", to: "Bob" });
    expect(ledger.balances().trusted).toBe(0n);
    expect(ledger.amounts(payment.txid)).toEqual({
      ...{ debit: 5000n, credit: 3900n, change: 3900n, fee: 100n },
    });
    expect(ledger.isChange(change)).toBe(true);
    expect(ledger.isChange(a)).toBe(false);
    expect(ledger.takeNotices()).toContain(payment.txid);
    expect(ledger.takeNotices()).toEqual([]);
    world.accept(payment);
    hand();
    expect(ledger.balances().trusted).toBe(3900n);
    expect(ledger.coins()).toMatchObject([{ depth: 0, isSafe: true, isFromMe: true }]);
    ledger.spendUnconfirmedChange = false;
    expect(ledger.balances()).toMatchObject({ trusted: 0n, untrustedPending: 3900n });
    const again = host.reload(ledger);
    expect(again.transaction(payment.txid)).toMatchObject({
      ...{ notes: { comment: "rent", to: "Bob" }, state: { type: "inactive", abandoned: false } },
    });
    expect(again.balances().trusted).toBe(0n);
    expect(again.transaction(payment.txid)?.transaction.toBytes()).toEqual(payment.toBytes());
  });

  test("of others is pending until a block has it", () => {
    const { ledger, world, a, pay, hand } = funded();
    world.mine([], foreign(9));
    const theirs = () => {
      const coins = world.coins({ withMempool: false });
      return coins.find(({ output }) => output.scriptPubKey.at(-1) === 9);
    };
    for (let i = 0; i < 3; i++) world.mine([], foreign(8));
    const payment = pay([theirs() as never], [700n, a], [4300n, foreign(9)]);
    world.accept(payment);
    hand();
    expect(ledger.balances()).toMatchObject({ trusted: 20000n, untrustedPending: 700n });
    expect(ledger.amounts(payment.txid)).toMatchObject({ debit: 0n, credit: 700n, fee: undefined });
    expect(ledger.coins()).toHaveLength(4);
    expect(ledger.coins({ includeUnsafe: true })).toHaveLength(5);
    expect(ledger.coins({ includeUnsafe: true, minDepth: 1 })).toHaveLength(4);
    expect(ledger.coins({ minValue: 5001n })).toHaveLength(0);
    world.mine([payment], foreign(8));
    hand();
    expect(ledger.balances()).toMatchObject({ trusted: 20700n, untrustedPending: 0n });
    expect(ledger.balances(2).trusted).toBe(20000n);
  });

  test("that replaces another is noted in both, and neither one's change is safe", () => {
    const { ledger, world, change, pay, hand } = funded();
    const [coin] = world.coins();
    const first = pay([coin as never], [1000n, foreign(1)], [3900n, change]);
    ledger.commit(first);
    world.accept(first);
    const second = pay([coin as never], [1000n, foreign(1)], [3800n, change]);
    hand();
    ledger.commit(second, { replaces: first.txid });
    world.remove(({ txid }) => txid === first.txid, "replaced");
    world.accept(second);
    hand();
    expect(ledger.transaction(first.txid)).toMatchObject({
      ...{ notes: { replacedBy: second.txid }, mempoolConflicts: new Set([second.txid]) },
    });
    expect(ledger.conflicts(first.txid)).toEqual([second.txid]);
    expect(ledger.balances().trusted).toBe(3800n);
    expect(ledger.coins()).toEqual([]);
    expect(() => ledger.commit(second, { replaces: first.txid })).toThrow("replaced already");
    world.mine([second], foreign(1));
    hand();
    expect(ledger.depth(first.txid)).toBe(-1);
    expect(ledger.coins()).toMatchObject([{ value: 5000n }, { value: 3800n }]);
  });

  test("is refused where another spends its coin, unless it replaces that one", () => {
    const { ledger, world, change, pay, hand } = funded();
    const [coin] = world.coins();
    const [first, second, third] = [3900n, 3800n, 3700n].map((value) =>
      pay([coin as never], [1000n, foreign(1)], [value, change]),
    ) as [Transaction, Transaction, Transaction];
    const conflict = expect.objectContaining({ code: "conflict" });
    ledger.commit(first);
    expect(() => ledger.commit(second)).toThrow(conflict);
    expect(ledger.transaction(second.txid)).toBeUndefined();
    ledger.commit(first, { comment: "again" });
    ledger.commit(second, { replaces: first.txid });
    expect(() => ledger.commit(third)).toThrow(conflict);
    // No node has the second: the first, which it replaced, counts still.
    ledger.commit(third, { replaces: second.txid });
    for (const { txid } of [first, second, third]) ledger.abandon(txid);
    const other = pay([coin as never], [4900n, change]);
    ledger.commit(other);
    world.mine([third], foreign(1));
    hand();
    expect(ledger.depth(other.txid)).toBe(-1);
  });

  test("that is abandoned frees its coins, until it comes back", () => {
    const { ledger, world, change, pay, hand } = funded();
    const [coin] = world.coins();
    const payment = pay([coin as never], [4900n, change]);
    ledger.commit(payment);
    expect(ledger.isSpent((coin as never as { outpoint: never }).outpoint)).toBe(true);
    expect(ledger.abandon(payment.txid)).toBe(true);
    expect(ledger.canAbandon(payment.txid)).toBe(false);
    // Core says nothing about one that is abandoned already.
    expect(ledger.abandon(payment.txid)).toBe(true);
    expect(ledger.balances().trusted).toBe(5000n);
    world.accept(payment);
    hand();
    expect(ledger.abandon(payment.txid)).toBe(false);
    expect(ledger.canAbandon(payment.txid)).toBe(false);
    expect(ledger.balances().trusted).toBe(4900n);
    expect(() => ledger.abandon("00".repeat(32) as Txid)).toThrow(
      expect.objectContaining({ code: "unknown-transaction" }),
    );
  });

  test("with other signatures takes over the notes of the first", () => {
    const { ledger, world, change, pay, hand, host } = funded();
    const [coin] = world.coins();
    const payment = pay([coin as never], [4900n, change]);
    ledger.commit(payment, { comment: "rent" });
    const [input] = payment.inputs;
    const scriptSig = Uint8Array.of(0x51);
    const malleated = new Transaction({
      ...payment,
      inputs: [{ ...(input as never as object), scriptSig } as never],
    });
    host.time = NOW + 50;
    world.mine([malleated], foreign(1));
    hand();
    expect(ledger.transaction(malleated.txid)).toMatchObject({
      ...{ notes: { comment: "rent" }, time: NOW, timeReceived: NOW + 50 },
    });
    expect(ledger.depth(payment.txid)).toBe(-1);
  });
});

describe("the time of a transaction", () => {
  test("is that of its block, but not before the one before it", () => {
    const { ledger } = funded();
    // The world's blocks are older than the wallet, which has seen nothing before the first.
    const [first, second] = ledger.transactions();
    expect(first?.time).toBeLessThan(NOW);
    expect(second?.time).toBeGreaterThanOrEqual(first?.time ?? NOW);
    expect(ledger.birthday).toBe(first?.time);
  });

  test("is the highest time so far of an old block in a rescan", () => {
    const { world, host, a } = funded();
    const late = host.create({ master });
    late.apply([], world.tip);
    const [block] = world.chain;
    expect(late.scanBlock(block?.block as never, block as never, 7)).toBe(true);
    expect(late.transactions()).toMatchObject([{ time: 7, state: { height: 0 } }]);
    expect(late.balances().trusted).toBe(5000n);
    expect(late.ownerOf(a)?.descriptor.next).toBe(1);
    expect(late.addressEntry(a)).toMatchObject({ label: "", purpose: "receive" });
  });
});

describe("a rescan", () => {
  test("of blocks in any order ends where following them did, with scripts that grow", () => {
    const { world, ledger, host, hand } = funded();
    for (let i = 0; i < 6; i++) {
      const given = ledger.newAddress("bech32");
      if (given.ok) world.mine([], given.script);
    }
    hand();
    const late = host.create({ master });
    late.apply([], world.tip);
    expect([...late.scripts()]).toHaveLength(8 * 3);
    for (const { block, hash, height } of world.chain) late.scanBlock(block, { hash, height }, NOW);
    expect(late.balances()).toEqual(ledger.balances());
    expect(late.activeDescriptor("bech32")).toMatchObject({ next: 7, range: { end: 10 } });
    expect(late.transactions().map(({ state }) => state)).toEqual(
      ledger.transactions().map(({ state }) => state),
    );
  });

  test("is not needed for transactions that were here before the descriptor", () => {
    const { world, ledger, a, change, pay, hand, host } = funded();
    const [coin] = world.coins();
    const stranger = new Host().create({ birthday: 3 });
    const given = stranger.newAddress("bech32m");
    if (!given.ok) expect.unreachable();
    const payment = pay([coin as never], [900n, given.script], [100n, change]);
    world.mine([payment], a);
    hand();
    const before = ledger.balances().trusted;
    const parsed = parseDescriptor(stranger.activeDescriptor("bech32m")?.text ?? "", regtest);
    if (!parsed.ok) expect.unreachable(parsed.reason);
    const search = vi.spyOn(History.prototype, "findOutputs");
    const options = { timestamp: 4, range: { start: 0, end: 3 } };
    for (let i = 0; i < 5; i++) ledger.addDescriptor(parsed.descriptor, options);
    host.write(ledger);
    // Once for all five.
    expect(search).toHaveBeenCalledTimes(ledger.transactions().length);
    search.mockRestore();
    expect(host.reload(ledger).balances().trusted).toBe(before + 900n);
    expect(ledger.balances().trusted).toBe(before + 900n);
    expect(ledger.birthday).toBe(4);
  });
});

describe("addresses that were used before", () => {
  test("keep their coins out of the balance and of payments", () => {
    const { ledger, world, a, change, pay, hand, host } = funded({ avoidReuse: true });
    for (let i = 0; i < 3; i++) world.mine([], foreign(1));
    const [coin] = world.coins();
    world.mine([pay([coin as never], [4000n, change])], foreign(1));
    hand();
    for (const each of [ledger, host.reload(ledger)]) {
      expect(each.balances()).toEqual({
        ...{ trusted: 4000n, untrustedPending: 0n, immature: 0n, used: 15000n },
      });
      expect(each.isSpentAddress(a)).toBe(true);
      expect(each.coins()).toHaveLength(1);
      expect(each.coins({ includeReused: true })).toHaveLength(4);
    }
    ledger.setAvoidReuse(false);
    expect(ledger.balances()).toEqual({ trusted: 19000n, untrustedPending: 0n, immature: 0n });
    ledger.setAvoidReuse(true);
    expect(ledger.balances()).toMatchObject({ trusted: 4000n, used: 15000n });
  });
});

describe("locked coins", () => {
  test("stay out of payments, after a restart where that was asked for, until they are spent", () => {
    const { ledger, world, change, pay, hand, host } = funded();
    world.mine([], foreign(1));
    hand();
    const [one, two] = ledger.coins().map(({ outpoint }) => outpoint) as [never, never];
    ledger.lockCoin(one, true);
    ledger.lockCoin(two);
    expect(ledger.coins()).toEqual([]);
    expect(ledger.coins({ includeLocked: true }).map(({ isLocked }) => isLocked)).toEqual([
      ...[true, true],
    ]);
    expect(ledger.balances().trusted).toBe(10000n);
    const again = host.reload(ledger);
    expect(again.lockedCoins()).toEqual([one]);
    const coin = world.coins().find(({ outpoint }) => again.isLockedCoin(outpoint));
    again.commit(pay([coin as never], [4000n, change]));
    expect(again.lockedCoins()).toEqual([]);
    expect(host.reload(again).lockedCoins()).toEqual([]);
    expect(ledger.unlockCoin(one)).toBe(true);
    expect(ledger.unlockCoin(one)).toBe(false);
  });
});

describe("a transaction of version 3", () => {
  test("in the mempool keeps others from spending its parent", () => {
    const { ledger, world, a, change, pay, hand } = funded();
    const [coin] = world.coins();
    const parent = new Transaction({
      ...pay([coin as never], [2000n, a], [2000n, change]),
      version: 3,
    });
    world.accept(parent);
    hand();
    const outputs = world.coins().filter(({ outpoint }) => outpoint.txid === parent.txid);
    const [child, other] = outputs.map(
      (output) => new Transaction({ ...pay([output], [1000n, a]), version: 3 }),
    ) as [Transaction, Transaction];
    ledger.commit(other);
    world.accept(child);
    hand();
    expect(ledger.transaction(other.txid)?.mempoolConflicts).toEqual(new Set([child.txid]));
    expect(ledger.coins({ includeUnsafe: true }).some((each) => each.hasTrucChild)).toBe(true);
    world.remove(({ txid }) => txid === child.txid, "size-limit");
    hand();
    expect(ledger.transaction(other.txid)?.mempoolConflicts.size).toBe(0);
    expect(ledger.coins({ includeUnsafe: true }).some((each) => each.hasTrucChild)).toBe(false);
  });
});

describe("transactions", () => {
  test("of a block do not keep its bytes in memory", () => {
    const { ledger, world } = funded();
    const late = new Host(3).create({ master });
    const { block, ...place } = world.chain[0] as (typeof world.chain)[0];
    const raw = block.toBytes();
    late.apply([{ type: "block-connected", block: Block.fromBytes(raw), ...place }], place);
    const [held] = late.transactions();
    const [output] = held?.transaction.outputs ?? [];
    expect(held?.transaction.toBytes()).toEqual(ledger.transactions()[0]?.transaction.toBytes());
    expect(output?.scriptPubKey.buffer).not.toBe(raw.buffer);
    expect(held?.transaction.inputs[0]?.scriptSig.buffer).not.toBe(raw.buffer);
    const [own] = late.coins({ includeImmature: true });
    expect(own?.scriptPubKey.buffer).not.toBe(raw.buffer);
  });

  test("of blocks that left the chain unseen are not confirmed any more", () => {
    const { ledger, world, host, a, change, pay, hand } = funded();
    const [coin] = world.coins();
    const loser = pay([coin as never], [1000n, foreign(1)], [3900n, change]);
    ledger.commit(loser);
    world.mine([pay([coin as never], [4000n, a])], foreign(1));
    hand();
    expect(ledger.depth(loser.txid)).toBe(-1);
    const before = ledger.balances();
    const [first] = world.chain;
    ledger.forgetBlocks((hash) => hash === first?.hash);
    ledger.tip = first as never;
    expect(ledger.transactions().map(({ state }) => state.type)).toEqual([
      ...["confirmed", "inactive", "inactive", "inactive", "inactive", "inactive"],
    ]);
    expect(ledger.canAbandon(ledger.transactions()[1]?.txid as Txid)).toBe(false);
    expect(ledger.canAbandon(loser.txid)).toBe(true);
    for (const each of [ledger, host.reload(ledger)]) {
      expect(each.balances()).toEqual({ trusted: 0n, untrustedPending: 0n, immature: 0n });
    }
    // The chain comes back.
    const changes = world.chain.slice(1).map((each) => ({ type: "block-connected", ...each }));
    ledger.apply(changes as never, world.tip);
    expect(ledger.balances()).toEqual(before);
    expect(before.trusted).toBe(9000n);
  });

  test("can be taken from a proof, and forgotten", () => {
    const { ledger, world, a, pay, host, hand } = funded();
    world.mine([], foreign(1));
    hand();
    const [coin, other] = world.coins({ withMempool: true });
    const payment = pay([coin as never], [4000n, a]);
    const stranger = pay([other as never], [4000n, foreign(1)]);
    const late = host.create({ master });
    late.apply([], world.tip);
    const position = { hash: ZERO_BLOCK_HASH, height: 1 };
    expect(late.importTransaction(payment, position, 3, NOW - 9)).toBe(true);
    expect(late.importTransaction(stranger, position, 4, NOW - 9)).toBe(false);
    expect(late.balances().trusted).toBe(4000n);
    expect(late.transaction(payment.txid)?.time).toBe(NOW - 9);
    late.removeTransaction(payment.txid);
    expect(late.balances().trusted).toBe(0n);
    expect(host.reload(late).transactions()).toEqual([]);
    expect(ledger.coin({ txid: payment.txid, vout: 0 })).toBeUndefined();
  });
});
