/**
 * Words to write down, and the accounts that come from them: the entry `@chain/wallet/accounts`.
 * @module @chain/wallet/accounts
 */
export type { AccountKind, AccountOptions, AccountPair } from "./accounts/account.ts";
export { ACCOUNT_KINDS, accountDescriptors, walletDescriptors } from "./accounts/account.ts";
export type { MnemonicLength, MnemonicProblem, ReadMnemonic } from "./accounts/mnemonic.ts";
export { newMnemonic, readMnemonic, seedOfMnemonic } from "./accounts/mnemonic.ts";
