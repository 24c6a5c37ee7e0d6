/**
 * All that a node and its programs ask of a network, a row each: no other place but the list of Core's names in `@chain/terminal/bitcoin` knows a network by its name. To add
 * one, add a row; its parameters may stand in the library (`@chain/core`) or here.
 */

import {
  type Block,
  bytesToHex,
  type ChainParams,
  DEVNET,
  devnet,
  hexToBytes,
  mainnet,
  regtest,
  signet,
  signetParams,
  testnet4,
} from "@chain/core";
import { requireOptions } from "@chain/core/arguments";
import { type Pace, PUBLIC_PACE } from "@chain/engine";
import type { AddressParams } from "@chain/wallet";
import { quote, UserError } from "./errors.ts";

export interface Network {
  /** The name that programs and `findNetwork` take. */
  readonly name: string;
  /** Its name in Core's RPC (`chain`). */
  readonly chain: string;
  /** Directory of its files in `~/.chain`. */
  readonly directory: string;
  /**
   * Whether its files are in that directory of a data directory that was named as well, as Core has it. Those of devnet
   * are in the named directory itself, where the tutorial looks for them.
   */
  readonly isNested: boolean;
  /** The form of its addresses, and the port of its nodes. Known before there is a chain. */
  readonly params: AddressParams & Pick<ChainParams, "defaultPort" | "dnsSeeds">;
  /** The port of its RPC in Bitcoin Core; `undefined` where Core does not know it. */
  readonly rpcPort: number | undefined;
  /** The genesis block of all its chains; `undefined` where each chain has one of its own. */
  readonly genesis: Block | undefined;
  /** The parameters of its chain that begins with this block. @throws UserError `wrong-chain`. */
  readonly chainParams: (genesis: Block) => ChainParams;
  /** How long announcements of transactions are gathered. */
  readonly pace: Pace;
  /** Whether a node that is told of no peer calls the central one of this machine. */
  readonly callsCentral: boolean;
  /** Whether its nodes serve the filters of blocks to light nodes, where nothing else was said. */
  readonly servesFilters: boolean;
  /** Whether a node that is told no port has that of the network: elsewhere one machine has several nodes. */
  readonly hasOnePort: boolean;
  /** Whether a node tells its port in its user agent, for people who read logs. */
  readonly tellsPort: boolean;
  /** Whether its clock may be set, because its coins are worth nothing. */
  readonly isMockable: boolean;
  /** Whether its rules and peers may be chosen in ways that are for tests of Core alone. */
  readonly isForRegressionTests: boolean;
  /** Warnings for people before a node of it runs, a sentence each. */
  readonly cautions: readonly string[];
  /** A warning for people before a wallet of it is used. */
  readonly walletCaution: string | undefined;
  /** The challenge and so on of a signet that is not the public one. */
  readonly custom?: CustomSignet;
  /** The network of its kind with another challenge, where it has one. */
  readonly withChallenge?: (custom: CustomSignet) => Network;
}

/** A signet of one's own (BIP-0325). */
export interface CustomSignet {
  /** Script that each block must have a solution of, in hex. */
  readonly challenge: string;
  /** Seconds between blocks that retargeting aims at. */
  readonly blockTime: number | undefined;
}

/** Which network, as typed. */
export interface NetworkOptions {
  readonly network?: string;
  /** Core: -signetchallenge. Once at most. */
  readonly signetchallenge?: readonly string[];
  /** Bitcoin Knots: -signetblocktime. Once at most. */
  readonly signetblocktime?: readonly string[];
}

/** On networks of one machine payments need not be hidden, and people wait for them. Milliseconds. */
export const LOCAL_PACE: Pace = {
  inbound: 50,
  outbound: 50,
  requestDelay: 0,
  tellsNewcomers: true,
};

/** @param tried the part of the real chain that was put to our rules */
function neverTried(tried: string): string {
  return `this program was never connected to the public network; ${tried}, which is all`;
}

const devnetRow: Network = {
  name: "devnet",
  chain: "devnet",
  directory: "devnet",
  isNested: false,
  params: DEVNET,
  rpcPort: undefined,
  genesis: undefined,
  chainParams: devnet,
  pace: LOCAL_PACE,
  callsCentral: true,
  servesFilters: true,
  hasOnePort: false,
  tellsPort: true,
  isMockable: true,
  isForRegressionTests: false,
  cautions: [],
  walletCaution: undefined,
};

/** Fields that Bitcoin's networks have in common. */
const bitcoinRow = {
  pace: PUBLIC_PACE,
  // Anything may run on the port of a network that is not ours.
  callsCentral: false,
  servesFilters: false,
  isNested: true,
  hasOnePort: true,
  tellsPort: false,
  isMockable: false,
  isForRegressionTests: false,
  cautions: [],
  walletCaution: undefined,
} as const;

const signetRow: Network = {
  ...bitcoinRow,
  ...withOneChain(signet),
  rpcPort: 38_332,
  cautions: [
    neverTried("its first 2,015 headers and its first block were put to these rules"),
    diskCaution(24),
  ],
  withChallenge: (custom) => {
    const own = signetParams(hexToBytes(custom.challenge), custom.blockTime);
    return {
      ...bitcoinRow,
      ...withOneChain(own),
      rpcPort: 38_332,
      // All signets begin with the same block: in one directory, their chains would be taken for each other's.
      directory: `${own.name}-${bytesToHex(own.magic)}`,
      custom,
    };
  },
};

