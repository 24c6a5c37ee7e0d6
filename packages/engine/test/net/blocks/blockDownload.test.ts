import { Block, type BlockHash, type HeaderNode, Transaction } from "@chain/core";
import { TestChain } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockDownload } from "../../../src/net/blocks/blockDownload.ts";
import { askedFor, commandsTo, treeOf } from "../../support/headerTrees.ts";

function pretender(
  network: TestNetwork,
  source: TestChain,
  kind: "stalling" | "lying" | "dying",
  connection: Parameters<Stranger["open"]>[0],
): Stranger["handler"] {
  const stranger = new Stranger(network, "inbound", { startHeight: source.tip.height });
  const blocks = new Map(source.blocks.map((block) => [block.hash as string, block]));
  let served = 0;
  stranger.onMessage = (message) => {
    if (message.command === "getheaders") {
      const headers = source.blocks.slice(1).map(({ header }) => header);
      stranger.say({ command: "headers", headers });
    }
    if (message.command !== "getdata" || kind === "stalling") return;
    for (const { hash } of message.items) {
      const block = blocks.get(hash);
      if (block === undefined) continue;
      if (kind === "dying" && served++ > 20) {
        connection.close();
        return;
      }
      stranger.say({ command: "block", raw: (kind === "lying" ? forged(block) : block).toBytes() });
    }
  };
  // The node's end is told of us before it can be spoken to.
  network.time.after(0, () => stranger.open(connection));
  return stranger.handler;
}

/** The header of a block with other transactions. */
function forged(block: Block): Block {
  const [coinbase] = block.transactions;
  if (coinbase === undefined) throw new Error("no coinbase");
  const other = new Transaction({ ...coinbase, lockTime: 1 });
  return new Block(block.header, [other]);
}

