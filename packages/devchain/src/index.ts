/** @module @chain/devchain */
export type { AccountDescriptors, AccountKey } from "./accounts.ts";
export { Account, DEFAULT_MNEMONIC } from "./accounts.ts";
export type { Automine } from "./automine.ts";
export { createDevChain } from "./createDevChain.ts";
export type { ReorgOptions } from "./devChain.ts";
export { DevChain } from "./devChain.ts";
export type { DevChainErrorCode } from "./errors.ts";
export { DevChainError } from "./errors.ts";
export { FAUCET_SCRIPT } from "./faucet.ts";
export type {
  ChainMatchers,
  MatcherFunctions,
  MatcherResult,
  TransactionLike,
} from "./matchers.ts";
export { chainMatchers } from "./matchers.ts";
export type { DevChainOptions, DevDoor } from "./options.ts";
export type { DevCoin } from "./payments.ts";
export type { Reorganisation } from "./reorg.ts";
export type { FeeOptions, FundedCoin, MinedBlock, MineOptions, Receiver, Tip } from "./types.ts";
