import { present, requireArray, requireNumber, requireString } from "../arguments.ts";
import { CoreError } from "../errors.ts";
import type { BlockHeader } from "../header.ts";
import type { BlockHash } from "../ids.ts";
import { requireHeader, requireId, requireNode } from "../shapes.ts";
import { Frontier } from "./frontier.ts";
import { type HeaderNode, HeaderNodes, TreeNode } from "./headerNode.ts";
import { HeaderRestorer } from "./headerRestorer.ts";
import { type HeaderTable, NO_SLOT } from "./headerTable.ts";

// Offset in a header, in bytes.
const PREVIOUS_HASH = 4;

/**
 * All known headers of one chain, from its genesis block on, with which bodies are known, which are invalid, and which
 * of them are connected. It holds no opinion on rules: check a header before it is added. Adding a block takes time
 * that does not grow with the chain; there is no recursion.
 *
 * @example
 * const tree = new HeaderTree(params.genesis.header);
 * const node = tree.add(header);
 * tree.setBody(node, 1); // the block has arrived, with one transaction
 * tree.bestCandidate === node // true
 * tree.tip === tree.genesis // true: the caller connects it, and says so by setTip
 * tree.forkPoint(tree.tip, node).height // 0
 */
export class HeaderTree {
  readonly genesis: HeaderNode;
  readonly #nodes = new HeaderNodes();
  readonly #table: HeaderTable = this.#nodes.table;
  /** Slots of the connected blocks by height. */
  readonly #active: number[] = [];
  readonly #headers = new Frontier(this.#table, (slot) => this.#table.sequence(slot));
  readonly #candidates = new Frontier(this.#table, (slot) => this.#table.bodySequence(slot));
  #bodySequence = 0;

  /** The genesis block is taken as known and connected. */
  constructor(genesis: BlockHeader) {
    requireHeader(genesis, "genesis");

    const slot = this.#table.add(genesis.bytes, 0, genesis.hashBytes, 0);
    this.genesis = this.#nodes.get(slot);
    this.#table.link(slot, NO_SLOT, slot);
    this.#headers.add(slot);
    this.#active.push(slot);
    this.#setBody(slot, 1);
  }

  /** Number of headers. */
  get size(): number {
    return this.#table.size - this.#nodes.forgotten;
  }

  /** Number of headers that were ever added: what `addedSince` counts from. */
  get additions(): number {
    return this.#table.size;
  }

  get(hash: BlockHash): HeaderNode | undefined {
    requireId(hash, "hash");

    return this.#nodes.find(hash);
  }

  /** The node of a header: `get` without the detour by the text of its hash. */
  find(header: BlockHeader): HeaderNode | undefined {
    requireHeader(header, "header");

    return this.#nodes.at(this.#table.findBytes(header.hashBytes, 0));
  }

  /** The node of the header that a header names as its parent. */
  parentOf(header: BlockHeader): HeaderNode | undefined {
    requireHeader(header, "header");

    return this.#nodes.at(this.#table.findBytes(header.bytes, PREVIOUS_HASH));
  }

  /**
   * Adds a header that was checked against its parent, and returns its node; the one that is there where it is known
   * already. Below an invalid block it is invalid at once.
   * @throws CoreError `unknown-header` where the parent is not in the tree.
   */
  add(header: BlockHeader): HeaderNode {
    requireHeader(header, "header");

    const { hashBytes, bytes } = header;
    const known = this.find(header);
    if (known !== undefined) return known;
    const parent = this.#table.findBytes(bytes, PREVIOUS_HASH);
    if (parent === NO_SLOT) {
      throw new CoreError("unknown-header", `no header ${header.previousHash}`);
    }
    const slot = this.#table.add(bytes, 0, hashBytes, 0);
    this.#table.link(slot, parent, slot);
    this.#enter(slot);
    return this.#nodes.get(slot);
  }