describe("BlockDownload", () => {
  function setUp(count: number, segwit = 0, minimumChainWork = 0n) {
    const { tree, nodes } = treeOf(count);
    const best = new Map<number, HeaderNode>();
    const blocked = new Set<number>();
    const download = new BlockDownload(tree, {
      segwitHeight: segwit,
      minimumChainWork,
      bestOf: (peer) => best.get(peer),
      isCompact: () => false,
      isBlocked: (peer) => blocked.has(peer),
    });
    const add = (peer: number, height = count) => {
      best.set(peer, nodes[height] as HeaderNode);
      download.add(peer, { witness: true });
    };
    const take = (hash: string, now = 0, from = 1) => {
      tree.setBody(tree.get(hash as BlockHash) as HeaderNode, 1);
      download.done(from, hash as BlockHash, true, now);
    };
    return { tree, nodes, best, blocked, download, add, take };
  }

  it("asks each peer for other blocks, sixteen at most, the lowest first", () => {
    const { nodes, download, add } = setUp(40);
    add(1);
    add(2, 20);
    const actions = download.schedule(0);
    const hashes = nodes.slice(1).map(({ hash }) => hash as string);
    expect(askedFor(actions, 1)).toEqual(hashes.slice(0, 16));
    expect(askedFor(actions, 2)).toEqual(hashes.slice(16, 20));
    expect(download.schedule(0)).toEqual([]);
    expect(download.pending).toBe(20);
  });

  it("asks for no block of a chain with less than the minimum work, until it has more", () => {
    const { nodes, best, download, add } = setUp(6, 0, treeOf(5).nodes.at(-1)?.chainWork);
    add(1, 4);
    expect(download.schedule(0)).toEqual([]);
    best.set(1, nodes[5] as HeaderNode);
    expect(askedFor(download.schedule(0), 1)).toHaveLength(5);
  });

  it("asks peers that know of no witnesses only for blocks that have none", () => {
    const { nodes, best, download, add } = setUp(6, 4);
    best.set(1, nodes[6] as HeaderNode);
    download.add(1, { witness: false });
    const hashes = nodes.map(({ hash }) => hash as string);
    expect(askedFor(download.schedule(0), 1)).toEqual(hashes.slice(1, 4));
    add(2);
    expect(askedFor(download.schedule(0), 2)).toEqual(hashes.slice(4));
  });

  it("asks a peer for a block that the operator wants, whichever peer was asked before", () => {
    const { nodes, download, add } = setUp(3);
    const [, wanted] = nodes as [HeaderNode, HeaderNode];
    expect(download.fetch(1, wanted, 0)).toBe("no-peer");
    download.add(1, { witness: false });
    expect(download.fetch(1, wanted, 0)).toBe("no-witness");
    add(2);
    add(3);
    download.schedule(0);
    const asked = download.askedOf(wanted.hash) === 2 ? 2 : 3;
    const other = 5 - asked;
    expect(download.fetch(asked, wanted, 0)).toBe("asked");
    const action = download.fetch(other, wanted, 0);
    expect(typeof action === "object" && askedFor([action], other)).toEqual([wanted.hash]);
    expect(download.askedOf(wanted.hash)).toBe(other);
    // A peer that does not answer is waited for no longer than others are.
    download.notFound(other, wanted.hash, 0);
    expect(download.isRequested(wanted.hash)).toBe(false);
  });

  it("asks a peer that has just come for what is next, however long our chain is", () => {
    const { tree, nodes, download, add } = setUp(2_505);
    for (const node of nodes.slice(1, 2_501)) tree.setBody(node, 1);
    tree.setTip(nodes[2_500] as HeaderNode);
    add(1);
    const hashes = nodes.map(({ hash }) => hash as string);
    expect(askedFor(download.schedule(0), 1)).toEqual(hashes.slice(2_501));
  });

  it("waits for no more blocks that a peer has begun to send than it would ask of one", () => {
    const { nodes, download, add } = setUp(20);
    add(1, 0);
    const begun = nodes.slice(1).filter(({ hash }) => download.begun(1, hash, 0));
    expect(begun).toEqual(nodes.slice(1, 17));
  });

  it("asks pruned peers only for blocks that they still have", () => {
    const { nodes, best, download, add } = setUp(300);
    best.set(1, nodes[300] as HeaderNode);
    download.add(1, { witness: true, pruned: true });
    const hashes = nodes.map(({ hash }) => hash as string);
    // Of 288 two may go while we ask.
    expect(askedFor(download.schedule(0), 1)).toEqual(hashes.slice(15, 31));
    add(2);
    expect(askedFor(download.schedule(0), 2)).toEqual([
      ...hashes.slice(1, 15),
      ...hashes.slice(31, 33),
    ]);
  });

  it("asks others for what a peer that left, or does not have it, was asked for", () => {
    const { nodes, download, add } = setUp(10);
    add(1);
    expect(askedFor(download.schedule(0), 1)).toHaveLength(10);
    add(2);
    expect(download.schedule(0)).toEqual([]);
    const first = (nodes[1] as HeaderNode).hash;
    download.notFound(1, first, 0);
    expect(askedFor(download.schedule(0), 2)).toEqual([first]);
    // It is not asked again for what it does not have.
    download.notFound(2, first, 0);
    expect(download.schedule(0)).toEqual([]);
    download.remove(1);
    expect(askedFor(download.schedule(0), 2)).toHaveLength(9);
  });

  it("drops a peer that holds up one with nothing else to do, not one that is slow alone", () => {
    const { download, add } = setUp(20);
    add(1);
    download.schedule(0);
    expect(download.tick(1_999)).toEqual([]);
    add(2);
    expect(askedFor(download.tick(10_000), 2)).toHaveLength(4);
    download.remove(2);
    add(3, 16);
    expect(commandsTo(download.tick(10_000), 1)).toEqual([]);
    const alone = setUp(10);
    alone.add(1);
    alone.download.schedule(0);
    expect(alone.download.tick(119_999)).toEqual([]);
    expect(commandsTo(alone.download.tick(120_000), 1)).toEqual(["block download timed out"]);
  });

  it("lets others take over near the tip without parting", () => {
    const { download, add } = setUp(10);
    add(1);
    download.schedule(0);
    add(2);
    expect(download.tick(1_999)).toEqual([]);
    const actions = download.tick(2_000);
    expect(commandsTo(actions, 1)).toEqual([]);
    expect(askedFor(actions, 2)).toHaveLength(10);
    // The one that was slow is asked again only when nobody else is left.
    expect(download.schedule(2_000)).toEqual([]);
    download.remove(2);
    expect(askedFor(download.schedule(2_000), 1)).toHaveLength(10);
  });

  it("waits once, and not again, for one who announces blocks and does not send them", () => {
    const { nodes, best, download, add, take } = setUp(2);
    const [, first, second] = nodes as [HeaderNode, HeaderNode, HeaderNode];
    add(1, 1);
    download.schedule(0);
    add(2, 1);
    expect(askedFor(download.tick(2_000), 2)).toEqual([first.hash]);
    take(first.hash, 2_000, 2);
    best.set(1, second);
    expect(askedFor(download.schedule(2_000), 1)).toEqual([second.hash]);
    best.set(2, second);
    expect(askedFor(download.schedule(2_001), 2)).toEqual([second.hash]);
    // Two of that kind do not pass it to and fro at once.
    expect(download.schedule(2_001)).toEqual([]);
    expect(askedFor(download.schedule(4_001), 1)).toEqual([second.hash]);
    expect(download.schedule(6_000)).toEqual([]);
    expect(askedFor(download.schedule(6_001), 2)).toEqual([second.hash]);
  });

  it("keeps a slow peer while the window of 1,024 blocks has room, and lets another take over", () => {
    for (const [length, dropped] of [
      [1_024, []],
      [1_025, ["block download stalled"]],
    ] as const) {
      const { download, add, take } = setUp(length);
      add(1);
      download.schedule(0);
      add(2);
      for (let asked = askedFor(download.schedule(0), 2); asked.length > 0; ) {
        for (const hash of asked) take(hash);
        asked = askedFor(download.schedule(0), 2);
      }
      const actions = download.tick(2_000);
      expect(commandsTo(actions, 1)).toEqual(dropped);
      expect(askedFor(actions, 2)).toHaveLength(length === 1_024 ? 16 : 0);
    }
  });

  it("counts the time of a stall from when the window is used up", () => {
    const { download, add, take } = setUp(1_100);
    add(1);
    download.schedule(0);
    add(2);
    for (let asked = askedFor(download.schedule(0), 2); asked.length > 0; ) {
      for (const hash of asked) take(hash);
      asked = askedFor(download.schedule(60_000), 2);
    }
    expect(download.tick(61_999)).toEqual([]);
    expect(commandsTo(download.tick(62_000), 1)).toEqual(["block download stalled"]);
  });

  it("drops who holds up the window, and is twice as patient with the next", () => {
    const { download, add, take } = setUp(1100);
    add(1);
    download.schedule(0);
    add(2);
    for (let asked = askedFor(download.schedule(0), 2); asked.length > 0; ) {
      for (const hash of asked) take(hash);
      asked = askedFor(download.schedule(0), 2);
    }
    expect(download.pending).toBe(16);
    expect(download.nextDeadline(0)).toBe(2_000);
    expect(download.tick(1_999)).toEqual([]);
    expect(commandsTo(download.tick(2_000), 1)).toEqual(["block download stalled"]);
    // Not gone yet; the limit is 4 s now.
    expect(download.nextDeadline(2_000)).toBe(4_000);
    expect(download.tick(3_999)).toEqual([]);
    expect(commandsTo(download.tick(4_000), 1)).toEqual(["block download stalled"]);
    expect(download.nextDeadline(4_000)).toBe(8_000);
    download.remove(1);
    expect(download.nextDeadline(4_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it("does not hold the time against a peer that we take to check its blocks", () => {
    const { nodes, download, add, take } = setUp(2);
    const [first, second] = [nodes[1], nodes[2]] as [HeaderNode, HeaderNode];
    add(1);
    download.schedule(0);
    download.arrived(first.hash, 1);
    add(2);
    expect(download.nextDeadline(0)).toBe(Number.POSITIVE_INFINITY);
    expect(download.tick(1_000_000)).toEqual([]);
    take(first.hash, 1_000_000);
    expect(download.isRequested(first.hash)).toBe(false);
    // Its time for the second begins now.
    expect(download.tick(1_001_999)).toEqual([]);
    expect(askedFor(download.tick(1_002_000), 2)).toEqual([second.hash]);
  });

  it("excuses nobody whose block is not checked because he does not read", () => {
    const { nodes, blocked, download, add } = setUp(2);
    const hashes = nodes.slice(1).map(({ hash }) => hash);
    add(1);
    download.schedule(0);
    download.arrived(hashes[0] as BlockHash, 1);
    add(2);
    blocked.add(1);
    expect(download.nextDeadline(0)).toBe(2_000);
    expect(download.tick(1_999)).toEqual([]);
    expect(askedFor(download.tick(2_000), 2)).toEqual(hashes);
    // An excuse of before is no excuse later.
    blocked.clear();
    download.remove(2);
    expect(askedFor(download.schedule(3_000), 1)).toEqual(hashes);
    expect(download.nextDeadline(3_000)).toBe(5_000);
  });

  it("counts as catching up only as long as blocks keep coming", () => {
    const { nodes, download, add, take } = setUp(2);
    const hashes = nodes.map(({ hash }) => hash);
    expect(download.isCatchingUp(0)).toBe(false);
    add(1);
    download.schedule(0);
    expect(download.isCatchingUp(9_999)).toBe(true);
    expect(download.isCatchingUp(10_000)).toBe(false);
    take(hashes[1] as BlockHash, 50_000);
    expect(download.isCatchingUp(50_000)).toBe(true);
    // To say that one has it not is no progress.
    download.notFound(1, hashes[2] as BlockHash, 59_000);
    add(2);
    download.schedule(59_000);
    expect(download.isCatchingUp(60_000)).toBe(false);
  });

  it("asks nobody for a chain that is known to be invalid", () => {
    const { tree, nodes, download, add } = setUp(3);
    tree.markInvalid(nodes[2] as HeaderNode, "bad-cb-amount");
    add(1);
    expect(download.schedule(0)).toEqual([]);
  });

  it("fetches every block exactly once from honest peers, in any order of arrival", () => {
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat()),
        (count, peers, choices) => {
          const { download, add, take, tree } = setUp(count);
          for (let peer = 1; peer <= peers; peer++) add(peer);
          const wanted: string[] = [];
          const seen = new Set<string>();
          const collect = () => {
            const actions = download.schedule(0);
            for (let peer = 1; peer <= peers; peer++) {
              for (const hash of askedFor(actions, peer)) {
                expect(seen.has(hash)).toBe(false);
                seen.add(hash);
                wanted.push(hash);
              }
            }
          };
          collect();
          while (wanted.length > 0) {
            const pick = (choices.next().value as number) % wanted.length;
            take(wanted.splice(pick, 1)[0] as string);
            collect();
          }
          expect(tree.bestCandidate.height).toBe(count);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("what a node does for its peers", () => {
  it("takes blocks from whoever has them when others stall, lie and die", async () => {
    const network = new TestNetwork({ seed: 5 });
    const source = new TestChain(network.params);
    for (let i = 0; i < 300; i++) source.mine();
    const honest = await network.add("honest");
    for (const block of source.blocks.slice(1)) {
      await network.during(honest.chain.acceptBlock(block, { requested: true }));
    }
    // Each of these has all headers. One never sends a block, one sends wrong bodies, one goes away.
    const liars = ["stalling", "lying", "dying"] as const;
    const addresses = liars.map((kind, i) => {
      const address = { host: "10.0.0.2", port: 4000 + i };
      network.listen(address, (connection) => pretender(network, source, kind, connection));
      return address;
    });
    const fresh = await network.add("fresh", { connect: [...addresses, honest.address] });
    await network.time.until("it has all", () => fresh.chain.tip.height === 300, 120_000);
    expect(fresh.chain.tip.hash).toBe(source.tip.hash);
    expect(fresh.log.some((line) => line.includes("bad-txnmrklroot"))).toBe(true);
  });

  it("does not go back at once to one who has stalled", async () => {
    const network = new TestNetwork({ seed: 6 });
    const source = new TestChain(network.params);
    for (let i = 0; i < 1_030; i++) source.mine();
    const honest = await network.add("honest");
    for (const block of source.blocks.slice(1)) {
      await network.during(honest.chain.acceptBlock(block, { requested: true }));
    }
    const calls: number[] = [];
    const address = { host: "10.0.0.2", port: 4000 };
    network.listen(address, (connection) => {
      calls.push(network.time.now());
      return pretender(network, source, "stalling", connection);
    });
    const fresh = await network.add("fresh", { connect: [address, honest.address] });
    const ended: number[] = [];
    fresh.node.subscribe((event) => {
      if (event.type !== "peer-disconnected") return;
      expect(event.why).toBe("block download stalled");
      ended.push(network.time.now());
    });
    await network.time.until("it has all", () => fresh.chain.tip.height === 1_030, 10_000);
    await network.time.until("it calls again", () => calls.length === 2, 120_000);
    expect(ended).toHaveLength(1);
    expect((calls[1] ?? 0) - (ended[0] ?? 0)).toBeGreaterThanOrEqual(30_000);
  });
});
