/** The state machines that talk to peers, each alone: an event and the time go in, actions come out. */
import {
  type BlockHash,
  type HeaderNode,
  HeaderTree,
  type RefusalKind,
  type Txid,
} from "@chain/core";
import { MAX_HEADERS, MSG_TX } from "@chain/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  easyDevnet,
  MINER,
  makeBlock,
  payment,
  testKey,
} from "../../core/test/support/blockFactory.ts";
import type { NetAction } from "../src/net/actions.ts";
import { Announcer } from "../src/net/announcer.ts";
import { BlockDownload } from "../src/net/blockDownload.ts";
import { BoundedSet } from "../src/net/boundedSet.ts";
import { DialSchedule } from "../src/net/dialing.ts";
import { HeaderSync } from "../src/net/headerSync.ts";
import { Orphans } from "../src/net/orphans.ts";
import { blockPenalty, rejectCode, transactionPenalty } from "../src/net/penalty.ts";
import { TransactionRelay } from "../src/net/transactionRelay.ts";

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

describe("HeaderSync", () => {
  it("asks one peer at a time, and the next when the first has no more", () => {
    const { tree, nodes } = treeOf(3);
    const sync = new HeaderSync(tree);
    expect(commandsTo(sync.add(1, 0), 1)).toEqual(["getheaders"]);
    expect(sync.add(2, 0)).toEqual([]);
    const last = nodes[3] as HeaderNode;
    expect(sync.receive(1, [last.header], 5).take).toBe(true);
    expect(commandsTo(sync.accepted(1, last, 1, 5), 2)).toEqual(["getheaders"]);
    expect(sync.bestOf(1)).toBe(last);
    expect([sync.isSynced(1), sync.isSynced(2)]).toEqual([true, false]);
  });

  it("goes on after a full message, and with the next peer when one goes or never answers", () => {
    const { tree, nodes } = treeOf(2);
    const sync = new HeaderSync(tree);
    sync.add(1, 0);
    sync.add(2, 0);
    const last = nodes[2] as HeaderNode;
    sync.receive(1, [last.header], 0);
    expect(commandsTo(sync.accepted(1, last, MAX_HEADERS, 0), 1)).toEqual(["getheaders"]);
    expect(commandsTo(sync.tick(29_999), 1)).toEqual([]);
    expect(commandsTo(sync.tick(30_000), 1)).toEqual(["no answer to getheaders"]);
    expect(commandsTo(sync.remove(1, 30_000), 2)).toEqual(["getheaders"]);
  });

  it("drops a peer whose headers are no chain, or keep connecting to nothing", () => {
    const { tree, nodes } = treeOf(1);
    const sync = new HeaderSync(tree);
    sync.add(1, 0);
    const [genesis, first] = nodes as [HeaderNode, HeaderNode];
    const { take, actions } = sync.receive(1, [first.header, genesis.header], 0);
    expect(take).toBe(false);
    expect(actions).toMatchObject([{ type: "disconnect", misbehaving: true }]);

    const elsewhere = makeBlock({
      parent: first,
      params,
      header: { previousHash: "12".repeat(32) as BlockHash },
    });
    sync.add(2, 0);
    for (let i = 0; i < 10; i++) {
      expect(commandsTo(sync.receive(2, [elsewhere.header], 0).actions, 2)).toEqual(["getheaders"]);
    }
    expect(sync.receive(2, [elsewhere.header], 0).actions).toMatchObject([
      { type: "disconnect", misbehaving: true },
    ]);
  });

  it("asks for the headers of an announced block that it does not know", () => {
    const { tree, nodes } = treeOf(1);
    const sync = new HeaderSync(tree);
    sync.add(1, 0);
    sync.receive(1, [], 0);
    expect(sync.announced(1, (nodes[1] as HeaderNode).hash, 0)).toEqual([]);
    expect(sync.bestOf(1)).toBe(nodes[1]);
    expect(commandsTo(sync.announced(1, "34".repeat(32) as BlockHash, 0), 1)).toEqual([
      "getheaders",
    ]);
    // Asked already.
    expect(sync.announced(1, "56".repeat(32) as BlockHash, 0)).toEqual([]);
  });
});

