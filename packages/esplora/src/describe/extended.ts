/** Blocks with what mempool.space adds to them. */
import {
  type Block,
  bytesToHex,
  type ChainParams,
  type HeaderNode,
  type TxOutput,
} from "@chain/core";
import type { ChainLookup } from "@chain/indexes";
import { type BlockDescription, describeBlock } from "./block.ts";
import { describeOutput } from "./script.ts";

/** The fee rates at the ends of these parts of a block, the worst first. mempool.space: Common.getFeesInRange. */
const PARTS: readonly number[] = /* @__PURE__ */ Object.freeze([0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]);

export interface ExtendedBlock extends BlockDescription {
  readonly extras: {
    /** Base units: what the coinbase pays out. */
    readonly reward: number;
    readonly coinbaseRaw: string;
    readonly coinbaseAddress: string | null;
    /** Base units for a virtual byte. */
    readonly medianFee: number;
    readonly feeRange: readonly number[];
    readonly totalFees: number;
    readonly avgFee: number;
    readonly avgFeeRate: number;
    readonly avgTxSize: number;
    readonly totalInputs: number;
    readonly totalOutputs: number;
    readonly totalOutputAmt: number;
    readonly virtualSize: number;
    readonly header: string;
  };
}

export async function describeExtended(
  block: Block,
  node: HeaderNode,
  lookup: ChainLookup,
  params: ChainParams,
): Promise<ExtendedBlock> {
  const { transactions, header, weight, totalSize } = block;
  const located = transactions.map((transaction, position) => ({ transaction, node, position }));
  const spent = await lookup.spentOutputs(located);
  const [coinbase, ...others] = transactions;
  const fees = others.map(({ outputs, virtualSize }, i) => {
    const fee = Number(sum(spent[i + 1] ?? []) - sum(outputs));
    return { fee, rate: fee / virtualSize };
  });
  const rates = fees.map(({ rate }) => rate).sort((a, b) => a - b);
  const total = fees.reduce((all, { fee }) => all + fee, 0);
  const virtualSize = weight / 4;
  const paid = coinbase?.outputs.find(({ value }) => value > 0n);
  return {
    ...describeBlock(block, node),
    extras: {
      reward: Number(sum(coinbase?.outputs ?? [])),
      coinbaseRaw: bytesToHex(coinbase?.inputs[0]?.scriptSig ?? new Uint8Array(0)),
      coinbaseAddress: (paid && describeOutput(paid, params).scriptpubkey_address) ?? null,
      medianFee: partOf(rates, 0.5),
      feeRange: rates.length === 0 ? PARTS.map(() => 0) : PARTS.map((part) => partOf(rates, part)),
      totalFees: total,
      avgFee: Math.floor(total / Math.max(1, others.length)),
      avgFeeRate: Math.floor(total / Math.max(1, virtualSize)),
      avgTxSize: Math.floor(totalSize / transactions.length),
      totalInputs: others.reduce((all, { inputs }) => all + inputs.length, 0),
      totalOutputs: transactions.reduce((all, { outputs }) => all + outputs.length, 0),
      totalOutputAmt: Number(others.reduce((all, { outputs }) => all + sum(outputs), 0n)),
      virtualSize,
      header: bytesToHex(header.toBytes()),
    },
  };
}

/** @param rates in order */
function partOf(rates: readonly number[], part: number): number {
  return rates[Math.round(part * (rates.length - 1))] ?? 0;
}

function sum(outputs: readonly TxOutput[]): bigint {
  return outputs.reduce((total, { value }) => total + value, 0n);
}
