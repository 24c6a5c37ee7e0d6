/** Which network, and where its files are. Core: chainparamsbase.cpp, common/init.cpp. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { findNetwork, type Identity, messageOf, type Network, UserError } from "@chain/fullnode";
import { MAIN, NETWORK_FLAGS, PLACES, type Place } from "./networks.ts";
import { parseConfig, type Settings } from "./settings.ts";

/** Where a run has its things. */
export interface Located {
  readonly identity: Identity;
  readonly network: Network;
  /** Directory of the network. Absolute. */
  readonly directory: string;
}

/**
 * Reads the configuration file, and finds network and directories.
 * @throws UserError `usage`, `io` with Core's texts.
 */
export function locate(settings: Settings): Located {
  const dataDir = dataDirectory(settings);
  readConfigs(settings, dataDir);
  // The file may name another directory.
  const root = dataDirectory(settings);
  const { name, directory: below } = chooseNetwork(settings);
  const network = findNetwork({ network: name });
  const directory = resolve(root, below);
  const nodeId = Number(settings.text("port") ?? network.params.defaultPort);
  if (!Number.isInteger(nodeId) || nodeId < 1 || nodeId > 65_535) {
    const port = settings.text("port") ?? "";
    throw new UserError("usage", `Invalid port specified in -port: '${port}'`);
  }
  const file = (path: string) => join(directory, path);
  const paths = {
    // One of the three directories that a copy of a chain consists of in Core: harnesses keep those.
    database: file("chainstate"),
    wallet: file("wallet"),
    control: file("control"),
    cookie: file(".cookie"),
    mempool: file("mempool.dat"),
    peers: file("peers.dat"),
    bans: file("banlist.json"),
  };
  return { identity: { nodeId, network, dataDir: directory, paths }, network, directory };
}

function dataDirectory(settings: Settings): string {
  const text = settings.text("datadir");
  if (text === undefined || text === "") return join(homedir(), ".chain", "bitcoind");
  if (existsSync(text)) return resolve(text);
  throw new UserError("usage", `Specified data directory "${text}" does not exist.`);
}

function readConfigs(settings: Settings, dataDir: string): void {
  const told = settings.text("conf");
  const path = resolve(dataDir, told || "bitcoin.conf");
  if (settings.isNegated("conf")) return;
  if (told === undefined && !existsSync(path)) return;
  try {
    const main = parseConfig(readConfig(path, "specified config file"));
    settings.addConfig(main);
    chooseNetwork(settings);
    for (const included of settings.list("includeconf")) {
      const text = readConfig(resolve(dataDir, included), "Failed to include configuration file");
      settings.addConfig(parseConfig(text));
    }
  } catch (error) {
    throw new UserError("usage", `Error reading configuration file: ${messageOf(error)}`);
  }
}

function readConfig(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new UserError("io", `${what} "${path}" could not be opened.`);
  }
}

/** Core: ArgsManager::GetChainArg. */
function chooseNetwork(settings: Settings): Place {
  const short = NETWORK_FLAGS.filter((name) => settings.flag(name, false));
  const chain = settings.text("chain");
  if (short.length + (chain === undefined ? 0 : 1) > 1) {
    const names = "-regtest, -signet, -testnet, -testnet4 and -chain";
    throw new UserError("usage", `Invalid combination of ${names}. Can use at most one.`);
  }
  const key = chain ?? short[0] ?? MAIN;
  const place = Object.hasOwn(PLACES, key) ? PLACES[key] : undefined;
  if (place === undefined) throw new UserError("usage", `Unknown chain ${key}.`);
  settings.choose(key);
  return place;
}
