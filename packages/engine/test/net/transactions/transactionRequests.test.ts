import type { Txid, Wtxid } from "@chain/core";
import { payment } from "@chain/testing/blockFactory";
import { MSG_WITNESS_TX, MSG_WTX } from "@chain/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NetAction } from "../../../src/net/kit/actions.ts";
import { TransactionRequests } from "../../../src/net/transactions/transactionRequests.ts";
import { askedFor } from "../../support/headerTrees.ts";

describe("TransactionRequests", () => {
  const [a, b] = ["aa".repeat(32) as Txid, "bb".repeat(32) as Txid];
  /** We have called it, and it uses txids: asked at once. */
  const options = { witness: false, outbound: true, byWtxid: false };
  const stranger = { ...options, outbound: false };
  /** A transaction without witness. */
  const tx = (txid: Txid) => ({ txid, wtxid: txid as string as Wtxid });
  function setUp() {
    let busy = false;
    const relay = new TransactionRequests({
      has: () => false,
      isCatchingUp: () => busy,
      delay: 2_000,
    });
    const setBusy = (value: boolean) => {
      busy = value;
    };
    return { relay, setBusy };
  }

  it("asks one peer for a transaction, and the next when that one fails", () => {
    const { relay } = setUp();
    relay.add(1, options);
    relay.add(2, options);
    expect(askedFor(relay.announced(1, [a], 0), 1)).toEqual([a]);
    expect(relay.announced(2, [a], 0)).toEqual([]);
    expect(askedFor(relay.tick(59_999), 2)).toEqual([]);
    expect(askedFor(relay.tick(60_000), 2)).toEqual([a]);
    expect(relay.notFound(2, a, 60_000)).toEqual([]);
    expect(askedFor(relay.announced(1, [b], 0), 1)).toEqual([b]);
    relay.announced(2, [b], 0);
    expect(askedFor(relay.remove(1, 0), 2)).toEqual([b]);
  });

  it("waits while blocks are missing, and forgets refusals when the chain moves", () => {
    const { relay, setBusy } = setUp();
    relay.add(1, options);
    setBusy(true);
    expect(relay.announced(1, [a], 0)).toEqual([]);
    setBusy(false);
    expect(askedFor(relay.tipChanged(0), 1)).toEqual([a]);
    const transaction = payment({ coins: [], outputs: [] });
    relay.refused(1, transaction, "consensus", 0);
    expect(relay.announced(1, [transaction.txid], 0)).toEqual([]);
    relay.tipChanged(0);
    expect(askedFor(relay.announced(1, [transaction.txid], 0), 1)).toEqual([transaction.txid]);
  });

  it("asks nobody again for one with inputs that are not standard, by either name", () => {
    const { relay } = setUp();
    for (const peer of [1, 2]) relay.add(peer, options);
    const wtxid = "cc".repeat(32) as Wtxid;
    relay.announced(1, [b], 0);
    relay.received(1, { txid: b, wtxid });
    expect(relay.refused(1, { txid: b, wtxid }, "nonstandard-inputs", 0)).toEqual([]);
    expect(relay.announced(2, [b], 0)).toEqual([]);
    expect(relay.announced(2, [wtxid], 0, true)).toEqual([]);
    // An orphan that spends it is not worth keeping.
    expect(relay.isAnyRefused([b])).toBe(true);
  });

  it("asks nobody while one is checked, and others if its witness was spoilt", () => {
    const { relay } = setUp();
    for (const peer of [1, 2, 3]) relay.add(peer, options);
    relay.announced(2, [a], 0);
    // Nobody asked for it, but it is here.
    relay.received(1, tx(b));
    expect(relay.announced(3, [b], 0)).toEqual([]);
    expect(relay.tick(1_000_000).filter(({ peer }) => peer === 3)).toEqual([]);
    const spoilt = { txid: b, wtxid: "cc".repeat(32) as Wtxid };
    expect(askedFor(relay.refused(1, spoilt, "consensus", 0), 3)).toEqual([b]);
    // Somebody sends unasked, spoilt, what another was asked for: that one stays asked.
    relay.announced(2, [a], 0);
    relay.received(1, tx(a));
    expect(relay.refused(1, { ...spoilt, txid: a }, "consensus", 0)).toEqual([]);
    expect(askedFor(relay.announced(1, [a], 0), 1)).toEqual([]);
  });

  it("asks for a thousand at a time, and remembers no more than five thousand offers", () => {
    const { relay } = setUp();
    relay.add(1, options);
    const id = (n: number) => n.toString(16).padStart(64, "0") as Txid;
    const all = Array.from({ length: 50_000 }, (_, n) => id(n));
    const actions = relay.announced(1, all, 0);
    expect(actions).toHaveLength(5);
    expect(askedFor(actions, 1)).toEqual(all.slice(0, 5_000));
  });

  it("asks one that owes a hundred for more two seconds later, and others before", () => {
    const { relay } = setUp();
    for (const peer of [1, 2]) relay.add(peer, options);
    const id = (n: number) => n.toString(16).padStart(64, "0") as Txid;
    const hundred = Array.from({ length: 100 }, (_, n) => id(n));
    expect(askedFor(relay.announced(1, hundred, 0), 1)).toEqual(hundred);
    expect(relay.announced(1, [a, b], 0)).toEqual([]);
    expect(askedFor(relay.announced(2, [a], 0), 2)).toEqual([a]);
    expect(relay.tick(1_999)).toEqual([]);
    expect(askedFor(relay.tick(2_000), 1)).toEqual([b]);
    // Once it has answered one, it may be asked at once.
    for (const one of [...hundred.slice(0, 1), b]) relay.forget(tx(one));
    const c = "cc".repeat(32) as Txid;
    expect(askedFor(relay.announced(1, [c], 2_000), 1)).toEqual([c]);
  });

  it("asks by txid later, where there are peers that use wtxids", () => {
    const { relay } = setUp();
    relay.add(1, options);
    relay.add(2, { ...options, byWtxid: true });
    expect(relay.announced(1, [a], 0)).toEqual([]);
    expect(askedFor(relay.announced(2, [b], 0, true), 2)).toEqual([b]);
    expect(relay.tick(1_999)).toEqual([]);
    expect(askedFor(relay.tick(2_000), 1)).toEqual([a]);
    // Two reasons to wait.
    relay.add(3, stranger);
    const c = "cc".repeat(32) as Txid;
    expect(relay.announced(3, [c], 2_000)).toEqual([]);
    expect(relay.tick(5_999)).toEqual([]);
    expect(askedFor(relay.tick(6_000), 3)).toEqual([c]);
  });

  it("does not ask again for what a block has confirmed, until the block is taken back", () => {
    const { relay } = setUp();
    relay.add(1, options);
    relay.confirmed([tx(a)]);
    expect(relay.announced(1, [a], 0)).toEqual([]);
    relay.unconfirmed();
    expect(askedFor(relay.announced(1, [a], 0), 1)).toEqual([a]);
  });

  it("prefers peers that we have called", () => {
    const { relay, setBusy } = setUp();
    relay.add(1, stranger);
    relay.add(2, { ...options, witness: true });
    setBusy(true);
    relay.announced(1, [a], 0);
    relay.announced(2, [a], 0);
    setBusy(false);
    expect(relay.tick(0)).toMatchObject([
      { peer: 2, message: { command: "getdata", items: [{ type: MSG_WITNESS_TX, hash: a }] } },
    ]);
  });

  it("lets strangers wait for two seconds: somebody better may offer the same", () => {
    const { relay } = setUp();
    relay.add(1, stranger);
    relay.add(2, options);
    expect(relay.announced(1, [a, b], 0)).toEqual([]);
    expect(askedFor(relay.announced(2, [a], 1_000), 2)).toEqual([a]);
    expect(relay.tick(1_999)).toEqual([]);
    expect(askedFor(relay.tick(2_000), 1)).toEqual([b]);
    // The better one fails: now the stranger is good enough.
    expect(askedFor(relay.notFound(2, a, 2_000), 1)).toEqual([a]);
  });

  it("does not lose its time with what a stranger announces and takes back, again and again", () => {
    const { relay } = setUp();
    relay.add(1, stranger);
    const names = Array.from({ length: 5_000 }, (_, n) => n.toString(16).padStart(64, "0") as Txid);
    for (let round = 0; round < 20; round++) {
      relay.announced(1, names, 0);
      for (const name of names) relay.notFound(1, name, 0);
    }
    const begin = process.cpuUsage();
    relay.tick(2_000);
    // Linear: a tenth of a second of the processor. Quadratic: minutes.
    expect(process.cpuUsage(begin).user).toBeLessThan(5_000_000);
  });

  it("asks by the name that it was told, and takes the answer for both", () => {
    const { relay } = setUp();
    const wtxid = "cc".repeat(32) as Wtxid;
    relay.add(1, { ...options, witness: true });
    relay.add(2, { ...options, witness: true });
    expect(relay.announced(1, [wtxid], 0, true)).toMatchObject([
      { message: { command: "getdata", items: [{ type: MSG_WTX, hash: wtxid }] } },
    ]);
    // By its other name nobody can know that it is the same, until it is here.
    expect(askedFor(relay.announced(2, [a], 0), 2)).toEqual([a]);
    relay.received(1, { txid: a, wtxid });
    relay.forget({ txid: a, wtxid });
    expect(relay.tick(1_000_000)).toEqual([]);
    // Refused with this witness: not asked for again by that name, but by the other.
    relay.received(1, { txid: b, wtxid });
    relay.refused(1, { txid: b, wtxid }, "consensus", 0);
    expect(relay.announced(2, [wtxid], 0, true)).toEqual([]);
    expect(askedFor(relay.announced(2, [b], 0), 2)).toEqual([b]);
  });

  it("leaves nothing behind of peers that have gone, whatever happened (property)", () => {
    const peer = fc.integer({ min: 1, max: 3 });
    const txid = fc
      .integer({ min: 0, max: 8 })
      .map((n) => n.toString(16).padStart(64, "0") as Txid);
    const step = fc.oneof(
      fc.record({ do: fc.constant("announced" as const), peer, txid }),
      fc.record({ do: fc.constant("received" as const), peer, txid }),
      fc.record({ do: fc.constant("refused" as const), peer, txid }),
      fc.record({ do: fc.constant("forget" as const), peer, txid }),
      fc.record({ do: fc.constant("notFound" as const), peer, txid }),
      fc.record({ do: fc.constant("leave" as const), peer, txid }),
      fc.record({ do: fc.constant("tick" as const), peer, txid }),
    );
    void fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { relay } = setUp();
        // The peer that each transaction was last asked of, by the messages alone.
        const asked = new Map<string, number>();
        let now = 0;
        for (const id of [1, 2, 3]) relay.add(id, options);
        const take = (actions: readonly NetAction[]) => {
          for (const id of [1, 2, 3]) {
            for (const hash of askedFor(actions, id)) {
              expect(asked.has(hash)).toBe(false);
              asked.set(hash, id);
            }
          }
        };
        const end = (hash: string, id: number) => {
          if (asked.get(hash) === id) asked.delete(hash);
        };
        for (const { do: what, peer: id, txid: hash } of steps) {
          if (what === "announced") take(relay.announced(id, [hash], now));
          if (what === "received") relay.received(id, tx(hash));
          if (what === "refused" || what === "notFound") {
            end(hash, id);
            take(
              what === "refused"
                ? relay.refused(id, tx(hash), "witness-stripped", now)
                : relay.notFound(id, hash, now),
            );
          }
          if (what === "forget") {
            asked.delete(hash);
            relay.forget(tx(hash));
          }
          if (what === "leave") {
            for (const [other, owner] of asked) if (owner === id) asked.delete(other);
            take(relay.remove(id, now));
            relay.add(id, options);
          }
          if (what === "tick") {
            now += 60_000;
            asked.clear();
            take(relay.tick(now));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
