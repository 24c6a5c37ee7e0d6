/** Hands payments in: to the node of this wallet if it runs, else to another one, or into a block. */
import { type ChainParams, outpointKey, type Transaction } from "@chain/core";
import {
  applyPending,
  type Payment,
  type PaymentResult,
  type PendingTransaction,
  type SpendableCoin,
  type Wallet,
} from "@chain/wallet";
import {
  type ControlClient,
  handIn,
  type Identity,
  mineBlock,
  type OfflineChain,
  openEither,
  openOffline,
  UserError,
} from "chain-node";
import { handInAgain, isUncertain } from "./handInAgain.ts";
import { scriptOf } from "./opening.ts";

/** Where in the chain a payment is made. */
interface Place {
  readonly params: ChainParams;
  /** Of the tip. */
  readonly height: number;
}

/** A payment that is wanted. */
export interface Order {
  readonly identity: Identity;
  /** The address whose coins are spent. */
  readonly from: string;
  /** Whether a block with it is mined at once. */
  readonly mine: boolean;
  /** The node that gets it while the own one does not run. */
  readonly central: { readonly host: string; readonly port: number };
  /** Chooses among coins. Called again where another payment has spent what was chosen. */
  readonly build: (coins: readonly SpendableCoin[], place: Place) => Promise<PaymentResult>;
}

/** What became of it. */
export interface Sent {
  readonly transaction: Transaction;
  readonly payment: Payment;
  /** Who has taken it, in words. */
  readonly acceptedBy: string;
  /** The block that holds it, if it was mined at once. */
  readonly block?: string;
}

/**
 * Pays, while no other program pays from this wallet: coins are chosen, spent and noted as spent by one at a time.
 * @param say hears why it takes longer
 * @throws UserError `refused` and others: nothing was paid; `uncertain`: nobody can tell.
 */
export function pay(order: Order, wallet: Wallet, say: (why: string) => void): Promise<Sent> {
  return wallet.exclusively(
    async () => {
      const { running, offline } = await openEither(order.identity, openOffline, say);
      if (running !== undefined) return payByNode(order, wallet, running);
      try {
        return await payOffline(order, wallet, offline);
      } finally {
        await offline.close();
      }
    },
    (holder) => say(`waiting, because ${holder} makes another payment of this wallet`),
  );
}

async function makePayment(
  order: Order,
  wallet: Wallet,
  coins: readonly SpendableCoin[],
  place: Place,
): Promise<{ readonly payment: Payment; readonly transaction: Transaction }> {
  const payment = await order.build(coins, place);
  if (!payment.ok) throw new UserError("refused", `${order.from}: ${payment.reason}`);
  const signed = wallet.sign(payment.transaction, payment.coins);
  if (!signed.ok) throw new UserError("refused", signed.reason);
  return { payment, transaction: signed.transaction };
}

/**
 * The node of this wallet runs: it knows the coins, and takes the payment. It is the arbiter between this wallet and
 * others with the same key: where another payment was first, coins are chosen again.
 */
async function payByNode(order: Order, wallet: Wallet, node: ControlClient): Promise<Sent> {
  const { identity, from } = order;
  await handInAgain(wallet, node);
  const script = scriptOf(from, identity, "--from");
  /** Coins at the end of a chain of unconfirmed payments that may not grow. */
  const tooLong = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const coins = (await unspent(node, wallet, script)).filter(
      ({ outpoint }) => !tooLong.has(outpointKey(outpoint)),
    );
    const { height } = await node.info();
    const at = { params: node.params, height };
    const made = await makePayment(order, wallet, coins, at).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      throw tooLong.size > 0 ? waitForBlock(error) : withUncertain(error, wallet);
    });
    const { payment, transaction } = made;
    const verdict = await node.submit(transaction, { isNew: true }).catch(async (error) => {
      // Where nobody can tell whether it was taken, its coins stay spoken for.
      if (error instanceof UserError && error.code === "uncertain") {
        await wallet.addPending(transaction);
      }
      throw error;
    });
    if (verdict.ok) {
      await wallet.addPending(transaction, { accepted: true });
      const sent = { transaction, payment, acceptedBy: `node ${identity.nodeId}` };
      return order.mine ? { ...sent, block: (await node.mine(from)).hash } : sent;
    }
    const pending = payment.coins.filter((coin) => coin.pending === true);
    const isTooLong = verdict.reason === "too-long-mempool-chain" && pending.length > 0;
    if (isTooLong) for (const { outpoint } of pending) tooLong.add(outpointKey(outpoint));
    else if (!TAKEN.has(verdict.reason) || attempt >= MAX_ATTEMPTS) throw refused(verdict.reason);
  }
}

