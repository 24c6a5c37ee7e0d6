/** Statistics of a block: the fees, sizes and coins of its transactions. Core: getblockstats (rpc/blockchain.cpp). */
import {
  type Block,
  type BlockUndo,
  blockSubsidy,
  type ChainParams,
  compactSizeLength,
  type HeaderNode,
  isUnspendable,
  type Transaction,
  type TxOutput,
} from "@chain/core";

/** Bytes of an outpoint, a height and a flag. Core: PER_UTXO_OVERHEAD. */
const COIN_OVERHEAD = 36 + 4 + 1;

export interface BlockStatistics {
  readonly [name: string]: number | string | readonly number[];
}

interface Paid {
  readonly transaction: Transaction;
  readonly fee: number;
  /** Base units for a virtual byte. */
  readonly feeRate: number;
}

/** All statistics. Amounts are base units, and safe integers: no block moves as much as 2^53. */
export function blockStatistics(
  block: Block,
  undo: BlockUndo,
  node: HeaderNode,
  params: ChainParams,
): BlockStatistics {
  const [coinbase, ...others] = block.transactions;
  const paid = others.map((transaction, i) => payOf(transaction, undo[i] ?? []));
  const outputs = block.transactions.flatMap((transaction) => transaction.outputs);
  // The genesis block, and a coinbase that repeats another's id, leave the set of coins as it is.
  const isRepeat = params.bip30Exceptions.get(node.height) === node.hash;
  const counted =
    node.height === 0 ? [] : isRepeat ? outputs.slice(coinbase?.outputs.length) : outputs;
  const spendable = counted.filter(({ scriptPubKey }) => !isUnspendable(scriptPubKey));
  const spent = undo.flat();
  const spentSize = sum(spent.map(coinSize));
  const sizes = others.map(({ totalSize }) => totalSize);
  const weights = others.map(({ weight }) => weight);
  const fees = paid.map(({ fee }) => fee);
  const rates = paid.map(({ feeRate }) => feeRate);
  const segwit = others.filter(({ totalSize, baseSize }) => totalSize !== baseSize);
  const inputs = sum(others.map((transaction) => transaction.inputs.length));
  const average = (total: number) => (others.length > 0 ? Math.trunc(total / others.length) : 0);
  const totalWeight = sum(weights);
  return {
    avgfee: average(sum(fees)),
    avgfeerate: totalWeight === 0 ? 0 : Math.trunc((sum(fees) * 4) / totalWeight),
    avgtxsize: average(sum(sizes)),
    blockhash: node.hash,
    feerate_percentiles: percentiles(paid, totalWeight),
    height: node.height,
    ins: inputs,
    maxfee: most(fees),
    maxfeerate: most(rates),
    maxtxsize: most(sizes),
    medianfee: median(fees),
    mediantime: node.medianTimePast,
    mediantxsize: median(sizes),
    minfee: least(fees),
    minfeerate: least(rates),
    mintxsize: least(sizes),
    outs: outputs.length,
    subsidy: Number(blockSubsidy(node.height, params)),
    swtotal_size: sum(segwit.map(({ totalSize }) => totalSize)),
    swtotal_weight: sum(segwit.map(({ weight }) => weight)),
    swtxs: segwit.length,
    time: node.time,
    total_out: Number(value(others.flatMap((transaction) => transaction.outputs))),
    total_size: sum(sizes),
    total_weight: totalWeight,
    totalfee: sum(fees),
    txs: block.transactions.length,
    utxo_increase: outputs.length - inputs,
    utxo_size_inc: sum(outputs.map(coinSize)) - spentSize,
    utxo_increase_actual: spendable.length - inputs,
    utxo_size_inc_actual: sum(spendable.map(coinSize)) - spentSize,
  };
}

function payOf(transaction: Transaction, spent: readonly TxOutput[]): Paid {
  const fee = Number(value(spent) - value(transaction.outputs));
  return { transaction, fee, feeRate: Math.trunc((fee * 4) / transaction.weight) };
}

function value(outputs: readonly { readonly value: bigint }[]): bigint {
  return outputs.reduce((total, output) => total + output.value, 0n);
}

/** Bytes of an output on the disk, and of what names it. */
function coinSize({ scriptPubKey: { length } }: TxOutput): number {
  return 8 + compactSizeLength(length) + length + COIN_OVERHEAD;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}

function least(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((a, b) => Math.min(a, b));
}

/** Core: CalculateTruncatedMedian. */
function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  if (sorted.length % 2 === 1) return upper;
  return Math.trunc(((sorted[half - 1] ?? 0) + upper) / 2);
}

/** Core: CalculatePercentilesByWeight. */
function percentiles(paid: readonly Paid[], totalWeight: number): readonly number[] {
  const limits = [0.1, 0.25, 0.5, 0.75, 0.9].map((part) => totalWeight * part);
  const sorted = paid.toSorted(
    (a, b) => a.feeRate - b.feeRate || a.transaction.weight - b.transaction.weight,
  );
  const found: number[] = [];
  let weight = 0;
  for (const { transaction, feeRate } of sorted) {
    weight += transaction.weight;
    while (found.length < limits.length && weight >= (limits[found.length] ?? 0))
      found.push(feeRate);
  }
  while (found.length < limits.length) found.push(sorted.at(-1)?.feeRate ?? 0);
  return found;
}
