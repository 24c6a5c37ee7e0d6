import type { Node } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { obj, text } from "../../define/result.ts";
import { boolean, string } from "../../define/types.ts";
import {
  RPC_CLIENT_NODE_CAPACITY_REACHED,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import { requirePeerAddress } from "../peers.ts";

/** Core's names of the kinds of connections. */
const KINDS: ReadonlyMap<string, Parameters<Node["callAs"]>[0]> = new Map([
  ["outbound-full-relay", "outbound"],
  ["block-relay-only", "block-relay"],
  ["addr-fetch", "addr-fetch"],
  ["feeler", "feeler"],
]);

export const addconnection: Method = defineMethod({
  name: "addconnection",
  category: "hidden",
  description: "Open an outbound connection to a specified node. This RPC is for testing only.",
  arguments: [
    string("address", { text: "The IP address and port to attempt connecting to." }),
    string("connection_type", {
      text: 'Type of connection to open ("outbound-full-relay", "block-relay-only", "addr-fetch" or "feeler").',
    }),
    boolean("v2transport", {
      text: "Attempt to connect using BIP324 v2 transport protocol; there is none here",
      fallback: false,
    }),
  ],
  results: [
    {
      schema: obj({
        address: text("Address of newly added connection."),
        connection_type: text("Type of connection opened."),
      }),
    },
  ],
  errors: [
    { code: RPC_MISC_ERROR, when: "the network is not regtest" },
    { code: RPC_INVALID_PARAMETER, when: "the type or the address is none" },
    { code: RPC_CLIENT_NODE_CAPACITY_REACHED, when: "all places of this type are taken" },
  ],
  examples: [["192.168.0.6:8333", "outbound-full-relay"]],
  run: async ({ address, connection_type, v2transport }, { chain, node, mocking }) => {
    if (mocking?.isRegtest !== true) {
      const message = "addconnection is for regression testing (-regtest mode) only.";
      throw new RpcError(RPC_MISC_ERROR, message);
    }
    const kind = KINDS.get(connection_type);
    if (kind === undefined) {
      const message = `connection_type must be one of ${[...KINDS.keys()].join(", ")}`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    if (v2transport) {
      const message =
        "Error: Adding v2transport connections requires -v2transport init flag to be set.";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const where = requirePeerAddress(address, chain.params.defaultPort, "address");
    if (!(await node.callAs(kind, where))) {
      const message = "Error: Already at capacity for specified connection type.";
      throw new RpcError(RPC_CLIENT_NODE_CAPACITY_REACHED, message);
    }
    return { address, connection_type };
  },
});
