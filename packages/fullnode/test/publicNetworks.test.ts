/**
 * Nodes of the networks of the public, on this machine alone: they call the peer that they are told of, and nobody else
 * (the guard of the tests lets a name lookup fail, and the test with it).
 */
import { readdir } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  Block,
  type BlockHeader,
  type ChainParams,
  mainnet,
  signet,
  signetParams,
  type Txid,
  testnet4,
} from "@chain/core";
import type { Log } from "@chain/engine";
import { startTestNode } from "@chain/testing/nodes";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { ScriptedPeer } from "@chain/testing/scriptedPeer";
import { type Message, MSG_TX } from "@chain/wire";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Identity, type IdentityOptions, parseIdentity } from "../src/identity.ts";
import { asksSeeds, type NodeConfig } from "../src/node/config.ts";
import type { RunningNode } from "../src/node/start.ts";
import { openOffline, openOfflineCoins } from "../src/offline.ts";
import { type ControlClient, openControl } from "../src/rpc/client.ts";

/** Block 1 of the main network and of the public signet; their hashes, which everybody knows, prove them. */
const MAINNET_1 = Block.fromHex(
  [
    "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000",
    "982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299",
    `010100000001${"00".repeat(32)}ffffffff0704ffff001d0104ffffffff0100f2052a01000000`,
    "43410496b538e853519c726a2c91e61ec11600ae1390813a627c66fb8be7947be63c52da",
    "7589379515d4e0a604f8141781e62294721166bf621e73a82cbf2342c858eeac00000000",
  ].join(""),
);
const SIGNET_1 = Block.fromHex(
  [
    "00000020f61eee3b63a380a477a063af32b2bbc97c9ff9f01f2c4225e973988108000000",
    "f575c83235984e7dc4afc1f30944c170462e84437ab6f2d52e16878a79e4678bd1914d5fae77031eccf40700",
    `0101000000000101${"00".repeat(32)}ffffffff025151feffffff0200f2052a01000000`,
    "1600149243f727dd5343293eb83174324019ec16c2630f0000000000000000",
    "776a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9",
    "4c4fecc7daa2490047304402205e423a8754336ca99dbe16509b877ef1bf98d008836c725005b3c787c41ebe4602",
    "2047246e4467ad7cc7f1ad98662afcaf14c115e0095a227c7b05c5182591c23e7e0100",
    `0120${"00".repeat(32)}00000000`,
  ].join(""),
);

/** Of a transaction that nobody has. */
const UNKNOWN = "11".repeat(32) as Txid;

const PATIENCE = { timeout: 30_000, interval: 20 };

