import {
  type Block,
  type BlockHash,
  type BlockHeader,
  concatBytes,
  idFromBytes,
  idToBytes,
  merkleBranch,
  sha256d,
  type Transaction,
  type Txid,
} from "@chain/core";
import {
  requireArray,
  requireBlock,
  requireFields,
  requireHeader,
  requireId,
  requireInteger,
  requireTransaction,
} from "@chain/core/arguments";
import { LightError } from "./errors.ts";

/** The path from a transaction to the Merkle root of its block: with the header, all that shows that it is in there. */
export interface InclusionProof {
  readonly blockHash: BlockHash;
  /** Place of the transaction in the block, from 0. */
  readonly index: number;
  /** The neighbour at each level, from the leaves up, written as ids are. */
  readonly siblings: readonly Txid[];
}

/** A tree of 4 MB of the smallest transactions is not so high. */
const MAX_LEVELS = 17;
/** A node of the tree has 64 bytes: a transaction of this size could pass for one (CVE-2017-12842). */
const NODE_SIZE = 64;

/**
 * The proof that a block holds a transaction.
 * @throws LightError `unknown-transaction` where it does not
 * @example
 * const [coinbase] = block.transactions;
 * const proof = inclusionProof(block, coinbase.txid);
 * verifyInclusion(coinbase, proof, block.header) // true
 */
export function inclusionProof(block: Block, txid: Txid): InclusionProof {
  requireBlock(block, "block");
  requireId(txid, "txid");

  const index = block.transactions.findIndex((transaction) => transaction.txid === txid);
  if (index < 0) {
    throw new LightError("unknown-transaction", `block ${block.hash} has no transaction ${txid}`);
  }
  const txids = block.transactions.map((transaction) => transaction.txid);
  return { blockHash: block.hash, index, siblings: merkleBranch(txids, index) };
}

/**
 * Whether a transaction is in the block of a header. Whether that block is in the best chain is another question. A
 * transaction of 64 bytes, which could be a node of the tree, is refused (CVE-2017-12842). The other way round is not seen:
 * with some 2^60 hashes, a miner can make a real transaction of that size that passes for a node above a false one. The
 * proofs of a `LightNode` are made of whole blocks, and leave no room for it.
 * @example
 * const proof = inclusionProof(block, block.transactions[0].txid);
 * verifyInclusion(block.transactions[0], { ...proof, index: 1 }, block.header) // false
 */
export function verifyInclusion(
  transaction: Transaction,
  proof: InclusionProof,
  header: BlockHeader,
): boolean {
  requireTransaction(transaction, "transaction");
  requireProof(proof, "proof");
  requireHeader(header, "header");

  const { blockHash, index, siblings } = proof;
  if (blockHash !== header.hash || siblings.length > MAX_LEVELS) return false;
  if (index < 0 || index >= 2 ** siblings.length || transaction.baseSize === NODE_SIZE)
    return false;
  let node = transaction.txid;
  siblings.forEach((sibling, level) => {
    const isRight = ((index >> level) & 1) === 1;
    node = isRight ? parentOf(sibling, node) : parentOf(node, sibling);
  });
  return (node as string) === header.merkleRoot;
}

export function requireProof(value: unknown, name: string): asserts value is InclusionProof {
  requireFields(value, name, { blockHash: "string", index: "number", siblings: "array" });
  const { index, siblings } = value as InclusionProof;
  requireInteger(index, `${name}.index`);
  requireArray(siblings, `${name}.siblings`, requireId);
}

function parentOf(left: Txid, right: Txid): Txid {
  return idFromBytes<Txid>(sha256d(concatBytes(idToBytes(left), idToBytes(right))));
}
