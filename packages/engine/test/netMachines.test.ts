/** The state machines that talk to peers, each alone: an event and the time go in, actions come out. */
import {
  type BlockHash,
  BlockHeader,
  type HeaderNode,
  HeaderTree,
  type RefusalKind,
  sha256,
  Transaction,
  type Txid,
  type Wtxid,
} from "@chain/core";
import { easyDevnet, MINER, makeBlock, payment, testKey } from "@chain/testing/blockFactory";
import { Rng } from "@chain/testing/random";
import {
  MAX_HEADERS,
  MSG_TX,
  MSG_WITNESS_TX,
  MSG_WTX,
  NODE_NETWORK,
  NODE_NETWORK_LIMITED,
  NODE_WITNESS,
} from "@chain/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockAnnouncer } from "../src/net/blocks/blockAnnouncer.ts";
import { BlockDownload } from "../src/net/blocks/blockDownload.ts";
import { ChainSyncTimeouts } from "../src/net/blocks/chainSyncTimeouts.ts";
import { HeaderSync } from "../src/net/blocks/headerSync.ts";
import { AddedNodes } from "../src/net/connecting/addedNodes.ts";
import { isTipRecent, isWorthCalling } from "../src/net/connecting/services.ts";
import { type ChosenPeer, StaleTip } from "../src/net/connecting/staleTip.ts";
import { blockPenalty, rejectCode } from "../src/net/conversation/penalty.ts";
import type { NetAction } from "../src/net/kit/actions.ts";
import { BoundedSet } from "../src/net/kit/boundedSet.ts";
import { FeeFilter } from "../src/net/transactions/feeFilter.ts";
import { Orphanage } from "../src/net/transactions/orphanage.ts";
import {
  type Pace,
  PUBLIC_PACE,
  TransactionRelay,
} from "../src/net/transactions/transactionRelay.ts";
import { TransactionRequests } from "../src/net/transactions/transactionRequests.ts";

const params = easyDevnet();

/** A tree with so many headers above the genesis block, none of them with a body. */
function treeOf(count: number): { readonly tree: HeaderTree; readonly nodes: HeaderNode[] } {
  const tree = new HeaderTree(params.genesis.header);
  const nodes: HeaderNode[] = [tree.genesis];
  for (let i = 0; i < count; i++) {
    const parent = nodes.at(-1) as HeaderNode;
    nodes.push(tree.add(makeBlock({ parent, params }).header));
  }
  return { tree, nodes };
}

const syncOf = (tree: HeaderTree) => new HeaderSync(tree, params, new Rng(7));

const commandsTo = (actions: readonly NetAction[], peer: number): string[] =>
  actions.flatMap((action) =>
    action.peer !== peer ? [] : [action.type === "send" ? action.message.command : action.reason],
  );

function askedFor(actions: readonly NetAction[], peer: number): string[] {
  return actions.flatMap((action) =>
    action.peer === peer && action.type === "send" && action.message.command === "getdata"
      ? action.message.items.map(({ hash }) => hash)
      : [],
  );
}

const idle = () => false;

/** More than a day after the best header of the trees here: then one peer at a time is asked. Milliseconds. */
const LATE = 2e12;

/** What comes of a peer's `inv` of one block. */
function invOf(sync: HeaderSync, peer: number, hash: string, now: number): NetAction[] {
  return sync.announced(peer, hash as BlockHash) ? [] : sync.follow(peer, hash as BlockHash, now);
}

