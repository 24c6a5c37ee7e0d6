/** Reads tests and tools for calls that the guard of `@chain/testing/loopback` can't see in time, or not at all. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const FOLDERS = ["packages", "apps"]
  .flatMap((parent) => readdirSync(`${ROOT}/${parent}`).map((name) => `${parent}/${name}`))
  .flatMap((dir) => [`${dir}/test`, `${dir}/bench`])
  .concat("packages/testing/src", "scripts", "tests")
  .filter((dir) => existsSync(`${ROOT}/${dir}`));

const SOURCES: ReadonlyMap<string, string> = new Map(
  FOLDERS.flatMap((dir) =>
    readdirSync(`${ROOT}/${dir}`, { recursive: true, encoding: "utf8" })
      .map((path) => `${dir}/${path.replaceAll("\\", "/")}`)
      .filter((path) => path.endsWith(".ts") && path !== "tests/outside.test.ts"),
  ).map((path) => [path, readFileSync(`${ROOT}/${path}`, "utf8")]),
);

/** Files with matches of a pattern, and what its group caught. */
function find(pattern: RegExp, where = /^/): [path: string, found: string[]][] {
  return [...SOURCES]
    .filter(([path]) => where.test(path))
    .map(([path, text]): [string, string[]] => {
      return [path, [...text.matchAll(pattern)].map(([, caught]) => caught as string)];
    })
    .filter(([, found]) => found.length > 0);
}

