import { BlockHeader } from "../header.ts";
import { type BlockHash, idFromBytes } from "../ids.ts";
import type { AncestorView } from "./ancestorView.ts";
import { HeaderTable, NO_SLOT } from "./headerTable.ts";

/** Blocks whose times make the median (BIP-0113). */
const MEDIAN_TIME_SPAN = 11;

/** A header in its tree, and what is known of its block. Changed by its {@link HeaderTree} alone. */
export interface HeaderNode extends AncestorView {
  /** Decoded each time: to read one number of many headers, take `time`, `bits` or `version`. */
  readonly header: BlockHeader;
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

/** The rows of a tree, each with the one object that stands for it: two nodes are the same if they are `===`. */
export class HeaderNodes {
  readonly table: HeaderTable = new HeaderTable();
  readonly #nodes: TreeNode[] = [];
  /** Few are invalid, as each costs a proof of work. */
  readonly #invalid = new Map<TreeNode, string>();

  /** Adds a row without links. */
  add(header: Uint8Array, hash: Uint8Array): TreeNode {
    const node = new TreeNode(this, this.table.add(header, hash));
    this.#nodes.push(node);
    return node;
  }

  at(slot: number): TreeNode | undefined {
    return slot === NO_SLOT ? undefined : this.#nodes[slot];
  }

  find(hash: BlockHash): TreeNode | undefined {
    return this.at(this.table.find(hash));
  }

  values(): IterableIterator<TreeNode> {
    return this.#nodes.values();
  }

  /** Why a node is invalid, if it is. */
  reasonOf(node: TreeNode): string | undefined {
    return this.#invalid.get(node);
  }

  setReason(node: TreeNode, reason: string | undefined): void {
    if (reason === undefined) this.#invalid.delete(node);
    else this.#invalid.set(node, reason);
  }
}

/** The node as the tree sees it: two words, and all else in the tree's table. */
export class TreeNode implements HeaderNode {
  readonly owner: HeaderNodes;
  readonly slot: number;

  constructor(owner: HeaderNodes, slot: number) {
    this.owner = owner;
    this.slot = slot;
  }

  get header(): BlockHeader {
    const { table } = this.owner;
    return BlockHeader.fromHashed(table.header(this.slot), table.hash(this.slot));
  }

  get hash(): BlockHash {
    return idFromBytes(this.owner.table.hash(this.slot));
  }

  get version(): number {
    return this.owner.table.version(this.slot);
  }

  get time(): number {
    return this.owner.table.time(this.slot);
  }

  get bits(): number {
    return this.owner.table.bits(this.slot);
  }

  get height(): number {
    return this.owner.table.height(this.slot);
  }

  get chainWork(): bigint {
    return this.owner.table.chainWork(this.slot);
  }

  get parent(): TreeNode | undefined {
    return this.owner.at(this.owner.table.parent(this.slot));
  }

  get firstChild(): TreeNode | undefined {
    return this.owner.at(this.owner.table.firstChild(this.slot));
  }

  get nextSibling(): TreeNode | undefined {
    return this.owner.at(this.owner.table.nextSibling(this.slot));
  }

  get transactionCount(): number {
    return this.owner.table.transactionCount(this.slot);
  }

  get chainTransactionCount(): number {
    return this.owner.table.chainTransactionCount(this.slot);
  }

  get invalidReason(): string | undefined {
    return this.owner.reasonOf(this);
  }

  get medianTimePast(): number {
    const { table } = this.owner;
    const times: number[] = [];
    let slot = this.slot;
    for (; slot !== NO_SLOT && times.length < MEDIAN_TIME_SPAN; slot = table.parent(slot)) {
      times.push(table.time(slot));
    }
    times.sort((a, b) => a - b);
    return times[times.length >> 1] as number;
  }

  ancestor(height: number): TreeNode | undefined {
    if (height < 0 || height > this.height) return undefined;
    return this.owner.at(this.owner.table.ancestor(this.slot, height));
  }
}
