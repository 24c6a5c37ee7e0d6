/** Checks of what the engine is made of: each port by name, for owners that are plain JavaScript. */
import { ArgumentError } from "@chain/core";
import {
  optional,
  requireArray,
  requireFields,
  requireInteger,
  requireOptions,
  requireParams,
  requireVerifier,
} from "@chain/core/arguments";

type Fields = Readonly<Record<string, unknown>>;

export function requireClock(value: unknown, name: string): void {
  requireFields(value, name, { now: "function" });
}

export function requireTimers(value: unknown, name: string): void {
  requireFields(value, name, { after: "function" });
}

export function requireRandom(value: unknown, name: string): void {
  requireFields(value, name, { bytes: "function" });
}

/** Where a peer is, as a dialer takes it. */
export function requireAddress(value: unknown, name: string): void {
  requireFields(value, name, { host: "string", port: "number" });
}

export function requireAddedPeer(value: unknown, name: string): void {
  requireAddress(value, name);
  requireFields(value, name, { text: "string?" });
}

/** Where a node is, as messages have it. */
export function requireNetAddress(value: unknown, name: string): void {
  requireFields(value, name, { services: "bigint", ip: "bytes", port: "number" });
}

export function requireTimedAddress(value: unknown, name: string): void {
  requireNetAddress(value, name);
  requireFields(value, name, { time: "number" });
}

export function requireConnection(value: unknown, name: string): void {
  requireFields(value, name, {
    remote: "object",
    write: "function",
    setReading: "function",
    close: "function",
  });
  requireAddress((value as Fields)["remote"], `${name}.remote`);
}

export function requireDoor(value: unknown, name: string): void {
  requireFields(value, name, { permissions: "object?", isOnion: "boolean?" });
}

/** Methods of a store that the chain manager calls first; the types of `ChainStore` have them all. */
function requireStore(value: unknown, name: string): void {
  if (typeof value !== "object" || value === null) {
    throw new ArgumentError(name, "a ChainStore (new MemoryStore() is one)", value);
  }
  requireFields(value, name, {
    readGenesis: "function",
    initialize: "function",
    getCoins: "function",
    commit: "function",
    close: "function",
  });
}

/** Makers of what a chain manager can't do without. */
const MANAGER_NEEDS = {
  params: "ChainParams, such as regtest of @chain/core",
  store: "a ChainStore, such as new MemoryStore() of @chain/storage",
  verifier: "a SignatureVerifier, such as nobleVerifier of @chain/core",
  clock: "a Clock, such as { now: () => Date.now() }",
  timers: "Timers, such as { after } around setTimeout",
  log: "a function, such as () => {}",
} as const;

export function requireManagerOptions(value: unknown, name: string): void {
  for (const [field, expected] of Object.entries(MANAGER_NEEDS)) {
    if (typeof value !== "object" || value === null) break;
    if (!(field in value)) throw new ArgumentError(`${name}.${field}`, expected, undefined);
  }
  requireFields(value, name, {
    params: "object",
    store: "object",
    verifier: "object",
    clock: "object",
    stopwatch: "object?",
    timers: "object",
    sha256: "function?",
    log: "function",
    mempool: "object?",
    policy: "object?",
    maxTipAge: "number?",
    prune: "object?",
    skipsScript: "function?",
    scriptWorkers: "object?",
    repair: "string?",
    onProgress: "function?",
  });
  const { params, store, verifier, clock, stopwatch, timers, metrics } = value as Fields;
  optional(metrics, `${name}.metrics`, requireMetrics);
  requireParams(params, `${name}.params`);
  requireStore(store, `${name}.store`);
  requireVerifier(verifier, `${name}.verifier`);
  requireClock(clock, `${name}.clock`);
  optional(stopwatch, `${name}.stopwatch`, requireClock);
  requireTimers(timers, `${name}.timers`);
}

