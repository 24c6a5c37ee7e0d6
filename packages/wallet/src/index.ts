/** @module @chain/wallet */
export type { AddressContent, AddressParams, AddressProblem, DecodedAddress } from "./address.ts";
export { addressOfScript, decodeAddress, encodeAddress } from "./address.ts";
export type { AmountProblem, ParsedAmount } from "./amount.ts";
export { formatAmount, parseAmount } from "./amount.ts";
export type {
  ConsolidationRequest,
  Payment,
  PaymentProblem,
  PaymentRequest,
  PaymentResult,
  SpendableCoin,
} from "./build.ts";
export { buildConsolidation, buildPayment, paymentSequence } from "./build.ts";
export type { ScryptCost } from "./encryption.ts";
export { DEFAULT_SCRYPT_COST } from "./encryption.ts";
export type { Refused, WalletErrorCode } from "./errors.ts";
export { WalletError } from "./errors.ts";
export type { FeePolicy } from "./fees.ts";
export { dustThreshold, inputSize } from "./fees.ts";
export type { EcdsaSigner, ParsedWif, RandomBytes, WifProblem } from "./keys.ts";
export { fromWif, generateKey, nobleSigner, PrivateKey, toWif } from "./keys.ts";
export type { AppliedPending, PendingTransaction } from "./pending.ts";
export { applyPending } from "./pending.ts";
export type { Selection, SelectionTarget } from "./selection.ts";
export { selectCoins } from "./selection.ts";
export type { SignatureBackend, SignProblem, SignResult } from "./sign.ts";
export { signTransaction } from "./sign.ts";
export type { WalletStorage } from "./storage.ts";
export { memoryStorage } from "./storage.ts";
export type { PendingFate, WalletKey, WalletOptions } from "./wallet.ts";
export { Wallet } from "./wallet.ts";
