/**
 * The state of a descriptor wallet: the entry `@chain/wallet/ledger`.
 * @module @chain/wallet/ledger
 */
export { WalletLedger } from "./ledger/ledger.ts";
export type { WalletFlag } from "./ledger/meta.ts";
export type {
  AddDescriptorOptions,
  AddressEntry,
  AddressPurpose,
  Balances,
  ChainPosition,
  CoinFilter,
  CreateLedgerOptions,
  LedgerChange,
  LedgerHost,
  LedgerParams,
  NewAddress,
  NewAddressOptions,
  OwnedCoin,
  ScriptOwner,
  TransactionAmounts,
  TransactionNotes,
  TransactionState,
  WalletDescriptor,
  WalletRecord,
  WalletRecordChange,
  WalletTransaction,
} from "./ledger/types.ts";
