/**
 * Coin selection and the making of payments: the entry `@chain/wallet/spending`.
 * @module @chain/wallet/spending
 */
export type { AddressKind } from "./descriptor/node.ts";
export type { MaxSatisfaction } from "./descriptor/satisfaction.ts";
export type { BumpFees, UnconfirmedTransaction } from "./spending/bumpFees.ts";
export { ancestorBumpFees } from "./spending/bumpFees.ts";
export type { Spend, SpendProblem, SpendResult } from "./spending/createSpend.ts";
export { createSpend } from "./spending/createSpend.ts";
export { antiFeeSnipingLockTime } from "./spending/feeSniping.ts";
export type {
  ChosenFeeRate,
  FeeEstimate,
  FeeSettings,
  FeeWishes,
  SpendMempool,
} from "./spending/fees.ts";
export { chooseFeeRate, DEFAULT_FEE_SETTINGS } from "./spending/fees.ts";
export type { ReplaceProblem, ReplaceRequest, ReplaceResult } from "./spending/replace.ts";
export { replaceSpend } from "./spending/replace.ts";
export type {
  ChangeAddress,
  ChangeSource,
  Payee,
  PresetInput,
  SpendableCoin,
  SpendRequest,
  SpendTip,
} from "./spending/request.ts";
export type { SelectionAlgorithm } from "./spending/selectionResult.ts";
export type { SizedInput, TransactionSize } from "./spending/size.ts";
export { maxInputWeight, maxTransactionSize } from "./spending/size.ts";
