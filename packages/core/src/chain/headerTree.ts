import { CoreError } from "../errors.ts";
import type { BlockHeader } from "../header.ts";
import { type BlockHash, idToBytes } from "../ids.ts";
import { Frontier } from "./frontier.ts";
import { type HeaderNode, HeaderNodes, TreeNode } from "./headerNode.ts";
import { HeaderRestorer } from "./headerRestorer.ts";
import { type HeaderTable, NO_SLOT } from "./headerTable.ts";

/**
 * All known headers of one chain, from its genesis block on, with which bodies are known, which are invalid, and which
 * of them are connected. It holds no opinion on rules: check a header before it is added. Adding a block takes time
 * that does not grow with the chain; there is no recursion.
 *
 * @example
 * const tree = new HeaderTree(params.genesis.header);
 * const node = tree.add(header);
 * tree.setBody(node, block.transactions.length);
 * if (tree.bestCandidate !== tree.tip) reorganise(tree.forkPoint(tree.tip, tree.bestCandidate));
 */
export class HeaderTree {
  readonly genesis: HeaderNode;
  readonly #nodes = new HeaderNodes();
  readonly #table: HeaderTable = this.#nodes.table;
  /** The connected blocks by height. */
  readonly #active: TreeNode[];
  readonly #headers = new Frontier(this.#table, (slot) => this.#table.sequence(slot));
  readonly #candidates = new Frontier(this.#table, (slot) => this.#table.bodySequence(slot));
  #bodySequence = 0;

  /** The genesis block is taken as known and connected. */
  constructor(genesis: BlockHeader) {
    const node = this.#nodes.add(genesis.toBytes(), idToBytes(genesis.hash));
    this.genesis = node;
    this.#table.link(node.slot, NO_SLOT, node.slot);
    this.#headers.add(node);
    this.#active = [node];
    this.setBody(node, 1);
  }

  /** Number of headers. */
  get size(): number {
    return this.#table.size;
  }

  get(hash: BlockHash): HeaderNode | undefined {
    return this.#nodes.find(hash);
  }

  /**
   * Adds a header that was checked against its parent, and returns its node; the one that is there where it is known
   * already. Below an invalid block it is invalid at once.
   * @throws CoreError `unknown-header` where the parent is not in the tree.
   */
  add(header: BlockHeader): HeaderNode {
    const known = this.#nodes.find(header.hash);
    if (known !== undefined) return known;
    const parent = this.#table.find(header.previousHash);
    if (parent === NO_SLOT) {
      throw new CoreError("unknown-header", `no header ${header.previousHash}`);
    }
    const node = this.#nodes.add(header.toBytes(), idToBytes(header.hash));
    this.#table.link(node.slot, parent, node.slot);
    this.#enter(node);
    return node;
  }

