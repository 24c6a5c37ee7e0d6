import { isRoutable, isUsable } from "@chain/engine";
import { NODE_NETWORK, NODE_WITNESS, parseIp } from "@chain/wire";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag, maybe, obj, text } from "../../define/result.ts";
import { boolean, integer, string } from "../../define/types.ts";
import { RPC_MISC_ERROR, RpcError } from "../../errors.ts";

export const addpeeraddress: Method = defineMethod({
  name: "addpeeraddress",
  category: "hidden",
  description:
    "Add the address of a potential peer to an address manager table. This RPC is for testing only.",
  arguments: [
    string("address", { text: "The IP address of the peer" }),
    integer("port", { text: "The port of the peer" }),
    boolean("tried", {
      text: "If true, attempt to add the peer to the tried addresses table",
      fallback: false,
    }),
  ],
  results: [
    {
      schema: obj({
        success: flag(
          "Whether the peer address was successfully added to the address manager table",
        ),
        error: maybe(text("Error description, if the address could not be added")),
      }),
    },
  ],
  errors: [{ code: RPC_MISC_ERROR, when: "the port is out of range" }],
  examples: [["1.2.3.4", 8333, true]],
  run: ({ address, port, tried }, { chain, node }) => {
    if (port < 0 || port > 65_535) throw new RpcError(RPC_MISC_ERROR, "JSON integer out of range");
    const ip = parseIp(address);
    if (ip === undefined) return { success: false };
    const found = {
      ip,
      port,
      services: NODE_NETWORK | NODE_WITNESS,
      time: Math.floor(chain.now / 1000),
    };
    const { addressBook } = node;
    // Where peers may live on one machine, local addresses are kept as well.
    const isKept = isUsable(ip) && (chain.params.tellsLocalAddresses || isRoutable(ip));
    if (!isKept || addressBook.add([found], ip, chain.now) === 0) {
      return { error: "failed-adding-to-new", success: false };
    }
    if (!tried || addressBook.good(found, chain.now)) return { success: true };
    return { error: "failed-adding-to-tried", success: false };
  },
});
