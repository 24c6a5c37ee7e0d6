import { Transaction } from "@chain/core";
import { makeBlock, payment, TestChain, testKey } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import { MSG_WITNESS_BLOCK, MSG_WTX, NODE_NETWORK, NODE_WITNESS, netAddress } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import { BanList } from "../../../src/net/connecting/banList.ts";
import { parsePermissionRule, permissionsOf } from "../../../src/net/peer/permissions.ts";
import type { NodeOptions } from "../../../src/nodeOptions.ts";

const HOST = "10.1.2.3";

const twin = new TestChain();
for (let i = 0; i < 2; i++) twin.mine();

const coin = twin.coinbaseCoin(1);

async function nodeWithTwin(
  options: Parameters<TestNetwork["add"]>[1],
): Promise<{ network: TestNetwork; node: TestNode }> {
  const network = new TestNetwork();
  const node = await network.add("node", options);
  for (const block of twin.blocks.slice(1)) await network.during(node.chain.acceptBlock(block));
  return { network, node };
}

const granted = (text: string) => [...(parsePermissionRule(text)?.permissions ?? [])].sort();

function rules(text: string): Pick<NodeOptions, "permissions"> {
  const rule = parsePermissionRule(text) ?? expect.unreachable(text);
  return { permissions: [rule] };
}

const pay = (to: number, value = coin.coin.value) =>
  payment({ coins: [coin], outputs: [{ value, scriptPubKey: testKey(to).script }] });

describe("a rule", () => {
  it("grants what it names and what goes with that", () => {
    expect(granted("noban@10.0.0.0/8")).toEqual(["download", "noban"]);
    expect(granted("forcerelay,addr@::1")).toEqual(["addr", "forcerelay", "relay"]);
    expect(granted("10.0.0.1")).toEqual(["download", "mempool", "noban", "relay"]);
    expect(granted("all@10.0.0.1")).toHaveLength(7);
    expect(granted("bloom@10.0.0.1")).toEqual(["bloomfilter"]);
    expect(granted("@10.0.0.1")).toEqual([]);
  });

  it.each([
    "",
    "noban",
    "oopsie@127.0.0.1",
    "noban@127.0.0.1:230",
    "noban@127.0.0.1/33",
    "a@b@::1",
    "in,out@127.0.0.1",
  ])("is not %j", (text) => {
    expect(parsePermissionRule(text)).toBeUndefined();
  });

  it("counts for its subnet alone, together with others", () => {
    const all = [
      ...(rules("noban@10.0.0.0/8").permissions ?? []),
      ...(rules("addr@10.1.0.0/16").permissions ?? []),
    ];
    const of = (host: string) => [...permissionsOf(all, { host, port: 1 }, "inbound")].sort();
    expect(of(HOST)).toEqual(["addr", "download", "noban"]);
    expect(of("10.2.0.1")).toEqual(["download", "noban"]);
    expect(of("11.0.0.1")).toEqual([]);
    expect(of("localhost")).toEqual([]);
  });

  it("counts for the directions that it names, and without any for callers", () => {
    const of = (text: string, direction: "inbound" | "outbound") => [
      ...permissionsOf(rules(text).permissions ?? [], { host: HOST, port: 1 }, direction),
    ];
    expect(of(`addr@${HOST}`, "inbound")).toEqual(["addr"]);
    expect(of(`addr@${HOST}`, "outbound")).toEqual([]);
    expect(of(`addr,out@${HOST}`, "inbound")).toEqual([]);
    expect(of(`addr,out@${HOST}`, "outbound")).toEqual(["addr"]);
    expect(of(`in,addr,out@${HOST}`, "inbound")).toEqual(["addr"]);
    expect(of(`in,addr,out@${HOST}`, "outbound")).toEqual(["addr"]);
  });
});