describe("HeaderSync", () => {
  it("asks one peer at a time, and the next when the first has no more", () => {
    const { tree, nodes } = treeOf(3);
    const sync = syncOf(tree);
    expect(commandsTo(sync.add(1, LATE), 1)).toEqual(["getheaders"]);
    expect(sync.add(2, LATE)).toEqual([]);
    const last = nodes[3] as HeaderNode;
    expect(sync.receive(1, [last.header], LATE + 5).accept).toEqual([last.header]);
    expect(commandsTo(sync.accepted(1, last, 1, LATE + 5), 2)).toEqual(["getheaders"]);
    expect(sync.bestOf(1)).toBe(last);
  });

  it("has headers hashed by the platform, each once", () => {
    const { nodes } = treeOf(3);
    let calls = 0;
    const hash = (bytes: Uint8Array): Uint8Array => {
      calls++;
      return sha256(bytes);
    };
    const sync = new HeaderSync(treeOf(0).tree, params, new Rng(7), hash);
    sync.add(1, LATE);
    const headers = nodes.slice(1).map(({ header }) => BlockHeader.fromBytes(header.toBytes()));
    const { accept } = sync.receive(1, headers, LATE);
    expect(accept.map((header) => header.hash)).toEqual(nodes.slice(1).map((node) => node.hash));
    expect(calls).toBe(2 * headers.length);
  });

  it("goes on after a full message, and with the next peer when one goes or never answers", () => {
    const { tree, nodes } = treeOf(2);
    const sync = syncOf(tree);
    sync.add(1, LATE);
    sync.add(2, LATE);
    const last = nodes[2] as HeaderNode;
    sync.receive(1, [last.header], LATE);
    expect(commandsTo(sync.accepted(1, last, MAX_HEADERS, LATE), 1)).toEqual(["getheaders"]);
    expect(commandsTo(sync.tick(LATE + 29_999, idle), 1)).toEqual([]);
    // While what it has sent waits for us, its answer may be among it.
    expect(sync.tick(LATE + 30_000, () => true)).toEqual([]);
    // It may be loading its own chain, and have nothing to say yet: that is no reason to part.
    expect(sync.tick(LATE + 60_000, idle)).toEqual([]);
    expect(commandsTo(invOf(sync, 1, "12".repeat(32), LATE + 60_000), 1)).toEqual(["getheaders"]);
    expect(sync.remove(1, LATE + 60_000)).toEqual([]);
  });

  it("does not let a silent peer keep the others waiting", () => {
    const sync = syncOf(treeOf(1).tree);
    sync.add(1, LATE);
    sync.add(2, LATE);
    expect(sync.tick(LATE + 2_999, idle)).toEqual([]);
    expect(commandsTo(sync.tick(LATE + 3_000, idle), 2)).toEqual(["getheaders"]);
    // Nobody is left to ask; who comes now is asked at once.
    expect(sync.tick(LATE + 6_000, idle)).toEqual([]);
    expect(commandsTo(sync.add(3, LATE + 6_000), 3)).toEqual(["getheaders"]);
  });

  it("asks those that we have called before any of those that call us", () => {
    const sync = syncOf(treeOf(1).tree);
    for (const peer of [1, 2, 3]) sync.add(peer, LATE);
    // It does not wait until the caller that was asked first has had its time.
    expect(commandsTo(sync.add(4, LATE, { outbound: true }), 4)).toEqual(["getheaders"]);
    expect(sync.add(5, LATE, { outbound: true })).toEqual([]);
    expect(commandsTo(sync.tick(LATE + 3_000, idle), 5)).toEqual(["getheaders"]);
  });

  it("asks each newcomer at once when the best header is less than a day old", () => {
    const { tree } = treeOf(1);
    const edge = (tree.bestHeader.time + 24 * 3600) * 1000;
    const [early, late] = [syncOf(tree), syncOf(tree)];
    for (const [sync, now, expected] of [
      [early, edge - 1, ["getheaders"]],
      [late, edge, []],
    ] as const) {
      expect(commandsTo(sync.add(1, now), 1)).toEqual(["getheaders"]);
      expect(commandsTo(sync.add(2, now), 2)).toEqual(expected);
      expect(commandsTo(sync.add(3, now, { serves: false }), 3)).toEqual([]);
    }
  });

  it("drops a peer whose headers are no chain, or keep connecting to nothing", () => {
    const { tree, nodes } = treeOf(1);
    const sync = syncOf(tree);
    sync.add(1, 0);
    const [genesis, first] = nodes as [HeaderNode, HeaderNode];
    const { accept, actions } = sync.receive(1, [first.header, genesis.header], 0);
    expect(accept).toEqual([]);
    expect(actions).toMatchObject([{ type: "disconnect", misbehaving: true }]);

    const elsewhere = makeBlock({
      parent: first,
      params,
      header: { previousHash: "12".repeat(32) as BlockHash },
    });
    sync.add(2, 0);
    for (let i = 1; i < 50; i++) {
      expect(commandsTo(sync.receive(2, [elsewhere.header], 0).actions, 2)).toEqual(["getheaders"]);
    }
    expect(sync.receive(2, [elsewhere.header], 0).actions).toMatchObject([
      { type: "disconnect", misbehaving: true },
    ]);
  });

  it("asks for the headers of an announced block that it does not know", () => {
    const { tree, nodes } = treeOf(1);
    const sync = syncOf(tree);
    sync.add(1, 0);
    sync.receive(1, [], 0);
    expect(invOf(sync, 1, (nodes[1] as HeaderNode).hash, 0)).toEqual([]);
    expect(sync.bestOf(1)).toBe(nodes[1]);
    expect(commandsTo(invOf(sync, 1, "34".repeat(32), 0), 1)).toEqual(["getheaders"]);
    // Asked already; but the answer may not cover it, so it is asked for once more, and not for ever.
    expect(invOf(sync, 1, "56".repeat(32), 0)).toEqual([]);
    expect(commandsTo(sync.receive(1, [], 0).actions, 1)).toEqual(["getheaders"]);
    expect(sync.receive(1, [], 0).actions).toEqual([]);
  });

  it("knows who has a block as soon as its header is here, and never follows an invalid best", () => {
    const { tree, nodes } = treeOf(2);
    const sync = syncOf(tree);
    sync.add(1, 0);
    const best = nodes[2] as HeaderNode;
    const next = makeBlock({ parent: best, params }).header;
    sync.announced(1, next.hash);
    expect(sync.bestOf(1)).toBeUndefined();
    const node = tree.add(next);
    expect(sync.bestOf(1)).toBe(node);
    tree.markInvalid(node, "bad-cb-amount");
    sync.announced(1, best.hash);
    expect(sync.bestOf(1)).toBe(best);
  });

  it("asks one peer more for each new block while another leads, and each of them once", () => {
    const sync = syncOf(treeOf(1).tree);
    const [a, b, c] = ["aa", "bb", "cc"].map((byte) => byte.repeat(32)) as [string, string, string];
    for (const peer of [1, 2, 3]) sync.add(peer, LATE);
    const asked = (peer: number, hash: string) => commandsTo(invOf(sync, peer, hash, LATE), peer);
    expect([asked(2, a), asked(3, a), asked(3, b), asked(2, b)]).toEqual([
      ["getheaders"],
      [],
      ["getheaders"],
      [],
    ]);
    // The leader may be asked for each, once it has answered.
    sync.receive(1, [], LATE);
    expect(asked(1, b)).toEqual(["getheaders"]);
    sync.receive(1, [], LATE);
    expect(asked(1, c)).toEqual(["getheaders"]);
  });

  it("asks from one before the best header at first, later from the best or the last that it was given", () => {
    const { tree, nodes } = treeOf(3);
    const sync = syncOf(tree);
    const from = (actions: readonly NetAction[]) =>
      actions.flatMap((action) =>
        action.type === "send" && action.message.command === "getheaders"
          ? [action.message.locator[0]]
          : [],
      );
    const [, , second, third] = nodes as [HeaderNode, HeaderNode, HeaderNode, HeaderNode];
    expect(from(sync.add(1, LATE))).toEqual([second.hash]);
    sync.receive(1, [third.header], LATE);
    expect(from(sync.accepted(1, third, MAX_HEADERS, LATE))).toEqual([third.hash]);
    sync.receive(1, [], LATE);
    expect(from(invOf(sync, 1, "dd".repeat(32), LATE))).toEqual([third.hash]);
  });
});

