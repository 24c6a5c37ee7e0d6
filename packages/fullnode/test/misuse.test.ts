import { join } from "node:path";
import { regtest } from "@chain/core";
import * as fullnode from "@chain/fullnode";
import { startDoorNode } from "@chain/testing/doorNode";
import { type Calls, maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";

test("functions that plain JavaScript calls say what is wrong", async () => {
  const datadir = await temporaryDirectory();
  // No node of it runs, and it has no chain.
  const identity = fullnode.parseIdentity({ port: "3000", datadir }, {});
  const { network } = identity;
  const node = await fullnode.createNode();
  onTestFinished(() => node.close());
  const { host: door } = await startDoorNode(0);
  const taken = await fullnode.startEsplora(door);
  onTestFinished(() => taken.close());
  const { genesis } = regtest;
  const payTo = Uint8Array.of(0x51);
  const address = { host: "127.0.0.1", port: 1 };
  const log = () => {};
  const open = async () => 1;
  const path = join(datadir, "none");
  const blocks = join(datadir, "blocks.dat");
  await fullnode.exportBlocks(node.chain, blocks);
  const calls: Calls = {
    RpcError: {},
    UserError: {},
    // Anything may be thrown.
    isRepairable: [],
    messageOf: [],
    systemCode: [],
    formatPeerAddress: [address],
    spendableCoins: [whole(node.chain), payTo],
    parseActivationHeight: ["dersig@10"],
    describeStoredBlock: [whole(genesis), 0, maybe([]), whole(regtest)],
    mineGenesis: [whole(payTo), maybe(whole(undefined))],
    readGenesisFile: [whole(path)],
    createDatabase: [whole(identity), whole(genesis)],
    refuseExisting: [whole(path)],
    explained: [path, open],
    openChain: [whole(fullnode.parseIdentity({ port: "3001", datadir }, {})), { log }],
    openReader: [whole(fullnode.parseIdentity({ port: "3002", datadir }, {})), log],
    importBlocks: [
      whole(node.chain),
      whole(blocks),
      maybe({ stopHeight: maybe(1), signal: maybe({}), onProgress: maybe(() => {}) }),
    ],
    exportBlocks: [
      whole(node.chain),
      whole(join(datadir, "exported.dat")),
      maybe({ from: maybe(0), to: maybe(0), signal: maybe({}), onProgress: maybe(() => {}) }),
    ],
    readGenesisOf: [whole(blocks)],
    openOffline: [whole(fullnode.parseIdentity({ port: "3003", datadir }, {})), maybe(log)],
    openOfflineCoins: [whole(fullnode.parseIdentity({ port: "3004", datadir }, {})), maybe(log)],
    openEither: [whole(identity), open, log, maybe(1)],
    openWhenFree: [whole(identity), open, log],
    openControl: [{ control: path }, maybe({ wait: maybe(1) })],
    mineBlock: [whole(node.chain), whole(payTo)],
    // Refused for its network, so that none starts.
    createNode: [
      maybe({
        network: whole("another", "undefined"),
        directory: maybe(path),
        store: maybe(whole({}, "object")),
        clock: maybe(whole({}, "object")),
        rpcHost: maybe(() => {}),
        skipsScript: maybe(() => false),
        port: maybe(1),
        host: maybe(address.host),
        policy: maybe(whole({}, "object")),
        prune: maybe(whole({}, "object")),
        peerBlockFilters: maybe(false),
        peerBloomFilters: maybe(false),
        log: maybe(log),
      }),
    ],
    // Refused because it serves no REST.
    startLightNode: [
      {
        identity: whole(identity),
        rpc: whole({ rest: true }, "undefined", "object"),
        log: maybe(log),
      },
    ],
    // Refused because a miner needs an address.
    startNode: [
      {
        identity: whole(identity),
        role: whole("miner", "undefined"),
        connect: maybe(whole([])),
        maxUpload: maybe(1),
        blocksOnly: maybe(false),
        log: maybe(log),
      },
    ],
    oneLine: ["a line"],
    quote: ["text"],
    makeDataDirectory: [whole(join(datadir, "made"))],
    formatTime: [1],
    handIn: [
      {
        // No other host is looked up.
        address: { host: whole(address.host), port: whole(address.port) },
        params: whole(regtest),
        transaction: whole(genesis.transactions[0]),
        timeoutMs: maybe(whole(1)),
        log: maybe(log),
      },
    ],
    defaultRpcPort: [whole(identity)],
    parseIdentity: [
      { port: maybe("3000"), datadir: maybe(whole(datadir)), network: maybe("devnet") },
      {},
    ],
    parsePort: ["3000"],
    findNetwork: [{ network: maybe("devnet"), signetchallenge: maybe(whole(undefined)) }],
    parseAddress: ["none", whole(network), "--to"],
    parseListening: ["127.0.0.1"],
    parsePeerAddress: ["127.0.0.1:1", maybe("connect")],
    formatProxy: [address],
    parseProxy: ["127.0.0.1"],
    isAlive: [process.pid],
    rpcWhitelist: [["user:help"], maybe(true)],
    credentials: ["secret"],
    startRpcHttp: [
      {
        server: whole({ answer: open }),
        port: whole(0),
        // No address, so that no port is opened.
        bind: whole(["?"], "undefined"),
        allowIp: whole(["?"], "undefined"),
        log: maybe(log),
      },
    ],
    // The port is taken, so that none is opened.
    startEsplora: [whole(door), whole({ port: taken.port, log }, "undefined", "object")],
    startElectrum: [whole(door), whole({ port: taken.port, log }, "undefined", "object")],
    isRpcMethod: ["help"],
    verifierInWords: ["native"],
    // Anything may be thrown: the third argument is left out.
    cannotRead: ["the file", path],
    cannotWrite: ["the file", path],
    parseZmqAddress: ["tcp://127.0.0.1:1"],
  };
  expect(misuseGaps(fullnode, calls)).toEqual([]);
  expect(await misuseProblems(fullnode, calls)).toEqual([]);
});
