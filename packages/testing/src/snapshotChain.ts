/** The chains of regtest whose coins the parameters of Core 29 and of ours know. */
import {
  Block,
  type BlockHash,
  BlockHeader,
  blockSubsidy,
  checkProofOfWork,
  concatBytes,
  hexToBytes,
  type MerkleRoot,
  NULL_OUTPOINT,
  pushData,
  pushNumber,
  regtest,
  SEQUENCE_FINAL,
  type Seconds,
  sha256,
  Transaction,
  witnessCommitmentScript,
} from "@chain/core";

interface ChainOptions {
  readonly length: number;
  readonly payTo: Uint8Array;
  readonly version: number;
  /** The time of the genesis block, for those that follow. */
  readonly start: Seconds;
  /** Whether coinbases have the commitment of BIP-0141. */
  readonly commits: boolean;
}

function chainOf({ length, payTo, version, start, commits }: ChainOptions): readonly Block[] {
  const blocks: Block[] = [];
  const { genesis } = regtest;
  let previousHash: BlockHash = genesis.hash;
  for (let height = 1; height <= length; height++) {
    const coinbase = coinbaseOf(height, payTo, commits);
    const fields = {
      version,
      previousHash,
      merkleRoot: coinbase.txid as string as MerkleRoot,
      time: start + height,
      bits: genesis.header.bits,
    };
    let header = new BlockHeader({ ...fields, nonce: 0 });
    for (let nonce = 1; !checkProofOfWork(header.hash, header.bits, regtest); nonce++) {
      header = new BlockHeader({ ...fields, nonce });
    }
    blocks.push(new Block(header, [coinbase]));
    previousHash = header.hash;
  }
  return blocks;
}

function coinbaseOf(height: number, payTo: Uint8Array, commits: boolean): Transaction {
  const scriptSig = concatBytes(pushNumber(height), Uint8Array.of(0));
  const input = { prevout: NULL_OUTPOINT, scriptSig, sequence: SEQUENCE_FINAL, witness: [] };
  const outputs = [{ value: blockSubsidy(height, regtest), scriptPubKey: payTo }];
  const plain = new Transaction({ version: 2, inputs: [input], outputs, lockTime: 0 });
  if (!commits) return plain;
  const reserved = new Uint8Array(32);
  const scriptPubKey = witnessCommitmentScript([plain], reserved);
  return new Transaction({
    ...plain,
    inputs: [{ ...input, witness: [reserved] }],
    outputs: [...outputs, { value: 0n, scriptPubKey }],
  });
}

/** The blocks of heights 1 to 200, which pay to a script that is true. Core: CreateBlockChain in test/util/mining.cpp. */
export function snapshotChain(): readonly Block[] {
  const payTo = concatBytes(Uint8Array.of(0, 32), sha256(Uint8Array.of(0x51)));
  const start = regtest.genesis.header.time;
  return chainOf({ length: 200, payTo, version: 4, start, commits: false });
}

/** The public key of the secret key 1. */
const ONE = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

/**
 * A chain of Core's unit tests, whose 110th block is that of a snapshot, and which goes on above it. Core:
 * TestChain100Setup.
 * @param length up to which height
 */
export function unitTestChain(length = 110): readonly Block[] {
  const payTo = concatBytes(pushData(hexToBytes(ONE)), Uint8Array.of(0xac));
  const start = 1_598_887_952 - 1;
  return chainOf({ length, payTo, version: 0x2000_0000, start, commits: true });
}
