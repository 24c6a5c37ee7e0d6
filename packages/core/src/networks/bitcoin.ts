/** Bitcoin's own networks, byte for byte. Values: Core's kernel/chainparams.cpp. */
import { Block } from "../block.ts";
import { hexToBytes } from "../bytes.ts";
import { BlockHeader } from "../header.ts";
import { type BlockHash, type MerkleRoot, ZERO_BLOCK_HASH } from "../ids.ts";
import { NULL_OUTPOINT } from "../outpoint.ts";
import { type ChainParams, COIN } from "../params.ts";
import { REGTEST_POLICY, STANDARD_POLICY } from "../policy/policy.ts";
import { SEQUENCE_FINAL, Transaction } from "../transaction.ts";

/** "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks", 50 coins to a key nobody can spend from. */
function genesis(time: number, bits: number, nonce: number): Block {
  const coinbase = new Transaction({
    version: 1,
    inputs: [
      {
        prevout: NULL_OUTPOINT,
        scriptSig: hexToBytes(
          "04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73",
        ),
        sequence: SEQUENCE_FINAL,
        witness: [],
      },
    ],
    outputs: [
      {
        value: 50n * COIN,
        scriptPubKey: hexToBytes(
          "4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac",
        ),
      },
    ],
    lockTime: 0,
  });
  const header = new BlockHeader({
    version: 1,
    previousHash: ZERO_BLOCK_HASH,
    merkleRoot: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b" as MerkleRoot,
    time,
    bits,
    nonce,
  });
  return new Block(header, [coinbase]);
}

/** Values that Bitcoin's networks share. */
const shared = {
  genesisSpendable: false,
  targetSpacing: 600,
  targetTimespan: 14 * 24 * 60 * 60,
  initialSubsidy: 50n * COIN,
  coinbaseMaturity: 100,
  minRelayFeeRate: 1000n,
  policy: STANDARD_POLICY,
} as const;

export const mainnet: ChainParams = Object.freeze({
  ...shared,
  name: "mainnet",
  genesis: genesis(1231006505, 0x1d00ffff, 2083236893),
  powLimit: 0x00000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
  powLimitBits: 0x1d00ffff,
  noRetargeting: false,
  allowMinDifficultyBlocks: false,
  minimumChainWork: 0x0000000000000000000000000000000000000000b1f3b93b65b16d035a82be84n,
  halvingInterval: 210_000,
  deployments: Object.freeze({
    bip16: 173_805,
    bip34: 227_931,
    bip65: 388_381,
    bip66: 363_725,
    csv: 419_328,
    segwit: 481_824,
    taproot: 709_632,
  }),
  bip30Exceptions: new Map([
    [91_842, "00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec" as BlockHash],
    [91_880, "00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721" as BlockHash],
  ]),
  bip34Hash: "000000000000024b89b42a942fe0d9fea3bb44ab7bd1b19115dd6a759c0808b8" as BlockHash,
  magic: Uint8Array.of(0xf9, 0xbe, 0xb4, 0xd9),
  defaultPort: 8333,
  pubkeyHashPrefix: 0x00,
  scriptHashPrefix: 0x05,
  wifPrefix: 0x80,
  bech32Hrp: "bc",
});

export const regtest: ChainParams = Object.freeze({
  ...shared,
  name: "regtest",
  policy: REGTEST_POLICY,
  genesis: genesis(1296688602, 0x207fffff, 2),
  powLimit: 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
  powLimitBits: 0x207fffff,
  noRetargeting: true,
  allowMinDifficultyBlocks: true,
  minimumChainWork: 0n,
  halvingInterval: 150,
  deployments: Object.freeze({
    bip16: 0,
    bip34: 1,
    bip65: 1,
    bip66: 1,
    csv: 1,
    segwit: 0,
    taproot: 0,
  }),
  bip30Exceptions: new Map<number, BlockHash>(),
  bip34Hash: undefined,
  magic: Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda),
  defaultPort: 18444,
  pubkeyHashPrefix: 0x6f,
  scriptHashPrefix: 0xc4,
  wifPrefix: 0xef,
  bech32Hrp: "bcrt",
});
