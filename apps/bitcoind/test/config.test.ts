import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Settings } from "@chain/terminal/bitcoin";
import { expect, test } from "vitest";
import { nodeConfig } from "../src/config.ts";
import { KNOWN, REFUSED } from "../src/known.ts";
import { findIdentity } from "../src/place.ts";

/** Configuration of a node of regtest. */
function configured(...argv: string[]) {
  const directory = mkdtempSync(join(tmpdir(), "chain-bitcoind-"));
  const settings = new Settings(["-regtest", `-datadir=${directory}`, ...argv], KNOWN);
  return nodeConfig(settings, findIdentity(settings));
}

const granted = (...argv: string[]) =>
  configured(...argv).permissions?.map(({ permissions }) => [...permissions].sort().join());

test("a peer whose address alone is listed gets what Core gives it", () => {
  const listed = "-whitelist=127.0.0.1";
  expect(granted(listed)).toEqual(["download,mempool,noban,relay"]);
  expect(granted(listed, "-whitelistrelay=0")).toEqual(["download,mempool,noban"]);
  expect(granted(listed, "-blocksonly")).toEqual(["download,mempool,noban"]);
  expect(granted(listed, "-whitelistforcerelay")).toEqual([
    "download,forcerelay,mempool,noban,relay",
  ]);
  expect(granted("-whitelist=@127.0.0.1", "-whitelistforcerelay")).toEqual([""]);
  expect(granted("-whitelist=noban,in,out@127.0.0.1")).toEqual(["download,noban"]);
});

test.each([
  ["in,out@127.0.0.1", "Only direction was set, no permissions: 'in,out@127.0.0.1'"],
  ["oopsie@127.0.0.1", "Invalid P2P permission: 'oopsie'"],
  ["noban@127.0.0.1:230", "Invalid netmask specified in -whitelist: '127.0.0.1:230'"],
])("-whitelist=%s is refused in Core's words", (text, message) => {
  expect(() => configured(`-whitelist=${text}`)).toThrow(message);
});

test("-bantime is how long a ban lasts; 0 is Core's default", () => {
  expect(configured("-bantime=1234").banTime).toBe(1_234);
  expect(configured("-bantime=0").banTime).toBeUndefined();
});

test("-blockmintxfee is what its blocks ask for", () => {
  expect(configured("-blockmintxfee=0.00000005").policy?.blockMinFeeRate).toBe(5n);
  expect(configured().policy?.blockMinFeeRate).toBe(1n);
});

test("the blocks that it makes have the weight and the version that are wanted", () => {
  const wanted = ["-blockmaxweight=3000", "-blockreservedweight=2000", "-blockversion=1337"];
  const blocks = { blockMaxWeight: 3000, blockReservedWeight: 2000, blockVersion: 1337 };
  expect(configured(...wanted).policy).toMatchObject(blocks);
  expect(configured().policy).not.toHaveProperty("blockVersion");
});

test.each([
  ["-blockmaxweight=4000001", "exceeds consensus maximum block weight (4000000)"],
  ["-blockreservedweight=4000001", "exceeds consensus maximum block weight (4000000)"],
  ["-blockreservedweight=1999", "is lower than minimum safety value of (2000)"],
])("%s is refused in Core's words", (option, message) => {
  const [, name, value] = /^(-[a-z]+)=(\d+)$/.exec(option) ?? [];
  expect(() => configured(option)).toThrow(`Specified ${name} (${value}) ${message}`);
});

test("-test=bip94 brings its rules into force, on regtest alone", () => {
  expect(configured("-test=bip94").enforceBip94).toBe(true);
  expect(configured("-test=addrman")).not.toHaveProperty("enforceBip94");
});

test.each([
  ["rpcbind", "127.0.0.1:x"],
  ["rpcbind", ":0"],
  ["rpcbind", "[::1]:65536"],
  ["zmqpubrawtx", "127.0.0.1:0"],
])("-%s=%s is refused in Core's words", (name, text) => {
  expect(() => configured(`-${name}=${text}`)).toThrow(
    `Invalid port specified in -${name}: '${text}'`,
  );
});

test("addresses without a port, and those of ZeroMQ, are no wrong ports", () => {
  const zmq = [
    "-zmqpubrawtx=tcp://127.0.0.1:28332",
    "-zmqpubhashtx=unix:/x",
    "-zmqpubrawblock=foo",
  ];
  const { rpc } = configured("-rpcbind=::1", "-rpcbind=localhost", "-rpcbind=[::1]:1", ...zmq);
  expect(rpc?.bind).toEqual(["::1", "localhost", "[::1]:1"]);
});

