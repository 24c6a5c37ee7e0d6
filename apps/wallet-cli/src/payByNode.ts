/** Pays while the node of this wallet runs. */

import { outpointKey, type Transaction } from "@chain/core";
import { type ControlClient, parseAddress, RpcError, UserError } from "@chain/fullnode";
import type { SpendableCoin, Wallet } from "@chain/wallet";
import { ACCEPTED, handInAgain } from "./handInAgain.ts";
import {
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
import { watchFor } from "./watching.ts";

/** Far more than there are others with the same key that pay at this moment. */
const MAX_ATTEMPTS = 100;

/**
 * The node of this wallet runs: it knows the coins, and takes the payment. It is the arbiter between this wallet and
 * others with the same key: where another payment was first, coins are chosen again.
 */
export async function payByNode(
  order: Order,
  wallet: Wallet,
  node: ControlClient,
  say: Say,
): Promise<Sent> {
  const { identity, from } = order;
  if (node.isLight) {
    if (order.mine) throw new UserError("usage", "a light node mines nothing: pay without --mine");
    await watchFor(node, wallet);
  }
  await handInAgain(wallet, node, { isAlone: true });
  const script = parseAddress(from, identity.network, "--from");
  /** Coins at the end of a chain of unconfirmed payments that may not grow. */
  const tooLong = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const coins = (await unspent(node, wallet, script)).filter(
      ({ outpoint }) => !tooLong.has(outpointKey(outpoint)),
    );
    const { height } = await node.info();
    const at = { params: node.params, height };
    const { payment, transaction } = await makePayment(order, wallet, coins, at).catch((error) => {
      throw withHint(error, tooLong.size > 0 ? WAIT_FOR_BLOCK : uncertainHint(wallet));
    });
    const verdict = await submitNoted(transaction, wallet, node, say);
    if (verdict.ok) {
      const sent = { transaction, payment, acceptedBy: `node ${identity.nodeId}` };
      return order.mine ? { ...sent, block: await mineByNode(node, order, transaction) } : sent;
    }
    const pending = payment.coins.filter((coin) => coin.pending === true);
    const isTooLong = verdict.reason === "too-long-mempool-chain" && pending.length > 0;
    if (isTooLong) for (const { outpoint } of pending) tooLong.add(outpointKey(outpoint));
    else if (!TAKEN.has(verdict.reason) || attempt >= MAX_ATTEMPTS) throw refused(verdict.reason);
  }
}

const WAIT_FOR_BLOCK =
  "more of it waits in a chain of unconfirmed payments that may not grow: try again after the next block";

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

/** Hands a payment to the node of this wallet. It is noted before, because it must not be made and be unknown. */
async function submitNoted(
  transaction: Transaction,
  wallet: Wallet,
  node: ControlClient,
  say: Say,
): ReturnType<ControlClient["submit"]> {
  const { txid } = transaction;
  // A light node hands it to peers, and forgets in its next run that it did.
  await wallet.addPending(transaction, node.isLight ? {} : { onlyOwnNode: true });
  const note = (fate: typeof ACCEPTED) =>
    noteFate(wallet.notePending(new Map([[txid, fate]])), say);
  const forget = () => noteFate(wallet.removePending([txid]), say);
  try {
    const verdict = await node.submit(transaction, { isNew: true });
    await (verdict.ok ? note(ACCEPTED) : forget());
    return verdict;
  } catch (error) {
    // Where it is not known whether it was accepted, its coins stay reserved.
    const nobodyKnows = error instanceof UserError && error.code === "uncertain";
    await (nobodyKnows ? note({ onlyOwnNode: undefined }) : forget());
    throw error;
  }
}

/** @returns the hash of the block. @throws UserError which says that the payment itself was made. */
async function mineByNode(
  node: ControlClient,
  { from, identity }: Order,
  { txid }: Transaction,
): Promise<string> {
  try {
    return (await node.mine(from)).hash;
  } catch (error) {
    if (!(error instanceof UserError || error instanceof RpcError)) throw error;
    const made = `node ${identity.nodeId} has accepted the payment (transaction ${txid})`;
    throw new UserError("uncertain", `${made}, but no block was mined: ${error.message}`, {
      cause: error,
    });
  }
}
