/** What a running node can be asked about its chain, and given for it. Names and fields are Core's where Core has them. */
import {
  type Block,
  type BlockHash,
  type BlockUndo,
  bytesToHex,
  checkBlock,
  encodeUndo,
  type HeaderNode,
  withCoinbaseWitness,
} from "@chain/core";
import type { ChainManager } from "@chain/engine";
import { z } from "zod";
import type { ControlContext } from "./context.ts";
import { chainWorkHex, describeBlock, describeHeader, difficultyOf } from "./describe.ts";
import { describeTransaction } from "./describeTransaction.ts";
import { coinsNumber } from "./json.ts";
import { type Method, method } from "./method.ts";
import { blockHash, decodeBlock, decodeHeader, verbosity } from "./parameters.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RPC_VERIFY_ERROR,
  RpcError,
} from "./protocol.ts";
import type { RpcResults, TipDescription } from "./results.ts";
import { readable } from "./stored.ts";

type ChainMethod =
  | "getblockchaininfo"
  | "getblockcount"
  | "getbestblockhash"
  | "getblockhash"
  | "getblockheader"
  | "getblock"
  | "getblockundo"
  | "getchaintips"
  | "gettxoutsetinfo"
  | "submitblock"
  | "submitheader"
  | "preciousblock"
  | "invalidateblock"
  | "reconsiderblock";

export const chainMethods: { readonly [Name in ChainMethod]: Method<RpcResults[Name]> } = {
  getblockchaininfo: method({}, (_, { chain, identity }) => {
    const { tip, bestHeader, params } = chain;
    return {
      chain: identity.network.chain,
      blocks: tip.height,
      headers: bestHeader.height,
      bestblockhash: tip.hash,
      difficulty: difficultyOf(tip.bits),
      time: tip.time,
      mediantime: tip.medianTimePast,
      verificationprogress: progressOf(chain),
      initialblockdownload: chain.initialDownload,
      chainwork: chainWorkHex(tip.chainWork),
      pruned: false,
      ...(params.signetChallenge && { signet_challenge: bytesToHex(params.signetChallenge) }),
    };
  }),

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
    { blockhash: blockHash, verbosity: verbosity(2).default(1) },
    async ({ blockhash, verbosity: level }, context) => {
      const block = await blockOf(context, blockhash);
      if (level === 0) return bytesToHex(block.toBytes());
      const brief = describeBlock(block, nodeOf(context, blockhash), context.chain.headers);
      if (level === 1) return brief;
      const undo = await undoOf(context, blockhash);
      const tx = block.transactions.map((each, i) =>
        // Undo data has no entry for the coinbase.
        describeTransaction(each, context.chain.params, undo?.[i - 1]),
      );
      return { ...brief, tx };
    },
  ),

  /** Ours: the coins that a block spent, in the form that undo data has; `null` where it was never connected. */
  getblockundo: method({ blockhash: blockHash }, async ({ blockhash }, context) => {
    const undo = await undoOf(context, nodeOf(context, blockhash).hash);
    return undo === undefined ? null : bytesToHex(encodeUndo(undo));
  }),

  getchaintips: method({}, async (_, { chain }) => {
    const { headers } = chain;
    const tips = new Set<HeaderNode>(headers.leaves()).add(headers.tip);
    const described: TipDescription[] = [];
    for (const node of tips) {
      const fork = headers.forkPoint(headers.tip, node);
      described.push({
        height: node.height,
        hash: node.hash,
        branchlen: node.height - fork.height,
        status: await statusOf(node, chain),
      });
    }
    return described.sort((a, b) => b.height - a.height || (a.hash < b.hash ? -1 : 1));
  }),

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

  /** BIP-0022. `dummy` is there because it asks for it, and ignored. */
  submitblock: method(
    { hexdata: z.string(), dummy: z.unknown().optional() },
    ({ hexdata }, context) => submitBlock(decodeBlock(hexdata), context),
  ),

  submitheader: method({ hexdata: z.string() }, async ({ hexdata }, { chain }) => {
    const header = decodeHeader(hexdata);
    if (chain.headers.get(header.previousHash) === undefined) {
      const message = `Must submit previous header (${header.previousHash}) first`;
      throw new RpcError(RPC_VERIFY_ERROR, message);
    }
    const verdict = await chain.acceptHeaders([header]);
    if (!verdict.ok) throw new RpcError(RPC_VERIFY_ERROR, verdict.reason);
    return null;
  }),

  preciousblock: method({ blockhash: blockHash }, async ({ blockhash }, context) => {
    await context.chain.preferBlock(nodeOf(context, blockhash));
    return null;
  }),

  invalidateblock: method({ blockhash: blockHash }, async ({ blockhash }, context) => {
    await context.chain.invalidateBlock(nodeOf(context, blockhash));
    return null;
  }),

  reconsiderblock: method({ blockhash: blockHash }, async ({ blockhash }, context) => {
    await context.chain.reconsiderBlock(nodeOf(context, blockhash));
    return null;
  }),
};

/** @returns `null` where the block is part of the best chain now, `inconclusive` where it is only stored */
async function submitBlock(given: Block, { chain, node }: ControlContext): Promise<string | null> {
  const { params } = chain;
  const parent = chain.headers.get(given.header.previousHash);
  const isSegwit = parent !== undefined && parent.height + 1 >= params.deployments.segwit;
  const block = withCoinbaseWitness(given, isSegwit);
  // Before its header is looked up: another body with the header of a good block is not a duplicate of it, and says
  // nothing against it. Core: ProcessNewBlock.
  const alone = checkBlock(block, params);
  if (!alone.ok) return alone.reason;
  const verdict = await node.submitBlock(block);
  if (!verdict.ok) return verdict.reason;
  if (!verdict.fresh) return "duplicate";
  return verdict.connected ? null : "inconclusive";
}

/** Core: getchaintips. */
async function statusOf(
  node: HeaderNode,
  chain: ControlContext["chain"],
): Promise<TipDescription["status"]> {
  if (chain.headers.isActive(node)) return "active";
  if (node.invalidReason !== undefined) return "invalid";
  if (node.chainTransactionCount === 0) return "headers-only";
  return (await chain.wasConnected(node.hash)) ? "valid-fork" : "valid-headers";
}

/** The part of the blocks that is here, 0 to 1; nothing is known of how many there are before the first header. */
function progressOf({ tip, bestHeader, initialDownload }: ChainManager): number {
  if (bestHeader.height === 0) return initialDownload ? 0 : 1;
  return tip.height / bestHeader.height;
}

function nodeOf({ chain }: ControlContext, hash: BlockHash): HeaderNode {
  const node = chain.headers.get(hash);
  if (node === undefined) throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Block not found");
  return node;
}

async function blockOf(context: ControlContext, hash: BlockHash): Promise<Block> {
  const block = await readable(() => context.chain.getBlock(nodeOf(context, hash).hash));
  if (block === undefined) throw new RpcError(RPC_MISC_ERROR, "Block not available");
  return block;
}

function undoOf({ chain }: ControlContext, hash: BlockHash): Promise<BlockUndo | undefined> {
  return readable(() => chain.getUndo(hash));
}
