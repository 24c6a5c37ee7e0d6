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

const CHUNK_BITS = 7;
/** Nodes of a chunk. */
const CHUNK_NODES = 1 << CHUNK_BITS;

/**
 * The rows of a tree, each with the one object that stands for it: two nodes are the same if they are `===`. The object
 * is made when it is first asked for, because most of a long chain's headers are never looked at one by one.
 */
export class HeaderNodes {
  readonly table: HeaderTable = new HeaderTable();
  readonly #chunks: ((TreeNode | undefined)[] | undefined)[] = [];
  /** Why headers are invalid, by slot. Few are, as each costs a proof of work. */
  readonly #invalid = new Map<number, string>();
  /** Slots of headers that were forgotten. They are not used again, because somebody may hold their nodes. */
  readonly #forgotten = new Set<number>();

  at(slot: number): TreeNode | undefined {
    return slot === NO_SLOT ? undefined : this.get(slot);
  }

  /** @param slot of a header that is there */
  get(slot: number): TreeNode {
    const number = slot >> CHUNK_BITS;
    while (number >= this.#chunks.length) this.#chunks.push(undefined);
    this.#chunks[number] ??= [];
    const chunk = this.#chunks[number];
    const place = slot & (CHUNK_NODES - 1);
    while (place >= chunk.length) chunk.push(undefined);
    chunk[place] ??= new TreeNode(this, slot);
    return chunk[place];
  }

  find(hash: BlockHash): TreeNode | undefined {
    return this.at(this.table.find(hash));
  }

  *values(): IterableIterator<TreeNode> {
    for (let slot = 0; slot < this.table.size; slot++) {
      if (!this.isForgotten(slot)) yield this.get(slot);
    }
  }

  /** Slots of invalid headers, in the order in which that was found. */
  invalid(): IterableIterator<number> {
    return this.#invalid.keys();
  }

  /** Headers that were forgotten. */
  get forgotten(): number {
    return this.#forgotten.size;
  }

  isForgotten(slot: number): boolean {
    return this.#forgotten.has(slot);
  }

  /** Makes a header that has no children one that is not found any more. */
  forget(slot: number): void {
    this.#forgotten.add(slot);
    this.table.remove(slot);
  }

  /** Why a header is invalid, if it is. */
  reasonOf(slot: number): string | undefined {
    return this.#invalid.get(slot);
  }

  setReason(slot: number, reason: string | undefined): void {
    if (reason === undefined) this.#invalid.delete(slot);
    else this.#invalid.set(slot, reason);
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

  get transactionCount(): number {
    return this.owner.table.transactionCount(this.slot);
  }

  get chainTransactionCount(): number {
    return this.owner.table.chainTransactionCount(this.slot);
  }

  get invalidReason(): string | undefined {
    return this.owner.reasonOf(this.slot);
  }

  get medianTimePast(): number {
    const { table } = this.owner;
    const times: number[] = [];
    let slot = this.slot;
    for (; slot !== NO_SLOT && times.length < MEDIAN_TIME_SPAN; slot = table.parent(slot)) {
      times.push(table.time(slot));
    }
    return median(times);
  }

  ancestor(height: number): TreeNode | undefined {
    if (height < 0 || height > this.height) return undefined;
    return this.owner.at(this.owner.table.ancestor(this.slot, height));
  }
}

/** The middle one in order. Sorts by insertion, which beats the sort of arrays for as few as these. */
function median(numbers: number[]): number {
  for (let i = 1; i < numbers.length; i++) {
    const number = numbers[i] as number;
    let at = i;
    for (; at > 0 && (numbers[at - 1] as number) > number; at--) {
      numbers[at] = numbers[at - 1] as number;
    }
    numbers[at] = number;
  }
  return numbers[numbers.length >> 1] as number;
}
