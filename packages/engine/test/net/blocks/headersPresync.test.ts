import { BlockHeader, type ChainParams, type HeaderNode, HeaderTree } from "@chain/core";
import { easyDevnet, makeBlock } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import { MAX_HEADERS } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { HeaderSync } from "../../../src/net/blocks/headerSync.ts";
import { HeadersPresync } from "../../../src/net/blocks/headersPresync.ts";
import { workThreshold } from "../../../src/net/blocks/workThreshold.ts";

const params = easyDevnet();

const salt = new Rng(3).bytes(32);

/** Headers on top of a node, which are not in its tree; others for another `time` of the first. */
function branch(from: HeaderNode, count: number, time = from.header.time + 600): BlockHeader[] {
  const tree = new HeaderTree(params.genesis.header);
  const known: HeaderNode[] = [];
  for (let node: HeaderNode | undefined = from; node?.parent; node = node.parent) known.push(node);
  for (const { header } of known.toReversed()) tree.add(header);
  let parent = tree.get(from.hash) as HeaderNode;
  return Array.from({ length: count }, (_, i) => {
    const { header } = makeBlock({ parent, params, header: { time: time + i } });
    parent = tree.add(header);
    return header;
  });
}

const genesis = new HeaderTree(params.genesis.header).genesis;

const long = branch(genesis, 4_500);

const [first, second, third] = [0, 1, 2].map((i) =>
  long.slice(i * MAX_HEADERS, (i + 1) * MAX_HEADERS),
) as [BlockHeader[], BlockHeader[], BlockHeader[]];

const workOfOne = genesis.chainWork;

const presync = (blocks: number) =>
  new HeadersPresync(genesis, genesis.chainWork + BigInt(blocks) * workOfOne, params, salt);

/** The rest of a message, of another target. */
function branchWithBits(from: HeaderNode, bits: number): BlockHeader[] {
  return branch(from, MAX_HEADERS - from.height).map(
    (header) => new BlockHeader({ ...header, bits }),
  );
}

function nodeOf(headers: readonly BlockHeader[]): HeaderNode {
  const tree = new HeaderTree(params.genesis.header);
  return headers.map((header) => tree.add(header)).at(-1) as HeaderNode;
}

describe("HeadersPresync", () => {
  it("keeps nothing until the branch has shown its work, and then all of it", () => {
    const look = presync(4_200);
    expect(look.take(first)).toEqual({ state: "more", accept: [] });
    expect(look.next).toBe(first.at(-1)?.hash);
    expect(look.take(second)).toEqual({ state: "more", accept: [] });
    // Enough, in the middle of a message that is not full: from the start again.
    expect(look.take(third)).toEqual({ state: "more", accept: [] });
    expect(look.next).toBe(genesis.hash);
    const kept = [look.take(first), look.take(second), look.take(third)];
    expect(kept.map(({ state }) => state)).toEqual(["more", "more", "done"]);
    expect(kept.map(({ accept }) => accept.length)).toEqual([1_984, 2_000, 516]);
    expect(kept.flatMap(({ accept }) => accept)).toEqual(long);
  });

  it("gives up where the branch ends with too little work", () => {
    const look = presync(4_501);
    for (const part of [first, second]) expect(look.take(part).state).toBe("more");
    expect(look.take(third)).toEqual({ state: "failed", accept: [] });
  });

  it("keeps nothing of a branch that is another one the second time", () => {
    const look = presync(3_000);
    for (const part of [first, second]) look.take(part);
    const other = branch(genesis, MAX_HEADERS, genesis.header.time + 601);
    expect(look.take(other)).toEqual({ state: "failed", accept: [] });

    const cut = presync(3_000);
    for (const part of [first, second]) cut.take(part);
    const changed = branch(genesis, 10);
    const mixed = [...long.slice(0, 10), ...branch(nodeOf(changed), MAX_HEADERS - 10, 2 ** 31)];
    expect(cut.take(mixed)).toEqual({ state: "failed", accept: [] });
  });
});

it("HeadersPresync gives up where a header has a target that its parent does not permit", () => {
  const strict = { ...params, noRetargeting: true, allowMinDifficultyBlocks: false };
  const easier = [...first.slice(0, 7), ...branchWithBits(nodeOf(first.slice(0, 7)), 0x2000ffff)];
  const look = (headers: readonly BlockHeader[], rules: ChainParams) =>
    new HeadersPresync(genesis, 1n << 200n, rules, salt).take(headers).state;
  expect(look(first, strict)).toBe("more");
  expect(look(easier, strict)).toBe("failed");
  // Where blocks may be easy at any height, it can't be told.
  expect(look(easier, { ...strict, allowMinDifficultyBlocks: true })).toBe("more");
});

