/** Commands that show the peers of a node, and those that change them. */

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { bytesToHex } from "@chain/core";
import { mineBlock, openControl, parsePeerAddress, startNode } from "@chain/fullnode";
import { testKey } from "@chain/testing/blockFactory";
import { told } from "@chain/testing/loopback";
import { startTestNode } from "@chain/testing/nodes";
import { asNode, newChain } from "@chain/testing/place";
import { TestIo } from "@chain/testing/testIo";
import { describe, expect, it } from "vitest";
import { run } from "../src/cli.ts";
import { runProgram } from "./support/run.ts";

/** Resolves when a connection that was just made has ended. */
function ended(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket
      .on("error", reject)
      .on("close", () => resolve(socket))
      .resume();
  });
}

describe("chain-node peers", () => {
  it("lists address, direction, agent, height, latency and bytes, and follows them", async () => {
    const [identity, other] = [await newChain(), await newChain()];
    const node = await startTestNode({ identity });
    const io = new TestIo();
    const watching = run(["peers", "--watch", ...asNode(identity)], {}, io);
    await io.until("no peers\n");
    const host = { host: "127.0.0.1", port: identity.nodeId };
    const caller = await startTestNode({ identity: other, connect: [host] });
    await expect.poll(() => node.node.peers()[0]?.latencyMs).toBeDefined();
    await io.until(" ms ");
    io.stop();
    expect(await watching).toBe(0);
    const [head, row] = io.out.slice(io.out.lastIndexOf("peer ")).trim().split("\n");
    expect(head).toMatch(/^peer +address +agent +height +ping +received +sent +for$/);
    const pattern = `^ +\\d+ +127\\.0\\.0\\.1:\\d+ +in +/chain-node:\\S+/ +0 +\\d+ ms +\\d+ +\\d+ +\\d+ s$`;
    expect(row).toMatch(new RegExp(pattern));
    const out = await runProgram(["peers", "--json", ...asNode(other)]);
    expect(JSON.parse(out.out)).toMatchObject([
      { inbound: false, connection_type: "manual", addr: `127.0.0.1:${identity.nodeId}` },
    ]);
    await caller.stop();
  });

  it("are left before anything else when the node ends: they may keep it busy", async () => {
    const identity = await newChain();
    const node = await startTestNode({ identity });
    const gone = ended(identity.nodeId);
    await expect.poll(() => node.node.peers().length).toBe(1);
    let isControlled: boolean | undefined;
    node.node.subscribe(({ type }) => {
      if (type === "peer-disconnected") isControlled = existsSync(identity.paths.control);
    });
    await node.stop();
    await gone;
    expect(isControlled).toBe(true);
  });

  it("ends with one line where the node ends", async () => {
    const identity = await newChain();
    const node = await startNode({ identity, connect: [] });
    const io = new TestIo();
    const watching = run(["peers", "--watch", ...asNode(identity)], {}, io);
    await io.until("no peers\n");
    await node.stop();
    expect(await watching).toBe(1);
    expect(io.error).toMatch(/^error: node \d+ does not run[^\n]*\n$/);
  });
});