describe("a caller with", () => {
  it("noban may break rules, and be banned", async () => {
    const bans = new BanList();
    bans.add(HOST, 0);
    const { network, node } = await nodeWithTwin({ bans, ...rules(`noban@${HOST}`) });
    const guest = await Stranger.connect(network, node, { host: HOST });
    guest.say({ command: "tx", transaction: pay(1, coin.coin.value * 2n) });
    guest.say({ command: "mempool" });
    guest.say({ command: "getdata", items: [{ type: MSG_WTX, hash: pay(9).wtxid }] });
    await guest.hears("notfound");
    expect(node.node.peers()[0]?.permissions).toEqual(["noban", "download"]);
    const other = await Stranger.connect(network, node, { host: "10.1.2.4" });
    other.say({ command: "mempool" });
    await other.isDropped();
    expect(guest.ended).toBeUndefined();
  });

  it("relay alone may send transactions to a node for blocks", async () => {
    const { network, node } = await nodeWithTwin({ blocksOnly: true, ...rules(`relay@${HOST}`) });
    const guest = await Stranger.connect(network, node, { host: HOST });
    const other = await Stranger.connect(network, node);
    expect([guest.peer?.relay, other.peer?.relay]).toEqual([true, false]);
    guest.say({ command: "tx", transaction: pay(1) });
    expect((await other.hears("inv")).items).toMatchObject([{ hash: pay(1).wtxid }]);
    expect(node.chain.mempool.count).toBe(1);
    other.say({ command: "tx", transaction: pay(2) });
    await other.isDropped();
    const third = await Stranger.connect(network, node);
    third.say({ command: "inv", items: [{ type: MSG_WTX, hash: pay(3).wtxid }] });
    await third.isDropped();
    expect(guest.ended).toBeUndefined();
  });

  it("forcerelay has passed on what is known already", async () => {
    // Nothing else that happens in the node may be needed to send the announcement.
    const idleTickInterval = 24 * 60 * 60_000;
    const { network, node } = await nodeWithTwin({
      idleTickInterval,
      ...rules(`forcerelay@${HOST}`),
    });
    const guest = await Stranger.connect(network, node, { host: HOST });
    const usual = await Stranger.connect(network, node);
    usual.say({ command: "tx", transaction: pay(1) });
    await network.time.until("it waits", () => node.chain.mempool.count === 1);
    await network.time.pass(60_000);
    const late = await Stranger.connect(network, node);
    usual.say({ command: "tx", transaction: pay(1) });
    await network.time.pass(60_000);
    const invs = () => late.received.filter(({ command }) => command === "inv").length;
    expect(invs()).toBe(0);
    guest.say({ command: "tx", transaction: pay(1) });
    await network.time.pass(60_000);
    expect(invs()).toBe(1);
    expect(node.log).toContainEqual(expect.stringMatching(`announces ${pay(1).txid} of .* again`));
  });

  it("forcerelay passes on nothing that was refused", async () => {
    const { network, node } = await nodeWithTwin(rules(`forcerelay@${HOST}`));
    const guest = await Stranger.connect(network, node, { host: HOST });
    const other = await Stranger.connect(network, node);
    const bad = pay(1, coin.coin.value + 1n);
    for (const _ of [1, 2]) guest.say({ command: "tx", transaction: bad });
    await network.time.pass(60_000);
    expect(other.received.filter(({ command }) => command === "inv")).toEqual([]);
    const said = node.log.filter((line) => line.includes(`does not announce ${bad.txid}`));
    expect(said).toHaveLength(1);
    expect(guest.ended).toBeUndefined();
  });

  it("mempool is told of all that waits", async () => {
    const { network, node } = await nodeWithTwin(rules(`mempool@${HOST}`));
    await network.during(node.node.submitTransaction(pay(1)));
    await network.time.pass(60_000);
    const guest = await Stranger.connect(network, node, { host: HOST });
    guest.say({ command: "mempool" });
    expect((await guest.hears("inv")).items).toMatchObject([{ hash: pay(1).wtxid }]);
    guest.say({ command: "getdata", items: [{ type: MSG_WTX, hash: pay(1).wtxid }] });
    expect((await guest.hears("tx")).transaction).toBeInstanceOf(Transaction);
    const other = await Stranger.connect(network, node);
    other.say({ command: "mempool" });
    await other.isDropped();
  });

  it("addr may tell of as many nodes as it likes", async () => {
    const known = async (host: string) => {
      const addressBook = new AddressBook(new Rng(1));
      const { network, node } = await nodeWithTwin({ addressBook, ...rules("addr@20.0.0.1") });
      const stranger = await Stranger.connect(network, node, { host });
      const time = Math.floor(network.time.now() / 1000);
      const addresses = [1, 2, 3, 4, 5].map((n) => ({
        ...netAddress(`${20 + n}.8.8.8`, 8333, NODE_NETWORK | NODE_WITNESS),
        time,
      }));
      stranger.say({ command: "addr", addresses });
      await network.time.pass(1_000);
      return node.node.knownAddresses(100).length;
    };
    expect(await known("20.0.0.1")).toBeGreaterThan(await known("20.0.0.2"));
  });

  it("download gets old blocks though enough was sent today", async () => {
    const { network, node } = await nodeWithTwin({ maxUpload: 1, ...rules(`download@${HOST}`) });
    const { tip, params } = { tip: node.chain.tip, params: network.params };
    const late = makeBlock({ parent: tip, params, header: { time: tip.header.time + 8 * 86_400 } });
    await network.during(node.chain.acceptBlock(late, { requested: true }));
    const old = twin.blocks[1] ?? expect.unreachable();
    const items = [{ type: MSG_WITNESS_BLOCK, hash: old.hash }];
    const guest = await Stranger.connect(network, node, { host: HOST });
    guest.say({ command: "getdata", items });
    expect((await guest.hears("block")).raw).toEqual(old.toBytes());
    const other = await Stranger.connect(network, node);
    other.say({ command: "getdata", items });
    await other.isDropped();
  });
});
