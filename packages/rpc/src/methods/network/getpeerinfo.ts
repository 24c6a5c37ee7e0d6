import { defineMethod, type Method } from "../../define/method.ts";
import { list } from "../../define/result.ts";
import { describePeer, peerResult } from "../../describe/peer.ts";

export const getpeerinfo: Method = defineMethod({
  name: "getpeerinfo",
  category: "network",
  description: "Returns data about each connected network peer as a json array of objects.",
  arguments: [],
  results: [{ schema: list(peerResult, "The peers, the oldest connection first") }],
  examples: [[]],
  run: (_, { chain, node }) => node.peers().map((peer) => describePeer(peer, chain.now)),
});
