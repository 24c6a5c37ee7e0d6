/** Addresses below `/mempool`. Electrs: rest.rs. */
import type { Txid } from "@chain/core";
import type { MempoolEntry } from "@chain/engine";
import type { LocatedTransaction } from "@chain/indexes";
import { EsploraError, json } from "../answers.ts";
import { type Call, type Route, readHash, readNumberOr, readTexts } from "../call.ts";
import { describeOutspend, describeTransactions } from "../describe/transaction.ts";
import { outspendsByTxid } from "./transactions.ts";

const RECENT = 10;
const TXIDS_PAGE = 10_000;
const TRANSACTIONS_PAGE = 1_000;
/** Ids of one question of mempool.space's backend. */
const MAX_ASKED = 10_000;

export const mempoolSummary: Route = async ({ host: { chain }, lookup }) => {
  const { mempool } = chain;
  let fees = 0n;
  for (const { fee } of mempool.entries()) fees += fee;
  return json({
    count: mempool.count,
    vsize: mempool.virtualSize,
    total_fee: Number(fees),
    fee_histogram: lookup.feeHistogram(),
  });
};

export const mempoolTxids: Route = async ({ host: { chain } }) =>
  json(Array.from(chain.mempool.entries(), ({ transaction: { txid } }) => txid));

/** A page of them, in the order of ids. mempool.space's. */
export const mempoolTxidsPage: Route = async (call) => {
  const count = Math.min(readNumberOr(call.query.get("max_txs") ?? "", TXIDS_PAGE), TXIDS_PAGE);
  return json(pageOf(call, count).map(({ transaction: { txid } }) => txid));
};

export const mempoolRecent: Route = async ({ host: { chain } }) => {
  const newest = Array.from(chain.mempool.entries())
    .sort((a, b) => b.sequence - a.sequence)
    .slice(0, RECENT);
  const described = newest.map(({ transaction, fee, size }) => ({
    txid: transaction.txid,
    fee: Number(fee),
    vsize: size,
    value: transaction.outputs.reduce((sum, { value }) => sum + Number(value), 0),
  }));
  return json(described);
};

/** A page of whole transactions. mempool.space's, for its own backend. */
export const mempoolTransactions: Route = async (call) => {
  const most = readNumberOr(call.query.get("max_txs") ?? "", TRANSACTIONS_PAGE);
  return describe(pageOf(call, Math.min(most, TRANSACTIONS_PAGE)), call);
};

export const allMempoolTransactions: Route = async (call) => {
  const { mempool } = call.host.chain;
  if (mempool.count > MAX_ASKED) {
    throw new EsploraError(413, `the mempool has ${mempool.count} transactions: ask by pages`);
  }
  return describe([...mempool.entries()], call);
};

export const someMempoolTransactions: Route = async (call) => {
  const { mempool } = call.host.chain;
  const entries = readTxids(call).map((txid) => mempool.get(txid));
  return describe(
    entries.filter((each) => each !== undefined),
    call,
  );
};

export const someTransactions: Route = async (call) => {
  const found: LocatedTransaction[] = [];
  for (const txid of readTxids(call)) {
    const each = await call.lookup.transaction(txid);
    if (each !== undefined) found.push(each);
  }
  return json(await describeTransactions(found, call.lookup, call.host.chain.params));
};

export const outspendsByTxids: Route = async (call) =>
  json(await outspendsByTxid(readTexts(call.body, MAX_ASKED), call));

export const outspendsByOutpoints: Route = async (call) => {
  const outspends = readTexts(call.body, MAX_ASKED).map(async (text) => {
    const [, txid, vout] = /^([0-9a-fA-F]{64}):(\d{1,10})/.exec(text) ?? [];
    const number = readNumberOr(vout, undefined);
    if (txid === undefined || number === undefined) return describeOutspend(undefined);
    const outpoint = { txid: readHash<Txid>(txid), vout: number };
    return describeOutspend(await call.lookup.spender(outpoint));
  });
  return json(await Promise.all(outspends));
};

function readTxids({ body }: Call): readonly Txid[] {
  return readTexts(body, MAX_ASKED).map((text) => readHash<Txid>(text));
}

/** In the order of ids, behind the one that a call names. */
function pageOf({ host: { chain }, parts }: Call, count: number): readonly MempoolEntry[] {
  const isId = /^[0-9a-fA-F]{64}$/.test(parts[0] ?? "");
  const last = isId ? readHash<Txid>(parts[0]) : "";
  return Array.from(chain.mempool.entries())
    .filter(({ transaction: { txid } }) => txid > last)
    .sort((a, b) => (a.transaction.txid < b.transaction.txid ? -1 : 1))
    .slice(0, count);
}

async function describe(entries: readonly MempoolEntry[], { host, lookup }: Call) {
  const located = entries.map(({ transaction }) => ({ transaction, position: 0 }));
  return json(await describeTransactions(located, lookup, host.chain.params));
}
