import type { TreeNode } from "./headerNode.ts";
import type { HeaderTable } from "./headerTable.ts";

/**
 * The last nodes of all branches of those that count (a set which, with a node, holds its ancestors), and the best of
 * them. Work grows along a branch, so the best of all is always one of these.
 */
export class Frontier {
  readonly #ends = new Set<TreeNode>();
  readonly #table: HeaderTable;
  readonly #sequence: (slot: number) => number;
  #best: TreeNode | undefined;

  /** @param sequence the smaller number wins among equal work */
  constructor(table: HeaderTable, sequence: (slot: number) => number) {
    this.#table = table;
    this.#sequence = sequence;
  }

  get best(): TreeNode | undefined {
    return this.#best;
  }

  /** Adds a node whose parent is in the set, and none of its children. */
  add(node: TreeNode): void {
    if (node.parent !== undefined) this.#ends.delete(node.parent);
    this.#ends.add(node);
    if (this.#best === undefined || this.#isBetter(node, this.#best)) this.#best = node;
  }

  /**
   * Takes out a whole branch: `removed` are its nodes, the first of them its root.
   * @param counts whether a node is in the set now
   */
  removeBranch(removed: readonly TreeNode[], counts: (node: TreeNode) => boolean): void {
    for (const node of removed) this.#ends.delete(node);
    const parent = removed[0]?.parent;
    if (parent !== undefined && counts(parent) && !hasChild(parent, counts)) {
      this.#ends.add(parent);
    }
    if (this.#best !== undefined && this.#ends.has(this.#best)) return; // the parent has less work than its branch had
    let best: TreeNode | undefined;
    for (const node of this.#ends) {
      if (best === undefined || this.#isBetter(node, best)) best = node;
    }
    this.#best = best;
  }

  #isBetter(a: TreeNode, b: TreeNode): boolean {
    const more = this.#table.compareWork(a.slot, b.slot);
    return more === 0 ? this.#sequence(a.slot) < this.#sequence(b.slot) : more > 0;
  }
}

function hasChild(parent: TreeNode, counts: (node: TreeNode) => boolean): boolean {
  for (let child = parent.firstChild; child !== undefined; child = child.nextSibling) {
    if (counts(child)) return true;
  }
  return false;
}
