/**
 * The chain of 200 blocks on regtest whose coins the parameters of Core 29 and of ours know. Core: CreateBlockChain in
 * test/util/mining.cpp.
 */
import {
  Block,
  type BlockHash,
  BlockHeader,
  blockSubsidy,
  checkProofOfWork,
  concatBytes,
  type MerkleRoot,
  NULL_OUTPOINT,
  pushNumber,
  regtest,
  SEQUENCE_FINAL,
  sha256,
  Transaction,
} from "@chain/core";

const LENGTH = 200;
/** Pays to a script that is true. */
const PAY_TO = concatBytes(Uint8Array.of(0, 32), sha256(Uint8Array.of(0x51)));

/** The blocks of heights 1 to 200. */
export function snapshotChain(): readonly Block[] {
  const blocks: Block[] = [];
  const { genesis } = regtest;
  let previousHash: BlockHash = genesis.hash;
  for (let height = 1; height <= LENGTH; height++) {
    const scriptSig = concatBytes(pushNumber(height), Uint8Array.of(0));
    const coinbase = new Transaction({
      version: 2,
      inputs: [{ prevout: NULL_OUTPOINT, scriptSig, sequence: SEQUENCE_FINAL, witness: [] }],
      outputs: [{ value: blockSubsidy(height, regtest), scriptPubKey: PAY_TO }],
      lockTime: 0,
    });
    const fields = {
      version: 4,
      previousHash,
      merkleRoot: coinbase.txid as string as MerkleRoot,
      time: genesis.header.time + height,
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
