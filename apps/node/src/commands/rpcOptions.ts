/** The options of the RPC, a row each, as Bitcoin Core has them. */
import type { Seconds } from "@chain/core";
import type { RpcConfig } from "@chain/fullnode";
import type { NodeOption } from "./nodeOption.ts";
import { openPort, some, whole } from "./parsers.ts";

/** Of users, networks and the like that one command line names. */
const MOST = 100;
/** Seconds. Core's tests ask for 99,000. */
const MAX_TIMEOUT: Seconds = 2_147_483;

/** An option of which a field of the configuration comes. */
function row(
  flags: string,
  help: string,
  set: (text: string, flag: string) => RpcConfig,
): NodeOption {
  const core = `-${flags.split(" ")[0]?.slice(2)}`;
  return {
    flags,
    core,
    group: "RPC",
    help,
    set: ({ text, flag }) => ({ rpc: set(text, flag) }),
  };
}

/** The same of one that may be given more than once. */
function rows(
  flags: string,
  help: string,
  set: (texts: readonly string[]) => RpcConfig,
): NodeOption {
  return {
    ...row(flags, help, () => ({})),
    most: MOST,
    set: ({ texts, flag }) => {
      for (const text of texts) some(text, flag);
      return { rpc: set(texts) };
    },
  };
}

/** The same of one that Core does not have. */
function ours({ core: _, ...option }: NodeOption): NodeOption {
  return option;
}

export const RPC_OPTIONS: readonly NodeOption[] = [
  row(
    "--rpcport <port>",
    "port of the RPC; 0: any that is free (default: 8332 on mainnet, 48332 on testnet4, 38332 on signet, 18443 on regtest; 10,000 above the node's own port on devnet and where that is not the network's)",
    (text, flag) => ({ port: openPort(text, flag) }),
  ),
  rows(
    "--rpcbind <address>",
    "address for the RPC, with --rpcallowip alone (default: loopback, which no other machine can reach)",
    (bind) => ({ bind }),
  ),
  rows(
    "--rpcallowip <subnet>",
    "machines that may call the RPC, besides this one: 10.0.0.7, 10.0.0.0/8 or 10.0.0.0/255.0.0.0",
    (allowIp) => ({ allowIp }),
  ),
  ours(
    rows(
      "--rpchost <name>",
      "a name of this machine by which callers without a password may ask --rest, --events and --metrics (default: localhost and addresses)",
      (hosts) => ({ hosts }),
    ),
  ),
  ours(
    rows(
      "--rpcorigin <url>",
      "a web page that may call the RPC from a browser: https://wallet.example (default: none)",
      (origins) => ({ origins }),
    ),
  ),
  ours(
    row(
      "--rpcversion <number>",
      "version of Bitcoin Core that callers are told (default: 310100, which is 31.1.0)",
      (text, flag) => ({ version: whole(0, 999_999)(text, flag) }),
    ),
  ),
  ours(
    row(
      "--rpcsubversion <text>",
      "name of the software that callers are told (default: /Satoshi:31.1.0/, of that version, before the name for peers)",
      (text, flag) => ({ subversion: some(text, flag) }),
    ),
  ),
  row("--rpcuser <name>", "user of the RPC, with --rpcpassword", (user) => ({
    credentials: { user },
  })),
  row(
    "--rpcpassword <text>",
    "password of that user; others of this machine can read it in the list of processes, so --rpcauth is better",
    (password) => ({ credentials: { password } }),
  ),
  row(
    "--rest",
    "serve Bitcoin Core's REST interface on the port of the RPC, below /rest/, to callers without a password",
    () => ({ rest: true }),
  ),
  {
    flags: "--events",
    group: "RPC",
    help: "serve server-sent events of chain and mempool on the port of the RPC, at /events, to callers without a password",
    set: () => ({ rpc: { events: true } }),
  },
  {
    flags: "--metrics",
    group: "RPC",
    help: "serve values for Prometheus on the port of the RPC, at /metrics, to callers without a password",
    set: () => ({ rpc: { metrics: true } }),
  },
  rows(
    "--rpcauth <user:salt$hmac>",
    "a user of the RPC, with HMAC-SHA256 of the password under the salt, in hex",
    (rpcauth) => ({ credentials: { rpcauth } }),
  ),
  row(
    "--rpccookiefile <path>",
    "where the password of this run is written, in the node's directory if the path is relative (default: .cookie; cookie_PORT on devnet)",
    (text, flag) => ({ credentials: { cookieFile: some(text, flag) } }),
  ),
  rows(
    "--rpcwhitelist <user:methods>",
    "the only methods that a user may call, with commas",
    (whitelist) => ({
      whitelist,
    }),
  ),
  row(
    "--rpcwhitelistdefault <0|1>",
    "whether users without a list may call nothing (default: 1 with --rpcwhitelist)",
    (text, flag) => ({ whitelistDefault: whole(0, 1)(text, flag) === 1 }),
  ),
  row(
    "--rpcworkqueue <number>",
    "requests of the RPC that may wait (default: 64)",
    (text, flag) => ({
      workQueue: whole(1, 100_000)(text, flag),
    }),
  ),
  row(
    "--rpcthreads <number>",
    "requests of the RPC that are worked on at the same time (default: 16)",
    (text, flag) => ({ threads: whole(1, 10_000)(text, flag) }),
  ),
  row(
    "--rpcservertimeout <seconds>",
    "how long a request may take to arrive, and a connection may rest (default: 30)",
    (text, flag) => ({ timeout: whole(1, MAX_TIMEOUT)(text, flag) }),
  ),
];
