/** All that the programs ask of a network, a row each: no other place asks for a network by its name. */
import { type Block, type ChainParams, DEVNET, devnet, regtest } from "@chain/core";
import type { Pace } from "@chain/engine";
import type { AddressParams } from "@chain/wallet";
import { UserError } from "./errors.ts";

/** Networks that a node can be part of. */
export type NetworkName = "devnet" | "regtest";

export interface Network {
  readonly name: NetworkName;
  /** The form of its addresses, and the port of its central node. Known before there is a chain. */
  readonly params: AddressParams & { readonly defaultPort: number };
  /** The genesis block of all its chains; `undefined` where each chain has one of its own. */
  readonly genesis: Block | undefined;
  /** The parameters of its chain that begins with this block. @throws UserError `wrong-chain`. */
  readonly chainParams: (genesis: Block) => ChainParams;
  /** How long announcements of transactions are gathered. */
  readonly pace: Pace;
  /** Whether a node that is told of no peer calls the central one of this machine. */
  readonly callsCentral: boolean;
  /** Whether a node tells its port in its user agent, for people who read logs. */
  readonly tellsPort: boolean;
  /** Whether its clock may be set, and blocks be mined at will: nobody loses anything. */
  readonly isMockable: boolean;
  /** Whether its rules and peers may be chosen in ways that are for tests of Core alone. */
  readonly isForRegressionTests: boolean;
}

/** On networks of one machine nobody hides where a payment began, and people wait for it. Milliseconds. */
const LOCAL_PACE: Pace = { inbound: 50, outbound: 50, requestDelay: 0, tellsNewcomers: true };

const NETWORKS: Readonly<Record<NetworkName, Network>> = {
  devnet: {
    name: "devnet",
    params: DEVNET,
    genesis: undefined,
    chainParams: devnet,
    pace: LOCAL_PACE,
    callsCentral: true,
    tellsPort: true,
    isMockable: true,
    isForRegressionTests: false,
  },
  regtest: {
    name: "regtest",
    params: regtest,
    genesis: regtest.genesis,
    chainParams: only(regtest),
    // It is there to see what a node does elsewhere: whom it asks first, and whom it tells, is part of that.
    pace: { ...LOCAL_PACE, requestDelay: 2_000, tellsNewcomers: false },
    // Anything may run on the port of a network that is not ours.
    callsCentral: false,
    tellsPort: false,
    isMockable: true,
    isForRegressionTests: true,
  },
};

export const NETWORK_NAMES: readonly NetworkName[] = Object.values(NETWORKS).map(
  ({ name }) => name,
);

export function networkOf(name: NetworkName): Network {
  return NETWORKS[name];
}

/** A network that has one chain. */
function only(params: ChainParams): Network["chainParams"] {
  return ({ hash }) => {
    if (hash === params.genesis.hash) return params;
    throw new UserError("wrong-chain", `${hash} is not the genesis block of ${params.name}`);
  };
}
