import { type BlockHash, BlockHeader, type HeaderNode, type HeaderTree, sha256 } from "@chain/core";
import { makeBlock } from "@chain/testing/blockFactory";
import { Rng } from "@chain/testing/random";
import { MAX_HEADERS } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { HeaderSync } from "../../../src/net/blocks/headerSync.ts";
import type { NetAction } from "../../../src/net/kit/actions.ts";
import { commandsTo, params, treeOf } from "../../support/headerTrees.ts";

const syncOf = (tree: HeaderTree) => new HeaderSync(tree, params, new Rng(7));

const idle = () => false;

/** More than a day after the best header of the trees here: then one peer at a time is asked. Milliseconds. */
const LATE = 2e12;

/** The actions that a peer's `inv` of one block leads to. */
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

  it("drops a peer whose headers are no chain, and none whose headers connect to nothing", () => {
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
    // It was asked already, so that it is asked once more when it has answered.
    expect(sync.receive(2, [elsewhere.header], 0).actions).toEqual([]);
    expect(commandsTo(sync.receive(2, [], 0).actions, 2)).toEqual(["getheaders"]);
    for (let i = 0; i < 100; i++) {
      expect(sync.receive(2, [], 0).actions).toEqual([]);
      expect(commandsTo(sync.receive(2, [elsewhere.header], 0).actions, 2)).toEqual(["getheaders"]);
    }
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
