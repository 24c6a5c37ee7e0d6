/** Replaces a payment by one with a higher fee. Core: wallet/feebumper.cpp. */

import {
  feeForSize,
  feeRate as feeRateOf,
  type Outpoint,
  type Transaction,
  type TxOutput,
} from "@chain/core";
import {
  optional,
  requireArray,
  requireFields,
  requireInteger,
  requireOutput,
  requireTransaction,
} from "@chain/core/arguments";
import { type Refused, refused } from "../errors.ts";
import { createSpend, type Spend } from "./createSpend.ts";
import { chooseFeeRate, EMPTY_MEMPOOL, requiredFeeRate } from "./fees.ts";
import {
  type ChangeAddress,
  type Payee,
  type PresetInput,
  requireSpendRequest,
  type SpendRequest,
} from "./request.ts";
import { maxTransactionSize } from "./size.ts";
import { moneyText } from "./text.ts";

/** Added to the old fee rate at least, so that nodes with stricter settings relay it too. Core: WALLET_INCREMENTAL_RELAY_FEE. */
const WALLET_INCREMENT = 5000n;

/** The replacement that is wished for; the rest is as in the request for a payment. */
export interface ReplaceRequest
  extends Omit<SpendRequest, "payees" | "presets" | "allowOtherInputs" | "minDepth"> {
  /** The transaction to replace. */
  readonly replaced: Transaction;
  /** The outputs that its inputs spend, in their order; inputs of others with their weights. */
  readonly inputs: readonly (PresetInput & { readonly output: TxOutput })[];
  /** Outputs in place of the old ones. */
  readonly outputs?: readonly TxOutput[] | undefined;
  /** The old output whose address gets the change. Default: the output that `isChange` names. */
  readonly originalChangeIndex?: number | undefined;
  /** Whether an output is change, as far as the wallet can tell, and what spends it. */
  readonly isChange: (output: TxOutput) => ChangeAddress | undefined;
}

/** Core: feebumper::Result. */
export type ReplaceProblem = "invalid-parameter" | "wallet";

export type ReplaceResult = (Spend & { readonly oldFee: bigint }) | Refused<ReplaceProblem>;

/**
 * A payment with the inputs of an old one and a higher fee: taken out of its change, or paid by further coins, all of
 * them confirmed. All old inputs are kept, because a replacement of a replacement could be confirmed beside the first
 * one otherwise. Whether the old one may be replaced at all is the caller's to see. Core: CreateRateBumpTransaction.
 * @example
 * const wpkh = parseDescriptor(`wpkh(${master.toPublicString()}/0/*)`, regtest);
 * const satisfaction = wpkh.ok ? wpkh.descriptor.maxSatisfaction() : undefined;
 * const replacement = replaceSpend({
 *   replaced: transaction,
 *   inputs: transaction.inputs.map(({ prevout: outpoint }) => ({ outpoint, output: utxo, satisfaction })),
 *   isChange: () => ({ script, satisfaction }),
 *   coins: [],
 *   change: { kinds: ["bech32"], defaultKind: "bech32", next: () => ({ ok: true, script, satisfaction }) },
 *   feeRate: 20_000n,
 *   fees: DEFAULT_FEE_SETTINGS,
 *   tip: { height: 100, isCurrent: true },
 * });
 * replacement.ok && replacement.fee > replacement.oldFee // true
 */
export function replaceSpend(request: ReplaceRequest): ReplaceResult {
  requireReplaceRequest(request, "request");
  const { replaced, inputs, originalChangeIndex, outputs } = request;
  if (outputs !== undefined && originalChangeIndex !== undefined) {
    return refused(
      "invalid-parameter",
      "The options 'outputs' and 'original_change_index' are incompatible. You can only either specify a new set of outputs, or designate a change output to be recycled.",
    );
  }
  if (originalChangeIndex !== undefined && originalChangeIndex >= replaced.outputs.length) {
    return refused("invalid-parameter", "Change position is out of range");
  }
  const oldFee = total(inputs.map(({ output }) => output)) - total(replaced.outputs);
  const made = outputs ?? replaced.outputs;
  const shared = shareOutputs(request, made);
  if (!shared.ok) return shared;
  const feeRate = request.feeRate ?? raisedFeeRate(request, oldFee);
  if (request.feeRate !== undefined) {
    const problem = checkFeeRate(request, made, oldFee, request.feeRate);
    if (problem !== undefined) return problem;
  }
  const spend = createSpend({
    ...request,
    feeRate,
    payees: shared.payees,
    changeAddress: shared.change ?? request.changeAddress,
    // Without sequences, signatures and witnesses of the old one.
    presets: inputs.map(({ outpoint, output, satisfaction, weight }) => {
      return { outpoint, output, satisfaction, weight };
    }),
    allowOtherInputs: true,
    // Rule 2 of BIP-0125: no further unconfirmed inputs.
    minDepth: 1,
  });
  if (spend.ok) return { ...spend, oldFee };
  return refused("wallet", `Unable to create transaction. ${spend.reason}`);
}

