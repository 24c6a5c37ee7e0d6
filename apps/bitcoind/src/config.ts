/** From Core's options to those of a node. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { BlockHash, Milliseconds, Seconds } from "@chain/core";
import {
  type ActivationFault,
  type Identity,
  type NodeConfig,
  parseActivationHeight,
  parsePort,
  UserError,
  ZMQ_TOPICS,
  type ZmqTopic,
} from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";
import { REFUSED } from "./known.ts";
import { listening } from "./listening.ts";
import { addedPeers, connect, peers, proxies } from "./peerOptions.ts";
import { implicitPermissions, permissionRule } from "./permissions.ts";
import { mempoolLimits, policy } from "./policy.ts";
import { checkPorts, wholeNumber, withoutUndefined } from "./values.ts";
import { wallets } from "./wallets.ts";

/** Seconds. Core: DEFAULT_MAX_TIP_AGE. */
const MAX_TIP_AGE: Seconds = 24 * 60 * 60;
/** Mebibytes. Core: MIN_DISK_SPACE_FOR_BLOCK_FILES. */
const MIN_PRUNE_TARGET = 550;
/** Core: -fastprune, FlatFileSeq of 64 KiB and nPruneAfterHeight. */
const FAST_PRUNE_FILE = 64 * 1024;
/** Of `-dbcache`, in MiB. Core: MIN_DB_CACHE. */
const MIN_DB_CACHE = 4;
const FAST_PRUNE_HEIGHT = 100;

/** The configuration of a node, by the settings. @throws UserError `usage`. */
export function nodeConfig(settings: Settings, identity: Identity): NodeConfig {
  const { network } = identity;
  const refused = REFUSED.find((name) => settings.has(name) && !settings.isNegated(name));
  if (refused !== undefined) {
    const why = "peers would be called that it is to keep from being called";
    throw new UserError("usage", `-${refused} is not supported: ${why}`);
  }
  checkPorts(settings);
  checkBlocksDirectory(settings);
  const number = (name: string) => wholeNumber(settings, name);
  const optional = <Value>(name: string, of: (value: number) => Value): Value | undefined => {
    const value = number(name);
    return value === undefined ? undefined : of(value);
  };
  const given = {
    maxUpload: byteSize(settings, "maxuploadtarget"),
    maxConnections: maxConnections(settings),
    handshakeTimeout: peerTimeout(settings),
    banTime: optional("bantime", (value) => (value === 0 ? undefined : value)),
    minimumChainWork: work(settings),
    assumeValid: assumeValid(settings),
    maxTipAge: (number("maxtipage") ?? MAX_TIP_AGE) * 1000,
    mockTime: optional("mocktime", (value) => (value === 0 ? undefined : value)),
    connect: connect(settings, network.params.defaultPort),
    proxies: proxies(settings),
    networkActive: settings.flag("networkactive", true),
    bind: listening(settings, identity.nodeId),
    deployments: deployments(settings, identity),
    enforceBip94: testOptions(settings, identity).has("bip94") || undefined,
    prune: pruning(settings),
    unspentIndex: settings.flag("unspentindex", false),
    blockFileSize: settings.flag("fastprune", false) ? FAST_PRUNE_FILE : undefined,
    threads: threads(settings),
    dbCache: optional("dbcache", (n) => Math.max(n, MIN_DB_CACHE) * 1024 * 1024),
    rebuild: rebuild(settings),
    wallets: wallets(settings),
  };
  return {
    identity,
    role: "central",
    ...(withoutUndefined(given) as Partial<NodeConfig>),
    addNodes: addedPeers(settings, network.params.defaultPort),
    seedNodes: peers(settings, "seednode", network.params.defaultPort),
    dnsSeeds: settings.flag("dnsseed", true),
    blocksOnly: settings.flag("blocksonly", false),
    captureMessages: settings.flag("capturemessages", false),
    loadBlocks: settings.list("loadblock").map((path) => resolve(path)),
    comments: comments(settings.list("uacomment")),
    permissions: settings
      .list("whitelist")
      .map((text) => permissionRule(text, implicitPermissions(settings))),
    policy: policy(settings, identity),
    mempool: mempoolLimits(settings),
    persistMempool: settings.flag("persistmempool", true),
    indexes: indexes(settings),
    peerBlockFilters: servesBlockFilters(settings),
    peerBloomFilters: settings.flag("peerbloomfilters", false),
    notify: notify(settings),
    zmq: zmq(settings),
    zmqHighWaterMarks: zmqHighWaterMarks(settings),
    rpc: rpc(settings, network.rpcPort),
  };
}

