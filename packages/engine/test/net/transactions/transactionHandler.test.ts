import {
  hash160,
  p2shScript,
  p2wpkhScript,
  pushData,
  Transaction,
  type TxOutput,
} from "@chain/core";
import { makeBlock, payment, testKey } from "@chain/testing/blockFactory";
import { Stranger } from "@chain/testing/stranger";
import { witnessPayment } from "@chain/testing/witnessPayment";
import { MSG_TX, MSG_WITNESS_TX, MSG_WTX } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { moved, nodeWith } from "../../support/nodes.ts";
import { coin, nodeWithTwin, twin } from "../../support/twins.ts";

describe("transactions from peers", () => {
  it("asks one at a time, then the next, and tells those who have not said that they know", async () => {
    const { network, node, source } = await nodeWith(2);
    const [first, second, third] = [
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
    ];
    const good = moved(source.coinbaseCoin(1), 3);
    const items = [{ type: MSG_WTX, hash: good.txid }];
    first.say({ command: "inv", items });
    await first.hears("getdata");
    second.say({ command: "inv", items });
    await network.time.pass(1_000);
    expect(second.received.filter(({ command }) => command === "getdata")).toEqual([]);
    first.say({ command: "notfound", items });
    expect((await second.hears("getdata")).items).toEqual([{ type: MSG_WTX, hash: good.txid }]);
    second.say({ command: "tx", transaction: good });
    expect((await third.hears("inv")).items).toEqual(items);
    await network.time.pass(1_000);
    for (const stranger of [first, second]) {
      expect(stranger.received.filter(({ command }) => command === "inv")).toEqual([]);
    }
  });

  it("talks of them by txid to those who know no other name", async () => {
    const { network, node, source } = await nodeWith(2);
    const old = await Stranger.connect(network, node, { protocolVersion: 70_015 });
    const good = moved(source.coinbaseCoin(1), 3);
    const items = [{ type: MSG_TX, hash: good.txid }];
    // The other name was not agreed on.
    old.say({ command: "inv", items: [{ type: MSG_WTX, hash: good.txid }] });
    await network.time.pass(1_000);
    expect(old.received.filter(({ command }) => command === "getdata")).toEqual([]);
    old.say({ command: "inv", items });
    expect((await old.hears("getdata")).items).toEqual([{ type: MSG_WITNESS_TX, hash: good.txid }]);
    const other = await Stranger.connect(network, node, { protocolVersion: 31_800 });
    old.say({ command: "tx", transaction: good });
    expect((await other.hears("inv")).items).toEqual(items);
    // So old a peer knows neither of these messages.
    const newer = ["sendheaders", "feefilter", "sendcmpct", "wtxidrelay", "sendaddrv2"];
    expect(other.received.filter(({ command }) => newer.includes(command))).toEqual([]);
  });

  it("does not wait for ever for blocks that somebody promises and nobody sends", async () => {
    const { network, node, source } = await nodeWith(2);
    const liar = await Stranger.connect(network, node);
    const honest = await Stranger.connect(network, node);
    liar.say({ command: "headers", headers: [source.mine().header] });
    await liar.hears("getdata");
    const good = moved(source.coinbaseCoin(1), 3);
    const since = network.time.now();
    honest.say({ command: "inv", items: [{ type: MSG_WTX, hash: good.txid }] });
    await honest.hears("getdata");
    expect(network.time.now() - since).toBeLessThan(12_000);
  });
});

it.each(["bare", "behind a script hash"])(
  "takes a transaction with its witness though somebody sent it without: %s",
  async (form) => {
    const { network, node } = await nodeWithTwin();
    const key = testKey(5);
    const program = p2wpkhScript(hash160(key.publicKey));
    const scriptPubKey = form === "bare" ? program : p2shScript(hash160(program));
    const locked = payment({
      coins: [coin],
      outputs: [{ value: coin.coin.value, scriptPubKey }],
    });
    const block = makeBlock({
      parent: node.chain.tip,
      params: network.params,
      transactions: [locked],
    });
    expect(await network.during(node.chain.acceptBlock(block))).toMatchObject({ connected: true });
    const located = {
      outpoint: { txid: locked.txid, vout: 0 },
      coin: { ...(locked.outputs[0] as TxOutput), height: node.chain.tip.height, coinbase: false },
    };
    const outputs = [{ value: coin.coin.value, scriptPubKey: testKey(6).script }];
    const signed = witnessPayment([located], outputs, key);
    const scriptSig = form === "bare" ? new Uint8Array(0) : pushData(program);
    const good = new Transaction({
      ...signed,
      inputs: signed.inputs.map((input) => ({ ...input, scriptSig })),
      outputs,
    });
    const inputs = good.inputs.map((input) => ({ ...input, witness: [] }));
    const stripped = new Transaction({ ...good, inputs, outputs });
    expect(stripped.txid).toBe(good.txid);

    const liar = await Stranger.old(network, node);
    liar.say({ command: "tx", transaction: stripped });
    expect((await liar.hears("reject")).reason).toMatch(/^mempool-script-verify-flag-failed/);
    await network.time.pass(1_000);
    expect(liar.ended).toBeUndefined(); // it may know no better
    const honest = await Stranger.connect(network, node);
    honest.onMessage = (message) => {
      if (message.command === "getdata") honest.say({ command: "tx", transaction: good });
    };
    honest.say({ command: "inv", items: [{ type: MSG_WTX, hash: good.wtxid }] });
    await network.time.until("it is taken", () => node.chain.mempool.get(good.txid) !== undefined);
  },
);

describe("what a node does for its peers", () => {
  it("does not look again at what it has refused, until the chain has moved", async () => {
    const { network, node } = await nodeWithTwin();
    const stranger = await Stranger.old(network, node);
    const { value } = coin.coin;
    const [kept, conflicting] = [1, 2].map((to) =>
      payment({ coins: [coin], outputs: [{ value, scriptPubKey: testKey(to).script }] }),
    ) as [Transaction, Transaction];
    stranger.say({ command: "tx", transaction: kept });
    for (let i = 0; i < 3; i++) stranger.say({ command: "tx", transaction: conflicting });
    await network.time.pass(1_000);
    const refusals = () => stranger.received.filter(({ command }) => command === "reject").length;
    expect(refusals()).toBe(1);
    await network.during(node.node.submitBlock(twin.next()));
    stranger.say({ command: "tx", transaction: conflicting });
    await network.time.pass(1_000);
    expect(refusals()).toBe(2);
  });
});