/** What a node says where somebody else has spent the coins since they were chosen. */
const TAKEN: ReadonlySet<string> = new Set([
  "txn-already-in-mempool",
  "txn-same-nonwitness-data-in-mempool",
  "txn-already-known",
  "txn-mempool-conflict",
  "bad-txns-inputs-missingorspent",
]);
/** Far more than there are others with the same key that pay at this moment. */
const MAX_ATTEMPTS = 100;

/** Coins that the node knows as unspent, less those of accepted payments that it does not take back. */
async function unspent(
  node: ControlClient,
  wallet: Wallet,
  script: Uint8Array,
): Promise<readonly SpendableCoin[]> {
  const spoken = new Set(
    wallet.pending
      .filter(({ settled }) => settled === undefined)
      .flatMap(({ transaction }) => transaction.inputs.map(({ prevout }) => outpointKey(prevout))),
  );
  const coins = await node.coins(script);
  return coins.filter(({ outpoint }) => !spoken.has(outpointKey(outpoint)));
}

/** Names the way to the coins of payments whose fate is not known, where they may be what is missing. */
function withUncertain(error: UserError, wallet: Wallet): UserError {
  const uncertain = wallet.pending.filter((payment) => isUncertain(payment));
  if (uncertain.length === 0) return error;
  const what = `${uncertain.length} payments whose fate is not known hold coins`;
  return new UserError("refused", `${error.message}; ${what}: chain-wallet abandon frees them`);
}

function waitForBlock({ message }: UserError): UserError {
  const hint =
    "more of it waits in a chain of unconfirmed payments that may not grow: try again after the next block";
  return new UserError("refused", `${message}; ${hint}`);
}

/** It does not run: its database knows the coins, and another node takes the payment, or a block does at once. */
async function payOffline(order: Order, wallet: Wallet, offline: OfflineChain): Promise<Sent> {
  const { chain, params } = offline;
  const script = scriptOf(order.from, order.identity, "--from");
  const { spendable, live, dropped } = applyPending(await offline.coins(script), wallet.pending, [
    script,
  ]);
  const { height, hash } = chain.tip;
  await wallet.notePending(
    new Map(dropped.map(({ transaction }) => [transaction.txid, { settled: { height, hash } }])),
  );
  const { payment, transaction } = await makePayment(order, wallet, spendable, { params, height });
  // The own copy of the chain knows most reasons for a refusal, and tells them without a network.
  for (const earlier of live) await chain.acceptTransaction(earlier.transaction);
  const verdict = await chain.acceptTransaction(transaction);
  if (!verdict.ok) throw refused(verdict.reason);
  return order.mine
    ? await mineOffline(offline, script, { transaction, payment })
    : await payToCentral(order, wallet, offline, live, { transaction, payment });
}

async function mineOffline(
  { chain }: OfflineChain,
  payTo: Uint8Array,
  made: Pick<Sent, "transaction" | "payment">,
): Promise<Sent> {
  const block = await mineBlock(chain, payTo);
  return { ...made, acceptedBy: `block ${chain.tip.height}`, block: block.hash };
}

async function payToCentral(
  { central: address }: Order,
  wallet: Wallet,
  { params }: OfflineChain,
  live: readonly PendingTransaction[],
  made: Pick<Sent, "transaction" | "payment">,
): Promise<Sent> {
  const { transaction } = made;
  await wallet.addPending(transaction); // before it leaves: its coins must not be spent again
  try {
    for (const parent of parentsOf(transaction, live)) {
      // It may have forgotten these since; if it knows them or has them in a block, so much the better.
      await handIn({ address, params, transaction: parent });
    }
    const answer = await handIn({ address, params, transaction });
    if (!answer.accepted) throw refused(answer.reason);
    await wallet.notePending(new Map([[transaction.txid, { accepted: true }]]));
    const acceptedBy = `${address.host}:${address.port} ${answer.peerAgent}`;
    return { ...made, acceptedBy };
  } catch (error) {
    // Where nobody can tell whether it was taken, its coins stay spoken for.
    const nobodyKnows = error instanceof UserError && error.code === "uncertain";
    if (!nobodyKnows) await wallet.removePending([transaction.txid]);
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

function refused(reason: string): UserError {
  if (reason === "too-long-mempool-chain") {
    const why = "it would build on too many payments that are in no block yet";
    return new UserError("refused", `${why}: try again after the next block (${reason})`);
  }
  return new UserError("refused", `the payment was refused: ${reason}`);
}
