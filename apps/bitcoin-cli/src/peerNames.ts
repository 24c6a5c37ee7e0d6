import type { Json } from "@chain/rpc";

/** Core's names of the networks that peers are reached by, with a short name of each. Core: netbase.cpp, GetNetworkName. */
export const PEER_NETWORKS: Readonly<Record<string, string>> = {
  not_publicly_routable: "npr",
  ipv4: "ipv4",
  ipv6: "ipv6",
  onion: "onion",
  i2p: "i2p",
  cjdns: "cjdns",
  internal: "int",
};

/** Those that are no network of the world, and shown only where a peer is of them. */
export const INNER_NETWORKS: readonly string[] = ["not_publicly_routable", "internal"];

/** Services of a node, a letter each. */
export function serviceLetters(names: readonly Json[]): string {
  const letter = (name: string) =>
    name === "NETWORK_LIMITED" ? "l" : name === "P2P_V2" ? "2" : name.slice(0, 1).toLowerCase();
  return names.map((name) => letter(String(name))).join("");
}
