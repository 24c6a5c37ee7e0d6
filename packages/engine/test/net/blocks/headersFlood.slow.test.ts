/**
 * Peers that show millions of cheap headers on the public networks: nothing is kept, and memory has a bound. Headers of
 * difficulty 1 cost a machine for it next to nothing; here their hashes are taken for good, and all else is the rule.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type BlockHash,
  BlockHeader,
  type ChainParams,
  HeaderTree,
  mainnet,
  testnet4,
  workOfBits,
} from "@chain/core";
import { Rng } from "@chain/testing/random";
import { MAX_HEADERS } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { HeaderSync } from "../../../src/net/blocks/headerSync.ts";
import { HeadersPresync } from "../../../src/net/blocks/headersPresync.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes in use, after all that is garbage has gone. */
function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Every header has enough work for what it claims. */
function withFreeWork(params: ChainParams): ChainParams {
  return { ...params, powHash: () => "00".repeat(32) as BlockHash };
}

/** A branch of the easiest headers that the network has, a message at a time. */
function* branchOf({ genesis, powLimitBits, targetSpacing }: ChainParams) {
  let { hash, time } = { hash: genesis.hash, time: genesis.header.time };
  for (;;) {
    const headers: BlockHeader[] = [];
    for (let i = 0; i < MAX_HEADERS; i++) {
      time += targetSpacing;
      const fields = { ...genesis.header, previousHash: hash, time: time % 2 ** 32 };
      const header = new BlockHeader({ ...fields, bits: powLimitBits });
      hash = header.hash;
      headers.push(header);
    }
    yield headers;
  }
}

function setUp(network: ChainParams) {
  const params = withFreeWork(network);
  const tree = new HeaderTree(params.genesis.header);
  const sync = new HeaderSync(tree, params, new Rng(1));
  /** Whether the peer is asked for more. */
  const show = (peer: number, headers: readonly BlockHeader[]) => {
    const { accept, actions } = sync.receive(peer, headers, 0);
    expect(accept).toEqual([]);
    return actions.some((action) => action.peer === peer);
  };
  return { params, tree, sync, show };
}

/** Nine peers show 40,000 headers each. `grown`: bytes by which memory grew. */
function flood(network: ChainParams) {
  const { params, tree, sync, show } = setUp(network);
  const peers = Array.from({ length: 9 }, (_, i) => i + 1);
  for (const peer of peers) sync.add(peer, 0, { outbound: peer === 9 });
  const before = memory();
  const branch = branchOf(params);
  for (let shown = 0; shown < 40_000; shown += MAX_HEADERS) {
    const headers = branch.next().value ?? [];
    for (const peer of peers) expect(show(peer, headers)).toBe(true);
  }
  expect(sync.presyncHeight(1)).toBe(40_000);
  const grown = memory() - before;
  return { tree, grown };
}

describe.each([mainnet, testnet4])("$name", (network) => {
  it("nine liars who show 40,000 headers each cost less than a megabyte each, and no header is kept", () => {
    // The code that is compiled on the way has its own memory: the first flood is there for that.
    flood(network);
    const { tree, grown } = flood(network);
    expect(grown).toBeLessThan(9 * 1_000_000);
    expect(tree.size).toBe(1);
  }, 600_000);
});

it("mainnet: after four million headers a liar is given up, at less than 16 MB in all", () => {
  const { genesis } = new HeaderTree(mainnet.genesis.header);
  const before = memory();
  const presync = new HeadersPresync(
    genesis,
    mainnet.minimumChainWork,
    mainnet,
    new Uint8Array(32),
  );
  // Whether they follow each other was looked at before: the same ones do for all.
  const headers = branchOf(mainnet).next().value ?? [];
  let shown = 0;
  for (; presync.take(headers).state === "more"; shown += MAX_HEADERS) {
    if (shown % 500_000 === 0) expect(memory() - before).toBeLessThan(16_000_000);
  }
  expect(shown).toBe(4_000_000);
  // All that work together is not a millionth of what a chain must show.
  const share = mainnet.minimumChainWork / (4_000_000n * workOfBits(mainnet.powLimitBits));
  expect(share).toBeGreaterThan(1_000_000n);
}, 600_000);
