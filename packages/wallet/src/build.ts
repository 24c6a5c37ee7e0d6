/** From a wish to pay to a transaction that has all but its signatures. */

import {
  type ChainParams,
  feeForSize,
  isMoney,
  isP2pkh,
  type LocatedCoin,
  MAX_MONEY,
  Transaction,
  type TxOutput,
} from "@chain/core";
import {
  requireArray,
  requireFields,
  requireFunction,
  requireLocatedCoin,
} from "@chain/core/arguments";
import { randomBytes as secureRandomBytes } from "@noble/hashes/utils.js";
import { formatAmount } from "./amount.ts";
import { type Refused, refused } from "./errors.ts";
import {
  dustThreshold,
  type FeePolicy,
  inputSize,
  outputSize,
  overheadSize,
  requireFee,
} from "./fees.ts";
import type { RandomBytes } from "./keys.ts";
import {
  largestPayment,
  type Selection,
  type SelectionTarget,
  selectCoins,
  worthwhile,
} from "./selection.ts";

/** A coin that can be spent; `pending`: made by a payment of ours that no block holds yet. */
export interface SpendableCoin extends LocatedCoin {
  readonly pending?: boolean;
}

export interface PaymentRequest {
  /** Coins to choose from. Those that are immature, or not P2PKH, are left aside. */
  readonly coins: readonly SpendableCoin[];
  /** Output script that is paid. Any script: `decodeAddress` refuses those that can't be spent. */
  readonly to: Uint8Array;
  /** Base units. */
  readonly amount: bigint;
  readonly fee: FeePolicy;
  /**
   * Where the rest goes. The walkthrough's way is back to the address that pays, so that balances by address are what
   * a reader expects: a payer of 1 that had 10 has 9. For privacy pass the script of a new key.
   */
  readonly changeScript: Uint8Array;
  readonly params: Pick<ChainParams, "minRelayFeeRate" | "coinbaseMaturity">;
  /** Height of the next block: coinbases that can't be spent there are left aside. */
  readonly spendHeight: number;
  /** Bytes of the input that spends a coin, where keys of 65 bytes are among them. Default: compressed keys. */
  readonly inputSize?: (coin: LocatedCoin) => number;
  /** Of the inputs. Default: 0xfffffffd. See `paymentSequence`. */
  readonly sequence?: number;
  /** The index of the change among this many outputs, where a fixed place would tell too much. Default: last. */
  readonly changePosition?: (outputCount: number) => number;
}

/** A payment without signatures. */
export interface Payment {
  readonly transaction: Transaction;
  /** The coins of the inputs, in their order. */
  readonly coins: readonly SpendableCoin[];
  /** The fee of the miner: coins less outputs. */
  readonly fee: bigint;
  /** The part of the fee that was not asked for: a rest that is worth less than an output costs. Tell the payer. */
  readonly excess: bigint;
  readonly change: { readonly index: number; readonly amount: bigint } | undefined;
  /** Bytes once it is signed, at most. */
  readonly size: number;
}

export type PaymentProblem =
  | "invalid-amount"
  | "invalid-fee"
  | "dust"
  | "insufficient-funds"
  | "too-large";
export type PaymentResult = ({ readonly ok: true } & Payment) | Refused<PaymentProblem>;

/** Most bytes that nodes relay, for a transaction without witness. Core: MAX_STANDARD_TX_WEIGHT. */
const MAX_STANDARD_SIZE = 100_000;

/**
 * Not final, which no lock time makes use of here, and signals that the payment may be replaced by one with a higher
 * fee (BIP-0125), as Core's wallet does.
 */
const SEQUENCE_REPLACEABLE = 0xffff_fffd;
/** No lock of a relative time (BIP-0068). */
const SEQUENCE_DISABLE = 0x8000_0000;

/**
 * A sequence by chance, which says the same as the default: no relative lock time (BIP-0068), and replaceable
 * (BIP-0125). Two wallets with one key that make the same payment of the same coins at once would sign the same bytes,
 * and a node would answer both that it has the payment. With a sequence of its own each is another transaction, of
 * which a node takes one.
 * @param randomBytes the system's generator unless told otherwise
 * @example buildPayment({ ...request, sequence: paymentSequence() }).ok // true
 */
