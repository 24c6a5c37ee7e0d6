/** A clock that can be set: what takes days elsewhere is over at once. */
import { existsSync } from "node:fs";
import { blockTemplate } from "@chain/engine";
import { payment, testKey } from "@chain/testing/blockFactory";
import { startTestNode } from "@chain/testing/nodes";
import { GENESIS, newChain } from "@chain/testing/place";
import { Probe } from "@chain/testing/probe";
import { describe, expect, it } from "vitest";
import { type RunningNode, startNode } from "../src/node/start.ts";
import type { ControlClient } from "../src/rpc/client.ts";
import { drive, newRegtest, regtestAddress } from "./support/rpc.ts";

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const seconds = () => Math.floor(Date.now() / 1000);

async function tipTime(rpc: ControlClient): Promise<number> {
  const { bestblockhash: blockhash } = await rpc.call("getblockchaininfo");
  return ((await rpc.call("getblockheader", { blockhash })) as { readonly time: number }).time;
}

/** Pays the reward of the first block, or what came of it, to the next key. */
async function pay({ chain }: RunningNode, from: number, pick = 0) {
  const coins = [];
  for await (const coin of chain.unspentByScript(testKey(from).script)) coins.push(coin);
  const coin = coins.sort((a, b) => a.coin.height - b.coin.height)[pick];
  if (coin === undefined) throw new TypeError("no coin");
  const outputs = [{ value: coin.coin.value - 10_000n, scriptPubKey: testKey(1).script }];
  return payment({ coins: [coin], key: testKey(from), outputs });
}

describe("setmocktime", () => {
  it("gives blocks their time, and goes back to real time", async () => {
    const { rpc } = await drive();
    const then = seconds() - 100 * DAY;
    const mine = () => rpc.call("generatetoaddress", { nblocks: 1, address: regtestAddress(0) });
    expect(await rpc.call("setmocktime", { timestamp: then })).toBe(null);
    await mine();
    expect(await tipTime(rpc)).toBe(then);
    const later = then + 50 * DAY;
    await rpc.call("setmocktime", { timestamp: later });
    await mine();
    expect(await tipTime(rpc)).toBe(later);
    const before = seconds();
    await rpc.call("setmocktime", { timestamp: 0 });
    await mine();
    expect(await tipTime(rpc)).toBeGreaterThanOrEqual(before);
  });

  it("lets status and getnetworkinfo warn where peers show another time", async () => {
    const other = await drive();
    const { rpc } = await drive();
    expect(await rpc.call("getnetworkinfo")).toMatchObject({ timeoffset: 0, warnings: [] });
    await rpc.call("setmocktime", { timestamp: seconds() - 30 * MINUTE });
    const node = `127.0.0.1:${other.identity.nodeId}`;
    for (let n = 0; n < 5; n++) {
      await rpc.call("addnode", { node, command: "onetry" });
      await expect.poll(async () => (await rpc.call("getpeerinfo"))[0]?.ready).toBe(true);
      await rpc.call("disconnectnode", { address: node });
      await expect.poll(() => rpc.call("getconnectioncount")).toBe(0);
    }
    const warning = expect.stringMatching(/^our clock is \d+ minutes behind those of most peers/);
    const info = await rpc.call("getnetworkinfo");
    expect(info.warnings).toEqual([warning]);
    expect(info.timeoffset).toBeGreaterThanOrEqual(30 * MINUTE);
    expect((await rpc.info()).warnings).toEqual([warning]);
  });

  it("refuses what is no time, and other networks", async () => {
    const { rpc } = await drive();
    const set = (timestamp: unknown) => rpc.call("setmocktime", { timestamp });
    await expect(set(-1)).rejects.toMatchObject({
      code: -8,
      message: "Mocktime must be in the range [0, 9223372036], not -1.",
    });
    for (const [timestamp, code] of [
      [1.5, -1],
      ["1", -3],
      [null, -3],
      [9_223_372_037, -8],
      [Number.MAX_VALUE, -1],
    ] as const) {
      await expect(set(timestamp), String(timestamp)).rejects.toMatchObject({ code });
    }
  });

  it("works on devnet", async () => {
    const identity = await newChain();
    const node = await startTestNode({ identity, mockTime: 1_900_000_000 });
    expect(blockTemplate(node.chain, testKey(0).script).block.header.time).toBe(1_900_000_000);
  });

  it("ends the patience with silent peers at once", async () => {
    const { rpc, identity } = await drive();
    const start = seconds();
    await rpc.call("setmocktime", { timestamp: start });
    const mute = await Probe.connect(identity.nodeId);
    const silent = await Probe.connect(identity.nodeId);
    await silent.shakeHands();
    await rpc.call("setmocktime", { timestamp: start + 59 });
    expect(await silent.isAlive()).toBe(true);
    expect(mute.closed).toBe(false);
    await rpc.call("setmocktime", { timestamp: start + 61 });
    expect(await mute.until("the end", () => mute.closed)).toBe("so");
    expect(silent.closed).toBe(false);
    // Two minutes without a ping: the next, to which it does not answer for twenty.
    await rpc.call("setmocktime", { timestamp: start + 3 * MINUTE });
    const pings = silent.count("ping");
    await silent.until("a ping", () => silent.count("ping") > 0);
    await rpc.call("setmocktime", { timestamp: start + 24 * MINUTE });
    expect(await silent.until("the end", () => silent.closed)).toBe("so");
    expect(pings).toBeLessThanOrEqual(1);
  });

  it("ends bans", async () => {
    const { rpc, identity } = await drive();
    const start = seconds();
    await rpc.call("setmocktime", { timestamp: start });
    await rpc.call("setban", { subnet: "127.0.0.1", command: "add", bantime: DAY });
    expect(await rpc.call("listbanned")).toMatchObject([{ time_remaining: DAY }]);
    const barred = await Probe.connect(identity.nodeId);
    await barred.until("the end", () => barred.closed);
    await rpc.call("setmocktime", { timestamp: start + DAY + 1 });
    expect(await rpc.call("listbanned")).toEqual([]);
    const free = await Probe.connect(identity.nodeId);
    await free.shakeHands();
    free.end();
  });

  it("makes transactions expire when the next one comes", async () => {
    const { rpc, node } = await drive();
    const start = seconds();
    await rpc.call("setmocktime", { timestamp: start });
    await rpc.call("generatetoaddress", { nblocks: 102, address: regtestAddress(0) });
    const [old, fresh] = [await pay(node, 0), await pay(node, 0, 1)];
    expect(await rpc.submit(old)).toMatchObject({ ok: true });
    await rpc.call("setmocktime", { timestamp: start + 15 * DAY });
    expect(await rpc.submit(fresh)).toMatchObject({ ok: true });
    expect(await rpc.call("getrawmempool")).toEqual([fresh.txid]);
  });

  it("calls a lost peer again while the clock stands still", async () => {
    const identity = await newRegtest();
    const first = await drive({}, identity);
    const { rpc } = await drive({ connect: [first.address], mockTime: seconds() });
    const connections = () => rpc.call("getconnectioncount");
    await expect.poll(connections).toBe(1);
    await first.node.stop();
    await expect.poll(connections).toBe(0);
    await drive({}, identity);
    await expect.poll(connections).toBe(1);
  });
});

