/** Peers, as far as a node without connections has any; the rest is tested over TCP in @chain/fullnode. */
import { describe, expect, test } from "vitest";
import { START, startHost } from "./support/host.ts";

describe("the network", () => {
  test("has nobody in it at first", async () => {
    const { call } = await startHost();
    expect(await call("getconnectioncount")).toBe(0);
    expect(await call("getpeerinfo")).toEqual([]);
    expect(await call("ping")).toBeNull();
    expect(await call("getaddednodeinfo")).toEqual([]);
    expect(await call("getnodeaddresses", 0)).toEqual([]);
    expect(await call("listbanned")).toEqual([]);
    expect(await call("getnettotals")).toMatchObject({
      totalbytesrecv: 0,
      totalbytessent: 0,
      timemillis: START,
      uploadtarget: {
        timeframe: 86_400,
        target: 0,
        target_reached: false,
        bytes_left_in_cycle: 0,
        time_left_in_cycle: 0,
      },
    });
    expect(await call("getnetworkinfo")).toMatchObject({
      version: 310_100,
      subversion: "/Satoshi:31.1.0(chain:test)/",
      localservices: "0000000000000409",
      localservicesnames: ["NETWORK", "WITNESS", "NETWORK_LIMITED"],
      localrelay: true,
      connections: 0,
      networkactive: true,
      relayfee: 0.00001,
      localaddresses: [],
      warnings: [],
    });
  });

  test("can be switched off", async () => {
    const { call, error } = await startHost();
    expect(await call("setnetworkactive", false)).toBe(false);
    expect(await call("getnetworkinfo")).toHaveProperty("networkactive", false);
    expect(await call("setnetworkactive", true)).toBe(true);
    expect((await error("setnetworkactive"))[0]).toBe(-1);
  });

  test("has nodes that are added", async () => {
    const { call, error } = await startHost();
    expect(await call("addnode", "127.0.0.1:1", "add")).toBeNull();
    expect(await error("addnode", "127.0.0.1:1", "add")).toEqual([
      -23,
      "Error: Node already added",
    ]);
    for (const short of ["127.1:1", "0x7f.0.1:1", "2130706433:1", "0177.0.0.01:1"]) {
      expect((await error("addnode", short, "add"))[0]).toBe(-23);
    }
    expect(await call("addnode", "::1", "add")).toBeNull();
    expect(await call("getaddednodeinfo", "127.0.0.1:1")).toEqual([
      { addednode: "127.0.0.1:1", connected: false, addresses: [] },
    ]);
    expect(await call("getaddednodeinfo", "::1")).toHaveLength(1);
    expect(await call<{ addednode: string }[]>("getaddednodeinfo")).toMatchObject([
      { addednode: "127.0.0.1:1" },
      { addednode: "::1" },
    ]);
    expect(await error("getaddednodeinfo", "127.0.0.1:2")).toEqual([
      -24,
      "Error: Node has not been added.",
    ]);
    expect(await call("addnode", "[::1]:18444", "remove")).toBeNull();
    expect(await error("addnode", "127.0.0.1:2", "remove")).toEqual([
      -24,
      "Error: Node could not be removed. It has not been added previously.",
    ]);
    expect(await call("addnode", "127.0.0.1:1", "onetry")).toBeNull();
    expect(await error("addnode", "not an address", "add")).toEqual([
      -8,
      'node wants HOST:PORT, as 127.0.0.1:3000, not "not an address"',
    ]);
    expect(await error("addnode", "127.0.0.1:1", "x")).toEqual([
      -1,
      expect.stringMatching(/^addnode "node" "command" \( v2transport \)\n/),
    ]);
    expect(await error("addnode", "127.0.0.1:1", "add", true)).toEqual([
      -8,
      "Error: v2transport requested but not enabled (see -v2transport)",
    ]);
  });

  test("parts with peers that are there", async () => {
    const { error } = await startHost();
    const one = "Only one of address and nodeid should be provided.";
    expect(await error("disconnectnode")).toEqual([-32_602, one]);
    expect(await error("disconnectnode", "127.0.0.1:1", 1)).toEqual([-32_602, one]);
    const none = "Node not found in connected nodes";
    expect(await error("disconnectnode", "127.0.0.1:1")).toEqual([-29, none]);
    expect(await error("disconnectnode", "", 7)).toEqual([-29, none]);
    expect(await error("disconnectnode", "")).toEqual([-29, none]);
  });

  test("keeps banned subnets out", async () => {
    const { call, error } = await startHost();
    const now = START / 1000;
    expect(await call("setban", "10.1.0.0/16", "add", 100)).toBeNull();
    expect(await call("setban", "127.0.0.1", "add", now + 50, true)).toBeNull();
    const ban = {
      ban_created: now,
      banned_until: now + 100,
      ban_duration: 100,
      time_remaining: 100,
    };
    expect(await call("listbanned")).toEqual(
      expect.arrayContaining([
        { address: "10.1.0.0/16", ...ban },
        expect.objectContaining({ address: "127.0.0.1/32", banned_until: now + 50 }),
      ]),
    );
    expect(await error("setban", "10.1.2.3", "add")).toEqual([
      -23,
      "Error: IP/Subnet already banned",
    ]);
    expect(await error("setban", "1.2.3.4", "add", 1, true)).toEqual([
      -8,
      "Error: Absolute timestamp is in the past",
    ]);
    expect(await error("setban", "x", "add")).toEqual([-30, "Error: Invalid IP/Subnet"]);
    expect(await error("setban", "1.2.3.4", "remove")).toEqual([
      -30,
      "Error: Unban failed. Requested address/subnet was not previously manually banned.",
    ]);
    expect((await error("setban", "1.2.3.4", "x"))[0]).toBe(-1);
    expect(await call("setban", "127.0.0.1", "remove")).toBeNull();
    expect(await call("clearbanned")).toBeNull();
    expect(await call("listbanned")).toEqual([]);
  });

  test("sends no message to a peer that is not there, nor one that can't be sent", async () => {
    const { error } = await startHost();
    const send = (...given: readonly (string | number)[]) => error("sendmsgtopeer", ...given);
    expect(await send(100, "addr", "FF")).toEqual([-1, "Error: Could not send message to peer"]);
    const long = "Error: msg_type too long, max length is 12";
    expect(await send(0, "long_msg_type", "FF")).toEqual([-8, long]);
    expect(await send(0, "addr", "F")).toEqual([-8, "Error parsing input for msg"]);
  });

  test("has addresses that it is told of", async () => {
    const { call, error } = await startHost();
    expect(await call("addpeeraddress", "1.2.3.4", 8333)).toEqual({ success: true });
    expect(await call("addpeeraddress", "2a00::1", 8333, true)).toEqual({ success: true });
    expect(await call("addpeeraddress", "1.2.3.4", 8333)).toEqual({
      success: false,
      error: "failed-adding-to-new",
    });
    expect(await call("addpeeraddress", "nowhere", 1)).toEqual({ success: false });
    expect(await error("addpeeraddress", "1.2.3.4", 65_536)).toEqual([
      -1,
      "JSON integer out of range",
    ]);
    const known = { time: START / 1000, services: 9, port: 8333 };
    expect(await call("getnodeaddresses", 0, "ipv4")).toEqual([
      { ...known, address: "1.2.3.4", network: "ipv4" },
    ]);
    expect(await call("getnodeaddresses", 0)).toHaveLength(2);
    expect(await call("getnodeaddresses")).toHaveLength(1);
    const none = { new: 0, tried: 0, total: 0 };
    expect(await call("getaddrmaninfo")).toEqual({
      ipv4: { new: 1, tried: 0, total: 1 },
      ipv6: { new: 0, tried: 1, total: 1 },
      onion: none,
      i2p: none,
      cjdns: none,
      all_networks: { new: 1, tried: 1, total: 2 },
    });
    const tables = await call<Record<string, Record<string, object>>>("getrawaddrman");
    const [place, ...others] = Object.keys(tables["new"] ?? {});
    expect(others).toEqual([]);
    expect(place).toMatch(/^\d{1,4}\/\d{1,2}$/);
    const heard = { address: "1.2.3.4", network: "ipv4" };
    expect(Object.values(tables["new"] ?? {})).toEqual([
      { ...known, ...heard, source: "1.2.3.4", source_network: "ipv4" },
    ]);
    expect(Object.values(tables["tried"] ?? {})).toMatchObject([
      { address: "2a00::1", network: "ipv6", source: "2a00::1", source_network: "ipv6" },
    ]);
    expect(await error("getnodeaddresses", -1)).toEqual([-8, "Address count out of range"]);
    expect(await error("getnodeaddresses", 1, "x")).toEqual([-8, "Network not recognized: x"]);
  });
});

