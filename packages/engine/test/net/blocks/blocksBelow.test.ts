import type { BlockHash, HeaderNode } from "@chain/core";
import { describe, expect, test } from "vitest";
import { BlockDownload } from "../../../src/net/blocks/blockDownload.ts";
import { blocksBelow } from "../../../src/net/blocks/blocksBelow.ts";
import { askedFor, treeOf } from "../../support/headerTrees.ts";

const BASE = 30;
const PEER = { witness: true, pruned: false, serves: true, lacking: new Set<BlockHash>() };

/** A tree whose chain stands on a snapshot of height 30, with two blocks of the next that are missing. */
function setUp(count = 32) {
  const { tree, nodes } = treeOf(count);
  const at = (height: number) => nodes[height] as HeaderNode;
  tree.setBody(at(1), 1);
  tree.assume(at(BASE), 90);
  tree.setTip(at(BASE));
  const progress = { base: at(BASE), tip: at(1) };
  return { tree, at, progress };
}

describe("blocks below a snapshot", () => {
  test("are asked of a peer that has none for the tip, and of no other", () => {
    const { tree, at, progress } = setUp();
    let range: typeof progress | undefined = progress;
    const download = new BlockDownload(tree, {
      segwitHeight: 0,
      bestOf: () => at(32),
      isCompact: () => false,
      isBlocked: () => false,
      background: () => range,
    });
    download.add(1, { witness: true });
    const hashes = (from: number, end: number) => {
      return Array.from({ length: end - from }, (_, i) => at(from + i).hash);
    };
    expect(askedFor(download.schedule(0), 1)).toEqual(hashes(31, 33));
    for (const height of [31, 32]) {
      tree.setBody(at(height), 1);
      tree.setTip(at(height));
      download.done(1, at(height).hash, true, 0);
    }
    expect(askedFor(download.schedule(0), 1)).toEqual(hashes(2, 18));
    // Another peer is asked for others.
    download.add(2, { witness: true });
    expect(askedFor(download.schedule(0), 2)).toEqual(hashes(18, 31));
    range = undefined;
    download.add(3, { witness: true });
    expect(download.schedule(0)).toEqual([]);
  });

  test("are not asked of a peer that lacks them, or would send them without witnesses", () => {
    const { tree, at, progress } = setUp();
    const range = { best: at(32), progress, segwitHeight: 5 };
    const asked = (peer = PEER, given: Parameters<typeof blocksBelow>[2] = range) =>
      blocksBelow(tree, peer, given, () => true).map(({ height }) => height);
    expect(asked()).toHaveLength(29);
    expect(asked({ ...PEER, witness: false })).toEqual([2, 3, 4]);
    expect(asked({ ...PEER, lacking: new Set([at(2).hash]) })[0]).toBe(3);
    expect(asked({ ...PEER, pruned: true })).toEqual([]);
    expect(asked({ ...PEER, serves: false })).toEqual([]);
    expect(asked(PEER, { ...range, best: at(29) })).toEqual([]);
    expect(asked(PEER, { ...range, best: undefined })).toEqual([]);
    // The base itself is not here either.
    expect(asked().at(-1)).toBe(BASE);
    tree.setBody(at(BASE), 1);
    expect(asked().at(-1)).toBe(BASE - 1);
  });
});
