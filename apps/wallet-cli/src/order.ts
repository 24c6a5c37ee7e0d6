/** A payment that is wanted, and what both ways to make it have in common. */

import type { ChainParams, Transaction } from "@chain/core";
import { type Identity, type Network, parsePeerAddress, UserError } from "@chain/fullnode";
import {
  type Payment,
  type PaymentResult,
  type SpendableCoin,
  type Wallet,
  WalletError,
} from "@chain/wallet";
import { isUncertain } from "./handInAgain.ts";

/** Where in the chain a payment is made. */
interface Place {
  readonly params: ChainParams;
  /** Of the tip. */
  readonly height: number;
}

/** A node that takes a payment. */
export interface Central {
  readonly host: string;
  readonly port: number;
}

/** A payment that is wanted. */
export interface Order {
  readonly identity: Identity;
  /** The address whose coins are spent. */
  readonly from: string;
  /** Whether a block with it is mined at once. */
  readonly mine: boolean;
  /** The node that gets it while the own one does not run; `undefined`: none was named. */
  readonly central: Central | undefined;
  /** Chooses among coins. Called again where another payment has spent what was chosen. */
  readonly build: (coins: readonly SpendableCoin[], place: Place) => Promise<PaymentResult>;
}

/**
 * The node that gets a payment while the own one does not run: the one that was named, or the central node of a network
 * that has one.
 * @throws UserError `usage`.
 */
export function centralOf(
  text: string | undefined,
  { params, callsCentral }: Network,
): Central | undefined {
  if (text !== undefined) return parsePeerAddress(text, "--central");
  return callsCentral ? { host: "127.0.0.1", port: params.defaultPort } : undefined;
}

/** The outcome of a payment. */
export interface Sent {
  readonly transaction: Transaction;
  readonly payment: Payment;
  /** The node that has accepted it, in words. */
  readonly acceptedBy: string;
  /** The block that holds it, if it was mined at once. */
  readonly block?: string;
}

/** Hears a sentence for the person at the terminal. */
export type Say = (sentence: string) => void;

export async function makePayment(
  order: Order,
  wallet: Wallet,
  coins: readonly SpendableCoin[],
  place: Place,
): Promise<Pick<Sent, "payment" | "transaction">> {
  const payment = await order.build(coins, place);
  if (!payment.ok) throw new UserError("refused", `${order.from}: ${payment.reason}`);
  const signed = wallet.sign(payment.transaction, payment.coins);
  if (!signed.ok) throw new UserError("refused", signed.reason);
  return { payment, transaction: signed.transaction };
}

/** Warns where the wallet can't note the fate of a payment: it finds out the next time. */
export async function noteFate(noted: Promise<void>, say: Say): Promise<void> {
  try {
    await noted;
  } catch (error) {
    if (!(error instanceof WalletError)) throw error;
    say(`warning: the wallet could not note what became of the payment: ${error.message}`);
  }
}

export function refused(reason: string): UserError {
  if (reason === "too-long-mempool-chain") {
    const why = "it would build on too many payments that are in no block yet";
    return new UserError("refused", `${why}: try again after the next block (${reason})`);
  }
  return new UserError("refused", `the payment was refused: ${reason}`);
}

/** Says of a lack of coins what may be the way to more. */
export function withHint(error: unknown, hint: string | undefined): unknown {
  if (!(error instanceof UserError) || hint === undefined) return error;
  return new UserError("refused", `${error.message}; ${hint}`, { cause: error });
}

/** Names the way to the coins of payments whose fate is not known, where they may be what is missing. */
export function uncertainHint({ pending }: Wallet): string | undefined {
  const count = pending.filter((payment) => isUncertain(payment)).length;
  if (count === 0) return undefined;
  return `${count} payments whose fate is not known hold coins: chain-wallet abandon frees them`;
}

/** The reasons of a node where another payment has spent the coins since they were chosen. */
export const TAKEN: ReadonlySet<string> = new Set([
  "txn-already-in-mempool",
  "txn-same-nonwitness-data-in-mempool",
  "txn-already-known",
  "txn-mempool-conflict",
  "bad-txns-inputs-missingorspent",
]);