test("an added node keeps the text that it was written as", () => {
  expect(configured("-addnode=11.22.33.44", "-addnode=::1").addNodes).toEqual([
    { host: "11.22.33.44", port: 18444, text: "11.22.33.44" },
    { host: "::1", port: 18444, text: "::1" },
  ]);
});

test.each(["0", "-3", "x"])("-peertimeout=%s is refused in Core's words", (text) => {
  expect(() => configured(`-peertimeout=${text}`)).toThrow(
    "peertimeout must be a positive integer.",
  );
  expect(configured("-peertimeout=3").handshakeTimeout).toBe(3_000);
});

test("peers are called through the proxies of Core's options", () => {
  const all = { host: "127.0.0.1", port: 9150 };
  expect(configured("-proxy=127.0.0.1:9150").proxies).toEqual({ all, randomize: true });
  expect(configured("-proxy=127.0.0.1:9150", "-noonion", "-proxyrandomize=0").proxies).toEqual({
    all,
    onion: null,
    randomize: false,
  });
  expect(configured("-proxy=0", "-onion=unix:/run/tor").proxies).toEqual({
    onion: { path: "/run/tor" },
    randomize: true,
  });
  expect(configured("-noproxy", "-onion=0").proxies).toEqual({ onion: null, randomize: true });
});

test.each([
  ["-proxy=abc..abc:23456", "Invalid -proxy address or hostname: 'abc..abc:23456'"],
  ["-proxy=192.0.0.1:def", "Invalid port specified in -proxy: '192.0.0.1:def'"],
  ["-onion=xyz..xyz:23456", "Invalid -onion address or hostname: 'xyz..xyz:23456'"],
  ["-onion=192.0.0.1:def", "Invalid port specified in -onion: '192.0.0.1:def'"],
])("%s is refused in Core's words", (option, message) => {
  expect(() => configured(option)).toThrow(message);
});

test.each([
  [[], true],
  [["-listen=0"], false],
  [["-nolisten"], false],
  [["-connect=127.0.0.1:1"], false],
  [["-connect=0", "-bind=127.0.0.1"], true],
  [["-proxy=127.0.0.1"], false],
  [["-proxy=127.0.0.1", "-listen"], true],
])("with %j others can call it: %s", (argv, listen) => {
  expect((configured(...argv).bind ?? []).length > 0).toBe(listen);
});

test("the network may be off at first", () => {
  expect(configured().networkActive).toBe(true);
  expect(configured("-networkactive=0").networkActive).toBe(false);
});

test.each(["0", "99999", "x"])("-rpcport=%s is refused in Core's words", (text) => {
  expect(() => configured(`-rpcport=${text}`)).toThrow(
    `Invalid port specified in -rpcport: '${text}'`,
  );
});

test("peers without a port have that of the network", () => {
  const { addNodes, seedNodes } = configured("-addnode=::1", "-seednode=peer.example");
  expect(addNodes).toEqual([{ host: "::1", port: 18_444, text: "::1" }]);
  expect(seedNodes).toEqual([{ host: "peer.example", port: 18_444 }]);
});

test.each(REFUSED)("-%s is refused, because others would be called than it allows", (name) => {
  expect(() => configured(`-${name}=127.0.0.1:9050`)).toThrow(`-${name} is not supported: `);
  expect(configured(`-no${name}`).connect).toBeUndefined();
});

test("the chain is told what to assume, with Core's defaults and its texts", () => {
  const hash = "ab".repeat(32);
  expect(configured().assumeValid).toBeUndefined();
  expect(configured(`-assumevalid=0x${hash.toUpperCase()}`).assumeValid).toBe(hash);
  expect(configured("-assumevalid=1f").assumeValid).toBe(`${"0".repeat(62)}1f`);
  for (const none of ["-assumevalid=0", "-noassumevalid"]) {
    expect(configured(none).assumeValid).toBe("0".repeat(64));
  }
  expect(() => configured("-assumevalid=xyz")).toThrow(
    "Invalid assumevalid block hash specified (xyz), must be up to 64 hex digits (or 0 to disable)",
  );
  expect(configured("-minimumchainwork=0x65").minimumChainWork).toBe(0x65n);
  expect(() => configured("-minimumchainwork=test")).toThrow(
    "Invalid minimum work specified (test), must be up to 64 hex digits",
  );
  expect(configured().maxTipAge).toBe(24 * 60 * 60_000);
  expect(configured("-par=-1").threads).toBe(-1);
  expect(configured("-par=2000").threads).toBe(16);
  expect(configured("-par=x").threads).toBe(0);
  expect(configured("-dbcache=1").dbCache).toBe(4_194_304);
  expect(configured("-maxtipage=60").maxTipAge).toBe(60_000);
  expect(configured("-maxtipage=9223372036854775807").maxTipAge).toBeGreaterThan(1e21);
});

