/** A peer as Core's RPC shows it. Core: getpeerinfo (rpc/net.cpp). */
import { formatPeerAddress, type PeerSummary } from "@chain/engine";
import type { SessionTraffic } from "@chain/wire";
import {
  coins,
  dict,
  flag,
  hex,
  list,
  maybe,
  num,
  obj,
  oneOf,
  type SchemaOf,
  type ShapeOf,
  text,
  time,
} from "../define/result.ts";
import { coinsNumber } from "../json/number.ts";
import { PEER_NETWORKS, type PeerNetwork, peerNetworkOf } from "./networks.ts";

const CONNECTION_TYPES = {
  inbound: "inbound",
  manual: "manual",
  outbound: "outbound-full-relay",
  "block-relay": "block-relay-only",
  feeler: "feeler",
  "addr-fetch": "addr-fetch",
} as const;

export interface PeerDescription {
  readonly id: number;
  readonly addr: string;
  readonly addrbind?: string | undefined;
  readonly network: PeerNetwork;
  readonly ready?: boolean | undefined;
  readonly services: string;
  readonly servicesnames: readonly string[];
  readonly relaytxes: boolean;
  readonly lastsend: number;
  readonly lastrecv: number;
  readonly last_transaction: number;
  readonly last_block: number;
  readonly bytessent: number;
  readonly bytesrecv: number;
  readonly conntime: number;
  readonly timeoffset: number;
  readonly pingtime?: number | undefined;
  readonly minping?: number | undefined;
  readonly pingwait?: number | undefined;
  readonly version: number;
  readonly subver: string;
  readonly inbound: boolean;
  readonly bip152_hb_to: boolean;
  readonly bip152_hb_from: boolean;
  readonly startingheight: number;
  readonly presynced_headers: number;
  readonly synced_headers: number;
  readonly synced_blocks: number;
  readonly inflight: readonly number[];
  readonly addr_relay_enabled: boolean;
  readonly addr_processed: number;
  readonly addr_rate_limited: number;
  readonly permissions: readonly string[];
  readonly minfeefilter: number;
  readonly bytessent_per_msg: Readonly<Record<string, number>>;
  readonly bytesrecv_per_msg: Readonly<Record<string, number>>;
  readonly connection_type: (typeof CONNECTION_TYPES)[keyof typeof CONNECTION_TYPES];
  readonly transport_protocol_type: string;
  readonly session_id: string;
}

const peerShape: ShapeOf<PeerDescription> = {
  id: num("Peer index"),
  addr: text("The IP address and port of the peer"),
  addrbind: maybe(text("Our end of the connection")),
  network: oneOf(PEER_NETWORKS, `Network of its address (${PEER_NETWORKS.join(", ")})`),
  ready: maybe(flag("Ours: true once the handshake is done, else left out")),
  services: hex("The services offered"),
  servicesnames: list(text("The name of a service"), "The services offered, by name"),
  relaytxes: flag("Whether we relay transactions to it"),
  lastsend: time("When we sent last, in seconds since 1970"),
  lastrecv: time("When it sent last, in seconds since 1970"),
  last_transaction: time("When it last gave us a valid transaction that was new; 0: never"),
  last_block: time("When it last gave us a valid block that was new; 0: never"),
  bytessent: num("The total bytes sent"),
  bytesrecv: num("The total bytes received"),
  conntime: time("When the connection was made, in seconds since 1970"),
  timeoffset: num("The time offset in seconds"),
  pingtime: maybe(num("The last ping time in seconds, if any")),
  minping: maybe(num("The least ping time in seconds, if any")),
  pingwait: maybe(num("For how many seconds it has owed us a pong")),
  version: num("The protocol version that it said"),
  subver: text("The user agent that it said"),
  inbound: flag("Whether it called us"),
  bip152_hb_to: flag("Whether we asked it for new blocks in compact form without a word before"),
  bip152_hb_from: flag("Whether it asked us for that"),
  startingheight: num("Height of its best block when it connected, as it said; -1: not known"),
  presynced_headers: num("Height of its branch of little work that is checked; -1: there is none"),
  synced_headers: num("Height of the last header that we have in common; -1: not known"),
  synced_blocks: num("Height of the last block that we have in common; -1: not known"),
  inflight: list(num("The height of a block"), "Blocks that it was asked for"),
  addr_relay_enabled: flag("Whether we take part in relaying addresses with it"),
  addr_processed: num("Addresses of it that were processed"),
  addr_rate_limited: num("Addresses of it that were dropped because they were too many"),
  permissions: list(text("The name of a permission"), "Its rights that others do not have"),
  minfeefilter: coins("The least fee rate of transactions that it wants, in coins/kvB"),
  bytessent_per_msg: dict(num("Bytes"), "The total bytes sent by message type", "msg"),
  bytesrecv_per_msg: dict(num("Bytes"), "The total bytes received by message type", "msg"),
  connection_type: oneOf(Object.values(CONNECTION_TYPES), "Type of connection"),
  transport_protocol_type: text("The transport protocol: v1"),
  session_id: text("The session id of a v2 connection; empty for v1"),
};