  /**
   * Adds headers that were in a tree before, in any order, with what was known of them. Nothing else may be done to the
   * tree until the last of them is there and `finish` was called.
   * @example
   * const restorer = tree.restore();
   * for (const known of written) restorer.add(known);
   * restorer.finish();
   */
  restore(): HeaderRestorer {
    return new HeaderRestorer(this.#nodes, (node, transactionCount) => {
      this.#enter(node);
      if (transactionCount > 0) this.setBody(node, transactionCount);
    });
  }

  /** Takes a node that was just linked into account. */
  #enter(node: TreeNode): void {
    const parent = node.parent as TreeNode;
    if (parent.invalidReason !== undefined && node.invalidReason === undefined) {
      this.#nodes.setReason(node, "bad-prevblk");
    }
    if (node.invalidReason === undefined) this.#headers.add(node);
  }

  /**
   * Notes that the body of a block is known. Once all bodies down to the genesis block are, the block is a candidate
   * for the best chain, and so are blocks above it that waited for it. To keep a chain that was active across a
   * restart, note its bodies before those of its rivals: among equal work the first wins.
   * @param transactionCount transactions in the body, at least 1
   */
  setBody(node: HeaderNode, transactionCount: number): void {
    const start = this.#own(node);
    if (!Number.isInteger(transactionCount) || transactionCount < 1) {
      throw new CoreError("out-of-range", "a body has at least one transaction");
    }
    if (start.transactionCount > 0) return;
    this.#table.setTransactionCount(start.slot, transactionCount);
    if (start.parent !== undefined && start.parent.chainTransactionCount === 0) return;
    const queue = [start];
    for (const next of queue) {
      const before = next.parent?.chainTransactionCount ?? 0;
      this.#table.setChainTransactionCount(next.slot, before + next.transactionCount);
      this.#table.setBodySequence(next.slot, this.#bodySequence++);
      if (next.invalidReason === undefined) this.#candidates.add(next);
      for (let child = next.firstChild; child !== undefined; child = child.nextSibling) {
        if (child.transactionCount > 0) queue.push(child);
      }
    }
  }

  /** The header with most work that is not known to be invalid; among equals the one that came first. */
  get bestHeader(): HeaderNode {
    return this.#headers.best ?? this.genesis;
  }

  /** The block with most work that can be connected: all bodies known, none invalid. Core: FindMostWorkChain. */
  get bestCandidate(): HeaderNode {
    return this.#candidates.best ?? this.genesis;
  }

  /**
   * Remembers that a block breaks a rule, and with it whatever descends from it.
   * @param reason Core's reject reason
   * @returns the nodes that became invalid by it, parents before children
   * @throws CoreError `out-of-range` for the genesis block.
   */
  markInvalid(node: HeaderNode, reason: string): readonly HeaderNode[] {
    const root = this.#own(node);
    if (root.parent === undefined) throw new CoreError("out-of-range", "genesis is never invalid");
    if (root.invalidReason !== undefined) return [];
    this.#nodes.setReason(root, reason);
    const branch = [root];
    for (const next of branch) {
      for (let child = next.firstChild; child !== undefined; child = child.nextSibling) {
        if (child.invalidReason !== undefined) continue; // and so is all below it
        this.#nodes.setReason(child, "bad-prevblk");
        branch.push(child);
      }
    }
    this.#headers.removeBranch(branch, isValid);
    this.#candidates.removeBranch(branch, isConnectable);
    return branch;
  }

  /**
   * Takes back that a block is invalid, with whatever descends from it, and that its ancestors are. What branches off
   * from those stays as it was. Core: ResetBlockFailureFlags.
   * @returns the nodes that were invalid, parents before children
   */
  reconsider(node: HeaderNode): readonly HeaderNode[] {
    const branch = [this.#own(node)];
    for (const next of branch) {
      for (let child = next.firstChild; child !== undefined; child = child.nextSibling) {
        branch.push(child);
      }
    }
    const above: TreeNode[] = [];
    for (let at = branch[0]?.parent; at?.invalidReason !== undefined; at = at.parent)
      above.push(at);
    const cleared = [...above.reverse(), ...branch].filter((each) => !isValid(each));
    for (const each of cleared) {
      this.#nodes.setReason(each, undefined);
      this.#headers.add(each);
      if (each.chainTransactionCount > 0) this.#candidates.add(each);
    }
    return cleared;
  }

  isInvalid(node: HeaderNode): boolean {
    return node.invalidReason !== undefined;
  }

  /** The last block of the active (connected) chain. */
  get tip(): HeaderNode {
    return this.#active.at(-1) as TreeNode;
  }

  /** Makes this block the end of the active chain. Takes time in proportion to what changes. */
  setTip(node: HeaderNode): void {
    const tip = this.#own(node);
    const path: TreeNode[] = [];
    let step: TreeNode = tip;
    for (; !this.isActive(step); step = step.parent as TreeNode) path.push(step);
    this.#active.length = step.height + 1;
    while (path.length > 0) this.#active.push(path.pop() as TreeNode);
  }

  /** The active block at that height. */
  activeAt(height: number): HeaderNode | undefined {
    return this.#active[height];
  }

  isActive(node: HeaderNode): boolean {
    return this.#active[node.height] === node;
  }

  /** The last block that the chains of both share: where a reorganisation from one to the other turns back. */
  forkPoint(a: HeaderNode, b: HeaderNode): HeaderNode {
    const table = this.#table;
    const height = Math.min(a.height, b.height);
    let left = table.ancestor(this.#own(a).slot, height);
    let right = table.ancestor(this.#own(b).slot, height);
    while (left !== right) {
      // Equal heights, so both links reach equally far; where they meet, the fork is somewhere on the way.
      const far = table.skip(left) !== table.skip(right);
      left = far ? table.skip(left) : table.parent(left);
      right = far ? table.skip(right) : table.parent(right);
    }
    return this.#nodes.at(left) as TreeNode;
  }

  /**
   * Hashes that tell a peer where this chain is: the last ten one by one, then in doubling steps, the genesis block at
   * the end. Core: GetLocator.
   */
  locator(node: HeaderNode = this.tip): BlockHash[] {
    const hashes: BlockHash[] = [];
    let step = 1;
    let at: TreeNode = this.#own(node);
    while (true) {
      hashes.push(at.hash);
      if (at.height === 0) return hashes;
      at = at.ancestor(Math.max(at.height - step, 0)) as TreeNode;
      if (hashes.length > 10) step *= 2;
    }
  }

  /** The last block that the sender of a locator and our active chain are known to share. Core: FindForkInGlobalIndex. */
  findFork(locator: readonly BlockHash[]): HeaderNode {
    for (const hash of locator) {
      const node = this.#nodes.find(hash);
      if (node === undefined) continue;
      if (this.isActive(node)) return node;
      if (node.ancestor(this.tip.height) === this.tip) return this.tip;
    }
    return this.genesis;
  }

  /** All nodes in no particular order. */
  nodes(): IterableIterator<HeaderNode> {
    return this.#nodes.values();
  }

  /** The nodes without children. Looks at all. */
  *leaves(): IterableIterator<HeaderNode> {
    for (const node of this.#nodes.values()) if (node.firstChild === undefined) yield node;
  }

  #own(node: HeaderNode): TreeNode {
    if (node instanceof TreeNode && node.owner === this.#nodes) return node;
    throw new CoreError("unknown-header", `${node.hash} is of another tree`);
  }
}

function isValid(node: TreeNode): boolean {
  return node.invalidReason === undefined;
}

function isConnectable(node: TreeNode): boolean {
  return isValid(node) && node.chainTransactionCount > 0;
}
