import { COIN } from "../amount.ts";
import type { Block } from "../block.ts";
import { idToBytes } from "../ids.ts";
import type { ChainParams } from "../params.ts";
import { DEVNET_POLICY } from "../policy/policy.ts";
import { requireBlock } from "../shapes.ts";

/** Parameters that all devnets share; each chain has a genesis block of its own, and with it a magic of its own. */
export const DEVNET: Omit<ChainParams, "genesis" | "magic" | "bip34Hash"> = /* @__PURE__ */ (() =>
  Object.freeze({
    name: "devnet",
    genesisSpendable: true,
    powLimit: 0x0000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
    powLimitBits: 0x1f00ffff,
    noRetargeting: true,
    allowMinDifficultyBlocks: false,
    enforceBip94: false,
    targetSpacing: 600,
    targetTimespan: 14 * 24 * 60 * 60,
    minimumChainWork: 0n,
    assumeValid: undefined,
    signetChallenge: undefined,
    initialSubsidy: 10n * COIN,
    halvingInterval: 0,
    coinbaseMaturity: 1,
    deployments: Object.freeze({
      bip34: 0,
      bip65: 0,
      bip66: 0,
      csv: 0,
      segwit: 0,
    }),
    versionBits: [],
    scriptFlagExceptions: new Map(),
    bip30Exceptions: new Map(),
    defaultPort: 3000,
    dnsSeeds: [],
    fixedSeeds: [],
    tellsLocalAddresses: true,
    minRelayFeeRate: 0n,
    policy: DEVNET_POLICY,
    addressesOf: "devnet",
    pubkeyHashPrefix: 0x1c,
    scriptHashPrefix: 0x58,
    wifPrefix: 0x9c,
    // Those of Bitcoin's test networks, because other programs read and write no extended keys but Bitcoin's.
    bip32PublicPrefix: 0x043587cf,
    bip32PrivatePrefix: 0x04358394,
    bech32Hrp: "cdev",
  }))();

/**
 * The parameters of the devnet that begins with this genesis block. The magic is the first four bytes of its hash as
 * the hash function gives them (on the screen: the last four, reversed), so nodes of two chains never get past the
 * handshake.
 * @example
 * const params = devnet(regtest.genesis);
 * bytesToHex(params.magic) // "06226e46": how the hash of the genesis block begins
 */
export function devnet(genesis: Block): ChainParams {
  requireBlock(genesis, "genesis");

  const { hash } = genesis;
  return Object.freeze({
    ...DEVNET,
    genesis,
    bip34Hash: hash,
    magic: idToBytes(hash).slice(0, 4),
  });
}
