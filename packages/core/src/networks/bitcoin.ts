/** Bitcoin's own networks, byte for byte. Values: kernel/chainparams.cpp of Core 31. */

import { COIN } from "../amount.ts";
import { requireBytes, requireNumber } from "../arguments.ts";
import { hexToBytes } from "../bytes.ts";
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { sha256d } from "../hash.ts";
import type { BlockHash } from "../ids.ts";
import type { ChainParams, SeedAddress, VersionBitsDeployment } from "../params.ts";
import { REGTEST_POLICY, STANDARD_POLICY } from "../policy/policy.ts";
import { ScriptFlag } from "../script/flags.ts";
import type { Seconds } from "../units.ts";
import { NEVER_ACTIVE, NO_TIMEOUT } from "../versionBits.ts";
import { bitcoinGenesis, genesisBlock } from "./genesis.ts";
import {
  mainnetSnapshots,
  regtestSnapshots,
  signetSnapshots,
  testnet4Snapshots,
} from "./snapshots.ts";

/** Values that Bitcoin's networks share. */
const shared = /* @__PURE__ */ (() =>
  ({
    genesisSpendable: false,
    enforceBip94: false,
    targetSpacing: 600,
    targetTimespan: 14 * 24 * 60 * 60,
    initialSubsidy: 50n * COIN,
    coinbaseMaturity: 100,
    minRelayFeeRate: 1000n,
    policy: STANDARD_POLICY,
    signetChallenge: undefined,
    dnsSeeds: Object.freeze([]) as readonly string[],
    fixedSeeds: Object.freeze([]) as readonly SeedAddress[],
    tellsLocalAddresses: false,
  }) as const)();

/** Nothing but a test of the machinery. It runs on regtest, in shorter periods. */
const testdummy: VersionBitsDeployment = /* @__PURE__ */ Object.freeze({
  name: "testdummy",
  bit: 28,
  startTime: NEVER_ACTIVE,
  timeout: NO_TIMEOUT,
  minActivationHeight: 0,
  period: 2016,
  threshold: 1815, // 90%
});

/** Parameters that the public test networks share. */
const testNetwork = /* @__PURE__ */ (() =>
  ({
    ...shared,
    halvingInterval: 210_000,
    noRetargeting: false,
    deployments: Object.freeze({
      bip34: 1,
      bip65: 1,
      bip66: 1,
      csv: 1,
      segwit: 1,
    }),
    versionBits: Object.freeze([testdummy]),
    scriptFlagExceptions: new Map<BlockHash, number>(),
    bip30Exceptions: new Map<number, BlockHash>(),
    bip34Hash: undefined,
    addressesOf: "Bitcoin's test networks",
    pubkeyHashPrefix: 0x6f,
    scriptHashPrefix: 0xc4,
    wifPrefix: 0xef,
    bip32PublicPrefix: 0x043587cf,
    bip32PrivatePrefix: 0x04358394,
    bech32Hrp: "tb",
  }) as const)();

export const mainnet: ChainParams = /* @__PURE__ */ (() =>
  Object.freeze({
    ...shared,
    name: "mainnet",
    genesis: bitcoinGenesis(1231006505, 0x1d00ffff, 2083236893),
    powLimit: 0x00000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
    powLimitBits: 0x1d00ffff,
    noRetargeting: false,
    allowMinDifficultyBlocks: false,
    minimumChainWork: 0x1128750f82f4c366153a3a030n,
    assumeValid: "00000000000000000000ccebd6d74d9194d8dcdc1d177c478e094bfad51ba5ac" as BlockHash, // 938,343
    halvingInterval: 210_000,
    deployments: Object.freeze({
      bip34: 227_931,
      bip65: 388_381,
      bip66: 363_725,
      csv: 419_328,
      segwit: 481_824,
    }),
    versionBits: Object.freeze([testdummy]),
    scriptFlagExceptions: new Map([
      // 170,060, before P2SH.
      ["00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22" as BlockHash, 0],
      // 692,261, before Taproot.
      [
        "0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad" as BlockHash,
        ScriptFlag.P2SH | ScriptFlag.WITNESS,
      ],
    ]),
    bip30Exceptions: new Map([
      [91_842, "00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec" as BlockHash],
      [91_880, "00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721" as BlockHash],
    ]),
    bip34Hash: "000000000000024b89b42a942fe0d9fea3bb44ab7bd1b19115dd6a759c0808b8" as BlockHash,
    assumedUtxo: mainnetSnapshots,
    magic: Uint8Array.of(0xf9, 0xbe, 0xb4, 0xd9),
    defaultPort: 8333,
    dnsSeeds: Object.freeze([
      "seed.bitcoin.sipa.be.",
      "dnsseed.bluematt.me.",
      "seed.bitcoin.jonasschnelli.ch.",
      "seed.btc.petertodd.net.",
      "seed.bitcoin.sprovoost.nl.",
      "dnsseed.emzy.de.",
      "seed.bitcoin.wiz.biz.",
      "seed.mainnet.achownodes.xyz.",
    ]),
    addressesOf: "Bitcoin's main network",
    pubkeyHashPrefix: 0x00,
    scriptHashPrefix: 0x05,
    wifPrefix: 0x80,
    bip32PublicPrefix: 0x0488b21e,
    bip32PrivatePrefix: 0x0488ade4,
    bech32Hrp: "bc",
  }))();

