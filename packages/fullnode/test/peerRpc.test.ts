/** Methods that show the peers of a node, and those that change them, as Core's functional tests ask for them. */

import { Probe } from "@chain/testing/probe";
import { NODE_NETWORK, NODE_WITNESS, netAddress } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { drive, regtestAddress } from "./support/rpc.ts";

const seconds = () => Math.floor(Date.now() / 1000);

describe("ping", () => {
  it("asks all peers at once, and getpeerinfo tells what came of it", async () => {
    const { rpc, identity } = await drive();
    const start = seconds();
    await rpc.call("setmocktime", { timestamp: start });
    const probe = await Probe.connect(identity.nodeId);
    await probe.shakeHands();
    const info = async () => (await rpc.call("getpeerinfo"))[0] ?? expect.unreachable();
    const answer = () => {
      const ping = probe.heard.findLast(({ command }) => command === "ping");
      if (ping !== undefined && "nonce" in ping) {
        probe.say({ command: "pong", nonce: BigInt(ping.nonce) });
      }
      return probe.isAlive();
    };
    await rpc.call("setmocktime", { timestamp: start + 3 });
    expect(await info()).toMatchObject({ pingwait: 3 });
    expect(await info()).not.toHaveProperty("pingtime");
    await answer();
    expect(await info()).toMatchObject({ pingtime: 3, minping: 3 });
    expect(await info()).not.toHaveProperty("pingwait");
    const before = probe.count("ping");
    expect(await rpc.call("ping")).toBe(null);
    expect(await rpc.call("ping")).toBe(null);
    await probe.until("two pings", () => probe.count("ping") === before + 2);
    await rpc.call("setmocktime", { timestamp: start + 10 });
    await answer();
    expect(await info()).toMatchObject({ pingtime: 7, minping: 3 });
  });
});

describe("sendmsgtopeer", () => {
  it("sends a peer any bytes in a frame", async () => {
    const { rpc, identity } = await drive();
    const probe = await Probe.connect(identity.nodeId);
    await probe.shakeHands();
    const [{ id } = expect.unreachable()] = await rpc.call("getpeerinfo");
    const nonce = "0700000000000000";
    expect(await rpc.call("sendmsgtopeer", { peer_id: id, msg_type: "pong", msg: nonce })).toEqual(
      {},
    );
    await probe.until("the message", () =>
      probe.heard.some((heard) => "nonce" in heard && heard.command === "pong"),
    );
    await expect(
      rpc.call("sendmsgtopeer", { peer_id: id, msg_type: "\u0001", msg: "" }),
    ).rejects.toMatchObject({ code: -8 });
  });
});

