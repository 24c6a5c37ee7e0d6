/** Coins that were chosen, and what they cost. Core: SelectionResult. */

import type { Candidate, OutputGroup } from "./candidate.ts";
import { effectiveValue } from "./candidate.ts";

/** The algorithm that chose the coins; `manual`: the caller did. */
export type SelectionAlgorithm = "bnb" | "knapsack" | "srd" | "cg" | "manual";

/** Why an algorithm found nothing: coins do not suffice, or those that do are too heavy together. */
export type NotFound = "insufficient" | "too-heavy";

/** The costs of a change output. Core: CoinSelectionParams. */
export interface ChangeCosts {
  /** Less than this is no change, but left to the miner. */
  readonly minViableChange: number;
  /** Of making the output. */
  readonly changeFee: number;
  /** Of making the output, and of spending it some day. */
  readonly costOfChange: number;
}

export class SelectionResult {
  readonly algorithm: SelectionAlgorithm;
  /** The amount to be reached: the payees' amounts and the fee of all but the inputs. */
  readonly target: number;
  readonly candidates: readonly Candidate[];
  /** Whether the payees pay the fee, so that values count in full. */
  readonly subtractsFee: boolean;
  /** Fees of shared ancestors that were counted more than once. */
  readonly bumpFeeDiscount: number;
  /** How many sets of coins were looked at. */
  readonly evaluated: number;

  constructor(fields: {
    readonly algorithm: SelectionAlgorithm;
    readonly target: number;
    readonly candidates: readonly Candidate[];
    readonly subtractsFee: boolean;
    readonly bumpFeeDiscount?: number;
    readonly evaluated?: number;
  }) {
    this.algorithm = fields.algorithm;
    this.target = fields.target;
    this.candidates = fields.candidates;
    this.subtractsFee = fields.subtractsFee;
    this.bumpFeeDiscount = fields.bumpFeeDiscount ?? 0;
    this.evaluated = fields.evaluated ?? 0;
  }

  static ofGroups(
    algorithm: SelectionAlgorithm,
    target: number,
    groups: readonly OutputGroup[],
    subtractsFee: boolean,
    evaluated?: number,
  ): SelectionResult {
    const candidates = groups.flatMap((group) => group.candidates);
    const fields = { algorithm, target, candidates, subtractsFee };
    return new SelectionResult(evaluated === undefined ? fields : { ...fields, evaluated });
  }

  get value(): number {
    return this.candidates.reduce((sum, { value }) => sum + value, 0);
  }

  get effectiveValue(): number {
    const sum = this.candidates.reduce((total, each) => total + effectiveValue(each), 0);
    return sum + this.bumpFeeDiscount;
  }

  /** Of the inputs. */
  get weight(): number {
    return this.candidates.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Core: GetTotalBumpFees. */
  get bumpFees(): number {
    return this.candidates.reduce((sum, { bumpFee }) => sum + bumpFee, 0) - this.bumpFeeDiscount;
  }

  /** The amount of the change output; 0: there is none. Core: GetChange. */
  change({ minViableChange, changeFee }: ChangeCosts): number {
    const change = this.subtractsFee
      ? this.value - this.target
      : this.effectiveValue - this.target - changeFee;
    return change < minViableChange ? 0 : change;
  }

  /**
   * The cost of the choice: inputs that would be cheaper or dearer later, and either the change or what is left to the
   * miner without it. Core: RecalculateWaste.
   */
  waste(costs: ChangeCosts): number {
    const inputs = this.candidates.reduce((sum, each) => sum + each.fee - each.longTermFee, 0);
    const waste = inputs - this.bumpFeeDiscount;
    if (this.change(costs) > 0) return waste + costs.costOfChange;
    return waste + (this.subtractsFee ? this.value : this.effectiveValue) - this.target;
  }

  /** Core: SetBumpFeeDiscount. */
  withBumpFeeDiscount(bumpFeeDiscount: number): SelectionResult {
    return new SelectionResult({ ...this, bumpFeeDiscount });
  }

  /** Both together. Core: Merge. */
  merge(other: SelectionResult): SelectionResult {
    return new SelectionResult({
      algorithm: this.algorithm === "manual" ? other.algorithm : this.algorithm,
      target: this.target + other.target,
      candidates: [...this.candidates, ...other.candidates],
      subtractsFee: this.subtractsFee && other.subtractsFee,
      bumpFeeDiscount: this.bumpFeeDiscount,
      evaluated: this.evaluated,
    });
  }
}
