/** One table of options: help, README, parser and Core's spelling agree about each. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex } from "@chain/core";
import { findNetwork } from "@chain/fullnode";
import {
  createProgram,
  flagOf,
  helpOf,
  runProgram as runCommand,
  withOptions,
} from "@chain/terminal";
import { GENESIS, temporaryDirectory } from "@chain/testing/place";
import { TestIo } from "@chain/testing/testIo";
import { describe, expect, it } from "vitest";
import { NODE_OPTIONS, type NodeOption, type Settings } from "../src/commands/nodeOptions.ts";
import { readSettings } from "../src/commands/nodeSettings.ts";
import { runProgram } from "./support/run.ts";

/** The settings that the typed options lead to. */
async function typed(...argv: string[]): Promise<Settings> {
  const io = new TestIo();
  const program = createProgram({ name: "program", description: "tries", version: "1.0.0" });
  let settings: Settings | undefined;
  withOptions(program.command("try"), NODE_OPTIONS).action(async (flags) => {
    settings = await readSettings(flags, findNetwork({ network: "regtest" }));
  });
  expect(await runCommand(program, ["try", ...argv], io), io.error).toBe(0);
  return settings ?? expect.unreachable("it ran");
}

const REWARD = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8";
const PAY_TO = Uint8Array.from([0x76, 0xa9, 20, ...new Uint8Array(20), 0x88, 0xac]);