/** Somebody on this machine whom a node can be told to call; shows headers and gives blocks if it has any. */
async function listeningPeer(
  { magic }: ChainParams,
  { headers = [], blocks = [] }: { headers?: readonly BlockHeader[]; blocks?: readonly Block[] },
) {
  const received: Message[] = [];
  let callers = 0;
  let ended = 0;
  const server = createServer((socket: Socket) => {
    callers++;
    socket.on("error", () => {}).on("close", () => void ended++);
    const peer = new ScriptedPeer(
      {
        magic,
        direction: "inbound",
        now: () => Date.now(),
        write: (bytes) => void socket.write(bytes),
        close: () => socket.destroy(),
      },
      { startHeight: headers.length },
    );
    peer.onMessage = (message) => {
      received.push(message);
      if (message.command === "getheaders") {
        peer.say({ command: "headers", headers });
        // Answered in its turn, which says that the headers have been looked at.
        peer.say({ command: "getdata", items: [{ type: MSG_TX, hash: UNKNOWN }] });
      }
      if (message.command !== "getdata") return;
      for (const { hash } of message.items) {
        const block = blocks.find((each) => each.hash === hash);
        if (block !== undefined) peer.say({ command: "block", raw: block.toBytes() });
      }
    };
    socket.on("data", (bytes) => peer.take({ type: "data", bytes }));
    peer.take({ type: "opened" });
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const has = (command: string) => received.some((message) => message.command === command);
  return {
    address: { host: "127.0.0.1", port },
    received,
    has,
    callers: () => callers,
    ended: () => ended,
  };
}

async function startOn(
  options: IdentityOptions,
  config: Partial<NodeConfig>,
): Promise<{
  readonly node: RunningNode;
  readonly lines: string[];
  readonly identity: Identity;
  readonly rpc: ControlClient;
}> {
  const datadir = await temporaryDirectory();
  const port = String(await freePort());
  const identity = parseIdentity({ datadir, port, ...options }, {});
  const lines: string[] = [];
  const log: Log = (level, _, message) => void lines.push(`${level} ${message}`);
  const node = await startTestNode({ identity, log, ...config });
  const rpc = (await openControl(identity.paths)) ?? expect.unreachable("it runs");
  return { node, lines, identity, rpc };
}

it.each<[boolean, IdentityOptions, Partial<NodeConfig>]>([
  [true, { network: "mainnet" }, {}],
  [true, { network: "testnet4" }, { addNodes: [{ host: "127.0.0.1", port: 5 }] }],
  [true, { network: "signet" }, { dnsSeeds: true }],
  [false, { network: "mainnet" }, { dnsSeeds: false }],
  [false, { network: "mainnet" }, { connect: [] }],
  [false, { network: "signet", signetchallenge: ["51"] }, {}],
  [false, { network: "regtest" }, { dnsSeeds: true }],
  [false, {}, {}],
])("DNS seeds are asked (%s) on %j with %j", (asked, options, config) => {
  const identity = parseIdentity({ port: "1", datadir: "/d", ...options }, {});
  expect(asksSeeds({ identity, ...config })).toBe(asked);
});

describe.each([
  [mainnet, "main", /^warn mainnet: this program was never connected .* nothing about money/],
  [testnet4, "testnet4", /^warn testnet4: this program was never connected .* constants/],
  [signet, "signet", /^warn signet: this program was never connected .* first block/],
])("a node of $name", (params, chain, caution) => {
  it("warns first, speaks to the peer that it is told of, and believes no chain of little work", async () => {
    const peer = await listeningPeer(params, {});
    const options = { network: params.name };
    const { node, lines, identity, rpc } = await startOn(options, { connect: [peer.address] });
    expect(lines[0]).toMatch(caution);
    expect(lines[1]).toMatch(/^warn \w+: it keeps all blocks: \d+ GB/);
    expect(lines.join("\n")).not.toContain("DNS seeds");
    expect(node.chain.tip.hash).toBe(params.genesis.hash);
    await expect.poll(() => peer.has("getheaders"), PATIENCE).toBe(true);
    const [request] = peer.received.filter(({ command }) => command === "getheaders");
    expect(request).toMatchObject({ locator: [params.genesis.hash] });
    expect(await rpc.call("getblockchaininfo")).toMatchObject({
      chain,
      initialblockdownload: true,
      verificationprogress: 0,
    });
    expect(peer.callers()).toBe(1);
    // No address book where the peers are named.
    expect((await readdir(identity.dataDir)).some((name) => name.startsWith("peers_"))).toBe(false);
  });
});

describe.each([
  [mainnet, MAINNET_1, "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048"],
  [signet, SIGNET_1, "00000086d6b2636cb2a392d45edc4ec544a10024d30141c9adf4bfd9de533b53"],
])("the first block of $name", (params, block, hash) => {
  const shown = { headers: [block.header], blocks: [block] };
  const options = { network: params.name };

  it("is taken by a node that asks for no more work than it has", async () => {
    expect(block.hash).toBe(hash);
    const peer = await listeningPeer(params, shown);
    const { node } = await startOn(options, { connect: [peer.address], minimumChainWork: 0n });
    await expect.poll(() => node.chain.tip.hash, PATIENCE).toBe(hash);
    expect(node.chain.headers.size).toBe(2);
  });

  it("is kept by nobody while all that is shown has less work than the network's", async () => {
    const peer = await listeningPeer(params, shown);
    const { node } = await startOn(options, { connect: [peer.address] });
    await expect.poll(() => peer.has("notfound"), PATIENCE).toBe(true);
    expect(node.chain.headers.size).toBe(1);
    expect(peer.received).not.toContainEqual(expect.objectContaining({ command: "getdata" }));
  });
});

describe("signets of one's own", () => {
  const own = { network: "signet", signetchallenge: ["51"] };

  it("speak to their own kind, and warn of nothing", async () => {
    const peer = await listeningPeer(signetParams(Uint8Array.of(0x51)), {});
    const { lines, rpc } = await startOn(own, { connect: [peer.address] });
    expect(lines.filter((line) => line.startsWith("warn"))).toEqual([]);
    expect(lines[0]).toBe("info signet with challenge 51");
    await expect.poll(() => peer.has("getheaders"), PATIENCE).toBe(true);
    expect(await rpc.call("getblockchaininfo")).toMatchObject({
      chain: "signet",
      signet_challenge: "51",
    });
  });

  it("say nothing that another signet understands", async () => {
    const peer = await listeningPeer(signet, {});
    const { node } = await startOn(own, { connect: [peer.address] });
    await expect.poll(() => peer.ended(), PATIENCE).toBeGreaterThan(0);
    expect(peer.received).toEqual([]);
    expect(node.node.peers()).toEqual([]);
  });

  it("refuse the chain of another, whose blocks have no solution of their challenge", async () => {
    const peer = await listeningPeer(signet, { headers: [SIGNET_1.header], blocks: [SIGNET_1] });
    const config = { connect: [peer.address], minimumChainWork: 0n };
    const { node, identity } = await startOn({ network: "signet" }, config);
    await expect.poll(() => node.chain.tip.height, PATIENCE).toBe(1);
    await node.stop();
    const of = (challenge: string) => {
      const { network } = parseIdentity({ network: "signet", signetchallenge: [challenge] }, {});
      // As where somebody has copied the files to the directory of the other.
      return { ...identity, network };
    };
    const refusal = { code: "wrong-chain", message: expect.stringContaining("another signet") };
    await expect(openOffline(of("00"))).rejects.toMatchObject(refusal);
    await expect(openOfflineCoins(of("00"))).rejects.toMatchObject(refusal);
    // Whose blocks need nothing takes those as well.
    const offline = await openOffline(of("51"));
    expect(offline.chain.tip.height).toBe(1);
    await offline.close();
  });

  it("whose blocks are signed have none mined in vain", async () => {
    const { node, rpc } = await startOn({ network: "signet" }, { connect: [] });
    const address = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";
    await expect(rpc.call("generatetoaddress", { nblocks: 1, address })).rejects.toThrow(
      "blocks of this signet are signed",
    );
    expect(node.chain.tip.height).toBe(0);
  });
});
