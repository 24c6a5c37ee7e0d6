import { helpText } from "../../define/help.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { boolean, string } from "../../define/types.ts";
import {
  RPC_CLIENT_NODE_ALREADY_ADDED,
  RPC_CLIENT_NODE_NOT_ADDED,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import { requirePeerAddress } from "../peers.ts";

export const addnode: Method = defineMethod({
  name: "addnode",
  category: "network",
  description:
    "Attempts to add or remove a node from the addnode list.\nOr try a connection to a node once.\nNodes added using addnode are protected from being disconnected.",
  arguments: [
    string("node", { text: "The address of the peer to connect to" }),
    string("command", {
      text: "'add' to add a node to the list, 'remove' to remove a node from the list, 'onetry' to try a connection to the node once",
    }),
    boolean("v2transport", {
      text: "Attempt to connect using BIP324 v2 transport protocol; there is none here",
      hint: "false",
    }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_MISC_ERROR, when: "the command is none: the message is the help" },
    { code: RPC_INVALID_PARAMETER, when: "the address is none, or v2transport is true" },
    { code: RPC_CLIENT_NODE_ALREADY_ADDED, when: "the node is in the list already" },
    { code: RPC_CLIENT_NODE_NOT_ADDED, when: "the node is not in the list" },
  ],
  examples: [["192.168.0.6:8333", "onetry"]],
  run: async ({ node: name, command, v2transport = false }, { chain, node }) => {
    if (!["add", "remove", "onetry"].includes(command)) {
      throw new RpcError(RPC_MISC_ERROR, helpText(addnode));
    }
    if (v2transport) {
      const message = "Error: v2transport requested but not enabled (see -v2transport)";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const address = requirePeerAddress(name, chain.params.defaultPort, "node");
    if (command === "onetry") await node.callOnce(address);
    else if (command === "add" && !node.addPeer({ ...address, text: name })) {
      throw new RpcError(RPC_CLIENT_NODE_ALREADY_ADDED, "Error: Node already added");
    } else if (command === "remove" && !node.removePeer(address)) {
      const message = "Error: Node could not be removed. It has not been added previously.";
      throw new RpcError(RPC_CLIENT_NODE_NOT_ADDED, message);
    }
    return null;
  },
});
