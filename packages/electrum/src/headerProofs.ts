import {
  type BlockHash,
  concatBytes,
  type HeaderTree,
  idFromBytes,
  idToBytes,
  merkleBranch,
  sha256d,
} from "@chain/core";
import { present } from "@chain/core/arguments";

/** Levels of a part of the tree whose top is remembered: 1,024 headers. */
const LEVELS = 10;
const PART = 2 ** LEVELS;

/** The path from a header to the Merkle root of all headers up to a checkpoint. */
export interface HeaderProof {
  readonly branch: readonly BlockHash[];
  readonly root: BlockHash;
}

/**
 * Proves that a header is among those up to a checkpoint. The tops of whole parts of the tree are remembered, so that a
 * proof costs some two thousand hashes and not one for each header.
 */
export class HeaderProofs {
  readonly #headers: HeaderTree;
  /** By number, with the last header that it is of: a part that a reorganisation has changed is made again. */
  readonly #tops = new Map<number, { readonly last: BlockHash; readonly top: BlockHash }>();

  constructor(headers: HeaderTree) {
    this.#headers = headers;
  }

  /** @param checkpoint a height of the best chain, at least `height` */
  prove(height: number, checkpoint: number): HeaderProof {
    const part = Math.floor(height / PART);
    const count = Math.floor(checkpoint / PART) + 1;
    const leaves = this.#hashes(part, checkpoint);
    // In a tree of one part, nothing stands beside its top.
    if (count === 1) {
      const branch = merkleBranch(leaves, height);
      return { branch, root: rootOf(present(leaves[height], "a header"), branch, height) };
    }
    const tops = Array.from({ length: count }, (_, each) => this.#top(each, checkpoint));
    const below = branchOfPart(leaves, height % PART);
    const branch = [...below, ...merkleBranch(tops, part)];
    return { branch, root: rootOf(present(leaves[height % PART], "a header"), branch, height) };
  }

  #hashes(part: number, checkpoint: number): readonly BlockHash[] {
    const first = part * PART;
    const length = Math.min(PART, checkpoint - first + 1);
    return Array.from({ length }, (_, i) => this.#hashAt(first + i));
  }

  #hashAt(height: number): BlockHash {
    return present(this.#headers.activeAt(height), "a header of the best chain").hash;
  }

  #top(part: number, checkpoint: number): BlockHash {
    const end = (part + 1) * PART - 1;
    const last = this.#hashAt(Math.min(end, checkpoint));
    const known = this.#tops.get(part);
    if (known?.last === last) return known.top;
    const leaves = this.#hashes(part, checkpoint);
    const top = rootOf(present(leaves[0], "a header"), branchOfPart(leaves, 0), 0);
    if (end <= checkpoint) this.#tops.set(part, { last, top });
    return top;
  }
}

/** A part of the tree has all its levels, however few its leaves: a node without a neighbour is its own. */
function branchOfPart(leaves: readonly BlockHash[], position: number): readonly BlockHash[] {
  const branch = [...merkleBranch(leaves, position)];
  let node = rootOf(present(leaves[position], "a leaf"), branch, position);
  while (branch.length < LEVELS) {
    branch.push(node);
    node = parentOf(node, node);
  }
  return branch;
}

function rootOf(leaf: BlockHash, branch: readonly BlockHash[], position: number): BlockHash {
  return branch.reduce(
    (node, each, level) =>
      Math.floor(position / 2 ** level) % 2 === 0 ? parentOf(node, each) : parentOf(each, node),
    leaf,
  );
}

function parentOf(left: BlockHash, right: BlockHash): BlockHash {
  return idFromBytes<BlockHash>(sha256d(concatBytes(idToBytes(left), idToBytes(right))));
}
