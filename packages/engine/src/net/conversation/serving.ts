import {
  Block,
  type BlockHash,
  type HeaderNode,
  type HeaderTree,
  type Seconds,
  Transaction,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { MAX_HEADERS } from "@chain/wire";

/** Hashes in the answer to `getblocks`. Core: 500. */
const MAX_BLOCKS_ANSWER = 500;

/** The active blocks after the last that a locator shares with us, `most` of them. */
function* after(
  tree: HeaderTree,
  locator: readonly BlockHash[],
  most: number,
): Iterable<HeaderNode> {
  const first = tree.findFork(locator).height + 1;
  const end = Math.min(tree.tip.height + 1, first + most);
  for (let height = first; height < end; height++) {
    yield present(tree.activeAt(height), `the active header at height ${height}`);
  }
}

/** Blocks off the best chain are given away for so long. Core: STALE_RELAY_AGE_LIMIT. Seconds. */
const MAX_STALE_AGE: Seconds = 30 * 24 * 60 * 60;

/**
 * Whether a block off the best chain is of use to peers on its branch: not for long, because which such blocks a
 * node has tells it from others. Core: BlockRequestAllowed.
 */
export function isRecentlyStale(tree: HeaderTree, node: HeaderNode, spacing: Seconds): boolean {
  if (node.invalidReason !== undefined) return false;
  const { bestHeader: best } = tree;
  const proof = best.chainWork - (best.parent?.chainWork ?? 0n);
  const lag = ((best.chainWork - node.chainWork) * BigInt(spacing)) / proof;
  return best.time - node.time < MAX_STALE_AGE && lag < MAX_STALE_AGE;
}

/** The answer to `getheaders` with a locator: up to and with `stop`. */
export function headersAfter(
  tree: HeaderTree,
  locator: readonly BlockHash[],
  stop: BlockHash,
): readonly HeaderNode[] {
  const nodes: HeaderNode[] = [];
  for (const node of after(tree, locator, MAX_HEADERS)) {
    nodes.push(node);
    if (node.hash === stop) break;
  }
  return nodes;
}

/**
 * The answer to `getblocks`, up to and without `stop`, and whether there is more after it.
 * @param above nothing from the first block on that is not higher: it may be pruned
 */
export function blocksAfter(
  tree: HeaderTree,
  locator: readonly BlockHash[],
  stop: BlockHash,
  above: number,
): { readonly nodes: readonly HeaderNode[]; readonly more: boolean } {
  const nodes: HeaderNode[] = [];
  for (const node of after(tree, locator, MAX_BLOCKS_ANSWER)) {
    if (node.hash === stop || node.height <= above) break;
    nodes.push(node);
  }
  return { nodes, more: nodes.length === MAX_BLOCKS_ANSWER };
}

/** A transaction as a peer from before SegWit wants it. */
export function strippedTransaction(transaction: Transaction): Transaction {
  return transaction.hasWitness
    ? Transaction.fromBytes(transaction.toBytes({ witness: false }))
    : transaction;
}

/** A raw block as a peer from before SegWit wants it. */
export function withoutWitness(raw: Uint8Array): Uint8Array {
  const block = Block.fromBytes(raw);
  return block.transactions.some(({ hasWitness }) => hasWitness)
    ? block.toBytes({ witness: false })
    : raw;
}
