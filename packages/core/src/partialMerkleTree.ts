import { present, requireArray, requireBoolean } from "./arguments.ts";
import { concatBytes } from "./bytes.ts";
import { CoreError } from "./errors.ts";
import { sha256d } from "./hash.ts";
import { idFromBytes, idToBytes, type Txid } from "./ids.ts";
import { requireId } from "./shapes.ts";

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