export const peerResult: SchemaOf<PeerDescription> = obj(peerShape, "A peer");

/** @param now milliseconds since 1970 */
export function describePeer(peer: PeerSummary, now: number): PeerDescription {
  const { services = 0n, localAddress, addresses } = peer;
  return {
    id: peer.id,
    addr: formatPeerAddress(peer.address),
    ...(localAddress !== undefined && { addrbind: formatPeerAddress(localAddress) }),
    network: peer.isOnion ? "onion" : peerNetworkOf(peer.address.host, peer.netAddress.ip),
    ...(peer.ready && { ready: true }),
    services: services.toString(16).padStart(16, "0"),
    servicesnames: serviceNames(services),
    relaytxes: peer.relaysTransactions,
    lastsend: seconds(peer.lastSentAt),
    lastrecv: seconds(peer.lastReceivedAt),
    last_transaction: seconds(peer.lastTransactionAt),
    last_block: seconds(peer.lastBlockAt),
    bytessent: peer.bytesSent,
    bytesrecv: peer.bytesReceived,
    conntime: seconds(peer.connectedAt),
    timeoffset: peer.timeOffset ?? 0,
    ...pings(peer, now),
    version: peer.ownVersion ?? 0,
    subver: peer.userAgent ?? "",
    inbound: peer.inbound,
    bip152_hb_to: peer.sendsBlocksAtOnce,
    bip152_hb_from: peer.wantsBlocksAtOnce,
    startingheight: peer.startHeight ?? -1,
    presynced_headers: peer.presyncHeight ?? -1,
    synced_headers: peer.bestHeight ?? -1,
    synced_blocks: peer.commonHeight ?? -1,
    inflight: peer.inFlight,
    addr_relay_enabled: addresses.active,
    addr_processed: addresses.processed,
    addr_rate_limited: addresses.limited,
    permissions: peer.permissions,
    minfeefilter: coinsNumber(peer.minFeeRate),
    bytessent_per_msg: byCommand(peer.traffic.sent),
    bytesrecv_per_msg: byCommand(peer.traffic.received),
    connection_type: CONNECTION_TYPES[peer.kind],
    transport_protocol_type: "v1",
    session_id: "",
  };
}

type Pings = Pick<PeerDescription, "pingtime" | "minping" | "pingwait">;

function pings({ latencyMs, leastLatencyMs, pingSentAt }: PeerSummary, now: number): Pings {
  const waits = now - (pingSentAt ?? now);
  return {
    ...(latencyMs !== undefined && { pingtime: latencyMs / 1000 }),
    ...(leastLatencyMs !== undefined && { minping: leastLatencyMs / 1000 }),
    ...(waits > 0 && { pingwait: waits / 1000 }),
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** By bit. Core: serviceFlagToStr. */
const SERVICE_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "NETWORK"],
  [2, "BLOOM"],
  [3, "WITNESS"],
  [6, "COMPACT_FILTERS"],
  [10, "NETWORK_LIMITED"],
  [11, "P2P_V2"],
]);

/** Names of service bits, the lowest first. */
export function serviceNames(services: bigint): readonly string[] {
  const bits = Array.from({ length: 64 }, (_, bit) => bit);
  return bits
    .filter((bit) => (services >> BigInt(bit)) & 1n)
    .map((bit) => SERVICE_NAMES.get(bit) ?? `UNKNOWN[2^${bit}]`);
}

function byCommand(traffic: SessionTraffic["sent"]): Readonly<Record<string, number>> {
  return Object.fromEntries([...traffic].map(([command, { bytes }]) => [command, bytes]));
}
