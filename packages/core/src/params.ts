import type { Block } from "./block.ts";
import type { BlockHeader } from "./header.ts";
import type { BlockHash } from "./ids.ts";
import type { NetworkPolicy } from "./policy/policy.ts";
import type { Seconds } from "./units.ts";

/** Heights from which a rule holds; 0 from the genesis block on. "Buried deployments" (BIP-0090). */
export interface DeploymentHeights {
  /** The coinbase begins with its height (BIP-0034), and block versions below 2 are refused. */
  readonly bip34: number;
  /** Strict DER signatures (BIP-0066), and block versions below 3 are refused. */
  readonly bip66: number;
  /** OP_CHECKLOCKTIMEVERIFY (BIP-0065), and block versions below 4 are refused. */
  readonly bip65: number;
  /** Relative lock times and median time past (BIP-0068, 0112, 0113). */
  readonly csv: number;
  /** Witness commitments (BIP-0141) and NULLDUMMY (BIP-0147). The scripts' part of SegWit: see `scriptFlags`. */
  readonly segwit: number;
}

/** A rule that comes into force when enough blocks of one period signal for it. */
export interface VersionBitsDeployment {
  readonly name: string;
  /** Bit of the block version that signals, 0 to 28. */
  readonly bit: number;
  /** Median time past, in seconds since 1970, from which signals count; or `ALWAYS_ACTIVE`, `NEVER_ACTIVE`. */
  readonly startTime: Seconds;
  /** Median time past from which it is too late, or `NO_TIMEOUT`. */
  readonly timeout: Seconds;
  /** Locked in, it still waits for the first period that begins here or later. */
  readonly minActivationHeight: number;
  /** Blocks in a period. */
  readonly period: number;
  /** Blocks of a period that must signal. */
  readonly threshold: number;
}

/** Where a node is that is known to last. */
export interface SeedAddress {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
}

/** A block whose coins are known. */
export interface AssumedUtxo {
  readonly height: number;
  readonly hash: BlockHash;
  /** The hash of all coins after the block, as `gettxoutsetinfo` has it. Core: hash_serialized_3. */
  readonly coinsHash: string;
  /** Transactions in the chain up to the block, and in it. */
  readonly transactionCount: number;
}

/**
 * Everything that tells one network from another. Frozen data: no code asks for the name of a network, because each
 * question that it could mean is a field here.
 */
export interface ChainParams {
  readonly name: string;
  /** Block 0. Its hash is the identity of the chain. */
  readonly genesis: Block;
  /** Whether the coinbase of the genesis block can be spent: not on Bitcoin's networks, but on devnet. */
  readonly genesisSpendable: boolean;

  // Proof of work
  /** The easiest target that a block may have. */
  readonly powLimit: bigint;
  /** The same in compact form, as the genesis block carries it. */
  readonly powLimitBits: number;
  /**
   * The hash that is held against the target, for chains whose work is not counted in block hashes: scrypt of the header, say,
   * as an id is written. Default: the hash of the block.
   */
  readonly powHash?: (header: BlockHeader) => BlockHash;
  /** Every block keeps its parent's target. */
  readonly noRetargeting: boolean;
  /** A block 20 minutes after its parent may have the easiest target (testnets). */
  readonly allowMinDifficultyBlocks: boolean;
  /**
   * The first block of a period, which is never an easy one, says what target the next period starts from, and may not
   * lie far before its parent in time (BIP-0094).
   */
  readonly enforceBip94: boolean;
  /** Seconds between blocks that retargeting aims at. */
  readonly targetSpacing: Seconds;
  /** Seconds that a retargeting period should take. */
  readonly targetTimespan: Seconds;
  /** Least chain work that a chain must have before it is taken for the real one. */
  readonly minimumChainWork: bigint;
  /**
   * A block known to be valid when this was written: scripts of its ancestors need not be run again, see
   * `scriptsAssumedValid`. `undefined`: run all. Not a checkpoint: other chains may still win.
   */
  readonly assumeValid: BlockHash | undefined;
  /**
   * Blocks whose coins are known, so that a node can begin with a snapshot of them and check the blocks below later.
   * Default: none. Core: m_assumeutxo_data.
   */
  readonly assumedUtxo?: readonly AssumedUtxo[];
  /** The script that each block must have a solution of (BIP-0325); `undefined` where work is all that it takes. */
  readonly signetChallenge: Uint8Array | undefined;

  // Money
  /** Base units that the first blocks pay. */
  readonly initialSubsidy: bigint;
  /** Blocks until the subsidy halves; 0: never. */
  readonly halvingInterval: number;
  /** Blocks that must pass before a coinbase can be spent: 1 is the next block. */
  readonly coinbaseMaturity: number;

  readonly deployments: DeploymentHeights;
  /** Rules that miners can still bring into force (BIP-0009). Those of the past are in `deployments`, by height. */
  readonly versionBits: readonly VersionBitsDeployment[];
  /** Blocks of history that break a rule which all others have kept from the first on: hash → their script flags. */
  readonly scriptFlagExceptions: ReadonlyMap<BlockHash, number>;
  /** Blocks whose transactions repeat ids of unspent ones, as history has it (BIP-0030): height → hash. */
  readonly bip30Exceptions: ReadonlyMap<number, BlockHash>;
  /**
   * The block at `deployments.bip34` on the chain that is known to have no more such blocks: heights in coinbases make
   * their ids unique, so above it the check is not needed. `undefined`: look at every block.
   */
  readonly bip34Hash: BlockHash | undefined;

  // Protocol and policy
  /** The four bytes that begin each message. */
  readonly magic: Uint8Array;
  readonly defaultPort: number;
  /** Host names whose addresses are those of some nodes; none on networks of one's own. */
  readonly dnsSeeds: readonly string[];
  /**
   * Nodes to begin with where no seed answers. None on the networks here: Bitcoin Core crawls the network for a new
   * list of thousands before each release, and a list that is not renewed sends new nodes to strangers at those
   * addresses.
   */
  readonly fixedSeeds: readonly SeedAddress[];
  /**
   * Whether nodes tell each other addresses of their machine and their local network: the whole network may be there.
   * Elsewhere such addresses are of no use.
   */
  readonly tellsLocalAddresses: boolean;
  /** Fee rate below which the mempool takes nothing, in base units for 1,000 virtual bytes. */
  readonly minRelayFeeRate: bigint;
  /** Further rules of its mempools for transactions. */
  readonly policy: NetworkPolicy;

  // Addresses and keys
  /** Whose addresses have this form, as people say it: the public test networks share theirs. */
  readonly addressesOf: string;
  /** Base58Check version byte of a pay-to-public-key-hash address. */
  readonly pubkeyHashPrefix: number;
  /** Base58Check version byte of a pay-to-script-hash address. */
  readonly scriptHashPrefix: number;
  /** Base58Check version byte of a private key (WIF). */
  readonly wifPrefix: number;
  /** The four bytes, as a number, that begin a serialized extended public key (BIP-0032): "xpub", "tpub". */
  readonly bip32PublicPrefix: number;
  /** The same of an extended private key: "xprv", "tprv". */
  readonly bip32PrivatePrefix: number;
  /** Human-readable part of a bech32 address. */
  readonly bech32Hrp: string;
}
