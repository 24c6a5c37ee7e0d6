import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { equalBytes, HEADER_SIZE } from "@chain/core";
import { requireFields, requireOptions, requireString } from "@chain/core/arguments";
import { quote, UserError } from "./errors.ts";
import {
  DEFAULT_NETWORK,
  findNetwork,
  NETWORK_FIELDS,
  type Network,
  type NetworkOptions,
} from "./networks.ts";

/** Where a node keeps its things. Absolute. */
export interface NodePaths {
  /** Directory of blocks, undo data, index and coins. People copy it to give others the chain. */
  readonly database: string;
  /** Key file of the wallet. */
  readonly wallet: string;
  /** Directory of the wallets that the RPC serves, each in one of its own. */
  readonly wallets: string;
  /** The choices of callers for the next start: which wallets to load. */
  readonly settings: string;
  /** How to talk to the node while it runs. Not in the database directory: its cookie must not be copied along. */
  readonly control: string;
  /** Credentials of the RPC while it runs, as Bitcoin Core has them: `__cookie__:<hex>`. */
  readonly cookie: string;
  /** Transactions that waited when the node stopped. */
  readonly mempool: string;
  /** The file of the fee estimator. */
  readonly fees: string;
  /** Directory of the indexes, each in one of its own. */
  readonly indexes: string;
  /** Directory of a light node's headers and payments. */
  readonly light: string;
  /** Addresses of other nodes. */
  readonly peers: string;
  /** Hosts that the operator wants no connection with. */
  readonly bans: string;
}

/** Which of the nodes on this machine is meant. */
export interface Identity {
  /** The port that the node listens on, which is also its name. */
  readonly nodeId: number;
  readonly network: Network;
  readonly dataDir: string;
  readonly paths: NodePaths;
}

