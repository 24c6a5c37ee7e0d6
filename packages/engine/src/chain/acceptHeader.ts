import {
  type BlockHeader,
  type ChainParams,
  checkHeader,
  checkHeaderContext,
  type HeaderNode,
  type HeaderTree,
  refuse,
  type Seconds,
  type Verdict,
} from "@chain/core";

/** A header that is in the tree now. */
export interface AcceptedHeader {
  readonly node: HeaderNode;
  /** Whether it was not there before: then it has to be written down. */
  readonly fresh: boolean;
}

/**
 * Checks a header against what is known and adds it to the tree. One that comes too early by our clock is refused and
 * forgotten: it may be good later. Core: ChainstateManager::AcceptBlockHeader.
 * @param now our time in seconds since 1970
 */
export function acceptHeader(
  tree: HeaderTree,
  header: BlockHeader,
  params: ChainParams,
  now: Seconds,
): Verdict<AcceptedHeader> {
  const known = tree.find(header);
  if (known !== undefined) {
    return known.invalidReason === undefined
      ? { ok: true, node: known, fresh: false }
      : refuse("cached-invalid", "duplicate-invalid", known.invalidReason);
  }
  const alone = checkHeader(header, params);
  if (!alone.ok) return alone;
  const parent = tree.parentOf(header);
  if (parent === undefined) {
    return refuse("missing-parent", "prev-blk-not-found", header.previousHash);
  }
  if (parent.invalidReason !== undefined) {
    return refuse("invalid-parent", "bad-prevblk", parent.invalidReason);
  }
  const placed = checkHeaderContext(header, parent, params, now);
  return placed.ok ? { ok: true, node: tree.add(header), fresh: true } : placed;
}
