import { requireArray, requireInteger } from "./arguments.ts";
import { concatBytes } from "./bytes.ts";
import { sha256d } from "./hash.ts";
import {
  type HashId,
  idFromBytes,
  idToBytes,
  type MerkleRoot,
  type Txid,
  type Wtxid,
  ZERO_TXID,
} from "./ids.ts";
import { requireId, requireTransaction } from "./shapes.ts";
import type { Transaction } from "./transaction.ts";

/**
 * The root of the tree over these ids, in block order; all zeros for none.
 *
 * A level of odd length repeats its last node, so some lists with repeated ends have the root of a shorter list
 * (CVE-2012-2459). `mutated` says that two equal nodes stand side by side: then the list may be such a forgery of a
 * good block, and refusing it must not mark the good block's hash as invalid.
 *
 * @example merkleRoot(block.transactions.map((transaction) => transaction.txid)).root
 */
export function merkleRoot(ids: readonly (Txid | Wtxid)[]): {
  readonly root: MerkleRoot;
  readonly mutated: boolean;
} {
  requireArray(ids, "ids", requireId);

  // One level, with room for the repeated last node.
  const nodes = new Uint8Array(32 * (ids.length + 1));
  ids.forEach((id, i) => {
    nodes.set(idToBytes(id), 32 * i);
  });
  let mutated = false;
  let count = ids.length;
  while (count > 1) {
    for (let i = 0; i + 1 < count; i += 2) {
      if (equalNodes(nodes, 32 * i)) mutated = true;
    }
    if (count % 2 === 1) {
      nodes.copyWithin(32 * count, 32 * (count - 1), 32 * count);
      count++;
    }
    for (let i = 0; i < count; i += 2) {
      nodes.set(sha256d(nodes.subarray(32 * i, 32 * (i + 2))), 16 * i);
    }
    count /= 2;
  }
  return { root: idFromBytes<MerkleRoot>(nodes.subarray(0, 32)), mutated };
}

/**
 * The root over the ids with witness; the coinbase, which holds the commitment to it, counts as zero (BIP-0141).
 * @example witnessMerkleRoot(block.transactions).length // 64
 */
export function witnessMerkleRoot(transactions: readonly Transaction[]): MerkleRoot {
  requireArray(transactions, "transactions", requireTransaction);

  return merkleRoot(transactions.map(({ wtxid }, i) => (i === 0 ? ZERO_TXID : wtxid))).root;
}

/**
 * The path from one of these ids to the root of the tree over them: the neighbour at each level, from the ids up. An odd
 * one out is its own neighbour.
 * @param position of the id, from 0
 * @example
 * const ids = block.transactions.map((transaction) => transaction.txid);
 * merkleBranch(ids, 0) // [ids[1]]: the block has two
 */
export function merkleBranch<Id extends HashId>(
  ids: readonly Id[],
  position: number,
): readonly Id[] {
  requireArray(ids, "ids", requireId);
  requireInteger(position, "position", 0, Math.max(0, ids.length - 1));

  const branch: Id[] = [];
  let level = ids.map(idToBytes);
  for (let at = position; level.length > 1; at >>= 1) {
    const even = level.length % 2 === 0 ? level : [...level, ...level.slice(-1)];
    branch.push(...even.slice(at ^ 1, (at ^ 1) + 1).map((node) => idFromBytes<Id>(node)));
    level = even.flatMap((node, i) => {
      const next = even[i + 1];
      return i % 2 === 0 && next !== undefined ? [sha256d(concatBytes(node, next))] : [];
    });
  }
  return branch;
}

function equalNodes(nodes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 32; i++) if (nodes[i] !== nodes[i + 32]) return false;
  return true;
}