/** As typed. */
export interface IdentityOptions extends NetworkOptions {
  readonly port?: string;
  readonly datadir?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which node is meant: by `port` or else `NODE_ID`, `datadir` or else `CHAIN_DATADIR`, `network` or else
 * `CHAIN_NETWORK`, and of a signet of one's own by `signetchallenge` and `signetblocktime` or else
 * `CHAIN_SIGNETCHALLENGE` and `CHAIN_SIGNETBLOCKTIME`. On a network of the public, no port means that of the network.
 * @throws UserError `usage`, with the name of the option in `data.option`.
 * @example
 * parseIdentity({ port: "3000", datadir: "/srv/chain" }, {}).paths.database // "/srv/chain/blockchain_3000.db"
 */
export function parseIdentity(options: IdentityOptions, env: Environment): Identity {
  requireOptions(options, "options", { port: "string?", datadir: "string?", ...NETWORK_FIELDS });
  requireOptions(env, "env", {});

  const network = namingVariables(options, env, () => findNetwork(withVariables(options, env)));
  const nodeId = parseNodeId(options.port, env["NODE_ID"], network);
  const dataDir = parseDataDir(options.datadir, env["CHAIN_DATADIR"], network, nodeId);
  return identityOf(network, nodeId, dataDir);
}

/** @param dataDir absolute */
export function identityOf(network: Network, nodeId: number, dataDir: string): Identity {
  return {
    nodeId,
    network,
    dataDir,
    paths: {
      database: join(dataDir, `blockchain_${nodeId}.db`),
      wallet: join(dataDir, `wallet_${nodeId}.db`),
      wallets: join(dataDir, `wallets_${nodeId}`),
      settings: join(dataDir, `settings_${nodeId}.json`),
      control: join(dataDir, `node_${nodeId}.control`),
      cookie: join(dataDir, network.rpcPort === undefined ? `cookie_${nodeId}` : ".cookie"),
      mempool: join(dataDir, `mempool_${nodeId}.dat`),
      fees: join(dataDir, `fee_estimates_${nodeId}.dat`),
      indexes: join(dataDir, `indexes_${nodeId}`),
      light: join(dataDir, `light_${nodeId}`),
      peers: join(dataDir, `peers_${nodeId}.dat`),
      bans: join(dataDir, `banlist_${nodeId}.json`),
    },
  };
}

/**
 * The port of a node's RPC where none is named: that of Bitcoin Core for a node on its network's own port, else 10,000
 * above the port of the node; 0, one that the system chooses, where there is no such port.
 * @example defaultRpcPort(parseIdentity({ port: "3000" }, {})) // 13_000
 */
export function defaultRpcPort(identity: Identity): number {
  requireFields(identity, "identity", { nodeId: "number", network: "object" });

  const { nodeId, network } = identity;
  const { rpcPort, params } = network;
  if (rpcPort !== undefined && nodeId === params.defaultPort) return rpcPort;
  return nodeId + 10_000 <= 65_535 ? nodeId + 10_000 : 0;
}

/**
 * A port number as typed, 1 to 65535; `undefined` for anything else, `03000` and `3e3` included.
 * @example parsePort("3000") // 3000
 */
export function parsePort(text: string): number | undefined {
  requireString(text, "text");

  if (!/^[1-9][0-9]{0,4}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}

const VARIABLES = {
  network: "CHAIN_NETWORK",
  signetchallenge: "CHAIN_SIGNETCHALLENGE",
  signetblocktime: "CHAIN_SIGNETBLOCKTIME",
} as const satisfies Record<keyof NetworkOptions, string>;
const NAMES = ["network", "signetchallenge", "signetblocktime"] as const;

/** An error about an option that was not typed names the variable that it came from. */
function namingVariables<T>(options: NetworkOptions, env: Environment, find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const name = NAMES.find((each) => each === error.data["option"] && options[each] === undefined);
    if (name === undefined || !env[VARIABLES[name]]) throw error;
    const message = error.message.replace(name, VARIABLES[name]);
    throw new UserError(error.code, message, { cause: error });
  }
}

/** An empty variable is as good as none; those of a signet are for signets alone. */
function withVariables(options: NetworkOptions, env: Environment): NetworkOptions {
  const network = options.network ?? (env["CHAIN_NETWORK"] || DEFAULT_NETWORK);
  const { CHAIN_SIGNETCHALLENGE: challenge, CHAIN_SIGNETBLOCKTIME: blockTime } = env;
  const isSignet = findNetwork({ network }).withChallenge !== undefined;
  return {
    network,
    ...(isSignet && challenge && { signetchallenge: [challenge] }),
    ...(isSignet && challenge && blockTime && { signetblocktime: [blockTime] }),
    ...(options.signetchallenge && { signetchallenge: options.signetchallenge }),
    ...(options.signetblocktime && { signetblocktime: options.signetblocktime }),
  };
}

function parseNodeId(
  option: string | undefined,
  variable: string | undefined,
  { hasOnePort, params }: Network,
): number {
  // An empty variable is as good as none; shells make them easily.
  const text = option ?? (variable || undefined);
  if (text === undefined) {
    if (hasOnePort) return params.defaultPort;
    throw new UserError("usage", "which node? Set NODE_ID", { data: { option: "nodeId" } });
  }
  const port = parsePort(text);
  if (port === undefined) {
    const name = option === undefined ? "NODE_ID" : "port";
    throw new UserError("usage", `${name} must be a port from 1 to 65535, not ${quote(text)}`, {
      data: { option: "port" },
    });
  }
  return port;
}

function parseDataDir(
  option: string | undefined,
  variable: string | undefined,
  network: Network,
  nodeId: number,
): string {
  const { directory, isNested, isForRegressionTests } = network;
  if (option === "") {
    throw new UserError("usage", "datadir must not be empty", { data: { option: "datadir" } });
  }
  const text = option ?? variable;
  if (text === undefined || text === "") return join(homedir(), ".chain", directory);
  if (text.includes("\0")) throw new UserError("usage", "a data directory has no NUL in its name");
  if (!isNested) return resolve(text);
  const nested = resolve(text, directory);
  const earlier = isForRegressionTests && wasNamed(resolve(text), nested, network, nodeId);
  return earlier ? resolve(text) : nested;
}

/** Whether a node of regtest has its files in the named directory itself, where version 0.1 has put them. */
function wasNamed(named: string, nested: string, network: Network, nodeId: number): boolean {
  const [wallet, database] = [`wallet_${nodeId}.db`, `blockchain_${nodeId}.db`];
  if ([wallet, database].some((name) => existsSync(join(nested, name)))) return false;
  const { genesis, name } = network;
  const block = beginning(join(named, database, "blocks", "blk00000.dat"), HEADER_SIZE + 8);
  if (genesis !== undefined && equalBytes(block.subarray(8), genesis.header.toBytes())) return true;
  const keys = Buffer.from(beginning(join(named, wallet), 200)).toString("latin1");
  return keys.includes(`"network": ${JSON.stringify(name)}`);
}

/** The first bytes of a file; none where it can't be read. */
function beginning(path: string, length: number): Uint8Array {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return new Uint8Array();
  }
}