/** For each option a value, what it sets, and what else it needs. */
const CASES: Readonly<Record<string, readonly [string, Settings, ...string[]]>> = {
  "--addnode": ["[::1]:5", { addNodes: [{ host: "::1", port: 5 }] }],
  "--alertnotify": ["say %s", { notify: { alert: "say %s" } }],
  "--bind": ["[::1]:7", { bind: [{ host: "::1", port: 7 }] }],
  "--blocknotify": ["say %s", { notify: { block: "say %s" } }],
  "--blocksonly": ["", { blocksOnly: true }],
  "--disablewallet": ["", { wallets: false }],
  "--wallet": ["savings", { wallets: { load: ["savings"] } }],
  "--addresstype": ["bech32m", { wallets: { addressType: "bech32m" } }],
  "--fallbackfee": ["0.0002", { wallets: { fallbackFee: 20_000n } }],
  "--walletnotify": ["say %s", { wallets: { notify: "say %s" } }],
  "--txindex": ["", { indexes: { transactions: true } }],
  "--blockfilterindex": ["", { indexes: { blockFilters: true } }],
  "--coinstatsindex": ["", { indexes: { coinStats: true } }],
  "--txospenderindex": ["", { indexes: { spenders: true } }],
  "--scripthistoryindex": ["", { indexes: { scriptHistory: true } }],
  "--dbcache": ["4", { dbCache: 4_194_304 }],
  "--unspentindex": ["0", { unspentIndex: false }],
  "--par": ["2", { threads: 2 }],
  "--prune": ["550", { prune: { target: 576_716_800 } }],
  "--blockfilters": ["0", { peerBlockFilters: false, indexes: { blockFilters: false } }],
  "--peerbloomfilters": ["", { peerBloomFilters: true }],
  "--peerblockfilters": [
    "",
    { peerBlockFilters: true, indexes: { blockFilters: true } },
    "--blockfilterindex",
  ],
  "--connect": ["127.0.0.1:5", { connect: [{ host: "127.0.0.1", port: 5 }] }],
  "--debug": ["net", { logCategories: ["net"] }],
  "--dnsseed": ["0", { dnsSeeds: false }],
  "--estimatedfee": ["0.0002", { estimatedFee: 20_000n }],
  "--genesis": ["", { genesis: GENESIS }],
  "--json": ["", { logFormat: "json" }],
  "--listen-ws": [
    "[::1]:0",
    { webSocketBind: [{ host: "::1", port: 0 }], webSocketOrigins: ["http://localhost:8080"] },
    "--ws-origin",
    "http://localhost:8080",
  ],
  "--log": ["json", { logFormat: "json" }],
  "--log-level": ["silent", { logLevel: "silent" }],
  "--maxconnections": ["40", { maxConnections: 40 }],
  "--maxuploadtarget": ["3", { maxUpload: 3 * 1024 * 1024 }],
  "--mine-when": ["0", { mineWhen: 0, payTo: PAY_TO }, "--miner", REWARD],
  "--miner": [REWARD, { payTo: PAY_TO }],
  "--minimumchainwork": ["0x1f", { minimumChainWork: 31n }],
  "--minrelaytxfee": ["0.001", { policy: { minRelayFeeRate: 100_000n } }],
  "--mocktime": ["4294967295", { mockTime: 4_294_967_295 }],
  "--onion": ["127.0.0.1:9", { proxies: { onion: { host: "127.0.0.1", port: 9 } } }],
  "--proxy": ["127.0.0.1:9", { proxies: { all: { host: "127.0.0.1", port: 9 } } }],
  "--peertimeout": ["7", { handshakeTimeout: 7_000 }],
  "--require-standard": ["", { policy: { requireStandard: true } }],
  "--electrum": ["0", { doors: { electrum: { host: "127.0.0.1", port: 0 } } }],
  "--electrum-tls": [
    "0",
    {
      doors: {
        electrumTls: { host: "127.0.0.1", port: 0 },
        tlsCertificate: "cert.pem",
        tlsKey: "key.pem",
      },
    },
    ...["--tls-cert", "cert.pem", "--tls-key", "key.pem"],
  ],
  "--electrum-ws": ["[::1]:7", { doors: { electrumWs: { host: "::1", port: 7 } } }],
  "--esplora": ["0.0.0.0:7", { doors: { esplora: { host: "0.0.0.0", port: 7 } } }],
  "--tls-cert": [
    "cert.pem",
    {
      doors: {
        electrumTls: { host: "127.0.0.1", port: 7 },
        tlsCertificate: "cert.pem",
        tlsKey: "key.pem",
      },
    },
    ...["--electrum-tls", "7", "--tls-key", "key.pem"],
  ],
  "--tls-key": [
    "key.pem",
    {
      doors: {
        electrumTls: { host: "127.0.0.1", port: 7 },
        tlsCertificate: "cert.pem",
        tlsKey: "key.pem",
      },
    },
    ...["--electrum-tls", "7", "--tls-cert", "cert.pem"],
  ],
  "--events": ["", { rpc: { events: true } }],
  "--metrics": ["", { rpc: { metrics: true } }],
  "--rest": ["", { rpc: { rest: true } }],
  "--role": ["central", { role: "central" }],
  "--rpchost": ["node.example", { rpc: { hosts: ["node.example"] } }],
  "--rpcorigin": ["https://wallet.example", { rpc: { origins: ["https://wallet.example"] } }],
  "--rpcversion": ["290300", { rpc: { version: 290_300 } }],
  "--rpcsubversion": ["/x:1/", { rpc: { subversion: "/x:1/" } }],
  "--rpcallowip": ["127.0.0.0/8", { rpc: { allowIp: ["127.0.0.0/8"] } }],
  "--rpcauth": ["me:salt$hash", { rpc: { credentials: { rpcauth: ["me:salt$hash"] } } }],
  "--rpcbind": ["::1", { rpc: { bind: ["::1"] } }],
  "--rpccookiefile": ["x", { rpc: { credentials: { cookieFile: "x" } } }],
  "--rpcpassword": ["a b", { rpc: { credentials: { password: "a b" } } }],
  "--rpcport": ["0", { rpc: { port: 0 } }],
  "--rpcservertimeout": ["99000", { rpc: { timeout: 99_000 } }],
  "--rpcthreads": ["1", { rpc: { threads: 1 } }],
  "--rpcuser": ["me", { rpc: { credentials: { user: "me" } } }],
  "--rpcwhitelist": ["me:stop", { rpc: { whitelist: ["me:stop"] } }],
  "--rpcwhitelistdefault": ["0", { rpc: { whitelistDefault: false } }],
  "--rpcworkqueue": ["1", { rpc: { workQueue: 1 } }],
  "--seednode": ["localhost:5", { seedNodes: [{ host: "localhost", port: 5 }] }],
  "--shutdownnotify": ["say a=b", { notify: { shutdown: ["say a=b"] } }],
  "--startupnotify": ["say", { notify: { startup: "say" } }],
  "--testactivationheight": ["dersig@9", { deployments: { bip66: 9 } }],
  "--uacomment": ["hi", { comments: ["hi"] }],
  "--ws-origin": [
    "http://localhost:8080",
    {
      webSocketBind: [{ host: "127.0.0.1", port: 3001 }],
      webSocketOrigins: ["http://localhost:8080"],
    },
    ...["--listen-ws", "3001"],
  ],
  "--whitelist": ["noban@127.0.0.1", { permissions: [expect.anything()] as never }],
  ...Object.fromEntries(
    ["hashblock", "hashtx", "rawblock", "rawtx", "sequence"].flatMap((topic) => [
      [`--zmqpub${topic}`, ["tcp://[::1]:7", { zmq: { [topic]: ["tcp://[::1]:7"] } }]],
      [`--zmqpub${topic}hwm`, ["0", { zmqHighWaterMarks: { [topic]: 0 } }]],
    ]),
  ),
};

