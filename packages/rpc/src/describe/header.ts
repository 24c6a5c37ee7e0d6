/** Headers and blocks as Core's RPC shows them. */

import {
  type Block,
  bytesToHex,
  compactToTarget,
  type HeaderNode,
  type HeaderTree,
  type Transaction,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { hex, maybe, num, obj, type ShapeOf, time } from "../define/result.ts";

/** How many times harder than the easiest target of Bitcoin's main network. Core: GetDifficulty. */
export function difficultyOf(bits: number): number {
  const mantissa = bits & 0xff_ffff;
  // Powers of two lose no digits, so the order of the factors does not matter.
  return mantissa === 0 ? 0 : (0xffff / mantissa) * 256 ** (29 - (bits >>> 24));
}

export function hex256(value: bigint): string {
  return value.toString(16).padStart(64, "0");
}

export function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

/** The target that compact bits stand for, in hex. Core: GetTarget. */
export function targetHex(bits: number): string {
  return hex256(compactToTarget(bits).target);
}

export interface HeaderDescription {
  readonly hash: string;
  readonly confirmations: number;
  readonly height: number;
  readonly version: number;
  readonly versionHex: string;
  readonly merkleroot: string;
  readonly time: number;
  readonly mediantime: number;
  readonly nonce: number;
  readonly bits: string;
  readonly target: string;
  readonly difficulty: number;
  readonly chainwork: string;
  readonly nTx: number;
  readonly previousblockhash?: string | undefined;
  readonly nextblockhash?: string | undefined;
}

export const headerShape: ShapeOf<HeaderDescription> = {
  hash: hex("The block hash"),
  confirmations: num("The number of confirmations, or -1 if the block is not on the main chain"),
  height: num("The block height or index"),
  version: num("The block version"),
  versionHex: hex("The block version in hexadecimal"),
  merkleroot: hex("The merkle root"),
  time: time("The block time in seconds since 1970"),
  mediantime: time("The median time of the last 11 blocks in seconds since 1970"),
  nonce: num("The nonce"),
  bits: hex("The compact form of the target"),
  target: hex("The difficulty target"),
  difficulty: num("The difficulty"),
  chainwork: hex("Expected number of hashes to make the chain up to this block"),
  nTx: num("The number of transactions in the block"),
  previousblockhash: maybe(hex("The hash of the previous block")),
  nextblockhash: maybe(hex("The hash of the next block of the main chain")),
};

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
    versionHex: hex32(header.version),
    merkleroot: header.merkleRoot,
    time: header.time,
    mediantime: node.medianTimePast,
    nonce: header.nonce,
    bits: hex32(header.bits),
    target: targetHex(header.bits),
    difficulty: difficultyOf(header.bits),
    chainwork: hex256(node.chainWork),
    nTx: node.transactionCount,
    ...(node.parent === undefined ? {} : { previousblockhash: node.parent.hash }),
    ...(next === undefined ? {} : { nextblockhash: next }),
  };
}

export const blockShape: ShapeOf<BlockDescription> = {
  ...headerShape,
  strippedsize: num("The block size without witness data"),
  size: num("The block size"),
  weight: num("The block weight as defined in BIP-0141"),
  coinbase_tx: obj(
    {
      version: num("The coinbase transaction version"),
      locktime: num("The coinbase transaction's lock time"),
      sequence: num("The coinbase input's sequence number"),
      coinbase: hex("The coinbase input's script"),
      witness: maybe(hex("The coinbase input's first (and only) witness stack element")),
    },
    "Coinbase transaction metadata",
  ),
};

/** All of a block but its transactions. Core: blockToJSON. */
export function describeBlock(block: Block, node: HeaderNode, tree: HeaderTree): BlockDescription {
  return {
    ...describeHeader(node, tree),
    strippedsize: block.baseSize,
    size: block.totalSize,
    weight: block.weight,
    coinbase_tx: describeCoinbase(present(block.transactions[0], "the coinbase of a block")),
  };
}

export interface BlockDescription extends HeaderDescription {
  readonly strippedsize: number;
  readonly size: number;
  readonly weight: number;
  readonly coinbase_tx: CoinbaseDescription;
}

interface CoinbaseDescription {
  readonly version: number;
  readonly locktime: number;
  readonly sequence: number;
  readonly coinbase: string;
  readonly witness?: string | undefined;
}

/** Core: coinbaseTxToJSON. */
function describeCoinbase({
  version,
  lockTime,
  inputs: [input],
}: Transaction): CoinbaseDescription {
  const [item] = input?.witness ?? [];
  return {
    version,
    locktime: lockTime,
    sequence: input?.sequence ?? 0,
    coinbase: bytesToHex(input?.scriptSig ?? new Uint8Array(0)),
    ...(item !== undefined && { witness: bytesToHex(item) }),
  };
}
