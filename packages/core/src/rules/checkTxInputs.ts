import { requireFields, requireNumber } from "../arguments.ts";
import type { Coin, CoinsView } from "../coin.ts";
import { isMoney } from "../limits.ts";
import { moneyText } from "../moneyText.ts";
import { outpointKey } from "../outpoint.ts";
import type { ChainParams } from "../params.ts";
import { requireCoinsView, requireTransaction } from "../shapes.ts";
import type { Transaction } from "../transaction.ts";
import { refuse, type Verdict } from "../verdict.ts";

/** The coins that a transaction spends, and its fee. */
export interface SpentInputs {
  /** Base units that the outputs leave to the miner. */
  readonly fee: bigint;
  /** The coins of the inputs, in their order. */
  readonly coins: readonly Coin[];
}

/**
 * Whether the coins that a transaction spends exist, are mature and suffice. Not for a coinbase. Core:
 * Consensus::CheckTxInputs.
 * @param spendHeight height of the block that holds the transaction, or could hold it next
 * @example
 * checkTxInputs(transaction, view, 170, params).ok // true
 * checkTxInputs(transaction, view, 108, params).ok // false: a coinbase rests for 100 blocks
 */
export function checkTxInputs(
  transaction: Transaction,
  coins: CoinsView,
  spendHeight: number,
  params: Pick<ChainParams, "coinbaseMaturity">,
): Verdict<SpentInputs> {
  requireTransaction(transaction, "transaction");
  requireCoinsView(coins, "coins");
  requireNumber(spendHeight, "spendHeight");
  requireFields(params, "params", { coinbaseMaturity: "number" });

  const spent: Coin[] = [];
  for (const { prevout } of transaction.inputs) {
    const coin = coins.get(prevout);
    if (coin === undefined) {
      const debug = `no unspent output ${outpointKey(prevout)}`;
      return refuse("missing-inputs", "bad-txns-inputs-missingorspent", debug);
    }
    spent.push(coin);
  }
  let valueIn = 0n;
  for (const { value, coinbase, height } of spent) {
    const depth = spendHeight - height;
    if (coinbase && depth < params.coinbaseMaturity) {
      const debug = `tried to spend coinbase at depth ${depth}`;
      return refuse("premature-spend", "bad-txns-premature-spend-of-coinbase", debug);
    }
    valueIn += value;
    if (!isMoney(value) || !isMoney(valueIn)) {
      return refuse("consensus", "bad-txns-inputvalues-outofrange");
    }
  }
  let valueOut = 0n;
  for (const { value } of transaction.outputs) valueOut += value;
  if (valueIn < valueOut) {
    const debug = `value in (${moneyText(valueIn)}) < value out (${moneyText(valueOut)})`;
    return refuse("consensus", "bad-txns-in-belowout", debug);
  }
  const fee = valueIn - valueOut;
  if (!isMoney(fee)) return refuse("consensus", "bad-txns-fee-outofrange");
  return { ok: true, fee, coins: spent };
}
