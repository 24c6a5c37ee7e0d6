import {
  present,
  requireArray,
  requireBoolean,
  requireFields,
  requireInteger,
} from "./arguments.ts";
import { concatBytes, equalBytes } from "./bytes.ts";
import { CoreError } from "./errors.ts";
import { sha256d } from "./hash.ts";
import { idFromBytes, idToBytes, type MerkleRoot, type Txid } from "./ids.ts";
import { MAX_BLOCK_WEIGHT } from "./limits.ts";
import { requireId } from "./shapes.ts";

/** No block has more: the least transaction has 60 bytes. Core: MIN_TRANSACTION_WEIGHT. */
const MAX_TRANSACTIONS = /* @__PURE__ */ Math.floor(MAX_BLOCK_WEIGHT / (4 * 60));

/** The branches of a block's Merkle tree that lead to some of its transactions: a proof that they are in it. */
export interface PartialMerkleTree {
  /** How many transactions the block has. */
  readonly total: number;
  /** Nodes of the tree, depth first. */
  readonly hashes: readonly Txid[];
  /** One bit for each node that is visited, the lowest of each byte first. */
  readonly flags: Uint8Array;
}

/**
 * The proof that some transactions are in a block, as `merkleblock` and `gettxoutproof` have it (BIP-0037). Core:
 * CPartialMerkleTree.
 * @param txids of all transactions of the block, in order; at least one
 * @param matches whether each is one of those
 * @throws CoreError `out-of-range` where there is no transaction
 * @example
 * const { total, hashes } = partialMerkleTree([block.transactions[0].txid], [true]);
 * [total, hashes.length] // [1, 1]
 */
export function partialMerkleTree(
  txids: readonly Txid[],
  matches: readonly boolean[],
): PartialMerkleTree {
  requireArray(txids, "txids", requireId);
  requireArray(matches, "matches", requireBoolean);
  const total = txids.length;
  if (total === 0) throw new CoreError("out-of-range", "a block has at least one transaction");

  const levels = levelsOf(txids);
  const bits: boolean[] = [];
  const hashes: Txid[] = [];
  const build = (level: number, at: number): void => {
    const hasMatch = matches.slice(at * 2 ** level, (at + 1) * 2 ** level).includes(true);
    bits.push(hasMatch);
    const width = levels[level - 1]?.length ?? 0;
    if (level === 0 || !hasMatch) {
      hashes.push(idFromBytes<Txid>(present(levels[level]?.[at], "a node of the Merkle tree")));
      return;
    }
    build(level - 1, at * 2);
    if (at * 2 + 1 < width) build(level - 1, at * 2 + 1);
  };
  build(levels.length - 1, 0);
  const flags = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries()) {
    if (bit) flags[i >> 3] = (flags[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return { total, hashes, flags };
}

/** A transaction that a partial Merkle tree proves. */
export interface MerkleMatch {
  readonly txid: Txid;
  /** Its place in the block, from 0. */
  readonly index: number;
  /** The neighbour at each level, from the transactions up. Where there is none, the node is its own. */
  readonly siblings: readonly Txid[];
}

/**
 * Reads a partial Merkle tree: the root that it leads to, and the transactions that it is about. Whether a block has
 * that root is for the caller to compare. Core: CPartialMerkleTree::ExtractMatches.
 * @returns `undefined` where it is no tree, or something is left over
 * @example
 * const { txid } = block.transactions[0];
 * partialMerkleMatches(partialMerkleTree([txid], [true])).matches // [{ txid, index: 0, siblings: [] }]
 */
export function partialMerkleMatches(
  tree: PartialMerkleTree,
): { readonly root: MerkleRoot; readonly matches: readonly MerkleMatch[] } | undefined {
  requireFields(tree, "tree", { total: "number", hashes: "array", flags: "bytes" });
  requireInteger(tree.total, "tree.total", 0);
  requireArray(tree.hashes, "tree.hashes", requireId);

  const { total, hashes, flags } = tree;
  if (total === 0 || total > MAX_TRANSACTIONS) return undefined;
  if (hashes.length > total || 8 * flags.length < hashes.length) return undefined;
  const width = (level: number) => Math.ceil(total / 2 ** level);
  const found: (Omit<MerkleMatch, "siblings"> & { readonly siblings: Txid[] })[] = [];
  let [bitsUsed, hashesUsed, isBad] = [0, 0, false];
  const walk = (level: number, at: number): Uint8Array => {
    const byte = flags[bitsUsed >> 3];
    const bit = ((byte ?? 0) >> (bitsUsed++ & 7)) & 1;
    isBad ||= byte === undefined;
    if (level === 0 || bit === 0) {
      const hash = hashes[hashesUsed++];
      isBad ||= hash === undefined;
      if (hash === undefined) return new Uint8Array(32);
      if (bit === 1) found.push({ txid: hash, index: at, siblings: [] });
      return idToBytes(hash);
    }
    const first = found.length;
    const left = walk(level - 1, at * 2);
    const second = found.length;
    const hasRight = at * 2 + 1 < width(level - 1);
    const right = hasRight ? walk(level - 1, at * 2 + 1) : left;
    // Two that are equal would let one transaction stand for two (CVE-2012-2459).
    isBad ||= hasRight && equalBytes(left, right);
    for (const { siblings } of found.slice(first, second)) siblings.push(idFromBytes(right));
    for (const { siblings } of found.slice(second)) siblings.push(idFromBytes(left));
    return sha256d(concatBytes(left, right));
  };
  let top = 0;
  while (width(top) > 1) top++;
  const root = idFromBytes<MerkleRoot>(walk(top, 0));
  const isUsed = Math.ceil(bitsUsed / 8) === flags.length && hashesUsed === hashes.length;
  return isBad || !isUsed ? undefined : { root, matches: found };
}

/** From the transactions up to the root. An odd one out is its own neighbour. */
function levelsOf(txids: readonly Txid[]): readonly (readonly Uint8Array[])[] {
  let last: readonly Uint8Array[] = txids.map(idToBytes);
  const levels = [last];
  while (last.length > 1) {
    const below = last;
    last = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => {
      const left = present(below[2 * i], "a node of the Merkle tree");
      return sha256d(concatBytes(left, below[2 * i + 1] ?? left));
    });
    levels.push(last);
  }
  return levels;
}
