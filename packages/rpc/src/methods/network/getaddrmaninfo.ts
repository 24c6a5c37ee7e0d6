import { defineMethod, type Method } from "../../define/method.ts";
import { dict, num, obj } from "../../define/result.ts";
import { NETWORKS, networkOf } from "../../describe/networks.ts";

export const getaddrmaninfo: Method = defineMethod({
  name: "getaddrmaninfo",
  category: "network",
  description:
    "Provides information about the node's address manager by returning the number of addresses in the `new` and `tried` tables and their sum for all networks.",
  arguments: [],
  results: [
    {
      schema: dict(
        obj({
          new: num(
            "number of addresses in the new table, which represent potential peers the node has discovered but hasn't yet successfully connected to.",
          ),
          tried: num(
            "number of addresses in the tried table, which represent peers the node has successfully connected to in the past.",
          ),
          total: num("total number of addresses in both new/tried tables"),
        }),
        "json object with network type as keys",
        "network",
      ),
    },
  ],
  examples: [[]],
  run: (_, { node }) => {
    const names = [...NETWORKS, "all_networks"];
    const counts = new Map(names.map((name) => [name, { new: 0, tried: 0, total: 0 }]));
    for (const { ip, tried } of node.addressBook.known()) {
      for (const count of [counts.get(networkOf(ip)), counts.get("all_networks")]) {
        if (count === undefined) continue;
        count[tried ? "tried" : "new"]++;
        count.total++;
      }
    }
    return Object.fromEntries(counts);
  },
});
