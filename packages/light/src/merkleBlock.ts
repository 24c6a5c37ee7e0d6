import {
  BlockHeader,
  HEADER_SIZE,
  idToBytes,
  isChainError,
  type MerkleMatch,
  partialMerkleMatches,
  Reader,
  type Txid,
  Writer,
} from "@chain/core";
import {
  requireBytes,
  requireFields,
  requireHeader,
  requireInteger,
  requireTransaction,
} from "@chain/core/arguments";
import { requireProof } from "./inclusion.ts";
import type { FoundTransaction } from "./watch.ts";

/** A path has one node at each level, and the transaction: no tree is so high. */
const MAX_HASHES = 34;

/** The path of one transaction, read from a proof of BIP-0037. */
export interface MerklePath extends MerkleMatch {
  readonly header: BlockHeader;
  /** How many transactions the block has, as the proof says. */
  readonly transactionCount: number;
}

/**
 * The proof that a block holds a transaction, in the form of BIP-0037 that `gettxoutproof` has.
 * @param header of the block
 * @example
 * const [coinbase] = block.transactions;
 * const proof = inclusionProof(block, coinbase.txid);
 * const bytes = encodeMerkleBlock({ transaction: coinbase, proof, transactionCount: 1 }, block.header);
 * decodeMerkleBlock(bytes).txid === coinbase.txid // true
 */
export function encodeMerkleBlock(
  found: Pick<FoundTransaction, "transaction" | "proof" | "transactionCount">,
  header: BlockHeader,
): Uint8Array {
  requireFields(found, "found", {
    transaction: "object",
    proof: "object",
    transactionCount: "number",
  });
  requireTransaction(found.transaction, "found.transaction");
  requireProof(found.proof, "found.proof");
  requireInteger(found.transactionCount, "found.transactionCount");
  requireHeader(header, "header");

  const { transaction, proof, transactionCount } = found;
  const bits: boolean[] = [];
  const hashes: string[] = [];
  const walk = (level: number, at: number): void => {
    const isOnPath = at === proof.index >> level;
    bits.push(isOnPath);
    if (!isOnPath) hashes.push(proof.siblings[level] ?? "");
    else if (level === 0) hashes.push(transaction.txid);
    else {
      walk(level - 1, at * 2);
      if (at * 2 + 1 < width(transactionCount, level - 1)) walk(level - 1, at * 2 + 1);
    }
  };
  walk(proof.siblings.length, 0);
  const flags = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries())
    if (bit) flags[i >> 3] = (flags[i >> 3] ?? 0) | (1 << (i & 7));
  const writer = new Writer().bytes(header.toBytes()).u32(transactionCount);
  writer.compactSize(hashes.length);
  for (const hash of hashes) writer.bytes(idToBytes(hash as Txid));
  return writer.varBytes(flags).finish();
}

/**
 * Reads a proof of BIP-0037 about one transaction. The path that it returns leads to the Merkle root of the header;
 * whether that header has work, and is in the best chain, is another question.
 * @returns undefined where the bytes are no such proof, or prove nothing. Core: CPartialMerkleTree::ExtractMatches.
 * @example decodeMerkleBlock(new Uint8Array(84)) // undefined
 */
export function decodeMerkleBlock(bytes: Uint8Array): MerklePath | undefined {
  requireBytes(bytes, "bytes");

  try {
    const reader = new Reader(bytes);
    const header = BlockHeader.fromBytes(reader.take(HEADER_SIZE));
    const total = reader.u32();
    const length = reader.compactSize();
    if (length > MAX_HASHES) return undefined;
    const hashes = Array.from({ length }, () => reader.hash<Txid>());
    const tree = partialMerkleMatches({ total, hashes, flags: reader.varBytes() });
    const [match, ...others] = tree?.matches ?? [];
    if (reader.remaining > 0 || match === undefined || others.length > 0) return undefined;
    return tree?.root === header.merkleRoot
      ? { header, transactionCount: total, ...match }
      : undefined;
  } catch (error) {
    if (!isChainError(error)) throw error;
    return undefined;
  }
}

/** Nodes of a level; level 0 has the transactions. */
function width(count: number, level: number): number {
  return Math.ceil(count / 2 ** level);
}
