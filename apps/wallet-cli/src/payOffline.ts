/** Pays while the node of this wallet does not run: another node takes the payment, or a block does at once. */

import { outpointKey, type Transaction } from "@chain/core";
import {
  type HandInResult,
  handIn,
  mineBlock,
  type OfflineChain,
  parseAddress,
  UserError,
} from "@chain/fullnode";
import { applyPending, type PendingTransaction, type Wallet } from "@chain/wallet";
import { ACCEPTED } from "./handInAgain.ts";
import {
  type Central,
  makePayment,
  noteFate,
  type Order,
  refused,
  type Say,
  type Sent,
  TAKEN,
  uncertainHint,
  withHint,
} from "./order.ts";

/**
 * The database of the node knows the coins. Of payments of other wallets with the same key only the other node knows.
 */
export async function payOffline(
  order: Order,
  wallet: Wallet,
  offline: OfflineChain,
  say: Say,
): Promise<Sent> {
  const { chain, params } = offline;
  const central = order.mine ? undefined : (order.central ?? nobodyTakesIt(order));
  const script = parseAddress(order.from, order.identity.network, "--from");
  const { spendable, live } = await applyOwn(wallet, offline, script);
  const { height } = chain.tip;
  // The own copy of the chain knows most reasons for a refusal, and tells them without a network.
  for (const earlier of live) await chain.acceptTransaction(earlier.transaction);
  /** Coins that another wallet with the same key may have spent. */
  const taken = new Set<string>();
  while (true) {
    const coins = spendable.filter(({ outpoint }) => !taken.has(outpointKey(outpoint)));
    const made = await makePayment(order, wallet, coins, { params, height }).catch((error) => {
      throw withHint(error, taken.size > 0 ? TAKEN_BY_OTHERS : uncertainHint(wallet));
    });
    const verdict = await chain.acceptTransaction(made.transaction);
    if (!verdict.ok) throw refused(verdict.reason);
    if (central === undefined) return await mineOffline(offline, script, made, wallet, say);
    const parents = [...parentsOf(made.transaction, live), made.transaction];
    const answer = await handToCentral(central, wallet, offline, parents, say);
    if (answer.accepted) {
      const { host, port } = central;
      return { ...made, acceptedBy: `${host}:${port} ${answer.peerAgent}` };
    }
    if (!CONFLICTS.has(answer.reason)) throw refused(answer.reason);
    for (const { outpoint } of made.payment.coins) taken.add(outpointKey(outpoint));
  }
}

function nobodyTakesIt({ identity }: Order): never {
  const ways = "start it, or name one that takes the payment: --central HOST:PORT";
  throw new UserError("usage", `node ${identity.nodeId} does not run: ${ways}`);
}

const TAKEN_BY_OTHERS =
  "unconfirmed payments of another wallet with this key hold coins: try again after the next block, with the node running";

/**
 * The reasons of a node for a payment that conflicts with another. The later ones are about replacing it (BIP-0125).
 */
const CONFLICTS: ReadonlySet<string> = new Set([
  ...TAKEN,
  "insufficient fee",
  "too many potential replacements",
  "replacement-adds-unconfirmed",
  "bad-txns-spends-conflicting-tx",
]);

/** The coins that this wallet can spend by the node's database, its own payments counted. */
async function applyOwn(
  wallet: Wallet,
  { chain, coins }: OfflineChain,
  script: Uint8Array,
): Promise<Pick<ReturnType<typeof applyPending>, "spendable" | "live">> {
  const { tip, headers } = chain;
  const isGone = ({ settled }: PendingTransaction) => {
    const node = settled && headers.get(settled.hash);
    return settled !== undefined && (node === undefined || !headers.isActive(node));
  };
  // A reorganisation has taken the block back.
  const back = wallet.pending.filter((payment) => isGone(payment));
  await wallet.notePending(
    new Map(back.map(({ transaction }) => [transaction.txid, { settled: undefined }])),
  );
  const { spendable, live, dropped } = applyPending(await coins(script), wallet.pending, [script]);
  const settled = { height: tip.height, hash: tip.hash };
  await wallet.notePending(
    new Map(dropped.map(({ transaction }) => [transaction.txid, { settled }])),
  );
  // A payment that no node has called accepted is never handed in again, nor mined.
  return { spendable, live: live.filter(({ accepted }) => accepted === true) };
}

/** The block holds the payment; the wallet keeps it as well, because a reorganisation may take the block back. */
async function mineOffline(
  { chain }: OfflineChain,
  payTo: Uint8Array,
  made: Pick<Sent, "transaction" | "payment">,
  wallet: Wallet,
  say: Say,
): Promise<Sent> {
  const { hash } = await mineBlock(chain, payTo);
  const { height } = chain.tip;
  const fate = { accepted: true, settled: { height, hash } };
  await noteFate(wallet.addPending(made.transaction, fate), say);
  return { ...made, acceptedBy: `block ${height}`, block: hash };
}

/** @param transactions the payment, and before it those of ours, in no block yet, that it builds on */
async function handToCentral(
  address: Central,
  wallet: Wallet,
  { params }: OfflineChain,
  transactions: readonly Transaction[],
  say: Say,
): Promise<HandInResult> {
  const [transaction, ...parents] = transactions.toReversed() as [Transaction, ...Transaction[]];
  for (const parent of parents.toReversed()) {
    // It may have forgotten these since; if it knows them or has them in a block, so much the better.
    await handIn({ address, params, transaction: parent });
  }
  const { txid } = transaction;
  await wallet.addPending(transaction); // before it leaves: its coins must not be spent again
  try {
    const answer = await handIn({ address, params, transaction });
    const noted = answer.accepted
      ? wallet.notePending(new Map([[txid, ACCEPTED]]))
      : wallet.removePending([txid]);
    await noteFate(noted, say);
    return answer;
  } catch (error) {
    // Where it is not known whether it was accepted, its coins stay reserved.
    const nobodyKnows = error instanceof UserError && error.code === "uncertain";
    if (!nobodyKnows) await noteFate(wallet.removePending([txid]), say);
    throw error;
  }
}

/** The payments of ours, in no block yet, that this one builds on; parents first. */
function parentsOf(
  transaction: Transaction,
  live: readonly PendingTransaction[],
): readonly Transaction[] {
  const needed = new Set(transaction.inputs.map(({ prevout }) => prevout.txid));
  const parents: Transaction[] = [];
  for (const { transaction: earlier } of live.toReversed()) {
    if (!needed.has(earlier.txid)) continue;
    for (const { prevout } of earlier.inputs) needed.add(prevout.txid);
    parents.unshift(earlier);
  }
  return parents;
}
