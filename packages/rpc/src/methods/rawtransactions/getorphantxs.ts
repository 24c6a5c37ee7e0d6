import { bytesToHex } from "@chain/core";
import type { Node } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list as listOf, num, obj, time } from "../../define/result.ts";
import { verbosity } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_TYPE_ERROR, RpcError } from "../../errors.ts";

const shape = {
  txid: hex("The transaction hash in hex"),
  wtxid: hex("The transaction witness hash in hex"),
  bytes: num("The serialized transaction size in bytes"),
  vsize: num("The virtual transaction size as defined in BIP-0141"),
  weight: num("The transaction weight as defined in BIP-0141"),
  entry: time("When it came, in seconds since 1970"),
  expiration: time("When it goes, in seconds since 1970"),
  from: listOf(num("Peer id"), "Peers that have announced it"),
};

export const getorphantxs: Method = defineMethod({
  name: "getorphantxs",
  category: "hidden",
  description:
    "Shows transactions in the tx orphanage.\n\nEXPERIMENTAL warning: this call may be changed in future releases.",
  arguments: [
    verbosity("verbosity", {
      text: "0 for an array of txids (may contain duplicates), 1 for an array of objects with tx details, and 2 for details from (1) and tx hex",
      fallback: 0,
    }),
  ],
  results: [
    {
      when: "for verbose = 0",
      given: { verbosity: [0] },
      schema: listOf(hex("The transaction hash in hex"), "The orphans"),
    },
    {
      when: "for verbose = 1",
      given: { verbosity: [1] },
      schema: listOf(obj(shape), "The orphans"),
    },
    {
      when: "for verbose = 2",
      given: { verbosity: [2] },
      schema: listOf(
        obj({ ...shape, hex: hex("The serialized, hex-encoded transaction data") }),
        "The orphans",
      ),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "there is no such verbosity" },
    { code: RPC_TYPE_ERROR, when: "verbosity is a boolean" },
  ],
  examples: [[2]],
  run: ({ verbosity: level }, { node }, { given }) => {
    if (typeof given[0] === "boolean") {
      throw new RpcError(RPC_TYPE_ERROR, "Verbosity was boolean but only integer allowed");
    }
    if (level === 0) return node.orphans.map(({ transaction }) => transaction.txid);
    if (level === 1) return node.orphans.map(describe);
    if (level !== 2) throw new RpcError(RPC_INVALID_PARAMETER, `Invalid verbosity value ${level}`);
    return node.orphans.map((orphan) => ({
      ...describe(orphan),
      hex: bytesToHex(orphan.transaction.toBytes()),
    }));
  },
});

function describe({ transaction, announcers, since, until }: Node["orphans"][number]) {
  const { txid, wtxid, totalSize, virtualSize, weight } = transaction;
  return {
    ...{ txid, wtxid, bytes: totalSize, vsize: virtualSize, weight },
    entry: Math.floor(since / 1000),
    expiration: Math.floor(until / 1000),
    from: [...announcers].sort((a, b) => a - b),
  };
}