/** Programs that are not Node's, by file and the argument that names them, and what keeps them at home. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  // Its version, and itself: it calls those that -connect names, so that no seed is ever asked.
  "packages/fullnode/test/support/coreNode.ts: program": [
    '"-connect=0"',
    '"-dnsseed=0"',
    '"-discover=0"',
  ],
  "packages/devchain/test/knots.slow.test.ts: bitcoind": [
    '"-dnsseed=0"',
    '"-discover=0"',
    "`-connect=$",
  ],
  "packages/devchain/test/knots.slow.test.ts: CLI": [],
  "packages/rpc/test/differential.slow.test.ts: PROGRAM": [
    '"-connect=0"',
    '"-dnsseed=0"',
    '"-fixedseeds=0"',
  ],
  // It is JavaScript, so the guard holds it as well.
  "packages/fullnode/test/interop.slow.test.ts: process.execPath": [
    "start(`--only=",
    'start("--only=',
    "discoverExternal",
  ],
  "packages/fullnode/test/interop.slow.test.ts: npm": ['withRegistry("bcoin")'],
  "packages/fullnode/test/clients.slow.test.ts: npm": [
    'withRegistry("bitcoin-core and rpc-bitcoin")',
  ],
  "packages/fullnode/test/clients.slow.test.ts: program": ['"-rpcconnect=127.0.0.1"'],
  "packages/fullnode/test/explorerClients.slow.test.ts: npm": [
    'withRegistry("mempool.space\'s clients")',
  ],
  // Its daemon is told the only server that it may call.
  "packages/fullnode/test/explorerClients.slow.test.ts: electrum": [
    '"--oneserver"',
    "const server = `127.0.0.1:",
  ],
  "packages/fullnode/test/zmqInterop.slow.test.ts: npm": ['withRegistry("zeromq")'],
  "packages/fullnode/bench/rpc.bench.ts: program": [
    '"-connect=0"',
    '"-dnsseed=0"',
    '"-fixedseeds=0"',
  ],
  "packages/fullnode/bench/rpc.bench.ts: other": ['"-version"'],
  "packages/fullnode/bench/import.bench.ts: OTHER": [
    '"-connect=0"',
    '"-dnsseed=0"',
    '"-fixedseeds=0"',
  ],
  "packages/fullnode/bench/indexes.bench.ts: OTHER": [
    '"-connect=0"',
    '"-dnsseed=0"',
    '"-fixedseeds=0"',
  ],
  "packages/fullnode/bench/parsing.bench.ts: npm": ['withRegistry("bcoin")'],
  "packages/core/test/browser.slow.test.ts: program": ['"--version"'],
  "packages/core/test/browser.slow.test.ts: chromium": [
    '"--disable-background-networking"',
    '"--disable-component-update"',
    '"--proxy-server=127.0.0.1:1"',
  ],
  // A shell that completes words, by a script of ours.
  "packages/testing/src/completion.ts: shell": ['"-c"'],
  // Make a pipe.
  "packages/fullnode/test/snapshotFiles.test.ts: mkfifo": [],
  "packages/wallet/test/file.test.ts: mkfifo": [],
  // A release, which no test makes; and the packing of a folder, which takes nothing from outside.
  "scripts/release.ts: changeset": [],
  "scripts/release.ts: git": [],
  // Core's framework, whose nodes are told `connect=0` and call each other on loopback.
  "scripts/coreTests.ts: python3": [],
  "scripts/tarball.ts: npm": ['"pack"'],
  // Runs the programs of `bin/`, which are Node's and guarded, as the shell of a user does.
  "tests/firstUse.slow.test.ts: sh": [
    " --connect ",
    " --central ",
    'npm_config_registry: "http://127.0.0.1:1/"',
  ],
  // npm, npx and pnpm, and programs of Node's that their packages bring.
  "tests/packages/run.ts: command": ['withRegistry("pnpm"', 'withRegistry("dependencies'],
};

test("a program that is not Node's is told to stay at home", () => {
  const starts = /(?<!\.)\b(?:spawn|execFile|exec|fork)(?:Sync|\))?\(\s*"?([\w.]+)/g;
  const own = "process.execPath";
  const started = find(starts)
    .filter(([path]) => SOURCES.get(path)?.includes('from "node:child_process"'))
    .flatMap(([path, programs]) => programs.map((program) => `${path}: ${program}`));
  const foreign = started.filter((start) => start in FOREIGN || !start.endsWith(own));
  expect([...new Set(foreign)].sort()).toEqual(Object.keys(FOREIGN).sort());
  for (const [start, needed] of Object.entries(FOREIGN)) {
    const text = SOURCES.get(start.split(":")[0] ?? "");
    for (const words of needed) expect(text, start).toContain(words);
  }
});

test("Bitcoin Core asks no router for a port, which it does by default", () => {
  expect(SOURCES.get("packages/fullnode/test/bitcoind.slow.test.ts")).toContain(
    'quiet: ["-natpmp=0"]',
  );
});

test("nobody but these may use the registry", () => {
  expect(find(/withRegistry\((".+?")/g).sort()).toEqual([
    ["packages/fullnode/bench/parsing.bench.ts", ['"bcoin"']],
    ["packages/fullnode/test/clients.slow.test.ts", ['"bitcoin-core and rpc-bitcoin"']],
    ["packages/fullnode/test/explorerClients.slow.test.ts", ['"mempool.space\'s clients"']],
    ["packages/fullnode/test/interop.slow.test.ts", ['"bcoin"']],
    ["packages/fullnode/test/zmqInterop.slow.test.ts", ['"zeromq"']],
    ["tests/loopback.test.ts", ['"a test"']],
    ["tests/packages/run.ts", ['"dependencies of the packages"', '"pnpm"']],
  ]);
});

/** Files whose nodes are on TCP, that name addresses which are not this machine's, and why nobody calls them. */
const MADE_UP: Readonly<Record<string, string>> = {
  "apps/node/test/cli.test.ts": "refused as arguments, so that no node starts",
  "apps/bitcoind/test/coreLines.test.ts": "in lines of a log, which no node reads",
  "apps/bitcoind/test/config.test.ts": "refused as arguments, so that no node starts",
  "packages/fullnode/test/proxies.test.ts":
    "called through proxies of the test, which call this machine alone",
  "apps/node/test/json.test.ts": "banned, at a node that is told whom to call",
  "packages/fullnode/test/bansFile.test.ts": "in lists of bans, without a node",
  "packages/fullnode/test/connectionRpc.test.ts":
    "in address books of nodes that are told whom to call",
  "apps/node/test/peers.test.ts": "a peer to disconnect, which there is not",
  "packages/fullnode/test/createNode.test.ts": "to listen on, which fails",
  "packages/fullnode/test/rpcFuzz.test.ts": "banned, at a node that is told whom to call",
  "packages/fullnode/test/tcp.test.ts": "to listen on, which fails",
};

test("no made-up address reaches the address book of a node that calls others by itself", () => {
  const ipv4 = String.raw`(?!127\.|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}`;
  const ipv6 = "[0-9a-f]{1,4}:[0-9a-f:]*:[0-9a-f]*";
  const found = find(
    new RegExp(`["'\`[]((?:${ipv4})|(?:${ipv6}))[/\\]"'\`:]`, "g"),
    /^(?:apps|packages\/fullnode)\//,
  );
  expect(found.map(([path]) => path).sort()).toEqual(Object.keys(MADE_UP).sort());
});
