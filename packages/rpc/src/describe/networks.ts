/** Kinds of networks, by Core's names. */
import { isIpv4 } from "@chain/wire";

/** Those that Core knows; peers of the last three can't be reached from here. */
export const NETWORKS: readonly string[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns"];

export function networkOf(ip: Uint8Array): string {
  return isIpv4(ip) ? "ipv4" : "ipv6";
}
