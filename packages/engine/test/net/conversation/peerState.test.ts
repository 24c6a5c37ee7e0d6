import { Rng } from "@chain/testing/random";
import { NODE_NETWORK, NODE_WITNESS, type PeerInfo, PROTOCOL_VERSION } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import { PeerState } from "../../../src/net/conversation/peerState.ts";
import { AddressRelay } from "../../../src/net/gossip/addressRelay.ts";
import { ipOf } from "../../../src/net/kit/addresses.ts";
import type { PeerKind } from "../../../src/net/peer/peer.ts";
import type { Permission } from "../../../src/net/peer/permissions.ts";
import { PUBLIC_PACE } from "../../../src/net/transactions/transactionRelay.ts";
import { openNode } from "../../support/chains.ts";
import { commandsTo } from "../../support/headerTrees.ts";

async function setUp() {
  const { chain, clock } = await openNode({ policy: { minRelayFeeRate: 1_000n } });
  const random = new Rng(1);
  const book = new AddressBook(random);
  const state = new PeerState({
    chain,
    random,
    addresses: new AddressRelay({ book, random, own: undefined, tellsLocal: true }),
    pace: PUBLIC_PACE,
    isBlocked: () => false,
    blocksOnly: false,
    sha256: undefined,
    log: () => {},
  });
  const add = (id: number, kind: PeerKind, protocolVersion = PROTOCOL_VERSION): string[] => {
    const info = {
      protocolVersion,
      services: NODE_NETWORK | NODE_WITNESS,
      relay: true,
      wtxidRelay: true,
      wantsAddrV2: true,
    } as PeerInfo;
    const netAddress = { ip: ipOf("20.0.0.1"), port: 8333, services: info.services };
    const permissions = new Set<Permission>();
    const inbound = kind === "inbound";
    const peer = { id, kind, inbound, netAddress, permissions, isOnion: false, door: undefined };
    return commandsTo(
      state.add({ ...peer, forBlocksAlone: kind === "block-relay" }, info, clock.now()),
      id,
    );
  };
  return { state, add, now: () => clock.now() };
}

describe("PeerState", () => {
  it("asks each kind of peer for what it is there for", async () => {
    const { add } = await setUp();
    expect(add(1, "outbound")).toEqual(["sendcmpct", "getaddr", "feefilter", "getheaders"]);
    // No addresses and no transactions: nobody can learn from them who our peers are.
    expect((await setUp()).add(1, "block-relay")).toEqual(["sendcmpct", "getheaders"]);
    expect((await setUp()).add(1, "addr-fetch")).toEqual(["sendcmpct", "getaddr", "feefilter"]);
  });

  it("tells reasons to those alone that still know the message", async () => {
    const { state, add, now } = await setUp();
    add(1, "inbound", 70_001);
    add(2, "inbound", 70_002);
    add(3, "inbound", 70_015);
    add(4, "inbound", 70_016);
    expect([1, 2, 3, 4].map((peer) => state.hearsReasons(peer))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    state.remove(2, now());
    expect([state.has(2), state.hearsReasons(2)]).toEqual([false, false]);
  });

  it("goes on with the next peer when one that owes headers leaves", async () => {
    const { state, add, now } = await setUp();
    add(1, "outbound");
    add(2, "outbound");
    expect(state.isWaiting).toBe(true);
    state.remove(1, now());
    expect([state.has(1), state.has(2), state.isWaiting]).toEqual([false, true, true]);
    state.remove(2, now());
    expect(state.isWaiting).toBe(false);
  });
});
