/** The options of bitcoin-cli. Core: bitcoin-cli.cpp, SetupCliArgs. */
import { type KnownOptions, NETWORK_FLAGS } from "@chain/terminal/bitcoin";

interface Option {
  readonly name: string;
  /** As help shows it, behind the name. */
  readonly value?: string;
  readonly text: string;
}

/** Options that stand for a call. At most one may be given. */
export const COMMANDS: readonly Option[] = [
  { name: "addrinfo", text: "How many addresses the node knows, by network" },
  {
    name: "generate",
    text: "Mine blocks to an address of the node's wallet: [nblocks] [maxtries]",
  },
  { name: "getinfo", text: "The state of chain, network and wallet, for people" },
  {
    name: "netinfo",
    text: "Connections with peers, for people: [level 0-4] [outonly], or help",
  },
];

const OPTIONS: readonly Option[] = [
  { name: "chain", value: "chain", text: "Which network: main, testnet4, signet or regtest" },
  { name: "color", value: "when", text: "Colours of -getinfo: always, auto or never" },
  { name: "conf", value: "file", text: "Configuration file (default: bitcoin.conf)" },
  { name: "datadir", value: "dir", text: "Data directory" },
  { name: "help", text: "Print this help" },
  { name: "includeconf", value: "file", text: "Further configuration file; in a file only" },
  { name: "named", text: "Parameters are name=value" },
  {
    name: "rpcclienttimeout",
    value: "n",
    text: "Seconds to wait for an answer; 0 for no limit (default: 900)",
  },
  { name: "rpcconnect", value: "ip", text: "Host of the node, or host:port (default: 127.0.0.1)" },
  { name: "rpccookiefile", value: "loc", text: "The cookie file (default: .cookie)" },
  { name: "rpcpassword", value: "pw", text: "Password; without it, the cookie is used" },
  { name: "rpcport", value: "port", text: "Port of the node (default: that of the network)" },
  { name: "rpcuser", value: "user", text: "User" },
  { name: "rpcwait", text: "Wait until the node answers" },
  {
    name: "rpcwaittimeout",
    value: "n",
    text: "Seconds that -rpcwait waits; 0 for no limit (default: 0)",
  },
  { name: "rpcwallet", value: "name", text: "Call the wallet of this name" },
  { name: "stdin", text: "Read further parameters from standard input, one a line" },
  { name: "stdinrpcpass", text: "Read the password from the first line of standard input" },
  {
    name: "stdinwalletpassphrase",
    text: "Read the passphrase of walletpassphrase from the next line of standard input",
  },
  { name: "version", text: "Print the version" },
  ...NETWORK_FLAGS.map((name) => ({ name, text: `The same as -chain=${name}` })),
];

export const KNOWN: KnownOptions = {
  obeyed: new Set([...COMMANDS, ...OPTIONS].map(({ name }) => name)),
  ignored: new Set("signetchallenge signetseednode testactivationheight vbparams".split(" ")),
};

export function optionsHelp(): string {
  const list = (options: readonly Option[]) =>
    options
      .map(({ name, value, text }) => `  -${name}${value ? `=<${value}>` : ""}\n       ${text}\n`)
      .join("\n");
  return `Options:\n\n${list(OPTIONS)}\nCommands of this program:\n\n${list(COMMANDS)}`;
}
