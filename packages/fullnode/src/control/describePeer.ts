/** A peer as Core's RPC shows it: getpeerinfo. */
import { isLoopback, isPrivate, isUsable, type PeerSummary } from "@chain/engine";
import { isIpv4, type SessionTraffic } from "@chain/wire";
import { formatPeerAddress } from "../peerAddress.ts";
import { coinsNumber } from "./json.ts";

/** Times in seconds since 1970, 0 for never; spans in seconds. */
export interface PeerDescription {
  readonly id: number;
  /** `host:port` */
  readonly addr: string;
  /** Our end of the connection. */
  readonly addrbind?: string;
  readonly network: "ipv4" | "ipv6" | "not_publicly_routable";
  /** Ours: whether the handshake is done. */
  readonly ready: boolean;
  /** Service bits in hex. */
  readonly services: string;
  readonly servicesnames: readonly string[];
  /** Whether we tell it of transactions. */
  readonly relaytxes: boolean;
  readonly lastsend: number;
  readonly lastrecv: number;
  /** When it last gave us a transaction, or a block, that was new and good. */
  readonly last_transaction: number;
  readonly last_block: number;
  readonly bytessent: number;
  readonly bytesrecv: number;
  readonly conntime: number;
  readonly timeoffset: number;
  readonly pingtime?: number;
  readonly minping?: number;
  /** How long it has owed us a pong. */
  readonly pingwait?: number;
  /** As it said. */
  readonly version: number;
  readonly subver: string;
  readonly inbound: boolean;
  /** Whether we have asked it for new blocks in compact form without a word before, and it us. */
  readonly bip152_hb_to: boolean;
  readonly bip152_hb_from: boolean;
  /** Height of its best block when it connected, as it said; -1: not known. */
  readonly startingheight: number;
  /** Height of the last header of a branch that it shows and that has too little work yet; -1: there is none. */
  readonly presynced_headers: number;
  /** Height of the best header that it is known to have, and of the last that we have in common; -1: not known. */
  readonly synced_headers: number;
  readonly synced_blocks: number;
  /** Heights of the blocks that it was asked for. */
  readonly inflight: readonly number[];
  readonly addr_relay_enabled: boolean;
  readonly addr_processed: number;
  readonly addr_rate_limited: number;
  /** What it may do that others may not. */
  readonly permissions: readonly string[];
  /** Coins for 1,000 virtual bytes. */
  readonly minfeefilter: number;
  readonly bytessent_per_msg: Readonly<Record<string, number>>;
  readonly bytesrecv_per_msg: Readonly<Record<string, number>>;
  readonly connection_type: (typeof CONNECTION_TYPES)[keyof typeof CONNECTION_TYPES];
}

const CONNECTION_TYPES = {
  inbound: "inbound",
  manual: "manual",
  outbound: "outbound-full-relay",
  "block-relay": "block-relay-only",
  feeler: "feeler",
  "addr-fetch": "addr-fetch",
} as const;

/** @param now milliseconds since 1970 */
export function describePeer(peer: PeerSummary, now: number): PeerDescription {
  const { services = 0n, localAddress, addresses } = peer;
  return {
    id: peer.id,
    addr: formatPeerAddress(peer.address),
    ...(localAddress !== undefined && { addrbind: formatPeerAddress(localAddress) }),
    network: networkOf(peer.netAddress.ip),
    ready: peer.ready,
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

/** Core: GetNetClass. */
function networkOf(ip: Uint8Array): PeerDescription["network"] {
  if (!isUsable(ip) || isLoopback(ip) || isPrivate(ip)) return "not_publicly_routable";
  return isIpv4(ip) ? "ipv4" : "ipv6";
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