export function paymentSequence(randomBytes: RandomBytes = secureRandomBytes): number {
  requireFunction(randomBytes, "randomBytes");

  const bytes = randomBytes(8);
  // Of 64 bits, so that the remainder prefers no number.
  const number = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return SEQUENCE_DISABLE + Number(number % BigInt(SEQUENCE_REPLACEABLE - SEQUENCE_DISABLE + 1));
}

/**
 * A payment of `amount` to `to`: version 2, no lock time. Core's wallet locks to the tip's height, which takes from
 * miners the gain of mining it in place of the tip; but a node that is a block behind refuses such a payment, and on
 * a development chain that is the likelier harm.
 * @example
 * const payment = buildPayment({ ...request, amount: 3n * COIN });
 * payment.ok && payment.coins.length // 1
 * payment.ok && payment.fee // 225n: a unit for each byte
 */
export function buildPayment(request: PaymentRequest): PaymentResult {
  requireRequest(request, "request");
  requireFields(request, "request", {
    to: "bytes",
    amount: "bigint",
    changeScript: "bytes",
    changePosition: "function?",
  });

  const { amount, fee, to, params } = request;
  if (amount <= 0n || !isMoney(amount)) {
    return refused("invalid-amount", `an amount is above 0 and at most ${formatAmount(MAX_MONEY)}`);
  }
  if (!isMoney(fee.type === "amount" ? fee.amount : fee.perKvB)) {
    return refused("invalid-fee", `a fee is from 0 to ${formatAmount(MAX_MONEY)}`);
  }
  const dust = dustThreshold(to, params);
  if (amount < dust) {
    const reason = `${formatAmount(amount)} is too little to pay: at least ${formatAmount(dust)}`;
    return refused("dust", reason);
  }
  const spendable = request.coins.filter((coin) => isP2pkh(coin.coin.scriptPubKey));
  const mature = spendable.filter((coin) => isMature(coin, request));
  const selection =
    // A payment of our own that no block holds yet may still fail, and then takes this one with it.
    choose(
      mature.filter((coin) => coin.pending !== true),
      request,
    ) ?? choose(mature, request);
  if (selection === undefined) {
    const target = targetOf(request);
    const anySize = { ...target, maxSize: Number.POSITIVE_INFINITY };
    const isTooLarge = selectCoins(mature, anySize) !== undefined;
    return isTooLarge
      ? tooLarge(largestPayment(mature, target))
      : insufficient(spendable, mature, request);
  }
  return { ok: true, ...assemble(selection, request) };
}

function isMature(
  { coin: { coinbase, height } }: LocatedCoin,
  { spendHeight, params }: PaymentRequest,
): boolean {
  return !coinbase || spendHeight - height >= params.coinbaseMaturity;
}

function sizeOf(coin: LocatedCoin, request: PaymentRequest): number {
  return request.inputSize?.(coin) ?? inputSize(true);
}

function choose(coins: readonly LocatedCoin[], request: PaymentRequest): Selection | undefined {
  return selectCoins(coins, targetOf(request));
}

function targetOf(request: PaymentRequest): SelectionTarget {
  const { amount, fee, to, changeScript, params } = request;
  return {
    amount,
    fee,
    outputsSize: outputSize(to),
    outputCount: 1,
    changeSize: outputSize(changeScript),
    changeSpendSize: inputSize(true),
    dust: dustThreshold(changeScript, params),
    inputSize: (coin) => sizeOf(coin, request),
    maxSize: MAX_STANDARD_SIZE,
  };
}

function tooLarge(most: bigint): Refused<PaymentProblem> {
  const reason = `the coins that this takes do not fit into one transaction: pay ${formatAmount(most)} at most, or merge small coins first (chain-wallet consolidate)`;
  return refused("too-large", reason);
}

/** Asks for as many coins of one script as fit to be merged into one. */
export type ConsolidationRequest = Pick<
  PaymentRequest,
  "coins" | "fee" | "params" | "spendHeight" | "inputSize" | "sequence"
> & {
  /** Where the merged coin goes. */
  readonly to: Uint8Array;
};

/**
 * A transaction that merges coins into one, the smallest first and as many as fit into one transaction, so that a
 * later payment needs fewer inputs. Coins of payments that no block holds yet are left aside, as are coins that cost
 * more to spend than they are worth.
 * @returns a refusal where fewer than two coins can be merged
 * @example
 * const all = buildConsolidation({ coins, to: key.script, fee: request.fee, params, spendHeight: 8 });
 * all.ok && all.coins.length // 3
 */
