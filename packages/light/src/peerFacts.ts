/** Facts about a peer, as its session has them. */
import type { HeaderTree } from "@chain/core";
import type { PeerSummary } from "@chain/engine";
import {
  type AddressRelay,
  connectionFacts,
  type HeaderSync,
  type Peer,
} from "@chain/engine/peers";
import { NODE_COMPACT_FILTERS, NODE_NETWORK, NODE_NETWORK_LIMITED } from "@chain/wire";
import type { BroadcastPeer } from "./broadcasts.ts";

/** A peer that has shaken hands, described for people. */
export interface LightPeer extends PeerSummary {
  /** Whether it serves the filters of blocks (BIP-0157). */
  readonly servesFilters: boolean;
}

/** The parts of a light node that know something of a peer. */
interface PeerState {
  readonly tree: HeaderTree;
  readonly sync: HeaderSync;
  readonly addresses: ReturnType<AddressRelay["counts"]>;
}

export function describeLightPeer(peer: Peer, { tree, sync, addresses }: PeerState): LightPeer {
  return {
    ...connectionFacts(peer, sync, tree),
    inFlight: [],
    relaysTransactions: isForTransactions(peer),
    // Our own payments are offered to it whatever it asks for.
    minFeeRate: 0n,
    sendsBlocksAtOnce: false,
    wantsBlocksAtOnce: false,
    addresses,
    servesFilters: servesFilters(peer),
  };
}

export function servesFilters({ session }: Peer): boolean {
  return ((session.peer?.services ?? 0n) & NODE_COMPACT_FILTERS) !== 0n;
}

/** Whether it has shown all that it has: the headers up to our best one. */
export function isAtTip({ id, session }: Peer, sync: HeaderSync, tree: HeaderTree): boolean {
  const { bestHeader, genesis } = tree;
  // One that has nothing but the first block shows none.
  const best = sync.bestOf(id) ?? genesis;
  return best === bestHeader && (session.peer?.startHeight ?? 0) <= best.height;
}

export function servesBlocks({ session }: Peer): boolean {
  const services = session.peer?.services ?? 0n;
  return (services & (NODE_NETWORK | NODE_NETWORK_LIMITED)) !== 0n;
}

/** Whether it is offered our transactions: one that has said that it relays none would hang up (BIP-0037). */
export function isForTransactions({ kind, session }: Peer): boolean {
  return (kind === "outbound" || kind === "manual") && session.peer?.relay !== false;
}

export function broadcastPeer({ id, session }: Peer): BroadcastPeer {
  return { id, wtxidRelay: session.peer?.wtxidRelay ?? false };
}
