/**
 * The options of `startnode`, a row each: the parser, the help, the README and the tests read this table. To add one,
 * add a row; where nothing takes its value yet, a field of `NodeConfig` as well.
 */
import type { Seconds } from "@chain/core";
import {
  ACTIVATION_NAMES,
  type NodeRole,
  parseAddress,
  parsePeerAddress,
  parseZmqAddress,
  readGenesisFile,
  ZMQ_TOPICS,
  type ZmqTopic,
} from "@chain/fullnode";
import { LOG_CATEGORIES, LOG_FORMATS, LOG_LEVELS } from "../logOptions.ts";
import { DOOR_OPTIONS } from "./doorOptions.ts";
import type { Given, NodeOption, Settings } from "./nodeOption.ts";
import {
  activation,
  comments,
  feeRate,
  listening,
  oneOf,
  permissionRule,
  proxy,
  some,
  webSocketBind,
  whole,
  work,
} from "./parsers.ts";
import { RPC_OPTIONS } from "./rpcOptions.ts";
import { WALLET_OPTIONS } from "./walletOptions.ts";

export type { NodeOption, Settings } from "./nodeOption.ts";

const ROLES: readonly (NodeRole | "spv")[] = ["central", "miner", "wallet", "spv"];
const MEBIBYTE = 1024 * 1024;
/** Of addresses, subnets and the like that one command line names. */
const MOST = 100;
/** Seconds. Core's tests ask for 999,999,999. */
const MAX_PEER_TIMEOUT: Seconds = 2 ** 31 - 1;
/** Block times have 32 bits. */
const MAX_TIME = 0xffff_ffff;

const MAX_HIGH_WATER_MARK = 2 ** 31 - 1;

/** Core: -prune, MIN_DISK_SPACE_FOR_BLOCK_FILES. */
function pruning(text: string, flag: string): Settings["prune"] {
  const mebibytes = whole(1, 100_000_000)(text, flag);
  if (mebibytes === 1) return {};
  return { target: whole(550, 100_000_000)(text, flag) * MEBIBYTE };
}

const peers = ({ texts, flag }: Given) => texts.map((text) => parsePeerAddress(text, flag));

/** Core: -zmqpubhashblock and the like, and -zmqpubhashblockhwm. */
function zmqOptions(topic: ZmqTopic): readonly NodeOption[] {
  const name = `zmqpub${topic}`;
  return [
    {
      flags: `--${name} <address>`,
      core: `-${name}`,
      group: "notifications",
      help: `publish ${topic} by ZeroMQ at tcp://IP:PORT or ipc://PATH`,
      most: MOST,
      set: ({ texts }) => {
        for (const text of texts) parseZmqAddress(text);
        return { zmq: { [topic]: texts } };
      },
    },
    {
      flags: `--${name}hwm <number>`,
      core: `-${name}hwm`,
      group: "notifications",
      help: `messages of ${topic} to keep for a subscriber that is too slow (default: 1000; 0: no bound)`,
      set: ({ text, flag }) => ({
        zmqHighWaterMarks: { [topic]: whole(0, MAX_HIGH_WATER_MARK)(text, flag) },
      }),
    },
  ];
}