describe("each option of startnode", () => {
  it("has a case here", () => {
    expect(NODE_OPTIONS.map(flagOf).sort()).toEqual(Object.keys(CASES).sort());
  });

  it.each(NODE_OPTIONS.map((row) => [flagOf(row), row] as const))(
    "%s sets what it is for, in Core's spelling too",
    async (flag, row) => {
      const [text, settings, ...more] = CASES[flag] ?? expect.unreachable();
      const value = flag === "--genesis" ? await genesisFile() : text;
      const values = row.flags.includes(" ") ? [value] : [];
      const rpc = { credentials: {}, ...settings.rpc };
      const none = {
        doors: {},
        indexes: {},
        notify: {},
        policy: {},
        proxies: {},
        zmq: {},
        wallets: {},
        zmqHighWaterMarks: {},
      };
      const expected = { ...none, ...settings, rpc };
      expect(await typed(flag, ...values, ...more)).toEqual(expected);
      const short = flag.slice(1);
      expect(await typed([short, ...values].join("="), ...more)).toEqual(expected);
      if (row.core !== undefined) expect(row.core).toBe(short);
    },
  );

  it("may be given again only where that says more", async () => {
    const { comments, deployments } = await typed(
      ...["-uacomment=a", "-uacomment=b", "-testactivationheight=csv@1"],
      "-testactivationheight=segwit@2",
    );
    expect({ comments, deployments }).toEqual({
      comments: ["a", "b"],
      deployments: { csv: 1, segwit: 2 },
    });
    const twice = ["startnode", "--port", "1", "-maxconnections=1", "--maxconnections=2"];
    expect((await runProgram(twice)).error).toContain("--maxconnections is given more than once");
    const many = Array.from({ length: 101 }, () => "-connect=127.0.0.1:5");
    expect((await runProgram(["startnode", "--port", "1", ...many])).error).toContain(
      "--connect can be given 100 times at most",
    );
  });
});

async function genesisFile(): Promise<string> {
  const file = join(await temporaryDirectory(), "genesis.hex");
  await writeFile(file, bytesToHex(GENESIS.toBytes()));
  return file;
}

it("the help has options in order, and those for tests below the others", async () => {
  const { out } = await runProgram(["startnode", "--help"]);
  const [, options = "", forTests = ""] = out.split(/^Options.*:$|^Examples:$/m);
  const flags = (text: string) =>
    [...text.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, f]) => f);
  const testing = NODE_OPTIONS.filter(({ isForTests }) => isForTests).map(flagOf);
  expect(flags(forTests)).toEqual(testing.sort());
  const others = NODE_OPTIONS.filter(({ isForTests }) => !isForTests).map(flagOf);
  const signet = ["--signetblocktime", "--signetchallenge"];
  const all = [...others, "--datadir", "--help", "--network", "--port", ...signet];
  expect(flags(options)).toEqual(all.sort());
});

/** The rows of the README, by group. */
function readmeTable(rows: readonly NodeOption[]): string {
  return rows
    .map(
      (row) =>
        `| \`${row.flags.replaceAll("|", "\\|")}\` | ${helpOf(row)}${row.isForTests ? " (for tests)" : ""} |`,
    )
    .join("\n");
}

it("the README has the table, by groups", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const group of new Set(NODE_OPTIONS.map((row) => row.group))) {
    const rows = NODE_OPTIONS.filter((row) => row.group === group);
    expect(readme).toContain(`| ${group} | |\n|---|---|\n${readmeTable(rows)}\n\n`);
  }
});