describe("BlockDownload", () => {
  function setUp(count: number, segwit = 0) {
    const { tree, nodes } = treeOf(count);
    const best = new Map<number, HeaderNode>();
    const blocked = new Set<number>();
    const download = new BlockDownload(tree, {
      segwitHeight: segwit,
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

  it("asks peers that know of no witnesses only for blocks that have none", () => {
    const { nodes, best, download, add } = setUp(6, 4);
    best.set(1, nodes[6] as HeaderNode);
    download.add(1, { witness: false });
    const hashes = nodes.map(({ hash }) => hash as string);
    expect(askedFor(download.schedule(0), 1)).toEqual(hashes.slice(1, 4));
    add(2);
    expect(askedFor(download.schedule(0), 2)).toEqual(hashes.slice(4));
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
    // What came of it before is no excuse later either.
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

describe("TransactionRequests", () => {
  const [a, b] = ["aa".repeat(32) as Txid, "bb".repeat(32) as Txid];
  /** We have called it, and it uses txids: asked at once. */
  const options = { witness: false, outbound: true, byWtxid: false };
  const stranger = { ...options, outbound: false };
  /** A transaction without witness. */
  const tx = (txid: Txid) => ({ txid, wtxid: txid as string as Wtxid });
  function setUp() {
    let busy = false;
    const relay = new TransactionRequests({
      has: () => false,
      isCatchingUp: () => busy,
      delay: 2_000,
    });
    const setBusy = (value: boolean) => {
      busy = value;
    };
    return { relay, setBusy };
  }

  it("asks one peer for a transaction, and the next when that one fails", () => {
    const { relay } = setUp();
    relay.add(1, options);
    relay.add(2, options);
    expect(askedFor(relay.announced(1, [a], 0), 1)).toEqual([a]);
    expect(relay.announced(2, [a], 0)).toEqual([]);
    expect(askedFor(relay.tick(59_999), 2)).toEqual([]);
    expect(askedFor(relay.tick(60_000), 2)).toEqual([a]);
    expect(relay.notFound(2, a, 60_000)).toEqual([]);
    expect(askedFor(relay.announced(1, [b], 0), 1)).toEqual([b]);
    relay.announced(2, [b], 0);
    expect(askedFor(relay.remove(1, 0), 2)).toEqual([b]);
  });

  it("waits while blocks are missing, and forgets refusals when the chain moves", () => {
    const { relay, setBusy } = setUp();
    relay.add(1, options);
    setBusy(true);
    expect(relay.announced(1, [a], 0)).toEqual([]);
    setBusy(false);
    expect(askedFor(relay.tipChanged(0), 1)).toEqual([a]);
    const transaction = payment({ coins: [], outputs: [] });
    relay.refused(1, transaction, "consensus", 0);
    expect(relay.announced(1, [transaction.txid], 0)).toEqual([]);
    relay.tipChanged(0);
    expect(askedFor(relay.announced(1, [transaction.txid], 0), 1)).toEqual([transaction.txid]);
  });

  it("asks nobody again for one with inputs that are not standard, by either name", () => {
    const { relay } = setUp();
    for (const peer of [1, 2]) relay.add(peer, options);
    const wtxid = "cc".repeat(32) as Wtxid;
    relay.announced(1, [b], 0);
    relay.received(1, { txid: b, wtxid });
    expect(relay.refused(1, { txid: b, wtxid }, "nonstandard-inputs", 0)).toEqual([]);
    expect(relay.announced(2, [b], 0)).toEqual([]);
    expect(relay.announced(2, [wtxid], 0, true)).toEqual([]);
    // An orphan that spends it is not worth keeping.
    expect(relay.isAnyRefused([b])).toBe(true);
  });

  it("asks nobody while one is checked, and others if its witness was spoilt", () => {
    const { relay } = setUp();
    for (const peer of [1, 2, 3]) relay.add(peer, options);
    relay.announced(2, [a], 0);
    // Nobody asked for it, but it is here.
    relay.received(1, tx(b));
    expect(relay.announced(3, [b], 0)).toEqual([]);
    expect(relay.tick(1_000_000).filter(({ peer }) => peer === 3)).toEqual([]);
    const spoilt = { txid: b, wtxid: "cc".repeat(32) as Wtxid };
    expect(askedFor(relay.refused(1, spoilt, "consensus", 0), 3)).toEqual([b]);
    // Somebody sends unasked, spoilt, what another was asked for: that one stays asked.
    relay.announced(2, [a], 0);
    relay.received(1, tx(a));
    expect(relay.refused(1, { ...spoilt, txid: a }, "consensus", 0)).toEqual([]);
    expect(askedFor(relay.announced(1, [a], 0), 1)).toEqual([]);
  });

  it("asks for a thousand at a time, and remembers no more than five thousand offers", () => {
    const { relay } = setUp();
    relay.add(1, options);
    const id = (n: number) => n.toString(16).padStart(64, "0") as Txid;
    const all = Array.from({ length: 50_000 }, (_, n) => id(n));
    const actions = relay.announced(1, all, 0);
    expect(actions).toHaveLength(5);
    expect(askedFor(actions, 1)).toEqual(all.slice(0, 5_000));
  });

  it("asks one that owes a hundred for more two seconds later, and others before", () => {
    const { relay } = setUp();
    for (const peer of [1, 2]) relay.add(peer, options);
    const id = (n: number) => n.toString(16).padStart(64, "0") as Txid;
    const hundred = Array.from({ length: 100 }, (_, n) => id(n));
    expect(askedFor(relay.announced(1, hundred, 0), 1)).toEqual(hundred);
    expect(relay.announced(1, [a, b], 0)).toEqual([]);
    expect(askedFor(relay.announced(2, [a], 0), 2)).toEqual([a]);
    expect(relay.tick(1_999)).toEqual([]);
    expect(askedFor(relay.tick(2_000), 1)).toEqual([b]);
    // Once it has answered one, it may be asked at once.
    for (const one of [...hundred.slice(0, 1), b]) relay.forget(tx(one));
    const c = "cc".repeat(32) as Txid;
    expect(askedFor(relay.announced(1, [c], 2_000), 1)).toEqual([c]);
  });

  it("asks by txid later, where there are peers that use wtxids", () => {
    const { relay } = setUp();
    relay.add(1, options);
    relay.add(2, { ...options, byWtxid: true });
    expect(relay.announced(1, [a], 0)).toEqual([]);
    expect(askedFor(relay.announced(2, [b], 0, true), 2)).toEqual([b]);
    expect(relay.tick(1_999)).toEqual([]);
    expect(askedFor(relay.tick(2_000), 1)).toEqual([a]);
    // Two reasons to wait.
    relay.add(3, stranger);
    const c = "cc".repeat(32) as Txid;
    expect(relay.announced(3, [c], 2_000)).toEqual([]);
    expect(relay.tick(5_999)).toEqual([]);
    expect(askedFor(relay.tick(6_000), 3)).toEqual([c]);
  });

  it("does not ask again for what a block has confirmed, until the block is taken back", () => {
    const { relay } = setUp();
    relay.add(1, options);
    relay.confirmed([tx(a)]);
    expect(relay.announced(1, [a], 0)).toEqual([]);
    relay.unconfirmed();
    expect(askedFor(relay.announced(1, [a], 0), 1)).toEqual([a]);
  });

  it("prefers peers that we have called", () => {
    const { relay, setBusy } = setUp();
    relay.add(1, stranger);
    relay.add(2, { ...options, witness: true });
    setBusy(true);
    relay.announced(1, [a], 0);
    relay.announced(2, [a], 0);
    setBusy(false);
    expect(relay.tick(0)).toMatchObject([
      { peer: 2, message: { command: "getdata", items: [{ type: MSG_WITNESS_TX, hash: a }] } },
    ]);
  });

  it("lets strangers wait for two seconds: somebody better may offer the same", () => {
    const { relay } = setUp();
    relay.add(1, stranger);
    relay.add(2, options);
    expect(relay.announced(1, [a, b], 0)).toEqual([]);
    expect(askedFor(relay.announced(2, [a], 1_000), 2)).toEqual([a]);
    expect(relay.tick(1_999)).toEqual([]);
    expect(askedFor(relay.tick(2_000), 1)).toEqual([b]);
    // The better one fails: now the stranger is good enough.
    expect(askedFor(relay.notFound(2, a, 2_000), 1)).toEqual([a]);
  });

  it("does not lose its time with what a stranger announces and takes back, again and again", () => {
    const { relay } = setUp();
    relay.add(1, stranger);
    const names = Array.from({ length: 5_000 }, (_, n) => n.toString(16).padStart(64, "0") as Txid);
    for (let round = 0; round < 20; round++) {
      relay.announced(1, names, 0);
      for (const name of names) relay.notFound(1, name, 0);
    }
    const begin = process.cpuUsage();
    relay.tick(2_000);
    // Linear: a tenth of a second of the processor. Quadratic: minutes.
    expect(process.cpuUsage(begin).user).toBeLessThan(5_000_000);
  });

  it("asks by the name that it was told, and takes the answer for both", () => {
    const { relay } = setUp();
    const wtxid = "cc".repeat(32) as Wtxid;
    relay.add(1, { ...options, witness: true });
    relay.add(2, { ...options, witness: true });
    expect(relay.announced(1, [wtxid], 0, true)).toMatchObject([
      { message: { command: "getdata", items: [{ type: MSG_WTX, hash: wtxid }] } },
    ]);
    // By its other name nobody can know that it is the same, until it is here.
    expect(askedFor(relay.announced(2, [a], 0), 2)).toEqual([a]);
    relay.received(1, { txid: a, wtxid });
    relay.forget({ txid: a, wtxid });
    expect(relay.tick(1_000_000)).toEqual([]);
    // Refused with this witness: not asked for again by that name, but by the other.
    relay.received(1, { txid: b, wtxid });
    relay.refused(1, { txid: b, wtxid }, "consensus", 0);
    expect(relay.announced(2, [wtxid], 0, true)).toEqual([]);
    expect(askedFor(relay.announced(2, [b], 0), 2)).toEqual([b]);
  });

  it("leaves nothing behind of peers that have gone, whatever happened (property)", () => {
    const peer = fc.integer({ min: 1, max: 3 });
    const txid = fc
      .integer({ min: 0, max: 8 })
      .map((n) => n.toString(16).padStart(64, "0") as Txid);
    const step = fc.oneof(
      fc.record({ do: fc.constant("announced" as const), peer, txid }),
      fc.record({ do: fc.constant("received" as const), peer, txid }),
      fc.record({ do: fc.constant("refused" as const), peer, txid }),
      fc.record({ do: fc.constant("forget" as const), peer, txid }),
      fc.record({ do: fc.constant("notFound" as const), peer, txid }),
      fc.record({ do: fc.constant("leave" as const), peer, txid }),
      fc.record({ do: fc.constant("tick" as const), peer, txid }),
    );
    void fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { relay } = setUp();
        // Whom each transaction was last asked of, by the messages alone.
        const asked = new Map<string, number>();
        let now = 0;
        for (const id of [1, 2, 3]) relay.add(id, options);
        const take = (actions: readonly NetAction[]) => {
          for (const id of [1, 2, 3]) {
            for (const hash of askedFor(actions, id)) {
              expect(asked.has(hash)).toBe(false);
              asked.set(hash, id);
            }
          }
        };
        const end = (hash: string, id: number) => {
          if (asked.get(hash) === id) asked.delete(hash);
        };
        for (const { do: what, peer: id, txid: hash } of steps) {
          if (what === "announced") take(relay.announced(id, [hash], now));
          if (what === "received") relay.received(id, tx(hash));
          if (what === "refused" || what === "notFound") {
            end(hash, id);
            take(
              what === "refused"
                ? relay.refused(id, tx(hash), "witness-stripped", now)
                : relay.notFound(id, hash, now),
            );
          }
          if (what === "forget") {
            asked.delete(hash);
            relay.forget(tx(hash));
          }
          if (what === "leave") {
            for (const [other, owner] of asked) if (owner === id) asked.delete(other);
            take(relay.remove(id, now));
            relay.add(id, options);
          }
          if (what === "tick") {
            now += 60_000;
            asked.clear();
            take(relay.tick(now));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("TransactionRelay", () => {
  const [a, b, c] = ["aa", "bb", "dd"].map((each) => each.repeat(32) as Txid) as [Txid, Txid, Txid];
  const w = "cc".repeat(32) as Wtxid;
  const options = { wants: true, byWtxid: false, inbound: true };
  const never = () => false;
  /** By then whoever is to be told has been. */
  const LATER = 1e9;

  function setUp(pace: Pace = PUBLIC_PACE) {
    const have = new Map<Txid, { feeRate: bigint; ancestors: number }>();
    const relay = new TransactionRelay({
      random: new Rng(5),
      pace,
      sequence: () => have.size - 1,
      waiting: (txid) => {
        const entry = have.get(txid);
        return entry && { wtxid: w, ...entry };
      },
    });
    const add = (txid: Txid, feeRate: bigint, ancestors = 1) =>
      have.set(txid, { feeRate, ancestors });
    return { relay, have, add };
  }

  it("announces to all but those who know, once, and above their fee filter", () => {
    const { relay, add } = setUp();
    for (const peer of [1, 2, 3]) relay.add(peer, options, [], 0);
    relay.add(4, { ...options, wants: false }, [], 0);
    add(a, 1000n);
    relay.knows(1, [a]);
    relay.setMinFeeRate(3, 1001n);
    relay.announce({ txid: a, wtxid: w }, 0);
    const actions = relay.flush(never, LATER);
    expect(actions).toMatchObject([
      { peer: 2, message: { command: "inv", items: [{ type: MSG_TX, hash: a }] } },
    ]);
    relay.announce({ txid: a, wtxid: w }, LATER);
    expect(relay.flush(never, 2 * LATER)).toEqual([]);
  });

  it("tells all who have called at one time, and those whom we have called each at their own", () => {
    const { relay, add } = setUp();
    for (let peer = 0; peer < 40; peer++) {
      relay.add(peer, { ...options, inbound: peer % 2 === 0 }, [], 0);
    }
    add(a, 1n);
    relay.announce({ txid: a, wtxid: w }, 0);
    const times = new Map<number, number[]>();
    for (let at = relay.nextFlush(never); at !== undefined; at = relay.nextFlush(never)) {
      expect(relay.flush(never, at - 0.001)).toEqual([]);
      times.set(
        at,
        relay.flush(never, at).map(({ peer }) => peer),
      );
    }
    const crowd = [...times.values()].filter((peers) => peers.length > 1);
    expect(crowd.flat().sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, n) => 2 * n));
    expect(times.size).toBe(21);
    expect(Math.max(...times.keys())).toBeLessThan(20_000);
  });

  it("waits as long as it should, on average", () => {
    const { relay, add } = setUp({ ...PUBLIC_PACE, inbound: 700, outbound: 300 });
    let [now, inbound, outbound] = [0, 0, 0];
    relay.add(1, options, [], 0);
    relay.add(2, { ...options, inbound: false }, [], 0);
    for (let n = 0; n < 5_000; n++) {
      const txid = n.toString(16).padStart(64, "0") as Txid;
      add(txid, 1n);
      relay.announce({ txid, wtxid: n.toString(16).padStart(64, "1") as Wtxid }, now);
      const since = now;
      for (let at = relay.nextFlush(never); at !== undefined; at = relay.nextFlush(never)) {
        for (const { peer } of relay.flush(never, at)) {
          if (peer === 1) inbound += at - since;
          else outbound += at - since;
        }
        now = at;
      }
      now += 10_000;
    }
    expect(Math.abs(inbound / 5_000 / 700 - 1)).toBeLessThan(0.06);
    expect(Math.abs(outbound / 5_000 / 300 - 1)).toBeLessThan(0.06);
  });

  it("tells of parents before children, and else not in the order in which they came", () => {
    const { relay, add } = setUp();
    relay.add(1, options, [], 0);
    add(a, 1n);
    add(b, 9n, 2);
    add(c, 5n);
    for (const txid of [a, b, c]) relay.announce({ txid, wtxid: w }, 0);
    const [action] = relay.flush(never, LATER);
    expect(action).toMatchObject({ message: { items: [{ hash: c }, { hash: a }, { hash: b }] } });
  });

  it("tells of a flood bit by bit", () => {
    const { relay, add } = setUp();
    relay.add(1, options, [], 0);
    const all = Array.from({ length: 3_000 }, (_, n) => n.toString(16).padStart(64, "0") as Txid);
    for (const txid of all) {
      add(txid, 1n);
      relay.announce({ txid, wtxid: w }, 0);
    }
    const sizes: number[] = [];
    for (let now = LATER; sizes.length < 3; now += LATER) {
      const [action] = relay.flush(never, now);
      if (action?.type === "send" && action.message.command === "inv") {
        sizes.push(action.message.items.length);
      }
    }
    expect(sizes).toEqual([70 + 15, 70 + 14, 70 + 14]);
  });

  it("gives nobody what he has not been told of yet", () => {
    const { relay, add } = setUp();
    relay.add(1, options, [], 0);
    add(a, 1n);
    const transaction = { txid: a, wtxid: w };
    const mayAsk = (peer: number, sequence: number) =>
      relay.mayAsk(peer, { sequence, transaction });
    expect(mayAsk(1, 0)).toBe(false);
    relay.announce(transaction, 0);
    expect(mayAsk(1, 0)).toBe(false);
    relay.flush(never, LATER);
    add(b, 1n);
    expect([mayAsk(1, 0), mayAsk(1, 1)]).toEqual([true, false]);
    expect(mayAsk(2, 0)).toBe(false);
    // Who has sent it may know what became of it.
    relay.add(2, options, [], 0);
    relay.gave(2, transaction);
    expect(mayAsk(2, 0)).toBe(true);
  });

  it("tells newcomers of what waits on networks of few alone; elsewhere they may but ask", () => {
    for (const tellsNewcomers of [true, false]) {
      const { relay, add } = setUp({ ...PUBLIC_PACE, tellsNewcomers });
      add(a, 1n);
      relay.add(1, options, [a], 0);
      const transaction = { txid: a, wtxid: w };
      const mayAsk = [0, 1].map((sequence) => relay.mayAsk(1, { sequence, transaction }));
      expect(mayAsk).toEqual([true, false]);
      expect(commandsTo(relay.flush(never, LATER), 1)).toEqual(tellsNewcomers ? ["inv"] : []);
    }
  });

  it("holds announcements for a peer that does not keep up", () => {
    const { relay, add } = setUp();
    add(a, 1n);
    relay.add(1, options, [], 0);
    relay.announce({ txid: a, wtxid: w }, 0);
    expect(relay.flush(() => true, LATER)).toEqual([]);
    expect(relay.nextFlush(() => true)).toBeUndefined();
    expect(relay.nextFlush(never)).toBeLessThan(LATER);
    expect(commandsTo(relay.flush(never, LATER), 1)).toEqual(["inv"]);
    expect(relay.nextFlush(never)).toBeUndefined();
  });

  it("names transactions as was agreed, and remembers what a peer knows by that name", () => {
    const { relay, add } = setUp();
    add(a, 5n);
    relay.add(1, { ...options, byWtxid: true }, [], 0);
    relay.add(2, { ...options, byWtxid: true }, [], 0);
    relay.knows(2, [w]);
    relay.announce({ txid: a, wtxid: w }, 0);
    expect(relay.flush(never, LATER)).toMatchObject([
      { peer: 1, message: { command: "inv", items: [{ type: MSG_WTX, hash: w }] } },
    ]);
    expect(relay.repeat([a])).toHaveLength(2);
  });
});

describe("ChainSync", () => {
  const MINUTE = 60_000;
  function setUp() {
    const { tree, nodes } = treeOf(5);
    const best = new Map<number, HeaderNode>();
    const sync = new ChainSyncTimeouts(tree, (peer) => best.get(peer));
    const setTip = (height: number) => {
      for (const node of nodes.slice(1, height + 1)) tree.setBody(node, 1);
      tree.setTip(nodes[height] as HeaderNode);
    };
    setTip(3);
    return { nodes, best, sync, setTip };
  }

  it("asks who stays behind once more, and parts with it two minutes later", () => {
    const { nodes, best, sync } = setUp();
    sync.add(1, 0);
    best.set(1, nodes[2] as HeaderNode);
    expect(sync.tick(0)).toEqual([]);
    expect(sync.tick(20 * MINUTE - 1)).toEqual([]);
    const [asked] = sync.tick(20 * MINUTE);
    expect(asked).toMatchObject({
      peer: 1,
      message: { command: "getheaders", locator: [nodes[2]?.hash, nodes[1]?.hash, nodes[0]?.hash] },
    });
    expect(sync.tick(22 * MINUTE - 1)).toEqual([]);
    expect(sync.tick(22 * MINUTE)).toMatchObject([
      { type: "disconnect", peer: 1, misbehaving: false },
    ]);
  });

  it("gives who makes up for it the whole time again, and lets who caught up alone", () => {
    const { nodes, best, sync, setTip } = setUp();
    sync.add(1, 0);
    sync.tick(0);
    expect(sync.tick(20 * MINUTE)).toHaveLength(1);
    setTip(5);
    best.set(1, nodes[3] as HeaderNode); // all that it was asked for
    expect(sync.tick(21 * MINUTE)).toEqual([]);
    expect(sync.tick(41 * MINUTE - 1)).toEqual([]);
    best.set(1, nodes[5] as HeaderNode);
    expect(sync.tick(41 * MINUTE)).toEqual([]);
    sync.remove(1);
    best.clear();
    expect(sync.tick(100 * MINUTE)).toEqual([]);
  });

  it("counts from when the peer came, and protects no peer for blocks alone", () => {
    const { nodes, best, sync, setTip } = setUp();
    sync.add(1, 0);
    // The first look comes late: the clock was set meanwhile.
    expect(sync.tick(20 * MINUTE)).toHaveLength(1);
    sync.remove(1);
    sync.add(2, 20 * MINUTE, false);
    best.set(2, nodes[3] as HeaderNode);
    sync.tick(20 * MINUTE);
    setTip(4);
    sync.tick(21 * MINUTE);
    expect(sync.tick(41 * MINUTE)).toHaveLength(1);
    expect(sync.tick(43 * MINUTE)).toMatchObject([{ type: "disconnect", peer: 2 }]);
  });

  it("keeps four that were good once", () => {
    const { nodes, best, sync, setTip } = setUp();
    for (const peer of [1, 2, 3, 4, 5, 6]) {
      sync.add(peer, 0);
      best.set(peer, nodes[3] as HeaderNode);
    }
    sync.tick(0);
    setTip(4);
    sync.tick(1);
    sync.tick(30 * MINUTE);
    expect(sync.tick(33 * MINUTE).map(({ peer }) => peer)).toEqual([5, 6]);
  });
});

describe("StaleTip", () => {
  const MINUTE = 60_000;
  const peer = (id: number, more: Partial<ChosenPeer> = {}): ChosenPeer => {
    return { id, connectedAt: 0, lastBlockAt: 0, busy: false, ...more };
  };

  it("wants one more when no block has come for three times as long as one takes", () => {
    const stale = new StaleTip(600);
    const wants = (minute: number, isDownloading = false) =>
      stale.wantsExtra(minute * MINUTE, isDownloading);
    expect([0, 10, 20, 30].map((minute) => wants(minute))).toEqual([false, false, false, false]);
    expect(wants(40, true)).toBe(false); // blocks are on their way
    expect(wants(50)).toBe(true);
    expect(wants(51)).toBe(true);
    stale.tipChanged(52 * MINUTE);
    expect(wants(53)).toBe(false);
    expect(wants(80)).toBe(false);
    expect(wants(90)).toBe(true);
  });

  it("parts with the one that told of a block last, if it had its time", () => {
    const stale = new StaleTip(600);
    const now = 10 * MINUTE;
    const nine = Array.from({ length: 9 }, (_, id) => peer(id, { lastBlockAt: 9 - id }));
    expect(stale.surplus(nine.slice(1), 8, 0)).toBeUndefined();
    expect(stale.surplus(nine, 8, 44_999)).toBeUndefined(); // it was just looked at
    expect(stale.surplus(nine, 8, 45_000)).toBe(8);
    const young = [...nine.slice(0, 8), peer(20, { connectedAt: now - 29_999 })];
    expect(stale.surplus(young, 8, now)).toBeUndefined();
    expect(stale.surplus(young, 8, now + 45_000)).toBe(20);
    const busy = [...nine.slice(0, 8), peer(20, { busy: true })];
    expect(stale.surplus(busy, 8, now + 90_000)).toBeUndefined();
    const silent = Array.from({ length: 9 }, (_, id) => peer(id));
    expect(stale.surplus(silent, 8, now + 135_000)).toBe(8);
  });
});

describe("FeeFilter", () => {
  const HOUR = 3_600_000;
  function setUp(least = 0n) {
    let rate = 0n;
    const filter = new FeeFilter({ random: new Rng(9), raised: () => rate, least });
    const run = (from: number, to: number) => {
      const told: { at: number; feeRate: bigint }[] = [];
      for (let at = from; at < to; at += 1_000) {
        for (const action of filter.tick(at)) {
          if (action.type !== "send" || action.message.command !== "feefilter") continue;
          told.push({ at, feeRate: action.message.feeRate });
        }
      }
      return told;
    };
    return {
      filter,
      run,
      ask: (next: bigint) => {
        rate = next;
      },
    };
  }

  it("says nothing to those who don't know it, and nothing where there is nothing to say", () => {
    const { filter, ask, run } = setUp();
    expect(filter.add(1, 70_013, 0)).toEqual([]);
    ask(5_000n);
    expect(filter.add(2, 70_012, 0)).toEqual([]);
    filter.remove(1);
    expect(run(0, HOUR)).toEqual([]);
  });

  it("tells a new peer at once, and all after a while, about what it asks and never less than it does", () => {
    const { filter, ask, run } = setUp(1_000n);
    for (let peer = 1; peer <= 50; peer++) {
      expect(filter.add(peer, 70_016, 0)).toMatchObject([{ message: { feeRate: 1_000n } }]);
    }
    ask(50_000n);
    const [first] = run(0, HOUR);
    expect(first?.at).toBeLessThan(5 * 60_000 + 1_000);
    const rates = run(HOUR, 48 * HOUR).map(({ feeRate }) => Number(feeRate));
    expect(new Set(rates).size).toBe(2);
    for (const rate of rates) expect(Math.abs(Math.log(rate / 50_000))).toBeLessThan(Math.log(1.1));
    ask(0n);
    expect(run(48 * HOUR, 49 * HOUR).at(-1)?.feeRate).toBe(1_000n);
  });
});

describe("Announcer", () => {
  it("sends headers to those who asked for that and can connect them, else an inventory", () => {
    const { tree, nodes } = treeOf(1);
    const [genesis, first] = nodes as [HeaderNode, HeaderNode];
    const known = new Map([[2, genesis]]);
    const announcer = new BlockAnnouncer(tree, (peer) => known.get(peer));
    for (const peer of [1, 2, 3]) announcer.add(peer);
    announcer.wantsHeaders(2);
    announcer.wantsHeaders(3);
    tree.setBody(first, 1);
    tree.setTip(first);
    const actions = announcer.tipChanged(genesis);
    expect([1, 2, 3].map((peer) => commandsTo(actions, peer))).toEqual([
      ["inv"],
      ["headers"],
      ["inv"],
    ]);
    expect(announcer.tipChanged(genesis)).toEqual([]);
  });
});

it("a peer that was only told the name of a block gets no headers on top of it, until it shows that it has it", () => {
  const { tree, nodes } = treeOf(11);
  const known = new Map([[1, nodes[0] as HeaderNode]]);
  const announcer = new BlockAnnouncer(tree, (peer) => known.get(peer));
  announcer.add(1);
  announcer.wantsHeaders(1);
  const connect = (height: number, fork: number) => {
    for (const node of nodes.slice(1, height + 1)) tree.setBody(node, 1);
    tree.setTip(nodes[height] as HeaderNode);
    return commandsTo(announcer.tipChanged(nodes[fork] as HeaderNode), 1);
  };
  expect(connect(9, 0)).toEqual(["inv"]); // too many for headers
  expect(connect(10, 9)).toEqual(["inv"]);
  announcer.told(1, nodes[10] as HeaderNode);
  expect(connect(11, 10)).toEqual(["headers"]);
});

describe("Orphans", () => {
  it("keeps a hundred, hands out those of a parent, and those of a peer go with it", () => {
    const orphans = new Orphanage();
    const parent = "cc".repeat(32) as Txid;
    const orphan = (n: number, of: Txid) =>
      payment({
        coins: [
          {
            outpoint: { txid: of, vout: n },
            coin: { value: 10n, scriptPubKey: MINER.script, height: 1, coinbase: false },
          },
        ],
        outputs: [{ value: 10n, scriptPubKey: testKey(1).script }],
      });
    for (let n = 0; n < 110; n++) orphans.add(orphan(n, parent), n % 2, n);
    expect(orphans.size).toBe(100);
    orphans.removePeer(1);
    expect(orphans.size).toBe(50);
    expect(orphans.takeChildren(parent)).toHaveLength(50);
    expect(orphans.size).toBe(0);
    expect(orphans.takeChildren(parent)).toEqual([]);
  });

  it("keeps the good one beside those with a spoilt witness", () => {
    const orphans = new Orphanage();
    const plain = payment({ coins: [], outputs: [{ value: 1n, scriptPubKey: MINER.script }] });
    const parent = "dd".repeat(32) as Txid;
    const withWitness = (byte: number) =>
      new Transaction({
        ...plain,
        inputs: [
          {
            prevout: { txid: parent, vout: 0 },
            scriptSig: new Uint8Array(),
            sequence: 0,
            witness: [Uint8Array.of(byte)],
          },
        ],
        outputs: plain.outputs,
      });
    const [spoilt, good] = [withWitness(1), withWitness(2)];
    orphans.add(spoilt, 1, 0);
    orphans.add(good, 2, 0);
    orphans.removePeer(1);
    expect(orphans.has(good.wtxid)).toBe(true);
    // Another of this name may be better, and may be asked for.
    expect(orphans.has(good.txid)).toBe(false);
    expect(orphans.takeChildren(parent)).toEqual([
      { transaction: good, announcers: new Set([2]), until: 1_200_000 },
    ]);
    expect(orphans.has(good.wtxid)).toBe(false);
  });

  it("stays while one of its announcers does", () => {
    const orphans = new Orphanage();
    const orphan = payment({ coins: [], outputs: [{ value: 1n, scriptPubKey: MINER.script }] });
    expect(orphans.addAnnouncer(orphan.wtxid, 1)).toBe(false);
    orphans.add(orphan, 1, 0);
    expect(orphans.addAnnouncer(orphan.wtxid, 2)).toBe(true);
    expect(orphans.addAnnouncer(orphan.wtxid, 2)).toBe(false);
    orphans.removePeer(1);
    expect(orphans.get(orphan.wtxid)?.announcers).toEqual(new Set([2]));
    orphans.removePeer(2);
    expect(orphans.size).toBe(0);
  });

  it("keeps no large one, and none for ever", () => {
    const orphans = new Orphanage();
    const large = payment({
      coins: [],
      outputs: [{ value: 1n, scriptPubKey: new Uint8Array(100_001) }],
    });
    expect(orphans.add(large, 1, 0)).toBe(false);
    const small = payment({ coins: [], outputs: [{ value: 1n, scriptPubKey: MINER.script }] });
    expect(orphans.add(small, 1, 0)).toBe(true);
    expect(orphans.add(small, 2, 0)).toBe(true);
    orphans.expire(1_199_999);
    expect(orphans.has(small.txid)).toBe(true);
    orphans.expire(1_200_000);
    expect(orphans.size).toBe(0);
  });
});

describe("DialSchedule", () => {
  it("calls at once, then ever less often, and soon again after a good connection", () => {
    const address = { host: "h", port: 1 };
    const dials = new AddedNodes([address], () => 1);
    expect(dials.due(0)).toEqual([address]);
    expect(dials.due(0)).toEqual([]);
    const waits: (number | undefined)[] = [];
    let now = 0;
    for (let i = 0; i < 9; i++) {
      expect(dials.nextTry).toBe(Number.POSITIVE_INFINITY);
      waits.push(dials.failed(address, now));
      now += waits.at(-1) ?? 0;
      expect(dials.nextTry).toBe(now);
      expect(dials.due(now - 1)).toEqual([]);
      expect(dials.due(now)).toEqual([address]);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    dials.connected(address);
    dials.established(address, now);
    // Who greets and then shuts the door is not called twice a second for ever.
    expect(dials.failed(address, now + 9_999)).toBe(60_000);
    dials.established(address, now);
    expect(dials.failed(address, now + 10_000)).toBe(500);
    dials.giveUp(address);
    expect(dials.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    expect(dials.failed({ host: "other", port: 1 }, 0)).toBeUndefined();
  });
});

describe("penalties", () => {
  const kinds: readonly RefusalKind[] = [
    "consensus",
    "missing-inputs",
    "premature-spend",
    "conflict",
    "policy",
    "invalid-header",
    "mutated",
    "cached-invalid",
    "missing-parent",
    "invalid-parent",
    "time-future",
  ];
  it("are Core's: for blocks all but what our own clock may be to blame for", () => {
    const punished = (of: (kind: RefusalKind) => string) =>
      kinds.filter((kind) => of(kind) === "misbehaving");
    expect(punished((kind) => blockPenalty(kind, true))).toEqual([
      "consensus",
      "invalid-header",
      "mutated",
      "missing-parent",
      "invalid-parent",
    ]);
    expect(punished((kind) => blockPenalty(kind, false))).toEqual([
      "consensus",
      "invalid-header",
      "mutated",
      "cached-invalid",
      "missing-parent",
      "invalid-parent",
    ]);
  });

  it("come with the codes of BIP-0061", () => {
    const code = (kind: RefusalKind, reason = "x") => rejectCode({ ok: false, kind, reason });
    expect(code("consensus")).toBe(0x10);
    expect(code("conflict")).toBe(0x12);
    expect(code("policy")).toBe(0x40);
    expect(code("policy", "min relay fee not met")).toBe(0x42);
  });
});

it("BoundedSet remembers the last half as many as it holds at most", () => {
  void fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.integer({ min: 2, max: 9 }), (numbers, capacity) => {
      const set = new BoundedSet<number>(capacity);
      const news: number[] = [];
      for (const n of numbers) {
        if (!set.has(n)) news.push(n);
        set.add(n);
        expect(set.size).toBeLessThanOrEqual(capacity);
        for (const recent of news.slice(-Math.floor(capacity / 2))) {
          expect(set.has(recent)).toBe(true);
        }
      }
      set.clear();
      expect(set.size).toBe(0);
    }),
  );
});

it("a pruned peer is worth calling while the tip is fewer than 144 blocks old", () => {
  const [full, pruned, both] = [
    NODE_NETWORK,
    NODE_NETWORK_LIMITED,
    NODE_NETWORK | NODE_NETWORK_LIMITED,
  ];
  const recent = (blocks: number, past = 0) =>
    isTipRecent(1_000, (1_000 + blocks * 600 + past) * 1000, 600);
  expect([recent(143), recent(143, 599), recent(144), recent(-5)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  for (const [services, whileRecent, later] of [
    [pruned | NODE_WITNESS, true, false],
    [full | NODE_WITNESS, true, true],
    [both | NODE_WITNESS, true, true],
    [both, false, false],
    [NODE_WITNESS, false, false],
  ] as const) {
    expect([isWorthCalling(services, true), isWorthCalling(services, false)]).toEqual([
      whileRecent,
      later,
    ]);
  }
});