describe("getpeerinfo", () => {
  it("knows nothing of one who has not said hello", async () => {
    const { rpc, identity } = await drive();
    const start = seconds();
    await rpc.call("setmocktime", { timestamp: start });
    const probe = await Probe.connect(identity.nodeId);
    await expect.poll(() => rpc.call("getconnectioncount")).toBe(1);
    expect(await rpc.call("getpeerinfo")).toMatchObject([
      {
        id: 0,
        addr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        addrbind: `127.0.0.1:${identity.nodeId}`,
        network: "not_publicly_routable",
        services: "0000000000000000",
        servicesnames: [],
        relaytxes: false,
        lastsend: 0,
        lastrecv: 0,
        last_transaction: 0,
        last_block: 0,
        bytessent: 0,
        bytesrecv: 0,
        conntime: start,
        timeoffset: 0,
        version: 0,
        subver: "",
        inbound: true,
        bip152_hb_to: false,
        bip152_hb_from: false,
        startingheight: -1,
        presynced_headers: -1,
        synced_headers: -1,
        synced_blocks: -1,
        inflight: [],
        addr_relay_enabled: false,
        addr_processed: 0,
        addr_rate_limited: 0,
        permissions: [],
        minfeefilter: 0,
        bytessent_per_msg: {},
        bytesrecv_per_msg: {},
        connection_type: "inbound",
      },
    ]);
    probe.end();
  });

  it("tells what one has said and done", async () => {
    const { rpc, identity, node } = await drive();
    await rpc.call("generatetoaddress", { nblocks: 2, address: regtestAddress(0) });
    const start = seconds();
    await rpc.call("setmocktime", { timestamp: start });
    const probe = await Probe.connect(identity.nodeId);
    await probe.shakeHands({
      protocolVersion: 80_000,
      services: NODE_NETWORK | NODE_WITNESS | (1n << 40n),
      timestamp: BigInt(start + 5),
      startHeight: 1,
      relay: true,
    });
    const info = async () => (await rpc.call("getpeerinfo"))[0] ?? expect.unreachable();
    expect(await info()).toMatchObject({
      ready: true,
      services: "0000010000000009",
      servicesnames: ["NETWORK", "WITNESS", "UNKNOWN[2^40]"],
      relaytxes: true,
      lastsend: start,
      lastrecv: start,
      timeoffset: 5,
      version: 80_000,
      subver: "/probe:1/",
      startingheight: 1,
      synced_headers: -1,
      bytesrecv_per_msg: { version: expect.any(Number), verack: 24 },
      bytessent_per_msg: { version: expect.any(Number), verack: 24 },
    });
    const [first, second] = [node.chain.headers.activeAt(1), node.chain.headers.activeAt(2)];
    if (first === undefined || second === undefined) expect.unreachable();
    probe.say(
      { command: "headers", headers: [first.header] },
      { command: "feefilter", feeRate: 5_000n },
      { command: "sendcmpct", announce: true, version: 2n },
      {
        command: "addr",
        addresses: Array.from({ length: 5 }, (_, n) => ({
          ...netAddress(`20.0.0.${n}`, 8333, 9n),
          time: start,
        })),
      },
    );
    await probe.isAlive();
    expect(await info()).toMatchObject({
      synced_headers: 1,
      synced_blocks: 1,
      minfeefilter: 0.000_05,
      bip152_hb_from: true,
      bip152_hb_to: false,
      addr_relay_enabled: true,
      addr_processed: 1,
      addr_rate_limited: 4,
    });
    const other = await Probe.connect(identity.nodeId);
    await other.shakeHands({ relay: false });
    expect((await rpc.call("getpeerinfo"))[1]).toMatchObject({ id: 1, relaytxes: false });
  });

  it("tells which blocks are on their way", async () => {
    const { rpc: source, node } = await drive();
    await source.call("generatetoaddress", { nblocks: 2, address: regtestAddress(0) });
    const { rpc, identity } = await drive();
    const probe = await Probe.connect(identity.nodeId);
    await probe.shakeHands({ startHeight: 2 });
    const headers = [1, 2].map((height) => node.chain.headers.activeAt(height)?.header);
    probe.say({ command: "headers", headers: headers.filter((each) => each !== undefined) });
    await probe.until("a question", () => probe.count("getdata") > 0);
    expect(await rpc.call("getpeerinfo")).toMatchObject([
      { inflight: [1, 2], synced_headers: 2, synced_blocks: 0, last_block: 0 },
    ]);
  });
});

describe("setnetworkactive", () => {
  it("ends all connections and has them again", async () => {
    const other = await drive();
    const { rpc, identity } = await drive({ connect: [other.address] });
    const count = () => rpc.call("getconnectioncount");
    await expect.poll(count).toBe(1);
    expect(await rpc.call("setnetworkactive", { state: false })).toBe(false);
    expect(await count()).toBe(0);
    expect(await rpc.call("getnetworkinfo")).toMatchObject({ networkactive: false });
    const stranger = await Probe.connect(identity.nodeId);
    expect(await stranger.until("the end", () => stranger.closed)).toBe("so");
    await rpc.call("addnode", { node: `127.0.0.1:${other.identity.nodeId}`, command: "onetry" });
    expect(await count()).toBe(0);
    expect(await rpc.call("setnetworkactive", { state: true })).toBe(true);
    await expect.poll(count).toBe(1);
    expect(await rpc.call("getnetworkinfo")).toMatchObject({ networkactive: true });
  });
});
