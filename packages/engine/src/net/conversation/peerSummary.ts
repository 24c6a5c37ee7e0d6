import type { HeaderTree, Milliseconds } from "@chain/core";
import type { NetAddress, SessionTraffic } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import type { PeerAddress } from "../../ports.ts";
import type { HeaderSync } from "../blocks/headerSync.ts";
import type { AddressCounts } from "../gossip/addressRelay.ts";
import type { Peer, PeerKind } from "../peer/peer.ts";
import type { Permission } from "../peer/permissions.ts";
import type { PeerState } from "./peerState.ts";

/** A peer, described for people. All times in milliseconds, and since 1970 where they are no spans. */
export interface PeerSummary {
  readonly id: PeerId;
  readonly address: PeerAddress;
  /** The same for programs; the IP is all zeros where we called a name. */
  readonly netAddress: NetAddress;
  /** Our end of the connection, where that is known. */
  readonly localAddress: PeerAddress | undefined;
  readonly inbound: boolean;
  /** Whether it has called our onion service: its address is that of the Tor daemon. */
  readonly isOnion: boolean;
  readonly kind: PeerKind;
  /** Rights that we grant it and not others. */
  readonly permissions: readonly Permission[];
  readonly connectedAt: Milliseconds;
  /** Whether the handshake is done. */
  readonly ready: boolean;
  readonly userAgent: string | undefined;
  /** The version that both speak, and the one that the peer claims. */
  readonly protocolVersion: number | undefined;
  readonly ownVersion: number | undefined;
  readonly services: bigint | undefined;
  /** How far its clock was ahead of ours when it said hello. Seconds. */
  readonly timeOffset: number | undefined;
  /** Height of its best block when it connected, as it said. */
  readonly startHeight: number | undefined;
  /** Height of the best header that it is known to have. */
  readonly bestHeight: number | undefined;
  /** Height of the last block that its chain and ours have in common. */
  readonly commonHeight: number | undefined;
  /** How many headers it has shown of a branch that is not worth keeping yet; undefined: there is none. */
  readonly presyncHeight: number | undefined;
  /** Heights of the blocks that it was asked for, in that order. */
  readonly inFlight: readonly number[];
  /** Whether we tell it of transactions. */
  readonly relaysTransactions: boolean;
  /** Base units for 1,000 virtual bytes: what pays less it does not want to hear of (BIP-0133). */
  readonly minFeeRate: bigint;
  /** Whether it sends us new blocks unasked, and we to it (BIP-0152). */
  readonly sendsBlocksAtOnce: boolean;
  readonly wantsBlocksAtOnce: boolean;
  readonly addresses: AddressCounts;
  readonly latencyMs: number | undefined;
  readonly leastLatencyMs: number | undefined;
  /** When it was sent the ping that it has not answered. */
  readonly pingSentAt: Milliseconds | undefined;
  /** When bytes last went and came; and when it last gave us what was new and good. 0: never. */
  readonly lastSentAt: Milliseconds;
  readonly lastReceivedAt: Milliseconds;
  readonly lastTransactionAt: Milliseconds;
  readonly lastBlockAt: Milliseconds;
  /** Bytes that have come and gone, whole messages or not. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Whole messages, by command. */
  readonly traffic: SessionTraffic;
}

/** The part of a summary that the connection, its session and the headers tell, whichever kind of node has it. */
export type ConnectionFacts = Omit<
  PeerSummary,
  | "inFlight"
  | "relaysTransactions"
  | "minFeeRate"
  | "sendsBlocksAtOnce"
  | "wantsBlocksAtOnce"
  | "addresses"
>;

/** @param tree all headers that we know */
export function connectionFacts(
  peer: Peer,
  headers: Pick<HeaderSync, "bestOf" | "presyncHeight">,
  tree: HeaderTree,
): ConnectionFacts {
  const { id, address, netAddress, inbound, isOnion, kind, connectedAt, session } = peer;
  const { lastSentAt, lastReceivedAt, lastTransactionAt, lastBlockAt } = peer;
  const { bytesReceived, bytesSent } = peer;
  const info = session.peer;
  const best = headers.bestOf(id);
  return {
    ...{ id, address, netAddress, inbound, isOnion, kind, connectedAt },
    localAddress: peer.connection.local,
    permissions: [...peer.permissions],
    ready: session.state === "established",
    userAgent: info?.userAgent,
    protocolVersion: info?.protocolVersion,
    ownVersion: info?.ownVersion,
    services: info?.services,
    timeOffset: info?.timeOffset,
    startHeight: info?.startHeight,
    bestHeight: best?.height,
    commonHeight: best && tree.forkPoint(tree.tip, best).height,
    presyncHeight: headers.presyncHeight(id),
    latencyMs: info?.latencyMs,
    leastLatencyMs: info?.leastLatencyMs,
    pingSentAt: session.pingSentAt,
    ...{ lastSentAt, lastReceivedAt, lastTransactionAt, lastBlockAt, bytesReceived, bytesSent },
    traffic: session.traffic,
  };
}

/** @param tree all headers that we know */
export function summarize(peer: Peer, state: PeerState, tree: HeaderTree): PeerSummary {
  const { id } = peer;
  return {
    ...connectionFacts(peer, state.headers, tree),
    inFlight: state.blocks.inFlight(id),
    relaysTransactions: state.relay.tells(id),
    minFeeRate: state.relay.minFeeRate(id),
    sendsBlocksAtOnce: state.compact.sendsAtOnce(id),
    wantsBlocksAtOnce: state.compact.wantsAtOnce(id),
    addresses: state.addresses.counts(id),
  };
}
