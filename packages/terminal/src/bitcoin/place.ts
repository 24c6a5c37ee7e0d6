/** Which network, and where its files are. Core: chainparamsbase.cpp, common/init.cpp. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { findNetwork, messageOf, type Network, systemCode, UserError } from "@chain/fullnode";
import { MAIN, NETWORK_FLAGS, PLACES, type Place } from "./networks.ts";
import { parseConfig, type Settings, unknownSections } from "./settings.ts";

/** Which network a run is of, and where its files are. */
export interface Located {
  readonly network: Network;
  /** The data directory. Absolute. */
  readonly root: string;
  /** The network's own directory in it. Absolute. */
  readonly directory: string;
  /** Path of the configuration file, there or not; `undefined` where none is to be read. */
  readonly config: string | undefined;
}

/**
 * Reads the configuration file, and finds network and directories.
 * @throws UserError `usage`, `io` with Core's texts.
 * @example
 * const settings = new Settings(["-regtest"], { obeyed: new Set(["regtest"]), ignored: new Set() });
 * locate(settings).network.rpcPort // 18_443
 */
export function locate(settings: Settings): Located {
  const config = configPath(settings);
  if (config !== undefined) readConfigs(settings, config);
  // The file may name another directory.
  const root = dataDirectory(settings);
  const { name, directory } = chooseNetwork(settings);
  return {
    network: networkNamed(name, settings),
    root,
    directory: resolve(root, directory),
    config,
  };
}

function configPath(settings: Settings): string | undefined {
  if (settings.isNegated("conf")) return undefined;
  return resolve(dataDirectory(settings), settings.text("conf") || "bitcoin.conf");
}

function dataDirectory(settings: Settings): string {
  const text = settings.text("datadir");
  if (text === undefined || text === "") return join(homedir(), ".chain", "bitcoind");
  if (existsSync(text)) return resolve(text);
  throw new UserError("usage", `Specified data directory "${text}" does not exist.`);
}

function readConfigs(settings: Settings, path: string): void {
  if (settings.text("conf") === undefined && !existsSync(path)) return;
  const directory = dataDirectory(settings);
  try {
    addConfig(settings, path, path, {
      directory: `Config file "${path}" is a directory.`,
      unreadable: `specified config file "${path}" could not be opened.`,
    });
    chooseNetwork(settings);
    for (const name of settings.list("includeconf")) {
      const included = resolve(directory, name);
      addConfig(settings, included, name, {
        directory: `Included config file "${included}" is a directory.`,
        unreadable: `Failed to include configuration file ${name}`,
      });
    }
  } catch (error) {
    throw new UserError("usage", `Error reading configuration file: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** @param name for warnings @param faults Core's texts */
function addConfig(
  settings: Settings,
  path: string,
  name: string,
  faults: { readonly directory: string; readonly unreadable: string },
): void {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const isDirectory = systemCode(error) === "EISDIR";
    const message = isDirectory ? faults.directory : faults.unreadable;
    throw new UserError("io", message, { cause: error });
  }
  settings.addConfig(parseConfig(text));
  for (const { name: section, line } of unknownSections(text)) {
    settings.warnings.push(`${name}:${line} Section [${section}] is not recognized.`);
  }
}

/** Core: ReadSigNetArgs. Of other networks, the options of signets say nothing. */
function networkNamed(name: string, settings: Settings): Network {
  const network = findNetwork({ network: name });
  if (network.withChallenge === undefined) return network;
  const challenges = settings.list("signetchallenge");
  const [challenge] = challenges;
  if (challenges.length > 1) {
    throw new UserError("usage", "-signetchallenge cannot be multiple values.");
  }
  if (challenge !== undefined && !/^([0-9a-f]{2})*$/i.test(challenge)) {
    throw new UserError("usage", `-signetchallenge must be hex, not '${challenge}'.`);
  }
  const signetchallenge = challenge === undefined ? {} : { signetchallenge: [challenge] };
  const dnsSeeds = settings.list("signetseednode");
  const signet = findNetwork({ network: name, ...signetchallenge });
  return dnsSeeds.length === 0 ? signet : withSeeds(signet, dnsSeeds);
}

function withSeeds(network: Network, dnsSeeds: readonly string[]): Network {
  return {
    ...network,
    params: { ...network.params, dnsSeeds },
    chainParams: (genesis) => ({ ...network.chainParams(genesis), dnsSeeds }),
  };
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
