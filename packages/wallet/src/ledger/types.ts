/** The words of a wallet's ledger: what goes in, and what it tells. */
import type {
  Block,
  BlockHash,
  ChainParams,
  Outpoint,
  Seconds,
  Transaction,
  Txid,
} from "@chain/core";
import type { AccountKind } from "../accounts/account.ts";
import type { Descriptor } from "../descriptor/descriptor.ts";
import type { DescriptorParams } from "../descriptor/params.ts";
import type { ScryptCost } from "../encryption.ts";
import type { ExtendedKey } from "../extendedKey.ts";
import type { RandomBytes } from "../keys.ts";

/** A block of some branch. */
export interface ChainPosition {
  readonly hash: BlockHash;
  readonly height: number;
}

/** One change of the chain or of the mempool; what the engine's followers are handed fits. */
export type LedgerChange =
  | ({
      readonly type: "block-connected" | "block-disconnected";
      readonly block: Block;
    } & ChainPosition)
  | { readonly type: "transaction-added"; readonly transaction: Transaction }
  | {
      readonly type: "transaction-removed";
      readonly transaction: Transaction;
      /** `conflict`: a block has spent what it spends. */
      readonly why: string;
    };

/** The parameters of a network that a ledger depends on. */
export type LedgerParams = DescriptorParams & Pick<ChainParams, "coinbaseMaturity">;

/** A record to write: without a value, one to delete. The key-value stores of `@chain/storage` take it as it is. */
export interface WalletRecordChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** A record as it was written. */
export interface WalletRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface LedgerHost {
  readonly params: LedgerParams;
  /** The time now. */
  readonly now: () => Seconds;
  /** Default: the system's generator. */
  readonly randomBytes?: RandomBytes;
  /** The cost of each guess at a passphrase that is set from now on. */
  readonly scryptCost?: ScryptCost;
}

export interface CreateLedgerOptions extends LedgerHost {
  /** The keys come from this one, which must be private. Default: a new one. */
  readonly master?: ExtendedKey;
  /** Nothing was paid to it before. Default: now. */
  readonly birthday?: Seconds;
  /** It never holds a private key (`WALLET_FLAG_DISABLE_PRIVATE_KEYS`). */
  readonly disablePrivateKeys?: boolean;
  /** It begins without descriptors (`WALLET_FLAG_BLANK_WALLET`). */
  readonly blank?: boolean;
  /** It tells coins of addresses that it has spent from before (`WALLET_FLAG_AVOID_REUSE`). */
  readonly avoidReuse?: boolean;
  /** Addresses that each descriptor knows ahead of the next one. Default: 1000. */
  readonly keypoolSize?: number;
}

/** A descriptor of the wallet. Core: WalletDescriptor. */
export interface WalletDescriptor {
  /** SHA-256 of its text, in hex. */
  readonly id: string;
  /** Without private keys. */
  readonly descriptor: Descriptor;
  /** The text that `listdescriptors` shows; see `Descriptor.toNormalizedString`. */
  readonly text: string;
  /** The type whose new addresses it gives, while it is the active one. */
  readonly active: { readonly kind: AccountKind; readonly internal: boolean } | undefined;
  /** Its indices, the end excluded. */
  readonly range: { readonly start: number; readonly end: number };
  /** The next index to give. */
  readonly next: number;
  /** When its keys were made. */
  readonly timestamp: Seconds;
  readonly hasPrivateKeys: boolean;
}

export interface AddDescriptorOptions {
  /** Gives new addresses of its kind. */
  readonly active?: boolean;
  /** Of change. */
  readonly internal?: boolean;
  /** Indices to watch, the end excluded. Default: from 0, as many as the keypool has. */
  readonly range?: { readonly start: number; readonly end: number };
  /** Default: the start of the range. */
  readonly next?: number;
  /** When its keys were made; 0 where nobody knows. */
  readonly timestamp: Seconds;
  /** Of its address, where it has no range. */
  readonly label?: string;
}

/** The descriptor and the index that an output script belongs to. */
export interface ScriptOwner {
  readonly descriptor: WalletDescriptor;
  readonly index: number;
  /** Whether its descriptor gives addresses for change; `undefined` where it gives none. */
  readonly isInternal: boolean | undefined;
}

