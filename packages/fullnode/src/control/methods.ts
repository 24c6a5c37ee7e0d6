/** What a running node can be asked: method → parameters → answer. Names and fields are Core's where Core has them. */
import { type BlockHash, bytesToHex } from "@chain/core";
import { EngineError } from "@chain/engine";
import { z } from "zod";
import { spendableCoins } from "../chain/coins.ts";
import { chainMethods } from "./chainMethods.ts";
import type { ControlContext } from "./context.ts";
import { coinsNumber } from "./json.ts";
import { mempoolMethods } from "./mempoolMethods.ts";
import { type Method, method } from "./method.ts";
import { hexBytes, scriptOf } from "./parameters.ts";
import { peerMethods } from "./peerMethods.ts";
import { RPC_MISC_ERROR, RpcError } from "./protocol.ts";
import { rawTransactionMethods } from "./rawTransactionMethods.ts";
import type { RpcMethod, RpcResults } from "./results.ts";
import { testMethods } from "./testMethods.ts";

/** Core takes a number of 32 bits. A caller ends a long call by closing its connection. */
const MAX_GENERATE = 0x7fff_ffff;

/** Table of all methods. What stands here, the server serves. */
export const methods: { readonly [Name in RpcMethod]: Method<RpcResults[Name]> } = {
  ...chainMethods,
  ...mempoolMethods,
  ...rawTransactionMethods,
  ...peerMethods,
  ...testMethods,

  /** Ours: what a program that talks to its node wants to know at once. */
  getnodeinfo: method({}, (_, context) => {
    const { identity, role, chain, node, signatures } = context;
    const { name, custom } = identity.network;
    const peers = node.peers();
    const inbound = peers.filter((peer) => peer.inbound).length;
    return {
      node_id: identity.nodeId,
      network: name,
      ...(custom && { signet_challenge: custom.challenge }),
      ...(custom?.blockTime && { signet_blocktime: custom.blockTime }),
      role,
      pid: process.pid,
      uptime: uptimeOf(context),
      height: chain.tip.height,
      headers: chain.bestHeader.height,
      bestblockhash: chain.tip.hash,
      genesis: bytesToHex(chain.params.genesis.toBytes()),
      connections_in: inbound,
      connections_out: peers.length - inbound,
      mempool: chain.mempool.count,
      signatures,
      warnings: node.warnings,
    };
  }),

  uptime: method({}, (_, context) => uptimeOf(context)),

  /** None for 0, or less. */
  generatetoaddress: method(
    {
      nblocks: z
        .int()
        .min(-MAX_GENERATE - 1)
        .max(MAX_GENERATE),
      address: z.string(),
    },
    async ({ nblocks, address }, { identity, mine }, signal) => {
      const payTo = scriptOf(address, identity.network);
      const hashes: BlockHash[] = [];
      try {
        while (hashes.length < nblocks) hashes.push(await mine(payTo, signal));
      } catch (error) {
        // A clock that was set back: the tip is too far ahead of it. Core: CreateNewBlock, TestBlockValidity.
        if (!(error instanceof EngineError) || error.code !== "refused") throw error;
        throw new RpcError(RPC_MISC_ERROR, error.message, { cause: error });
      }
      return hashes;
    },
  ),

  /** Ours: what a script has to spend, those outputs included that wait for a block. */
  listunspentbyscript: method({ script: hexBytes }, async ({ script }, { chain }) => ({
    height: chain.tip.height,
    coins: (await spendableCoins(chain, script)).map(({ outpoint, coin, pending }) => ({
      txid: outpoint.txid,
      vout: outpoint.vout,
      amount: coinsNumber(coin.value),
      height: coin.height,
      coinbase: coin.coinbase,
      pending,
    })),
  })),

  stop: method({}, (_, { requestStop }) => {
    requestStop();
    return "node stopping";
  }),
};

/** Seconds, on the clock that tests may set; not below 0 where they have set it back. */
function uptimeOf({ now, startedAt }: ControlContext): number {
  return Math.max(0, Math.floor((now() - startedAt) / 1000));
}
