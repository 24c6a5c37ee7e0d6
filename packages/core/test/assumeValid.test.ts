import {
  BlockHeader,
  type ChainParams,
  type HeaderNode,
  HeaderTree,
  mainnet,
  regtest,
  scriptsAssumedValid,
} from "@chain/core";
import { describe, expect, test } from "vitest";

/** Blocks of ten minutes in two weeks. */
const PERIOD = 2016;

function extend(tree: HeaderTree, from: HeaderNode, count: number, bits = from.header.bits) {
  let node = from;
  for (let i = 0; i < count; i++) {
    const { header, hash } = node;
    const fields = { ...header, previousHash: hash, time: header.time + 1, bits };
    node = tree.add(new BlockHeader(fields));
  }
  return node;
}

describe("scripts are assumed to be valid", () => {
  const tree = new HeaderTree(regtest.genesis.header);
  const best = extend(tree, tree.genesis, PERIOD + 100);
  const assumed = best.ancestor(PERIOD + 50) as HeaderNode;
  const params: ChainParams = { ...regtest, assumeValid: assumed.hash };
  const at = (height: number): HeaderNode => best.ancestor(height) as HeaderNode;
  const known = (node: HeaderNode, changes: Partial<ChainParams> = {}): boolean =>
    scriptsAssumedValid(node, tree, { ...params, ...changes });

  test("under two weeks of work, and not before", () => {
    expect(known(at(1))).toBe(true);
    expect(known(at(99))).toBe(true);
    expect(known(at(100))).toBe(false);
    expect(known(assumed)).toBe(false);
  });

  test("at most up to the block that is assumed to be valid", () => {
    const low = { assumeValid: at(50).hash };
    expect(known(at(50), low)).toBe(true);
    expect(known(at(51), low)).toBe(false);
  });

  test("where the best header has the least work asked for", () => {
    expect(known(at(1), { minimumChainWork: best.chainWork })).toBe(true);
    expect(known(at(1), { minimumChainWork: best.chainWork + 1n })).toBe(false);
  });

  test("where there is such a block, and its header is known", () => {
    expect(known(at(1), { assumeValid: undefined })).toBe(false);
    expect(known(at(1), { assumeValid: mainnet.genesis.hash })).toBe(false);
  });

  test("at the rate of work of the best header", () => {
    const faster = new HeaderTree(regtest.genesis.header);
    // Harder by 4: a quarter of the blocks is the same work, but no more time.
    const top = extend(faster, faster.genesis, 1 + PERIOD / 2, 0x201fffff);
    const first = top.ancestor(1) as HeaderNode;
    const assume = { ...params, assumeValid: top.hash };
    expect(scriptsAssumedValid(first, faster, assume)).toBe(false);
    extend(faster, top, PERIOD / 2 + 1, 0x201fffff);
    expect(scriptsAssumedValid(first, faster, assume)).toBe(true);
  });

  test("in the best chain of headers alone, and in that of the assumed block alone", () => {
    const forked = new HeaderTree(regtest.genesis.header);
    const trunk = extend(forked, forked.genesis, 10);
    const branch = extend(forked, trunk, 10);
    const time = trunk.header.time + 100;
    const start = forked.add(new BlockHeader({ ...trunk.header, previousHash: trunk.hash, time }));
    const winner = extend(forked, start, PERIOD + 100);
    expect(forked.bestHeader).toBe(winner);
    const assume = { ...params, assumeValid: branch.hash };
    expect(scriptsAssumedValid(trunk, forked, assume)).toBe(true);
    expect(scriptsAssumedValid(branch.ancestor(11) as HeaderNode, forked, assume)).toBe(false);
    expect(scriptsAssumedValid(start, forked, assume)).toBe(false);
    // An invalid chain is not the best one, whatever its work.
    forked.markInvalid(start, "bad-cb-amount");
    expect(scriptsAssumedValid(trunk, forked, assume)).toBe(false);
  });
});
