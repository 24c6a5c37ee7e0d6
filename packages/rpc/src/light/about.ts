/** Methods that describe a light node. */
import { bytesToHex } from "@chain/core";
import { PROTOCOL_VERSION } from "@chain/wire";
import type { Method } from "../define/method.ts";
import { flag, num, obj } from "../define/result.ts";
import { difficultyOf, hex32, hex256, targetHex } from "../describe/header.ts";
import { describePeer } from "../describe/peer.ts";
import { RPC_METHOD_NOT_FOUND, RpcError } from "../errors.ts";
import { coinsNumber } from "../json/number.ts";
import { getblockchaininfo } from "../methods/blockchain/getblockchaininfo.ts";
import { getmempoolinfo } from "../methods/blockchain/getmempoolinfo.ts";
import { getnodeinfo } from "../methods/chain/getnodeinfo.ts";
import { getconnectioncount } from "../methods/network/getconnectioncount.ts";
import { describeNetworks, getnetworkinfo } from "../methods/network/getnetworkinfo.ts";
import { getpeerinfo } from "../methods/network/getpeerinfo.ts";
import type { LightHost } from "./host.ts";
import { answered } from "./method.ts";

/** The last block that was searched for payments: what the node says of money is true there. */
function searchedOf({ light, chain }: LightHost) {
  return chain.headers.activeAt(light.balance.height) ?? chain.headers.genesis;
}

export const ABOUT: readonly Method<LightHost>[] = [
  answered({
    method: getnodeinfo,
    description: `${getnodeinfo.description}\nOf a light node, height is that of the last block that was searched, and mempool counts its own payments.`,
    run: (_, host) => {
      const { chain, light, process, software, startedAt, warnings } = host;
      if (process === undefined) throw new RpcError(RPC_METHOD_NOT_FOUND, "Method not found");
      const searched = searchedOf(host);
      return {
        ...process,
        uptime: Math.max(0, Math.floor((chain.now - startedAt) / 1000)),
        height: searched.height,
        headers: chain.bestHeader.height,
        bestblockhash: searched.hash,
        genesis: bytesToHex(chain.params.genesis.toBytes()),
        connections_in: 0,
        connections_out: light.peers.length,
        mempool: light.pending.length,
        signatures: software.signatures,
        warnings: warnings(),
      };
    },
  }),
  answered({
    method: getblockchaininfo,
    description: `${getblockchaininfo.description}\nOf a light node, blocks is the height of the last one that was searched; their bodies are not kept.`,
    run: (_, host) => {
      const { chain, light, software, warnings } = host;
      const { bestHeader, params } = chain;
      const searched = searchedOf(host);
      const { signetChallenge } = params;
      return {
        chain: software.chain,
        blocks: searched.height,
        headers: bestHeader.height,
        bestblockhash: searched.hash,
        bits: hex32(searched.bits),
        target: targetHex(searched.bits),
        difficulty: difficultyOf(searched.bits),
        time: searched.time,
        mediantime: searched.medianTimePast,
        verificationprogress: bestHeader.height === 0 ? 1 : searched.height / bestHeader.height,
        initialblockdownload: !light.balance.isCurrent,
        chainwork: hex256(searched.chainWork),
        size_on_disk: 0,
        pruned: true,
        pruneheight: bestHeader.height + 1,
        automatic_pruning: false,
        ...(signetChallenge !== undefined && { signet_challenge: bytesToHex(signetChallenge) }),
        warnings: warnings(),
      };
    },
  }),
  answered({
    method: getnetworkinfo,
    run: (_, { chain, light, proxies, software, warnings }) => {
      const { minRelayFeeRate } = chain.params;
      return {
        version: software.version,
        subversion: software.subversion,
        protocolversion: PROTOCOL_VERSION,
        localservices: "0".repeat(16),
        localservicesnames: [],
        localrelay: false,
        timeoffset: 0,
        networkactive: true,
        connections: light.peers.length,
        connections_in: 0,
        connections_out: light.peers.length,
        networks: describeNetworks(proxies),
        relayfee: coinsNumber(minRelayFeeRate),
        incrementalfee: coinsNumber(minRelayFeeRate),
        localaddresses: [],
        warnings: warnings(),
      };
    },
  }),
  answered({
    method: getpeerinfo,
    run: (_, { chain, light }) => light.peers.map((peer) => describePeer(peer, chain.now)),
  }),
  answered({ method: getconnectioncount, run: (_, { light }) => light.peers.length }),
  answered({
    method: getmempoolinfo,
    description: "Returns details on the payments that this node hands out.",
    results: [
      {
        schema: obj({
          loaded: flag("false: a light node does not know the payments of its runs before"),
          size: num("Number of transactions that no block has yet"),
          bytes: num("Sum of all virtual transaction sizes"),
          unbroadcastcount: num("Number of those that no peer has shown to know"),
        }),
      },
    ],
    run: (_, { light }) => ({
      loaded: false,
      size: light.pending.length,
      bytes: light.pending.reduce((sum, { virtualSize }) => sum + virtualSize, 0),
      unbroadcastcount: light.pending.filter(({ txid }) => light.fate(txid) !== "seen").length,
    }),
  }),
];
