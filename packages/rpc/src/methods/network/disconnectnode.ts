import { formatPeerAddress } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { long, string } from "../../define/types.ts";
import { RPC_CLIENT_NODE_NOT_CONNECTED, RPC_INVALID_PARAMS, RpcError } from "../../errors.ts";

export const disconnectnode: Method = defineMethod({
  name: "disconnectnode",
  category: "network",
  description:
    "Immediately disconnects from the specified peer node.\nStrictly one out of 'address' and 'nodeid' can be provided to identify the node.\nTo disconnect by nodeid, either set 'address' to the empty string, or call using the named 'nodeid' argument only.",
  arguments: [
    string("address", { text: "The IP address/port of the node", hint: "fallback to nodeid" }),
    long("nodeid", {
      text: "The node ID (see getpeerinfo for node IDs)",
      hint: "fallback to address",
    }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_INVALID_PARAMS, when: "both are given, or none" },
    { code: RPC_CLIENT_NODE_NOT_CONNECTED, when: "there is no such peer" },
  ],
  examples: [["192.168.0.6:8333"], ["", 1]],
  run: ({ address, nodeid }, { node }) => {
    // The empty address is none beside an id, and the name of no peer without one.
    const isOne = nodeid === undefined ? address !== undefined : (address ?? "") === "";
    if (!isOne) {
      const message = "Only one of address and nodeid should be provided.";
      throw new RpcError(RPC_INVALID_PARAMS, message);
    }
    const peer = node
      .peers()
      .find(({ id, address: at }) =>
        nodeid === undefined ? formatPeerAddress(at) === address : BigInt(id) === nodeid,
      );
    if (peer === undefined) {
      throw new RpcError(RPC_CLIENT_NODE_NOT_CONNECTED, "Node not found in connected nodes");
    }
    node.disconnect(peer.id, "the operator wants it");
    return null;
  },
});