const NETWORKS: readonly Network[] = [
  devnetRow,
  {
    ...bitcoinRow,
    ...withOneChain(regtest),
    rpcPort: 18_443,
    // It is there to see what a node does elsewhere: which peers it asks first, and which it tells, is part of that.
    pace: { ...LOCAL_PACE, requestDelay: PUBLIC_PACE.requestDelay, tellsNewcomers: false },
    hasOnePort: false,
    isMockable: true,
    isForRegressionTests: true,
  },
  {
    ...bitcoinRow,
    ...withOneChain(mainnet),
    rpcPort: 8_332,
    chain: "main",
    cautions: [
      `${neverTried("its first 10,236 headers and a few of its blocks were put to these rules")}: decide nothing about money by what it says`,
      diskCaution(856),
    ],
    walletCaution:
      "these coins are real money, and this wallet was never tried on the main network: use amounts that you can lose",
  },
  {
    ...bitcoinRow,
    ...withOneChain(testnet4),
    rpcPort: 48_332,
    cautions: [neverTried("its constants were compared with Bitcoin Core's"), diskCaution(31)],
  },
  signetRow,
];

export const NETWORK_NAMES: readonly string[] = NETWORKS.map(({ name }) => name);
/** The network where `--network` is not given. */
export const DEFAULT_NETWORK: string = devnetRow.name;
/** The default network of a node in process. */
export const IN_PROCESS_NETWORK: string = regtest.name;

/** @param gigabytes of blocks when this was written: m_assumed_blockchain_size of Core 31 */
function diskCaution(gigabytes: number): string {
  return `it keeps all blocks: ${gigabytes} GB in February 2026, and undo data, coins and an index besides`;
}

/** The row of a network with one chain. */
function withOneChain(
  params: ChainParams,
): Pick<Network, "name" | "chain" | "directory" | "params" | "genesis" | "chainParams"> {
  const { name, genesis } = params;
  return {
    name,
    chain: name,
    directory: name,
    params,
    genesis,
    chainParams: ({ hash }) => {
      if (hash === genesis.hash) return params;
      throw new UserError("wrong-chain", `${hash} is not the genesis block of ${name}`);
    },
  };
}

/** The kinds of the fields of `NetworkOptions`. */
export const NETWORK_FIELDS = {
  network: "string?",
  signetchallenge: "array?",
  signetblocktime: "array?",
} as const;

/**
 * The network of a name, or of options.
 * @throws UserError `usage`, with the name of the option in `data.option`.
 * @example findNetwork({ network: "signet", signetchallenge: ["51"] }).directory // "signet-54d26fbd"
 */
export function findNetwork(options: NetworkOptions): Network {
  requireOptions(options, "options", NETWORK_FIELDS);

  const { network: name = DEFAULT_NETWORK, signetchallenge, signetblocktime } = options;
  const network = NETWORKS.find((each) => each.name === name);
  if (network === undefined) {
    const names = `${NETWORK_NAMES.slice(0, -1).join(", ")} or ${NETWORK_NAMES.at(-1)}`;
    throw wrong("network", `must be ${names}, not ${quote(name)}`);
  }
  if (signetchallenge === undefined && signetblocktime === undefined) return network;
  const { withChallenge } = network;
  if (withChallenge === undefined) {
    const option = signetchallenge === undefined ? "signetblocktime" : "signetchallenge";
    throw wrong(option, `is for the network ${signetRow.name}, not for ${name}`);
  }
  if (signetchallenge === undefined) {
    throw wrong("signetblocktime", "cannot be set without a challenge (signetchallenge)");
  }
  const challenge = only(signetchallenge, "signetchallenge");
  if (!/^([0-9a-fA-F]{2})*$/.test(challenge)) {
    throw wrong("signetchallenge", `must be hex, not ${quote(challenge)}`);
  }
  if (challenge.length > 2 * MAX_CHALLENGE) {
    throw wrong("signetchallenge", `has ${MAX_CHALLENGE} bytes at most`);
  }
  const seconds = signetblocktime && only(signetblocktime, "signetblocktime");
  return withChallenge({
    challenge: challenge.toLowerCase(),
    blockTime: seconds === undefined ? undefined : parseBlockTime(seconds),
  });
}

/** A longer script can't be run. Core: MAX_SCRIPT_SIZE. */
const MAX_CHALLENGE = 10_000;

/** The sentence begins with the option's name: a program writes its flag there, or the variable that it read. */
function wrong(option: keyof NetworkOptions, why: string): UserError {
  return new UserError("usage", `${option} ${why}`, { data: { option } });
}

function only(values: readonly string[], option: keyof NetworkOptions): string {
  const [value = "", ...others] = values;
  if (others.length === 0) return value;
  throw wrong(option, "can be given once");
}

function parseBlockTime(text: string): number {
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (seconds === 0) throw wrong("signetblocktime", "must be greater than 0");
  // A retargeting period has at least one block.
  const { targetTimespan } = signet;
  if (seconds <= targetTimespan) return seconds;
  throw wrong("signetblocktime", `must be ${targetTimespan} at most`);
}