export const NODE_OPTIONS: readonly NodeOption[] = [
  {
    flags: "--role <role>",
    group: "role",
    help: "central (default on port 3000) relays and does not mine; miner (default with --miner) mines; wallet (default elsewhere) follows the chain; spv keeps no chain, and proves payments by Merkle paths",
    choices: ROLES,
    set: ({ text, flag }) => ({ role: oneOf(ROLES)(text, flag) }),
  },
  {
    flags: "--miner <address>",
    group: "role",
    help: "mine, and pay the rewards to this address",
    set: ({ text, flag, network }) => ({ payTo: parseAddress(text, network, flag) }),
  },
  {
    flags: "--mine-when <number>",
    group: "role",
    help: "mine when so many transactions are unconfirmed, and go on while any are left (default: 2; 0: always)",
    set: ({ text, flag }) => ({ mineWhen: whole(0, 1_000_000)(text, flag) }),
  },
  {
    flags: "--addnode <host:port>",
    core: "-addnode",
    group: "peers",
    help: "a peer to stay connected to (default on devnet: 127.0.0.1:3000, elsewhere none); the node finds others by itself",
    most: MOST,
    set: (given) => ({ addNodes: peers(given) }),
  },
  {
    flags: "--connect <host:port>",
    core: "-connect",
    group: "peers",
    help: "the only peer to call, so that no others are looked for; 0: call no peer",
    most: MOST,
    // As in Core, `-connect=0` names no peer.
    set: (given) => ({
      connect: peers({ ...given, texts: given.texts.filter((text) => text !== "0") }),
    }),
  },
  {
    flags: "--seednode <host:port>",
    core: "-seednode",
    group: "peers",
    help: "a node to ask for others where none are known",
    most: MOST,
    set: (given) => ({ seedNodes: peers(given) }),
  },
  {
    flags: "--dnsseed <0|1>",
    core: "-dnsseed",
    group: "peers",
    help: "whether the DNS seeds of a public network are asked where no nodes are known (default: 1; never with --connect)",
    set: ({ text, flag }) => ({ dnsSeeds: whole(0, 1)(text, flag) === 1 }),
  },
  {
    flags: "--proxy <host:port>",
    core: "-proxy",
    group: "peers",
    help: "SOCKS5 proxy to call peers through, as 127.0.0.1:9050 or unix:PATH; peers of this machine and its network are called directly",
    set: ({ text, flag }) => ({ proxies: { all: proxy(text, flag) } }),
  },
  {
    flags: "--onion <host:port>",
    core: "-onion",
    group: "peers",
    help: "SOCKS5 proxy for onion addresses (default: that of --proxy)",
    set: ({ text, flag }) => ({ proxies: { onion: proxy(text, flag) } }),
  },
  {
    flags: "--bind <host[:port]>",
    core: "-bind",
    group: "peers",
    help: "address to listen on (default: 127.0.0.1, which no other machine can reach)",
    most: MOST,
    set: ({ texts, flag }) => ({ bind: texts.map((text) => listening(text, flag)) }),
  },
  {
    flags: "--listen-ws <[host:]port>",
    group: "peers",
    help: "take calls of peers over WebSocket there, as browsers make them (default: nowhere; host: 127.0.0.1; port 0: any that is free)",
    most: MOST,
    set: ({ texts, flag }) => ({ webSocketBind: texts.map((text) => webSocketBind(text, flag)) }),
  },
  {
    flags: "--ws-origin <url>",
    group: "peers",
    help: "a web page that may call the port of --listen-ws: http://127.0.0.1:8080 (default: none)",
    most: MOST,
    set: ({ texts, flag }) => ({ webSocketOrigins: texts.map((text) => some(text, flag)) }),
  },
  {
    flags: "--uacomment <text>",
    core: "-uacomment",
    group: "peers",
    help: "is told to peers with the name of the software",
    most: MOST,
    set: ({ texts, flag }) => ({ comments: comments(texts, flag) }),
  },
  {
    flags: "--whitelist <[permissions@]subnet>",
    core: "-whitelist",
    group: "limits",
    help: "what callers from there may do, with commas: noban (break rules, be banned, and stay when places are short), relay (send transactions in spite of --blocksonly), forcerelay, mempool, download (old blocks in spite of --maxuploadtarget), addr, bloomfilter, all; with out or in,out among them, peers that it was told to call may do it as well",
    most: MOST,
    set: ({ texts, flag }) => ({ permissions: texts.map((text) => permissionRule(text, flag)) }),
  },
  {
    flags: "--maxconnections <number>",
    core: "-maxconnections",
    group: "limits",
    help: "connections at a time, the eleven included that the node opens itself (default: 125)",
    set: ({ text, flag }) => ({ maxConnections: whole(0, 10_000)(text, flag) }),
  },
  {
    flags: "--maxuploadtarget <MiB>",
    core: "-maxuploadtarget",
    group: "limits",
    help: "send no blocks older than a week once so much was sent in a day (default: 0, no end)",
    // A million is a thousand times what a day's blocks take.
    set: ({ text, flag }) => ({ maxUpload: whole(0, 1_000_000)(text, flag) * MEBIBYTE }),
  },
  {
    flags: "--peertimeout <seconds>",
    core: "-peertimeout",
    group: "limits",
    help: "disconnect a peer that has not finished the handshake by then (default: 60)",
    set: ({ text, flag }) => ({
      handshakeTimeout: whole(1, MAX_PEER_TIMEOUT)(text, flag) * 1000,
    }),
  },
  {
    flags: "--genesis <file>",
    group: "chain",
    help: "begin with this genesis block where the node has no chain yet",
    set: async ({ text }) => ({ genesis: await readGenesisFile(text) }),
  },
  {
    flags: "--minimumchainwork <hex>",
    core: "-minimumchainwork",
    group: "chain",
    help: "believe no chain of less work (default: that of the network)",
    set: ({ text, flag }) => ({ minimumChainWork: work(text, flag) }),
  },
  {
    flags: "--testactivationheight <rule@height>",
    core: "-testactivationheight",
    group: "chain",
    help: `from where a rule holds, on regtest alone: one of ${ACTIVATION_NAMES.join(", ")}`,
    most: MOST,
    isForTests: true,
    set: ({ texts, flag }) => ({
      deployments: Object.assign({}, ...texts.map((text) => activation(text, flag))),
    }),
  },
  {
    flags: "--mocktime <seconds>",
    core: "-mocktime",
    group: "chain",
    help: "the clock shows this time, in seconds since 1970, and stands still; see setmocktime",
    isForTests: true,
    set: ({ text, flag }) => ({ mockTime: whole(1, MAX_TIME)(text, flag) }),
  },
  {
    flags: "--txindex",
    core: "-txindex",
    group: "chain",
    help: "keep an index of all transactions, for getrawtransaction; it is built in the background",
    set: () => ({ indexes: { transactions: true } }),
  },
  {
    flags: "--blockfilterindex",
    core: "-blockfilterindex",
    group: "chain",
    help: "keep the filters of all blocks (BIP-0158), for getblockfilter and scanblocks; they are built in the background",
    set: () => ({ indexes: { blockFilters: true } }),
  },
  {
    flags: "--coinstatsindex",
    core: "-coinstatsindex",
    group: "chain",
    help: "keep statistics of all coins after each block, for gettxoutsetinfo; they are made in the background",
    set: () => ({ indexes: { coinStats: true } }),
  },
  {
    flags: "--txospenderindex",
    core: "-txospenderindex",
    group: "chain",
    help: "keep an index of the transactions that have spent outputs, for gettxspendingprevout; it is built in the background",
    set: () => ({ indexes: { spenders: true } }),
  },
  {
    flags: "--scripthistoryindex",
    core: "-scripthistoryindex",
    group: "chain",
    help: "keep what each output script was paid and has spent, for getscripthistory and getscriptbalance; it is built in the background",
    set: () => ({ indexes: { scriptHistory: true } }),
  },
  {
    flags: "--dbcache <MiB>",
    core: "-dbcache",
    group: "chain",
    help: "memory for changes that are written later, many blocks at a time, while the chain catches up (default: 64)",
    set: ({ text, flag }) => ({ dbCache: whole(0, 16_384)(text, flag) * MEBIBYTE }),
  },
  {
    flags: "--unspentindex <0|1>",
    core: "-unspentindex",
    group: "chain",
    help: "keep an index of unspent outputs by script, for getbalance and send (default: 1; 0: they read all coins, which take half the space)",
    set: ({ text, flag }) => ({ unspentIndex: whole(0, 1)(text, flag) === 1 }),
  },
  {
    flags: "--par <n>",
    core: "-par",
    group: "chain",
    help: "threads that run scripts, 16 at most; 0: one for each processor; -n: so many fewer (default: 0)",
    set: ({ text, flag }) => ({ threads: whole(-1024, 1024)(text, flag) }),
  },
  {
    flags: "--prune <MiB>",
    core: "-prune",
    group: "chain",
    help: "delete the oldest blocks once they take more, 550 at least; 1: delete them on demand alone (pruneblockchain)",
    set: ({ text, flag }) => ({ prune: pruning(text, flag) }),
  },
  {
    flags: "--peerblockfilters",
    core: "-peerblockfilters",
    group: "relay",
    help: "serve the filters of blocks to peers (BIP-0157); needs --blockfilterindex",
    set: () => ({ peerBlockFilters: true }),
  },
  {
    flags: "--blockfilters <0|1>",
    group: "relay",
    help: "whether filters of blocks are kept and served to light nodes (default: 1 on devnet for central nodes and miners, else 0)",
    set: ({ text, flag }) => {
      const isOn = whole(0, 1)(text, flag) === 1;
      return { peerBlockFilters: isOn, indexes: { blockFilters: isOn } };
    },
  },
  {
    flags: "--peerbloomfilters",
    core: "-peerbloomfilters",
    group: "relay",
    help: "serve peers that set a Bloom filter (BIP-0037), which costs much work",
    set: () => ({ peerBloomFilters: true }),
  },
  {
    flags: "--blocksonly",
    core: "-blocksonly",
    group: "relay",
    help: "take no transactions from peers",
    set: () => ({ blocksOnly: true }),
  },
  {
    flags: "--minrelaytxfee <coins>",
    core: "-minrelaytxfee",
    group: "relay",
    help: "relay no transaction that pays less for 1,000 bytes",
    set: ({ text, flag }) => ({ policy: { minRelayFeeRate: feeRate(text, flag) } }),
  },
  {
    flags: "--estimatedfee <coins>",
    group: "relay",
    help: "on devnet and regtest, what estimatesmartfee answers for 1,000 bytes (default: the minimum relay fee)",
    set: ({ text, flag }) => ({ estimatedFee: feeRate(text, flag) }),
  },
  {
    flags: "--require-standard",
    group: "relay",
    help: "take only transactions that Bitcoin's mainnet would relay; without it, any that a block may hold",
    set: () => ({ policy: { requireStandard: true } }),
  },
  {
    flags: "--blocknotify <command>",
    core: "-blocknotify",
    group: "notifications",
    help: "run this in the shell for each new tip, after the initial download; %s in it is the block's hash",
    set: ({ text, flag }) => ({ notify: { block: some(text, flag) } }),
  },
  {
    flags: "--alertnotify <command>",
    core: "-alertnotify",
    group: "notifications",
    help: "run this in the shell when something is wrong with the node; %s in it is a sentence that says what, quoted",
    set: ({ text, flag }) => ({ notify: { alert: some(text, flag) } }),
  },
  {
    flags: "--startupnotify <command>",
    core: "-startupnotify",
    group: "notifications",
    help: "run this in the shell when the node is ready",
    set: ({ text, flag }) => ({ notify: { startup: some(text, flag) } }),
  },
  {
    flags: "--shutdownnotify <command>",
    core: "-shutdownnotify",
    group: "notifications",
    help: "run this in the shell before the node ends, which waits for it",
    most: MOST,
    set: ({ texts, flag }) => ({ notify: { shutdown: texts.map((text) => some(text, flag)) } }),
  },
  ...RPC_OPTIONS,
  ...DOOR_OPTIONS,
  ...WALLET_OPTIONS,
  ...ZMQ_TOPICS.flatMap(zmqOptions),
  {
    flags: "--log <format>",
    group: "log",
    help: "pretty or json (default: pretty)",
    choices: LOG_FORMATS,
    set: ({ text, flag }) => ({ logFormat: oneOf(LOG_FORMATS)(text, flag) }),
  },
  {
    flags: "--json",
    group: "log",
    help: "the same as --log json; an error is a line of JSON as well",
    set: () => ({ logFormat: "json" }),
  },
  {
    flags: "--log-level <level>",
    group: "log",
    help: "debug, info, warn, error or silent (default: info)",
    choices: LOG_LEVELS,
    set: ({ text, flag }) => ({ logLevel: oneOf(LOG_LEVELS)(text, flag) }),
  },
  {
    flags: "--debug <category>",
    core: "-debug",
    group: "log",
    help: `tell everything about one of ${LOG_CATEGORIES.join(", ")}`,
    most: MOST,
    choices: LOG_CATEGORIES,
    set: ({ texts, flag }) => ({
      logCategories: texts.map((text) => oneOf(LOG_CATEGORIES)(text, flag)),
    }),
  },
];