describe("networks for tests", () => {
  test("have a clock that can be set", async () => {
    const { call, error, chain } = await startHost();
    expect(await call("setmocktime", 2_000_000_000)).toBeNull();
    expect(chain.now).toBe(2_000_000_000_000);
    expect(await call("setmocktime", 0)).toBeNull();
    expect(chain.now).toBe(START);
    for (const time of [-1, 9_223_372_037]) {
      expect(await error("setmocktime", time)).toEqual([
        -8,
        `Mocktime must be in the range [0, 9223372036], not ${time}.`,
      ]);
    }
    expect(await call("mockscheduler", 60)).toBeNull();
    const range = "delta_time must be between 1 and 3600 seconds (1 hr)";
    expect(await error("mockscheduler", 0)).toEqual([-1, range]);
    expect(await error("mockscheduler", 3601)).toEqual([-1, range]);
  });

  test("go on where the clock is beyond what a block can say", async () => {
    const { call, error, mine } = await startHost();
    await mine(1);
    expect(await call("setmocktime", 9_223_372_036)).toBeNull();
    const late = "the clock is past 2106-02-07, the last time that a block can have: correct it";
    expect(await error("getblocktemplate", { rules: ["segwit"] })).toEqual([-1, late]);
    expect(await call("addpeeraddress", "1.2.3.4", 8333, true)).toEqual({ success: true });
    expect(await call("getrawaddrman")).toMatchObject({ new: {} });
    for (const method of ["uptime", "getmininginfo", "getblockchaininfo", "getnettotals"]) {
      await call(method);
    }
    expect(await call("setmocktime", 0)).toBeNull();
    await mine(1);
  });

  test("alone have it", async () => {
    const { error } = await startHost({ parts: { mocking: undefined as never } });
    const only = (name: string) => `${name} is for regression testing (-regtest mode) only`;
    expect(await error("setmocktime", 1)).toEqual([-1, only("setmocktime")]);
    expect(await error("mockscheduler", 1)).toEqual([-1, only("mockscheduler")]);
    expect(await error("addconnection", "127.0.0.1:1", "feeler")).toEqual([
      -1,
      `${only("addconnection")}.`,
    ]);
  });

  test("make connections of any kind", async () => {
    const { call, error } = await startHost();
    const address = "127.0.0.1:1";
    const made = { address, connection_type: "feeler" };
    expect(await call("addconnection", address, "feeler")).toEqual(made);
    expect(await error("addconnection", address, "x")).toEqual([
      -8,
      "connection_type must be one of outbound-full-relay, block-relay-only, addr-fetch, feeler",
    ]);
    expect(await error("addconnection", "x y", "feeler")).toEqual([-8, expect.any(String)]);
    expect(await error("addconnection", address, "feeler", true)).toEqual([
      -8,
      "Error: Adding v2transport connections requires -v2transport init flag to be set.",
    ]);
  });
});