describe("chain-node bans", () => {
  it("bans, also after a restart, until the ban is taken back", async () => {
    const identity = await newChain();
    const bans = (...args: readonly string[]) => runProgram(["bans", ...args, ...asNode(identity)]);
    const first = await startNode({ identity, connect: [] });
    expect((await bans()).out).toBe("no bans\n");
    const { out } = await bans("--add", "127.0.0.1/8", "--for", "3600");
    expect(out).toMatch(/^subnet +until \(UTC\) +left\n127\.0\.0\.0\/8 +\S+ \S+ +\d+ min\n$/);
    await ended(identity.nodeId);
    await first.stop();

    const kept = JSON.parse(await readFile(identity.paths.bans, "utf8"));
    expect(kept).toMatchObject({ banned_nets: [{ version: 1, address: "127.0.0.0/8" }] });
    const second = await startTestNode({ identity });
    await ended(identity.nodeId);
    expect(second.node.peers()).toEqual([]);
    expect((await bans("--add", "127.0.0.0/8")).error).toContain("IP/Subnet already banned");
    expect((await bans("--add", "::1")).out).toContain("::1/128");
    expect((await bans("--remove", "127.0.0.0/8")).out).not.toContain("127");
    expect((await bans("--remove", "127.0.0.0/8")).error).toContain("not previously");
    expect((await bans("--add", "here")).error).toBe('error: "here": Invalid IP/Subnet\n');
    const socket = connect(identity.nodeId, "127.0.0.1");
    await expect.poll(() => second.node.peers().length).toBe(1);
    socket.destroy();
    expect((await bans("--clear", "--json")).out).toBe("[]\n");
  });

  it("starts with a list that is damaged, keeps the bans that can be read, and the file", async () => {
    const until = Math.floor(Date.now() / 1000) + 3_600;
    const good = { address: "127.0.0.0/8", ban_created: 0, banned_until: until };
    for (const [text, count] of [
      ["", 0],
      ["[]", 0],
      ['{"banned_nets":[{"address":5}]}', 0],
      [JSON.stringify({ banned_nets: [{ ...good, address: "here" }, good, null] }), 1],
    ] as const) {
      const identity = await newChain();
      await writeFile(identity.paths.bans, text);
      const lines: string[] = [];
      const log = (level: string, _: string, line: string) => void lines.push(`${level} ${line}`);
      const node = await startNode({ identity, connect: [], log });
      expect(node.node.bans.list(Date.now())).toHaveLength(count);
      await node.stop();
      const aside = `${identity.paths.bans}.damaged-1`;
      expect(lines.filter((line) => line.startsWith("warn") && line.includes(aside))).toHaveLength(
        1,
      );
      expect(await readFile(aside, "utf8")).toBe(text);
    }
  });

  it("ends single connections", async () => {
    const [identity, other] = [await newChain(), await newChain()];
    const node = await startTestNode({ identity });
    const caller = await startTestNode({
      identity: other,
      connect: [{ host: "127.0.0.1", port: identity.nodeId }],
    });
    await expect.poll(() => node.node.peers()[0]?.ready).toBe(true);
    const control = await openControl(other.paths);
    const [peer] = (await control?.call("getpeerinfo")) ?? [];
    const drop = (params: Record<string, unknown>) => control?.call("disconnectnode", params);
    const message = "Only one of address and nodeid should be provided.";
    await expect(drop({})).rejects.toMatchObject({ code: -32_602, message });
    await expect(drop({ address: "1.1.1.1:1" })).rejects.toThrow("Node not found");
    await drop({ address: peer?.addr });
    await expect.poll(() => caller.node.peers()[0]?.id).not.toBe(peer?.id);
  });
});

describe("peers to stay connected to", () => {
  it("are added and taken back while the node runs", async () => {
    const [identity, other] = [await newChain(), await newChain()];
    const far = await startTestNode({ identity: other });
    await startTestNode({ identity });
    const control = await openControl(identity.paths);
    const name = `127.0.0.1:${other.nodeId}`;
    const add = (command: string, node = name) => control?.call("addnode", { node, command });
    await expect(add("remove")).rejects.toThrow("It has not been added previously");
    await add("add");
    await expect(add("add")).rejects.toThrow("Node already added");
    await expect.poll(() => far.node.peers()[0]?.ready).toBe(true);
    expect(await control?.call("getaddednodeinfo")).toEqual([
      { addednode: name, connected: true, addresses: [{ address: name, connected: "outbound" }] },
    ]);
    expect(await control?.call("getnetworkinfo")).toMatchObject({
      protocolversion: 70_016,
      localservices: "0000000000000409",
      connections_out: 1,
      connections_in: 0,
    });
    await add("remove");
    await control?.call("disconnectnode", { address: name });
    await expect.poll(() => far.node.peers().length).toBe(0);
    expect(await control?.call("getaddednodeinfo")).toEqual([]);
    await add("onetry");
    await expect.poll(() => far.node.peers().length).toBe(1);
    const known = { node: name };
    await expect(control?.call("getaddednodeinfo", known)).rejects.toThrow("has not been added");
  });

  it("get one connection, whatever they are called", async () => {
    const [identity, other] = [await newChain(), await newChain()];
    const far = await startTestNode({ identity: other });
    const port = other.nodeId;
    const names = [`localhost:${port}`, `127.0.0.1:${port}`, `[::ffff:127.0.0.1]:${port}`];
    const connect = names.map((name) => parsePeerAddress(name));
    const { node } = await startTestNode({ identity, connect });
    const control = await openControl(identity.paths);
    await expect.poll(() => far.node.peers()[0]?.ready).toBe(true);
    for (const name of [...names, `LOCALHOST:${port}`]) {
      await control?.call("addnode", { node: name, command: "onetry" });
    }
    expect([far.node.peers().length, node.peers().length]).toEqual([1, 1]);
    const added = { node: `127.0.0.1:${port}` };
    expect(await control?.call("getaddednodeinfo", added)).toEqual([
      {
        addednode: added.node,
        connected: true,
        addresses: [{ address: added.node, connected: "outbound" }],
      },
    ]);
  });

  it("tells of the nodes that it knows", async () => {
    const [identity, other] = [await newChain(), await newChain()];
    await startTestNode({ identity: other });
    const host = { host: "127.0.0.1", port: other.nodeId };
    const node = await startNode({ identity, addNodes: [host] });
    await expect.poll(() => node.node.knownAddresses(10).length).toBe(1);
    const control = await openControl(identity.paths);
    expect(await control?.call("getnodeaddresses", { count: 0 })).toEqual([
      {
        time: expect.any(Number),
        services: 0x409,
        address: "127.0.0.1",
        port: other.nodeId,
        network: "ipv4",
      },
    ]);
    await node.stop();
  });
});

