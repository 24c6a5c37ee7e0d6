import type { Transaction, Txid, Wtxid } from "@chain/core";
import { Rng } from "@chain/testing/random";
import { MSG_TX, MSG_WTX } from "@chain/wire";
import { describe, expect, it } from "vitest";
import {
  type Pace,
  PUBLIC_PACE,
  TransactionRelay,
} from "../../../src/net/transactions/transactionRelay.ts";
import { commandsTo } from "../../support/headerTrees.ts";

describe("TransactionRelay", () => {
  const [a, b, c] = ["aa", "bb", "dd"].map((each) => each.repeat(32) as Txid) as [Txid, Txid, Txid];
  const w = "cc".repeat(32) as Wtxid;
  const options = { wants: true, mayHear: true, byWtxid: false, inbound: true };
  const never = () => false;
  /** By then whoever is to be told has been. */
  const LATER = 1e9;

  function setUp(pace: Pace = PUBLIC_PACE) {
    const have = new Map<Txid, { feeRate: bigint; ancestors: number }>();
    const relay = new TransactionRelay({
      random: new Rng(5),
      pace,
      sequence: () => have.size - 1,
      waiting: (txid) => {
        const entry = have.get(txid);
        return entry && { transaction: { wtxid: w } as Transaction, ...entry };
      },
    });
    const add = (txid: Txid, feeRate: bigint, ancestors = 1) =>
      have.set(txid, { feeRate, ancestors });
    return { relay, have, add };
  }

  it("announces to all but those who know, once, and above their fee filter", () => {
    const { relay, add } = setUp();
    for (const peer of [1, 2, 3]) relay.add(peer, options, [], 0);
    relay.add(4, { ...options, wants: false }, [], 0);
    add(a, 1000n);
    relay.knows(1, [a]);
    relay.setMinFeeRate(3, 1001n);
    relay.announce({ txid: a, wtxid: w }, 0);
    const actions = relay.flush(never, LATER);
    expect(actions).toMatchObject([
      { peer: 2, message: { command: "inv", items: [{ type: MSG_TX, hash: a }] } },
    ]);
    relay.announce({ txid: a, wtxid: w }, LATER);
    expect(relay.flush(never, 2 * LATER)).toEqual([]);
  });

  it("tells all who have called at one time, and those whom we have called each at their own", () => {
    const { relay, add } = setUp();
    for (let peer = 0; peer < 40; peer++) {
      relay.add(peer, { ...options, inbound: peer % 2 === 0 }, [], 0);
    }
    add(a, 1n);
    relay.announce({ txid: a, wtxid: w }, 0);
    const times = new Map<number, number[]>();
    for (let at = relay.nextFlush(never); at !== undefined; at = relay.nextFlush(never)) {
      expect(relay.flush(never, at - 0.001)).toEqual([]);
      times.set(
        at,
        relay.flush(never, at).map(({ peer }) => peer),
      );
    }
    const crowd = [...times.values()].filter((peers) => peers.length > 1);
    expect(crowd.flat().sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, n) => 2 * n));
    expect(times.size).toBe(21);
    expect(Math.max(...times.keys())).toBeLessThan(20_000);
  });

  it("waits as long as it should, on average", () => {
    const { relay, add } = setUp({ ...PUBLIC_PACE, inbound: 700, outbound: 300 });
    let [now, inbound, outbound] = [0, 0, 0];
    relay.add(1, options, [], 0);
    relay.add(2, { ...options, inbound: false }, [], 0);
    for (let n = 0; n < 5_000; n++) {
      const txid = n.toString(16).padStart(64, "0") as Txid;
      add(txid, 1n);
      relay.announce({ txid, wtxid: n.toString(16).padStart(64, "1") as Wtxid }, now);
      const since = now;
      for (let at = relay.nextFlush(never); at !== undefined; at = relay.nextFlush(never)) {
        for (const { peer } of relay.flush(never, at)) {
          if (peer === 1) inbound += at - since;
          else outbound += at - since;
        }
        now = at;
      }
      now += 10_000;
    }
    expect(Math.abs(inbound / 5_000 / 700 - 1)).toBeLessThan(0.06);
    expect(Math.abs(outbound / 5_000 / 300 - 1)).toBeLessThan(0.06);
  });

  it("tells of parents before children, and else not in the order in which they came", () => {
    const { relay, add } = setUp();
    relay.add(1, options, [], 0);
    add(a, 1n);
    add(b, 9n, 2);
    add(c, 5n);
    for (const txid of [a, b, c]) relay.announce({ txid, wtxid: w }, 0);
    const [action] = relay.flush(never, LATER);
    expect(action).toMatchObject({ message: { items: [{ hash: c }, { hash: a }, { hash: b }] } });
  });

  it("tells of a flood bit by bit", () => {
    const { relay, add } = setUp();
    relay.add(1, options, [], 0);
    const all = Array.from({ length: 3_000 }, (_, n) => n.toString(16).padStart(64, "0") as Txid);
    for (const txid of all) {
      add(txid, 1n);
      relay.announce({ txid, wtxid: w }, 0);
    }
    const sizes: number[] = [];
    for (let now = LATER; sizes.length < 3; now += LATER) {
      const [action] = relay.flush(never, now);
      if (action?.type === "send" && action.message.command === "inv") {
        sizes.push(action.message.items.length);
      }
    }
    expect(sizes).toEqual([70 + 15, 70 + 14, 70 + 14]);
  });

  it("gives nobody what he has not been told of yet", () => {
    const { relay, add } = setUp();
    relay.add(1, options, [], 0);
    add(a, 1n);
    const transaction = { txid: a, wtxid: w };
    const mayAsk = (peer: number, arrival: number) => relay.mayAsk(peer, { arrival, transaction });
    expect(mayAsk(1, 0)).toBe(false);
    relay.announce(transaction, 0);
    expect(mayAsk(1, 0)).toBe(false);
    relay.flush(never, LATER);
    add(b, 1n);
    expect([mayAsk(1, 0), mayAsk(1, 1)]).toEqual([true, false]);
    expect(mayAsk(2, 0)).toBe(false);
    // The peer that has sent it may know the outcome.
    relay.add(2, options, [], 0);
    relay.gave(2, transaction);
    expect(mayAsk(2, 0)).toBe(true);
  });

  it("tells newcomers of what waits on networks of few alone; elsewhere they may but ask", () => {
    for (const tellsNewcomers of [true, false]) {
      const { relay, add } = setUp({ ...PUBLIC_PACE, tellsNewcomers });
      add(a, 1n);
      relay.add(1, options, [a], 0);
      const transaction = { txid: a, wtxid: w };
      const mayAsk = [0, 1].map((arrival) => relay.mayAsk(1, { arrival, transaction }));
      expect(mayAsk).toEqual([true, false]);
      expect(commandsTo(relay.flush(never, LATER), 1)).toEqual(tellsNewcomers ? ["inv"] : []);
    }
  });

  it("holds announcements for a peer that does not keep up", () => {
    const { relay, add } = setUp();
    add(a, 1n);
    relay.add(1, options, [], 0);
    relay.announce({ txid: a, wtxid: w }, 0);
    expect(relay.flush(() => true, LATER)).toEqual([]);
    expect(relay.nextFlush(() => true)).toBeUndefined();
    expect(relay.nextFlush(never)).toBeLessThan(LATER);
    expect(commandsTo(relay.flush(never, LATER), 1)).toEqual(["inv"]);
    expect(relay.nextFlush(never)).toBeUndefined();
  });

  it("names transactions as was agreed, and remembers what a peer knows by that name", () => {
    const { relay, add } = setUp();
    add(a, 5n);
    relay.add(1, { ...options, byWtxid: true }, [], 0);
    relay.add(2, { ...options, byWtxid: true }, [], 0);
    relay.knows(2, [w]);
    relay.announce({ txid: a, wtxid: w }, 0);
    expect(relay.flush(never, LATER)).toMatchObject([
      { peer: 1, message: { command: "inv", items: [{ type: MSG_WTX, hash: w }] } },
    ]);
    expect(relay.repeat([a])).toHaveLength(2);
  });
});