test.each([
  ["dersig", "Invalid format (dersig) for -testactivationheight=name@height."],
  ["dersig@-1", "Invalid height value (dersig@-1) for -testactivationheight=name@height."],
  ["moon@1", "Invalid name (moon@1) for -testactivationheight=name@height."],
])("-testactivationheight=%s is refused in Core's words", (text, message) => {
  expect(configured("-testactivationheight=segwit@5").deployments).toEqual({ segwit: 5 });
  expect(() => configured(`-testactivationheight=${text}`)).toThrow(message);
});

test("the cookie has the permissions that were asked for, or is in no file", () => {
  const credentials = (...argv: string[]) => configured(...argv).rpc?.credentials;
  expect(credentials()).not.toHaveProperty("cookieFile");
  expect(credentials("-rpccookiefile=")).not.toHaveProperty("cookieFile");
  expect(credentials("-norpccookiefile")?.cookieFile).toBe("");
  const modes = ["owner", "group", "all"].map(
    (name) => credentials(`-rpccookieperms=${name}`)?.cookieMode,
  );
  expect(modes).toEqual([0o600, 0o640, 0o644]);
  expect(() => configured("-rpccookieperms=none")).toThrow(
    "Invalid -rpccookieperms=none; must be one of 'owner', 'group', or 'all'.",
  );
});

test("blocks leave out what pays nothing, as Core's do, or less than is asked for", () => {
  expect(configured().policy?.blockMinFeeRate).toBe(1n);
  expect(configured("-blockmintxfee=0.0002").policy?.blockMinFeeRate).toBe(20_000n);
  expect(configured("-blockmintxfee=0").policy?.blockMinFeeRate).toBe(0n);
});

test("sizes are read in Core's units, and its limits are held", () => {
  expect(configured("-maxuploadtarget=800M").maxUpload).toBe(800 * 1024 * 1024);
  expect(configured("-maxuploadtarget=2").maxUpload).toBe(2 * 1024 * 1024);
  expect(configured("-maxuploadtarget=5k").maxUpload).toBe(5000);
  expect(() => configured("-maxuploadtarget=5x")).toThrow("Unable to parse -maxuploadtarget: '5x'");
  expect(configured("-maxmempool=5", "-mempoolexpiry=2", "-limitancestorcount=3").mempool).toEqual({
    maxMemory: 5_000_000,
    expiry: 7_200_000,
    maxAncestorCount: 3,
  });
  expect(configured("-blocksonly").mempool).toEqual({ maxMemory: 5_000_000 });
  expect(() => configured("-maxmempool=4")).toThrow("-maxmempool must be at least 5 MB");
  expect(configured("-persistmempool=0").persistMempool).toBe(false);
});

test("-blockfilterindex keeps the filters of type basic, by any of Core's names", () => {
  const kept = (...argv: string[]) => configured(...argv).indexes?.blockFilters;
  expect(kept()).toBe(false);
  expect(kept("-blockfilterindex=0")).toBe(false);
  expect(kept("-blockfilterindex", "-noblockfilterindex")).toBe(false);
  for (const text of ["", "=1", "=basic"]) expect(kept(`-blockfilterindex${text}`)).toBe(true);
  expect(() => kept("-blockfilterindex=abc")).toThrow("Unknown -blockfilterindex value abc.");
});

test("-prune is on demand, or has a target of at least 550 MiB", () => {
  expect(configured().prune).toBeUndefined();
  expect(configured("-prune=0").prune).toBeUndefined();
  expect(configured("-noprune").prune).toBeUndefined();
  expect(configured("-prune=1").prune).toEqual({});
  expect(configured("-prune=550").prune).toEqual({ target: 550 * 1024 * 1024 });
  expect(configured("-prune=1", "-fastprune")).toMatchObject({
    prune: { afterHeight: 100 },
    blockFileSize: 65_536,
  });
});

test.each([
  [["-prune=-1"], "Prune cannot be configured with a negative value."],
  [["-prune=549"], "Prune configured below the minimum of 550 MiB.  Please use a higher number."],
  [["-prune=1", "-txindex"], "Prune mode is incompatible with -txindex."],
  [
    ["-prune=1", "-reindex-chainstate"],
    "Prune mode is incompatible with -reindex-chainstate. Use full -reindex instead.",
  ],
])("%j is refused in Core's words", (argv, message) => {
  expect(() => configured(...argv)).toThrow(message);
});

test("-reindex and -reindex-chainstate are what a start makes again", () => {
  expect(configured("-reindex").rebuild).toBe("index");
  expect(configured("-reindex-chainstate").rebuild).toBe("coins");
  expect(configured()).not.toHaveProperty("rebuild");
});
