import { payment, testKey } from "@chain/testing/blockFactory";
import { Stranger } from "@chain/testing/stranger";
import { MSG_WTX } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { coin, nodeWithTwin } from "../../support/twins.ts";

describe("what a node does for its peers", () => {
  it("tells an accepted payment from a refused one, in order", async () => {
    const { network, node } = await nodeWithTwin();
    const stranger = await Stranger.old(network, node);
    const { value } = coin.coin;
    const pay = (to: number) =>
      payment({ coins: [coin], outputs: [{ value, scriptPubKey: testKey(to).script }] });
    const [good, conflicting] = [pay(1), pay(2)];
    for (const transaction of [good, conflicting]) {
      stranger.say({ command: "tx", transaction });
      stranger.say({ command: "getdata", items: [{ type: MSG_WTX, hash: transaction.txid }] });
    }
    expect((await stranger.hears("tx")).transaction.txid).toBe(good.txid);
    expect(await stranger.hears("reject")).toMatchObject({
      hash: conflicting.txid,
      reason: "txn-mempool-conflict",
    });
    expect((await stranger.hears("notfound")).items[0]?.hash).toBe(conflicting.txid);
    expect(node.chain.mempool.count).toBe(1);
  });

  it("says why only to those who know the message: peers of today part with who sends it", async () => {
    const { network, node } = await nodeWithTwin();
    const { value } = coin.coin;
    for (const protocolVersion of [60_001, 70_001, 70_016]) {
      const outputs = [
        { value: value + BigInt(protocolVersion), scriptPubKey: coin.coin.scriptPubKey },
      ];
      const transaction = payment({ coins: [coin], outputs });
      const stranger = await Stranger.connect(network, node, { protocolVersion });
      stranger.say({ command: "tx", transaction });
      stranger.say({ command: "getdata", items: [{ type: MSG_WTX, hash: transaction.txid }] });
      await stranger.hears("notfound");
      expect(stranger.received.map(({ command }) => command)).not.toContain("reject");
    }
  });
});