export interface NewAddressOptions {
  readonly label?: string;
  /** For change. */
  readonly internal?: boolean;
}

export type NewAddress =
  | {
      readonly ok: true;
      readonly address: string;
      readonly script: Uint8Array;
      readonly index: number;
    }
  | {
      readonly ok: false;
      readonly code: "no-addresses" | "keypool-empty";
      readonly reason: string;
    };

/** Core: AddressPurpose. */
export type AddressPurpose = "receive" | "send";

/** An entry of the address book. */
export interface AddressEntry {
  readonly script: Uint8Array;
  readonly label: string;
  readonly purpose: AddressPurpose;
}

/** Core: TxState. */
export type TransactionState =
  | ({ readonly type: "confirmed" /** In its block. */; readonly index: number } & ChainPosition)
  | { readonly type: "mempool" }
  /** The block has another transaction that spends the same, or an ancestor's. */
  | ({ readonly type: "block-conflicted" } & ChainPosition)
  | { readonly type: "inactive"; readonly abandoned: boolean };

/** Notes of the user and of the wallet beside a transaction. Core: mapValue. */
export interface TransactionNotes {
  readonly comment?: string;
  readonly to?: string;
  readonly replaces?: Txid;
  readonly replacedBy?: Txid;
}

/** A transaction that pays the wallet or spends its coins. Core: CWalletTx. */
export interface WalletTransaction {
  readonly txid: Txid;
  readonly transaction: Transaction;
  readonly state: TransactionState;
  /** When the wallet saw it first. */
  readonly timeReceived: Seconds;
  /** When it was most likely made. Core: nTimeSmart. */
  readonly time: Seconds;
  /** Place in the order in which the wallet saw its transactions. */
  readonly orderPosition: number;
  readonly notes: TransactionNotes;
  /** Transactions of the mempool that spend the same, or an ancestor's. */
  readonly mempoolConflicts: ReadonlySet<Txid>;
}

/** Sums of a transaction, as the wallet sees them. Core: CachedTxGetAmounts. */
export interface TransactionAmounts {
  /** Spent, of the wallet's coins. */
  readonly debit: bigint;
  /** Paid to the wallet's scripts, change included. */
  readonly credit: bigint;
  /** Paid to the wallet as change. */
  readonly change: bigint;
  /** Only where it spends coins of the wallet; exact where all are the wallet's. */
  readonly fee: bigint | undefined;
}

/** An unspent output of the wallet. Core: COutput, and the flags of listunspent. */
export interface OwnedCoin {
  readonly outpoint: Outpoint;
  readonly value: bigint;
  readonly scriptPubKey: Uint8Array;
  readonly transaction: WalletTransaction;
  /** Confirmations: 0 where it is unconfirmed. */
  readonly depth: number;
  readonly isCoinbase: boolean;
  readonly isImmature: boolean;
  /** Core: CachedTxIsTrusted, and no part in a replacement. */
  readonly isSafe: boolean;
  /** Whether its transaction spends coins of the wallet. */
  readonly isFromMe: boolean;
  readonly isSolvable: boolean;
  readonly isLocked: boolean;
  /** Whether the wallet spent from its address before; only told with `avoidReuse`. */
  readonly isReused: boolean;
  /** Whether a transaction of version 3 in the mempool spends an output of the same transaction. */
  readonly hasTrucChild: boolean;
  readonly owner: ScriptOwner;
}

/** Which coins are asked for; the defaults are those of a payment. Core: CoinFilterParams, CCoinControl. */
export interface CoinFilter {
  /** Default: 0. */
  readonly minDepth?: number;
  readonly maxDepth?: number;
  readonly minValue?: bigint;
  readonly maxValue?: bigint;
  readonly includeUnsafe?: boolean;
  readonly includeImmature?: boolean;
  readonly includeLocked?: boolean;
  readonly includeReused?: boolean;
}

/** Core: Balance. */
export interface Balances {
  readonly trusted: bigint;
  readonly untrustedPending: bigint;
  readonly immature: bigint;
  /** Coins of addresses that were spent from before, in none of the others; only with `avoidReuse`. */
  readonly used?: bigint;
}