describe("a block from elsewhere", () => {
  it("is taken, or refused with its reason", async () => {
    const [identity, other] = [await newChain(), await newChain()];
    const [node, maker] = [
      await startTestNode({ identity }),
      await startTestNode({ identity: other }),
    ];
    const block = await mineBlock(maker.chain, testKey(1).script);
    const control = await openControl(identity.paths);
    const submit = (bytes: Uint8Array) =>
      control?.call("submitblock", { hexdata: bytesToHex(bytes) });
    const raw = block.toBytes();
    const spoilt = Uint8Array.from(raw, (byte, i) => (i === 36 ? byte ^ 1 : byte));
    expect(await submit(spoilt)).toMatch(/high-hash|bad-txnmrklroot/);
    expect(await submit(raw)).toBeNull();
    expect(node.chain.tip.hash).toBe(block.hash);
    expect(await submit(raw)).toBe("duplicate");
    await expect(submit(raw.subarray(1))).rejects.toThrow("Block decode failed");
  });
});

describe("a day's upload", () => {
  it("hears of a guest, and of what the node was told to say of itself", async () => {
    const identity = await newChain();
    const io = new TestIo();
    const options = ["--whitelist", "noban@127.0.0.1", "--uacomment", "ours", "--blocksonly"];
    const more = [
      "--minrelaytxfee",
      "0.00002",
      "--maxconnections",
      "12",
      "--peertimeout",
      "999999999",
    ];
    const args = ["startnode", "--log", "json", ...options, ...more, ...asNode(identity)];
    const running = run(told(args), {}, io);
    await io.until('"event":"ready"');
    const control = (await openControl(identity.paths)) ?? expect.unreachable();
    const guest = connect(identity.nodeId, "127.0.0.1");
    await expect
      .poll(async () => (await control.call("getpeerinfo")).map(({ permissions }) => permissions))
      .toEqual([["noban", "download"]]);
    expect(await control.call("getnetworkinfo")).toMatchObject({
      subversion: expect.stringContaining(`(ours; ${identity.nodeId})/`),
      relayfee: 0.00002,
      localrelay: false,
    });
    guest.destroy();
    io.stop();
    expect(await running).toBe(0);
  });

  it("is told as Core tells it", async () => {
    const identity = await newChain();
    const io = new TestIo();
    const args = ["startnode", "--log", "json", "--maxuploadtarget", "600", ...asNode(identity)];
    const running = run(told(args), {}, io);
    await io.until('"event":"ready"');
    const control = await openControl(identity.paths);
    expect(await control?.call("getnettotals")).toMatchObject({
      totalbytesrecv: 0,
      totalbytessent: 0,
      uploadtarget: {
        timeframe: 86_400,
        target: 600 * 1024 * 1024,
        target_reached: false,
        serve_historical_blocks: true,
        bytes_left_in_cycle: 600 * 1024 * 1024,
      },
    });
    io.stop();
    expect(await running).toBe(0);
  });
});
