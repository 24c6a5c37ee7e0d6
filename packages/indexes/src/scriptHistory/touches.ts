/** Which scripts a transaction touches, and how. */
import {
  type Coin,
  idFromBytes,
  isUnspendable,
  type ScriptHash,
  sha256,
  type Transaction,
} from "@chain/core";
import { requireBytes } from "@chain/core/arguments";

/** An output that pays a script. */
export interface Funding {
  /** The number of the output. */
  readonly vout: number;
  /** Base units. */
  readonly value: bigint;
}

/** An input that spends an output of a script. */
export interface Spending {
  /** The number of the input. */
  readonly vin: number;
  /** Base units. */
  readonly value: bigint;
}

/** All that one transaction does with one script. */
export interface Touch {
  readonly funding: readonly Funding[];
  readonly spending: readonly Spending[];
}

/** Outputs or inputs of one script, added up. */
export interface ScriptSum {
  readonly count: number;
  /** Base units. */
  readonly value: bigint;
}

/** The sum of all that transactions have done with a script: its balance is what it was paid less what it has spent. */
export interface ScriptTotals {
  /** How many transactions touch it. */
  readonly transactions: number;
  /** Outputs that pay it. */
  readonly funded: ScriptSum;
  /** Those of them that are spent. */
  readonly spent: ScriptSum;
}

export const NO_TOTALS: ScriptTotals = /* @__PURE__ */ Object.freeze({
  transactions: 0,
  funded: Object.freeze({ count: 0, value: 0n }),
  spent: Object.freeze({ count: 0, value: 0n }),
});

/**
 * The hash of an output script by which its history is asked for: SHA-256, shown with its bytes reversed, as the Electrum
 * protocol does.
 * @example scriptHashOf(Uint8Array.of(0x51)) // "6032c38c0bc0e91e726f1e55e1832e434509001a7aed5cfd881b6ef07215e84a"
 */
export function scriptHashOf(scriptPubKey: Uint8Array): ScriptHash {
  requireBytes(scriptPubKey, "scriptPubKey");
  return idFromBytes<ScriptHash>(sha256(scriptPubKey));
}

/**
 * @param coins that the inputs spend, in their order; none for a coinbase
 * @returns by script, without the outputs that nobody can spend
 */
export function touchesOf(
  transaction: Pick<Transaction, "outputs">,
  coins: readonly Pick<Coin, "value" | "scriptPubKey">[],
): ReadonlyMap<ScriptHash, Touch> {
  const touches = new Map<ScriptHash, { funding: Funding[]; spending: Spending[] }>();
  const of = (scriptPubKey: Uint8Array) => {
    const hash = scriptHashOf(scriptPubKey);
    const touch = touches.get(hash) ?? { funding: [], spending: [] };
    touches.set(hash, touch);
    return touch;
  };
  for (const [vout, { value, scriptPubKey }] of transaction.outputs.entries()) {
    if (!isUnspendable(scriptPubKey)) of(scriptPubKey).funding.push({ vout, value });
  }
  for (const [vin, { value, scriptPubKey }] of coins.entries()) {
    of(scriptPubKey).spending.push({ vin, value });
  }
  return touches;
}

/** Totals with one more transaction, or with one less. */
export function withTouch(
  totals: ScriptTotals,
  { funding, spending }: Touch,
  sign: 1 | -1,
): ScriptTotals {
  return {
    transactions: totals.transactions + sign,
    funded: withParts(totals.funded, funding, sign),
    spent: withParts(totals.spent, spending, sign),
  };
}

function withParts(
  { count, value }: ScriptSum,
  parts: readonly { readonly value: bigint }[],
  sign: 1 | -1,
): ScriptSum {
  const sum = parts.reduce((all, part) => all + part.value, 0n);
  return { count: count + sign * parts.length, value: value + BigInt(sign) * sum };
}