function requireMetrics(value: unknown, name: string): void {
  requireFields(value, name, {
    scriptRun: "function",
    scriptKnown: "function",
    connectionEnded: "function",
  });
}

export function requireBlockOptions(value: unknown, name: string): void {
  requireOptions(value, name, { requested: "boolean?", durable: "boolean?", onTurn: "function?" });
}

export function requireAcceptOptions(value: unknown, name: string): void {
  requireFields(value, name, { mayReplace: "boolean?", time: "number?", onTurn: "function?" });
}

export function requireFollower(value: unknown, name: string): void {
  requireFields(value, name, { name: "string", position: "function", apply: "function" });
}

function requireManager(value: unknown, name: string): void {
  const { acceptBlock } = Object(value) as { readonly acceptBlock?: unknown };
  if (typeof acceptBlock !== "function") {
    throw new ArgumentError(name, "a ChainManager (ChainManager.open makes one)", value);
  }
}

export function requireMinerOptions(value: unknown, name: string): void {
  requireFields(value, name, {
    payTo: "bytes",
    log: "function",
    mineWhen: "number?",
    extraNonce: "function?",
  });
  const { chain, search, clock, timers } = value as Fields;
  requireManager(chain, `${name}.chain`);
  requireFields(search, `${name}.search`, { search: "function" });
  requireClock(clock, `${name}.clock`);
  requireTimers(timers, `${name}.timers`);
}

export function requireNodeOptions(value: unknown, name: string): void {
  requireFields(value, name, {
    log: "function",
    userAgent: "string",
    connect: "array?",
    seeds: "array?",
    maxUpload: "number?",
    maxInbound: "number?",
    permissions: "array?",
    bloomFilters: "boolean?",
    blocksOnly: "boolean?",
    anchors: "array?",
    idleTickInterval: "number?",
    sha256: "function?",
    timeouts: "object?",
    capture: "function?",
  });
  const options = value as Fields;
  optional(options["blockFilters"], `${name}.blockFilters`, (filters, path) => {
    requireFields(filters, path, { filters: "function", summaries: "function" });
  });
  optional(options["metrics"], `${name}.metrics`, requireMetrics);
  requireManager(options["chain"], `${name}.chain`);
  requireClock(options["clock"], `${name}.clock`);
  optional(options["stopwatch"], `${name}.stopwatch`, requireClock);
  requireTimers(options["timers"], `${name}.timers`);
  requireRandom(options["random"], `${name}.random`);
  requireFields(options["dialer"], `${name}.dialer`, { dial: "function", resolve: "function?" });
  optional(options["resolver"], `${name}.resolver`, (resolver, path) => {
    requireFields(resolver, path, { resolve: "function" });
  });
  requireArray(options["connect"] ?? [], `${name}.connect`, requireAddress);
  requireArray(options["seeds"] ?? [], `${name}.seeds`, requireAddress);
  requireArray(options["anchors"] ?? [], `${name}.anchors`, requireNetAddress);
  optional(options["listenAddress"], `${name}.listenAddress`, requireAddress);
  optional(options["bans"], `${name}.bans`, (bans, path) => {
    requireFields(bans, path, { has: "function", covers: "function" });
  });
  optional(options["addressBook"], `${name}.addressBook`, (book, path) => {
    requireFields(book, path, { select: "function", good: "function" });
  });
}

export function requireVerifyOptions(value: unknown, name: string): void {
  requireFields(value, name, {
    level: "number?",
    blocks: "number?",
    onProgress: "function?",
    signal: "object?",
  });
  const { level, blocks, signal } = value as Fields;
  optional(signal, `${name}.signal`, (each, what) =>
    requireFields(each, what, { aborted: "boolean" }),
  );
  optional(level, `${name}.level`, (each, what) => requireInteger(each, what, 0, 4));
  optional(blocks, `${name}.blocks`, (each, what) => requireInteger(each, what, 0));
}
