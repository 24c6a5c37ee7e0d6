/** Chain data as Core's RPC shows it. */

import type { Block, BlockHash, HeaderNode, HeaderTree, MerkleRoot, Txid } from "@chain/core";

/** How many times harder than the easiest target of Bitcoin's main network. Core: GetDifficulty. */
export function difficultyOf(bits: number): number {
  const mantissa = bits & 0xff_ffff;
  // Powers of two lose no digits, so the order of the factors does not matter.
  return mantissa === 0 ? 0 : (0xffff / mantissa) * 256 ** (29 - (bits >>> 24));
}

export function chainWorkHex(work: bigint): string {
  return work.toString(16).padStart(64, "0");
}

export interface HeaderDescription {
  readonly hash: BlockHash;
  /** 1: it is the tip; -1: it is not in the best chain. */
  readonly confirmations: number;
  readonly height: number;
  readonly version: number;
  readonly versionHex: string;
  readonly merkleroot: MerkleRoot;
  readonly time: number;
  readonly mediantime: number;
  readonly nonce: number;
  readonly bits: string;
  readonly difficulty: number;
  readonly chainwork: string;
  readonly nTx: number;
  readonly previousblockhash?: BlockHash;
  readonly nextblockhash?: BlockHash;
}

export interface BlockDescription extends HeaderDescription {
  readonly strippedsize: number;
  readonly size: number;
  readonly weight: number;
  readonly tx: readonly Txid[];
}

/** Core: blockheaderToJSON. */
export function describeHeader(node: HeaderNode, tree: HeaderTree): HeaderDescription {
  const { header, hash, height } = node;
  const active = tree.isActive(node);
  const next = active ? tree.activeAt(height + 1)?.hash : undefined;
  return {
    hash,
    confirmations: active ? tree.tip.height - height + 1 : -1,
    height,
    version: header.version,
    versionHex: (header.version >>> 0).toString(16).padStart(8, "0"),
    merkleroot: header.merkleRoot,
    time: header.time,
    mediantime: node.medianTimePast,
    nonce: header.nonce,
    bits: header.bits.toString(16).padStart(8, "0"),
    difficulty: difficultyOf(header.bits),
    chainwork: chainWorkHex(node.chainWork),
    nTx: node.transactionCount,
    ...(node.parent === undefined ? {} : { previousblockhash: node.parent.hash }),
    ...(next === undefined ? {} : { nextblockhash: next }),
  };
}

/** Core: blockToJSON, verbosity 1. */
export function describeBlock(block: Block, node: HeaderNode, tree: HeaderTree): BlockDescription {
  return {
    ...describeHeader(node, tree),
    strippedsize: block.baseSize,
    size: block.totalSize,
    weight: block.weight,
    tx: block.transactions.map(({ txid }) => txid),
  };
}
