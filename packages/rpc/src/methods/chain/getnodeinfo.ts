import { bytesToHex } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list, maybe, num, obj, text } from "../../define/result.ts";
import { RPC_METHOD_NOT_FOUND, RpcError } from "../../errors.ts";

export const getnodeinfo: Method = defineMethod({
  name: "getnodeinfo",
  category: "chain",
  description: "Returns what a program that talks to its node wants to know at once.",
  arguments: [],
  results: [
    {
      schema: obj({
        node_id: num("The number of the node on this machine"),
        network: text("The network"),
        signet_challenge: maybe(hex("The challenge of a signet of one's own")),
        signet_blocktime: maybe(num("The seconds between its blocks, where they are not usual")),
        role: text("The purpose of the node"),
        pid: num("The number of its process"),
        uptime: num("Seconds since it was started"),
        height: num("The height of the tip"),
        headers: num("The height of the best header: above height while blocks are missing"),
        bestblockhash: hex("The hash of the tip"),
        genesis: hex("The whole genesis block"),
        connections_in: num("The number of inbound connections"),
        connections_out: num("The number of outbound connections"),
        mempool: num("The number of unconfirmed transactions"),
        signatures: text(
          "Which backend checks signatures: native, wasm or noble; none of a light node",
        ),
        warnings: list(text("A warning"), "Warnings for the operator"),
      }),
    },
  ],
  errors: [{ code: RPC_METHOD_NOT_FOUND, when: "the host is no process" }],
  examples: [[]],
  run: (_, { chain, node, process, software, startedAt }) => {
    if (process === undefined) throw new RpcError(RPC_METHOD_NOT_FOUND, "Method not found");
    const peers = node.peers();
    const inbound = peers.filter((peer) => peer.inbound).length;
    return {
      ...process,
      uptime: Math.max(0, Math.floor((chain.now - startedAt) / 1000)),
      height: chain.tip.height,
      headers: chain.bestHeader.height,
      bestblockhash: chain.tip.hash,
      genesis: bytesToHex(chain.params.genesis.toBytes()),
      connections_in: inbound,
      connections_out: peers.length - inbound,
      mempool: chain.mempool.count,
      signatures: software.signatures,
      warnings: node.warnings,
    };
  },
});
