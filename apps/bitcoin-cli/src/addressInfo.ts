/** `-addrinfo`. Core: AddrinfoRequestHandler. */
import type { Json } from "@chain/rpc";
import { INNER_NETWORKS, PEER_NETWORKS } from "./peerNames.ts";
import { fieldText, listOf } from "./print.ts";

/** How many addresses the answer of `getnodeaddresses 0` has, by network. */
export function addressCounts(nodes: Json): Json {
  const names = Object.keys(PEER_NETWORKS).filter((name) => !INNER_NETWORKS.includes(name));
  const known = new Map(names.map((name) => [name, 0]));
  for (const node of listOf(nodes)) {
    const name = fieldText(node, "network");
    const count = known.get(name);
    if (count !== undefined) known.set(name, count + 1);
  }
  const total = [...known.values()].reduce((sum, count) => sum + count, 0);
  return { addresses_known: { ...Object.fromEntries(known), total } };
}
