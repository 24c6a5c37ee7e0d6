import { Transaction, type Txid } from "@chain/core";
import { MINER, payment } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { MSG_WTX } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { strippedTransaction } from "../../../src/net/conversation/serving.ts";
import { Unbroadcast } from "../../../src/net/transactions/unbroadcast.ts";
import { give } from "../../support/nodes.ts";

describe("a payment of our own", () => {
  it("is announced again until somebody asks for it", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const source = await give(network, node, 2);
    const deaf = await Stranger.connect(network, node);
    await deaf.hears("getheaders"); // it is a peer now
    deaf.say({ command: "headers", headers: [] }); // or it would be dropped for its silence
    const outputs = [{ value: 1_000n, scriptPubKey: MINER.script }];
    const mine = payment({ coins: [source.coinbaseCoin(1)], outputs });
    const other = payment({ coins: [source.coinbaseCoin(2)], outputs });
    await network.during(node.node.submitTransaction(mine));
    await network.during(node.chain.acceptTransaction(other));
    const items = [mine, other].map(({ wtxid }) => ({ type: MSG_WTX, hash: wtxid }));
    expect((await deaf.hears("inv")).items).toEqual(items);
    await network.time.pass(9 * 60_000);
    expect(deaf.received.filter(({ command }) => command === "inv")).toEqual([]);
    // Only ours: the other is for its author to repeat.
    expect((await deaf.hears("inv", 2 * 60_000)).items).toEqual(items.slice(0, 1));
    deaf.say({ command: "getdata", items });
    expect((await deaf.hears("tx")).transaction.txid).toBe(mine.txid);
    await network.time.pass(15 * 60_000);
    expect(deaf.received.filter(({ command }) => command === "inv")).toEqual([]);
    expect(node.chain.mempool.count).toBe(2);
  });

  it("is forgotten when it leaves the mempool, and the log says that no peer was seen to know it", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const source = await give(network, node, 1);
    const outputs = [{ value: 1_000n, scriptPubKey: MINER.script }];
    const mine = payment({ coins: [source.coinbaseCoin(1)], outputs });
    await network.during(node.node.submitTransaction(mine));
    expect(node.node.unbroadcast.has(mine.txid)).toBe(true);
    await network.during(node.miner(MINER.script).mineOne());
    expect(node.chain.mempool.count).toBe(0);
    expect(node.node.unbroadcast.has(mine.txid)).toBe(false);
    const said = node.log.filter((line) => line.includes(`our transaction ${mine.txid}`));
    expect(said).toEqual([`debug mempool no peer was seen to know our transaction ${mine.txid}`]);
  });

  it("is told of once in the log, with the reason as a field", () => {
    const fields: unknown[] = [];
    const unbroadcast = new Unbroadcast((_level, _category, _message, about) => fields.push(about));
    const [seen, left] = ["aa".repeat(32) as Txid, "bb".repeat(32) as Txid];
    for (const txid of [seen, left]) unbroadcast.add(txid, 0);
    unbroadcast.seen(seen);
    unbroadcast.left(seen);
    unbroadcast.left(left);
    expect(fields).toEqual([
      { event: "unbroadcast-removed", txid: seen, isSeen: true },
      { event: "unbroadcast-removed", txid: left, isSeen: false },
    ]);
  });

  it("is announced to newcomers when its owner submits it again, be it with another witness", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const source = await give(network, node, 1);
    const outputs = [{ value: 1_000n, scriptPubKey: MINER.script }];
    const mine = payment({ coins: [source.coinbaseCoin(1)], outputs });
    const witness = [Uint8Array.of(1)];
    const inputs = mine.inputs.map((input) => ({ ...input, witness }));
    const other = new Transaction({ ...mine, inputs });
    expect(await network.during(node.node.submitTransaction(mine))).toMatchObject({ ok: true });
    const newcomer = await Stranger.connect(network, node);
    await newcomer.hears("getheaders");
    newcomer.say({ command: "headers", headers: [] });
    expect(await network.during(node.node.submitTransaction(other))).toMatchObject({
      ok: false,
      reason: "txn-same-nonwitness-data-in-mempool",
    });
    const inv = await newcomer.hears("inv");
    expect(inv.items).toEqual([{ type: MSG_WTX, hash: mine.wtxid }]);
  });

  it("goes without witness to who asks for none", () => {
    const plain = payment({ coins: [], outputs: [{ value: 1n, scriptPubKey: MINER.script }] });
    const prevout = { txid: "ab".repeat(32) as Txid, vout: 0 };
    const input = {
      prevout,
      scriptSig: new Uint8Array(),
      sequence: 0,
      witness: [Uint8Array.of(1)],
    };
    const whole = new Transaction({ ...plain, inputs: [input] });
    const stripped = strippedTransaction(whole);
    expect([whole.hasWitness, stripped.hasWitness]).toEqual([true, false]);
    expect(stripped.txid).toBe(whole.txid);
    expect(strippedTransaction(stripped)).toBe(stripped);
  });
});