describe("BlockDownload", () => {
  function setUp(count: number) {
    const { tree, nodes } = treeOf(count);
    const best = new Map<number, HeaderNode>();
    const download = new BlockDownload(tree, (peer) => best.get(peer));
    const add = (peer: number, height = count) => {
      best.set(peer, nodes[height] as HeaderNode);
      download.add(peer, true);
    };
    const take = (hash: string) => {
      tree.setBody(tree.get(hash as BlockHash) as HeaderNode, 1);
      download.done(hash as BlockHash);
    };
    return { tree, nodes, download, add, take };
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

  it("asks others for what a peer that left, or does not have it, was asked for", () => {
    const { nodes, download, add } = setUp(10);
    add(1);
    expect(askedFor(download.schedule(0), 1)).toHaveLength(10);
    add(2);
    expect(download.schedule(0)).toEqual([]);
    const first = (nodes[1] as HeaderNode).hash;
    download.notFound(1, first);
    expect(askedFor(download.schedule(0), 2)).toEqual([first]);
    // It is not asked again for what it does not have.
    download.notFound(2, first);
    expect(download.schedule(0)).toEqual([]);
    download.remove(1);
    expect(askedFor(download.schedule(0), 2)).toHaveLength(9);
  });

  it("drops a peer that holds up one with nothing else to do, not one that is slow alone", () => {
    const { nodes, download, add, take } = setUp(10);
    add(1);
    download.schedule(0);
    expect(commandsTo(download.tick(10_000), 1)).toEqual([]);
    add(2);
    expect(commandsTo(download.tick(10_000), 1)).toEqual(["block download stalled"]);
    const again = setUp(10);
    again.add(1);
    again.download.schedule(0);
    expect(commandsTo(again.download.tick(60_000), 1)).toEqual(["block download timed out"]);
    // Once it is here, the time that we take for it is not held against anybody.
    const here = setUp(1);
    here.add(1);
    here.download.schedule(0);
    here.download.arrived((here.nodes[1] as HeaderNode).hash, 1);
    here.add(2);
    expect(here.download.tick(1_000_000)).toEqual([]);
    take((nodes[1] as HeaderNode).hash);
    expect(download.isRequested((nodes[1] as HeaderNode).hash, 1)).toBe(false);
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

describe("TransactionRelay", () => {
  const [a, b] = ["aa".repeat(32) as Txid, "bb".repeat(32) as Txid];
  const options = { wants: true, witness: false, outbound: false };
  function setUp() {
    const have = new Map<Txid, bigint>();
    let busy = false;
    const relay = new TransactionRelay({
      has: (txid) => have.has(txid),
      isCatchingUp: () => busy,
      feeRateOf: (txid) => have.get(txid),
    });
    const setBusy = (value: boolean) => {
      busy = value;
    };
    return { relay, have, setBusy };
  }

  it("asks one peer for a transaction, and the next when that one fails", () => {
    const { relay } = setUp();
    relay.add(1, options, []);
    relay.add(2, options, []);
    expect(askedFor(relay.announced(1, [a], 0), 1)).toEqual([a]);
    expect(relay.announced(2, [a], 0)).toEqual([]);
    expect(askedFor(relay.tick(59_999), 2)).toEqual([]);
    expect(askedFor(relay.tick(60_000), 2)).toEqual([a]);
    expect(askedFor(relay.notFound(2, a, 60_000), 1)).toEqual([]);
    expect(askedFor(relay.announced(1, [b], 0), 1)).toEqual([b]);
    relay.announced(2, [b], 0);
    expect(askedFor(relay.remove(1, 0), 2)).toEqual([b]);
  });

  it("announces to all but those who know, once, and above their fee filter", () => {
    const { relay, have } = setUp();
    for (const peer of [1, 2, 3]) relay.add(peer, options, []);
    relay.add(4, { ...options, wants: false }, []);
    have.set(a, 1000n);
    relay.received(1, a);
    relay.setMinFeeRate(3, 1001n);
    relay.announce([a]);
    const actions = relay.flush(() => false);
    expect(actions).toMatchObject([
      { peer: 2, message: { command: "inv", items: [{ type: MSG_TX, hash: a }] } },
    ]);
    relay.announce([a]);
    expect(relay.flush(() => false)).toEqual([]);
  });

  it("holds announcements for a peer that does not keep up", () => {
    const { relay, have } = setUp();
    have.set(a, 1n);
    relay.add(1, options, [a]);
    expect(relay.flush(() => true)).toEqual([]);
    expect(relay.hasNews).toBe(true);
    expect(
      commandsTo(
        relay.flush(() => false),
        1,
      ),
    ).toEqual(["inv"]);
    expect(relay.hasNews).toBe(false);
  });

  it("waits while blocks are missing, and forgets refusals when the chain moves", () => {
    const { relay, setBusy } = setUp();
    relay.add(1, options, []);
    setBusy(true);
    expect(relay.announced(1, [a], 0)).toEqual([]);
    setBusy(false);
    expect(askedFor(relay.tipChanged(0), 1)).toEqual([a]);
    const transaction = payment({ coins: [], outputs: [] });
    relay.refused(transaction);
    expect(relay.announced(1, [transaction.txid], 0)).toEqual([]);
    relay.tipChanged(0);
    expect(askedFor(relay.announced(1, [transaction.txid], 0), 1)).toEqual([transaction.txid]);
  });
});

describe("Announcer", () => {
  it("sends headers to those who asked for that and can connect them, else an inventory", () => {
    const { tree, nodes } = treeOf(1);
    const [genesis, first] = nodes as [HeaderNode, HeaderNode];
    const known = new Map([[2, genesis]]);
    const announcer = new Announcer(tree, (peer) => known.get(peer));
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

describe("Orphans", () => {
  it("keeps a hundred, hands out those of a parent, and those of a peer go with it", () => {
    const orphans = new Orphans();
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
    for (let n = 0; n < 110; n++) orphans.add(orphan(n, parent), n % 2);
    expect(orphans.size).toBe(100);
    orphans.removePeer(1);
    expect(orphans.size).toBe(50);
    expect(orphans.takeChildren(parent)).toHaveLength(50);
    expect(orphans.size).toBe(0);
    expect(orphans.takeChildren(parent)).toEqual([]);
  });
});

describe("DialSchedule", () => {
  it("calls at once, then ever less often, and soon again after a good connection", () => {
    const address = { host: "h", port: 1 };
    const dials = new DialSchedule([address], () => 1);
    expect(dials.due(0)).toEqual([address]);
    expect(dials.due(0)).toEqual([]);
    const waits: (number | undefined)[] = [];
    let now = 0;
    for (let i = 0; i < 9; i++) {
      waits.push(dials.failed(address, now));
      now += waits.at(-1) ?? 0;
      expect(dials.due(now - 1)).toEqual([]);
      expect(dials.due(now)).toEqual([address]);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    dials.connected(address);
    dials.established(address);
    expect(dials.failed(address, now)).toBe(500);
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
  it("are Core's: for blocks all but what our own clock may be to blame for, for transactions only broken rules", () => {
    const punished = (of: (kind: RefusalKind) => string) =>
      kinds.filter((kind) => of(kind) === "misbehaving");
    expect(punished(transactionPenalty)).toEqual(["consensus"]);
    expect(punished(blockPenalty)).toEqual([
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

it("BoundedSet forgets its oldest", () => {
  const set = new BoundedSet<number>(3);
  for (const n of [1, 2, 3, 2, 4]) set.add(n);
  expect([1, 2, 3, 4].map((n) => set.has(n))).toEqual([false, true, true, true]);
  expect(set.takeAll()).toEqual([2, 3, 4]);
  expect(set.size).toBe(0);
});