type Shared =
  | {
      readonly ok: true;
      readonly payees: readonly Payee[];
      readonly change: ChangeAddress | undefined;
    }
  | Refused<ReplaceProblem>;

/** Tells payees from change. Where all is change, the fee is taken out of it. */
function shareOutputs(
  { originalChangeIndex, isChange }: ReplaceRequest,
  outputs: readonly TxOutput[],
): Shared {
  let change: ChangeAddress | undefined;
  const payees: Payee[] = [];
  for (const [index, output] of outputs.entries()) {
    const own = isChange(output);
    const isOwn =
      originalChangeIndex === undefined ? own !== undefined : originalChangeIndex === index;
    if (isOwn) change = own ?? { script: output.scriptPubKey };
    else payees.push({ script: output.scriptPubKey, amount: output.value });
  }
  if (payees.length > 0) return { ok: true, payees, change };
  if (change === undefined) {
    return refused(
      "invalid-parameter",
      "Unable to create transaction. Transaction must have at least one recipient",
    );
  }
  const payee = { script: change.script, amount: total(outputs), subtractsFee: true };
  return { ok: true, payees: [payee], change: undefined };
}

/** Core: EstimateFeeRate. */
function raisedFeeRate(request: ReplaceRequest, oldFee: bigint): bigint {
  const { fees, replaced } = request;
  const increment = fees.incremental > WALLET_INCREMENT ? fees.incremental : WALLET_INCREMENT;
  // The old rate was rounded down.
  const raised = feeRateOf(oldFee, replaced.virtualSize) + 1n + increment;
  const least = chooseFeeRate(request, fees).feeRate;
  return raised > least ? raised : least;
}

/** Core: CheckFeeRate. */
function checkFeeRate(
  { fees, inputs, mempool = EMPTY_MEMPOOL }: ReplaceRequest,
  outputs: readonly TxOutput[],
  oldFee: bigint,
  feeRate: bigint,
): Refused<ReplaceProblem> | undefined {
  if (feeRate < fees.mempoolMinimum) {
    const [own, least] = [moneyText(feeRate), moneyText(fees.mempoolMinimum)];
    return refused(
      "wallet",
      `New fee rate (${own}) is lower than the minimum fee rate (${least}) to get into the mempool -- `,
    );
  }
  const outpoints: Outpoint[] = inputs.map(({ outpoint }) => outpoint);
  const bumps = mempool.bumpFees(outpoints, feeRate);
  if (bumps === undefined) {
    return refused(
      "wallet",
      "Failed to calculate bump fees, because unconfirmed UTXOs depend on an enormous cluster of unconfirmed transactions.",
    );
  }
  const sized = inputs.map(({ output, ...input }) => ({
    ...input,
    scriptPubKey: output.scriptPubKey,
  }));
  const size = maxTransactionSize(sized, outputs)?.virtualSize;
  if (size === undefined) {
    return refused("wallet", "Missing solving data for estimating transaction size");
  }
  const fee = feeForSize(feeRate, size) + bumps.combined;
  const added = feeForSize(fees.incremental, size);
  if (fee < oldFee + added) {
    const [own, least, old, more] = [fee, oldFee + added, oldFee, added].map(moneyText);
    return refused(
      "invalid-parameter",
      `Insufficient total fee ${own}, must be at least ${least} (oldFee ${old} + incrementalFee ${more})`,
    );
  }
  const required = feeForSize(requiredFeeRate(fees), size);
  if (fee < required) {
    return refused(
      "invalid-parameter",
      `Insufficient total fee (cannot be less than required fee ${moneyText(required)})`,
    );
  }
  if (fee <= fees.maxFee) return undefined;
  return refused(
    "wallet",
    `Specified or calculated fee ${moneyText(fee)} is too high (cannot be higher than -maxtxfee ${moneyText(fees.maxFee)})`,
  );
}

function total(outputs: readonly TxOutput[]): bigint {
  return outputs.reduce((sum, { value }) => sum + value, 0n);
}

function requireReplaceRequest(value: unknown, name: string): void {
  requireFields(value, name, { inputs: "array", outputs: "array?", isChange: "function" });
  const request = value as ReplaceRequest;
  requireTransaction(request.replaced, `${name}.replaced`);
  optional(request.outputs, `${name}.outputs`, (outputs, as) =>
    requireArray(outputs, as, requireOutput),
  );
  optional(request.originalChangeIndex, `${name}.originalChangeIndex`, (index, as) =>
    requireInteger(index, as, 0),
  );
  requireArray(request.inputs, `${name}.inputs`, (input, as) => {
    requireFields(input, as, { outpoint: "object", output: "object" });
  });
  requireSpendRequest({ ...request, payees: [], presets: request.inputs }, name);
}
