import {
  BlockHeader,
  concatBytes,
  HEADER_SIZE,
  idFromBytes,
  idToBytes,
  isChainError,
  MAX_BLOCK_WEIGHT,
  Reader,
  sha256d,
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

/** The least weight of a transaction: more of them fit into no block. */
const MAX_TRANSACTIONS = MAX_BLOCK_WEIGHT / (60 * 4);

/** The path of one transaction, read from a proof of BIP-0037. */
export interface MerklePath {
  readonly header: BlockHeader;
  readonly txid: Txid;
  /** Place of the transaction in the block, from 0, and how many the block has, as the proof says. */
  readonly index: number;
  readonly transactionCount: number;
  /** The neighbour at each level, from the leaves up. */
  readonly siblings: readonly Txid[];
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
    const count = reader.u32();
    const length = reader.compactSize();
    if (count === 0 || count > MAX_TRANSACTIONS || length > 2 * 17) return undefined;
    const hashes = Array.from({ length }, () => reader.take(32));
    const path = new PathReader(count, hashes, reader.varBytes());
    if (reader.remaining > 0) return undefined;
    const root = path.read();
    const { leaf, index } = path;
    if (root === undefined || leaf === undefined) return undefined;
    if ((idFromBytes<Txid>(root) as string) !== header.merkleRoot) return undefined;
    const siblings = path.siblings.map((each) => idFromBytes<Txid>(each));
    return { header, txid: idFromBytes(leaf), index, transactionCount: count, siblings };
  } catch (error) {
    if (!isChainError(error)) throw error;
    return undefined;
  }
}

/** Nodes of a level; level 0 has the transactions. */
function width(count: number, level: number): number {
  return Math.ceil(count / 2 ** level);
}

class PathReader {
  leaf: Uint8Array | undefined;
  index = 0;
  /** From the leaves up. */
  readonly siblings: Uint8Array[] = [];
  readonly #count: number;
  readonly #hashes: readonly Uint8Array[];
  readonly #flags: Uint8Array;
  #bitsUsed = 0;
  #hashesUsed = 0;
  #isBad = false;

  constructor(count: number, hashes: readonly Uint8Array[], flags: Uint8Array) {
    this.#count = count;
    this.#hashes = hashes;
    this.#flags = flags;
  }

  /** @returns the root; undefined where the tree is none, or has left something over */
  read(): Uint8Array | undefined {
    let level = 0;
    while (width(this.#count, level) > 1) level++;
    const { hash } = this.#walk(level, 0);
    const isUsed =
      Math.ceil(this.#bitsUsed / 8) === this.#flags.length &&
      this.#hashesUsed === this.#hashes.length;
    return this.#isBad || !isUsed ? undefined : hash;
  }

  #walk(level: number, at: number): { readonly hash: Uint8Array; readonly isOnPath: boolean } {
    const isOnPath = this.#bit();
    if (level === 0 || !isOnPath) {
      const hash = this.#hash();
      if (isOnPath) {
        this.#isBad ||= this.leaf !== undefined;
        this.leaf = hash;
        this.index = at;
      }
      return { hash, isOnPath };
    }
    const left = this.#walk(level - 1, at * 2);
    const hasRight = at * 2 + 1 < width(this.#count, level - 1);
    const right = hasRight ? this.#walk(level - 1, at * 2 + 1) : undefined;
    // Two that are equal would let one transaction stand for two (CVE-2012-2459).
    if (right !== undefined) this.#isBad ||= left.hash.every((byte, i) => byte === right.hash[i]);
    // Of two on the path, one would be a second transaction; of none, there is nothing that it leads to.
    this.#isBad ||= left.isOnPath === (right?.isOnPath ?? false);
    this.siblings.push(left.isOnPath ? (right ?? left).hash : left.hash);
    return { hash: sha256d(concatBytes(left.hash, (right ?? left).hash)), isOnPath };
  }

  #bit(): boolean {
    const at = this.#bitsUsed++;
    const byte = this.#flags[at >> 3];
    this.#isBad ||= byte === undefined;
    return ((byte ?? 0) & (1 << (at & 7))) !== 0;
  }

  #hash(): Uint8Array {
    const hash = this.#hashes[this.#hashesUsed++];
    this.#isBad ||= hash === undefined;
    return hash ?? new Uint8Array(32);
  }
}
