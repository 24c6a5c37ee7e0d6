/** Kinds of networks, by Core's names. Core: GetNetworkName. */
import { isLoopback, isPrivate, isUsable, overlayOf } from "@chain/engine";
import { isIpv4 } from "@chain/wire";

export type Network = "ipv4" | "ipv6" | "onion" | "i2p" | "cjdns";

/** Those that Core knows; peers of the last three can't be reached from here. */
export const NETWORKS: readonly Network[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns"];

/** Those that a peer can have. */
export const PEER_NETWORKS: readonly PeerNetwork[] = [...NETWORKS, "not_publicly_routable"];

export type PeerNetwork = Network | "not_publicly_routable";

export function networkOf(ip: Uint8Array): Network {
  return isIpv4(ip) ? "ipv4" : "ipv6";
}

/** The network by which a peer is connected. Core: CNode::ConnectedThroughNetwork. */
export function peerNetworkOf(host: string, ip: Uint8Array): PeerNetwork {
  const overlay = overlayOf(host);
  if (overlay !== undefined) return overlay;
  const isPublic = isUsable(ip) && !isLoopback(ip) && !isPrivate(ip);
  return isPublic ? networkOf(ip) : "not_publicly_routable";
}
