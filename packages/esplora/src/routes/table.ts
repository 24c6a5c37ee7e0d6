/** All addresses that are answered. */
import type { Route } from "../call.ts";
import {
  allBlockTransactions,
  block,
  blockHashAt,
  blockHeader,
  blockRaw,
  blockStatus,
  blockTransactions,
  blockTxid,
  blockTxids,
  lastBlocks,
  tipHash,
  tipHeight,
} from "./blocks.ts";
import { feeEstimates, recommendedFees } from "./fees.ts";
import {
  allMempoolTransactions,
  mempoolRecent,
  mempoolSummary,
  mempoolTransactions,
  mempoolTxids,
  mempoolTxidsPage,
  outspendsByOutpoints,
  outspendsByTxids,
  someMempoolTransactions,
  someTransactions,
} from "./mempool.ts";
import { addressPrefix, scriptRoutes } from "./scripts.ts";
import {
  broadcast,
  broadcastByGet,
  broadcastPackage,
  merkleBlockProof,
  merkleProof,
  outspend,
  outspends,
  outspendsOfMany,
  testTransactions,
  transaction,
  transactionHex,
  transactionRaw,
  transactionStatus,
} from "./transactions.ts";
import {
  blockExtended,
  blocksExtended,
  childPaysForParent,
  difficultyAdjustment,
  hashrate,
  mempoolBlocks,
  transactionTimes,
  validateAddress,
} from "./v1.ts";

/** Whose answer comes from the RPC, and changes chain or mempool perhaps: they are asked outside of `atOneMoment`. */
const CALLS: Readonly<Record<string, Route>> = {
  "POST /tx": broadcast,
  "GET /broadcast": broadcastByGet,
  "POST /txs/package": broadcastPackage,
  "POST /txs/test": testTransactions,
  "GET /fee-estimates": feeEstimates,
  "GET /v1/fees/recommended": recommendedFees,
  "GET /v1/validate-address/:address": validateAddress,
};

/** By method and path; `:name` is any part of a path. */
const READS: Readonly<Record<string, Route>> = /* @__PURE__ */ (() => ({
  "GET /blocks/tip/hash": tipHash,
  "GET /blocks/tip/height": tipHeight,
  "GET /blocks": lastBlocks,
  "GET /blocks/:height": lastBlocks,
  "GET /block-height/:height": blockHashAt,
  "GET /block/:hash": block,
  "GET /block/:hash/status": blockStatus,
  "GET /block/:hash/txids": blockTxids,
  "GET /block/:hash/header": blockHeader,
  "GET /block/:hash/raw": blockRaw,
  "GET /block/:hash/txid/:index": blockTxid,
  "GET /block/:hash/txs": blockTransactions,
  "GET /block/:hash/txs/:start": blockTransactions,
  "GET /address-prefix/:prefix": addressPrefix,
  ...gets({ ...scriptRoutes("address"), ...scriptRoutes("scripthash") }),
  "GET /tx/:txid": transaction,
  "GET /tx/:txid/hex": transactionHex,
  "GET /tx/:txid/raw": transactionRaw,
  "GET /tx/:txid/status": transactionStatus,
  "GET /tx/:txid/merkle-proof": merkleProof,
  "GET /tx/:txid/merkleblock-proof": merkleBlockProof,
  "GET /tx/:txid/outspend/:vout": outspend,
  "GET /tx/:txid/outspends": outspends,
  "GET /txs/outspends": outspendsOfMany,
  "GET /mempool": mempoolSummary,
  "GET /mempool/txids": mempoolTxids,
  "GET /mempool/txids/page": mempoolTxidsPage,
  "GET /mempool/txids/page/:last": mempoolTxidsPage,
  "GET /mempool/recent": mempoolRecent,
  "GET /v1/block/:hash": blockExtended,
  "GET /v1/blocks": blocksExtended,
  "GET /v1/blocks/:height": blocksExtended,
  "GET /v1/cpfp/:txid": childPaysForParent,
  "GET /v1/difficulty-adjustment": difficultyAdjustment,
  "GET /v1/fees/mempool-blocks": mempoolBlocks,
  "GET /v1/mining/hashrate": hashrate,
  "GET /v1/mining/hashrate/:interval": hashrate,
  "GET /v1/transaction-times": transactionTimes,
  "GET /internal/block/:hash/txs": allBlockTransactions,
  "GET /internal/mempool/txs": mempoolTransactions,
  "GET /internal/mempool/txs/all": allMempoolTransactions,
  "GET /internal/mempool/txs/:last": mempoolTransactions,
  "POST /internal/mempool/txs": someMempoolTransactions,
  "POST /internal/txs": someTransactions,
  "POST /internal/txs/outspends/by-txid": outspendsByTxids,
  "POST /internal/txs/outspends/by-outpoint": outspendsByOutpoints,
}))();

function gets(routes: Readonly<Record<string, Route>>): Readonly<Record<string, Route>> {
  return Object.fromEntries(Object.entries(routes).map(([path, route]) => [`GET ${path}`, route]));
}

/** A row of the table, for the handler. */
export interface Row {
  readonly method: string;
  readonly segments: readonly string[];
  readonly route: Route;
  /** Whether it reads of one state of chain and mempool. */
  readonly isRead: boolean;
}

function rowsOf(routes: Readonly<Record<string, Route>>, isRead: boolean): readonly Row[] {
  return Object.entries(routes).map(([address, route]) => {
    const [method = "", path = ""] = address.split(" ");
    return { method, segments: path.split("/").slice(1), route, isRead };
  });
}

export const ROWS: readonly Row[] = /* @__PURE__ */ (() => [
  ...rowsOf(CALLS, false),
  ...rowsOf(READS, true),
])();
