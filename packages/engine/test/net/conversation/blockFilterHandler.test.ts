import {
  type Block,
  type BlockHash,
  blockFilter,
  filterHash,
  filterHeader,
  type HeaderNode,
  ZERO_FILTER_HEADER,
} from "@chain/core";
import { TestChain } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { type Message, NODE_COMPACT_FILTERS } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { BlockFilterHandler } from "../../../src/net/conversation/blockFilterHandler.ts";
import type { NetAction } from "../../../src/net/kit/actions.ts";
import type { Peer } from "../../../src/net/peer/peer.ts";
import type { BlockFilterSource } from "../../../src/ports.ts";

/** The filters of blocks that spend nothing, up to a height. */
function filtersOf(blocks: readonly Block[], upTo = Number.POSITIVE_INFINITY) {
  const kept = new Map<BlockHash, { filter: Uint8Array; hash: string; header: string }>();
  let previous = ZERO_FILTER_HEADER;
  for (const [height, block] of blocks.entries()) {
    if (height > upTo) break;
    const filter = blockFilter(block, []);
    const hash = filterHash(filter);
    previous = filterHeader(hash, previous);
    kept.set(block.hash, { filter, hash, header: previous });
  }
  const all = (hashes: readonly BlockHash[]) => {
    const found = hashes.map((hash) => kept.get(hash)).filter((each) => each !== undefined);
    return found.length === hashes.length ? found : undefined;
  };
  const source: BlockFilterSource = {
    filters: async (hashes) => all(hashes)?.map(({ filter }) => filter),
    summaries: async (hashes) => all(hashes) as never,
  };
  return { source, kept };
}

/** A node of so many blocks that serves their filters, as far as its index has come. */
async function serving(count: number, upTo?: number) {
  const network = new TestNetwork();
  const chain = new TestChain(network.params);
  for (let i = 0; i < count; i++) chain.mine();
  const { source, kept } = filtersOf(chain.blocks, upTo);
  const node = await network.add("node", { blockFilters: source });
  for (const block of chain.blocks.slice(1)) {
    await network.during(node.chain.acceptBlock(block, { requested: true }));
  }
  const at = (height: number) => chain.blocks[height]?.hash ?? expect.unreachable();
  const recordAt = (height: number) => kept.get(at(height)) ?? expect.unreachable();
  return { network, node, at, recordAt };
}

/** The handler before a chain of so many headers, whose filters are one byte. */
function longChain(count: number) {
  const nodes: HeaderNode[] = [];
  for (let height = 0; height <= count; height++) {
    const hash = height.toString(16).padStart(64, "0") as BlockHash;
    const ancestor = (at: number) => nodes[at];
    nodes.push({ hash, height, parent: nodes.at(-1), ancestor } as unknown as HeaderNode);
  }
  const recordAt = (height: number) => ({
    hash: (height + 1_000_000).toString(16).padStart(64, "0"),
    header: (height + 2_000_000).toString(16).padStart(64, "0"),
  });
  let reads = 0;
  const blockFilters: BlockFilterSource = {
    filters: async (hashes) => hashes.map(() => Uint8Array.of(0)),
    summaries: async (hashes) => {
      reads += hashes.length;
      return hashes.map((hash) => recordAt(Number.parseInt(hash, 16))) as never;
    },
  };
  const actions: NetAction[] = [];
  const headers = { isActive: () => true, tip: nodes.at(-1) };
  const handler = new BlockFilterHandler({
    chain: { headers } as never,
    blockFilters,
    shown: async (hash) => nodes.find((node) => node.hash === hash),
    turn: () => undefined,
    perform: (some) => void actions.push(...some),
  });
  const peer = { id: 1, closed: false, writable: async () => {} } as unknown as Peer;
  const at = (height: number) => nodes[height]?.hash ?? expect.unreachable();
  return { handler, peer, actions, at, recordAt, reads: () => reads };
}

async function dropped(network: TestNetwork, node: TestNode, message: Message): Promise<string> {
  const stranger = await Stranger.connect(network, node);
  let reason = "";
  node.node.subscribe((event) => {
    if (event.type === "peer-disconnected") reason = event.why;
  });
  stranger.say(message);
  await stranger.isDropped();
  return reason;
}

