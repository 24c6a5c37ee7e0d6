import { BlockHeader, Reader, type Txid } from "@chain/core";
import { makeBlock } from "@chain/testing/blockFactory";
import { badBlocks, badTransactions, goodBlock } from "@chain/testing/catalogue";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { frameRaw, MSG_BLOCK, MSG_WITNESS_BLOCK, MSG_WTX } from "@chain/wire";
import { beforeAll, describe, expect, it } from "vitest";
import { coin, nodeWithTwin, twin } from "../support/twins.ts";

// One whose message is larger than messages may be never gets as far as the rules.
const sendableBlocks = badBlocks(twin, coin).filter(({ block }) => block.totalSize < 4_000_000);

describe("a node among strangers", () => {
  let network: TestNetwork;
  let node: TestNode;
  let coinsBefore: string;
  beforeAll(async () => {
    ({ network, node } = await nodeWithTwin());
    coinsBefore = (await network.during(node.chain.coinStatistics())).hash;
  });

  /** Still the same chain, and still there for others. */
  async function unharmed(): Promise<void> {
    expect(node.chain.tip.hash).toBe(twin.tip.hash);
    expect((await network.during(node.chain.coinStatistics())).hash).toBe(coinsBefore);
    const other = await Stranger.connect(network, node);
    const items = [{ type: MSG_WITNESS_BLOCK, hash: twin.tip.hash }];
    other.say({ command: "getdata", items });
    const { raw } = await other.hears("block");
    expect(BlockHeader.read(new Reader(raw)).hash).toBe(twin.tip.hash);
  }

  it.each(sendableBlocks.map((bad) => [bad.name, bad] as const))(
    "refuses a block: %s",
    async (_, bad) => {
      const stranger = await Stranger.old(network, node);
      stranger.say({ command: "block", raw: bad.block.toBytes() });
      const { reason, rejected } = await stranger.hears("reject");
      expect(rejected).toBe("block");
      // Marked by an earlier case with the same header, or not even decodable.
      const reasons = [bad.reason.slice(0, 111), "duplicate-invalid", "bad-block-encoding"];
      expect(reasons).toContain(reason);
      // Both may be the fault of others.
      const isForgiven = ["bad-block-encoding", "duplicate-invalid"].includes(reason);
      if (!isForgiven) await stranger.isDropped();
      expect(node.log.some((line) => line.includes(reason))).toBe(true);
      await unharmed();
    },
  );

  const loose = badTransactions(twin, coin).filter(({ encodable }) => encodable);
  it.each(loose.map((bad) => [bad.name, bad] as const))(
    "refuses a transaction: %s",
    async (_, { transaction, reason }) => {
      const stranger = await Stranger.old(network, node);
      stranger.say({ command: "tx", transaction });
      const items = [{ type: MSG_WTX, hash: transaction.txid }];
      stranger.say({ command: "getdata", items });
      const heard = await stranger.hears("reject");
      expect(heard).toMatchObject({ rejected: "tx", hash: transaction.txid });
      const final = reason.startsWith("bad-txns-nonfinal")
        ? "non-final"
        : reason.replace(/^mandatory-script/, "mempool-script");
      // A mempool's stricter rules say the same in other words, of a signature that is not empty.
      const strict = final.replace(
        "Script evaluated without error but finished with a false/empty top stack element",
        "Signature must be zero for failed CHECK(MULTI)SIG operation",
      );
      expect([final, strict].map((text) => text.slice(0, 111))).toContain(heard.reason);
      // In order: first the verdict, then the answer to the question. No rule that a transaction breaks costs the
      // connection (Core since 29.1).
      expect((await stranger.hears("notfound")).items).toEqual(items);
      expect(node.chain.mempool.count).toBe(0);
      await unharmed();
    },
  );

  it("ignores an empty inventory and drops one that is too long", async () => {
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "inv", items: [] });
    stranger.say({ command: "getdata", items: [] });
    const items = [{ type: MSG_BLOCK, hash: "ab".repeat(32) as Txid }];
    stranger.say({ command: "getdata", items });
    expect((await stranger.hears("notfound")).items).toEqual(items);
    const payload = new Uint8Array(3 + 36 * 50_001);
    payload.set([0xfd, 50_001 & 0xff, 50_001 >> 8]);
    stranger.write(frameRaw(network.params.magic, "inv", payload));
    await stranger.isDropped();
    await unharmed();
  });

  it("does not mind bytes that are none of its protocol", async () => {
    const { magic } = network.params;
    const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 0xff);
    const huge = frameRaw(magic, "block", new Uint8Array(0));
    new DataView(huge.buffer, huge.byteOffset).setUint32(16, 0xffff_ffff, true);
    for (const bytes of [garbage, huge]) {
      const stranger = await Stranger.connect(network, node);
      stranger.write(bytes);
      await stranger.isDropped();
    }
    // These only cost the message.
    const stranger = await Stranger.connect(network, node);
    const damaged = frameRaw(magic, "getaddr", Uint8Array.of(1));
    damaged[23] = (damaged[23] as number) ^ 1;
    stranger.write(damaged);
    stranger.write(frameRaw(magic, "hello", Uint8Array.of(1, 2, 3)));
    stranger.write(frameRaw(magic, "inv", Uint8Array.of(200)));
    stranger.say({ command: "getdata", items: [{ type: MSG_WTX, hash: "cd".repeat(32) as Txid }] });
    await stranger.hears("notfound");
    expect(stranger.ended).toBeUndefined();
    await unharmed();
  });

  it("lets go of a peer that never speaks", async () => {
    const closed: string[] = [];
    network.connectStranger(node, {
      onData: () => {},
      onDrain: () => {},
      onClose: (why) => closed.push(why),
    });
    await network.time.until("the handshake timeout", () => closed.length > 0, 70_000);
    await unharmed();
  });
});

describe("what a node does for its peers", () => {
  it("runs the same from the same seed", async () => {
    const story = async () => {
      const network = new TestNetwork({ seed: 11, latency: 7 });
      const events: string[] = [];
      const first = await network.add("first");
      const second = await network.add("second", { connect: [first.address] });
      for (const { name, node } of [first, second]) {
        node.subscribe((event) => {
          const what = "message" in event ? event.message.command : "";
          events.push(`${network.time.now()} ${name} ${event.type} ${what}`);
        });
      }
      for (let i = 0; i < 20; i++) {
        const block = makeBlock({ parent: first.chain.tip, params: network.params });
        await network.during(first.chain.acceptBlock(block, { requested: true }));
        await network.time.pass(100);
      }
      expect(second.chain.tip.height).toBe(20);
      return events;
    };
    const [once, again] = [await story(), await story()];
    expect(once.length).toBeGreaterThan(100);
    expect(again).toEqual(once);
  });
});

it("has a good block like the bad ones, which it takes", async () => {
  const { network, node } = await nodeWithTwin();
  const stranger = await Stranger.connect(network, node);
  const block = goodBlock(twin, coin);
  stranger.say({ command: "block", raw: block.toBytes() });
  await network.time.until("it is the tip", () => node.chain.tip.hash === block.hash);
  expect(stranger.ended).toBeUndefined();
});
