import { Block, type BlockHash, type HeaderNode, type HeaderTree, Transaction } from "@chain/core";
import { MAX_HEADERS } from "@chain/wire";

/** Hashes in the answer to `getblocks`. Core: 500. */
const MAX_BLOCKS_ANSWER = 500;

/** The active blocks after the last that a locator shares with us, up to `stop` or `most`. */
function after(
  tree: HeaderTree,
  locator: readonly BlockHash[],
  stop: BlockHash,
  most: number,
): readonly HeaderNode[] {
  const nodes: HeaderNode[] = [];
  const fork = tree.findFork(locator);
  for (let height = fork.height + 1; height <= tree.tip.height && nodes.length < most; height++) {
    const node = tree.activeAt(height) as HeaderNode;
    nodes.push(node);
    if (node.hash === stop) break;
  }
  return nodes;
}

/** The answer to `getheaders`. An empty locator asks for the one header `stop`. */
export function headersAfter(
  tree: HeaderTree,
  locator: readonly BlockHash[],
  stop: BlockHash,
): readonly HeaderNode[] {
  if (locator.length > 0) return after(tree, locator, stop, MAX_HEADERS);
  const node = tree.get(stop);
  return node !== undefined && tree.isActive(node) ? [node] : [];
}

/** The answer to `getblocks`, and whether there is more after it. */
export function blocksAfter(
  tree: HeaderTree,
  locator: readonly BlockHash[],
  stop: BlockHash,
): { readonly nodes: readonly HeaderNode[]; readonly more: boolean } {
  const nodes = after(tree, locator, stop, MAX_BLOCKS_ANSWER);
  const last = nodes.at(-1);
  return { nodes, more: nodes.length === MAX_BLOCKS_ANSWER && last?.hash !== stop };
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