describe("a node that serves block filters", () => {
  it("answers each question, and says that it does", async () => {
    const { network, node, at, recordAt } = await serving(5);
    const stranger = await Stranger.connect(network, node);
    expect(stranger.peer?.services).toBe(node.node.services);
    expect(node.node.services & NODE_COMPACT_FILTERS).toBe(NODE_COMPACT_FILTERS);
    const range = { filterType: 0, startHeight: 2, stopHash: at(4) };
    stranger.say({ command: "getcfilters", ...range });
    for (const height of [2, 3, 4]) {
      expect(await stranger.hears("cfilter")).toEqual({
        command: "cfilter",
        filterType: 0,
        blockHash: at(height),
        filter: recordAt(height).filter,
      });
    }
    stranger.say({ command: "getcfheaders", ...range });
    expect(await stranger.hears("cfheaders")).toMatchObject({
      stopHash: at(4),
      previousHeader: recordAt(1).header,
      hashes: [2, 3, 4].map((height) => recordAt(height).hash),
    });
    stranger.say({ command: "getcfheaders", ...range, startHeight: 0, stopHash: at(0) });
    expect(await stranger.hears("cfheaders")).toMatchObject({
      previousHeader: ZERO_FILTER_HEADER,
      hashes: [recordAt(0).hash],
    });
    stranger.say({ command: "getcfcheckpt", filterType: 0, stopHash: at(5) });
    expect(await stranger.hears("cfcheckpt")).toMatchObject({ stopHash: at(5), headers: [] });
  });

  it("reads the headers of checkpoints once, and takes no question for more than Core does", async () => {
    const { handler, peer, actions, at, recordAt, reads } = longChain(2_001);
    const stopHash = at(2_001);
    for (let i = 0; i < 3; i++) {
      await handler.checkpoints(peer, { command: "getcfcheckpt", filterType: 0, stopHash });
      const headers = [recordAt(1_000).header, recordAt(2_000).header];
      expect(actions.pop()).toMatchObject({ message: { command: "cfcheckpt", headers } });
    }
    expect(reads()).toBe(2);
    const most = { filterType: 0, stopHash } as const;
    await handler.filters(peer, { command: "getcfilters", startHeight: 1_002, ...most });
    expect(actions.splice(0).map(({ type }) => type)).toEqual(Array(1_000).fill("send"));
    await handler.headers(peer, { command: "getcfheaders", startHeight: 2, ...most });
    expect(actions.pop()).toMatchObject({
      message: { previousHeader: recordAt(1).header, hashes: { length: 2_000 } },
    });
    await handler.filters(peer, { command: "getcfilters", startHeight: 1_001, ...most });
    await handler.headers(peer, { command: "getcfheaders", startHeight: 1, ...most });
    expect(actions).toMatchObject([
      {
        type: "disconnect",
        reason: "requested too many cfilters/cfheaders: 1001 / 1000",
        misbehaving: false,
      },
      {
        type: "disconnect",
        reason: "requested too many cfilters/cfheaders: 2001 / 2000",
        misbehaving: false,
      },
    ]);
  });

  it("disconnects a peer whose question makes no sense, and does not punish it", async () => {
    const { network, node, at } = await serving(3);
    const unknown = "f".repeat(64) as BlockHash;
    const cases: readonly (readonly [Message, string])[] = [
      [
        { command: "getcfcheckpt", filterType: 1, stopHash: at(3) },
        "requested unsupported block filter type: 1",
      ],
      [
        { command: "getcfcheckpt", filterType: 0, stopHash: unknown },
        "requested invalid block hash",
      ],
      [
        { command: "getcfilters", filterType: 0, startHeight: 3, stopHash: at(2) },
        "with start height 3 and stop height 2",
      ],
    ];
    for (const [message, why] of cases) {
      expect(await dropped(network, node, message)).toContain(why);
    }
  });

  it("gives no answer where its index is not so far, and stays connected", async () => {
    const { network, node, at } = await serving(5, 3);
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "getcfilters", filterType: 0, startHeight: 3, stopHash: at(5) });
    stranger.say({ command: "getcfheaders", filterType: 0, startHeight: 3, stopHash: at(5) });
    stranger.say({ command: "getcfilters", filterType: 0, startHeight: 3, stopHash: at(3) });
    expect((await stranger.hears("cfilter")).blockHash).toBe(at(3));
    expect(stranger.received.map(({ command }) => command)).not.toContain("cfheaders");
    expect(stranger.ended).toBeUndefined();
  });

  it("disconnects a peer that asks a node without filters", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const stranger = await Stranger.connect(network, node);
    expect(stranger.peer?.services).toBe(node.node.services);
    expect(node.node.services & NODE_COMPACT_FILTERS).toBe(0n);
    const stopHash = network.params.genesis.hash;
    expect(
      await dropped(network, node, { command: "getcfcheckpt", filterType: 0, stopHash }),
    ).toContain("requested unsupported block filter type");
  });
});