describe("mockscheduler", () => {
  it("takes seconds, up to an hour", async () => {
    const { rpc } = await drive();
    for (const delta_time of [0, -1, 3601]) {
      await expect(rpc.call("mockscheduler", { delta_time })).rejects.toMatchObject({
        code: -1,
        message: "delta_time must be between 1 and 3600 seconds (1 hr)",
      });
    }
    for (const delta_time of [1, 3600]) {
      expect(await rpc.call("mockscheduler", { delta_time })).toBe(null);
    }
  });

  it("tells its own transactions again", async () => {
    const { rpc, node, identity } = await drive();
    await rpc.call("generatetoaddress", { nblocks: 101, address: regtestAddress(0) });
    const probe = await Probe.connect(identity.nodeId);
    await probe.shakeHands();
    await rpc.submit(await pay(node, 0));
    await probe.until("the announcement", () => probe.count("inv") === 1);
    await rpc.call("mockscheduler", { delta_time: 9 * MINUTE });
    await probe.isAlive();
    expect(probe.count("inv")).toBe(1);
    await rpc.call("mockscheduler", { delta_time: 6 * MINUTE });
    await probe.until("the repetition", () => probe.count("inv") === 2);
  });

  it("keeps the addresses of peers", async () => {
    const { rpc, identity } = await drive({ addNodes: [] });
    await rpc.call("mockscheduler", { delta_time: 14 * MINUTE });
    expect(existsSync(identity.paths.peers)).toBe(false);
    await rpc.call("mockscheduler", { delta_time: 2 * MINUTE });
    await expect.poll(() => existsSync(identity.paths.peers)).toBe(true);
  });
});

describe("a chain from the future", () => {
  it("is not started on, as the clock must be wrong", async () => {
    const identity = await newChain();
    const mockTime = GENESIS.header.time - 7_201;
    const started = startNode({ identity, connect: [], mockTime });
    await expect(started).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/from the future .*correct the clock$/),
    });
    const node = await startTestNode({ identity, mockTime: mockTime + 1 });
    expect(node.chain.tip.height).toBe(0);
  });
});