/** The test network that is open to all miners (BIP-0094). */
export const testnet4: ChainParams = /* @__PURE__ */ (() =>
  Object.freeze({
    ...testNetwork,
    name: "testnet4",
    genesis: genesisBlock({
      message: "03/May/2024 000000000000000000001ebd58c244970b3aa9d783bb001011fbe8ea8e98e00e",
      publicKey: new Uint8Array(33), // no valid key
      time: 1714777860,
      bits: 0x1d00ffff,
      nonce: 393743547,
    }),
    powLimit: mainnet.powLimit,
    powLimitBits: mainnet.powLimitBits,
    allowMinDifficultyBlocks: true,
    enforceBip94: true,
    versionBits: Object.freeze([Object.freeze({ ...testdummy, threshold: 1512 })]), // 75%
    minimumChainWork: 0x9a0fe15d0177d086304n,
    assumeValid: "0000000002368b1e4ee27e2e85676ae6f9f9e69579b29093e9a82c170bf7cf8a" as BlockHash, // 123,613
    assumedUtxo: testnet4Snapshots,
    magic: Uint8Array.of(0x1c, 0x16, 0x3f, 0x28),
    defaultPort: 48333,
    dnsSeeds: Object.freeze(["seed.testnet4.bitcoin.sprovoost.nl.", "seed.testnet4.wiz.biz."]),
  }))();

/**
 * A test network whose blocks need a solution of a challenge of their own besides the work (BIP-0325). All signets
 * have the same genesis block; the magic, by which their nodes tell each other apart, comes from the challenge.
 * @param challenge an output script: anyone that can spend such an output can make blocks
 * @param targetSpacing seconds between blocks that retargeting aims at, at most two weeks; default ten minutes. A
 * period
 *   stays two weeks long, so it has more blocks where they come faster. Bitcoin Knots: -signetblocktime.
 * @throws CoreError `out-of-range` for another spacing.
 * @example const params = signetParams(p2wpkhScript(hash160(publicKey)), 30);
 */
export function signetParams(
  challenge: Uint8Array,
  targetSpacing: Seconds = testNetwork.targetSpacing,
): ChainParams {
  requireBytes(challenge, "challenge");
  requireNumber(targetSpacing, "targetSpacing");
  const { targetTimespan } = testNetwork;
  if (!Number.isInteger(targetSpacing) || targetSpacing < 1 || targetSpacing > targetTimespan) {
    throw new CoreError("out-of-range", `blocks come every 1 to ${targetTimespan} seconds`);
  }
  const writer = new Writer();
  writer.varBytes(challenge);
  return Object.freeze({
    ...testNetwork,
    name: "signet",
    genesis: bitcoinGenesis(1598918400, 0x1e0377ae, 52613770),
    powLimit: 0x00000377ae000000000000000000000000000000000000000000000000000000n,
    powLimitBits: 0x1e0377ae,
    allowMinDifficultyBlocks: false,
    minimumChainWork: 0n,
    assumeValid: undefined,
    signetChallenge: Uint8Array.from(challenge),
    targetSpacing,
    assumedUtxo: signetSnapshots,
    magic: sha256d(writer.finish()).slice(0, 4),
    defaultPort: 38333,
  });
}

/** The public signet: one of two keys signs its blocks. */
export const signet: ChainParams = /* @__PURE__ */ (() =>
  Object.freeze({
    ...signetParams(
      hexToBytes(
        "512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be430210359ef5021964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae",
      ),
    ),
    dnsSeeds: Object.freeze(["seed.signet.bitcoin.sprovoost.nl.", "seed.signet.achownodes.xyz."]),
    minimumChainWork: 0xb463ea0a4b8n,
    assumeValid: "00000008414aab61092ef93f1aacc54cf9e9f16af29ddad493b908a01ff5c329" as BlockHash, // 293,175
  }))();

export const regtest: ChainParams = /* @__PURE__ */ (() =>
  Object.freeze({
    ...shared,
    name: "regtest",
    policy: REGTEST_POLICY,
    genesis: bitcoinGenesis(1296688602, 0x207fffff, 2),
    powLimit: 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
    powLimitBits: 0x207fffff,
    noRetargeting: true,
    allowMinDifficultyBlocks: true,
    targetTimespan: 24 * 60 * 60,
    minimumChainWork: 0n,
    assumeValid: undefined,
    halvingInterval: 150,
    deployments: Object.freeze({
      bip34: 1,
      bip65: 1,
      bip66: 1,
      csv: 1,
      segwit: 0,
    }),
    versionBits: Object.freeze([
      Object.freeze({ ...testdummy, startTime: 0, period: 144, threshold: 108 }),
    ]),
    scriptFlagExceptions: new Map<BlockHash, number>(),
    bip30Exceptions: new Map<number, BlockHash>(),
    bip34Hash: undefined,
    assumedUtxo: regtestSnapshots,
    magic: Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda),
    defaultPort: 18444,
    addressesOf: "regtest",
    pubkeyHashPrefix: 0x6f,
    scriptHashPrefix: 0xc4,
    wifPrefix: 0xef,
    bip32PublicPrefix: 0x043587cf,
    bip32PrivatePrefix: 0x04358394,
    bech32Hrp: "bcrt",
  }))();