/** Core: AppInitParameterInteraction. */
function maxConnections(settings: Settings): number | undefined {
  if (/^-\d+$/.test(settings.text("maxconnections") ?? "")) {
    throw new UserError("usage", "-maxconnections must be greater or equal than zero");
  }
  return wholeNumber(settings, "maxconnections");
}

/** Blocks are not kept apart here, but a place that is wrong is told as Core tells it. Core: AppInitParameterInteraction. */
function checkBlocksDirectory(settings: Settings): void {
  const path = settings.text("blocksdir");
  if (path === undefined || path === "") return;
  if (statSync(resolve(path), { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UserError("usage", `Specified blocks directory "${path}" does not exist.`);
}

function indexes(settings: Settings): NonNullable<NodeConfig["indexes"]> {
  return {
    transactions: settings.flag("txindex", false),
    coinStats: settings.flag("coinstatsindex", false),
    spenders: settings.flag("txospenderindex", false),
    scriptHistory: settings.flag("scripthistoryindex", false),
    blockFilters: keepsBlockFilters(settings),
  };
}

/** Core: AppInitParameterInteraction. */
function keepsBlockFilters(settings: Settings): boolean {
  const value = settings.isNegated("blockfilterindex") ? "0" : settings.text("blockfilterindex");
  if (value === undefined || value === "0") return false;
  if (value === "" || value === "1") return true;
  const unknown = settings.list("blockfilterindex").find((type) => type !== "basic");
  if (unknown === undefined) return true;
  throw new UserError("usage", `Unknown -blockfilterindex value ${unknown}.`);
}

/** Core: AppInitParameterInteraction, node::ApplyArgsManOptions. */
function pruning(settings: Settings): NodeConfig["prune"] {
  const text = settings.text("prune");
  if (text !== undefined && /^-\d+$/.test(text)) {
    throw new UserError("usage", "Prune cannot be configured with a negative value.");
  }
  const mebibytes = settings.isNegated("prune") ? 0 : (wholeNumber(settings, "prune") ?? 0);
  if (mebibytes === 0) return undefined;
  const incompatible = (name: string, more = "") =>
    new UserError("usage", `Prune mode is incompatible with -${name}.${more}`);
  if (settings.flag("txindex", false)) throw incompatible("txindex");
  if (settings.flag("reindex-chainstate", false)) {
    throw incompatible("reindex-chainstate", " Use full -reindex instead.");
  }
  const afterHeight = settings.flag("fastprune", false) ? FAST_PRUNE_HEIGHT : undefined;
  const when = afterHeight === undefined ? {} : { afterHeight };
  if (mebibytes === 1) return when;
  if (mebibytes >= MIN_PRUNE_TARGET) return { target: mebibytes * 1024 * 1024, ...when };
  const least = `the minimum of ${MIN_PRUNE_TARGET} MiB`;
  throw new UserError("usage", `Prune configured below ${least}.  Please use a higher number.`);
}

/** Makes again the parts of the chain that this names. */
function rebuild(settings: Settings): NodeConfig["rebuild"] {
  if (settings.flag("reindex", false)) return "index";
  return settings.flag("reindex-chainstate", false) ? "coins" : undefined;
}

function servesBlockFilters(settings: Settings): boolean {
  if (!settings.flag("peerblockfilters", false)) return false;
  if (keepsBlockFilters(settings)) return true;
  throw new UserError("usage", "Cannot set -peerblockfilters without -blockfilterindex.");
}

/** Core: ParseByteUnits: small letters are powers of 1,000, large ones of 1,024; mebibytes without any. */
function byteSize(settings: Settings, name: string): number | undefined {
  const text = settings.text(name);
  if (text === undefined) return undefined;
  const [, digits, unit = "M"] = /^(\d{1,9})([kKmMgGtT])?$/.exec(text) ?? [];
  const power = "kmgt".indexOf(unit.toLowerCase()) + 1;
  const base = unit === unit.toLowerCase() ? 1000 : 1024;
  if (digits !== undefined) return Number(digits) * base ** power;
  throw new UserError("usage", `Unable to parse -${name}: '${text}'`);
}

/** Core: AppInitParameterInteraction. Milliseconds. */
function peerTimeout(settings: Settings): Milliseconds | undefined {
  const text = settings.text("peertimeout");
  if (text === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return seconds * 1000;
  throw new UserError("usage", "peertimeout must be a positive integer.");
}

/** 64 hex digits; zeros where it was negated. Core: uint256::FromUserHex. @param fail says what is wrong */
function hex256(
  settings: Settings,
  name: string,
  fail: (text: string) => string,
): string | undefined {
  const text = settings.isNegated(name) ? "0" : settings.text(name);
  if (text === undefined) return undefined;
  const [, digits] = /^(?:0x)?([0-9a-f]{1,64})$/i.exec(text) ?? [];
  if (digits !== undefined) return digits.toLowerCase().padStart(64, "0");
  throw new UserError("usage", fail(text));
}

function work(settings: Settings): bigint | undefined {
  const digits = hex256(
    settings,
    "minimumchainwork",
    (text) => `Invalid minimum work specified (${text}), must be up to 64 hex digits`,
  );
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

function assumeValid(settings: Settings): NodeConfig["assumeValid"] {
  const limit = "must be up to 64 hex digits (or 0 to disable)";
  return hex256(
    settings,
    "assumevalid",
    (text) => `Invalid assumevalid block hash specified (${text}), ${limit}`,
  ) as BlockHash | undefined;
}

function deployments(settings: Settings, { network }: Identity): NodeConfig["deployments"] {
  const texts = settings.list("testactivationheight");
  if (texts.length === 0 || !network.isForRegressionTests) return undefined;
  return Object.assign({}, ...texts.map(activation));
}

/** Core: AppInitParameterInteraction. The address book of `addrman` is as random as ever here. */
function testOptions(settings: Settings, { network }: Identity): ReadonlySet<string> {
  const options = new Set(settings.list("test"));
  if (options.size > 0 && !network.isForRegressionTests) {
    throw new UserError("usage", "-test=<option> can only be used with regtest");
  }
  return options;
}

/** The part of a height that is wrong, in Core's words. */
const FAULTS: Readonly<Record<ActivationFault, string>> = {
  format: "format",
  name: "name",
  height: "height value",
};

function activation(text: string): NonNullable<NodeConfig["deployments"]> {
  const parsed = parseActivationHeight(text);
  if (parsed.ok) return parsed.heights;
  const form = "-testactivationheight=name@height";
  throw new UserError("usage", `Invalid ${FAULTS[parsed.fault]} (${text}) for ${form}.`);
}

/** Core: init.cpp, and BIP-0014, which keeps `/`, `:`, `(` and `)` for itself. */
function comments(texts: readonly string[]): readonly string[] {
  const bad = texts.find((text) => !/^[a-zA-Z0-9 .,;\-_?@]*$/.test(text));
  if (bad !== undefined) {
    throw new UserError("usage", `User Agent comment (${bad}) contains unsafe characters.`);
  }
  return texts;
}

function notify(settings: Settings): NonNullable<NodeConfig["notify"]> {
  const block = settings.text("blocknotify");
  const alert = settings.text("alertnotify");
  const startup = settings.text("startupnotify");
  const shutdown = settings.list("shutdownnotify");
  return {
    ...(block && { block }),
    ...(alert && { alert }),
    ...(startup && { startup }),
    ...(shutdown.length > 0 && { shutdown }),
  };
}

function zmq(settings: Settings): NonNullable<NodeConfig["zmq"]> {
  const addresses: Partial<Record<ZmqTopic, readonly string[]>> = {};
  for (const topic of ZMQ_TOPICS) addresses[topic] = settings.list(`zmqpub${topic}`);
  return addresses;
}

function zmqHighWaterMarks(settings: Settings): NonNullable<NodeConfig["zmqHighWaterMarks"]> {
  const marks: Partial<Record<ZmqTopic, number>> = {};
  for (const topic of ZMQ_TOPICS) {
    const mark = wholeNumber(settings, `zmqpub${topic}hwm`);
    if (mark !== undefined) marks[topic] = mark;
  }
  return marks;
}

function rpc(settings: Settings, defaultPort: number | undefined): NonNullable<NodeConfig["rpc"]> {
  const cookieFile = settings.isNegated("rpccookiefile")
    ? ""
    : settings.text("rpccookiefile") || undefined;
  const cookieMode = cookieModeOf(settings);
  const user = settings.text("rpcuser");
  const password = settings.text("rpcpassword");
  const port = rpcPort(settings) ?? defaultPort;
  const threads = wholeNumber(settings, "rpcthreads");
  const timeout = wholeNumber(settings, "rpcservertimeout");
  const workQueue = wholeNumber(settings, "rpcworkqueue");
  const version = wholeNumber(settings, "rpcversion");
  const subversion = settings.text("rpcsubversion");
  return {
    rest: settings.flag("rest", false),
    bind: settings.list("rpcbind"),
    allowIp: settings.list("rpcallowip"),
    hosts: settings.list("rpchost"),
    origins: settings.list("rpcorigin"),
    whitelist: settings.list("rpcwhitelist"),
    ...(port !== undefined && { port }),
    ...(threads !== undefined && { threads }),
    ...(timeout !== undefined && { timeout }),
    ...(workQueue !== undefined && { workQueue }),
    ...(version !== undefined && { version }),
    // btcd and lnd compare it with versions of Core, and harnesses find a node among the peers of another by it.
    tellsPeersCore: true,
    ...(subversion && { subversion }),
    ...(settings.has("rpcwhitelistdefault") && {
      whitelistDefault: settings.flag("rpcwhitelistdefault", false),
    }),
    credentials: {
      rpcauth: settings.list("rpcauth"),
      ...(cookieFile !== undefined && { cookieFile }),
      ...(cookieMode !== undefined && { cookieMode }),
      ...(user && { user }),
      ...(password && { password }),
    },
  };
}

/** Core: init.cpp, CheckHostPortOptions. */
function rpcPort(settings: Settings): number | undefined {
  const text = settings.text("rpcport");
  if (text === undefined) return undefined;
  const port = parsePort(text);
  if (port !== undefined) return port;
  throw new UserError("usage", `Invalid port specified in -rpcport: '${text}'`);
}

/** Core: InterpretPermString. */
const COOKIE_MODES: ReadonlyMap<string, number> = new Map([
  ["owner", 0o600],
  ["group", 0o640],
  ["all", 0o644],
]);

/** Core: InitRPCAuthentication. */
function cookieModeOf(settings: Settings): number | undefined {
  const text = settings.text("rpccookieperms");
  if (text === undefined) return undefined;
  const mode = COOKIE_MODES.get(text);
  if (mode !== undefined) return mode;
  const choices = "must be one of 'owner', 'group', or 'all'.";
  throw new UserError("usage", `Invalid -rpccookieperms=${text}; ${choices}`);
}

/** Core: -par, of which text that is no number is 0, and MAX_SCRIPTCHECK_THREADS. */
function threads(settings: Settings): number | undefined {
  const text = settings.text("par");
  if (text === undefined) return undefined;
  const [digits = "0"] = /^[+-]?\d+/.exec(text) ?? [];
  return Math.max(-1024, Math.min(Number(digits), 16));
}
