/** What a running node can be asked: method → parameters → answer. Names and fields are Core's where Core has them. */
import {
  Block,
  type BlockHash,
  bytesToHex,
  CoreError,
  type HeaderNode,
  hexToBytes,
  parseId,
  Transaction,
} from "@chain/core";
import { z } from "zod";
import { spendableCoins } from "../chain/coins.ts";
import { UserError } from "../errors.ts";
import { parseAddress } from "../params.ts";
import type { ControlContext } from "./context.ts";
import {
  chainName,
  chainWorkHex,
  coinsNumber,
  describeBlock,
  describeHeader,
  difficultyOf,
} from "./describe.ts";
import { type Method, method } from "./method.ts";
import { peerMethods } from "./peerMethods.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RPC_VERIFY_ALREADY_IN_UTXO_SET,
  RPC_VERIFY_ERROR,
  RPC_VERIFY_REJECTED,
  RpcError,
} from "./protocol.ts";
import type { RpcMethod, RpcResults } from "./results.ts";
import { testMethods } from "./testMethods.ts";

/** A parameter that some parser of core reads: what it throws is what is wrong with it. */
function parsed<Value>(parse: (text: string) => Value): z.ZodType<Value> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  });
}

const blockHash = parsed((text) => parseId<BlockHash>(text));
const hexBytes = parsed(hexToBytes);

/** Most blocks that one call mines: its caller waits for the answer. */
const MAX_GENERATE = 1000;

