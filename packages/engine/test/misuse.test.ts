import { nobleVerifier, p2pkhScript, regtest, sha256 } from "@chain/core";
import * as engine from "@chain/engine";
import { AddressBook, BanList, ChainManager, InProcessSearch, Miner, Node } from "@chain/engine";
import { MemoryStore } from "@chain/storage";
import { maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import { describe, expect, test } from "vitest";

const { genesis } = regtest;
const hash = genesis.hash;
const [transaction] = genesis.transactions;
const bytes = new Uint8Array(16);
const payTo = p2pkhScript(new Uint8Array(20));
const clock = { now: () => 1_700_000_000_000 };
const timers = { after: () => () => undefined };
const random = { bytes: (count: number) => new Uint8Array(count).fill(7) };
const log = () => undefined;
const dialer = { dial: async () => undefined };
const address = { host: "127.0.0.1", port: 18444 };
const netAddress = { services: 1n, ip: bytes, port: 1 };
const outpoint = { txid: transaction?.txid, vout: 0 };
const connection = {
  remote: address,
  write: () => true,
  setReading: () => undefined,
  close: () => undefined,
};

function managerOptions() {
  const store = new MemoryStore();
  return { params: regtest, store, verifier: nobleVerifier, clock, timers, log };
}

const chain = await ChainManager.open(managerOptions());
const nodeOptions = { chain, clock, timers, random, dialer, log, userAgent: "/x/" };
const search = new InProcessSearch(clock, timers);
const minerOptions = { chain, search, payTo, clock, timers, log };
const now = 1;
const follower = { name: "x", position: async () => undefined, apply: async () => undefined };
const node = whole(chain.tip);

/** Good arguments for every function of the package. */
const calls = {
  EngineError: {},
  webSocketDialer: [{ open: log, timers, url: maybe(log), timeout: maybe(1) }],
  ChainManager: {
    statics: {
      open: [
        {
          ...managerOptions(),
          params: whole(regtest),
          store: whole(new MemoryStore()),
          verifier: whole(nobleVerifier),
          stopwatch: maybe(clock),
          skipsScript: maybe(() => false),
          repair: maybe("command"),
          onProgress: maybe(() => undefined),
        },
      ],
    },
    make: () => chain,
    methods: {
      subscribe: [log],
      follow: [follower],
      acceptHeaders: [[genesis.header]],
      acceptBlock: [whole(genesis, "bytes"), maybe({ requested: maybe(true) })],
      invalidateBlock: [node],
      reconsiderBlock: [node],
      preferBlock: [node],
      isPruned: [node],
      coinsAt: [node],
      prune: [1],
      acceptTransaction: [transaction, maybe({ onTurn: maybe(() => undefined) })],
      testTransaction: [transaction],
      testPackage: [[transaction]],
      prioritiseTransaction: [hash, 1n],
      getRawBlock: [hash],
      getBlock: [hash],
      getUndo: [hash],
      wasConnected: [hash],
      isUnreadable: [hash],
      getCoins: [[outpoint]],
      unspentByScript: [payTo],
      coinStatistics: [maybe("muhash")],
      reindexUtxo: [maybe(() => undefined)],
      verify: [
        maybe({
          level: maybe(1),
          blocks: maybe(1),
          onProgress: maybe(() => undefined),
          signal: maybe({ aborted: true }),
        }),
      ],
      run: [async () => undefined],
    },
  },
  RawBlock: {
    new: [genesis.toBytes()],
    make: () => new engine.RawBlock(genesis.toBytes()),
    methods: { decode: [maybe(sha256)] },
  },
  encodeScriptJobs: [[{ transaction, spentOutputs: [], flags: 0 }]],
  runScriptJobs: [engine.encodeScriptJobs([]), nobleVerifier, maybe(sha256)],
  spendableCoins: [whole(chain), payTo],
  FeeEstimator: {
    new: [maybe(whole(new engine.FeeEstimator().state))],
    make: () => new engine.FeeEstimator(),
    methods: {
      maxTarget: ["long"],
      transactionAdded: [transaction?.txid, { fee: 1n, size: 1, height: 0 }],
      transactionRemoved: [transaction?.txid],
      blockConnected: [1, whole([], "string", "bytes", "map")],
      estimateSmart: [2, maybe(true)],
      estimateRaw: ["short", 2, 0.5],
    },
  },
  feedEstimator: [
    new engine.FeeEstimator(),
    whole(chain),
    maybe(whole(new engine.MempoolFees(chain))),
  ],
  MempoolFees: {
    new: [whole(chain)],
    make: () => new engine.MempoolFees(chain),
    methods: { blockConnected: [{ height: 1, weight: 1, known: 1 }], estimate: [true] },
  },
  relatives: [whole([], "string", "bytes", "map"), "parents"],
  Miner: {
    new: [{ ...minerOptions, mineWhen: maybe(1) }],
    make: () => new Miner(minerOptions),
    methods: { mineOne: [maybe({ aborted: true })] },
  },
  InProcessSearch: {
    new: [clock, timers, maybe({ firstNonce: maybe(0) })],
    make: () => search,
    methods: { search: [genesis.header, { aborted: true }] },
  },
  assembleBlock: [
    whole(chain.tip),
    [transaction],
    whole(regtest),
    {
      payTo,
      time: 1_700_000_000,
      fees: maybe(0n),
      extraNonce: maybe(1),
      version: maybe(0x2000_0000),
    },
  ],
  blockTemplate: [chain, payTo, maybe({ time: maybe(1), extraNonce: maybe(1) })],
  AddressBook: {
    new: [random],
    statics: { decode: [bytes, random] },
    make: () => new AddressBook(random),
    methods: {
      add: [[{ ...netAddress, time: 1 }], bytes, now, maybe(1)],
      attempt: [netAddress, now],
      good: [netAddress, now],
      untested: [now],
      connected: [netAddress, now],
      select: [now, maybe(true)],
      sample: [1, now],
      list: [1, now],
    },
  },
  BanList: {
    new: [maybe(whole([], "string", "bytes", "map"))],
    make: () => new BanList(),
    methods: {
      add: ["127.0.0.1", now, maybe(1)],
      remove: ["127.0.0.1"],
      covers: ["127.0.0.1", now],
      has: [bytes, now],
      list: [now],
    },
  },
  formatPeerAddress: [address],
  isSameAddress: [address, address],
  parseSubnet: ["127.0.0.1"],
  isLoopback: [bytes],
  isPrivate: [bytes],
  isRoutable: [bytes],
  overlayOf: ["host.onion"],
  isUsable: [bytes],
  parsePermissionRule: ["noban@127.0.0.1"],
  Node: {
    new: [
      {
        ...nodeOptions,
        dialer,
        stopwatch: maybe(clock),
        connect: maybe([address]),
        seeds: maybe([address]),
        maxUpload: maybe(1),
        maxInbound: maybe(1),
        blocksOnly: maybe(true),
        anchors: maybe([netAddress]),
        listenAddress: maybe(address),
        sha256: maybe(() => bytes),
        capture: maybe(() => {}),
      },
    ],
    make: () => new Node(nodeOptions),
    methods: {
      subscribe: [log],
      forwardSchedule: [1],
      accept: [connection, maybe({ isOnion: maybe(true) })],
      submitTransaction: [transaction, maybe({ onTurn: maybe(() => undefined) })],
      announceAgain: [transaction?.txid],
      submitBlock: [genesis],
      addPeer: [address],
      removePeer: [address],
      callOnce: [address],
      callAs: ["feeler", address],
      knownAddresses: [maybe(1)],
      setNetworkActive: [true],
      disconnect: [1, "why"],
      sendRaw: [1, "ping", bytes],
      fetchBlock: [1, node],
      ban: ["127.0.0.1", maybe(1)],
    },
  },
};

describe("functions called from plain JavaScript", () => {
  test("none is left out", () => {
    expect(misuseGaps(engine, calls)).toEqual([]);
  });

  test("say what is wrong, by name, with an error of ours", async () => {
    expect(await misuseProblems(engine, calls)).toEqual([]);
  });

  test("a chain manager without what it needs: what makes it is named", async () => {
    const without = (name: string) => {
      const rest = Object.entries(managerOptions()).filter(([field]) => field !== name);
      return ChainManager.open(Object.fromEntries(rest) as unknown as engine.ChainManagerOptions);
    };
    const made = { params: "regtest", store: "MemoryStore", verifier: "nobleVerifier" };
    for (const [name, maker] of Object.entries(made)) {
      const says = new RegExp(
        `^options.${name} must be .*${maker}.* of @chain/\\w+, not undefined$`,
      );
      await expect(without(name)).rejects.toThrow(says);
      await expect(without(name)).rejects.toMatchObject({ code: "invalid-argument" });
    }
    for (const name of ["clock", "timers", "log"]) {
      await expect(without(name)).rejects.toThrow(`options.${name} must be`);
    }
  });
});
