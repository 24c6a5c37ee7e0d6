/** Addresses below `/address` and `/scripthash`. Electrs: rest.rs. */
import type { ScriptHash, Txid } from "@chain/core";
import type {
  ConfirmedTouch,
  LocatedTransaction,
  Place,
  ScriptTotals,
  UnspentOutput,
} from "@chain/indexes";
import { badRequest, EsploraError, json } from "../answers.ts";
import { type Call, type Route, readHash, readScript } from "../call.ts";
import { describeTransactions, statusOf } from "../describe/transaction.ts";

/** Confirmed transactions of one answer. */
const PAGE = 25;
const MAX_WAITING = 50;
/** Unspent outputs of one answer: it has no pages. */
const MAX_UNSPENT = 10_000;

type Kind = "address" | "scripthash";

/** The routes of addresses or those of script hashes. */
export function scriptRoutes(kind: Kind): Readonly<Record<string, Route>> {
  const of = (call: Call) => readScript(kind, call.parts[0] ?? "", call);
  return {
    [`/${kind}/:script`]: async (call) => {
      const { confirmed, unconfirmed } = await call.lookup.scripts.scriptBalance(of(call));
      return json({
        [kind]: call.parts[0],
        chain_stats: totals(confirmed),
        mempool_stats: totals(unconfirmed),
      });
    },
    [`/${kind}/:script/txs`]: (call) => historyAfter(of(call), call),
    [`/${kind}/:script/txs/chain`]: (call) => chainPart(of(call), undefined, call),
    [`/${kind}/:script/txs/chain/:last`]: (call) => {
      const isId = /^[0-9a-fA-F]{64}$/.test(call.parts[1] ?? "");
      return chainPart(of(call), isId ? readHash<Txid>(call.parts[1]) : undefined, call);
    },
    [`/${kind}/:script/txs/mempool`]: async (call) =>
      described(await waiting(of(call), undefined, call), call),
    [`/${kind}/:script/utxo`]: (call) => unspent(of(call), call),
  };
}

/** Whether addresses begin with a text can't be told without an index of them, which electrs makes on demand alone. */
export const addressPrefix: Route = async () => {
  throw badRequest("address search disabled");
};

function totals({ transactions, funded, spent }: ScriptTotals) {
  return {
    funded_txo_count: funded.count,
    funded_txo_sum: Number(funded.value),
    spent_txo_count: spent.count,
    spent_txo_sum: Number(spent.value),
    tx_count: transactions,
  };
}

async function described(located: readonly LocatedTransaction[], { host, lookup }: Call) {
  return json(await describeTransactions(located, lookup, host.chain.params));
}

/** Those of the mempool, and the newest of the chain; behind `after_txid`, as mempool.space has it. */
async function historyAfter(script: ScriptHash, call: Call) {
  const after = call.query.get("after_txid");
  const isId = /^[0-9a-fA-F]{64}$/.test(after ?? "");
  const last = isId ? readHash<Txid>(after ?? "") : undefined;
  const found = last && (await call.lookup.transaction(last));
  if (last !== undefined && found === undefined) {
    throw new EsploraError(422, "after_txid not found");
  }
  const isInChain = found?.node !== undefined;
  const pending = isInChain ? [] : await waiting(script, last, call);
  const confirmed = await confirmedPart(script, isInChain ? last : undefined, call);
  return described([...pending, ...confirmed], call);
}

async function chainPart(script: ScriptHash, last: Txid | undefined, call: Call) {
  return described(await confirmedPart(script, last, call), call);
}

/** @param last the transaction that the part begins behind; nothing comes behind one that the script does not have */
async function confirmedPart(
  script: ScriptHash,
  last: Txid | undefined,
  { lookup }: Call,
): Promise<readonly LocatedTransaction[]> {
  let after: Place | undefined;
  if (last !== undefined) {
    const found = await lookup.transaction(last);
    if (found?.node === undefined) return [];
    after = { height: found.node.height, position: found.position };
    const behind = { ...after, position: after.position + 1 };
    const options = { limit: 1, newestFirst: true, after: behind };
    const { confirmed } = await lookup.scripts.scriptHistory(script, options);
    if (confirmed[0]?.txid !== last) return [];
  }
  const { confirmed } = await lookup.scripts.scriptHistory(script, {
    limit: PAGE,
    newestFirst: true,
    after,
  });
  return lookup.transactionsAt(confirmed.map(placeOf));
}

function placeOf({ height, position }: ConfirmedTouch): Place {
  return { height, position };
}

async function waiting(
  script: ScriptHash,
  last: Txid | undefined,
  { host: { chain }, lookup }: Call,
): Promise<readonly LocatedTransaction[]> {
  const { unconfirmed } = await lookup.scripts.scriptHistory(script, { limit: 1 });
  const from = last === undefined ? 0 : unconfirmed.findIndex(({ txid }) => txid === last) + 1;
  return unconfirmed.slice(from, from + MAX_WAITING).flatMap(({ txid }) => {
    const transaction = chain.mempool.get(txid)?.transaction;
    return transaction === undefined ? [] : [{ transaction, position: 0 }];
  });
}

async function unspent(script: ScriptHash, { host: { chain }, lookup }: Call) {
  const { outputs, next } = await lookup.scripts.scriptUnspent(script, { limit: MAX_UNSPENT });
  if (next !== undefined || outputs.length > MAX_UNSPENT) {
    const what = `Too many unspent transaction outputs (>${MAX_UNSPENT}).`;
    throw badRequest(`${what} Contact support to raise limits.`);
  }
  // The coinbase of a genesis block that can be spent is at height 0 as well.
  const isWaiting = ({ height, coinbase }: UnspentOutput) => height === 0 && !coinbase;
  const describe = (output: UnspentOutput) => ({
    txid: output.txid,
    vout: output.vout,
    status: statusOf(isWaiting(output) ? undefined : chain.headers.activeAt(output.height)),
    value: Number(output.value),
  });
  const inChain = outputs.filter((output) => !isWaiting(output));
  return json([...inChain, ...outputs.filter(isWaiting)].map(describe));
}
