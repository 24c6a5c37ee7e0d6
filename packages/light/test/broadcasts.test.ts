/** The fate of a payment, as the words of peers make it. */
import type { Milliseconds, Transaction } from "@chain/core";
import type { PeerId } from "@chain/engine";
import { easyDevnet, payment, TestChain, testKey } from "@chain/testing/blockFactory";
import { type Message, MSG_WITNESS_TX } from "@chain/wire";
import { expect, test } from "vitest";
import { type BroadcastPeer, Broadcasts } from "../src/broadcasts.ts";

const [HONEST, OTHER] = [1, 2].map((id) => ({ id: id as PeerId, wtxidRelay: false })) as [
  BroadcastPeer,
  BroadcastPeer,
];

function handedOut(...present: readonly BroadcastPeer[]) {
  const chain = new TestChain(easyDevnet());
  const outputs = [{ value: 1_000n, scriptPubKey: testKey(1).script }];
  const transaction: Transaction = payment({ coins: [chain.coinbaseCoin(0)], outputs });
  const alarms = new Map<object, () => void>();
  const told: string[] = [];
  let peers = present;
  const broadcasts = new Broadcasts({
    timers: {
      after: (_: Milliseconds, then: () => void) => {
        const key = {};
        alarms.set(key, then);
        return () => void alarms.delete(key);
      },
    },
    peers: () => peers,
    send: () => {},
    changed: (_, fate) => told.push(fate),
  });
  broadcasts.add(transaction);
  const { txid } = transaction;
  const items = [{ type: MSG_WITNESS_TX, hash: txid }];
  return {
    ...{ broadcasts, transaction, txid, told },
    fate: () => broadcasts.fate(txid),
    hear: (peer: BroadcastPeer, message: Message) => broadcasts.heard(peer, message),
    take: (peer: BroadcastPeer) => broadcasts.heard(peer, { command: "getdata", items }),
    show: (peer: BroadcastPeer) => broadcasts.heard(peer, { command: "inv", items }),
    /** Nobody shows it for so long that those who took it have refused it. */
    wait: () => {
      for (const [key, then] of alarms) {
        alarms.delete(key);
        then(); // the next question stands behind it
      }
    },
    leave: (peer: BroadcastPeer) => {
      peers = peers.filter(({ id }) => id !== peer.id);
      broadcasts.remove(peer.id);
    },
  };
}

test("the word `reject` of one peer refuses nothing", () => {
  const { hear, take, wait, fate, txid } = handedOut(OTHER);
  take(OTHER);
  hear(OTHER, { command: "reject", rejected: "tx", code: 16, reason: "no", hash: txid });
  expect(fate()).toBe("unknown");
  wait();
  expect(fate()).toBe("refused");
});

test("it is refused only where all that are there have refused it", () => {
  const { take, wait, fate, leave, told } = handedOut(HONEST, OTHER);
  take(OTHER);
  wait();
  expect(fate()).toBe("unknown");
  leave(HONEST);
  expect(fate()).toBe("refused");
  expect(told).toEqual(["refused"]);
});

test("a peer that left with it may have kept it", () => {
  const { take, wait, fate, leave } = handedOut(HONEST, OTHER);
  take(HONEST);
  leave(HONEST);
  take(OTHER);
  wait();
  expect(fate()).toBe("unknown");
});

test("one that was seen stays so when it is handed out again", () => {
  const { broadcasts, transaction, show, take, fate, leave, wait } = handedOut(HONEST, OTHER);
  show(HONEST);
  leave(HONEST);
  broadcasts.add(transaction);
  take(OTHER);
  wait();
  expect(fate()).toBe("seen");
});
