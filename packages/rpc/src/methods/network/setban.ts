import { helpText } from "../../define/help.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { boolean, long, string } from "../../define/types.ts";
import {
  RPC_CLIENT_INVALID_IP_OR_SUBNET,
  RPC_CLIENT_NODE_ALREADY_ADDED,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";

export const setban: Method = defineMethod({
  name: "setban",
  category: "network",
  description: "Attempts to add or remove an IP/Subnet from the banned list.",
  arguments: [
    string("subnet", {
      text: "The IP/Subnet (see getpeerinfo for nodes IP) with an optional netmask (default is /32 = single IP)",
    }),
    string("command", {
      text: "'add' to add an IP/Subnet to the list, 'remove' to remove an IP/Subnet from the list",
    }),
    long("bantime", {
      text: "time in seconds how long (or until when if [absolute] is set) the IP is banned (0 or empty means using the default time of 24h)",
      fallback: 0,
    }),
    boolean("absolute", {
      text: "If set, the bantime must be an absolute timestamp in seconds since 1970",
      fallback: false,
    }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_MISC_ERROR, when: "the command is none: the message is the help" },
    { code: RPC_CLIENT_INVALID_IP_OR_SUBNET, when: "it is no subnet, or one that is not banned" },
    { code: RPC_CLIENT_NODE_ALREADY_ADDED, when: "it is banned already" },
    { code: RPC_INVALID_PARAMETER, when: "the absolute time is in the past" },
  ],
  examples: [
    ["192.168.0.6", "add", 86400],
    ["192.168.0.0/24", "add"],
  ],
  run: async ({ subnet, command, bantime, absolute }, { chain, node, control }) => {
    if (command === "remove") {
      if (!node.bans.remove(subnet)) {
        const message =
          "Error: Unban failed. Requested address/subnet was not previously manually banned.";
        throw new RpcError(RPC_CLIENT_INVALID_IP_OR_SUBNET, message);
      }
    } else if (command === "add") {
      if (node.bans.covers(subnet, chain.now)) {
        throw new RpcError(RPC_CLIENT_NODE_ALREADY_ADDED, "Error: IP/Subnet already banned");
      }
      const seconds = Math.floor(chain.now / 1000);
      const wanted = Number(bantime);
      if (absolute && wanted < seconds) {
        throw new RpcError(RPC_INVALID_PARAMETER, "Error: Absolute timestamp is in the past");
      }
      const until = wanted <= 0 ? undefined : absolute ? wanted : seconds + wanted;
      if (node.ban(subnet, until) === undefined) {
        throw new RpcError(RPC_CLIENT_INVALID_IP_OR_SUBNET, "Error: Invalid IP/Subnet");
      }
    } else throw new RpcError(RPC_MISC_ERROR, helpText(setban));
    await control.keepBans();
    return null;
  },
});