  /**
   * Adds headers that were in a tree before, in any order, with what was known of them. Nothing else may be done to the
   * tree until the last of them is there and `finish` was called.
   * @example
   * const restorer = tree.restore();
   * const raw = { header: header.toBytes(), headerStart: 0, hash: idToBytes(header.hash), hashStart: 0 };
   * restorer.add({ ...raw, height: 1, transactionCount: 1 });
   * restorer.finish();
   * tree.bestHeader.height // 1
   */
  restore(): HeaderRestorer {
    return new HeaderRestorer(this.#nodes, {
      enter: (slot, transactionCount) => {
        this.#enter(slot);
        if (transactionCount > 0) this.#setBody(slot, transactionCount);
      },
      isActive: (slot) => this.#active[this.#table.height(slot)] === slot,
    });
  }

  /** Takes a header that was just linked into account. */
  #enter(slot: number): void {
    if (!this.#isValid(this.#table.parent(slot)) && this.#isValid(slot)) {
      this.#nodes.setReason(slot, "bad-prevblk");
    }
    if (this.#isValid(slot)) this.#headers.add(slot);
  }

  /**
   * Notes that the body of a block is known. Once all bodies down to the genesis block are, the block is a candidate
   * for the best chain, and so are blocks above it that waited for it. To keep a chain that was active across a
   * restart, note its bodies before those of its rivals: among equal work the first wins.
   * @param transactionCount transactions in the body, at least 1
   */
  setBody(node: HeaderNode, transactionCount: number): void {
    requireNode(node, "node");
    requireNumber(transactionCount, "transactionCount");

    const { slot } = this.#own(node);
    if (!Number.isInteger(transactionCount) || transactionCount < 1) {
      throw new CoreError("out-of-range", "a body has at least one transaction");
    }
    if (this.#table.transactionCount(slot) === 0) this.#setBody(slot, transactionCount);
  }

  #setBody(start: number, transactionCount: number): void {
    const table = this.#table;
    table.setTransactionCount(start, transactionCount);
    if (table.chainTransactionCount(start) > 0) return; // it was assumed
    const parent = table.parent(start);
    if (parent !== NO_SLOT && table.chainTransactionCount(parent) === 0) return;
    const before = parent === NO_SLOT ? 0 : table.chainTransactionCount(parent);
    this.#count(start, before + transactionCount);
  }

  /** Makes a block and those on it candidates, as far as bodies are known. @param count of its chain */
  #count(start: number, count: number): void {
    const table = this.#table;
    table.setChainTransactionCount(start, count);
    const queue = [start];
    for (const slot of queue) {
      if (slot !== start) {
        const before = table.chainTransactionCount(table.parent(slot));
        table.setChainTransactionCount(slot, before + table.transactionCount(slot));
      }
      table.setBodySequence(slot, this.#bodySequence++);
      if (this.#isValid(slot)) this.#candidates.add(slot);
      for (let at = table.firstChild(slot); at !== NO_SLOT; at = table.nextSibling(at)) {
        // An assumed block has been counted already, with all that stands on it.
        const isNew = table.chainTransactionCount(at) === 0;
        if (table.transactionCount(at) > 0 && isNew) queue.push(at);
      }
    }
  }

  /**
   * Takes a block for connectable although bodies below it are not here: its coins came by a snapshot. Blocks on it whose
   * bodies are known become candidates.
   * @param transactionCount transactions in the chain up to it, at least 1. Core: m_chain_tx_count
   * @throws CoreError `out-of-range`
   */
  assume(node: HeaderNode, transactionCount: number): void {
    requireNode(node, "node");
    requireNumber(transactionCount, "transactionCount");

    const { slot } = this.#own(node);
    if (!Number.isInteger(transactionCount) || transactionCount < 1) {
      throw new CoreError("out-of-range", "a chain has at least one transaction");
    }
    if (this.#table.chainTransactionCount(slot) === 0) this.#count(slot, transactionCount);
  }

  /**
   * Takes back what `assume` did, unless all bodies up to the block are known by now.
   * @throws CoreError `out-of-range` for a block of the active chain
   */
  dismiss(node: HeaderNode): void {
    requireNode(node, "node");

    const table = this.#table;
    const { slot } = this.#own(node);
    if (this.isActive(node)) throw new CoreError("out-of-range", "an active block stays");
    const parent = table.parent(slot);
    const isWhole = parent === NO_SLOT || table.chainTransactionCount(parent) > 0;
    if (isWhole && table.transactionCount(slot) > 0) return;
    this.#uncount(slot);
  }

  /**
   * Takes back that the body of a block is known, because it was deleted: neither the block nor any above it is a
   * candidate until it is known again.
   * @throws CoreError `out-of-range` for a block of the active chain
   */
  clearBody(node: HeaderNode): void {
    requireNode(node, "node");

    const table = this.#table;
    const { slot } = this.#own(node);
    if (this.isActive(node)) throw new CoreError("out-of-range", "an active block keeps its body");
    table.setTransactionCount(slot, 0);
    if (table.chainTransactionCount(slot) > 0) this.#uncount(slot);
  }

  /** Takes a block and those on it out of the candidates. */
  #uncount(slot: number): void {
    const table = this.#table;
    const branch = [slot];
    for (const each of branch) {
      table.setChainTransactionCount(each, 0);
      for (let at = table.firstChild(each); at !== NO_SLOT; at = table.nextSibling(at)) {
        if (table.chainTransactionCount(at) > 0) branch.push(at);
      }
    }
    this.#candidates.removeBranch(branch, (each) => this.#isConnectable(each));
  }

  /**
   * Forgets a header, and those that stand on it, as if they had never come. Nodes of them that somebody holds can still
   * be read. For chains of tests, which go back in time: elsewhere a header that was checked is kept.
   * @returns the forgotten nodes, parents before children
   * @throws CoreError `out-of-range` for a block of the active chain
   */
  forget(node: HeaderNode): readonly HeaderNode[] {
    requireNode(node, "node");

    const table = this.#table;
    const { slot } = this.#own(node);
    if (this.isActive(node)) throw new CoreError("out-of-range", "an active block stays");
    const branch = [slot];
    for (const each of branch) {
      for (let at = table.firstChild(each); at !== NO_SLOT; at = table.nextSibling(at)) {
        branch.push(at);
      }
    }
    for (const each of branch.toReversed()) {
      this.#nodes.forget(each);
      this.#nodes.setReason(each, undefined);
    }
    this.#headers.removeBranch(branch, (each) => this.#isValid(each));
    this.#candidates.removeBranch(branch, (each) => this.#isConnectable(each));
    return branch.map((each) => this.#nodes.get(each));
  }

  /** The headers that were added after the first `additions`, in their order, as far as they are still there. */
  addedSince(additions: number): readonly HeaderNode[] {
    requireNumber(additions, "additions");

    const added: HeaderNode[] = [];
    for (let slot = additions; slot < this.#table.size; slot++) {
      if (!this.#nodes.isForgotten(slot)) added.push(this.#nodes.get(slot));
    }
    return added;
  }

  /** The header with most work that is not known to be invalid; among equals the one that came first. */
  get bestHeader(): HeaderNode {
    return this.#nodes.get(this.#headers.best);
  }

  /** The block with most work that can be connected: all bodies known, none invalid. Core: FindMostWorkChain. */
  get bestCandidate(): HeaderNode {
    return this.#nodes.get(this.#candidates.best);
  }

  /**
   * Remembers that a block breaks a rule, and with it all that descends from it.
   * @param reason Core's reject reason
   * @returns the nodes that became invalid by it, parents before children
   * @throws CoreError `out-of-range` for the genesis block.
   */
  markInvalid(node: HeaderNode, reason: string): readonly HeaderNode[] {
    requireNode(node, "node");
    requireString(reason, "reason");

    const root = this.#own(node).slot;
    const table = this.#table;
    if (table.parent(root) === NO_SLOT) {
      throw new CoreError("out-of-range", "genesis is never invalid");
    }
    if (!this.#isValid(root)) return [];
    this.#nodes.setReason(root, reason);
    const branch = [root];
    for (const slot of branch) {
      for (let at = table.firstChild(slot); at !== NO_SLOT; at = table.nextSibling(at)) {
        if (!this.#isValid(at)) continue; // and so is all below it
        this.#nodes.setReason(at, "bad-prevblk");
        branch.push(at);
      }
    }
    this.#headers.removeBranch(branch, (slot) => this.#isValid(slot));
    this.#candidates.removeBranch(branch, (slot) => this.#isConnectable(slot));
    return branch.map((slot) => this.#nodes.get(slot));
  }

  /**
   * Takes back that a block is invalid, with all that descends from it, and that its ancestors are. Blocks that branch off
   * from those stay as they were. Core: ResetBlockFailureFlags.
   * @returns the nodes that were invalid, parents before children
   */
  reconsider(node: HeaderNode): readonly HeaderNode[] {
    requireNode(node, "node");

    const table = this.#table;
    const start = this.#own(node).slot;
    const branch = [start];
    for (const slot of branch) {
      for (let at = table.firstChild(slot); at !== NO_SLOT; at = table.nextSibling(at)) {
        branch.push(at);
      }
    }
    const above: number[] = [];
    let at = table.parent(start);
    for (; at !== NO_SLOT && !this.#isValid(at); at = table.parent(at)) above.push(at);
    const cleared = [...above.reverse(), ...branch].filter((slot) => !this.#isValid(slot));
    for (const slot of cleared) {
      this.#nodes.setReason(slot, undefined);
      this.#headers.add(slot);
      if (this.#isConnectable(slot)) this.#candidates.add(slot);
    }
    return cleared.map((slot) => this.#nodes.get(slot));
  }

  /** All that are known to be invalid, parents before children. */
  invalidNodes(): readonly HeaderNode[] {
    const slots = [...this.#nodes.invalid()];
    return slots.sort((a, b) => a - b).map((slot) => this.#nodes.get(slot));
  }

  isInvalid(node: HeaderNode): boolean {
    requireNode(node, "node");

    return node.invalidReason !== undefined;
  }

  /** The last block of the active (connected) chain. */
  get tip(): HeaderNode {
    return this.#nodes.get(this.#active.at(-1) as number);
  }

  /** Makes this block the end of the active chain. Takes time in proportion to what changes. */
  setTip(node: HeaderNode): void {
    requireNode(node, "node");

    const table = this.#table;
    const path: number[] = [];
    let slot = this.#own(node).slot;
    for (; this.#active[table.height(slot)] !== slot; slot = table.parent(slot)) path.push(slot);
    this.#active.length = table.height(slot) + 1;
    for (const each of path.reverse()) this.#active.push(each);
  }

  /** The active block at that height. */
  activeAt(height: number): HeaderNode | undefined {
    requireNumber(height, "height");

    const slot = this.#active[height];
    return slot === undefined ? undefined : this.#nodes.get(slot);
  }

  isActive(node: HeaderNode): boolean {
    requireNode(node, "node");

    const isOurs = node instanceof TreeNode && node.owner === this.#nodes;
    return isOurs && this.#active[node.height] === node.slot;
  }

  /** The last block that the chains of both share: where a reorganisation from one to the other turns back. */
  forkPoint(a: HeaderNode, b: HeaderNode): HeaderNode {
    requireNode(a, "a");
    requireNode(b, "b");

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
    return this.#nodes.get(left);
  }

  /**
   * Hashes that tell a peer where this chain is: the last ten one by one, then in doubling steps, the genesis block at
   * the end. Core: GetLocator.
   */
  locator(node: HeaderNode = this.tip): BlockHash[] {
    requireNode(node, "node");

    const hashes: BlockHash[] = [];
    let step = 1;
    let at: TreeNode = this.#own(node);
    while (true) {
      hashes.push(at.hash);
      if (at.height === 0) return hashes;
      at = present(
        at.ancestor(Math.max(at.height - step, 0)),
        "at.ancestor(Math.max(at.height - step, 0))",
      );
      if (hashes.length > 10) step *= 2;
    }
  }

  /**
   * The last block that the sender of a locator and our active chain are known to share. Core: FindForkInGlobalIndex.
   */
  findFork(locator: readonly BlockHash[]): HeaderNode {
    requireArray(locator, "locator", requireId);

    for (const hash of locator) {
      const node = this.#nodes.find(hash);
      if (node === undefined) continue;
      if (this.isActive(node)) return node;
      if (node.ancestor(this.tip.height) === this.tip) return this.tip;
    }
    return this.genesis;
  }

  /** All nodes in no particular order. Makes an object of each. */
  nodes(): IterableIterator<HeaderNode> {
    return this.#nodes.values();
  }

  /** The nodes without children. Looks at all headers, and makes an object of none but these. */
  *leaves(): IterableIterator<HeaderNode> {
    for (let slot = 0; slot < this.#table.size; slot++) {
      const isLeaf = this.#table.firstChild(slot) === NO_SLOT && !this.#nodes.isForgotten(slot);
      if (isLeaf) yield this.#nodes.get(slot);
    }
  }

  /** Blocks whose bodies are known and that are not active, above a height. Looks at all headers, as `leaves` does. */
  *stale(height: number): IterableIterator<HeaderNode> {
    requireNumber(height, "height");

    const table = this.#table;
    for (let slot = 0; slot < table.size; slot++) {
      const own = table.height(slot);
      const isThere = own > height && !this.#nodes.isForgotten(slot);
      const isStale = isThere && this.#active[own] !== slot;
      if (isStale && table.transactionCount(slot) > 0) yield this.#nodes.get(slot);
    }
  }

  #isValid(slot: number): boolean {
    return this.#nodes.reasonOf(slot) === undefined;
  }

  #isConnectable(slot: number): boolean {
    return this.#isValid(slot) && this.#table.chainTransactionCount(slot) > 0;
  }

  #own(node: HeaderNode): TreeNode {
    if (node instanceof TreeNode && node.owner === this.#nodes) return node;
    throw new CoreError("unknown-header", `${node.hash} is of another tree`);
  }
}