it("callers who show a little, and then no more, keep nobody out whom we have called", () => {
  const tree = new HeaderTree(params.genesis.header);
  const strict = { ...params, minimumChainWork: 4_000n * workOfOne };
  const sync = new HeaderSync(tree, strict, new Rng(1));
  const asks = (peer: number) => sync.receive(peer, first, 0).actions.map((each) => each.peer);
  for (let peer = 1; peer <= 8; peer++) {
    sync.add(peer, 0);
    expect(asks(peer)).toContain(peer);
  }
  // Nor do they make others wait: that is for a peer that we have called.
  expect(sync.isAwaiting(0)).toBe(false);
  sync.add(9, 0);
  expect(asks(9)).not.toContain(9);
  sync.add(10, 0, { outbound: true });
  expect(asks(10)).toContain(10);
  expect([sync.isAwaiting(0), sync.isAwaiting(60_000)]).toEqual([true, true]);
  // A `noban` peer may show as little work as it likes.
  sync.add(11, 0, { trusted: true });
  const few = first.slice(0, 5);
  expect([sync.receive(11, few, 0).accept, sync.receive(10, few, 0).accept]).toEqual([few, []]);
});

describe("who is asked beside a peer that shows a long branch", () => {
  const setUp = (outbound: boolean) => {
    const strict = { ...params, minimumChainWork: 4_400n * workOfOne };
    const sync = new HeaderSync(new HeaderTree(params.genesis.header), strict, new Rng(1));
    // Years after the best header: until it is recent, one peer is asked at a time.
    const start = genesis.time * 1000 + 1e11;
    const actions = sync.add(1, start, { outbound });
    expect(actions.map(({ peer }) => peer)).toEqual([1]);
    if (!outbound) sync.add(4, start, { outbound });
    else for (const peer of [2, 3]) expect(sync.add(peer, start, { outbound })).toEqual([]);
    return (headers: readonly BlockHeader[], now: number) => [
      ...new Set(sync.receive(1, headers, start + now).actions.map(({ peer }) => peer)),
    ];
  };

  it("is nobody for two minutes where we have called it: they would send all of it as well", () => {
    const asked = setUp(true);
    expect(asked(first, 1_000)).toEqual([1]);
    expect(asked(second, 119_999)).toEqual([1]);
    // Enough: it is asked for all of it again, and is late.
    expect(asked(third, 120_000)).toEqual([1, 2]);
    expect(asked(first, 121_000)).toEqual([1]);
  });

  it("is the next one at once where it has ended with too little", () => {
    const asked = setUp(true);
    expect(asked(first, 1_000)).toEqual([1]);
    expect(asked(second.slice(0, 7), 2_000)).toEqual([2]);
  });

  it("is another caller, at once, where it has called us", () => {
    expect(setUp(false)(first, 1_000)).toEqual([1, 4]);
  });
});

describe("a node with a long chain", () => {
  async function nodeWithBlocks(count: number) {
    const network = new TestNetwork();
    const node = await network.add("node");
    for (let i = 0; i < count; i++) {
      const block = makeBlock({ parent: node.chain.tip, params });
      await network.during(node.chain.acceptBlock(block));
    }
    expect(node.chain.tip.height).toBe(count);
    return { network, node };
  }

  /** Answers `getheaders` with what it has of its branch, as an honest peer would. */
  async function peerWith(network: TestNetwork, node: TestNode, headers: readonly BlockHeader[]) {
    const stranger = await Stranger.connect(network, node);
    const places = new Map(headers.map(({ hash }, i) => [hash, i + 1]));
    stranger.onMessage = (message) => {
      if (message.command !== "getheaders") return;
      const at = message.locator.flatMap((hash) => places.get(hash) ?? [])[0] ?? 0;
      stranger.say({ command: "headers", headers: headers.slice(at, at + MAX_HEADERS) });
    };
    return stranger;
  }

  it("keeps no cheap headers from far below its tip, nor the header of such a block", async () => {
    const { network, node } = await nodeWithBlocks(150);
    const known = node.chain.headers.size;
    const stranger = await Stranger.connect(network, node);
    const goal = workThreshold(node.chain.headers, params);
    expect(goal).toBe(node.chain.tip.chainWork - 144n * workOfOne);
    stranger.say({ command: "headers", headers: branch(node.chain.headers.genesis, 5) });
    const block = makeBlock({
      parent: node.chain.headers.genesis,
      params,
      header: { time: 2 ** 31 },
    });
    stranger.say({ command: "block", raw: block.toBytes() });
    await network.time.pass(5_000);
    expect(node.chain.headers.size).toBe(known);
    expect(stranger.ended).toBeUndefined();
    // Nor where the first of them is known.
    const whole = [params.genesis.header, ...branch(node.chain.headers.genesis, 5)];
    stranger.say({ command: "headers", headers: whole });
    await network.time.pass(5_000);
    expect(node.chain.headers.size).toBe(known);
    // Six blocks above the genesis block are as near as is allowed.
    stranger.say({ command: "headers", headers: branch(node.chain.headers.genesis, 6) });
    await network.time.until("they are kept", () => node.chain.headers.size === known + 6);
  });

  it("still follows a branch that leaves more than a message below its tip, if it has more work", async () => {
    const { network, node } = await nodeWithBlocks(2_200);
    const known = node.chain.headers.size;
    await peerWith(network, node, branch(node.chain.headers.genesis, 2_050));
    await network.time.pass(20_000);
    expect(node.chain.headers.size).toBe(known);
    const better = branch(node.chain.headers.genesis, 2_300);
    await peerWith(network, node, better);
    await network.time.until("its headers are here", () => {
      return node.chain.bestHeader.hash === better.at(-1)?.hash;
    });
    expect(node.chain.headers.size).toBe(known + 2_300);
  }, 30_000);
});
