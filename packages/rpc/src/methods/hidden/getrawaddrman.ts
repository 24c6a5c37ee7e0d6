import type { BookEntry } from "@chain/engine";
import { formatIp } from "@chain/wire";
import { defineMethod, type Method } from "../../define/method.ts";
import { dict, num, obj, text, time } from "../../define/result.ts";
import { networkOf } from "../../describe/networks.ts";
import { bigNumber } from "../../json/number.ts";

export const getrawaddrman: Method = defineMethod({
  name: "getrawaddrman",
  category: "hidden",
  description:
    "EXPERIMENTAL warning: this call may be changed in future releases.\n\nReturns information on all address manager entries for the new and tried tables.",
  arguments: [],
  results: [
    {
      schema: dict(
        dict(
          obj({
            address: text("The address of the node"),
            port: num("The port number of the node"),
            services: num("The services offered by the node"),
            time: time("When the node was last seen, in seconds since 1970"),
            network: text("The network (ipv4, ipv6) of the address"),
            source: text("The address that relayed the address to us"),
            source_network: text("The network (ipv4, ipv6) of the source address"),
          }),
          "the location in the address manager table (<bucket>/<position>)",
          "bucket/position",
        ),
        "buckets with addresses in the address manager table ( new, tried )",
        "table",
      ),
    },
  ],
  examples: [[]],
  run: (_, { node }) => {
    type Entry = ReturnType<typeof describe>;
    const tables = { new: new Map<string, Entry>(), tried: new Map<string, Entry>() };
    for (const entry of node.addressBook.entries()) {
      const table = entry.tried ? tables.tried : tables.new;
      table.set(`${entry.bucket}/${entry.position}`, describe(entry));
    }
    return { new: Object.fromEntries(tables.new), tried: Object.fromEntries(tables.tried) };
  },
});

function describe({ address: { ip, port, services, time: seen }, source }: BookEntry) {
  return {
    address: formatIp(ip),
    port,
    services: bigNumber(services),
    time: seen,
    network: networkOf(ip),
    source: formatIp(source),
    source_network: networkOf(source),
  };
}
