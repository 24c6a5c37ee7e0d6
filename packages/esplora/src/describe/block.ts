import { type Block, type HeaderNode, type Seconds, ZERO_BLOCK_HASH } from "@chain/core";

/** A block, as Esplora shows it. */
export interface BlockDescription {
  readonly id: string;
  readonly height: number;
  readonly version: number;
  readonly timestamp: Seconds;
  readonly tx_count: number;
  readonly size: number;
  readonly weight: number;
  readonly merkle_root: string;
  readonly previousblockhash: string | null;
  readonly mediantime: Seconds;
  readonly nonce: number;
  readonly bits: number;
  readonly difficulty: number;
}

export function describeBlock(block: Block, node: HeaderNode): BlockDescription {
  const { header, transactions, totalSize, weight } = block;
  const { previousHash } = header;
  return {
    id: block.hash,
    height: node.height,
    version: header.version >>> 0,
    timestamp: header.time,
    tx_count: transactions.length,
    size: totalSize,
    weight,
    merkle_root: header.merkleRoot,
    previousblockhash: previousHash === ZERO_BLOCK_HASH ? null : previousHash,
    mediantime: node.medianTimePast,
    nonce: header.nonce,
    bits: header.bits,
    difficulty: difficultyOf(header.bits),
  };
}

/** How many times harder than the easiest target of Bitcoin's main network. Core: GetDifficulty. */
export function difficultyOf(bits: number): number {
  const mantissa = bits & 0xff_ffff;
  return mantissa === 0 ? 0 : (0xffff / mantissa) * 256 ** (29 - (bits >>> 24));
}