/** Table of all methods. What stands here, the server serves. */
export const methods: { readonly [Name in RpcMethod]: Method<RpcResults[Name]> } = {
  getblockchaininfo: method({}, (_, { chain }) => {
    const { tip, bestHeader, params } = chain;
    return {
      chain: chainName(params),
      blocks: tip.height,
      headers: bestHeader.height,
      bestblockhash: tip.hash,
      difficulty: difficultyOf(tip.header.bits),
      time: tip.header.time,
      mediantime: tip.medianTimePast,
      verificationprogress: bestHeader.height === 0 ? 1 : tip.height / bestHeader.height,
      initialblockdownload: chain.initialDownload,
      chainwork: chainWorkHex(tip.chainWork),
      pruned: false,
    };
  }),

  /** Ours: what a program that talks to its node wants to know at once. */
  getnodeinfo: method({}, (_, { identity, role, chain, node, signatures, startedAt, now }) => {
    const peers = node.peers();
    const inbound = peers.filter((peer) => peer.inbound).length;
    return {
      nodeid: identity.nodeId,
      network: identity.network,
      role,
      pid: process.pid,
      uptime: Math.floor((now() - startedAt) / 1000),
      height: chain.tip.height,
      headers: chain.bestHeader.height,
      bestblockhash: chain.tip.hash,
      genesis: bytesToHex(chain.params.genesis.toBytes()),
      connections_in: inbound,
      connections_out: peers.length - inbound,
      mempool: chain.mempool.count,
      signatures,
    };
  }),

  ...peerMethods,
  ...testMethods,
  getblockcount: method({}, (_, { chain }) => chain.tip.height),
  getbestblockhash: method({}, (_, { chain }) => chain.tip.hash),

  getblockhash: method({ height: z.int() }, ({ height }, { chain }) => {
    const node = chain.headers.activeAt(height);
    if (node === undefined) throw new RpcError(RPC_INVALID_PARAMETER, "Block height out of range");
    return node.hash;
  }),

  getblockheader: method(
    { blockhash: blockHash, verbose: z.boolean().default(true) },
    ({ blockhash, verbose }, context) => {
      const node = nodeOf(context, blockhash);
      return verbose
        ? describeHeader(node, context.chain.headers)
        : bytesToHex(node.header.toBytes());
    },
  ),

  getblock: method(
    { blockhash: blockHash, verbosity: z.literal([0, 1]).default(1) },
    async ({ blockhash, verbosity }, context) => {
      const block = await blockOf(context, blockhash);
      return verbosity === 0
        ? bytesToHex(block.toBytes())
        : describeBlock(block, nodeOf(context, blockhash), context.chain.headers);
    },
  ),

  /** Ours: the coins that a block spent, in the form that undo data has; `null` where it was never connected. */
  getblockundo: method({ blockhash: blockHash }, async ({ blockhash }, context) => {
    const undo = await context.store.readUndo(nodeOf(context, blockhash).hash);
    return undo === undefined ? null : bytesToHex(undo);
  }),

  getrawmempool: method({}, (_, { chain }) =>
    [...chain.mempool.entries()].map(({ transaction }) => transaction.txid),
  ),

  getmempoolinfo: method({}, (_, { chain, now, mempoolLoaded }) => {
    const { mempool } = chain;
    const { policy } = mempool;
    let fees = 0n;
    for (const { fee } of mempool.entries()) fees += fee;
    return {
      loaded: mempoolLoaded(),
      size: mempool.count,
      bytes: mempool.virtualSize,
      usage: mempool.memory,
      total_fee: coinsNumber(fees),
      maxmempool: mempool.limits.maxMemory,
      mempoolminfee: coinsNumber(mempool.minFeeRate(now())),
      minrelaytxfee: coinsNumber(policy.minRelayFeeRate),
      incrementalrelayfee: coinsNumber(policy.incrementalRelayFeeRate),
      fullrbf: policy.replaceByFee === "full",
    };
  }),

  sendrawtransaction: method({ hexstring: z.string() }, async ({ hexstring }, { node }) => {
    const transaction = decodeTransaction(hexstring);
    const verdict = await node.submitTransaction(transaction);
    if (verdict.ok || verdict.reason === "txn-already-in-mempool") return transaction.txid;
    if (verdict.reason === "txn-already-known") {
      const message = "Transaction outputs already in utxo set";
      throw new RpcError(RPC_VERIFY_ALREADY_IN_UTXO_SET, message);
    }
    // Core keeps -25 for inputs that it does not know, and -26 for what breaks a rule.
    const code = verdict.kind === "missing-inputs" ? RPC_VERIFY_ERROR : RPC_VERIFY_REJECTED;
    throw new RpcError(code, verdict.reason);
  }),

  submitblock: method({ hexdata: z.string() }, async ({ hexdata }, { chain, node }) => {
    const block = decodeBlock(hexdata);
    const known = chain.headers.get(block.hash);
    if (known !== undefined && known.transactionCount > 0) return "duplicate";
    if (known?.invalidReason !== undefined) return "duplicate-invalid";
    const verdict = await node.submitBlock(block);
    return verdict.ok ? null : verdict.reason;
  }),

  generatetoaddress: method(
    { nblocks: z.int().min(1).max(MAX_GENERATE), address: z.string() },
    async ({ nblocks, address }, { identity, mine }, signal) => {
      const payTo = scriptOf(address, identity.network);
      const hashes: BlockHash[] = [];
      while (hashes.length < nblocks) hashes.push(await mine(payTo, signal));
      return hashes;
    },
  ),

  gettxoutsetinfo: method({}, async (_, { chain }) => {
    const { tip, count, total, hash } = await chain.coinStatistics();
    return {
      height: tip.height,
      bestblock: tip.hash,
      txouts: count,
      total_amount: coinsNumber(total),
      coins_hash: hash,
    };
  }),

  /** Ours: what a script has to spend, those outputs included that wait for a block. Amounts in base units. */
  listunspentbyscript: method({ script: hexBytes }, async ({ script }, { chain }) => ({
    height: chain.tip.height,
    coins: (await spendableCoins(chain, script)).map(({ outpoint, coin, pending }) => ({
      txid: outpoint.txid,
      vout: outpoint.vout,
      value: String(coin.value),
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

function nodeOf({ chain }: ControlContext, hash: BlockHash): HeaderNode {
  const node = chain.headers.get(hash);
  if (node === undefined) throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Block not found");
  return node;
}

async function blockOf(context: ControlContext, hash: BlockHash): Promise<Block> {
  const block = await context.chain.getBlock(nodeOf(context, hash).hash);
  if (block === undefined) throw new RpcError(RPC_MISC_ERROR, "Block not available");
  return block;
}

function decodeBlock(hex: string): Block {
  try {
    return Block.fromHex(hex);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw new RpcError(RPC_DESERIALIZATION_ERROR, "Block decode failed", { cause: error });
  }
}

function decodeTransaction(hex: string): Transaction {
  try {
    return Transaction.fromBytes(hexToBytes(hex));
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const message = `TX decode failed: ${error.message}`;
    throw new RpcError(RPC_DESERIALIZATION_ERROR, message, { cause: error });
  }
}

function scriptOf(address: string, network: ControlContext["identity"]["network"]): Uint8Array {
  try {
    return parseAddress(address, network, "address");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, error.message, { cause: error });
  }
}