export function buildConsolidation(request: ConsolidationRequest): PaymentResult {
  requireRequest(request, "request");
  requireFields(request, "request", { to: "bytes" });

  const { to, fee, params } = request;
  const whole: PaymentRequest = { ...request, amount: 1n, changeScript: to };
  const target = targetOf(whole);
  const coins = worthwhile(
    request.coins.filter(
      (coin) => isP2pkh(coin.coin.scriptPubKey) && coin.pending !== true && isMature(coin, whole),
    ),
    target,
  );
  const chosen: LocatedCoin[] = [];
  let inputs = 0;
  for (const coin of coins.toReversed()) {
    const size = overheadSize(chosen.length + 1, 1) + inputs + sizeOf(coin, whole);
    if (size + target.outputsSize > MAX_STANDARD_SIZE) break;
    chosen.push(coin);
    inputs += sizeOf(coin, whole);
  }
  if (chosen.length < 2) {
    const immature = total(request.coins.filter((coin) => !isMature(coin, whole)));
    const later = immature === 0n ? "" : `; ${formatAmount(immature)} more is immature`;
    return refused("insufficient-funds", `fewer than two coins are there to be merged${later}`);
  }
  const size = overheadSize(chosen.length, 1) + inputs + target.outputsSize;
  const paid = fee.type === "amount" ? fee.amount : feeForSize(fee.perKvB, size);
  const amount = total(chosen) - paid;
  if (amount <= 0n || amount < dustThreshold(to, params)) {
    const reason = `a fee of ${formatAmount(paid)} leaves too little of ${formatAmount(total(chosen))}`;
    return refused("insufficient-funds", reason);
  }
  const selection = { coins: chosen, fee: paid, excess: 0n, change: 0n, size };
  return { ok: true, ...assemble(selection, { ...whole, amount }) };
}

function assemble(selection: Selection, request: PaymentRequest): Payment {
  const { coins, fee, excess, change, size } = selection;
  const outputs: TxOutput[] = [{ value: request.amount, scriptPubKey: request.to }];
  let index = -1;
  if (change > 0n) {
    index = request.changePosition?.(2) ?? 1;
    outputs.splice(index, 0, { value: change, scriptPubKey: request.changeScript });
  }
  const transaction = new Transaction({
    version: 2,
    inputs: coins.map(({ outpoint }) => ({
      prevout: outpoint,
      scriptSig: new Uint8Array(0),
      sequence: request.sequence ?? SEQUENCE_REPLACEABLE,
      witness: [],
    })),
    outputs,
    lockTime: 0,
  });
  return {
    transaction,
    coins,
    fee,
    excess,
    change: change > 0n ? { index, amount: change } : undefined,
    size,
  };
}

function insufficient(
  spendable: readonly SpendableCoin[],
  mature: readonly SpendableCoin[],
  request: PaymentRequest,
): Refused<PaymentProblem> {
  const available = total(mature);
  const { amount, fee, params } = request;
  const wanted =
    fee.type === "amount" && fee.amount > 0n
      ? `${formatAmount(amount + fee.amount)} (${formatAmount(amount)} and a fee of ${formatAmount(fee.amount)})`
      : fee.type === "rate" && fee.perKvB > 0n
        ? `${formatAmount(amount)} and the fee`
        : formatAmount(amount);
  const immature = total(spendable) - available;
  const later =
    immature === 0n
      ? ""
      : `; ${formatAmount(immature)} more is immature: mined less than ${params.coinbaseMaturity} blocks ago`;
  const reason = `not enough: has ${formatAmount(available)}, needs ${wanted}${later}`;
  return refused("insufficient-funds", reason);
}

function total(coins: readonly LocatedCoin[]): bigint {
  return coins.reduce((sum, { coin }) => sum + coin.value, 0n);
}

/** Steps that payments and consolidations share. */
function requireRequest(value: unknown, name: string): void {
  requireFields(value, name, {
    coins: "array",
    fee: "object",
    params: "object",
    spendHeight: "number",
    inputSize: "function?",
    sequence: "number?",
  });
  const { coins, fee, params } = value as PaymentRequest;
  requireArray(coins, `${name}.coins`, requireLocatedCoin);
  requireFee(fee, `${name}.fee`);
  requireFields(params, `${name}.params`, {
    minRelayFeeRate: "bigint",
    coinbaseMaturity: "number",
  });
}
