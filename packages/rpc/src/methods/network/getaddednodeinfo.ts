import { type AddedPeer, formatPeerAddress, isSameAddress } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag, list, obj, oneOf, text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { readPeerAddress } from "../../describe/peerAddress.ts";
import { RPC_CLIENT_NODE_NOT_ADDED, RpcError } from "../../errors.ts";
import { resolved } from "../peers.ts";

export const getaddednodeinfo: Method = defineMethod({
  name: "getaddednodeinfo",
  category: "network",
  description:
    "Returns information about the given added node, or all added nodes\n(note that onetry addnodes are not listed here)",
  arguments: [
    string("node", {
      text: "If provided, return information about this specific node, otherwise all nodes are returned.",
      hint: "all nodes",
    }),
  ],
  results: [
    {
      schema: list(
        obj({
          addednode: text("The node IP address or name (as provided to addnode)"),
          connected: flag("If connected"),
          addresses: list(
            obj({
              address: text("The server IP and port we're connected to"),
              connected: oneOf(["inbound", "outbound"], "Which side called"),
            }),
            "Only when connected = true",
          ),
        }),
        "The nodes",
      ),
    },
  ],
  errors: [{ code: RPC_CLIENT_NODE_NOT_ADDED, when: "the node was not added" }],
  examples: [["192.168.0.201"]],
  run: (params, { chain, node }) => {
    const all = node.addedPeers;
    // As addnode reads it: the port may be left out.
    const only = readPeerAddress(params.node ?? "", chain.params.defaultPort);
    const wanted =
      params.node === undefined
        ? all
        : all.filter((added) => only !== undefined && isSameAddress(added, only));
    if (params.node !== undefined && wanted.length === 0) {
      throw new RpcError(RPC_CLIENT_NODE_NOT_ADDED, "Error: Node has not been added.");
    }
    const peers = node.peers();
    return wanted.map((added) => {
      const addednode = textOf(added);
      const peer = peers.find(
        (each) => isSameAddress(each.address, added) || isSameAddress(resolved(each), added),
      );
      if (peer === undefined) return { addednode, connected: false, addresses: [] };
      const connected = peer.inbound ? ("inbound" as const) : ("outbound" as const);
      const address = formatPeerAddress(resolved(peer));
      return { addednode, connected: true, addresses: [{ address, connected }] };
    });
  },
});

function textOf(added: AddedPeer): string {
  return added.text ?? formatPeerAddress(added);
}
