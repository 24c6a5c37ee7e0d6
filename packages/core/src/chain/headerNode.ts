import type { BlockHeader } from "../header.ts";
import type { BlockHash } from "../ids.ts";
import type { AncestorView } from "./ancestorView.ts";

/** Blocks whose times make the median (BIP-0113). */
const MEDIAN_TIME_SPAN = 11;

/** A header in its tree, and what is known of its block. Changed by its {@link HeaderTree} alone. */
export interface HeaderNode extends AncestorView {
  readonly parent: HeaderNode | undefined;
  /** Expected hashes behind this block and all before it. */
  readonly chainWork: bigint;
  /** Transactions in its body; 0 while the body is not known. */
  readonly transactionCount: number;
  /** Transactions up to and with this block; 0 while a body on the way from the genesis block is not known. */
  readonly chainTransactionCount: number;
  /** Why it is invalid (Core's reject reason; `bad-prevblk` for what descends from an invalid block), if it is. */
  readonly invalidReason: string | undefined;
  ancestor(height: number): HeaderNode | undefined;
}

/** The node as the tree sees it. Links instead of lists: a tree of a million headers makes no array per node. */
export class TreeNode implements HeaderNode {
  readonly header: BlockHeader;
  readonly parent: TreeNode | undefined;
  readonly height: number;
  readonly chainWork: bigint;
  /** An ancestor far back, so that any other is reached in a few steps. Core: CBlockIndex::pskip. */
  readonly skip: TreeNode | undefined;
  firstChild: TreeNode | undefined = undefined;
  readonly nextSibling: TreeNode | undefined;
  /** When the header came, and when the bodies up to it were complete: the earlier wins among equal work. */
  readonly headerSequence: number;
  bodySequence = 0;
  transactionCount = 0;
  chainTransactionCount = 0;
  invalidReason: string | undefined = undefined;

  constructor(
    header: BlockHeader,
    parent: TreeNode | undefined,
    chainWork: bigint,
    headerSequence: number,
  ) {
    this.header = header;
    this.parent = parent;
    this.chainWork = chainWork;
    this.headerSequence = headerSequence;
    this.height = parent === undefined ? 0 : parent.height + 1;
    this.skip = parent?.ancestor(skipHeight(this.height));
    this.nextSibling = parent?.firstChild;
    if (parent !== undefined) parent.firstChild = this;
  }

  get hash(): BlockHash {
    return this.header.hash;
  }

  get medianTimePast(): number {
    const times: number[] = [];
    let node: TreeNode | undefined = this;
    for (; node !== undefined && times.length < MEDIAN_TIME_SPAN; node = node.parent) {
      times.push(node.header.time);
    }
    times.sort((a, b) => a - b);
    return times[times.length >> 1] as number;
  }

  /** In O(log height) steps: takes the skip link unless the parent's would lead closer. Core: GetAncestor. */
  ancestor(height: number): TreeNode | undefined {
    if (height < 0 || height > this.height) return undefined;
    let node: TreeNode | undefined = this;
    while (node !== undefined && node.height > height) {
      const far = skipHeight(node.height);
      const farFromParent = skipHeight(node.height - 1);
      const parentIsBetter = farFromParent < far - 2 && farFromParent >= height;
      const skips: boolean = far === height || (far > height && !parentIsBetter);
      node = skips ? node.skip : node.parent;
    }
    return node;
  }
}

/** Height of the block that the skip link of a block at `height` leads to. Core: GetSkipHeight. */
function skipHeight(height: number): number {
  if (height < 2) return 0;
  return height % 2 === 1 ? clearLowestBit(clearLowestBit(height - 1)) + 1 : clearLowestBit(height);
}

function clearLowestBit(n: number): number {
  return n & (n - 1);
}
