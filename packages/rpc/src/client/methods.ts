/** Written by `npx pnpm@12 rpc` from the methods: don't edit it. Amounts are in coins, times in seconds since 1970. */

export interface GetBlockResult1 {
  /** The block hash */
  readonly hash: string;
  /** The number of confirmations, or -1 if the block is not on the main chain */
  readonly confirmations: number;
  /** The block height or index */
  readonly height: number;
  /** The block version */
  readonly version: number;
  /** The block version in hexadecimal */
  readonly versionHex: string;
  /** The merkle root */
  readonly merkleroot: string;
  /** The block time in seconds since 1970 */
  readonly time: number;
  /** The median time of the last 11 blocks in seconds since 1970 */
  readonly mediantime: number;
  /** The nonce */
  readonly nonce: number;
  /** The compact form of the target */
  readonly bits: string;
  /** The difficulty target */
  readonly target: string;
  /** The difficulty */
  readonly difficulty: number;
  /** Expected number of hashes to make the chain up to this block */
  readonly chainwork: string;
  /** The number of transactions in the block */
  readonly nTx: number;
  /** The hash of the previous block */
  readonly previousblockhash?: string;
  /** The hash of the next block of the main chain */
  readonly nextblockhash?: string;
  /** The block size without witness data */
  readonly strippedsize: number;
  /** The block size */
  readonly size: number;
  /** The block weight as defined in BIP-0141 */
  readonly weight: number;
  /** Coinbase transaction metadata */
  readonly coinbase_tx: {
    /** The coinbase transaction version */
    readonly version: number;
    /** The coinbase transaction's lock time */
    readonly locktime: number;
    /** The coinbase input's sequence number */
    readonly sequence: number;
    /** The coinbase input's script */
    readonly coinbase: string;
    /** The coinbase input's first (and only) witness stack element */
    readonly witness?: string;
  };
  /** The transaction ids */
  readonly tx: readonly string[];
}

export interface GetBlockResult2 {
  /** The block hash */
  readonly hash: string;
  /** The number of confirmations, or -1 if the block is not on the main chain */
  readonly confirmations: number;
  /** The block height or index */
  readonly height: number;
  /** The block version */
  readonly version: number;
  /** The block version in hexadecimal */
  readonly versionHex: string;
  /** The merkle root */
  readonly merkleroot: string;
  /** The block time in seconds since 1970 */
  readonly time: number;
  /** The median time of the last 11 blocks in seconds since 1970 */
  readonly mediantime: number;
  /** The nonce */
  readonly nonce: number;
  /** The compact form of the target */
  readonly bits: string;
  /** The difficulty target */
  readonly target: string;
  /** The difficulty */
  readonly difficulty: number;
  /** Expected number of hashes to make the chain up to this block */
  readonly chainwork: string;
  /** The number of transactions in the block */
  readonly nTx: number;
  /** The hash of the previous block */
  readonly previousblockhash?: string;
  /** The hash of the next block of the main chain */
  readonly nextblockhash?: string;
  /** The block size without witness data */
  readonly strippedsize: number;
  /** The block size */
  readonly size: number;
  /** The block weight as defined in BIP-0141 */
  readonly weight: number;
  /** Coinbase transaction metadata */
  readonly coinbase_tx: {
    /** The coinbase transaction version */
    readonly version: number;
    /** The coinbase transaction's lock time */
    readonly locktime: number;
    /** The coinbase input's sequence number */
    readonly sequence: number;
    /** The coinbase input's script */
    readonly coinbase: string;
    /** The coinbase input's first (and only) witness stack element */
    readonly witness?: string;
  };
  /** The transactions */
  readonly tx: readonly {
    /** The transaction id */
    readonly txid: string;
    /** The transaction hash (differs from txid for transactions with witness) */
    readonly hash: string;
    /** The version */
    readonly version: number;
    /** The serialized transaction size */
    readonly size: number;
    /** The virtual transaction size (differs from size for transactions with witness) */
    readonly vsize: number;
    /** The transaction's weight (between vsize*4-3 and vsize*4) */
    readonly weight: number;
    /** The lock time */
    readonly locktime: number;
    /** The inputs */
    readonly vin: readonly {
      /** The coinbase's script (only for a coinbase) */
      readonly coinbase?: string;
      /** The id of the transaction that is spent (not for a coinbase) */
      readonly txid?: string;
      /** The number of the output that is spent (not for a coinbase) */
      readonly vout?: number;
      /** The script (not for a coinbase) */
      readonly scriptSig?: {
        /** Disassembly of the signature script */
        readonly asm: string;
        /** The script's bytes */
        readonly hex: string;
      };
      /** The witness, if there is one */
      readonly txinwitness?: readonly string[];
      /** The script sequence number */
      readonly sequence: number;
    }[];
    /** The outputs */
    readonly vout: readonly {
      /** The value in coins */
      readonly value: number;
      /** The number of the output */
      readonly n: number;
      /** The output script */
      readonly scriptPubKey: {
        /** Disassembly of the output script */
        readonly asm: string;
        /** Inferred descriptor for the output */
        readonly desc: string;
        /** The raw output script bytes */
        readonly hex: string;
        /** The address, where there is one */
        readonly address?: string;
        /** The type, such as witness_v0_keyhash */
        readonly type: string;
      };
    }[];
    /** The fee in coins, omitted if block undo data is not available */
    readonly fee?: number;
    /** The serialized transaction */
    readonly hex: string;
  }[];
}

export interface GetBlockResult3 {
  /** The block hash */
  readonly hash: string;
  /** The number of confirmations, or -1 if the block is not on the main chain */
  readonly confirmations: number;
  /** The block height or index */
  readonly height: number;
  /** The block version */
  readonly version: number;
  /** The block version in hexadecimal */
  readonly versionHex: string;
  /** The merkle root */
  readonly merkleroot: string;
  /** The block time in seconds since 1970 */
  readonly time: number;
  /** The median time of the last 11 blocks in seconds since 1970 */
  readonly mediantime: number;
  /** The nonce */
  readonly nonce: number;
  /** The compact form of the target */
  readonly bits: string;
  /** The difficulty target */
  readonly target: string;
  /** The difficulty */
  readonly difficulty: number;
  /** Expected number of hashes to make the chain up to this block */
  readonly chainwork: string;
  /** The number of transactions in the block */
  readonly nTx: number;
  /** The hash of the previous block */
  readonly previousblockhash?: string;
  /** The hash of the next block of the main chain */
  readonly nextblockhash?: string;
  /** The block size without witness data */
  readonly strippedsize: number;
  /** The block size */
  readonly size: number;
  /** The block weight as defined in BIP-0141 */
  readonly weight: number;
  /** Coinbase transaction metadata */
  readonly coinbase_tx: {
    /** The coinbase transaction version */
    readonly version: number;
    /** The coinbase transaction's lock time */
    readonly locktime: number;
    /** The coinbase input's sequence number */
    readonly sequence: number;
    /** The coinbase input's script */
    readonly coinbase: string;
    /** The coinbase input's first (and only) witness stack element */
    readonly witness?: string;
  };
  /** The transactions */
  readonly tx: readonly {
    /** The transaction id */
    readonly txid: string;
    /** The transaction hash (differs from txid for transactions with witness) */
    readonly hash: string;
    /** The version */
    readonly version: number;
    /** The serialized transaction size */
    readonly size: number;
    /** The virtual transaction size (differs from size for transactions with witness) */
    readonly vsize: number;
    /** The transaction's weight (between vsize*4-3 and vsize*4) */
    readonly weight: number;
    /** The lock time */
    readonly locktime: number;
    /** The inputs */
    readonly vin: readonly {
      /** The coinbase's script (only for a coinbase) */
      readonly coinbase?: string;
      /** The id of the transaction that is spent (not for a coinbase) */
      readonly txid?: string;
      /** The number of the output that is spent (not for a coinbase) */
      readonly vout?: number;
      /** The script (not for a coinbase) */
      readonly scriptSig?: {
        /** Disassembly of the signature script */
        readonly asm: string;
        /** The script's bytes */
        readonly hex: string;
      };
      /** The witness, if there is one */
      readonly txinwitness?: readonly string[];
      /** The output that is spent, where the block's undo data is there */
      readonly prevout?: {
        /** Whether it was made by a coinbase */
        readonly generated: boolean;
        /** The height of the block that made it */
        readonly height: number;
        /** The value in coins */
        readonly value: number;
        /** The output script */
        readonly scriptPubKey: {
          /** Disassembly of the output script */
          readonly asm: string;
          /** Inferred descriptor for the output */
          readonly desc: string;
          /** The raw output script bytes */
          readonly hex: string;
          /** The address, where there is one */
          readonly address?: string;
          /** The type, such as witness_v0_keyhash */
          readonly type: string;
        };
      };
      /** The script sequence number */
      readonly sequence: number;
    }[];
    /** The outputs */
    readonly vout: readonly {
      /** The value in coins */
      readonly value: number;
      /** The number of the output */
      readonly n: number;
      /** The output script */
      readonly scriptPubKey: {
        /** Disassembly of the output script */
        readonly asm: string;
        /** Inferred descriptor for the output */
        readonly desc: string;
        /** The raw output script bytes */
        readonly hex: string;
        /** The address, where there is one */
        readonly address?: string;
        /** The type, such as witness_v0_keyhash */
        readonly type: string;
      };
    }[];
    /** The fee in coins, omitted if block undo data is not available */
    readonly fee?: number;
    /** The serialized transaction */
    readonly hex: string;
  }[];
}

export interface GetBlockFilterResult {
  /** The hex-encoded filter data */
  readonly filter: string;
  /** The hex-encoded filter header */
  readonly header: string;
}

export interface DumpTxoutSetResult {
  /** the number of coins written in the snapshot */
  readonly coins_written: number;
  /** the hash of the base of the snapshot */
  readonly base_hash: string;
  /** the height of the base of the snapshot */
  readonly base_height: number;
  /** the absolute path that the snapshot was written to */
  readonly path: string;
  /** the hash of the UTXO set contents */
  readonly txoutset_hash: string;
  /** the number of transactions in the chain up to and including the base block */
  readonly nchaintx: number;
}

export interface GetBlockchainInfoResult {
  /** The network: main, testnet4, signet, regtest, or devnet */
  readonly chain: string;
  /** The height of the most-work fully-validated chain */
  readonly blocks: number;
  /** The height of the header with most work */
  readonly headers: number;
  /** The hash of the best block */
  readonly bestblockhash: string;
  /** The compact form of the tip's target */
  readonly bits: string;
  /** The difficulty target of the tip */
  readonly target: string;
  /** The difficulty of the tip */
  readonly difficulty: number;
  /** The time of the tip in seconds since 1970 */
  readonly time: number;
  /** The median time of the last 11 blocks in seconds since 1970 */
  readonly mediantime: number;
  /** How much of the chain is verified, from 0 to 1 */
  readonly verificationprogress: number;
  /** Whether the node is catching up for the first time */
  readonly initialblockdownload: boolean;
  /** The expected number of hashes of the best chain */
  readonly chainwork: string;
  /** The estimated size of the block and undo files on disk */
  readonly size_on_disk: number;
  /** Whether the bodies of old blocks are deleted */
  readonly pruned: boolean;
  /** The height of the first block that is here (only where blocks are pruned) */
  readonly pruneheight?: number;
  /** Whether that happens by itself (only where blocks are pruned) */
  readonly automatic_pruning?: boolean;
  /** The bytes that it keeps to (only if it happens by itself) */
  readonly prune_target_size?: number;
  /** The block challenge (only on a signet) */
  readonly signet_challenge?: string;
  /** Warnings for the operator */
  readonly warnings: readonly string[];
}

export interface GetBlockHeaderResult0 {
  /** The block hash */
  readonly hash: string;
  /** The number of confirmations, or -1 if the block is not on the main chain */
  readonly confirmations: number;
  /** The block height or index */
  readonly height: number;
  /** The block version */
  readonly version: number;
  /** The block version in hexadecimal */
  readonly versionHex: string;
  /** The merkle root */
  readonly merkleroot: string;
  /** The block time in seconds since 1970 */
  readonly time: number;
  /** The median time of the last 11 blocks in seconds since 1970 */
  readonly mediantime: number;
  /** The nonce */
  readonly nonce: number;
  /** The compact form of the target */
  readonly bits: string;
  /** The difficulty target */
  readonly target: string;
  /** The difficulty */
  readonly difficulty: number;
  /** Expected number of hashes to make the chain up to this block */
  readonly chainwork: string;
  /** The number of transactions in the block */
  readonly nTx: number;
  /** The hash of the previous block */
  readonly previousblockhash?: string;
  /** The hash of the next block of the main chain */
  readonly nextblockhash?: string;
}

export interface GetBlockStatsResult {
  /** Average fee in the block */
  readonly avgfee?: number;
  /** Average feerate (in satoshis per virtual byte) */
  readonly avgfeerate?: number;
  /** Average transaction size */
  readonly avgtxsize?: number;
  /** The block hash (to check for potential reorgs) */
  readonly blockhash?: string;
  /** Feerates at the 10th, 25th, 50th, 75th, and 90th percentile weight unit */
  readonly feerate_percentiles?: readonly number[];
  /** The height of the block */
  readonly height?: number;
  /** The number of inputs (excluding coinbase) */
  readonly ins?: number;
  /** Maximum fee in the block */
  readonly maxfee?: number;
  /** Maximum feerate (in satoshis per virtual byte) */
  readonly maxfeerate?: number;
  /** Maximum transaction size */
  readonly maxtxsize?: number;
  /** Truncated median fee in the block */
  readonly medianfee?: number;
  /** The block median time past */
  readonly mediantime?: number;
  /** Truncated median transaction size */
  readonly mediantxsize?: number;
  /** Minimum fee in the block */
  readonly minfee?: number;
  /** Minimum feerate (in satoshis per virtual byte) */
  readonly minfeerate?: number;
  /** Minimum transaction size */
  readonly mintxsize?: number;
  /** The number of outputs */
  readonly outs?: number;
  /** The block subsidy */
  readonly subsidy?: number;
  /** Total size of all segwit transactions */
  readonly swtotal_size?: number;
  /** Total weight of all segwit transactions */
  readonly swtotal_weight?: number;
  /** The number of segwit transactions */
  readonly swtxs?: number;
  /** The block time */
  readonly time?: number;
  /** Total amount in all outputs (excluding coinbase) */
  readonly total_out?: number;
  /** Total size of all non-coinbase transactions */
  readonly total_size?: number;
  /** Total weight of all non-coinbase transactions */
  readonly total_weight?: number;
  /** The fee total */
  readonly totalfee?: number;
  /** The number of transactions (including coinbase) */
  readonly txs?: number;
  /** The increase in the number of outputs, unspendable ones included */
  readonly utxo_increase?: number;
  /** The increase in size for the utxo index, unspendable ones included */
  readonly utxo_size_inc?: number;
  /** The increase in the number of outputs, without unspendable ones */
  readonly utxo_increase_actual?: number;
  /** The increase in size for the utxo index, without unspendable ones */
  readonly utxo_size_inc_actual?: number;
}

export interface GetChainStatesResult {
  /** the number of headers seen so far */
  readonly headers: number;
  /** list of the chainstates ordered by work, with the most-work (active) chainstate last */
  readonly chainstates: readonly {
    /** number of blocks in this chainstate */
    readonly blocks: number;
    /** blockhash of the tip */
    readonly bestblockhash: string;
    /** nBits: compact representation of the block difficulty target */
    readonly bits: string;
    /** The difficulty target */
    readonly target: string;
    /** difficulty of the tip */
    readonly difficulty: number;
    /** progress towards the network tip */
    readonly verificationprogress: number;
    /** the base block of the snapshot this chainstate is based on, if any */
    readonly snapshot_blockhash?: string;
    /** size of the coinsdb cache; 0: LevelDB has its own */
    readonly coins_db_cache_bytes: number;
    /** size of the coinstip cache; 0: there is none */
    readonly coins_tip_cache_bytes: number;
    /** whether the chainstate is fully validated */
    readonly validated: boolean;
  }[];
}

export type GetChainTipsResult = readonly {
  /** The height of the end */
  readonly height: number;
  /** The block hash of the end */
  readonly hash: string;
  /** How many blocks of the branch are not in the main chain */
  readonly branchlen: number;
  /** The status of the branch: "invalid": it contains an invalid block "headers-only": bodies are missing "valid-headers": all bodies are here and were never connected "valid-fork": it once was the main chain, or a part of it "active": it is the main chain */
  readonly status: "active" | "valid-fork" | "valid-headers" | "headers-only" | "invalid";
}[];

export interface GetChaintxStatsResult {
  /** The time of the final block in the window, in seconds since 1970 */
  readonly time: number;
  /** The total number of transactions in the chain up to that point */
  readonly txcount?: number;
  /** The hash of the final block in the window */
  readonly window_final_block_hash: string;
  /** The height of the final block in the window */
  readonly window_final_block_height: number;
  /** Size of the window in number of blocks */
  readonly window_block_count: number;
  /** The elapsed time in the window in seconds */
  readonly window_interval?: number;
  /** The number of transactions in the window */
  readonly window_tx_count?: number;
  /** The average rate of transactions per second in the window */
  readonly txrate?: number;
}

export interface GetDeploymentInfoResult {
  /** Requested block hash (or tip) */
  readonly hash: string;
  /** Requested block height (or tip) */
  readonly height: number;
  /** Script verify flags for the block */
  readonly script_flags: readonly string[];
  /** Deployments by name */
  readonly deployments: Readonly<Record<string, {
    /** One of "buried", "bip9" */
    readonly type: string;
    /** Height of the first block with the rules */
    readonly height?: number;
    /** True if the rules are enforced for the mempool and the next block */
    readonly active: boolean;
    /** Its status (only for bip9) */
    readonly bip9?: {
      /** The bit of block versions that signals (while it counts) */
      readonly bit?: number;
      /** The median time past from which the bit counts */
      readonly start_time: number;
      /** The median time past at which the deployment fails */
      readonly timeout: number;
      /** Least height of blocks with the rules */
      readonly min_activation_height: number;
      /** Its status for this block */
      readonly status: string;
      /** Height of the first block to which the status applies */
      readonly since: number;
      /** Its status for the next block */
      readonly status_next: string;
      /** Signals of the period */
      readonly statistics?: {
        /** The length in blocks of the signalling period */
        readonly period: number;
        /** The blocks of the period up to this one */
        readonly elapsed: number;
        /** Those of them that signal */
        readonly count: number;
        /** How many must signal */
        readonly threshold?: number;
        /** Whether enough blocks are left in the period */
        readonly possible?: boolean;
      };
      /** Blocks of the period: # signals, - does not */
      readonly signalling?: string;
    };
  }>>;
}

export interface GetDescriptorActivityResult {
  /** Events */
  readonly activity: readonly {
    /** 'spend' or 'receive' */
    readonly type: string;
    /** The amount of the output that is spent or received */
    readonly amount: number;
    /** The block that it is in (omitted if unconfirmed) */
    readonly blockhash?: string;
    /** The height of that block (omitted if unconfirmed) */
    readonly height?: number;
    /** The txid of the spending transaction */
    readonly spend_txid?: string;
    /** The input index of the spend */
    readonly spend_vin?: number;
    /** The txid of the prevout */
    readonly prevout_txid?: string;
    /** The vout of the prevout */
    readonly prevout_vout?: number;
    /** The output script */
    readonly prevout_spk?: {
      /** Disassembly of the output script */
      readonly asm: string;
      /** Inferred descriptor for the output */
      readonly desc: string;
      /** The raw output script bytes */
      readonly hex: string;
      /** The address, where there is one */
      readonly address?: string;
      /** The type, such as witness_v0_keyhash */
      readonly type: string;
    };
    /** The txid of the receiving transaction */
    readonly txid?: string;
    /** The vout of the receiving output */
    readonly vout?: number;
    /** The output script */
    readonly output_spk?: {
      /** Disassembly of the output script */
      readonly asm: string;
      /** Inferred descriptor for the output */
      readonly desc: string;
      /** The raw output script bytes */
      readonly hex: string;
      /** The address, where there is one */
      readonly address?: string;
      /** The type, such as witness_v0_keyhash */
      readonly type: string;
    };
  }[];
}

export type GetMempoolAncestorsResult1 = Readonly<Record<string, {
  /** Virtual transaction size, for which sigops count as well */
  readonly vsize: number;
  /** Transaction weight as defined in BIP-0141 */
  readonly weight: number;
  /** When it entered the mempool, in seconds since 1970 */
  readonly time: number;
  /** The height of the chain when it entered the mempool */
  readonly height: number;
  /** Number of descendants in the mempool, this one included */
  readonly descendantcount: number;
  /** Virtual size of descendants in the mempool, this one included */
  readonly descendantsize: number;
  /** Number of ancestors in the mempool, this one included */
  readonly ancestorcount: number;
  /** Virtual size of ancestors in the mempool, this one included */
  readonly ancestorsize: number;
  /** Hash of the transaction with its witness */
  readonly wtxid: string;
  readonly fees: {
    /** The fee, in coins */
    readonly base: number;
    /** The fee with deltas that mining prefers it by, in coins */
    readonly modified: number;
    /** Modified fees of ancestors in the mempool, this one included, in coins */
    readonly ancestor: number;
    /** Modified fees of descendants in the mempool, this one included, in coins */
    readonly descendant: number;
  };
  /** Unconfirmed transactions that it spends */
  readonly depends: readonly string[];
  /** Unconfirmed transactions that spend it */
  readonly spentby: readonly string[];
  /** Whether it, or an unconfirmed ancestor, signals that it may be replaced */
  readonly "bip125-replaceable": boolean;
  /** Whether it is our own and no peer has shown to know it yet */
  readonly unbroadcast: boolean;
}>>;

export type GetMempoolDescendantsResult1 = Readonly<Record<string, {
  /** Virtual transaction size, for which sigops count as well */
  readonly vsize: number;
  /** Transaction weight as defined in BIP-0141 */
  readonly weight: number;
  /** When it entered the mempool, in seconds since 1970 */
  readonly time: number;
  /** The height of the chain when it entered the mempool */
  readonly height: number;
  /** Number of descendants in the mempool, this one included */
  readonly descendantcount: number;
  /** Virtual size of descendants in the mempool, this one included */
  readonly descendantsize: number;
  /** Number of ancestors in the mempool, this one included */
  readonly ancestorcount: number;
  /** Virtual size of ancestors in the mempool, this one included */
  readonly ancestorsize: number;
  /** Hash of the transaction with its witness */
  readonly wtxid: string;
  readonly fees: {
    /** The fee, in coins */
    readonly base: number;
    /** The fee with deltas that mining prefers it by, in coins */
    readonly modified: number;
    /** Modified fees of ancestors in the mempool, this one included, in coins */
    readonly ancestor: number;
    /** Modified fees of descendants in the mempool, this one included, in coins */
    readonly descendant: number;
  };
  /** Unconfirmed transactions that it spends */
  readonly depends: readonly string[];
  /** Unconfirmed transactions that spend it */
  readonly spentby: readonly string[];
  /** Whether it, or an unconfirmed ancestor, signals that it may be replaced */
  readonly "bip125-replaceable": boolean;
  /** Whether it is our own and no peer has shown to know it yet */
  readonly unbroadcast: boolean;
}>>;

export interface GetMempoolEntryResult {
  /** Virtual transaction size, for which sigops count as well */
  readonly vsize: number;
  /** Transaction weight as defined in BIP-0141 */
  readonly weight: number;
  /** When it entered the mempool, in seconds since 1970 */
  readonly time: number;
  /** The height of the chain when it entered the mempool */
  readonly height: number;
  /** Number of descendants in the mempool, this one included */
  readonly descendantcount: number;
  /** Virtual size of descendants in the mempool, this one included */
  readonly descendantsize: number;
  /** Number of ancestors in the mempool, this one included */
  readonly ancestorcount: number;
  /** Virtual size of ancestors in the mempool, this one included */
  readonly ancestorsize: number;
  /** Hash of the transaction with its witness */
  readonly wtxid: string;
  readonly fees: {
    /** The fee, in coins */
    readonly base: number;
    /** The fee with deltas that mining prefers it by, in coins */
    readonly modified: number;
    /** Modified fees of ancestors in the mempool, this one included, in coins */
    readonly ancestor: number;
    /** Modified fees of descendants in the mempool, this one included, in coins */
    readonly descendant: number;
  };
  /** Unconfirmed transactions that it spends */
  readonly depends: readonly string[];
  /** Unconfirmed transactions that spend it */
  readonly spentby: readonly string[];
  /** Whether it, or an unconfirmed ancestor, signals that it may be replaced */
  readonly "bip125-replaceable": boolean;
  /** Whether it is our own and no peer has shown to know it yet */
  readonly unbroadcast: boolean;
}

export interface GetMempoolInfoResult {
  /** Whether the transactions of the last run have been loaded */
  readonly loaded: boolean;
  /** Number of transactions */
  readonly size: number;
  /** Sum of all virtual transaction sizes */
  readonly bytes: number;
  /** Total memory usage, in bytes as Core counts them */
  readonly usage: number;
  /** Total fees, in coins, without deltas of priorities */
  readonly total_fee: number;
  /** Maximum memory usage, in bytes */
  readonly maxmempool: number;
  /** Least fee rate for a transaction to be accepted, in coins/kvB */
  readonly mempoolminfee: number;
  /** Current minimum relay fee rate, in coins/kvB */
  readonly minrelaytxfee: number;
  /** Minimum fee rate increment for replacement, in coins/kvB */
  readonly incrementalrelayfee: number;
  /** Number of our own transactions that no peer has shown to know */
  readonly unbroadcastcount: number;
  /** Whether all transactions may be replaced, whatever they signal */
  readonly fullrbf: boolean;
  /** Whether transactions with bare multisig outputs are relayed */
  readonly permitbaremultisig: boolean;
  /** Most bytes of an output script that begins with OP_RETURN */
  readonly maxdatacarriersize: number;
}

export type GetRawMempoolResult1 = Readonly<Record<string, {
  /** Virtual transaction size, for which sigops count as well */
  readonly vsize: number;
  /** Transaction weight as defined in BIP-0141 */
  readonly weight: number;
  /** When it entered the mempool, in seconds since 1970 */
  readonly time: number;
  /** The height of the chain when it entered the mempool */
  readonly height: number;
  /** Number of descendants in the mempool, this one included */
  readonly descendantcount: number;
  /** Virtual size of descendants in the mempool, this one included */
  readonly descendantsize: number;
  /** Number of ancestors in the mempool, this one included */
  readonly ancestorcount: number;
  /** Virtual size of ancestors in the mempool, this one included */
  readonly ancestorsize: number;
  /** Hash of the transaction with its witness */
  readonly wtxid: string;
  readonly fees: {
    /** The fee, in coins */
    readonly base: number;
    /** The fee with deltas that mining prefers it by, in coins */
    readonly modified: number;
    /** Modified fees of ancestors in the mempool, this one included, in coins */
    readonly ancestor: number;
    /** Modified fees of descendants in the mempool, this one included, in coins */
    readonly descendant: number;
  };
  /** Unconfirmed transactions that it spends */
  readonly depends: readonly string[];
  /** Unconfirmed transactions that spend it */
  readonly spentby: readonly string[];
  /** Whether it, or an unconfirmed ancestor, signals that it may be replaced */
  readonly "bip125-replaceable": boolean;
  /** Whether it is our own and no peer has shown to know it yet */
  readonly unbroadcast: boolean;
}>>;

export interface GetRawMempoolResult2 {
  /** The transactions */
  readonly txids: readonly string[];
  /** Counts up with each change of the mempool or of the chain */
  readonly mempool_sequence: number;
}

export interface GetTxoutResult1 {
  /** The hash of the block at the tip of the chain */
  readonly bestblock: string;
  /** The number of confirmations */
  readonly confirmations: number;
  /** The value in coins */
  readonly value: number;
  /** The output script */
  readonly scriptPubKey: {
    /** Disassembly of the output script */
    readonly asm: string;
    /** Inferred descriptor for the output */
    readonly desc: string;
    /** The raw output script bytes */
    readonly hex: string;
    /** The address, where there is one */
    readonly address?: string;
    /** The type, such as witness_v0_keyhash */
    readonly type: string;
  };
  /** Coinbase or not */
  readonly coinbase: boolean;
}

export interface GetTxoutSetInfoResult {
  /** The height of the block that these statistics are of */
  readonly height: number;
  /** The hash of that block */
  readonly bestblock: string;
  /** The number of unspent transaction outputs */
  readonly txouts: number;
  /** Database-independent, meaningless metric indicating the UTXO set size */
  readonly bogosize: number;
  /** The serialized hash (only if it is chosen) */
  readonly hash_serialized_3?: string;
  /** The serialized hash (only if it is chosen) */
  readonly muhash?: string;
  /** The number of transactions with unspent outputs (not if coinstatsindex is used) */
  readonly transactions?: number;
  /** The estimated size of the chainstate on disk (not if coinstatsindex is used) */
  readonly disk_size?: number;
  /** The total amount of coins in the UTXO set */
  readonly total_amount: number;
  /** The total amount of coins permanently excluded from the UTXO set (only if coinstatsindex is used) */
  readonly total_unspendable_amount?: number;
  /** Info on amounts in the block at this block height (only if coinstatsindex is used) */
  readonly block_info?: {
    /** Total amount of all prevouts spent in this block */
    readonly prevout_spent: number;
    /** Coinbase subsidy amount of this block */
    readonly coinbase: number;
    /** Total amount of new outputs created by this block */
    readonly new_outputs_ex_coinbase: number;
    /** Total amount of unspendable outputs created in this block */
    readonly unspendable: number;
    /** Detailed view of the unspendable categories */
    readonly unspendables: {
      /** The unspendable amount of the Genesis block subsidy */
      readonly genesis_block: number;
      /** Transactions overridden by duplicates (no longer possible with BIP30) */
      readonly bip30: number;
      /** Amounts sent to scripts that are unspendable (for example OP_RETURN outputs) */
      readonly scripts: number;
      /** Fee rewards that miners did not claim in their coinbase transaction */
      readonly unclaimed_rewards: number;
    };
  };
}

export type GetTxSpendingPrevOutResult = readonly {
  /** The transaction id of the checked output */
  readonly txid: string;
  /** The number of the checked output */
  readonly vout: number;
  /** The transaction that spends it */
  readonly spendingtxid?: string;
  /** The block of that transaction, where it is confirmed */
  readonly blockhash?: string;
  /** That transaction whole (only if return_spending_tx is set) */
  readonly spendingtx?: string;
}[];

export interface LoadTxoutSetResult {
  /** the number of coins loaded from the snapshot */
  readonly coins_loaded: number;
  /** the hash of the base of the snapshot */
  readonly tip_hash: string;
  /** the height of the base of the snapshot */
  readonly base_height: number;
  /** the absolute path that the snapshot was loaded from */
  readonly path: string;
}

export interface ScanBlocksResult1 {
  /** The height we started the scan from */
  readonly from_height: number;
  /** The height we ended the scan at */
  readonly to_height: number;
  /** Blocks that may have matched a scanobject */
  readonly relevant_blocks: readonly string[];
  /** True if the scan process was not aborted */
  readonly completed: boolean;
}

export interface ScanBlocksResult2 {
  /** Approximate percent complete */
  readonly progress: number;
  /** Height of the block currently being scanned */
  readonly current_height: number;
}

export interface SaveMempoolResult {
  /** the directory and file where the mempool was saved */
  readonly filename: string;
}

export interface ScanTxoutSetResult0 {
  /** Whether the scan was completed */
  readonly success: boolean;
  /** The number of unspent transaction outputs scanned */
  readonly txouts: number;
  /** The block height at which the scan was done */
  readonly height: number;
  /** The hash of the block at the tip of the chain */
  readonly bestblock: string;
  /** The outputs that were found */
  readonly unspents: readonly {
    /** The transaction id */
    readonly txid: string;
    /** The vout value */
    readonly vout: number;
    /** The output script */
    readonly scriptPubKey: string;
    /** A specialized descriptor for the matched output script */
    readonly desc: string;
    /** The value of the unspent output */
    readonly amount: number;
    /** Whether this is a coinbase output */
    readonly coinbase: boolean;
    /** Height of the unspent transaction output */
    readonly height: number;
    /** Blockhash of the unspent transaction output */
    readonly blockhash: string;
    /** Number of confirmations when the scan was done */
    readonly confirmations: number;
  }[];
  /** The total amount of all found unspent outputs */
  readonly total_amount: number;
}

export interface ScanTxoutSetResult2 {
  /** Approximate percent complete */
  readonly progress: number;
}

export interface AnalyzePsbtResult {
  /** The inputs */
  readonly inputs?: readonly {
    /** Whether a UTXO is provided */
    readonly has_utxo: boolean;
    /** Whether the input is finalized */
    readonly is_final: boolean;
    /** Things that are missing that are required to complete this input */
    readonly missing?: {
      /** Keys whose derivation path is missing */
      readonly pubkeys?: readonly string[];
      /** Keys whose signature is missing */
      readonly signatures?: readonly string[];
      /** Hash160 of the redeem script that is missing */
      readonly redeemscript?: string;
      /** SHA256 of the witness script that is missing */
      readonly witnessscript?: string;
    };
    /** Role of the next person that this input needs to go to */
    readonly next?: string;
  }[];
  /** Estimated vsize of the final signed transaction */
  readonly estimated_vsize?: number;
  /** Estimated feerate of the final signed transaction in coins/kvB */
  readonly estimated_feerate?: number;
  /** The transaction fee paid */
  readonly fee?: number;
  /** Role of the next person that this psbt needs to go to */
  readonly next: string;
  /** Error message (if there is one) */
  readonly error?: string;
}

export interface WaitForBlockResult {
  /** The block hash */
  readonly hash: string;
  /** Block height */
  readonly height: number;
}

export interface WaitForBlockHeightResult {
  /** The block hash */
  readonly hash: string;
  /** Block height */
  readonly height: number;
}

export interface WaitForNewBlockResult {
  /** The block hash */
  readonly hash: string;
  /** Block height */
  readonly height: number;
}

export interface GetNodeInfoResult {
  /** The number of the node on this machine */
  readonly node_id: number;
  /** The network */
  readonly network: string;
  /** The challenge of a signet of one's own */
  readonly signet_challenge?: string;
  /** The seconds between its blocks, where they are not usual */
  readonly signet_blocktime?: number;
  /** The purpose of the node */
  readonly role: string;
  /** The number of its process */
  readonly pid: number;
  /** Seconds since it was started */
  readonly uptime: number;
  /** The height of the tip */
  readonly height: number;
  /** The height of the best header: above height while blocks are missing */
  readonly headers: number;
  /** The hash of the tip */
  readonly bestblockhash: string;
  /** The whole genesis block */
  readonly genesis: string;
  /** The number of inbound connections */
  readonly connections_in: number;
  /** The number of outbound connections */
  readonly connections_out: number;
  /** The number of unconfirmed transactions */
  readonly mempool: number;
  /** Which backend checks signatures: native, wasm or noble; none of a light node */
  readonly signatures: string;
  /** Warnings for the operator */
  readonly warnings: readonly string[];
}

export interface GetScriptBalanceResult {
  /** The height of the last block that is counted */
  readonly height: number;
  /** Its hash */
  readonly bestblock: string;
  /** In blocks of the best chain */
  readonly confirmed: {
    /** How many transactions touch the script */
    readonly transactions: number;
    /** How many outputs pay it */
    readonly funded_count: number;
    /** Their value */
    readonly funded: number;
    /** How many inputs spend such outputs */
    readonly spent_count: number;
    /** The value of these */
    readonly spent: number;
    /** The difference of both values */
    readonly balance: number;
  };
  /** In the mempool, on top of that */
  readonly unconfirmed: {
    /** How many transactions touch the script */
    readonly transactions: number;
    /** How many outputs pay it */
    readonly funded_count: number;
    /** Their value */
    readonly funded: number;
    /** How many inputs spend such outputs */
    readonly spent_count: number;
    /** The value of these */
    readonly spent: number;
    /** The difference of both values */
    readonly balance: number;
  };
}

export interface GetScriptHistoryResult {
  /** The height of the last block that is counted */
  readonly height: number;
  /** Its hash */
  readonly bestblock: string;
  /** Transactions of the best chain, in its order */
  readonly confirmed: readonly {
    /** The transaction id */
    readonly txid: string;
    /** The height of its block */
    readonly height: number;
    /** How many transactions of the block come before it */
    readonly position: number;
    /** The outputs that pay the script */
    readonly funding: readonly {
      /** The output number */
      readonly vout: number;
      /** The value */
      readonly value: number;
    }[];
    /** The inputs that spend outputs of the script */
    readonly spending: readonly {
      /** The input number */
      readonly vin: number;
      /** The value */
      readonly value: number;
    }[];
  }[];
  /** To be given as after for the next part, where there is one */
  readonly next?: {
    /** The height of its block */
    readonly height: number;
    /** How many transactions of the block come before it */
    readonly position: number;
  };
  /** Transactions of the mempool, with the first part alone */
  readonly unconfirmed: readonly {
    /** The transaction id */
    readonly txid: string;
    /** 0; -1 where it spends an output of another unconfirmed transaction */
    readonly height: number;
    /** Its fee */
    readonly fee: number;
    /** The outputs that pay the script */
    readonly funding: readonly {
      /** The output number */
      readonly vout: number;
      /** The value */
      readonly value: number;
    }[];
    /** The inputs that spend outputs of the script */
    readonly spending: readonly {
      /** The input number */
      readonly vin: number;
      /** The value */
      readonly value: number;
    }[];
  }[];
}

export interface ListUnspentByScriptResult {
  /** The height of the tip */
  readonly height: number;
  /** The outputs */
  readonly coins: readonly {
    /** The transaction id */
    readonly txid: string;
    /** The output number */
    readonly vout: number;
    /** The value */
    readonly amount: number;
    /** The height of its block; of the next one while it is unconfirmed */
    readonly height: number;
    /** Whether a coinbase made it */
    readonly coinbase: boolean;
    /** Whether it is unconfirmed */
    readonly pending: boolean;
  }[];
}

export interface WatchScriptsResult {
  /** The first block that is searched for them */
  readonly height: number;
  /** The scripts that are watched now */
  readonly watched: number;
}

export interface GetMemoryInfoResult {
  /** Memory that is never swapped to the disk: JavaScript can lock none */
  readonly locked: {
    /** Number of bytes used */
    readonly used: number;
    /** Number of bytes available in current arenas */
    readonly free: number;
    /** Total number of bytes managed */
    readonly total: number;
    /** Amount of bytes that succeeded locking */
    readonly locked: number;
    /** Number allocated chunks */
    readonly chunks_used: number;
    /** Number unused chunks */
    readonly chunks_free: number;
  };
}

export interface GetRpcInfoResult {
  /** All calls in progress, this one included */
  readonly active_commands: readonly {
    /** The name of the method */
    readonly method: string;
    /** The running time in microseconds */
    readonly duration: number;
  }[];
  /** The complete file path to the debug log */
  readonly logpath: string;
}

export interface AddConnectionResult {
  /** Address of newly added connection. */
  readonly address: string;
  /** Type of connection opened. */
  readonly connection_type: string;
}

export interface AddPeerAddressResult {
  /** Whether the peer address was successfully added to the address manager table */
  readonly success: boolean;
  /** Error description, if the address could not be added */
  readonly error?: string;
}

export type ChainAccountsResult = readonly {
  /** Its number: the third step of its paths */
  readonly index: number;
  /** The address that has its funds */
  readonly address: string;
  /** The private key of that */
  readonly wif: string;
  /** Its addresses by type */
  readonly addresses: Readonly<Record<string, string>>;
  /** Its descriptors by type of address */
  readonly descriptors: Readonly<Record<string, {
    /** The descriptor of addresses for payers, with its private key */
    readonly receive: string;
    /** The same for change */
    readonly change: string;
  }>>;
  /** Confirmed coins at that address */
  readonly balance: number;
}[];

export interface ChainFundResult {
  /** The transaction id */
  readonly txid: string;
  /** The output index */
  readonly vout: number;
  /** The height of the block */
  readonly height: number;
  /** The hash of the block */
  readonly blockhash: string;
}

export interface ChainInfoResult {
  /** The words that the accounts come from */
  readonly mnemonic: string;
  /** How many have funds */
  readonly accounts: number;
  /** The time of the chain */
  readonly time: number;
  /** When blocks are mined by themselves, as chain_setautomine takes it */
  readonly automine: unknown;
  /** Where programs can call */
  readonly doors: Readonly<Record<string, string>>;
}

export interface ChainReorgResult {
  /** The height of the last block that both branches have */
  readonly forkheight: number;
  /** The old blocks */
  readonly disconnected: readonly string[];
  /** The new blocks */
  readonly connected: readonly string[];
}

export interface EstimateRawFeeResult {
  /** Estimate for short time horizon */
  readonly short?: {
    /** Estimated fee rate, in coins/kvB */
    readonly feerate?: number;
    /** Exponential decay (per block) for historical moving average of confirmation data */
    readonly decay: number;
    /** The resolution of confirmation targets at this time horizon */
    readonly scale: number;
    /** Information about the lowest range of feerates to succeed in meeting the threshold */
    readonly pass?: {
      /** Start of feerate range */
      readonly startrange: number;
      /** End of feerate range */
      readonly endrange: number;
      /** Number of txs over history horizon in the feerate range that were confirmed within target */
      readonly withintarget: number;
      /** Number of txs over history horizon in the feerate range that were confirmed at any point */
      readonly totalconfirmed: number;
      /** Current number of txs in mempool in the feerate range unconfirmed for at least target blocks */
      readonly inmempool: number;
      /** Number of txs over history horizon in the feerate range that left mempool unconfirmed after target */
      readonly leftmempool: number;
    };
    /** Information about the highest range of feerates to fail to meet the threshold */
    readonly fail?: {
      /** Start of feerate range */
      readonly startrange: number;
      /** End of feerate range */
      readonly endrange: number;
      /** Number of txs over history horizon in the feerate range that were confirmed within target */
      readonly withintarget: number;
      /** Number of txs over history horizon in the feerate range that were confirmed at any point */
      readonly totalconfirmed: number;
      /** Current number of txs in mempool in the feerate range unconfirmed for at least target blocks */
      readonly inmempool: number;
      /** Number of txs over history horizon in the feerate range that left mempool unconfirmed after target */
      readonly leftmempool: number;
    };
    /** Errors encountered during processing, if any */
    readonly errors?: readonly string[];
  };
  /** Estimate for medium time horizon */
  readonly medium?: {
    /** Estimated fee rate, in coins/kvB */
    readonly feerate?: number;
    /** Exponential decay (per block) for historical moving average of confirmation data */
    readonly decay: number;
    /** The resolution of confirmation targets at this time horizon */
    readonly scale: number;
    /** Information about the lowest range of feerates to succeed in meeting the threshold */
    readonly pass?: {
      /** Start of feerate range */
      readonly startrange: number;
      /** End of feerate range */
      readonly endrange: number;
      /** Number of txs over history horizon in the feerate range that were confirmed within target */
      readonly withintarget: number;
      /** Number of txs over history horizon in the feerate range that were confirmed at any point */
      readonly totalconfirmed: number;
      /** Current number of txs in mempool in the feerate range unconfirmed for at least target blocks */
      readonly inmempool: number;
      /** Number of txs over history horizon in the feerate range that left mempool unconfirmed after target */
      readonly leftmempool: number;
    };
    /** Information about the highest range of feerates to fail to meet the threshold */
    readonly fail?: {
      /** Start of feerate range */
      readonly startrange: number;
      /** End of feerate range */
      readonly endrange: number;
      /** Number of txs over history horizon in the feerate range that were confirmed within target */
      readonly withintarget: number;
      /** Number of txs over history horizon in the feerate range that were confirmed at any point */
      readonly totalconfirmed: number;
      /** Current number of txs in mempool in the feerate range unconfirmed for at least target blocks */
      readonly inmempool: number;
      /** Number of txs over history horizon in the feerate range that left mempool unconfirmed after target */
      readonly leftmempool: number;
    };
    /** Errors encountered during processing, if any */
    readonly errors?: readonly string[];
  };
  /** Estimate for long time horizon */
  readonly long?: {
    /** Estimated fee rate, in coins/kvB */
    readonly feerate?: number;
    /** Exponential decay (per block) for historical moving average of confirmation data */
    readonly decay: number;
    /** The resolution of confirmation targets at this time horizon */
    readonly scale: number;
    /** Information about the lowest range of feerates to succeed in meeting the threshold */
    readonly pass?: {
      /** Start of feerate range */
      readonly startrange: number;
      /** End of feerate range */
      readonly endrange: number;
      /** Number of txs over history horizon in the feerate range that were confirmed within target */
      readonly withintarget: number;
      /** Number of txs over history horizon in the feerate range that were confirmed at any point */
      readonly totalconfirmed: number;
      /** Current number of txs in mempool in the feerate range unconfirmed for at least target blocks */
      readonly inmempool: number;
      /** Number of txs over history horizon in the feerate range that left mempool unconfirmed after target */
      readonly leftmempool: number;
    };
    /** Information about the highest range of feerates to fail to meet the threshold */
    readonly fail?: {
      /** Start of feerate range */
      readonly startrange: number;
      /** End of feerate range */
      readonly endrange: number;
      /** Number of txs over history horizon in the feerate range that were confirmed within target */
      readonly withintarget: number;
      /** Number of txs over history horizon in the feerate range that were confirmed at any point */
      readonly totalconfirmed: number;
      /** Current number of txs in mempool in the feerate range unconfirmed for at least target blocks */
      readonly inmempool: number;
      /** Number of txs over history horizon in the feerate range that left mempool unconfirmed after target */
      readonly leftmempool: number;
    };
    /** Errors encountered during processing, if any */
    readonly errors?: readonly string[];
  };
}

export type GetRawAddrManResult = Readonly<Record<string, Readonly<Record<string, {
  /** The address of the node */
  readonly address: string;
  /** The port number of the node */
  readonly port: number;
  /** The services offered by the node */
  readonly services: number;
  /** When the node was last seen, in seconds since 1970 */
  readonly time: number;
  /** The network (ipv4, ipv6) of the address */
  readonly network: string;
  /** The address that relayed the address to us */
  readonly source: string;
  /** The network (ipv4, ipv6) of the source address */
  readonly source_network: string;
}>>>>;

export interface GenerateBlockResult {
  /** Hash of generated block */
  readonly hash: string;
  /** The block, only present when submit=false */
  readonly hex?: string;
}

export interface GetBlockTemplateResult2 {
  /** The features that this server supports */
  readonly capabilities: readonly string[];
  /** The preferred block version */
  readonly version: number;
  /** Specific block rules that are to be enforced */
  readonly rules: readonly string[];
  /** Deployments that can be signalled for */
  readonly vbavailable: Readonly<Record<string, number>>;
  /** Bit mask of versionbits the server requires set in submissions */
  readonly vbrequired: number;
  /** The hash of current highest block */
  readonly previousblockhash: string;
  /** Non-coinbase transactions that should be included in the next block */
  readonly transactions: readonly {
    /** The transaction */
    readonly data: string;
    /** Its id */
    readonly txid: string;
    /** Its hash with witness data */
    readonly hash: string;
    /** Transactions that have to come before it */
    readonly depends: readonly number[];
    /** The fee that it pays, in satoshis */
    readonly fee: number;
    /** Total SigOps cost, as counted for purposes of block limits */
    readonly sigops: number;
    /** Total transaction weight */
    readonly weight: number;
  }[];
  /** Data that should be included in the coinbase */
  readonly coinbaseaux: Readonly<Record<string, string>>;
  /** Most that the coinbase may pay, in satoshis */
  readonly coinbasevalue: number;
  /** For the next request, to wait for another template */
  readonly longpollid: string;
  /** The hash target */
  readonly target: string;
  /** The minimum timestamp for the next block time */
  readonly mintime: number;
  /** Ways that are allowed */
  readonly mutable: readonly string[];
  /** A range of valid nonces */
  readonly noncerange: string;
  /** Limit of sigops in blocks */
  readonly sigoplimit: number;
  /** Limit of block size */
  readonly sizelimit: number;
  /** Limit of block weight */
  readonly weightlimit?: number;
  /** Current timestamp in seconds since 1970 */
  readonly curtime: number;
  /** Compressed target of next block */
  readonly bits: string;
  /** The height of the next block */
  readonly height: number;
  /** The signet challenge (only on a signet) */
  readonly signet_challenge?: string;
  /** A valid witness commitment for the template */
  readonly default_witness_commitment?: string;
}

export interface GetMiningInfoResult {
  /** The current block */
  readonly blocks: number;
  /** The block weight (including reserved weight for block header, txs count and coinbase tx) of the last assembled block (only if a block was ever assembled) */
  readonly currentblockweight?: number;
  /** The number of transactions (excluding coinbase) of the last assembled block (only if a block was ever assembled) */
  readonly currentblocktx?: number;
  /** The compact form of the tip's target */
  readonly bits: string;
  /** The current difficulty */
  readonly difficulty: number;
  /** The current target */
  readonly target: string;
  /** The network hashes per second */
  readonly networkhashps: number;
  /** The size of the mempool */
  readonly pooledtx: number;
  /** Minimum fee rate of packages selected for templates, in coins/kvB */
  readonly blockmintxfee: number;
  /** The network: main, testnet4, signet, regtest, or devnet */
  readonly chain: string;
  /** The next block */
  readonly next: {
    /** The next height */
    readonly height: number;
    /** The next target, compact */
    readonly bits: string;
    /** The next difficulty */
    readonly difficulty: number;
    /** The next target */
    readonly target: string;
  };
  /** The block challenge (only on a signet) */
  readonly signet_challenge?: string;
  /** Warnings for the operator */
  readonly warnings: readonly string[];
}

export type GetPrioritisedTransactionsResult = Readonly<Record<string, {
  /** transaction fee delta in satoshis */
  readonly fee_delta: number;
  /** whether this transaction is currently in mempool */
  readonly in_mempool: boolean;
  /** modified fee in satoshis. Only returned if in_mempool=true */
  readonly modified_fee?: number;
}>>;

export type GetAddedNodeInfoResult = readonly {
  /** The node IP address or name (as provided to addnode) */
  readonly addednode: string;
  /** If connected */
  readonly connected: boolean;
  /** Only when connected = true */
  readonly addresses: readonly {
    /** The server IP and port we're connected to */
    readonly address: string;
    /** Which side called */
    readonly connected: "inbound" | "outbound";
  }[];
}[];

export type GetAddrManInfoResult = Readonly<Record<string, {
  /** number of addresses in the new table, which represent potential peers the node has discovered but hasn't yet successfully connected to. */
  readonly new: number;
  /** number of addresses in the tried table, which represent peers the node has successfully connected to in the past. */
  readonly tried: number;
  /** total number of addresses in both new/tried tables */
  readonly total: number;
}>>;

export interface GetNetTotalsResult {
  /** Total bytes received */
  readonly totalbytesrecv: number;
  /** Total bytes sent */
  readonly totalbytessent: number;
  /** Current system time in milliseconds since 1970 */
  readonly timemillis: number;
  readonly uploadtarget: {
    /** Length of the measuring timeframe in seconds */
    readonly timeframe: number;
    /** Target in bytes; 0: no limit */
    readonly target: number;
    /** True if target is reached */
    readonly target_reached: boolean;
    /** True if serving historical blocks */
    readonly serve_historical_blocks: boolean;
    /** Bytes left in current time cycle */
    readonly bytes_left_in_cycle: number;
    /** Seconds left in current time cycle */
    readonly time_left_in_cycle: number;
  };
}

export interface GetNetworkInfoResult {
  /** The server version, in Core's form */
  readonly version: number;
  /** The server subversion string: Core's name and the version of its methods, then what peers are told */
  readonly subversion: string;
  /** The protocol version */
  readonly protocolversion: number;
  /** The services we offer to the network */
  readonly localservices: string;
  /** The services by name */
  readonly localservicesnames: readonly string[];
  /** True if transaction relay is requested from peers */
  readonly localrelay: boolean;
  /** Seconds that most peers' clocks are ahead of ours */
  readonly timeoffset: number;
  /** The total number of connections */
  readonly connections: number;
  /** The number of inbound connections */
  readonly connections_in: number;
  /** The number of outbound connections */
  readonly connections_out: number;
  /** Whether p2p networking is enabled */
  readonly networkactive: boolean;
  /** Information per network */
  readonly networks: readonly {
    /** Network (ipv4, ipv6, onion, i2p, cjdns) */
    readonly name: string;
    /** Is the network limited using -onlynet? */
    readonly limited: boolean;
    /** Is the network reachable? */
    readonly reachable: boolean;
    /** The proxy that is used for this network; empty: none */
    readonly proxy: string;
    /** Whether randomized credentials are used */
    readonly proxy_randomize_credentials: boolean;
  }[];
  /** Minimum relay fee rate for transactions, in coins/kvB */
  readonly relayfee: number;
  /** Minimum fee rate increment for replacement, in coins/kvB */
  readonly incrementalfee: number;
  /** Addresses of our own that peers are told */
  readonly localaddresses: readonly {
    /** Network address */
    readonly address: string;
    /** Network port */
    readonly port: number;
    /** Relative score */
    readonly score: number;
  }[];
  /** Warnings for the operator */
  readonly warnings: readonly string[];
}

export type GetNodeAddressesResult = readonly {
  /** When the node was last seen, in seconds since 1970 */
  readonly time: number;
  /** The services offered by the node */
  readonly services: number;
  /** The address of the node */
  readonly address: string;
  /** The port number of the node */
  readonly port: number;
  /** The network (ipv4, ipv6) the node connected through */
  readonly network: string;
}[];

export type GetPeerInfoResult = readonly {
  /** Peer index */
  readonly id: number;
  /** The IP address and port of the peer */
  readonly addr: string;
  /** Our end of the connection */
  readonly addrbind?: string;
  /** Network of its address (ipv4, ipv6, onion, i2p, cjdns, not_publicly_routable) */
  readonly network: "ipv4" | "ipv6" | "onion" | "i2p" | "cjdns" | "not_publicly_routable";
  /** Ours: true once the handshake is done, else left out */
  readonly ready?: boolean;
  /** The services offered */
  readonly services: string;
  /** The services offered, by name */
  readonly servicesnames: readonly string[];
  /** Whether we relay transactions to it */
  readonly relaytxes: boolean;
  /** When we sent last, in seconds since 1970 */
  readonly lastsend: number;
  /** When it sent last, in seconds since 1970 */
  readonly lastrecv: number;
  /** When it last gave us a valid transaction that was new; 0: never */
  readonly last_transaction: number;
  /** When it last gave us a valid block that was new; 0: never */
  readonly last_block: number;
  /** The total bytes sent */
  readonly bytessent: number;
  /** The total bytes received */
  readonly bytesrecv: number;
  /** When the connection was made, in seconds since 1970 */
  readonly conntime: number;
  /** The time offset in seconds */
  readonly timeoffset: number;
  /** The last ping time in seconds, if any */
  readonly pingtime?: number;
  /** The least ping time in seconds, if any */
  readonly minping?: number;
  /** For how many seconds it has owed us a pong */
  readonly pingwait?: number;
  /** The protocol version that it said */
  readonly version: number;
  /** The user agent that it said */
  readonly subver: string;
  /** Whether it called us */
  readonly inbound: boolean;
  /** Whether we asked it for new blocks in compact form without a word before */
  readonly bip152_hb_to: boolean;
  /** Whether it asked us for that */
  readonly bip152_hb_from: boolean;
  /** Height of its best block when it connected, as it said; -1: not known */
  readonly startingheight: number;
  /** Height of its branch of little work that is checked; -1: there is none */
  readonly presynced_headers: number;
  /** Height of the last header that we have in common; -1: not known */
  readonly synced_headers: number;
  /** Height of the last block that we have in common; -1: not known */
  readonly synced_blocks: number;
  /** Blocks that it was asked for */
  readonly inflight: readonly number[];
  /** Whether we take part in relaying addresses with it */
  readonly addr_relay_enabled: boolean;
  /** Addresses of it that were processed */
  readonly addr_processed: number;
  /** Addresses of it that were dropped because they were too many */
  readonly addr_rate_limited: number;
  /** Its rights that others do not have */
  readonly permissions: readonly string[];
  /** The least fee rate of transactions that it wants, in coins/kvB */
  readonly minfeefilter: number;
  /** The total bytes sent by message type */
  readonly bytessent_per_msg: Readonly<Record<string, number>>;
  /** The total bytes received by message type */
  readonly bytesrecv_per_msg: Readonly<Record<string, number>>;
  /** Type of connection */
  readonly connection_type: "inbound" | "manual" | "outbound-full-relay" | "block-relay-only" | "feeler" | "addr-fetch";
  /** The transport protocol: v1 */
  readonly transport_protocol_type: string;
  /** The session id of a v2 connection; empty for v1 */
  readonly session_id: string;
}[];

export type ListBannedResult = readonly {
  /** The IP/Subnet of the banned node */
  readonly address: string;
  /** When it was banned, in seconds since 1970 */
  readonly ban_created: number;
  /** When the ban ends, in seconds since 1970 */
  readonly banned_until: number;
  /** The ban duration, in seconds */
  readonly ban_duration: number;
  /** The time remaining until the ban expires, in seconds */
  readonly time_remaining: number;
}[];

export interface DecodePsbtResult {
  /** The decoded network-serialized unsigned transaction. */
  readonly tx: {
    /** The transaction id */
    readonly txid: string;
    /** The transaction hash (differs from txid for transactions with witness) */
    readonly hash: string;
    /** The version */
    readonly version: number;
    /** The serialized transaction size */
    readonly size: number;
    /** The virtual transaction size (differs from size for transactions with witness) */
    readonly vsize: number;
    /** The transaction's weight (between vsize*4-3 and vsize*4) */
    readonly weight: number;
    /** The lock time */
    readonly locktime: number;
    /** The inputs */
    readonly vin: readonly {
      /** The coinbase's script (only for a coinbase) */
      readonly coinbase?: string;
      /** The id of the transaction that is spent (not for a coinbase) */
      readonly txid?: string;
      /** The number of the output that is spent (not for a coinbase) */
      readonly vout?: number;
      /** The script (not for a coinbase) */
      readonly scriptSig?: {
        /** Disassembly of the signature script */
        readonly asm: string;
        /** The script's bytes */
        readonly hex: string;
      };
      /** The witness, if there is one */
      readonly txinwitness?: readonly string[];
      /** The script sequence number */
      readonly sequence: number;
    }[];
    /** The outputs */
    readonly vout: readonly {
      /** The value in coins */
      readonly value: number;
      /** The number of the output */
      readonly n: number;
      /** The output script */
      readonly scriptPubKey: {
        /** Disassembly of the output script */
        readonly asm: string;
        /** Inferred descriptor for the output */
        readonly desc: string;
        /** The raw output script bytes */
        readonly hex: string;
        /** The address, where there is one */
        readonly address?: string;
        /** The type, such as witness_v0_keyhash */
        readonly type: string;
      };
    }[];
  };
  /** Extended public keys */
  readonly global_xpubs: readonly {
    /** The extended public key this path corresponds to */
    readonly xpub: string;
    /** The fingerprint of the master key */
    readonly master_fingerprint: string;
    /** The path */
    readonly path: string;
  }[];
  /** The PSBT version number. Not to be confused with the unsigned transaction version */
  readonly psbt_version: number;
  /** The proprietary map */
  readonly proprietary: readonly {
    /** The proprietary identifier */
    readonly identifier: string;
    /** The number for the subtype */
    readonly subtype: number;
    /** The key */
    readonly key: string;
    /** The value */
    readonly value: string;
  }[];
  /** The unknown fields */
  readonly unknown: Readonly<Record<string, string>>;
  /** The inputs */
  readonly inputs: readonly {
    /** Transaction output for witness UTXOs */
    readonly witness_utxo?: {
      /** The value */
      readonly amount: number;
      /** The output script, as `gettxout` has it */
      readonly scriptPubKey: unknown;
    };
    /** Decoded network transaction for non-witness UTXOs */
    readonly non_witness_utxo?: {
      /** The transaction id */
      readonly txid: string;
      /** The transaction hash (differs from txid for transactions with witness) */
      readonly hash: string;
      /** The version */
      readonly version: number;
      /** The serialized transaction size */
      readonly size: number;
      /** The virtual transaction size (differs from size for transactions with witness) */
      readonly vsize: number;
      /** The transaction's weight (between vsize*4-3 and vsize*4) */
      readonly weight: number;
      /** The lock time */
      readonly locktime: number;
      /** The inputs */
      readonly vin: readonly {
        /** The coinbase's script (only for a coinbase) */
        readonly coinbase?: string;
        /** The id of the transaction that is spent (not for a coinbase) */
        readonly txid?: string;
        /** The number of the output that is spent (not for a coinbase) */
        readonly vout?: number;
        /** The script (not for a coinbase) */
        readonly scriptSig?: {
          /** Disassembly of the signature script */
          readonly asm: string;
          /** The script's bytes */
          readonly hex: string;
        };
        /** The witness, if there is one */
        readonly txinwitness?: readonly string[];
        /** The script sequence number */
        readonly sequence: number;
      }[];
      /** The outputs */
      readonly vout: readonly {
        /** The value in coins */
        readonly value: number;
        /** The number of the output */
        readonly n: number;
        /** The output script */
        readonly scriptPubKey: {
          /** Disassembly of the output script */
          readonly asm: string;
          /** Inferred descriptor for the output */
          readonly desc: string;
          /** The raw output script bytes */
          readonly hex: string;
          /** The address, where there is one */
          readonly address?: string;
          /** The type, such as witness_v0_keyhash */
          readonly type: string;
        };
      }[];
    };
    /** Signatures by public keys */
    readonly partial_signatures?: Readonly<Record<string, string>>;
    /** The sighash type to be used */
    readonly sighash?: string;
    /** The redeem script */
    readonly redeem_script?: {
      /** Disassembly of the script */
      readonly asm: string;
      /** The raw script bytes */
      readonly hex: string;
      /** The type, eg 'pubkeyhash' */
      readonly type: string;
    };
    /** The witness script */
    readonly witness_script?: {
      /** Disassembly of the script */
      readonly asm: string;
      /** The raw script bytes */
      readonly hex: string;
      /** The type, eg 'pubkeyhash' */
      readonly type: string;
    };
    /** Public keys with where they come from */
    readonly bip32_derivs?: readonly {
      /** The public key */
      readonly pubkey: string;
      /** The fingerprint of the master key */
      readonly master_fingerprint: string;
      /** The path */
      readonly path: string;
    }[];
    /** The final signature script */
    readonly final_scriptSig?: {
      /** Disassembly of the script */
      readonly asm: string;
      /** The raw script bytes */
      readonly hex: string;
    };
    /** The final witness */
    readonly final_scriptwitness?: readonly string[];
    /** Hashes and their preimages */
    readonly ripemd160_preimages?: Readonly<Record<string, string>>;
    /** Hashes and their preimages */
    readonly sha256_preimages?: Readonly<Record<string, string>>;
    /** Hashes and their preimages */
    readonly hash160_preimages?: Readonly<Record<string, string>>;
    /** Hashes and their preimages */
    readonly hash256_preimages?: Readonly<Record<string, string>>;
    /** The signature for the Taproot key path spend */
    readonly taproot_key_path_sig?: string;
    /** Signatures by public key and leaf */
    readonly taproot_script_path_sigs?: readonly {
      /** The x-only pubkey for this signature */
      readonly pubkey: string;
      /** The leaf hash for this signature */
      readonly leaf_hash: string;
      /** The signature itself */
      readonly sig: string;
    }[];
    /** Scripts of the tree */
    readonly taproot_scripts?: readonly {
      /** A leaf script */
      readonly script: string;
      /** The version number for the leaf script */
      readonly leaf_ver: number;
      /** The control blocks for this script */
      readonly control_blocks: readonly string[];
    }[];
    /** Keys of Taproot, by x alone */
    readonly taproot_bip32_derivs?: readonly {
      /** The public key */
      readonly pubkey: string;
      /** The fingerprint of the master key */
      readonly master_fingerprint: string;
      /** The path */
      readonly path: string;
      /** The leaves that this key appears in */
      readonly leaf_hashes: readonly string[];
    }[];
    /** The Taproot x-only internal key */
    readonly taproot_internal_key?: string;
    /** The Taproot merkle root */
    readonly taproot_merkle_root?: string;
    /** The proprietary map */
    readonly proprietary?: readonly {
      /** The proprietary identifier */
      readonly identifier: string;
      /** The number for the subtype */
      readonly subtype: number;
      /** The key */
      readonly key: string;
      /** The value */
      readonly value: string;
    }[];
    /** The unknown fields */
    readonly unknown?: Readonly<Record<string, string>>;
  }[];
  /** The outputs */
  readonly outputs: readonly {
    /** The redeem script */
    readonly redeem_script?: {
      /** Disassembly of the script */
      readonly asm: string;
      /** The raw script bytes */
      readonly hex: string;
      /** The type, eg 'pubkeyhash' */
      readonly type: string;
    };
    /** The witness script */
    readonly witness_script?: {
      /** Disassembly of the script */
      readonly asm: string;
      /** The raw script bytes */
      readonly hex: string;
      /** The type, eg 'pubkeyhash' */
      readonly type: string;
    };
    /** Public keys with where they come from */
    readonly bip32_derivs?: readonly {
      /** The public key */
      readonly pubkey: string;
      /** The fingerprint of the master key */
      readonly master_fingerprint: string;
      /** The path */
      readonly path: string;
    }[];
    /** The Taproot x-only internal key */
    readonly taproot_internal_key?: string;
    /** The tuples that make up the Taproot tree, in depth first search order */
    readonly taproot_tree?: readonly {
      /** The depth of this element in the tree */
      readonly depth: number;
      /** The version of this leaf */
      readonly leaf_ver: number;
      /** The script itself */
      readonly script: string;
    }[];
    /** Keys of Taproot, by x alone */
    readonly taproot_bip32_derivs?: readonly {
      /** The public key */
      readonly pubkey: string;
      /** The fingerprint of the master key */
      readonly master_fingerprint: string;
      /** The path */
      readonly path: string;
      /** The leaves that this key appears in */
      readonly leaf_hashes: readonly string[];
    }[];
    /** The proprietary map */
    readonly proprietary?: readonly {
      /** The proprietary identifier */
      readonly identifier: string;
      /** The number for the subtype */
      readonly subtype: number;
      /** The key */
      readonly key: string;
      /** The value */
      readonly value: string;
    }[];
    /** The unknown fields */
    readonly unknown?: Readonly<Record<string, string>>;
  }[];
  /** The transaction fee paid if all UTXOs slots in the PSBT have been filled. */
  readonly fee?: number;
}

export interface DecodeRawTransactionResult {
  /** The transaction id */
  readonly txid: string;
  /** The transaction hash (differs from txid for transactions with witness) */
  readonly hash: string;
  /** The version */
  readonly version: number;
  /** The serialized transaction size */
  readonly size: number;
  /** The virtual transaction size (differs from size for transactions with witness) */
  readonly vsize: number;
  /** The transaction's weight (between vsize*4-3 and vsize*4) */
  readonly weight: number;
  /** The lock time */
  readonly locktime: number;
  /** The inputs */
  readonly vin: readonly {
    /** The coinbase's script (only for a coinbase) */
    readonly coinbase?: string;
    /** The id of the transaction that is spent (not for a coinbase) */
    readonly txid?: string;
    /** The number of the output that is spent (not for a coinbase) */
    readonly vout?: number;
    /** The script (not for a coinbase) */
    readonly scriptSig?: {
      /** Disassembly of the signature script */
      readonly asm: string;
      /** The script's bytes */
      readonly hex: string;
    };
    /** The witness, if there is one */
    readonly txinwitness?: readonly string[];
    /** The script sequence number */
    readonly sequence: number;
  }[];
  /** The outputs */
  readonly vout: readonly {
    /** The value in coins */
    readonly value: number;
    /** The number of the output */
    readonly n: number;
    /** The output script */
    readonly scriptPubKey: {
      /** Disassembly of the output script */
      readonly asm: string;
      /** Inferred descriptor for the output */
      readonly desc: string;
      /** The raw output script bytes */
      readonly hex: string;
      /** The address, where there is one */
      readonly address?: string;
      /** The type, such as witness_v0_keyhash */
      readonly type: string;
    };
  }[];
}

export interface DecodeScriptResult {
  /** Disassembly of the script */
  readonly asm: string;
  /** Inferred descriptor for the script */
  readonly desc: string;
  /** The address, where there is one */
  readonly address?: string;
  /** The type, such as witness_v0_keyhash */
  readonly type: string;
  /** Address of the P2SH script that wraps it, where that makes sense */
  readonly p2sh?: string;
  /** The witness program that wraps it, where that makes sense */
  readonly segwit?: {
    /** Disassembly of the output script */
    readonly asm: string;
    /** Inferred descriptor for it */
    readonly desc: string;
    /** The raw output script bytes */
    readonly hex: string;
    /** Its address */
    readonly address?: string;
    /** Its type */
    readonly type: string;
    /** Address of the P2SH script that wraps it */
    readonly "p2sh-segwit": string;
  };
}

export interface DescriptorProcessPsbtResult {
  /** The base64-encoded partially signed transaction */
  readonly psbt: string;
  /** If the transaction has a complete set of signatures */
  readonly complete: boolean;
  /** The hex-encoded network transaction if complete */
  readonly hex?: string;
}

export interface GetRawTransactionResult1 {
  /** Whether the given block is in the active chain */
  readonly in_active_chain?: boolean;
  /** The transaction id */
  readonly txid: string;
  /** The transaction hash (differs from txid for transactions with witness) */
  readonly hash: string;
  /** The version */
  readonly version: number;
  /** The serialized transaction size */
  readonly size: number;
  /** The virtual transaction size (differs from size for transactions with witness) */
  readonly vsize: number;
  /** The transaction's weight (between vsize*4-3 and vsize*4) */
  readonly weight: number;
  /** The lock time */
  readonly locktime: number;
  /** The inputs */
  readonly vin: readonly {
    /** The coinbase's script (only for a coinbase) */
    readonly coinbase?: string;
    /** The id of the transaction that is spent (not for a coinbase) */
    readonly txid?: string;
    /** The number of the output that is spent (not for a coinbase) */
    readonly vout?: number;
    /** The script (not for a coinbase) */
    readonly scriptSig?: {
      /** Disassembly of the signature script */
      readonly asm: string;
      /** The script's bytes */
      readonly hex: string;
    };
    /** The witness, if there is one */
    readonly txinwitness?: readonly string[];
    /** The script sequence number */
    readonly sequence: number;
  }[];
  /** The outputs */
  readonly vout: readonly {
    /** The value in coins */
    readonly value: number;
    /** The number of the output */
    readonly n: number;
    /** The output script */
    readonly scriptPubKey: {
      /** Disassembly of the output script */
      readonly asm: string;
      /** Inferred descriptor for the output */
      readonly desc: string;
      /** The raw output script bytes */
      readonly hex: string;
      /** The address, where there is one */
      readonly address?: string;
      /** The type, such as witness_v0_keyhash */
      readonly type: string;
    };
  }[];
  /** The serialized transaction */
  readonly hex: string;
  /** The block hash */
  readonly blockhash?: string;
  /** The confirmations */
  readonly confirmations?: number;
  /** The block time in seconds since 1970 */
  readonly time?: number;
  /** The same */
  readonly blocktime?: number;
}

export interface GetRawTransactionResult2 {
  /** Whether the given block is in the active chain */
  readonly in_active_chain?: boolean;
  /** The transaction id */
  readonly txid: string;
  /** The transaction hash (differs from txid for transactions with witness) */
  readonly hash: string;
  /** The version */
  readonly version: number;
  /** The serialized transaction size */
  readonly size: number;
  /** The virtual transaction size (differs from size for transactions with witness) */
  readonly vsize: number;
  /** The transaction's weight (between vsize*4-3 and vsize*4) */
  readonly weight: number;
  /** The lock time */
  readonly locktime: number;
  /** The inputs */
  readonly vin: readonly {
    /** The coinbase's script (only for a coinbase) */
    readonly coinbase?: string;
    /** The id of the transaction that is spent (not for a coinbase) */
    readonly txid?: string;
    /** The number of the output that is spent (not for a coinbase) */
    readonly vout?: number;
    /** The script (not for a coinbase) */
    readonly scriptSig?: {
      /** Disassembly of the signature script */
      readonly asm: string;
      /** The script's bytes */
      readonly hex: string;
    };
    /** The witness, if there is one */
    readonly txinwitness?: readonly string[];
    /** The output that is spent, where the block's undo data is there */
    readonly prevout?: {
      /** Whether it was made by a coinbase */
      readonly generated: boolean;
      /** The height of the block that made it */
      readonly height: number;
      /** The value in coins */
      readonly value: number;
      /** The output script */
      readonly scriptPubKey: {
        /** Disassembly of the output script */
        readonly asm: string;
        /** Inferred descriptor for the output */
        readonly desc: string;
        /** The raw output script bytes */
        readonly hex: string;
        /** The address, where there is one */
        readonly address?: string;
        /** The type, such as witness_v0_keyhash */
        readonly type: string;
      };
    };
    /** The script sequence number */
    readonly sequence: number;
  }[];
  /** The outputs */
  readonly vout: readonly {
    /** The value in coins */
    readonly value: number;
    /** The number of the output */
    readonly n: number;
    /** The output script */
    readonly scriptPubKey: {
      /** Disassembly of the output script */
      readonly asm: string;
      /** Inferred descriptor for the output */
      readonly desc: string;
      /** The raw output script bytes */
      readonly hex: string;
      /** The address, where there is one */
      readonly address?: string;
      /** The type, such as witness_v0_keyhash */
      readonly type: string;
    };
  }[];
  /** The fee in coins, where undo data is there */
  readonly fee?: number;
  /** The serialized transaction */
  readonly hex: string;
  /** The block hash */
  readonly blockhash?: string;
  /** The confirmations */
  readonly confirmations?: number;
  /** The block time in seconds since 1970 */
  readonly time?: number;
  /** The same */
  readonly blocktime?: number;
}

export type TestMempoolAcceptResult = readonly {
  /** The transaction hash */
  readonly txid: string;
  /** The transaction witness hash */
  readonly wtxid: string;
  /** The fault of all together (only if there was more than 1 transaction) */
  readonly "package-error"?: string;
  /** Whether this tx would be accepted to the mempool; not there: another one failed before it was fully tested */
  readonly allowed?: boolean;
  /** Virtual transaction size (only present when 'allowed' is true) */
  readonly vsize?: number;
  /** Transaction fees (only present if 'allowed' is true) */
  readonly fees?: {
    /** The fee, in coins */
    readonly base: number;
    /** The effective fee rate, in coins/kvB */
    readonly "effective-feerate": number;
    /** Transactions that it is of */
    readonly "effective-includes": readonly string[];
  };
  /** Rejection reason (only present when 'allowed' is false) */
  readonly "reject-reason"?: string;
  /** The same with what is known beside it */
  readonly "reject-details"?: string;
}[];

export interface FinalizePsbtResult {
  /** The base64-encoded partially signed transaction if not extracted */
  readonly psbt?: string;
  /** The hex-encoded network transaction if extracted */
  readonly hex?: string;
  /** If the transaction has a complete set of signatures */
  readonly complete: boolean;
}

export type GetOrphanTxsResult1 = readonly {
  /** The transaction hash in hex */
  readonly txid: string;
  /** The transaction witness hash in hex */
  readonly wtxid: string;
  /** The serialized transaction size in bytes */
  readonly bytes: number;
  /** The virtual transaction size as defined in BIP-0141 */
  readonly vsize: number;
  /** The transaction weight as defined in BIP-0141 */
  readonly weight: number;
  /** When it came, in seconds since 1970 */
  readonly entry: number;
  /** When it goes, in seconds since 1970 */
  readonly expiration: number;
  /** Peers that have announced it */
  readonly from: readonly number[];
}[];

export type GetOrphanTxsResult2 = readonly {
  /** The transaction hash in hex */
  readonly txid: string;
  /** The transaction witness hash in hex */
  readonly wtxid: string;
  /** The serialized transaction size in bytes */
  readonly bytes: number;
  /** The virtual transaction size as defined in BIP-0141 */
  readonly vsize: number;
  /** The transaction weight as defined in BIP-0141 */
  readonly weight: number;
  /** When it came, in seconds since 1970 */
  readonly entry: number;
  /** When it goes, in seconds since 1970 */
  readonly expiration: number;
  /** Peers that have announced it */
  readonly from: readonly number[];
  /** The serialized, hex-encoded transaction data */
  readonly hex: string;
}[];

export interface SignRawTransactionWithKeyResult {
  /** The hex-encoded raw transaction with signature(s) */
  readonly hex: string;
  /** If the transaction has a complete set of signatures */
  readonly complete: boolean;
  /** Script verification errors (if there are any) */
  readonly errors?: readonly {
    /** The hash of the referenced, previous transaction */
    readonly txid: string;
    /** The index of the output to spent and used as input */
    readonly vout: number;
    /** The witness */
    readonly witness: readonly string[];
    /** The hex-encoded signature script */
    readonly scriptSig: string;
    /** Script sequence number */
    readonly sequence: number;
    /** Verification or signing error related to the input */
    readonly error: string;
  }[];
}

export interface EstimateSmartFeeResult {
  /** Estimated fee rate, in coins/kvB; only where there are no errors */
  readonly feerate?: number;
  /** Errors encountered during processing, if any */
  readonly errors?: readonly string[];
  /** Number of blocks for which the estimate is valid: at least 2, and no more than half of the blocks that the node has seen */
  readonly blocks: number;
}

export interface GetDescriptorInfoResult {
  /** The descriptor in canonical form, without private keys; of several, the first */
  readonly descriptor: string;
  /** All that a descriptor with several paths means */
  readonly multipath_expansion?: readonly string[];
  /** The checksum for the input descriptor */
  readonly checksum: string;
  /** Whether the descriptor is ranged */
  readonly isrange: boolean;
  /** Whether the descriptor is solvable */
  readonly issolvable: boolean;
  /** Whether the input descriptor contained at least one private key */
  readonly hasprivatekeys: boolean;
}

export type GetIndexInfoResult = Readonly<Record<string, {
  /** Whether the index is synced or not */
  readonly synced: boolean;
  /** The block height to which the index is synced */
  readonly best_block_height: number;
}>>;

export interface ValidateAddressResult {
  /** If the address is valid or not */
  readonly isvalid: boolean;
  /** The bitcoin address validated */
  readonly address?: string;
  /** The output script generated by the address */
  readonly scriptPubKey?: string;
  /** If the key is a script */
  readonly isscript?: boolean;
  /** If the address is a witness address */
  readonly iswitness?: boolean;
  /** The version number of the witness program */
  readonly witness_version?: number;
  /** The value of the witness program */
  readonly witness_program?: string;
  /** Error message, if any */
  readonly error?: string;
  /** Indices of likely errors, if known */
  readonly error_locations?: readonly number[];
}

export interface CreateMultisigResult {
  /** The value of the new multisig address. */
  readonly address: string;
  /** The string value of the hex-encoded redemption script. */
  readonly redeemScript: string;
  /** The descriptor for this multisig */
  readonly descriptor: string;
  /** Any warnings resulting from the creation of this multisig */
  readonly warnings?: readonly string[];
}

export type GetZmqNotificationsResult = readonly {
  /** Type of notification */
  readonly type: string;
  /** Address of the publisher */
  readonly address: string;
  /** Outbound message high water mark */
  readonly hwm: number;
}[];

export interface BumpFeeResult {
  /** The id of the new transaction. */
  readonly txid: string;
  /** The fee of the replaced transaction. */
  readonly origfee: number;
  /** The fee of the new transaction. */
  readonly fee: number;
  /** Errors encountered during processing (may be empty). */
  readonly errors: readonly string[];
}

export interface CreateWalletResult {
  /** The name of the wallet */
  readonly name: string;
  /** Warning messages, if any, related to the wallet. */
  readonly warnings?: readonly string[];
}

export interface CreateWalletDescriptorResult {
  /** The public descriptors that were added to the wallet */
  readonly descs: readonly string[];
}

export interface FundRawTransactionResult {
  /** The resulting raw transaction (hex-encoded string) */
  readonly hex: string;
  /** Fee in BTC the resulting transaction pays */
  readonly fee: number;
  /** The position of the added change output, or -1 */
  readonly changepos: number;
}

export type GetAddressesByLabelResult = Readonly<Record<string, {
  /** Purpose of address ("send" for sending address, "receive" for receiving address) */
  readonly purpose: string;
}>>;

export interface GetAddressInfoResult {
  /** The bitcoin address validated. */
  readonly address: string;
  /** The hex-encoded output script generated by the address. */
  readonly scriptPubKey: string;
  /** If the address is yours. */
  readonly ismine: boolean;
  /** (DEPRECATED) Always false. */
  readonly iswatchonly: boolean;
  /** If we know how to spend coins sent to this address, ignoring the possible lack of private keys. */
  readonly solvable: boolean;
  /** A descriptor for spending coins sent to this address (only when solvable). */
  readonly desc?: string;
  /** The descriptor used to derive this address */
  readonly parent_desc?: string;
  /** If the key is a script. */
  readonly isscript?: boolean;
  /** If the address was used for change output. */
  readonly ischange: boolean;
  /** If the address is a witness address. */
  readonly iswitness: boolean;
  /** The version number of the witness program. */
  readonly witness_version?: number;
  /** The hex value of the witness program. */
  readonly witness_program?: string;
  /** The output script type. Only if isscript is true and the redeemscript is known. */
  readonly script?: string;
  /** The redeemscript for the p2sh address. */
  readonly hex?: string;
  /** Array of pubkeys associated with the known redeemscript (only if script is multisig). */
  readonly pubkeys?: readonly string[];
  /** The number of signatures required to spend multisig output (only if script is multisig). */
  readonly sigsrequired?: number;
  /** The hex value of the raw public key for single-key addresses (possibly embedded in P2SH or P2WSH). */
  readonly pubkey?: string;
  /** Information about the address embedded in P2SH or P2WSH, if relevant and known: the fields of this answer, without those about the wallet */
  readonly embedded?: unknown;
  /** If the pubkey is compressed. */
  readonly iscompressed?: boolean;
  /** The creation time of the key, if available, in seconds since 1970. */
  readonly timestamp?: number;
  /** The HD keypath, if the key is HD and available. */
  readonly hdkeypath?: string;
  /** The Hash160 of the HD seed: always zeros. */
  readonly hdseedid?: string;
  /** The fingerprint of the master key. */
  readonly hdmasterfingerprint?: string;
  /** Labels associated with the address: one at most */
  readonly labels: readonly string[];
}

export interface GetBalancesResult {
  /** balances from outputs that the wallet can sign */
  readonly mine: {
    /** trusted balance (outputs created by the wallet or confirmed outputs) */
    readonly trusted: number;
    /** untrusted pending balance (outputs created by others that are in the mempool) */
    readonly untrusted_pending: number;
    /** balance from immature coinbase outputs */
    readonly immature: number;
    /** (only present if avoid_reuse is set) balance from coins sent to addresses that were previously spent from (potentially privacy violating) */
    readonly used?: number;
  };
  /** hash and height of the block this information was generated on */
  readonly lastprocessedblock: {
    /** hash of the block this information was generated on */
    readonly hash: string;
    /** height of the block this information was generated on */
    readonly height: number;
  };
}

export type GetHdKeysResult = readonly {
  /** The extended public key */
  readonly xpub: string;
  /** Whether the wallet has the private key for this xpub */
  readonly has_private: boolean;
  /** The extended private key if "private" is true */
  readonly xprv?: string;
  /** Array of descriptor objects that use this HD key */
  readonly descriptors: readonly {
    /** Descriptor string representation */
    readonly desc: string;
    /** Whether this descriptor is currently used to generate new addresses */
    readonly active: boolean;
  }[];
}[];

export interface GetTransactionResult {
  /** The amount */
  readonly amount: number;
  /** The amount of the fee. This is negative and only available for the 'send' category of transactions. */
  readonly fee?: number;
  /** The number of confirmations for the transaction. Negative confirmations means the transaction conflicted that many blocks ago. */
  readonly confirmations: number;
  /** Only present if the transaction's only input is a coinbase one. */
  readonly generated?: boolean;
  /** Whether we consider the transaction to be trusted and safe to spend from. Only present when the transaction has 0 confirmations (or negative confirmations, if conflicted). */
  readonly trusted?: boolean;
  /** The block hash containing the transaction. */
  readonly blockhash?: string;
  /** The block height containing the transaction. */
  readonly blockheight?: number;
  /** The index of the transaction in the block that includes it. */
  readonly blockindex?: number;
  /** The block time. */
  readonly blocktime?: number;
  /** The transaction id. */
  readonly txid: string;
  /** The hash of serialized transaction, including witness data. */
  readonly wtxid: string;
  /** Transactions of the wallet that conflict with this transaction. */
  readonly walletconflicts: readonly string[];
  /** Only if 'category' is 'send'. The txid if this tx was replaced. */
  readonly replaced_by_txid?: string;
  /** Only if 'category' is 'send'. The txid if this tx replaces another. */
  readonly replaces_txid?: string;
  /** Transactions in the mempool that directly conflict with either this transaction or an ancestor transaction */
  readonly mempoolconflicts: readonly string[];
  /** If a comment to is associated with the transaction. */
  readonly to?: string;
  /** The transaction time. */
  readonly time: number;
  /** The time received. */
  readonly timereceived: number;
  /** If a comment is associated with the transaction, only present if not empty. */
  readonly comment?: string;
  /** yes, no or unknown: whether this transaction signals BIP125 replaceability or has an unconfirmed ancestor signaling BIP125 replaceability. May be unknown for unconfirmed transactions not in the mempool because their unconfirmed ancestors are unknown. */
  readonly "bip125-replaceable": string;
  /** The payments */
  readonly details: readonly {
    /** The bitcoin address of the transaction (not returned if the output does not have an address, e.g. OP_RETURN null data). */
    readonly address?: string;
    /** send: transactions sent; receive: non-coinbase transactions received; generate: mature coinbases received; immature: immature ones; orphan: coinbases of stale blocks */
    readonly category: string;
    /** The amount. This is negative for the 'send' category, and is positive for all other categories */
    readonly amount: number;
    /** A comment for the address/transaction, if any */
    readonly label?: string;
    /** the vout value */
    readonly vout: number;
    /** The amount of the fee. This is negative and only available for the 'send' category of transactions. */
    readonly fee?: number;
    /** 'true' if the transaction has been abandoned (inputs are respendable). */
    readonly abandoned: boolean;
    /** Only if 'category' is 'received'. List of parent descriptors for the output script of this coin. */
    readonly parent_descs?: readonly string[];
  }[];
  /** Raw data for transaction */
  readonly hex: string;
  /** The decoded transaction (only present when `verbose` is passed) */
  readonly decoded?: {
    /** The transaction id */
    readonly txid: string;
    /** The transaction hash (differs from txid for transactions with witness) */
    readonly hash: string;
    /** The version */
    readonly version: number;
    /** The serialized transaction size */
    readonly size: number;
    /** The virtual transaction size (differs from size for transactions with witness) */
    readonly vsize: number;
    /** The transaction's weight (between vsize*4-3 and vsize*4) */
    readonly weight: number;
    /** The lock time */
    readonly locktime: number;
    /** The inputs */
    readonly vin: readonly {
      /** The coinbase's script (only for a coinbase) */
      readonly coinbase?: string;
      /** The id of the transaction that is spent (not for a coinbase) */
      readonly txid?: string;
      /** The number of the output that is spent (not for a coinbase) */
      readonly vout?: number;
      /** The script (not for a coinbase) */
      readonly scriptSig?: {
        /** Disassembly of the signature script */
        readonly asm: string;
        /** The script's bytes */
        readonly hex: string;
      };
      /** The witness, if there is one */
      readonly txinwitness?: readonly string[];
      /** The script sequence number */
      readonly sequence: number;
    }[];
    /** The outputs */
    readonly vout: readonly {
      /** The value in coins */
      readonly value: number;
      /** The number of the output */
      readonly n: number;
      /** The output script */
      readonly scriptPubKey: {
        /** Disassembly of the output script */
        readonly asm: string;
        /** Inferred descriptor for the output */
        readonly desc: string;
        /** The raw output script bytes */
        readonly hex: string;
        /** The address, where there is one */
        readonly address?: string;
        /** The type, such as witness_v0_keyhash */
        readonly type: string;
      };
    }[];
  };
  /** hash and height of the block this information was generated on */
  readonly lastprocessedblock: {
    /** hash of the block this information was generated on */
    readonly hash: string;
    /** height of the block this information was generated on */
    readonly height: number;
  };
}

export interface GetWalletInfoResult {
  /** the wallet name */
  readonly walletname: string;
  /** (DEPRECATED) only related to unsupported legacy wallet, returns the latest version 169900 for backwards compatibility */
  readonly walletversion: number;
  /** the database format: leveldb, or memory */
  readonly format: string;
  /** the total number of transactions in the wallet */
  readonly txcount: number;
  /** how many new keys are pre-generated (only counts external keys) */
  readonly keypoolsize: number;
  /** how many new keys are pre-generated for internal use (used for change outputs) */
  readonly keypoolsize_hd_internal?: number;
  /** until when the wallet is unlocked for transfers, in seconds since 1970, or 0 if the wallet is locked (only present for passphrase-encrypted wallets) */
  readonly unlocked_until?: number;
  /** false if privatekeys are disabled for this wallet (enforced watch-only wallet) */
  readonly private_keys_enabled: boolean;
  /** whether this wallet tracks clean/dirty coins in terms of reuse */
  readonly avoid_reuse: boolean;
  /** current scanning details: duration in seconds, and progress from 0 to 1; or false if no scan is in progress */
  readonly scanning: unknown;
  /** whether this wallet uses descriptors for output script management */
  readonly descriptors: boolean;
  /** whether this wallet is configured to use an external signer such as a hardware wallet */
  readonly external_signer: boolean;
  /** Whether this wallet intentionally does not contain any keys, scripts, or descriptors */
  readonly blank: boolean;
  /** The start time for blocks scanning. It could be modified by (re)importing any descriptor with an earlier timestamp. */
  readonly birthtime?: number;
  /** The flags currently set on the wallet */
  readonly flags: readonly string[];
  /** hash and height of the block this information was generated on */
  readonly lastprocessedblock: {
    /** hash of the block this information was generated on */
    readonly hash: string;
    /** height of the block this information was generated on */
    readonly height: number;
  };
}

export type ImportDescriptorsResult = readonly {
  /** Whether the descriptor is in the wallet */
  readonly success: boolean;
  /** The faults that it may have */
  readonly warnings?: readonly string[];
  /** The code and the message of an error */
  readonly error?: unknown;
}[];

export interface ListDescriptorsResult {
  /** Name of wallet this operation was performed on */
  readonly wallet_name: string;
  /** Array of descriptor objects (sorted by descriptor string representation) */
  readonly descriptors: readonly {
    /** Descriptor string representation */
    readonly desc: string;
    /** The creation time of the descriptor */
    readonly timestamp: number;
    /** Whether this descriptor is currently used to generate new addresses */
    readonly active: boolean;
    /** True if this descriptor is used to generate change addresses. False if this descriptor is used to generate receiving addresses; defined only for active descriptors */
    readonly internal?: boolean;
    /** Defined only for ranged descriptors: the first and the last index */
    readonly range?: readonly number[];
    /** Same as next_index field. Kept for compatibility reason. */
    readonly next?: number;
    /** The next index to generate addresses from; defined only for ranged descriptors */
    readonly next_index?: number;
  }[];
}

export type ListLockUnspentResult = readonly {
  /** The transaction id locked */
  readonly txid: string;
  /** The vout value */
  readonly vout: number;
}[];

export type ListReceivedByAddressResult = readonly {
  /** The receiving address */
  readonly address: string;
  /** The total amount received by the address */
  readonly amount: number;
  /** The number of confirmations of the most recent transaction included */
  readonly confirmations: number;
  /** The label of the receiving address. The default label is "" */
  readonly label: string;
  /** The ids of transactions received with the address */
  readonly txids: readonly string[];
}[];

export type ListReceivedByLabelResult = readonly {
  /** The total amount received by addresses with this label */
  readonly amount: number;
  /** The number of confirmations of the most recent transaction included */
  readonly confirmations: number;
  /** The label of the receiving address. The default label is "" */
  readonly label: string;
}[];

export interface ListSinceBlockResult {
  /** The payments */
  readonly transactions: readonly {
    /** The bitcoin address of the transaction (not returned if the output does not have an address, e.g. OP_RETURN null data). */
    readonly address?: string;
    /** send: transactions sent; receive: non-coinbase transactions received; generate: mature coinbases received; immature: immature ones; orphan: coinbases of stale blocks */
    readonly category: string;
    /** The amount. This is negative for the 'send' category, and is positive for all other categories */
    readonly amount: number;
    /** A comment for the address/transaction, if any */
    readonly label?: string;
    /** the vout value */
    readonly vout: number;
    /** The amount of the fee. This is negative and only available for the 'send' category of transactions. */
    readonly fee?: number;
    /** 'true' if the transaction has been abandoned (inputs are respendable). */
    readonly abandoned: boolean;
    /** Only if 'category' is 'received'. List of parent descriptors for the output script of this coin. */
    readonly parent_descs?: readonly string[];
    /** The number of confirmations for the transaction. Negative confirmations means the transaction conflicted that many blocks ago. */
    readonly confirmations: number;
    /** Only present if the transaction's only input is a coinbase one. */
    readonly generated?: boolean;
    /** Whether we consider the transaction to be trusted and safe to spend from. Only present when the transaction has 0 confirmations (or negative confirmations, if conflicted). */
    readonly trusted?: boolean;
    /** The block hash containing the transaction. */
    readonly blockhash?: string;
    /** The block height containing the transaction. */
    readonly blockheight?: number;
    /** The index of the transaction in the block that includes it. */
    readonly blockindex?: number;
    /** The block time. */
    readonly blocktime?: number;
    /** The transaction id. */
    readonly txid: string;
    /** The hash of serialized transaction, including witness data. */
    readonly wtxid: string;
    /** Transactions of the wallet that conflict with this transaction. */
    readonly walletconflicts: readonly string[];
    /** Only if 'category' is 'send'. The txid if this tx was replaced. */
    readonly replaced_by_txid?: string;
    /** Only if 'category' is 'send'. The txid if this tx replaces another. */
    readonly replaces_txid?: string;
    /** Transactions in the mempool that directly conflict with either this transaction or an ancestor transaction */
    readonly mempoolconflicts: readonly string[];
    /** If a comment to is associated with the transaction. */
    readonly to?: string;
    /** The transaction time. */
    readonly time: number;
    /** The time received. */
    readonly timereceived: number;
    /** If a comment is associated with the transaction, only present if not empty. */
    readonly comment?: string;
    /** yes, no or unknown: whether this transaction signals BIP125 replaceability or has an unconfirmed ancestor signaling BIP125 replaceability. May be unknown for unconfirmed transactions not in the mempool because their unconfirmed ancestors are unknown. */
    readonly "bip125-replaceable": string;
  }[];
  /** Payments of blocks that are not in the main chain any more; only present if include_removed=true. Note: transactions that were re-added in the active chain will appear as-is in this array, and may thus have a positive confirmation count. */
  readonly removed?: readonly {
    /** The bitcoin address of the transaction (not returned if the output does not have an address, e.g. OP_RETURN null data). */
    readonly address?: string;
    /** send: transactions sent; receive: non-coinbase transactions received; generate: mature coinbases received; immature: immature ones; orphan: coinbases of stale blocks */
    readonly category: string;
    /** The amount. This is negative for the 'send' category, and is positive for all other categories */
    readonly amount: number;
    /** A comment for the address/transaction, if any */
    readonly label?: string;
    /** the vout value */
    readonly vout: number;
    /** The amount of the fee. This is negative and only available for the 'send' category of transactions. */
    readonly fee?: number;
    /** 'true' if the transaction has been abandoned (inputs are respendable). */
    readonly abandoned: boolean;
    /** Only if 'category' is 'received'. List of parent descriptors for the output script of this coin. */
    readonly parent_descs?: readonly string[];
    /** The number of confirmations for the transaction. Negative confirmations means the transaction conflicted that many blocks ago. */
    readonly confirmations: number;
    /** Only present if the transaction's only input is a coinbase one. */
    readonly generated?: boolean;
    /** Whether we consider the transaction to be trusted and safe to spend from. Only present when the transaction has 0 confirmations (or negative confirmations, if conflicted). */
    readonly trusted?: boolean;
    /** The block hash containing the transaction. */
    readonly blockhash?: string;
    /** The block height containing the transaction. */
    readonly blockheight?: number;
    /** The index of the transaction in the block that includes it. */
    readonly blockindex?: number;
    /** The block time. */
    readonly blocktime?: number;
    /** The transaction id. */
    readonly txid: string;
    /** The hash of serialized transaction, including witness data. */
    readonly wtxid: string;
    /** Transactions of the wallet that conflict with this transaction. */
    readonly walletconflicts: readonly string[];
    /** Only if 'category' is 'send'. The txid if this tx was replaced. */
    readonly replaced_by_txid?: string;
    /** Only if 'category' is 'send'. The txid if this tx replaces another. */
    readonly replaces_txid?: string;
    /** Transactions in the mempool that directly conflict with either this transaction or an ancestor transaction */
    readonly mempoolconflicts: readonly string[];
    /** If a comment to is associated with the transaction. */
    readonly to?: string;
    /** The transaction time. */
    readonly time: number;
    /** The time received. */
    readonly timereceived: number;
    /** If a comment is associated with the transaction, only present if not empty. */
    readonly comment?: string;
    /** yes, no or unknown: whether this transaction signals BIP125 replaceability or has an unconfirmed ancestor signaling BIP125 replaceability. May be unknown for unconfirmed transactions not in the mempool because their unconfirmed ancestors are unknown. */
    readonly "bip125-replaceable": string;
  }[];
  /** The hash of the block (target_confirmations-1) from the best block on the main chain, or the genesis hash if the referenced block does not exist yet. This is typically used to feed back into listsinceblock the next time you call it. */
  readonly lastblock: string;
}

export type ListTransactionsResult = readonly {
  /** The bitcoin address of the transaction (not returned if the output does not have an address, e.g. OP_RETURN null data). */
  readonly address?: string;
  /** send: transactions sent; receive: non-coinbase transactions received; generate: mature coinbases received; immature: immature ones; orphan: coinbases of stale blocks */
  readonly category: string;
  /** The amount. This is negative for the 'send' category, and is positive for all other categories */
  readonly amount: number;
  /** A comment for the address/transaction, if any */
  readonly label?: string;
  /** the vout value */
  readonly vout: number;
  /** The amount of the fee. This is negative and only available for the 'send' category of transactions. */
  readonly fee?: number;
  /** 'true' if the transaction has been abandoned (inputs are respendable). */
  readonly abandoned: boolean;
  /** Only if 'category' is 'received'. List of parent descriptors for the output script of this coin. */
  readonly parent_descs?: readonly string[];
  /** The number of confirmations for the transaction. Negative confirmations means the transaction conflicted that many blocks ago. */
  readonly confirmations: number;
  /** Only present if the transaction's only input is a coinbase one. */
  readonly generated?: boolean;
  /** Whether we consider the transaction to be trusted and safe to spend from. Only present when the transaction has 0 confirmations (or negative confirmations, if conflicted). */
  readonly trusted?: boolean;
  /** The block hash containing the transaction. */
  readonly blockhash?: string;
  /** The block height containing the transaction. */
  readonly blockheight?: number;
  /** The index of the transaction in the block that includes it. */
  readonly blockindex?: number;
  /** The block time. */
  readonly blocktime?: number;
  /** The transaction id. */
  readonly txid: string;
  /** The hash of serialized transaction, including witness data. */
  readonly wtxid: string;
  /** Transactions of the wallet that conflict with this transaction. */
  readonly walletconflicts: readonly string[];
  /** Only if 'category' is 'send'. The txid if this tx was replaced. */
  readonly replaced_by_txid?: string;
  /** Only if 'category' is 'send'. The txid if this tx replaces another. */
  readonly replaces_txid?: string;
  /** Transactions in the mempool that directly conflict with either this transaction or an ancestor transaction */
  readonly mempoolconflicts: readonly string[];
  /** If a comment to is associated with the transaction. */
  readonly to?: string;
  /** The transaction time. */
  readonly time: number;
  /** The time received. */
  readonly timereceived: number;
  /** If a comment is associated with the transaction, only present if not empty. */
  readonly comment?: string;
  /** yes, no or unknown: whether this transaction signals BIP125 replaceability or has an unconfirmed ancestor signaling BIP125 replaceability. May be unknown for unconfirmed transactions not in the mempool because their unconfirmed ancestors are unknown. */
  readonly "bip125-replaceable": string;
}[];

export type ListUnspentResult = readonly {
  /** the transaction id */
  readonly txid: string;
  /** the vout value */
  readonly vout: number;
  /** the bitcoin address */
  readonly address?: string;
  /** The associated label, or "" for the default label */
  readonly label?: string;
  /** the output script */
  readonly scriptPubKey: string;
  /** the transaction output amount */
  readonly amount: number;
  /** The number of confirmations */
  readonly confirmations: number;
  /** The number of in-mempool ancestor transactions, including this one (if transaction is in the mempool) */
  readonly ancestorcount?: number;
  /** The virtual transaction size of in-mempool ancestors, including this one (if transaction is in the mempool) */
  readonly ancestorsize?: number;
  /** The total fees of in-mempool ancestors (including this one) with fee deltas used for mining priority in base units (if transaction is in the mempool) */
  readonly ancestorfees?: number;
  /** The redeem script if the output script is P2SH */
  readonly redeemScript?: string;
  /** witness script if the output script is P2WSH or P2SH-P2WSH */
  readonly witnessScript?: string;
  /** (DEPRECATED) Always true */
  readonly spendable: boolean;
  /** Whether we know how to spend this output, ignoring the lack of keys */
  readonly solvable: boolean;
  /** (only present if avoid_reuse is set) Whether this output is reused/dirty (sent to an address that was previously spent from) */
  readonly reused?: boolean;
  /** (only when solvable) A descriptor for spending this output */
  readonly desc?: string;
  /** List of parent descriptors for the output script of this coin. */
  readonly parent_descs: readonly string[];
  /** Whether this output is considered safe to spend. Unconfirmed transactions from outside keys and unconfirmed replacement transactions are considered unsafe and are not eligible for spending by fundrawtransaction and sendtoaddress. */
  readonly safe: boolean;
}[];

export interface ListWalletDirResult {
  /** The wallets */
  readonly wallets: readonly {
    /** The wallet name */
    readonly name: string;
    /** Warning messages related to loading the wallet. */
    readonly warnings: readonly string[];
  }[];
}

export interface LoadWalletResult {
  /** The name of the wallet */
  readonly name: string;
  /** Warning messages, if any, related to the wallet. */
  readonly warnings?: readonly string[];
}

export interface PsbtBumpFeeResult {
  /** The base64-encoded unsigned PSBT of the new transaction. */
  readonly psbt: string;
  /** The fee of the replaced transaction. */
  readonly origfee: number;
  /** The fee of the new transaction. */
  readonly fee: number;
  /** Errors encountered during processing (may be empty). */
  readonly errors: readonly string[];
}

export interface RescanBlockchainResult {
  /** The block height where the rescan started (the requested height or 0) */
  readonly start_height: number;
  /** The height of the last rescanned block. */
  readonly stop_height?: number;
}

export interface RestoreWalletResult {
  /** The name of the wallet */
  readonly name: string;
  /** Warning messages, if any, related to the wallet. */
  readonly warnings?: readonly string[];
}

export interface SendResult {
  /** If the transaction has a complete set of signatures */
  readonly complete: boolean;
  /** The transaction id for the send. Only 1 transaction is created regardless of the number of addresses. */
  readonly txid?: string;
  /** If add_to_wallet is false, the hex-encoded raw transaction with signature(s) */
  readonly hex?: string;
  /** If more signatures are needed, or if add_to_wallet is false, the base64-encoded (partially) signed transaction */
  readonly psbt?: string;
}

export interface SendAllResult {
  /** If the transaction has a complete set of signatures */
  readonly complete: boolean;
  /** The transaction id for the send. Only 1 transaction is created regardless of the number of addresses. */
  readonly txid?: string;
  /** If add_to_wallet is false, the hex-encoded raw transaction with signature(s) */
  readonly hex?: string;
  /** If more signatures are needed, or if add_to_wallet is false, the base64-encoded (partially) signed transaction */
  readonly psbt?: string;
}

export interface SendManyResult1 {
  /** The transaction id. */
  readonly txid: string;
  /** The transaction fee reason. */
  readonly fee_reason: string;
}

export interface SendToAddressResult1 {
  /** The transaction id. */
  readonly txid: string;
  /** The transaction fee reason. */
  readonly fee_reason: string;
}

export interface SetWalletFlagResult {
  /** The name of the flag that was modified */
  readonly flag_name: string;
  /** The new state of the flag */
  readonly flag_state: boolean;
  /** Any warnings associated with the change */
  readonly warnings?: string;
}

export interface SignRawTransactionWithWalletResult {
  /** The hex-encoded raw transaction with signature(s) */
  readonly hex: string;
  /** If the transaction has a complete set of signatures */
  readonly complete: boolean;
  /** Script verification errors (if there are any) */
  readonly errors?: readonly {
    /** The hash of the referenced, previous transaction */
    readonly txid: string;
    /** The index of the output to spent and used as input */
    readonly vout: number;
    /** The witness */
    readonly witness: readonly string[];
    /** The hex-encoded signature script */
    readonly scriptSig: string;
    /** Script sequence number */
    readonly sequence: number;
    /** Verification or signing error related to the input */
    readonly error: string;
  }[];
}

export interface SimulateRawTransactionResult {
  /** The wallet balance change (negative means decrease). */
  readonly balance_change: number;
}

export interface UnloadWalletResult {
  /** Warning messages, if any, related to the wallet. */
  readonly warnings?: readonly string[];
}

export interface WalletCreateFundedPsbtResult {
  /** The resulting raw transaction (base64-encoded string) */
  readonly psbt: string;
  /** Fee in BTC the resulting transaction pays */
  readonly fee: number;
  /** The position of the added change output, or -1 */
  readonly changepos: number;
}

export interface WalletDisplayAddressResult {
  /** The address as confirmed by the signer */
  readonly address: string;
}

export interface WalletProcessPsbtResult {
  /** The base64-encoded partially signed transaction */
  readonly psbt: string;
  /** If the transaction has a complete set of signatures */
  readonly complete: boolean;
  /** The hex-encoded network transaction if complete */
  readonly hex?: string;
}

/** The answer of each method, in any of its cases. */
export interface RpcResults {
  readonly getbestblockhash: string;
  readonly getblock: string | GetBlockResult1 | GetBlockResult2 | GetBlockResult3;
  readonly getblockfilter: GetBlockFilterResult;
  readonly dumptxoutset: DumpTxoutSetResult;
  readonly getblockchaininfo: GetBlockchainInfoResult;
  readonly getblockcount: number;
  readonly getblockfrompeer: Readonly<Record<string, never>>;
  readonly getblockhash: string;
  readonly getblockheader: GetBlockHeaderResult0 | string;
  readonly getblockstats: GetBlockStatsResult;
  readonly getchainstates: GetChainStatesResult;
  readonly getchaintips: GetChainTipsResult;
  readonly getchaintxstats: GetChaintxStatsResult;
  readonly getdeploymentinfo: GetDeploymentInfoResult;
  readonly getdescriptoractivity: GetDescriptorActivityResult;
  readonly getdifficulty: number;
  readonly getmempoolancestors: readonly string[] | GetMempoolAncestorsResult1;
  readonly getmempooldescendants: readonly string[] | GetMempoolDescendantsResult1;
  readonly getmempoolentry: GetMempoolEntryResult;
  readonly getmempoolinfo: GetMempoolInfoResult;
  readonly getrawmempool: readonly string[] | GetRawMempoolResult1 | GetRawMempoolResult2;
  readonly gettxout: null | GetTxoutResult1;
  readonly gettxoutproof: string;
  readonly gettxoutsetinfo: GetTxoutSetInfoResult;
  readonly gettxspendingprevout: GetTxSpendingPrevOutResult;
  readonly verifychain: boolean;
  readonly importmempool: Readonly<Record<string, never>>;
  readonly invalidateblock: null;
  readonly loadtxoutset: LoadTxoutSetResult;
  readonly preciousblock: null;
  readonly pruneblockchain: number;
  readonly reconsiderblock: null;
  readonly scanblocks: null | ScanBlocksResult1 | ScanBlocksResult2 | boolean;
  readonly savemempool: SaveMempoolResult;
  readonly scantxoutset: ScanTxoutSetResult0 | boolean | ScanTxoutSetResult2 | null;
  readonly verifytxoutproof: readonly string[];
  readonly analyzepsbt: AnalyzePsbtResult;
  readonly waitforblock: WaitForBlockResult;
  readonly waitforblockheight: WaitForBlockHeightResult;
  readonly waitfornewblock: WaitForNewBlockResult;
  readonly getblockundo: string | null;
  readonly getnodeinfo: GetNodeInfoResult;
  readonly getscriptbalance: GetScriptBalanceResult;
  readonly getscripthistory: GetScriptHistoryResult;
  readonly listunspentbyscript: ListUnspentByScriptResult;
  readonly submitpayment: string;
  readonly watchscripts: WatchScriptsResult;
  readonly getmemoryinfo: GetMemoryInfoResult;
  readonly getopenrpcinfo: unknown;
  readonly getrpcinfo: GetRpcInfoResult;
  readonly help: string;
  readonly logging: Readonly<Record<string, boolean>>;
  readonly stop: string;
  readonly uptime: number;
  readonly addconnection: AddConnectionResult;
  readonly addpeeraddress: AddPeerAddressResult;
  readonly echo: unknown;
  readonly echojson: unknown;
  readonly echoipc: string;
  readonly chain_accounts: ChainAccountsResult;
  readonly chain_drop: boolean;
  readonly chain_dump: string;
  readonly chain_faucet: string;
  readonly chain_fund: ChainFundResult;
  readonly chain_increasetime: number;
  readonly chain_info: ChainInfoResult;
  readonly chain_mine: readonly string[];
  readonly chain_reorg: ChainReorgResult;
  readonly chain_revert: null;
  readonly chain_rollback: null;
  readonly chain_send: string;
  readonly chain_setautomine: null;
  readonly chain_setblockinterval: null;
  readonly chain_setfeerate: null;
  readonly chain_settime: null;
  readonly chain_settled: null;
  readonly chain_snapshot: number;
  readonly chain_spendas: string;
  readonly estimaterawfee: EstimateRawFeeResult;
  readonly getrawaddrman: GetRawAddrManResult;
  readonly mockscheduler: null;
  readonly sendmsgtopeer: Readonly<Record<string, never>>;
  readonly setmocktime: null;
  readonly syncwithvalidationinterfacequeue: null;
  readonly generateblock: GenerateBlockResult;
  readonly generatetoaddress: readonly string[];
  readonly generatetodescriptor: readonly string[];
  readonly getblocktemplate: null | string | GetBlockTemplateResult2;
  readonly getmininginfo: GetMiningInfoResult;
  readonly getnetworkhashps: number;
  readonly getprioritisedtransactions: GetPrioritisedTransactionsResult;
  readonly prioritisetransaction: boolean;
  readonly submitblock: null | string;
  readonly submitheader: null;
  readonly addnode: null;
  readonly clearbanned: null;
  readonly disconnectnode: null;
  readonly getaddednodeinfo: GetAddedNodeInfoResult;
  readonly getaddrmaninfo: GetAddrManInfoResult;
  readonly getconnectioncount: number;
  readonly getnettotals: GetNetTotalsResult;
  readonly getnetworkinfo: GetNetworkInfoResult;
  readonly getnodeaddresses: GetNodeAddressesResult;
  readonly getpeerinfo: GetPeerInfoResult;
  readonly listbanned: ListBannedResult;
  readonly ping: null;
  readonly setban: null;
  readonly setnetworkactive: boolean;
  readonly createrawtransaction: string;
  readonly decodepsbt: DecodePsbtResult;
  readonly decoderawtransaction: DecodeRawTransactionResult;
  readonly decodescript: DecodeScriptResult;
  readonly descriptorprocesspsbt: DescriptorProcessPsbtResult;
  readonly getrawtransaction: string | GetRawTransactionResult1 | GetRawTransactionResult2;
  readonly sendrawtransaction: string;
  readonly testmempoolaccept: TestMempoolAcceptResult;
  readonly utxoupdatepsbt: string;
  readonly combinepsbt: string;
  readonly combinerawtransaction: string;
  readonly converttopsbt: string;
  readonly createpsbt: string;
  readonly finalizepsbt: FinalizePsbtResult;
  readonly getorphantxs: readonly string[] | GetOrphanTxsResult1 | GetOrphanTxsResult2;
  readonly joinpsbts: string;
  readonly signrawtransactionwithkey: SignRawTransactionWithKeyResult;
  readonly deriveaddresses: readonly string[] | readonly (readonly string[])[];
  readonly estimatesmartfee: EstimateSmartFeeResult;
  readonly getdescriptorinfo: GetDescriptorInfoResult;
  readonly getindexinfo: GetIndexInfoResult;
  readonly validateaddress: ValidateAddressResult;
  readonly createmultisig: CreateMultisigResult;
  readonly signmessagewithprivkey: string;
  readonly verifymessage: boolean;
  readonly getzmqnotifications: GetZmqNotificationsResult;
  readonly abandontransaction: null;
  readonly abortrescan: boolean;
  readonly backupwallet: null;
  readonly bumpfee: BumpFeeResult;
  readonly createwallet: CreateWalletResult;
  readonly createwalletdescriptor: CreateWalletDescriptorResult;
  readonly encryptwallet: string;
  readonly fundrawtransaction: FundRawTransactionResult;
  readonly getaddressesbylabel: GetAddressesByLabelResult;
  readonly getaddressinfo: GetAddressInfoResult;
  readonly getbalance: number;
  readonly getbalances: GetBalancesResult;
  readonly gethdkeys: GetHdKeysResult;
  readonly getnewaddress: string;
  readonly getrawchangeaddress: string;
  readonly getreceivedbyaddress: number;
  readonly getreceivedbylabel: number;
  readonly gettransaction: GetTransactionResult;
  readonly getwalletinfo: GetWalletInfoResult;
  readonly importdescriptors: ImportDescriptorsResult;
  readonly importprunedfunds: null;
  readonly keypoolrefill: null;
  readonly listaddressgroupings: readonly (readonly (readonly unknown[])[])[];
  readonly listdescriptors: ListDescriptorsResult;
  readonly listlabels: readonly string[];
  readonly listlockunspent: ListLockUnspentResult;
  readonly listreceivedbyaddress: ListReceivedByAddressResult;
  readonly listreceivedbylabel: ListReceivedByLabelResult;
  readonly listsinceblock: ListSinceBlockResult;
  readonly listtransactions: ListTransactionsResult;
  readonly listunspent: ListUnspentResult;
  readonly listwalletdir: ListWalletDirResult;
  readonly listwallets: readonly string[];
  readonly loadwallet: LoadWalletResult;
  readonly lockunspent: boolean;
  readonly psbtbumpfee: PsbtBumpFeeResult;
  readonly removeprunedfunds: null;
  readonly rescanblockchain: RescanBlockchainResult;
  readonly restorewallet: RestoreWalletResult;
  readonly send: SendResult;
  readonly sendall: SendAllResult;
  readonly sendmany: string | SendManyResult1;
  readonly sendtoaddress: string | SendToAddressResult1;
  readonly setlabel: null;
  readonly setwalletflag: SetWalletFlagResult;
  readonly signmessage: string;
  readonly signrawtransactionwithwallet: SignRawTransactionWithWalletResult;
  readonly simulaterawtransaction: SimulateRawTransactionResult;
  readonly unloadwallet: UnloadWalletResult;
  readonly walletcreatefundedpsbt: WalletCreateFundedPsbtResult;
  readonly walletdisplayaddress: WalletDisplayAddressResult;
  readonly walletlock: null;
  readonly walletpassphrase: null;
  readonly walletpassphrasechange: null;
  readonly walletprocesspsbt: WalletProcessPsbtResult;
}

/** The methods of a node, with the types of what they take and answer. */
export interface RpcMethods {
  /** Returns the hash of the best (tip) block in the most-work fully-validated chain. */
  getBestBlockHash(): Promise<string>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity: 0 | false): Promise<string>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity?: 1 | true): Promise<GetBlockResult1>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity: 2): Promise<GetBlockResult2>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity: 3): Promise<GetBlockResult3>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity?: number | boolean | null): Promise<string | GetBlockResult1 | GetBlockResult2 | GetBlockResult3>;
  /** Retrieve a BIP 157 content filter for a particular block. */
  getBlockFilter(blockhash: string, filtertype?: string | null): Promise<GetBlockFilterResult>;
  /** Write the serialized UTXO set to a file. This can be used in loadtxoutset afterwards if this snapshot height is supported in the chainparams as well. The coins of an earlier block are found by the undo data of the blocks above it, while the node goes on. This call may take several minutes. Make sure to use no RPC timeout (chain-cli -rpcclienttimeout=0) */
  dumpTxoutSet(path: string, type?: string | null, options?: {
    readonly rollback?: string | number;
  } | null): Promise<DumpTxoutSetResult>;
  /** Write the serialized UTXO set to a file. This can be used in loadtxoutset afterwards if this snapshot height is supported in the chainparams as well. The coins of an earlier block are found by the undo data of the blocks above it, while the node goes on. This call may take several minutes. Make sure to use no RPC timeout (chain-cli -rpcclienttimeout=0) */
  dumpTxOutSet(path: string, type?: string | null, options?: {
    readonly rollback?: string | number;
  } | null): Promise<DumpTxoutSetResult>;
  /** Returns an object containing various state info regarding blockchain processing. */
  getBlockchainInfo(): Promise<GetBlockchainInfoResult>;
  /** Returns the height of the most-work fully-validated chain. The genesis block has height 0. */
  getBlockCount(): Promise<number>;
  /** Attempt to fetch block from a given peer.  We must have the header for this block, e.g. using submitheader. The block will not have any undo data which can limit the usage of the block data in a context where the undo data is needed. Subsequent calls for the same block may cause the response from the previous peer to be ignored. Peers generally ignore requests for a stale block that they never fully verified, or one that is more than a month old. When a peer does not respond with a block, we will disconnect.  Returns an empty JSON object if the request was successfully scheduled. */
  getBlockFromPeer(blockhash: string, peer_id: number): Promise<Readonly<Record<string, never>>>;
  /** Returns the hash of the block of the best chain at the height given. */
  getBlockHash(height: number): Promise<string>;
  /** Returns a block header. If verbose is false, as hex. If verbose is true, as an object with what is known of the block. */
  getBlockHeader(blockhash: string, verbose?: true): Promise<GetBlockHeaderResult0>;
  /** Returns a block header. If verbose is false, as hex. If verbose is true, as an object with what is known of the block. */
  getBlockHeader(blockhash: string, verbose: false): Promise<string>;
  /** Returns a block header. If verbose is false, as hex. If verbose is true, as an object with what is known of the block. */
  getBlockHeader(blockhash: string, verbose?: boolean | null): Promise<GetBlockHeaderResult0 | string>;
  /** Compute per block statistics for a given window. All amounts are in satoshis. */
  getBlockStats(hash_or_height: string | number, stats?: readonly string[] | null): Promise<GetBlockStatsResult>;
  /** Return information about chainstates. There are two while the blocks below a snapshot are checked: the first is that of these blocks. */
  getChainStates(): Promise<GetChainStatesResult>;
  /** Returns the ends of all known branches of the block tree: of the main chain and of stale ones. */
  getChainTips(): Promise<GetChainTipsResult>;
  /** Computes statistics about the total number and rate of transactions in the chain. */
  getChaintxStats(nblocks?: number | null, blockhash?: string | null): Promise<GetChaintxStatsResult>;
  /** Returns an object containing various state info regarding deployments of consensus changes. */
  getDeploymentInfo(blockhash?: string | null): Promise<GetDeploymentInfoResult>;
  /** Get spend and receive activity associated with a set of descriptors for a set of blocks. This command pairs well with the relevant_blocks output of scanblocks(). This call may take several minutes. If you encounter timeouts, try specifying no RPC timeout (chain-cli -rpcclienttimeout=0) */
  getDescriptorActivity(blockhashes: readonly string[], scanobjects: readonly unknown[], include_mempool?: boolean | null): Promise<GetDescriptorActivityResult>;
  /** Returns the proof-of-work difficulty as a multiple of the minimum difficulty. */
  getDifficulty(): Promise<number>;
  /** If txid is in the mempool, returns all its unconfirmed ancestors. */
  getMempoolAncestors(txid: string, verbose?: false): Promise<readonly string[]>;
  /** If txid is in the mempool, returns all its unconfirmed ancestors. */
  getMempoolAncestors(txid: string, verbose: true): Promise<GetMempoolAncestorsResult1>;
  /** If txid is in the mempool, returns all its unconfirmed ancestors. */
  getMempoolAncestors(txid: string, verbose?: boolean | null): Promise<readonly string[] | GetMempoolAncestorsResult1>;
  /** If txid is in the mempool, returns all its unconfirmed descendants. */
  getMempoolDescendants(txid: string, verbose?: false): Promise<readonly string[]>;
  /** If txid is in the mempool, returns all its unconfirmed descendants. */
  getMempoolDescendants(txid: string, verbose: true): Promise<GetMempoolDescendantsResult1>;
  /** If txid is in the mempool, returns all its unconfirmed descendants. */
  getMempoolDescendants(txid: string, verbose?: boolean | null): Promise<readonly string[] | GetMempoolDescendantsResult1>;
  /** Returns mempool data for given transaction. */
  getMempoolEntry(txid: string): Promise<GetMempoolEntryResult>;
  /** Returns details on the active state of the TX memory pool. */
  getMempoolInfo(): Promise<GetMempoolInfoResult>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getRawMempool(verbose?: false, mempool_sequence?: false): Promise<readonly string[]>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getRawMempool(verbose: true, mempool_sequence?: false): Promise<GetRawMempoolResult1>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getRawMempool(verbose: false | null, mempool_sequence: true): Promise<GetRawMempoolResult2>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getRawMempool(verbose?: boolean | null, mempool_sequence?: boolean | null): Promise<readonly string[] | GetRawMempoolResult1 | GetRawMempoolResult2>;
  /** Returns details about an unspent transaction output. */
  getTxout(txid: string, n: number, include_mempool?: boolean | null): Promise<null | GetTxoutResult1>;
  /** Returns details about an unspent transaction output. */
  getTxOut(txid: string, n: number, include_mempool?: boolean | null): Promise<null | GetTxoutResult1>;
  /** Returns a hex-encoded proof that "txid" was included in a block. NOTE: Without blockhash, it only works where there is an unspent output of a transaction, or the node has the index of transactions (-txindex). */
  getTxoutProof(txids: readonly string[], blockhash?: string | null): Promise<string>;
  /** Returns a hex-encoded proof that "txid" was included in a block. NOTE: Without blockhash, it only works where there is an unspent output of a transaction, or the node has the index of transactions (-txindex). */
  getTxOutProof(txids: readonly string[], blockhash?: string | null): Promise<string>;
  /** Returns statistics about the unspent transaction output set. Note this call may take some time if you are not using coinstatsindex. */
  getTxoutSetInfo(hash_type?: string | null, hash_or_height?: string | number | null, use_index?: boolean | null): Promise<GetTxoutSetInfoResult>;
  /** Returns statistics about the unspent transaction output set. Note this call may take some time if you are not using coinstatsindex. */
  getTxOutSetInfo(hash_type?: string | null, hash_or_height?: string | number | null, use_index?: boolean | null): Promise<GetTxoutSetInfoResult>;
  /** Scans the mempool (and the txospenderindex, if available) to find transactions spending any of the given outputs */
  getTxSpendingPrevOut(outputs: readonly {
    readonly txid: string;
    readonly vout: number;
  }[], options?: {
    readonly mempool_only?: boolean;
    readonly return_spending_tx?: boolean;
  } | null): Promise<GetTxSpendingPrevOutResult>;
  /** Verifies blockchain database. */
  verifyChain(checklevel?: number | null, nblocks?: number | null): Promise<boolean>;
  /** Import a mempool.dat file and attempt to add its contents to the mempool. Warning: Importing untrusted files is dangerous, especially if metadata from the file is taken over. */
  importMempool(filepath: string, options?: {
    readonly use_current_time?: boolean;
    readonly apply_fee_delta_priority?: boolean;
    readonly apply_unbroadcast_set?: boolean;
  } | null): Promise<Readonly<Record<string, never>>>;
  /** Permanently marks a block as invalid, as if it violated a consensus rule. */
  invalidateBlock(blockhash: string): Promise<null>;
  /** Load the serialized UTXO set from a file. Once this snapshot is loaded, the node goes on from its block to the network's tip at once. Meanwhile, the blocks below it are downloaded and checked in the background, and in the end their UTXO set must be that of the snapshot. The result is a usable node that is current with the network tip in a matter of minutes rather than hours. UTXO snapshots are typically obtained from third-party sources (HTTP, torrent, etc.) which is reasonable since their contents are always checked by hash. You can find more information on this process in the `assumeutxo` design document (<https://github.com/bitcoin/bitcoin/blob/master/doc/design/assumeutxo.md>). */
  loadTxoutSet(path: string): Promise<LoadTxoutSetResult>;
  /** Load the serialized UTXO set from a file. Once this snapshot is loaded, the node goes on from its block to the network's tip at once. Meanwhile, the blocks below it are downloaded and checked in the background, and in the end their UTXO set must be that of the snapshot. The result is a usable node that is current with the network tip in a matter of minutes rather than hours. UTXO snapshots are typically obtained from third-party sources (HTTP, torrent, etc.) which is reasonable since their contents are always checked by hash. You can find more information on this process in the `assumeutxo` design document (<https://github.com/bitcoin/bitcoin/blob/master/doc/design/assumeutxo.md>). */
  loadTxOutSet(path: string): Promise<LoadTxoutSetResult>;
  /** Treats a block as if it were received before others with the same work. A later call overrides an earlier one; none outlives the node */
  preciousBlock(blockhash: string): Promise<null>;
  /** Attempts to delete block and undo data up to a specified height or timestamp, if eligible for pruning. Requires `-prune` to be enabled at startup. While pruned data may be re-fetched in some cases (e.g., via `getblockfrompeer`), local deletion is irreversible. */
  pruneBlockchain(height: number): Promise<number>;
  /** Removes invalidity status of a block, its ancestors and its descendants, reconsider them for activation. This can be used to undo the effects of invalidateblock. */
  reconsiderBlock(blockhash: string): Promise<null>;
  /** Return relevant blockhashes for given descriptors (requires blockfilterindex). This call may take several minutes. Make sure to use no RPC timeout (chain-cli -rpcclienttimeout=0) */
  scanBlocks(action: string, scanobjects?: readonly unknown[] | null, start_height?: number | null, stop_height?: number | null, filtertype?: string | null, options?: {
    readonly filter_false_positives?: boolean;
  } | null): Promise<null | ScanBlocksResult1 | ScanBlocksResult2 | boolean>;
  /** Dumps the mempool to disk. It will fail until the previous dump is fully loaded. */
  saveMempool(): Promise<SaveMempoolResult>;
  /** Scans the unspent transaction output set for entries that match certain output descriptors: addr(), raw(), combo(), pkh(), wpkh(), sh(), wsh(), tr(), rawtr(). Of keys with a range, the indexes to explore are given with the descriptor. */
  scanTxoutSet(action: string, scanobjects?: readonly unknown[] | null): Promise<ScanTxoutSetResult0 | boolean | ScanTxoutSetResult2 | null>;
  /** Scans the unspent transaction output set for entries that match certain output descriptors: addr(), raw(), combo(), pkh(), wpkh(), sh(), wsh(), tr(), rawtr(). Of keys with a range, the indexes to explore are given with the descriptor. */
  scanTxOutSet(action: string, scanobjects?: readonly unknown[] | null): Promise<ScanTxoutSetResult0 | boolean | ScanTxoutSetResult2 | null>;
  /** Verifies that a proof points to a transaction in a block, returning the transaction it commits to and throwing an RPC error if the block is not in our best chain */
  verifyTxoutProof(proof: string): Promise<readonly string[]>;
  /** Verifies that a proof points to a transaction in a block, returning the transaction it commits to and throwing an RPC error if the block is not in our best chain */
  verifyTxOutProof(proof: string): Promise<readonly string[]>;
  /** Analyzes and provides information about the current status of a PSBT and its inputs */
  analyzePsbt(psbt: string): Promise<AnalyzePsbtResult>;
  /** Waits for a specific new block and returns useful info about it. Returns the current block on timeout or exit. */
  waitForBlock(blockhash: string, timeout?: number | null): Promise<WaitForBlockResult>;
  /** Waits for (at least) block height and returns the height and hash of the current tip. Returns the current block on timeout or exit. */
  waitForBlockHeight(height: number, timeout?: number | null): Promise<WaitForBlockHeightResult>;
  /** Waits for any new block and returns useful info about it. Returns the current block on timeout or exit. */
  waitForNewBlock(timeout?: number | null, current_tip?: string | null): Promise<WaitForNewBlockResult>;
  /** Returns the coins that a block spent, in the form that undo data has. */
  getBlockUndo(blockhash: string): Promise<string | null>;
  /** Returns what a program that talks to its node wants to know at once. */
  getNodeInfo(): Promise<GetNodeInfoResult>;
  /** Returns what an output script was paid and has spent, in blocks and in the mempool, from the index of script histories (-scripthistoryindex). */
  getScriptBalance(script: string): Promise<GetScriptBalanceResult>;
  /** Returns the transactions that pay an output script or spend from it, a part at a time, from the index of script histories (-scripthistoryindex). */
  getScriptHistory(script: string, options?: {
    readonly limit?: number;
    readonly newest_first?: boolean;
    readonly after?: {
      readonly height: number;
      readonly position: number;
    };
  } | null): Promise<GetScriptHistoryResult>;
  /** Returns what an output script has to spend, unconfirmed outputs included, and immature coinbases too. */
  listUnspentByScript(script: string): Promise<ListUnspentByScriptResult>;
  /** Submits a new payment. Unlike sendrawtransaction it refuses one that is known already or that would replace another: of two programs that spend the same coins, or make the same payment, one has to choose again. */
  submitPayment(hexstring: string): Promise<string>;
  /** Has a light node look for payments to output scripts, from a time on. It remembers them. A full node knows the payments of all scripts, and refuses it. */
  watchScripts(scripts: readonly string[], timestamp?: number | null): Promise<WatchScriptsResult>;
  /** Returns an object containing information about memory usage. */
  getMemoryInfo(mode?: string | null): Promise<GetMemoryInfoResult>;
  /** Returns an OpenRPC document that describes the methods of this server. */
  getOpenRpcInfo(): Promise<unknown>;
  /** Returns details of the RPC server. */
  getRpcInfo(): Promise<GetRpcInfoResult>;
  /** List all commands, or get help for a specified command. */
  help(command?: string | null): Promise<string>;
  /** Gets and sets the logging configuration. When called without an argument, returns the list of categories with status that are currently being debug logged or not. When called with arguments, adds or removes categories from debug logging and return the lists above. The arguments are evaluated in order "include", "exclude". If an item is both included and excluded, it will thus end up being excluded. In addition, "all" and "1" represent all logging categories. */
  logging(include?: readonly string[] | null, exclude?: readonly string[] | null): Promise<Readonly<Record<string, boolean>>>;
  /** Request a graceful shutdown of the node. */
  stop(): Promise<string>;
  /** Returns the total uptime of the server. */
  uptime(): Promise<number>;
  /** Open an outbound connection to a specified node. This RPC is for testing only. */
  addConnection(address: string, connection_type: string, v2transport?: boolean | null): Promise<AddConnectionResult>;
  /** Add the address of a potential peer to an address manager table. This RPC is for testing only. */
  addPeerAddress(address: string, port: number, tried?: boolean | null): Promise<AddPeerAddressResult>;
  /** Simply echo back the input arguments. This command is for testing. */
  echo(arg0?: unknown | null, arg1?: unknown | null, arg2?: unknown | null, arg3?: unknown | null, arg4?: unknown | null, arg5?: unknown | null, arg6?: unknown | null, arg7?: unknown | null, arg8?: unknown | null, arg9?: unknown | null): Promise<unknown>;
  /** Simply echo back the input arguments. This command is for testing. */
  echojson(arg0?: unknown | null, arg1?: unknown | null, arg2?: unknown | null, arg3?: unknown | null, arg4?: unknown | null, arg5?: unknown | null, arg6?: unknown | null, arg7?: unknown | null, arg8?: unknown | null, arg9?: unknown | null): Promise<unknown>;
  /** Echo back the input argument. In builds of Bitcoin Core with several processes, another process does; here there is one. */
  echoIpc(arg: string): Promise<string>;
  /** Lists the accounts that have funds, with their private keys. */
  chainAccounts(): Promise<ChainAccountsResult>;
  /** Takes a transaction out of the mempool, with all that depend on it. */
  chainDrop(txid: string): Promise<boolean>;
  /** Returns the whole chain as text, with which a new one goes on. */
  chainDump(): Promise<string>;
  /** Pays somebody by a transaction that waits for a block. */
  chainFaucet(address: string, amount: number | string, fee_rate?: number | null): Promise<string>;
  /** Makes a confirmed coin for somebody, in a block of its own: the mempool stays as it is. */
  chainFund(address: string, amount: number | string): Promise<ChainFundResult>;
  /** Moves the clock. */
  chainIncreaseTime(seconds: number): Promise<number>;
  /** Tells how the chain was made, and where it can be called. */
  chainInfo(): Promise<ChainInfoResult>;
  /** Mines blocks on the tip, with what waits in the mempool. */
  chainMine(nblocks?: number | null, address?: string | null, interval?: number | null): Promise<readonly string[]>;
  /** Replaces the last blocks by a branch that is longer by one block, in one step. Transactions stay in it unless it is said otherwise. */
  chainReorg(depth: number, options?: {
    readonly drop?: readonly string[];
    readonly unconfirm?: readonly string[];
    readonly replace?: Readonly<Record<string, never>>;
    readonly address?: string;
  } | null): Promise<ChainReorgResult>;
  /** Goes back to a snapshot, which can be used again. Blocks that have come since are forgotten. */
  chainRevert(snapshot: number): Promise<null>;
  /** Forgets the last blocks, with their transactions. */
  chainRollback(depth?: number | null): Promise<null>;
  /** Pays from an account, by a transaction that it signs. */
  chainSend(account: number, address: string, amount: number | string, fee_rate?: number | null): Promise<string>;
  /** Says when blocks are mined by themselves. */
  chainSetAutomine(mode: unknown): Promise<null>;
  /** Sets the seconds between the times of blocks, to which the clock moves. */
  chainSetBlockInterval(seconds?: number | null): Promise<null>;
  /** Sets the fee rate that estimatesmartfee answers, and that payments here pay. */
  chainSetFeeRate(fee_rate?: number | null): Promise<null>;
  /** Sets the clock, which goes on as before. */
  chainSetTime(time: number): Promise<null>;
  /** Answers when nothing is under way: blocks that are mined at once have been mined. */
  chainSettled(): Promise<null>;
  /** Remembers chain, mempool and clock. */
  chainSnapshot(): Promise<number>;
  /** Pays from the coins of anybody, without a signature. Other nodes refuse the blocks of this chain from then on. */
  chainSpendAs(from: string, address: string, amount: number | string, fee_rate?: number | null): Promise<string>;
  /** WARNING: This interface is unstable and may disappear or change! Estimates the approximate fee per kilobyte needed for a transaction to begin confirmation within conf_target blocks if possible, with the figures that the estimate comes from. Results are returned for any horizon which tracks blocks up to the confirmation target. */
  estimateRawFee(conf_target: number, threshold?: number | null): Promise<EstimateRawFeeResult>;
  /** EXPERIMENTAL warning: this call may be changed in future releases.  Returns information on all address manager entries for the new and tried tables. */
  getRawAddrMan(): Promise<GetRawAddrManResult>;
  /** Bump the scheduler into the future (-regtest only) */
  mockScheduler(delta_time: number): Promise<null>;
  /** Send a p2p message to a peer specified by id. The message type and body must be provided, the message header will be generated. This RPC is for testing only. */
  sendMsgToPeer(peer_id: number, msg_type: string, msg: string): Promise<Readonly<Record<string, never>>>;
  /** Set the local time to given timestamp (-regtest only) */
  setMockTime(timestamp: number): Promise<null>;
  /** Waits for the validation interface queue to catch up on everything that was there when we entered this function. */
  syncWithValidationInterfaceQueue(): Promise<null>;
  /** Mine a set of ordered transactions to a specified address and return the block hash. */
  generateBlock(output: string, transactions: readonly string[], submit?: boolean | null): Promise<GenerateBlockResult>;
  /** Mine to a specified address and return the block hashes. A caller ends a long call by closing its connection. */
  generateToAddress(nblocks: number, address: string, maxtries?: number | null): Promise<readonly string[]>;
  /** Mine to a specified descriptor and return the block hashes. */
  generateToDescriptor(num_blocks: number, descriptor: string, maxtries?: number | null): Promise<readonly string[]>;
  /** If the request parameters include a 'mode' key, that is used to explicitly select between the default 'template' request or a 'proposal'. It returns data needed to construct a block to work on. For full specification, see BIPs 22, 23, 9, and 145. */
  getBlockTemplate(template_request: {
    readonly mode?: string;
    readonly capabilities?: readonly string[];
    readonly rules: readonly string[];
    readonly longpollid?: string;
    readonly data?: string;
  }): Promise<null | string | GetBlockTemplateResult2>;
  /** Returns a json object containing mining-related information. */
  getMiningInfo(): Promise<GetMiningInfoResult>;
  /** Returns the estimated network hashes per second based on the last n blocks. Pass in [blocks] to override # of blocks, -1 specifies since last difficulty change. Pass in [height] to estimate the network speed at the time when a certain block was found. */
  getNetworkHashps(nblocks?: number | null, height?: number | null): Promise<number>;
  /** Returns a map of all user-created (see prioritisetransaction) fee deltas by txid, and whether the tx is present in mempool. */
  getPrioritisedTransactions(): Promise<GetPrioritisedTransactionsResult>;
  /** Accepts the transaction into mined blocks at a higher (or lower) priority It counts until a block holds the transaction, also before it comes. */
  prioritiseTransaction(txid: string, dummy: number | null, fee_delta: number): Promise<boolean>;
  /** Attempts to submit new block to network. See https://en.bitcoin.it/wiki/BIP_0022 for full specification. */
  submitBlock(hexdata: string, dummy?: unknown | null): Promise<null | string>;
  /** Decode the given hexdata as a header and submit it as a candidate chain tip if valid. Throws when the header is invalid. */
  submitHeader(hexdata: string): Promise<null>;
  /** Attempts to add or remove a node from the addnode list. Or try a connection to a node once. Nodes added using addnode are protected from being disconnected. */
  addNode(node: string, command: string, v2transport?: boolean | null): Promise<null>;
  /** Clear all banned IPs. */
  clearBanned(): Promise<null>;
  /** Immediately disconnects from the specified peer node. Strictly one out of 'address' and 'nodeid' can be provided to identify the node. To disconnect by nodeid, either set 'address' to the empty string, or call using the named 'nodeid' argument only. */
  disconnectNode(address?: string | null, nodeid?: number | null): Promise<null>;
  /** Returns information about the given added node, or all added nodes (note that onetry addnodes are not listed here) */
  getAddedNodeInfo(node?: string | null): Promise<GetAddedNodeInfoResult>;
  /** Provides information about the node's address manager by returning the number of addresses in the `new` and `tried` tables and their sum for all networks. */
  getAddrManInfo(): Promise<GetAddrManInfoResult>;
  /** Returns the number of connections to other nodes. */
  getConnectionCount(): Promise<number>;
  /** Returns information about network traffic, including bytes in, bytes out, and current system time. */
  getNetTotals(): Promise<GetNetTotalsResult>;
  /** Returns an object containing various state info regarding P2P networking. */
  getNetworkInfo(): Promise<GetNetworkInfoResult>;
  /** Return known addresses, after filtering for quality and recency. These can potentially be used to find new peers in the network. */
  getNodeAddresses(count?: number | null, network?: string | null): Promise<GetNodeAddressesResult>;
  /** Returns data about each connected network peer as a json array of objects. */
  getPeerInfo(): Promise<GetPeerInfoResult>;
  /** List all manually banned IPs/Subnets. */
  listBanned(): Promise<ListBannedResult>;
  /** Requests that a ping be sent to all other nodes, to measure ping time. Results provided in getpeerinfo, pingtime and pingwait fields are decimal seconds. */
  ping(): Promise<null>;
  /** Attempts to add or remove an IP/Subnet from the banned list. */
  setBan(subnet: string, command: string, bantime?: number | null, absolute?: boolean | null): Promise<null>;
  /** Disable/enable all p2p network activity. */
  setNetworkActive(state: boolean): Promise<boolean>;
  /** Create a transaction spending the given inputs and creating new outputs. Outputs can be addresses or data. Returns hex-encoded raw transaction. Note that the transaction's inputs are not signed, and it is not stored in the wallet or transmitted to the network. */
  createRawTransaction(inputs: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly sequence?: number;
  }[], outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>, locktime?: number | null, replaceable?: boolean | null, version?: number | null): Promise<string>;
  /** Return a JSON object representing the serialized, base64-encoded partially signed transaction. */
  decodePsbt(psbt: string): Promise<DecodePsbtResult>;
  /** Return a JSON object representing the serialized, hex-encoded transaction. */
  decodeRawTransaction(hexstring: string, iswitness?: boolean | null): Promise<DecodeRawTransactionResult>;
  /** Decode a hex-encoded script. */
  decodeScript(hexstring: string): Promise<DecodeScriptResult>;
  /** Update all segwit inputs in a PSBT with information from output descriptors, the UTXO set or the mempool.  Then, sign the inputs we are able to with information from the output descriptors. */
  descriptorProcessPsbt(psbt: string, descriptors: readonly unknown[], sighashtype?: string | null, bip32derivs?: boolean | null, finalize?: boolean | null): Promise<DescriptorProcessPsbtResult>;
  /** Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getRawTransaction(txid: string, verbosity?: 0 | false, blockhash?: string | null): Promise<string>;
  /** Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getRawTransaction(txid: string, verbosity: 1 | true, blockhash?: string | null): Promise<GetRawTransactionResult1>;
  /** Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getRawTransaction(txid: string, verbosity: 2, blockhash?: string | null): Promise<GetRawTransactionResult2>;
  /** Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getRawTransaction(txid: string, verbosity?: number | boolean | null, blockhash?: string | null): Promise<string | GetRawTransactionResult1 | GetRawTransactionResult2>;
  /** Submit a raw transaction (serialized, hex-encoded) to local node and network. It goes to the mempool and to the peers, again and again until one of them has shown to know it. */
  sendRawTransaction(hexstring: string, maxfeerate?: number | string | null, maxburnamount?: number | string | null): Promise<string>;
  /** Returns result of mempool acceptance tests indicating if raw transaction(s) (serialized, hex-encoded) would be accepted by mempool. If multiple transactions are passed in, parents must come before children and package policies apply: the transactions cannot conflict with any mempool transactions or each other. If one transaction fails, other transactions may not be fully validated (the 'allowed' key will be blank). The maximum number of transactions allowed is 25. */
  testMempoolAccept(rawtxs: readonly string[], maxfeerate?: number | string | null): Promise<TestMempoolAcceptResult>;
  /** Updates all segwit inputs and outputs in a PSBT with data from output descriptors, the UTXO set, the index of transactions or the mempool. */
  utxoUpdatePsbt(psbt: string, descriptors?: readonly unknown[] | null): Promise<string>;
  /** Combine multiple partially signed Bitcoin transactions into one transaction. Implements the Combiner role. */
  combinePsbt(txs: readonly string[]): Promise<string>;
  /** Combine multiple partially signed transactions into one transaction. The combined transaction may be another partially signed transaction or a fully signed transaction. */
  combineRawTransaction(txs: readonly string[]): Promise<string>;
  /** Converts a network serialized transaction to a PSBT. This should be used only with createrawtransaction and fundrawtransaction createpsbt and walletcreatefundedpsbt should be used for new applications. */
  convertToPsbt(hexstring: string, permitsigdata?: boolean | null, iswitness?: boolean | null): Promise<string>;
  /** Creates a transaction in the Partially Signed Transaction format. Implements the Creator role. Note that the transaction's inputs are not signed, and it is not stored in the wallet or transmitted to the network. */
  createPsbt(inputs: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly sequence?: number;
  }[], outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>, locktime?: number | null, replaceable?: boolean | null, version?: number | null): Promise<string>;
  /** Finalize the inputs of a PSBT. If the transaction is fully signed, it will produce a network serialized transaction which can be broadcast with sendrawtransaction. Otherwise a PSBT will be created which has the final_scriptSig and final_scriptwitness fields filled for inputs that are complete. Implements the Finalizer and Extractor roles. */
  finalizePsbt(psbt: string, extract?: boolean | null): Promise<FinalizePsbtResult>;
  /** Shows transactions in the tx orphanage.  EXPERIMENTAL warning: this call may be changed in future releases. */
  getOrphanTxs(verbosity?: 0): Promise<readonly string[]>;
  /** Shows transactions in the tx orphanage.  EXPERIMENTAL warning: this call may be changed in future releases. */
  getOrphanTxs(verbosity: 1): Promise<GetOrphanTxsResult1>;
  /** Shows transactions in the tx orphanage.  EXPERIMENTAL warning: this call may be changed in future releases. */
  getOrphanTxs(verbosity: 2): Promise<GetOrphanTxsResult2>;
  /** Shows transactions in the tx orphanage.  EXPERIMENTAL warning: this call may be changed in future releases. */
  getOrphanTxs(verbosity?: number | boolean | null): Promise<readonly string[] | GetOrphanTxsResult1 | GetOrphanTxsResult2>;
  /** Joins multiple distinct PSBTs with different inputs and outputs into one PSBT with inputs and outputs from all of the PSBTs No input in any of the PSBTs can be in more than one of the PSBTs. */
  joinPsbts(txs: readonly string[]): Promise<string>;
  /** Sign inputs for raw transaction (serialized, hex-encoded). The second argument is an array of base58-encoded private keys that will be the only keys used to sign the transaction. The third optional argument (may be null) is an array of previous transaction outputs that this transaction depends on but may not yet be in the block chain. */
  signRawTransactionWithKey(hexstring: string, privkeys: readonly string[], prevtxs?: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly scriptPubKey: string;
    readonly redeemScript?: string;
    readonly witnessScript?: string;
    readonly amount?: number | string;
  }[] | null, sighashtype?: string | null): Promise<SignRawTransactionWithKeyResult>;
  /** Derives one or more addresses corresponding to an output descriptor. */
  deriveAddresses(descriptor: string, range?: number | readonly number[] | null): Promise<readonly string[] | readonly (readonly string[])[]>;
  /** Estimates the approximate fee per kilobyte needed for a transaction to begin confirmation within conf_target blocks if possible, and returns the number of blocks for which the estimate is valid. Uses virtual transaction size as defined in BIP 141 (witness data is discounted). */
  estimateSmartFee(conf_target: number, estimate_mode?: string | null): Promise<EstimateSmartFeeResult>;
  /** Analyses a descriptor. */
  getDescriptorInfo(descriptor: string): Promise<GetDescriptorInfoResult>;
  /** Returns the status of one or all available indices currently running in the node. */
  getIndexInfo(index_name?: string | null): Promise<GetIndexInfoResult>;
  /** Return information about the given bitcoin address. */
  validateAddress(address: string): Promise<ValidateAddressResult>;
  /** Creates a multi-signature address with n signatures of m keys required. It returns a json object with the address and redeemScript. */
  createMultisig(nrequired: number, keys: readonly string[], address_type?: string | null): Promise<CreateMultisigResult>;
  /** Sign a message with the private key of an address */
  signMessageWithPrivKey(privkey: string, message: string): Promise<string>;
  /** Verify a signed message. */
  verifyMessage(address: string, signature: string, message: string): Promise<boolean>;
  /** Returns information about the active ZeroMQ notifications. */
  getZmqNotifications(): Promise<GetZmqNotificationsResult>;
  /** Mark in-wallet transaction <txid> as abandoned This will mark this transaction and all its in-wallet descendants as abandoned which will allow for their inputs to be respent.  It can be used to replace "stuck" or evicted transactions. It only works on transactions which are not included in a block and are not currently in the mempool. It has no effect on transactions which are already abandoned. */
  abandonTransaction(txid: string): Promise<null>;
  /** Stops current wallet rescan triggered by an RPC call, e.g. by a rescanblockchain call. Note: Use "getwalletinfo" to query the scanning progress. */
  abortRescan(): Promise<boolean>;
  /** Safely copies the current wallet to the specified destination, which can either be a directory or a path with a filename. */
  backupWallet(destination: string): Promise<null>;
  /** Bumps the fee of a transaction T, replacing it with a new transaction B. A transaction with the given txid must be in the wallet. The command will pay the additional fee by reducing change outputs or adding inputs when necessary. It may add a new change output if one does not already exist. All inputs in the original transaction will be included in the replacement transaction. The command will fail if the wallet or mempool contains a transaction that spends one of T's outputs. By default, the new fee will be calculated automatically using the estimatesmartfee RPC. The user can specify a confirmation target for estimatesmartfee. Alternatively, the user can specify a fee rate in sat/vB for the new transaction. At a minimum, the new fee rate must be high enough to pay an additional new relay fee (incrementalfee returned by getnetworkinfo) to enter the node's mempool. */
  bumpFee(txid: string, options?: {
    readonly conf_target?: number;
    readonly fee_rate?: unknown;
    readonly replaceable?: boolean;
    readonly estimate_mode?: string;
    readonly outputs?: unknown;
    readonly original_change_index?: number;
  } | null): Promise<BumpFeeResult>;
  /** Creates and loads a new wallet. */
  createWallet(wallet_name: string, disable_private_keys?: boolean | null, blank?: boolean | null, passphrase?: string | null, avoid_reuse?: boolean | null, descriptors?: boolean | null, load_on_startup?: boolean | null, external_signer?: boolean | null): Promise<CreateWalletResult>;
  /** Creates the wallet's descriptor for the given address type. The address type must be one that the wallet does not already have a descriptor for. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  createWalletDescriptor(type: string, options?: {
    readonly internal?: boolean;
    readonly hdkey?: string;
  } | null): Promise<CreateWalletDescriptorResult>;
  /** Encrypts the wallet with 'passphrase'. This is for first time encryption. After this, any calls that interact with private keys such as sending or signing  will require the passphrase to be set prior to making these calls. Use the walletpassphrase call for this, and then walletlock call. If the wallet is already encrypted, use the walletpassphrasechange call. ** IMPORTANT ** For security reasons, the encryption process will generate a new HD seed, resulting in the creation of a fresh set of active descriptors. Therefore, it is crucial to securely back up the newly generated wallet file using the backupwallet RPC. */
  encryptWallet(passphrase: string): Promise<string>;
  /** If the transaction has no inputs, they will be automatically selected to meet its out value. It will add at most one change output to the outputs. No existing outputs will be modified unless "subtractFeeFromOutputs" is specified. Note that inputs which were signed may need to be resigned after completion since in/outputs have been added. The inputs added will not be signed, use signrawtransactionwithkey or signrawtransactionwithwallet for that. All existing inputs must either have their previous output transaction be in the wallet or be in the UTXO set. Solving data must be provided for non-wallet inputs. */
  fundRawTransaction(hexstring: string, options?: unknown | null, iswitness?: boolean | null): Promise<FundRawTransactionResult>;
  /** Returns the list of addresses assigned the specified label. */
  getAddressesByLabel(label: string): Promise<GetAddressesByLabelResult>;
  /** Return information about the given bitcoin address. Some of the information will only be present if the address is in the active wallet. */
  getAddressInfo(address: string): Promise<GetAddressInfoResult>;
  /** Returns the total available balance. The available balance is what the wallet considers currently spendable, and is thus affected by options which limit spendability such as -spendzeroconfchange. */
  getBalance(dummy?: string | null, minconf?: number | null, include_watchonly?: boolean | null, avoid_reuse?: boolean | null): Promise<number>;
  /** Returns an object with all balances. */
  getBalances(): Promise<GetBalancesResult>;
  /** List all BIP 32 HD keys in the wallet and which descriptors use them. */
  getHdKeys(options?: {
    readonly active_only?: boolean;
    readonly private?: boolean;
  } | null): Promise<GetHdKeysResult>;
  /** Returns a new Bitcoin address for receiving payments. If 'label' is specified, it is added to the address book  so payments received with the address will be associated with 'label'. */
  getNewAddress(label?: string | null, address_type?: string | null): Promise<string>;
  /** Returns a new Bitcoin address, for receiving change. This is for use with raw transactions, NOT normal use. */
  getRawChangeAddress(address_type?: string | null): Promise<string>;
  /** Returns the total amount received by the given address in transactions with at least minconf confirmations. */
  getReceivedByAddress(address: string, minconf?: number | null, include_immature_coinbase?: boolean | null): Promise<number>;
  /** Returns the total amount received by addresses with <label> in transactions with at least [minconf] confirmations. */
  getReceivedByLabel(label: string, minconf?: number | null, include_immature_coinbase?: boolean | null): Promise<number>;
  /** Get detailed information about in-wallet transaction <txid> */
  getTransaction(txid: string, include_watchonly?: boolean | null, verbose?: boolean | null): Promise<GetTransactionResult>;
  /** Returns an object containing various wallet state info. */
  getWalletInfo(): Promise<GetWalletInfoResult>;
  /** Import descriptors. This will trigger a rescan of the blockchain based on the earliest timestamp of all descriptors being imported. Requires a new wallet backup. When importing descriptors with multipath key expressions, if the multipath specifier contains exactly two elements, the descriptor produced from the second element will be imported as an internal descriptor.  Note: This call can take over an hour to complete if using an early timestamp; during that time, other rpc calls may report that the imported keys, addresses or scripts exist but related transactions are still missing. The rescan is significantly faster if block filters are available (using startup option "-blockfilterindex=1"). */
  importDescriptors(requests: readonly {
    readonly desc: string;
    readonly active?: boolean;
    readonly range?: number | readonly number[];
    readonly next_index?: number;
    readonly timestamp: unknown;
    readonly internal?: boolean;
    readonly label?: string;
  }[]): Promise<ImportDescriptorsResult>;
  /** Imports funds without rescan. Corresponding address or script must previously be included in wallet. Aimed towards pruned wallets. The end-user is responsible to import additional transactions that subsequently spend the imported outputs or rescan after the point in the blockchain the transaction is included. */
  importPrunedFunds(rawtransaction: string, txoutproof: string): Promise<null>;
  /** Refills each descriptor keypool in the wallet up to the specified number of new keys. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  keypoolRefill(newsize?: number | null): Promise<null>;
  /** Lists groups of addresses which have had their common ownership made public by common use as inputs or as the resulting change in past transactions */
  listAddressGroupings(): Promise<readonly (readonly (readonly unknown[])[])[]>;
  /** List all descriptors present in a wallet. */
  listDescriptors(isPrivate?: boolean | null): Promise<ListDescriptorsResult>;
  /** Returns the list of all labels, or labels that are assigned to addresses with a specific purpose. */
  listLabels(purpose?: string | null): Promise<readonly string[]>;
  /** Returns list of temporarily unspendable outputs. See the lockunspent call to lock and unlock transactions for spending. */
  listLockUnspent(): Promise<ListLockUnspentResult>;
  /** List balances by receiving address. */
  listReceivedByAddress(minconf?: number | null, include_empty?: boolean | null, include_watchonly?: boolean | null, address_filter?: string | null, include_immature_coinbase?: boolean | null): Promise<ListReceivedByAddressResult>;
  /** List received transactions by label. */
  listReceivedByLabel(minconf?: number | null, include_empty?: boolean | null, include_watchonly?: boolean | null, include_immature_coinbase?: boolean | null): Promise<ListReceivedByLabelResult>;
  /** Get all transactions in blocks since block [blockhash], or all transactions if omitted. If "blockhash" is no longer a part of the main chain, transactions from the fork point onward are included. Additionally, if include_removed is set, transactions affecting the wallet which were removed are returned in the "removed" array. */
  listSinceBlock(blockhash?: string | null, target_confirmations?: number | null, include_watchonly?: boolean | null, include_removed?: boolean | null, include_change?: boolean | null, label?: string | null): Promise<ListSinceBlockResult>;
  /** If a label name is provided, this will return only incoming transactions paying to addresses with the specified label. Returns up to 'count' most recent transactions ordered from oldest to newest while skipping the first number of  transactions specified in the 'skip' argument. A transaction can have multiple entries in this RPC response: one for each output that pays another, and one for each that pays the wallet. */
  listTransactions(label?: string | null, count?: number | null, skip?: number | null, include_watchonly?: boolean | null): Promise<ListTransactionsResult>;
  /** Returns array of unspent transaction outputs with between minconf and maxconf (inclusive) confirmations. Optionally filter to only include txouts paid to specified addresses. */
  listUnspent(minconf?: number | null, maxconf?: number | null, addresses?: readonly string[] | null, include_unsafe?: boolean | null, query_options?: {
    readonly minimumAmount?: number | string;
    readonly maximumAmount?: number | string;
    readonly maximumCount?: number;
    readonly minimumSumAmount?: number | string;
    readonly include_immature_coinbase?: boolean;
  } | null): Promise<ListUnspentResult>;
  /** Returns a list of wallets in the wallet directory. */
  listWalletDir(): Promise<ListWalletDirResult>;
  /** Returns a list of currently loaded wallets. For full information on the wallet, use "getwalletinfo" */
  listWallets(): Promise<readonly string[]>;
  /** Loads a wallet from its directory. */
  loadWallet(filename: string, load_on_startup?: boolean | null): Promise<LoadWalletResult>;
  /** Updates list of temporarily unspendable outputs. Temporarily lock (unlock=false) or unlock (unlock=true) specified transaction outputs. If no transaction outputs are specified when unlocking then all current locked transaction outputs are unlocked. A locked transaction output will not be chosen by automatic coin selection, when spending bitcoins. Manually selected coins are automatically unlocked. Locks are stored in memory only, unless persistent=true, in which case they will be written to the wallet database and loaded on node start. Unwritten (persistent=false) locks are always cleared (by virtue of process exit) when a node stops or fails. Unlocking will clear both persistent and not. Also see the listunspent call */
  lockUnspent(unlock: boolean, transactions?: readonly {
    readonly txid: string;
    readonly vout: number;
  }[] | null, persistent?: boolean | null): Promise<boolean>;
  /** Bumps the fee of a transaction T, replacing it with a new transaction B. Returns a PSBT instead of creating and signing a new transaction. A transaction with the given txid must be in the wallet. The command will pay the additional fee by reducing change outputs or adding inputs when necessary. It may add a new change output if one does not already exist. All inputs in the original transaction will be included in the replacement transaction. The command will fail if the wallet or mempool contains a transaction that spends one of T's outputs. By default, the new fee will be calculated automatically using the estimatesmartfee RPC. The user can specify a confirmation target for estimatesmartfee. Alternatively, the user can specify a fee rate in sat/vB for the new transaction. At a minimum, the new fee rate must be high enough to pay an additional new relay fee (incrementalfee returned by getnetworkinfo) to enter the node's mempool. */
  psbtBumpFee(txid: string, options?: {
    readonly conf_target?: number;
    readonly fee_rate?: unknown;
    readonly replaceable?: boolean;
    readonly estimate_mode?: string;
    readonly outputs?: unknown;
    readonly original_change_index?: number;
  } | null): Promise<PsbtBumpFeeResult>;
  /** Deletes the specified transaction from the wallet. Meant for use with pruned wallets and as a companion to importprunedfunds. This will affect wallet balances. */
  removePrunedFunds(txid: string): Promise<null>;
  /** Rescan the local blockchain for wallet related transactions. Note: Use "getwalletinfo" to query the scanning progress. The rescan is significantly faster if block filters are available (using startup option "-blockfilterindex=1"). */
  rescanBlockchain(start_height?: number | null, stop_height?: number | null): Promise<RescanBlockchainResult>;
  /** Restores and loads a wallet from backup.  The rescan is significantly faster if block filters are available (using startup option "-blockfilterindex=1"). */
  restoreWallet(wallet_name: string, backup_file: string, load_on_startup?: boolean | null): Promise<RestoreWalletResult>;
  /** EXPERIMENTAL warning: this call may be changed in future releases.  Send a transaction. */
  send(outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>, conf_target?: number | null, estimate_mode?: string | null, fee_rate?: number | string | null, options?: {
    readonly add_inputs?: boolean;
    readonly include_unsafe?: boolean;
    readonly minconf?: number;
    readonly maxconf?: number;
    readonly add_to_wallet?: boolean;
    readonly change_address?: string;
    readonly change_position?: number;
    readonly change_type?: string;
    readonly include_watching?: boolean;
    readonly inputs?: readonly unknown[];
    readonly locktime?: number;
    readonly lock_unspents?: boolean;
    readonly psbt?: boolean;
    readonly subtract_fee_from_outputs?: readonly unknown[];
    readonly max_tx_weight?: number;
    readonly fee_rate?: unknown;
    readonly conf_target?: number;
    readonly estimate_mode?: string;
    readonly replaceable?: boolean;
    readonly solving_data?: unknown;
  } | null, version?: number | null): Promise<SendResult>;
  /** EXPERIMENTAL warning: this call may be changed in future releases.  Spend the value of all (or specific) confirmed UTXOs and unconfirmed change in the wallet to one or more recipients. Unconfirmed inbound UTXOs and locked UTXOs will not be spent. Sendall will respect the avoid_reuse wallet flag. If your wallet contains many small inputs, either because it received tiny payments or as a result of accumulating change, consider using `send_max` to exclude inputs that are worth less than the fees needed to spend them. */
  sendAll(recipients: readonly unknown[], conf_target?: number | null, estimate_mode?: string | null, fee_rate?: number | string | null, options?: {
    readonly add_to_wallet?: boolean;
    readonly include_watching?: boolean;
    readonly inputs?: readonly unknown[];
    readonly locktime?: number;
    readonly lock_unspents?: boolean;
    readonly psbt?: boolean;
    readonly send_max?: boolean;
    readonly minconf?: number;
    readonly maxconf?: number;
    readonly version?: number;
    readonly fee_rate?: unknown;
    readonly conf_target?: number;
    readonly estimate_mode?: string;
    readonly replaceable?: boolean;
    readonly solving_data?: unknown;
  } | null): Promise<SendAllResult>;
  /** Send multiple times. Amounts are double-precision floating point numbers. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendMany(dummy: string | null, amounts: unknown, minconf?: number | null, comment?: string | null, subtractfeefrom?: readonly unknown[] | null, replaceable?: boolean | null, conf_target?: number | null, estimate_mode?: string | null, fee_rate?: number | string | null, verbose?: false): Promise<string>;
  /** Send multiple times. Amounts are double-precision floating point numbers. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendMany(dummy: string | null, amounts: unknown, minconf: number | null, comment: string | null, subtractfeefrom: readonly unknown[] | null, replaceable: boolean | null, conf_target: number | null, estimate_mode: string | null, fee_rate: number | string | null, verbose: true): Promise<SendManyResult1>;
  /** Send multiple times. Amounts are double-precision floating point numbers. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendMany(dummy: string | null, amounts: unknown, minconf?: number | null, comment?: string | null, subtractfeefrom?: readonly unknown[] | null, replaceable?: boolean | null, conf_target?: number | null, estimate_mode?: string | null, fee_rate?: number | string | null, verbose?: boolean | null): Promise<string | SendManyResult1>;
  /** Send an amount to a given address. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendToAddress(address: string, amount: number | string, comment?: string | null, comment_to?: string | null, subtractfeefromamount?: boolean | null, replaceable?: boolean | null, conf_target?: number | null, estimate_mode?: string | null, avoid_reuse?: boolean | null, fee_rate?: number | string | null, verbose?: false): Promise<string>;
  /** Send an amount to a given address. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendToAddress(address: string, amount: number | string, comment: string | null, comment_to: string | null, subtractfeefromamount: boolean | null, replaceable: boolean | null, conf_target: number | null, estimate_mode: string | null, avoid_reuse: boolean | null, fee_rate: number | string | null, verbose: true): Promise<SendToAddressResult1>;
  /** Send an amount to a given address. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendToAddress(address: string, amount: number | string, comment?: string | null, comment_to?: string | null, subtractfeefromamount?: boolean | null, replaceable?: boolean | null, conf_target?: number | null, estimate_mode?: string | null, avoid_reuse?: boolean | null, fee_rate?: number | string | null, verbose?: boolean | null): Promise<string | SendToAddressResult1>;
  /** Sets the label associated with the given address. */
  setLabel(address: string, label: string): Promise<null>;
  /** Change the state of the given wallet flag for a wallet. */
  setWalletFlag(flag: string, value?: boolean | null): Promise<SetWalletFlagResult>;
  /** Sign a message with the private key of an address Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  signMessage(address: string, message: string): Promise<string>;
  /** Sign inputs for raw transaction (serialized, hex-encoded). The second optional argument (may be null) is an array of previous transaction outputs that this transaction depends on but may not yet be in the block chain. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  signRawTransactionWithWallet(hexstring: string, prevtxs?: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly scriptPubKey: string;
    readonly redeemScript?: string;
    readonly witnessScript?: string;
    readonly amount?: number | string;
  }[] | null, sighashtype?: string | null): Promise<SignRawTransactionWithWalletResult>;
  /** Calculate the balance change resulting in the signing and broadcasting of the given transaction(s). */
  simulateRawTransaction(rawtxs?: readonly string[] | null, options?: {
    readonly include_watchonly?: boolean;
  } | null): Promise<SimulateRawTransactionResult>;
  /** Unloads the wallet referenced by the request endpoint or the wallet_name argument. If both are specified, they must be identical. */
  unloadWallet(wallet_name?: string | null, load_on_startup?: boolean | null): Promise<UnloadWalletResult>;
  /** Creates and funds a transaction in the Partially Signed Transaction format. Implements the Creator and Updater roles. All existing inputs must either have their previous output transaction be in the wallet or be in the UTXO set. Solving data must be provided for non-wallet inputs. */
  walletCreateFundedPsbt(inputs: readonly unknown[] | null, outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>, locktime?: number | null, options?: {
    readonly add_inputs?: boolean;
    readonly include_unsafe?: boolean;
    readonly minconf?: number;
    readonly maxconf?: number;
    readonly changeAddress?: string;
    readonly changePosition?: number;
    readonly change_type?: string;
    readonly includeWatching?: boolean;
    readonly lockUnspents?: boolean;
    readonly feeRate?: unknown;
    readonly subtractFeeFromOutputs?: readonly unknown[];
    readonly max_tx_weight?: number;
    readonly fee_rate?: unknown;
    readonly conf_target?: number;
    readonly estimate_mode?: string;
    readonly replaceable?: boolean;
    readonly solving_data?: unknown;
  } | null, bip32derivs?: boolean | null, version?: number | null): Promise<WalletCreateFundedPsbtResult>;
  /** Display address on an external signer for verification. No signer can be connected to this node, so the call is always refused. */
  walletDisplayAddress(address: string): Promise<WalletDisplayAddressResult>;
  /** Removes the wallet encryption key from memory, locking the wallet. After calling this method, you will need to call walletpassphrase again before being able to call any methods which require the wallet to be unlocked. */
  walletLock(): Promise<null>;
  /** Stores the wallet decryption key in memory for 'timeout' seconds. This is needed prior to performing transactions related to private keys such as sending bitcoins  Note: Issuing the walletpassphrase command while the wallet is already unlocked will set a new unlock time that overrides the old one. */
  walletPassphrase(passphrase: string, timeout: number): Promise<null>;
  /** Changes the wallet passphrase from 'oldpassphrase' to 'newpassphrase'. */
  walletPassphraseChange(oldpassphrase: string, newpassphrase: string): Promise<null>;
  /** Update a PSBT with input information from our wallet and then sign inputs that we can sign for. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  walletProcessPsbt(psbt: string, sign?: boolean | null, sighashtype?: string | null, bip32derivs?: boolean | null, finalize?: boolean | null): Promise<WalletProcessPsbtResult>;
}

/** The methods by their names on the wire, with parameters by name: `call.getblock({ blockhash, verbosity: 2 })`. */
export interface RpcNamedMethods {
  /** Returns the hash of the best (tip) block in the most-work fully-validated chain. */
  getbestblockhash(params?: Readonly<Record<string, never>>): Promise<string>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getblock(params: { readonly blockhash: string; readonly verbosity: 0 | false }): Promise<string>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getblock(params: { readonly blockhash: string; readonly verbosity?: 1 | true }): Promise<GetBlockResult1>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getblock(params: { readonly blockhash: string; readonly verbosity: 2 }): Promise<GetBlockResult2>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getblock(params: { readonly blockhash: string; readonly verbosity: 3 }): Promise<GetBlockResult3>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getblock(params: { readonly blockhash: string; readonly verbosity?: number | boolean }): Promise<string | GetBlockResult1 | GetBlockResult2 | GetBlockResult3>;
  /** Retrieve a BIP 157 content filter for a particular block. */
  getblockfilter(params: { readonly blockhash: string; readonly filtertype?: string }): Promise<GetBlockFilterResult>;
  /** Write the serialized UTXO set to a file. This can be used in loadtxoutset afterwards if this snapshot height is supported in the chainparams as well. The coins of an earlier block are found by the undo data of the blocks above it, while the node goes on. This call may take several minutes. Make sure to use no RPC timeout (chain-cli -rpcclienttimeout=0) */
  dumptxoutset(params: { readonly path: string; readonly type?: string; readonly options?: {
    readonly rollback?: string | number;
  } }): Promise<DumpTxoutSetResult>;
  /** Returns an object containing various state info regarding blockchain processing. */
  getblockchaininfo(params?: Readonly<Record<string, never>>): Promise<GetBlockchainInfoResult>;
  /** Returns the height of the most-work fully-validated chain. The genesis block has height 0. */
  getblockcount(params?: Readonly<Record<string, never>>): Promise<number>;
  /** Attempt to fetch block from a given peer.  We must have the header for this block, e.g. using submitheader. The block will not have any undo data which can limit the usage of the block data in a context where the undo data is needed. Subsequent calls for the same block may cause the response from the previous peer to be ignored. Peers generally ignore requests for a stale block that they never fully verified, or one that is more than a month old. When a peer does not respond with a block, we will disconnect.  Returns an empty JSON object if the request was successfully scheduled. */
  getblockfrompeer(params: { readonly blockhash: string; readonly peer_id: number }): Promise<Readonly<Record<string, never>>>;
  /** Returns the hash of the block of the best chain at the height given. */
  getblockhash(params: { readonly height: number }): Promise<string>;
  /** Returns a block header. If verbose is false, as hex. If verbose is true, as an object with what is known of the block. */
  getblockheader(params: { readonly blockhash: string; readonly verbose?: true }): Promise<GetBlockHeaderResult0>;
  /** Returns a block header. If verbose is false, as hex. If verbose is true, as an object with what is known of the block. */
  getblockheader(params: { readonly blockhash: string; readonly verbose: false }): Promise<string>;
  /** Returns a block header. If verbose is false, as hex. If verbose is true, as an object with what is known of the block. */
  getblockheader(params: { readonly blockhash: string; readonly verbose?: boolean }): Promise<GetBlockHeaderResult0 | string>;
  /** Compute per block statistics for a given window. All amounts are in satoshis. */
  getblockstats(params: { readonly hash_or_height: string | number; readonly stats?: readonly string[] }): Promise<GetBlockStatsResult>;
  /** Return information about chainstates. There are two while the blocks below a snapshot are checked: the first is that of these blocks. */
  getchainstates(params?: Readonly<Record<string, never>>): Promise<GetChainStatesResult>;
  /** Returns the ends of all known branches of the block tree: of the main chain and of stale ones. */
  getchaintips(params?: Readonly<Record<string, never>>): Promise<GetChainTipsResult>;
  /** Computes statistics about the total number and rate of transactions in the chain. */
  getchaintxstats(params?: { readonly nblocks?: number; readonly blockhash?: string }): Promise<GetChaintxStatsResult>;
  /** Returns an object containing various state info regarding deployments of consensus changes. */
  getdeploymentinfo(params?: { readonly blockhash?: string }): Promise<GetDeploymentInfoResult>;
  /** Get spend and receive activity associated with a set of descriptors for a set of blocks. This command pairs well with the relevant_blocks output of scanblocks(). This call may take several minutes. If you encounter timeouts, try specifying no RPC timeout (chain-cli -rpcclienttimeout=0) */
  getdescriptoractivity(params: { readonly blockhashes: readonly string[]; readonly scanobjects: readonly unknown[]; readonly include_mempool?: boolean }): Promise<GetDescriptorActivityResult>;
  /** Returns the proof-of-work difficulty as a multiple of the minimum difficulty. */
  getdifficulty(params?: Readonly<Record<string, never>>): Promise<number>;
  /** If txid is in the mempool, returns all its unconfirmed ancestors. */
  getmempoolancestors(params: { readonly txid: string; readonly verbose?: false }): Promise<readonly string[]>;
  /** If txid is in the mempool, returns all its unconfirmed ancestors. */
  getmempoolancestors(params: { readonly txid: string; readonly verbose: true }): Promise<GetMempoolAncestorsResult1>;
  /** If txid is in the mempool, returns all its unconfirmed ancestors. */
  getmempoolancestors(params: { readonly txid: string; readonly verbose?: boolean }): Promise<readonly string[] | GetMempoolAncestorsResult1>;
  /** If txid is in the mempool, returns all its unconfirmed descendants. */
  getmempooldescendants(params: { readonly txid: string; readonly verbose?: false }): Promise<readonly string[]>;
  /** If txid is in the mempool, returns all its unconfirmed descendants. */
  getmempooldescendants(params: { readonly txid: string; readonly verbose: true }): Promise<GetMempoolDescendantsResult1>;
  /** If txid is in the mempool, returns all its unconfirmed descendants. */
  getmempooldescendants(params: { readonly txid: string; readonly verbose?: boolean }): Promise<readonly string[] | GetMempoolDescendantsResult1>;
  /** Returns mempool data for given transaction. */
  getmempoolentry(params: { readonly txid: string }): Promise<GetMempoolEntryResult>;
  /** Returns details on the active state of the TX memory pool. */
  getmempoolinfo(params?: Readonly<Record<string, never>>): Promise<GetMempoolInfoResult>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getrawmempool(params?: { readonly verbose?: false; readonly mempool_sequence?: false }): Promise<readonly string[]>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getrawmempool(params: { readonly verbose: true; readonly mempool_sequence?: false }): Promise<GetRawMempoolResult1>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getrawmempool(params: { readonly verbose?: false; readonly mempool_sequence: true }): Promise<GetRawMempoolResult2>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getrawmempool(params?: { readonly verbose?: boolean; readonly mempool_sequence?: boolean }): Promise<readonly string[] | GetRawMempoolResult1 | GetRawMempoolResult2>;
  /** Returns details about an unspent transaction output. */
  gettxout(params: { readonly txid: string; readonly n: number; readonly include_mempool?: boolean }): Promise<null | GetTxoutResult1>;
  /** Returns a hex-encoded proof that "txid" was included in a block. NOTE: Without blockhash, it only works where there is an unspent output of a transaction, or the node has the index of transactions (-txindex). */
  gettxoutproof(params: { readonly txids: readonly string[]; readonly blockhash?: string }): Promise<string>;
  /** Returns statistics about the unspent transaction output set. Note this call may take some time if you are not using coinstatsindex. */
  gettxoutsetinfo(params?: { readonly hash_type?: string; readonly hash_or_height?: string | number; readonly use_index?: boolean }): Promise<GetTxoutSetInfoResult>;
  /** Scans the mempool (and the txospenderindex, if available) to find transactions spending any of the given outputs */
  gettxspendingprevout(params: { readonly outputs: readonly {
    readonly txid: string;
    readonly vout: number;
  }[]; readonly options?: {
    readonly mempool_only?: boolean;
    readonly return_spending_tx?: boolean;
  } }): Promise<GetTxSpendingPrevOutResult>;
  /** Verifies blockchain database. */
  verifychain(params?: { readonly checklevel?: number; readonly nblocks?: number }): Promise<boolean>;
  /** Import a mempool.dat file and attempt to add its contents to the mempool. Warning: Importing untrusted files is dangerous, especially if metadata from the file is taken over. */
  importmempool(params: { readonly filepath: string; readonly options?: {
    readonly use_current_time?: boolean;
    readonly apply_fee_delta_priority?: boolean;
    readonly apply_unbroadcast_set?: boolean;
  } }): Promise<Readonly<Record<string, never>>>;
  /** Permanently marks a block as invalid, as if it violated a consensus rule. */
  invalidateblock(params: { readonly blockhash: string }): Promise<null>;
  /** Load the serialized UTXO set from a file. Once this snapshot is loaded, the node goes on from its block to the network's tip at once. Meanwhile, the blocks below it are downloaded and checked in the background, and in the end their UTXO set must be that of the snapshot. The result is a usable node that is current with the network tip in a matter of minutes rather than hours. UTXO snapshots are typically obtained from third-party sources (HTTP, torrent, etc.) which is reasonable since their contents are always checked by hash. You can find more information on this process in the `assumeutxo` design document (<https://github.com/bitcoin/bitcoin/blob/master/doc/design/assumeutxo.md>). */
  loadtxoutset(params: { readonly path: string }): Promise<LoadTxoutSetResult>;
  /** Treats a block as if it were received before others with the same work. A later call overrides an earlier one; none outlives the node */
  preciousblock(params: { readonly blockhash: string }): Promise<null>;
  /** Attempts to delete block and undo data up to a specified height or timestamp, if eligible for pruning. Requires `-prune` to be enabled at startup. While pruned data may be re-fetched in some cases (e.g., via `getblockfrompeer`), local deletion is irreversible. */
  pruneblockchain(params: { readonly height: number }): Promise<number>;
  /** Removes invalidity status of a block, its ancestors and its descendants, reconsider them for activation. This can be used to undo the effects of invalidateblock. */
  reconsiderblock(params: { readonly blockhash: string }): Promise<null>;
  /** Return relevant blockhashes for given descriptors (requires blockfilterindex). This call may take several minutes. Make sure to use no RPC timeout (chain-cli -rpcclienttimeout=0) */
  scanblocks(params: { readonly action: string; readonly scanobjects?: readonly unknown[]; readonly start_height?: number; readonly stop_height?: number; readonly filtertype?: string; readonly options?: {
    readonly filter_false_positives?: boolean;
  } }): Promise<null | ScanBlocksResult1 | ScanBlocksResult2 | boolean>;
  /** Dumps the mempool to disk. It will fail until the previous dump is fully loaded. */
  savemempool(params?: Readonly<Record<string, never>>): Promise<SaveMempoolResult>;
  /** Scans the unspent transaction output set for entries that match certain output descriptors: addr(), raw(), combo(), pkh(), wpkh(), sh(), wsh(), tr(), rawtr(). Of keys with a range, the indexes to explore are given with the descriptor. */
  scantxoutset(params: { readonly action: string; readonly scanobjects?: readonly unknown[] }): Promise<ScanTxoutSetResult0 | boolean | ScanTxoutSetResult2 | null>;
  /** Verifies that a proof points to a transaction in a block, returning the transaction it commits to and throwing an RPC error if the block is not in our best chain */
  verifytxoutproof(params: { readonly proof: string }): Promise<readonly string[]>;
  /** Analyzes and provides information about the current status of a PSBT and its inputs */
  analyzepsbt(params: { readonly psbt: string }): Promise<AnalyzePsbtResult>;
  /** Waits for a specific new block and returns useful info about it. Returns the current block on timeout or exit. */
  waitforblock(params: { readonly blockhash: string; readonly timeout?: number }): Promise<WaitForBlockResult>;
  /** Waits for (at least) block height and returns the height and hash of the current tip. Returns the current block on timeout or exit. */
  waitforblockheight(params: { readonly height: number; readonly timeout?: number }): Promise<WaitForBlockHeightResult>;
  /** Waits for any new block and returns useful info about it. Returns the current block on timeout or exit. */
  waitfornewblock(params?: { readonly timeout?: number; readonly current_tip?: string }): Promise<WaitForNewBlockResult>;
  /** Returns the coins that a block spent, in the form that undo data has. */
  getblockundo(params: { readonly blockhash: string }): Promise<string | null>;
  /** Returns what a program that talks to its node wants to know at once. */
  getnodeinfo(params?: Readonly<Record<string, never>>): Promise<GetNodeInfoResult>;
  /** Returns what an output script was paid and has spent, in blocks and in the mempool, from the index of script histories (-scripthistoryindex). */
  getscriptbalance(params: { readonly script: string }): Promise<GetScriptBalanceResult>;
  /** Returns the transactions that pay an output script or spend from it, a part at a time, from the index of script histories (-scripthistoryindex). */
  getscripthistory(params: { readonly script: string; readonly options?: {
    readonly limit?: number;
    readonly newest_first?: boolean;
    readonly after?: {
      readonly height: number;
      readonly position: number;
    };
  } }): Promise<GetScriptHistoryResult>;
  /** Returns what an output script has to spend, unconfirmed outputs included, and immature coinbases too. */
  listunspentbyscript(params: { readonly script: string }): Promise<ListUnspentByScriptResult>;
  /** Submits a new payment. Unlike sendrawtransaction it refuses one that is known already or that would replace another: of two programs that spend the same coins, or make the same payment, one has to choose again. */
  submitpayment(params: { readonly hexstring: string }): Promise<string>;
  /** Has a light node look for payments to output scripts, from a time on. It remembers them. A full node knows the payments of all scripts, and refuses it. */
  watchscripts(params: { readonly scripts: readonly string[]; readonly timestamp?: number }): Promise<WatchScriptsResult>;
  /** Returns an object containing information about memory usage. */
  getmemoryinfo(params?: { readonly mode?: string }): Promise<GetMemoryInfoResult>;
  /** Returns an OpenRPC document that describes the methods of this server. */
  getopenrpcinfo(params?: Readonly<Record<string, never>>): Promise<unknown>;
  /** Returns details of the RPC server. */
  getrpcinfo(params?: Readonly<Record<string, never>>): Promise<GetRpcInfoResult>;
  /** List all commands, or get help for a specified command. */
  help(params?: { readonly command?: string }): Promise<string>;
  /** Gets and sets the logging configuration. When called without an argument, returns the list of categories with status that are currently being debug logged or not. When called with arguments, adds or removes categories from debug logging and return the lists above. The arguments are evaluated in order "include", "exclude". If an item is both included and excluded, it will thus end up being excluded. In addition, "all" and "1" represent all logging categories. */
  logging(params?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] }): Promise<Readonly<Record<string, boolean>>>;
  /** Request a graceful shutdown of the node. */
  stop(params?: Readonly<Record<string, never>>): Promise<string>;
  /** Returns the total uptime of the server. */
  uptime(params?: Readonly<Record<string, never>>): Promise<number>;
  /** Open an outbound connection to a specified node. This RPC is for testing only. */
  addconnection(params: { readonly address: string; readonly connection_type: string; readonly v2transport?: boolean }): Promise<AddConnectionResult>;
  /** Add the address of a potential peer to an address manager table. This RPC is for testing only. */
  addpeeraddress(params: { readonly address: string; readonly port: number; readonly tried?: boolean }): Promise<AddPeerAddressResult>;
  /** Simply echo back the input arguments. This command is for testing. */
  echo(params?: { readonly arg0?: unknown; readonly arg1?: unknown; readonly arg2?: unknown; readonly arg3?: unknown; readonly arg4?: unknown; readonly arg5?: unknown; readonly arg6?: unknown; readonly arg7?: unknown; readonly arg8?: unknown; readonly arg9?: unknown }): Promise<unknown>;
  /** Simply echo back the input arguments. This command is for testing. */
  echojson(params?: { readonly arg0?: unknown; readonly arg1?: unknown; readonly arg2?: unknown; readonly arg3?: unknown; readonly arg4?: unknown; readonly arg5?: unknown; readonly arg6?: unknown; readonly arg7?: unknown; readonly arg8?: unknown; readonly arg9?: unknown }): Promise<unknown>;
  /** Echo back the input argument. In builds of Bitcoin Core with several processes, another process does; here there is one. */
  echoipc(params: { readonly arg: string }): Promise<string>;
  /** Lists the accounts that have funds, with their private keys. */
  chain_accounts(params?: Readonly<Record<string, never>>): Promise<ChainAccountsResult>;
  /** Takes a transaction out of the mempool, with all that depend on it. */
  chain_drop(params: { readonly txid: string }): Promise<boolean>;
  /** Returns the whole chain as text, with which a new one goes on. */
  chain_dump(params?: Readonly<Record<string, never>>): Promise<string>;
  /** Pays somebody by a transaction that waits for a block. */
  chain_faucet(params: { readonly address: string; readonly amount: number | string; readonly fee_rate?: number }): Promise<string>;
  /** Makes a confirmed coin for somebody, in a block of its own: the mempool stays as it is. */
  chain_fund(params: { readonly address: string; readonly amount: number | string }): Promise<ChainFundResult>;
  /** Moves the clock. */
  chain_increasetime(params: { readonly seconds: number }): Promise<number>;
  /** Tells how the chain was made, and where it can be called. */
  chain_info(params?: Readonly<Record<string, never>>): Promise<ChainInfoResult>;
  /** Mines blocks on the tip, with what waits in the mempool. */
  chain_mine(params?: { readonly nblocks?: number; readonly address?: string; readonly interval?: number }): Promise<readonly string[]>;
  /** Replaces the last blocks by a branch that is longer by one block, in one step. Transactions stay in it unless it is said otherwise. */
  chain_reorg(params: { readonly depth: number; readonly options?: {
    readonly drop?: readonly string[];
    readonly unconfirm?: readonly string[];
    readonly replace?: Readonly<Record<string, never>>;
    readonly address?: string;
  } }): Promise<ChainReorgResult>;
  /** Goes back to a snapshot, which can be used again. Blocks that have come since are forgotten. */
  chain_revert(params: { readonly snapshot: number }): Promise<null>;
  /** Forgets the last blocks, with their transactions. */
  chain_rollback(params?: { readonly depth?: number }): Promise<null>;
  /** Pays from an account, by a transaction that it signs. */
  chain_send(params: { readonly account: number; readonly address: string; readonly amount: number | string; readonly fee_rate?: number }): Promise<string>;
  /** Says when blocks are mined by themselves. */
  chain_setautomine(params: { readonly mode: unknown }): Promise<null>;
  /** Sets the seconds between the times of blocks, to which the clock moves. */
  chain_setblockinterval(params?: { readonly seconds?: number }): Promise<null>;
  /** Sets the fee rate that estimatesmartfee answers, and that payments here pay. */
  chain_setfeerate(params?: { readonly fee_rate?: number }): Promise<null>;
  /** Sets the clock, which goes on as before. */
  chain_settime(params: { readonly time: number }): Promise<null>;
  /** Answers when nothing is under way: blocks that are mined at once have been mined. */
  chain_settled(params?: Readonly<Record<string, never>>): Promise<null>;
  /** Remembers chain, mempool and clock. */
  chain_snapshot(params?: Readonly<Record<string, never>>): Promise<number>;
  /** Pays from the coins of anybody, without a signature. Other nodes refuse the blocks of this chain from then on. */
  chain_spendas(params: { readonly from: string; readonly address: string; readonly amount: number | string; readonly fee_rate?: number }): Promise<string>;
  /** WARNING: This interface is unstable and may disappear or change! Estimates the approximate fee per kilobyte needed for a transaction to begin confirmation within conf_target blocks if possible, with the figures that the estimate comes from. Results are returned for any horizon which tracks blocks up to the confirmation target. */
  estimaterawfee(params: { readonly conf_target: number; readonly threshold?: number }): Promise<EstimateRawFeeResult>;
  /** EXPERIMENTAL warning: this call may be changed in future releases.  Returns information on all address manager entries for the new and tried tables. */
  getrawaddrman(params?: Readonly<Record<string, never>>): Promise<GetRawAddrManResult>;
  /** Bump the scheduler into the future (-regtest only) */
  mockscheduler(params: { readonly delta_time: number }): Promise<null>;
  /** Send a p2p message to a peer specified by id. The message type and body must be provided, the message header will be generated. This RPC is for testing only. */
  sendmsgtopeer(params: { readonly peer_id: number; readonly msg_type: string; readonly msg: string }): Promise<Readonly<Record<string, never>>>;
  /** Set the local time to given timestamp (-regtest only) */
  setmocktime(params: { readonly timestamp: number }): Promise<null>;
  /** Waits for the validation interface queue to catch up on everything that was there when we entered this function. */
  syncwithvalidationinterfacequeue(params?: Readonly<Record<string, never>>): Promise<null>;
  /** Mine a set of ordered transactions to a specified address and return the block hash. */
  generateblock(params: { readonly output: string; readonly transactions: readonly string[]; readonly submit?: boolean }): Promise<GenerateBlockResult>;
  /** Mine to a specified address and return the block hashes. A caller ends a long call by closing its connection. */
  generatetoaddress(params: { readonly nblocks: number; readonly address: string; readonly maxtries?: number }): Promise<readonly string[]>;
  /** Mine to a specified descriptor and return the block hashes. */
  generatetodescriptor(params: { readonly num_blocks: number; readonly descriptor: string; readonly maxtries?: number }): Promise<readonly string[]>;
  /** If the request parameters include a 'mode' key, that is used to explicitly select between the default 'template' request or a 'proposal'. It returns data needed to construct a block to work on. For full specification, see BIPs 22, 23, 9, and 145. */
  getblocktemplate(params: { readonly template_request: {
    readonly mode?: string;
    readonly capabilities?: readonly string[];
    readonly rules: readonly string[];
    readonly longpollid?: string;
    readonly data?: string;
  } }): Promise<null | string | GetBlockTemplateResult2>;
  /** Returns a json object containing mining-related information. */
  getmininginfo(params?: Readonly<Record<string, never>>): Promise<GetMiningInfoResult>;
  /** Returns the estimated network hashes per second based on the last n blocks. Pass in [blocks] to override # of blocks, -1 specifies since last difficulty change. Pass in [height] to estimate the network speed at the time when a certain block was found. */
  getnetworkhashps(params?: { readonly nblocks?: number; readonly height?: number }): Promise<number>;
  /** Returns a map of all user-created (see prioritisetransaction) fee deltas by txid, and whether the tx is present in mempool. */
  getprioritisedtransactions(params?: Readonly<Record<string, never>>): Promise<GetPrioritisedTransactionsResult>;
  /** Accepts the transaction into mined blocks at a higher (or lower) priority It counts until a block holds the transaction, also before it comes. */
  prioritisetransaction(params: { readonly txid: string; readonly dummy?: number; readonly fee_delta: number }): Promise<boolean>;
  /** Attempts to submit new block to network. See https://en.bitcoin.it/wiki/BIP_0022 for full specification. */
  submitblock(params: { readonly hexdata: string; readonly dummy?: unknown }): Promise<null | string>;
  /** Decode the given hexdata as a header and submit it as a candidate chain tip if valid. Throws when the header is invalid. */
  submitheader(params: { readonly hexdata: string }): Promise<null>;
  /** Attempts to add or remove a node from the addnode list. Or try a connection to a node once. Nodes added using addnode are protected from being disconnected. */
  addnode(params: { readonly node: string; readonly command: string; readonly v2transport?: boolean }): Promise<null>;
  /** Clear all banned IPs. */
  clearbanned(params?: Readonly<Record<string, never>>): Promise<null>;
  /** Immediately disconnects from the specified peer node. Strictly one out of 'address' and 'nodeid' can be provided to identify the node. To disconnect by nodeid, either set 'address' to the empty string, or call using the named 'nodeid' argument only. */
  disconnectnode(params?: { readonly address?: string; readonly nodeid?: number }): Promise<null>;
  /** Returns information about the given added node, or all added nodes (note that onetry addnodes are not listed here) */
  getaddednodeinfo(params?: { readonly node?: string }): Promise<GetAddedNodeInfoResult>;
  /** Provides information about the node's address manager by returning the number of addresses in the `new` and `tried` tables and their sum for all networks. */
  getaddrmaninfo(params?: Readonly<Record<string, never>>): Promise<GetAddrManInfoResult>;
  /** Returns the number of connections to other nodes. */
  getconnectioncount(params?: Readonly<Record<string, never>>): Promise<number>;
  /** Returns information about network traffic, including bytes in, bytes out, and current system time. */
  getnettotals(params?: Readonly<Record<string, never>>): Promise<GetNetTotalsResult>;
  /** Returns an object containing various state info regarding P2P networking. */
  getnetworkinfo(params?: Readonly<Record<string, never>>): Promise<GetNetworkInfoResult>;
  /** Return known addresses, after filtering for quality and recency. These can potentially be used to find new peers in the network. */
  getnodeaddresses(params?: { readonly count?: number; readonly network?: string }): Promise<GetNodeAddressesResult>;
  /** Returns data about each connected network peer as a json array of objects. */
  getpeerinfo(params?: Readonly<Record<string, never>>): Promise<GetPeerInfoResult>;
  /** List all manually banned IPs/Subnets. */
  listbanned(params?: Readonly<Record<string, never>>): Promise<ListBannedResult>;
  /** Requests that a ping be sent to all other nodes, to measure ping time. Results provided in getpeerinfo, pingtime and pingwait fields are decimal seconds. */
  ping(params?: Readonly<Record<string, never>>): Promise<null>;
  /** Attempts to add or remove an IP/Subnet from the banned list. */
  setban(params: { readonly subnet: string; readonly command: string; readonly bantime?: number; readonly absolute?: boolean }): Promise<null>;
  /** Disable/enable all p2p network activity. */
  setnetworkactive(params: { readonly state: boolean }): Promise<boolean>;
  /** Create a transaction spending the given inputs and creating new outputs. Outputs can be addresses or data. Returns hex-encoded raw transaction. Note that the transaction's inputs are not signed, and it is not stored in the wallet or transmitted to the network. */
  createrawtransaction(params: { readonly inputs: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly sequence?: number;
  }[]; readonly outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>; readonly locktime?: number; readonly replaceable?: boolean; readonly version?: number }): Promise<string>;
  /** Return a JSON object representing the serialized, base64-encoded partially signed transaction. */
  decodepsbt(params: { readonly psbt: string }): Promise<DecodePsbtResult>;
  /** Return a JSON object representing the serialized, hex-encoded transaction. */
  decoderawtransaction(params: { readonly hexstring: string; readonly iswitness?: boolean }): Promise<DecodeRawTransactionResult>;
  /** Decode a hex-encoded script. */
  decodescript(params: { readonly hexstring: string }): Promise<DecodeScriptResult>;
  /** Update all segwit inputs in a PSBT with information from output descriptors, the UTXO set or the mempool.  Then, sign the inputs we are able to with information from the output descriptors. */
  descriptorprocesspsbt(params: { readonly psbt: string; readonly descriptors: readonly unknown[]; readonly sighashtype?: string; readonly bip32derivs?: boolean; readonly finalize?: boolean }): Promise<DescriptorProcessPsbtResult>;
  /** Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getrawtransaction(params: { readonly txid: string; readonly verbosity?: 0 | false; readonly blockhash?: string }): Promise<string>;
  /** Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getrawtransaction(params: { readonly txid: string; readonly verbosity: 1 | true; readonly blockhash?: string }): Promise<GetRawTransactionResult1>;
  /** Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getrawtransaction(params: { readonly txid: string; readonly verbosity: 2; readonly blockhash?: string }): Promise<GetRawTransactionResult2>;
  /** Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getrawtransaction(params: { readonly txid: string; readonly verbosity?: number | boolean; readonly blockhash?: string }): Promise<string | GetRawTransactionResult1 | GetRawTransactionResult2>;
  /** Submit a raw transaction (serialized, hex-encoded) to local node and network. It goes to the mempool and to the peers, again and again until one of them has shown to know it. */
  sendrawtransaction(params: { readonly hexstring: string; readonly maxfeerate?: number | string; readonly maxburnamount?: number | string }): Promise<string>;
  /** Returns result of mempool acceptance tests indicating if raw transaction(s) (serialized, hex-encoded) would be accepted by mempool. If multiple transactions are passed in, parents must come before children and package policies apply: the transactions cannot conflict with any mempool transactions or each other. If one transaction fails, other transactions may not be fully validated (the 'allowed' key will be blank). The maximum number of transactions allowed is 25. */
  testmempoolaccept(params: { readonly rawtxs: readonly string[]; readonly maxfeerate?: number | string }): Promise<TestMempoolAcceptResult>;
  /** Updates all segwit inputs and outputs in a PSBT with data from output descriptors, the UTXO set, the index of transactions or the mempool. */
  utxoupdatepsbt(params: { readonly psbt: string; readonly descriptors?: readonly unknown[] }): Promise<string>;
  /** Combine multiple partially signed Bitcoin transactions into one transaction. Implements the Combiner role. */
  combinepsbt(params: { readonly txs: readonly string[] }): Promise<string>;
  /** Combine multiple partially signed transactions into one transaction. The combined transaction may be another partially signed transaction or a fully signed transaction. */
  combinerawtransaction(params: { readonly txs: readonly string[] }): Promise<string>;
  /** Converts a network serialized transaction to a PSBT. This should be used only with createrawtransaction and fundrawtransaction createpsbt and walletcreatefundedpsbt should be used for new applications. */
  converttopsbt(params: { readonly hexstring: string; readonly permitsigdata?: boolean; readonly iswitness?: boolean }): Promise<string>;
  /** Creates a transaction in the Partially Signed Transaction format. Implements the Creator role. Note that the transaction's inputs are not signed, and it is not stored in the wallet or transmitted to the network. */
  createpsbt(params: { readonly inputs: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly sequence?: number;
  }[]; readonly outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>; readonly locktime?: number; readonly replaceable?: boolean; readonly version?: number }): Promise<string>;
  /** Finalize the inputs of a PSBT. If the transaction is fully signed, it will produce a network serialized transaction which can be broadcast with sendrawtransaction. Otherwise a PSBT will be created which has the final_scriptSig and final_scriptwitness fields filled for inputs that are complete. Implements the Finalizer and Extractor roles. */
  finalizepsbt(params: { readonly psbt: string; readonly extract?: boolean }): Promise<FinalizePsbtResult>;
  /** Shows transactions in the tx orphanage.  EXPERIMENTAL warning: this call may be changed in future releases. */
  getorphantxs(params?: { readonly verbosity?: 0 }): Promise<readonly string[]>;
  /** Shows transactions in the tx orphanage.  EXPERIMENTAL warning: this call may be changed in future releases. */
  getorphantxs(params: { readonly verbosity: 1 }): Promise<GetOrphanTxsResult1>;
  /** Shows transactions in the tx orphanage.  EXPERIMENTAL warning: this call may be changed in future releases. */
  getorphantxs(params: { readonly verbosity: 2 }): Promise<GetOrphanTxsResult2>;
  /** Shows transactions in the tx orphanage.  EXPERIMENTAL warning: this call may be changed in future releases. */
  getorphantxs(params?: { readonly verbosity?: number | boolean }): Promise<readonly string[] | GetOrphanTxsResult1 | GetOrphanTxsResult2>;
  /** Joins multiple distinct PSBTs with different inputs and outputs into one PSBT with inputs and outputs from all of the PSBTs No input in any of the PSBTs can be in more than one of the PSBTs. */
  joinpsbts(params: { readonly txs: readonly string[] }): Promise<string>;
  /** Sign inputs for raw transaction (serialized, hex-encoded). The second argument is an array of base58-encoded private keys that will be the only keys used to sign the transaction. The third optional argument (may be null) is an array of previous transaction outputs that this transaction depends on but may not yet be in the block chain. */
  signrawtransactionwithkey(params: { readonly hexstring: string; readonly privkeys: readonly string[]; readonly prevtxs?: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly scriptPubKey: string;
    readonly redeemScript?: string;
    readonly witnessScript?: string;
    readonly amount?: number | string;
  }[]; readonly sighashtype?: string }): Promise<SignRawTransactionWithKeyResult>;
  /** Derives one or more addresses corresponding to an output descriptor. */
  deriveaddresses(params: { readonly descriptor: string; readonly range?: number | readonly number[] }): Promise<readonly string[] | readonly (readonly string[])[]>;
  /** Estimates the approximate fee per kilobyte needed for a transaction to begin confirmation within conf_target blocks if possible, and returns the number of blocks for which the estimate is valid. Uses virtual transaction size as defined in BIP 141 (witness data is discounted). */
  estimatesmartfee(params: { readonly conf_target: number; readonly estimate_mode?: string }): Promise<EstimateSmartFeeResult>;
  /** Analyses a descriptor. */
  getdescriptorinfo(params: { readonly descriptor: string }): Promise<GetDescriptorInfoResult>;
  /** Returns the status of one or all available indices currently running in the node. */
  getindexinfo(params?: { readonly index_name?: string }): Promise<GetIndexInfoResult>;
  /** Return information about the given bitcoin address. */
  validateaddress(params: { readonly address: string }): Promise<ValidateAddressResult>;
  /** Creates a multi-signature address with n signatures of m keys required. It returns a json object with the address and redeemScript. */
  createmultisig(params: { readonly nrequired: number; readonly keys: readonly string[]; readonly address_type?: string }): Promise<CreateMultisigResult>;
  /** Sign a message with the private key of an address */
  signmessagewithprivkey(params: { readonly privkey: string; readonly message: string }): Promise<string>;
  /** Verify a signed message. */
  verifymessage(params: { readonly address: string; readonly signature: string; readonly message: string }): Promise<boolean>;
  /** Returns information about the active ZeroMQ notifications. */
  getzmqnotifications(params?: Readonly<Record<string, never>>): Promise<GetZmqNotificationsResult>;
  /** Mark in-wallet transaction <txid> as abandoned This will mark this transaction and all its in-wallet descendants as abandoned which will allow for their inputs to be respent.  It can be used to replace "stuck" or evicted transactions. It only works on transactions which are not included in a block and are not currently in the mempool. It has no effect on transactions which are already abandoned. */
  abandontransaction(params: { readonly txid: string }): Promise<null>;
  /** Stops current wallet rescan triggered by an RPC call, e.g. by a rescanblockchain call. Note: Use "getwalletinfo" to query the scanning progress. */
  abortrescan(params?: Readonly<Record<string, never>>): Promise<boolean>;
  /** Safely copies the current wallet to the specified destination, which can either be a directory or a path with a filename. */
  backupwallet(params: { readonly destination: string }): Promise<null>;
  /** Bumps the fee of a transaction T, replacing it with a new transaction B. A transaction with the given txid must be in the wallet. The command will pay the additional fee by reducing change outputs or adding inputs when necessary. It may add a new change output if one does not already exist. All inputs in the original transaction will be included in the replacement transaction. The command will fail if the wallet or mempool contains a transaction that spends one of T's outputs. By default, the new fee will be calculated automatically using the estimatesmartfee RPC. The user can specify a confirmation target for estimatesmartfee. Alternatively, the user can specify a fee rate in sat/vB for the new transaction. At a minimum, the new fee rate must be high enough to pay an additional new relay fee (incrementalfee returned by getnetworkinfo) to enter the node's mempool. */
  bumpfee(params: { readonly txid: string; readonly options?: {
    readonly conf_target?: number;
    readonly fee_rate?: unknown;
    readonly replaceable?: boolean;
    readonly estimate_mode?: string;
    readonly outputs?: unknown;
    readonly original_change_index?: number;
  } }): Promise<BumpFeeResult>;
  /** Creates and loads a new wallet. */
  createwallet(params: { readonly wallet_name: string; readonly disable_private_keys?: boolean; readonly blank?: boolean; readonly passphrase?: string; readonly avoid_reuse?: boolean; readonly descriptors?: boolean; readonly load_on_startup?: boolean; readonly external_signer?: boolean }): Promise<CreateWalletResult>;
  /** Creates the wallet's descriptor for the given address type. The address type must be one that the wallet does not already have a descriptor for. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  createwalletdescriptor(params: { readonly type: string; readonly options?: {
    readonly internal?: boolean;
    readonly hdkey?: string;
  } }): Promise<CreateWalletDescriptorResult>;
  /** Encrypts the wallet with 'passphrase'. This is for first time encryption. After this, any calls that interact with private keys such as sending or signing  will require the passphrase to be set prior to making these calls. Use the walletpassphrase call for this, and then walletlock call. If the wallet is already encrypted, use the walletpassphrasechange call. ** IMPORTANT ** For security reasons, the encryption process will generate a new HD seed, resulting in the creation of a fresh set of active descriptors. Therefore, it is crucial to securely back up the newly generated wallet file using the backupwallet RPC. */
  encryptwallet(params: { readonly passphrase: string }): Promise<string>;
  /** If the transaction has no inputs, they will be automatically selected to meet its out value. It will add at most one change output to the outputs. No existing outputs will be modified unless "subtractFeeFromOutputs" is specified. Note that inputs which were signed may need to be resigned after completion since in/outputs have been added. The inputs added will not be signed, use signrawtransactionwithkey or signrawtransactionwithwallet for that. All existing inputs must either have their previous output transaction be in the wallet or be in the UTXO set. Solving data must be provided for non-wallet inputs. */
  fundrawtransaction(params: { readonly hexstring: string; readonly options?: unknown; readonly iswitness?: boolean }): Promise<FundRawTransactionResult>;
  /** Returns the list of addresses assigned the specified label. */
  getaddressesbylabel(params: { readonly label: string }): Promise<GetAddressesByLabelResult>;
  /** Return information about the given bitcoin address. Some of the information will only be present if the address is in the active wallet. */
  getaddressinfo(params: { readonly address: string }): Promise<GetAddressInfoResult>;
  /** Returns the total available balance. The available balance is what the wallet considers currently spendable, and is thus affected by options which limit spendability such as -spendzeroconfchange. */
  getbalance(params?: { readonly dummy?: string; readonly minconf?: number; readonly include_watchonly?: boolean; readonly avoid_reuse?: boolean }): Promise<number>;
  /** Returns an object with all balances. */
  getbalances(params?: Readonly<Record<string, never>>): Promise<GetBalancesResult>;
  /** List all BIP 32 HD keys in the wallet and which descriptors use them. */
  gethdkeys(params?: { readonly options?: {
    readonly active_only?: boolean;
    readonly private?: boolean;
  } }): Promise<GetHdKeysResult>;
  /** Returns a new Bitcoin address for receiving payments. If 'label' is specified, it is added to the address book  so payments received with the address will be associated with 'label'. */
  getnewaddress(params?: { readonly label?: string; readonly address_type?: string }): Promise<string>;
  /** Returns a new Bitcoin address, for receiving change. This is for use with raw transactions, NOT normal use. */
  getrawchangeaddress(params?: { readonly address_type?: string }): Promise<string>;
  /** Returns the total amount received by the given address in transactions with at least minconf confirmations. */
  getreceivedbyaddress(params: { readonly address: string; readonly minconf?: number; readonly include_immature_coinbase?: boolean }): Promise<number>;
  /** Returns the total amount received by addresses with <label> in transactions with at least [minconf] confirmations. */
  getreceivedbylabel(params: { readonly label: string; readonly minconf?: number; readonly include_immature_coinbase?: boolean }): Promise<number>;
  /** Get detailed information about in-wallet transaction <txid> */
  gettransaction(params: { readonly txid: string; readonly include_watchonly?: boolean; readonly verbose?: boolean }): Promise<GetTransactionResult>;
  /** Returns an object containing various wallet state info. */
  getwalletinfo(params?: Readonly<Record<string, never>>): Promise<GetWalletInfoResult>;
  /** Import descriptors. This will trigger a rescan of the blockchain based on the earliest timestamp of all descriptors being imported. Requires a new wallet backup. When importing descriptors with multipath key expressions, if the multipath specifier contains exactly two elements, the descriptor produced from the second element will be imported as an internal descriptor.  Note: This call can take over an hour to complete if using an early timestamp; during that time, other rpc calls may report that the imported keys, addresses or scripts exist but related transactions are still missing. The rescan is significantly faster if block filters are available (using startup option "-blockfilterindex=1"). */
  importdescriptors(params: { readonly requests: readonly {
    readonly desc: string;
    readonly active?: boolean;
    readonly range?: number | readonly number[];
    readonly next_index?: number;
    readonly timestamp: unknown;
    readonly internal?: boolean;
    readonly label?: string;
  }[] }): Promise<ImportDescriptorsResult>;
  /** Imports funds without rescan. Corresponding address or script must previously be included in wallet. Aimed towards pruned wallets. The end-user is responsible to import additional transactions that subsequently spend the imported outputs or rescan after the point in the blockchain the transaction is included. */
  importprunedfunds(params: { readonly rawtransaction: string; readonly txoutproof: string }): Promise<null>;
  /** Refills each descriptor keypool in the wallet up to the specified number of new keys. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  keypoolrefill(params?: { readonly newsize?: number }): Promise<null>;
  /** Lists groups of addresses which have had their common ownership made public by common use as inputs or as the resulting change in past transactions */
  listaddressgroupings(params?: Readonly<Record<string, never>>): Promise<readonly (readonly (readonly unknown[])[])[]>;
  /** List all descriptors present in a wallet. */
  listdescriptors(params?: { readonly private?: boolean }): Promise<ListDescriptorsResult>;
  /** Returns the list of all labels, or labels that are assigned to addresses with a specific purpose. */
  listlabels(params?: { readonly purpose?: string }): Promise<readonly string[]>;
  /** Returns list of temporarily unspendable outputs. See the lockunspent call to lock and unlock transactions for spending. */
  listlockunspent(params?: Readonly<Record<string, never>>): Promise<ListLockUnspentResult>;
  /** List balances by receiving address. */
  listreceivedbyaddress(params?: { readonly minconf?: number; readonly include_empty?: boolean; readonly include_watchonly?: boolean; readonly address_filter?: string; readonly include_immature_coinbase?: boolean }): Promise<ListReceivedByAddressResult>;
  /** List received transactions by label. */
  listreceivedbylabel(params?: { readonly minconf?: number; readonly include_empty?: boolean; readonly include_watchonly?: boolean; readonly include_immature_coinbase?: boolean }): Promise<ListReceivedByLabelResult>;
  /** Get all transactions in blocks since block [blockhash], or all transactions if omitted. If "blockhash" is no longer a part of the main chain, transactions from the fork point onward are included. Additionally, if include_removed is set, transactions affecting the wallet which were removed are returned in the "removed" array. */
  listsinceblock(params?: { readonly blockhash?: string; readonly target_confirmations?: number; readonly include_watchonly?: boolean; readonly include_removed?: boolean; readonly include_change?: boolean; readonly label?: string }): Promise<ListSinceBlockResult>;
  /** If a label name is provided, this will return only incoming transactions paying to addresses with the specified label. Returns up to 'count' most recent transactions ordered from oldest to newest while skipping the first number of  transactions specified in the 'skip' argument. A transaction can have multiple entries in this RPC response: one for each output that pays another, and one for each that pays the wallet. */
  listtransactions(params?: { readonly label?: string; readonly count?: number; readonly skip?: number; readonly include_watchonly?: boolean }): Promise<ListTransactionsResult>;
  /** Returns array of unspent transaction outputs with between minconf and maxconf (inclusive) confirmations. Optionally filter to only include txouts paid to specified addresses. */
  listunspent(params?: { readonly minconf?: number; readonly maxconf?: number; readonly addresses?: readonly string[]; readonly include_unsafe?: boolean; readonly query_options?: {
    readonly minimumAmount?: number | string;
    readonly maximumAmount?: number | string;
    readonly maximumCount?: number;
    readonly minimumSumAmount?: number | string;
    readonly include_immature_coinbase?: boolean;
  } }): Promise<ListUnspentResult>;
  /** Returns a list of wallets in the wallet directory. */
  listwalletdir(params?: Readonly<Record<string, never>>): Promise<ListWalletDirResult>;
  /** Returns a list of currently loaded wallets. For full information on the wallet, use "getwalletinfo" */
  listwallets(params?: Readonly<Record<string, never>>): Promise<readonly string[]>;
  /** Loads a wallet from its directory. */
  loadwallet(params: { readonly filename: string; readonly load_on_startup?: boolean }): Promise<LoadWalletResult>;
  /** Updates list of temporarily unspendable outputs. Temporarily lock (unlock=false) or unlock (unlock=true) specified transaction outputs. If no transaction outputs are specified when unlocking then all current locked transaction outputs are unlocked. A locked transaction output will not be chosen by automatic coin selection, when spending bitcoins. Manually selected coins are automatically unlocked. Locks are stored in memory only, unless persistent=true, in which case they will be written to the wallet database and loaded on node start. Unwritten (persistent=false) locks are always cleared (by virtue of process exit) when a node stops or fails. Unlocking will clear both persistent and not. Also see the listunspent call */
  lockunspent(params: { readonly unlock: boolean; readonly transactions?: readonly {
    readonly txid: string;
    readonly vout: number;
  }[]; readonly persistent?: boolean }): Promise<boolean>;
  /** Bumps the fee of a transaction T, replacing it with a new transaction B. Returns a PSBT instead of creating and signing a new transaction. A transaction with the given txid must be in the wallet. The command will pay the additional fee by reducing change outputs or adding inputs when necessary. It may add a new change output if one does not already exist. All inputs in the original transaction will be included in the replacement transaction. The command will fail if the wallet or mempool contains a transaction that spends one of T's outputs. By default, the new fee will be calculated automatically using the estimatesmartfee RPC. The user can specify a confirmation target for estimatesmartfee. Alternatively, the user can specify a fee rate in sat/vB for the new transaction. At a minimum, the new fee rate must be high enough to pay an additional new relay fee (incrementalfee returned by getnetworkinfo) to enter the node's mempool. */
  psbtbumpfee(params: { readonly txid: string; readonly options?: {
    readonly conf_target?: number;
    readonly fee_rate?: unknown;
    readonly replaceable?: boolean;
    readonly estimate_mode?: string;
    readonly outputs?: unknown;
    readonly original_change_index?: number;
  } }): Promise<PsbtBumpFeeResult>;
  /** Deletes the specified transaction from the wallet. Meant for use with pruned wallets and as a companion to importprunedfunds. This will affect wallet balances. */
  removeprunedfunds(params: { readonly txid: string }): Promise<null>;
  /** Rescan the local blockchain for wallet related transactions. Note: Use "getwalletinfo" to query the scanning progress. The rescan is significantly faster if block filters are available (using startup option "-blockfilterindex=1"). */
  rescanblockchain(params?: { readonly start_height?: number; readonly stop_height?: number }): Promise<RescanBlockchainResult>;
  /** Restores and loads a wallet from backup.  The rescan is significantly faster if block filters are available (using startup option "-blockfilterindex=1"). */
  restorewallet(params: { readonly wallet_name: string; readonly backup_file: string; readonly load_on_startup?: boolean }): Promise<RestoreWalletResult>;
  /** EXPERIMENTAL warning: this call may be changed in future releases.  Send a transaction. */
  send(params: { readonly outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>; readonly conf_target?: number; readonly estimate_mode?: string; readonly fee_rate?: number | string; readonly options?: {
    readonly add_inputs?: boolean;
    readonly include_unsafe?: boolean;
    readonly minconf?: number;
    readonly maxconf?: number;
    readonly add_to_wallet?: boolean;
    readonly change_address?: string;
    readonly change_position?: number;
    readonly change_type?: string;
    readonly include_watching?: boolean;
    readonly inputs?: readonly unknown[];
    readonly locktime?: number;
    readonly lock_unspents?: boolean;
    readonly psbt?: boolean;
    readonly subtract_fee_from_outputs?: readonly unknown[];
    readonly max_tx_weight?: number;
    readonly fee_rate?: unknown;
    readonly conf_target?: number;
    readonly estimate_mode?: string;
    readonly replaceable?: boolean;
    readonly solving_data?: unknown;
  }; readonly version?: number }): Promise<SendResult>;
  /** EXPERIMENTAL warning: this call may be changed in future releases.  Spend the value of all (or specific) confirmed UTXOs and unconfirmed change in the wallet to one or more recipients. Unconfirmed inbound UTXOs and locked UTXOs will not be spent. Sendall will respect the avoid_reuse wallet flag. If your wallet contains many small inputs, either because it received tiny payments or as a result of accumulating change, consider using `send_max` to exclude inputs that are worth less than the fees needed to spend them. */
  sendall(params: { readonly recipients: readonly unknown[]; readonly conf_target?: number; readonly estimate_mode?: string; readonly fee_rate?: number | string; readonly options?: {
    readonly add_to_wallet?: boolean;
    readonly include_watching?: boolean;
    readonly inputs?: readonly unknown[];
    readonly locktime?: number;
    readonly lock_unspents?: boolean;
    readonly psbt?: boolean;
    readonly send_max?: boolean;
    readonly minconf?: number;
    readonly maxconf?: number;
    readonly version?: number;
    readonly fee_rate?: unknown;
    readonly conf_target?: number;
    readonly estimate_mode?: string;
    readonly replaceable?: boolean;
    readonly solving_data?: unknown;
  } }): Promise<SendAllResult>;
  /** Send multiple times. Amounts are double-precision floating point numbers. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendmany(params: { readonly dummy?: string; readonly amounts: unknown; readonly minconf?: number; readonly comment?: string; readonly subtractfeefrom?: readonly unknown[]; readonly replaceable?: boolean; readonly conf_target?: number; readonly estimate_mode?: string; readonly fee_rate?: number | string; readonly verbose?: false }): Promise<string>;
  /** Send multiple times. Amounts are double-precision floating point numbers. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendmany(params: { readonly dummy?: string; readonly amounts: unknown; readonly minconf?: number; readonly comment?: string; readonly subtractfeefrom?: readonly unknown[]; readonly replaceable?: boolean; readonly conf_target?: number; readonly estimate_mode?: string; readonly fee_rate?: number | string; readonly verbose: true }): Promise<SendManyResult1>;
  /** Send multiple times. Amounts are double-precision floating point numbers. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendmany(params: { readonly dummy?: string; readonly amounts: unknown; readonly minconf?: number; readonly comment?: string; readonly subtractfeefrom?: readonly unknown[]; readonly replaceable?: boolean; readonly conf_target?: number; readonly estimate_mode?: string; readonly fee_rate?: number | string; readonly verbose?: boolean }): Promise<string | SendManyResult1>;
  /** Send an amount to a given address. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendtoaddress(params: { readonly address: string; readonly amount: number | string; readonly comment?: string; readonly comment_to?: string; readonly subtractfeefromamount?: boolean; readonly replaceable?: boolean; readonly conf_target?: number; readonly estimate_mode?: string; readonly avoid_reuse?: boolean; readonly fee_rate?: number | string; readonly verbose?: false }): Promise<string>;
  /** Send an amount to a given address. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendtoaddress(params: { readonly address: string; readonly amount: number | string; readonly comment?: string; readonly comment_to?: string; readonly subtractfeefromamount?: boolean; readonly replaceable?: boolean; readonly conf_target?: number; readonly estimate_mode?: string; readonly avoid_reuse?: boolean; readonly fee_rate?: number | string; readonly verbose: true }): Promise<SendToAddressResult1>;
  /** Send an amount to a given address. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  sendtoaddress(params: { readonly address: string; readonly amount: number | string; readonly comment?: string; readonly comment_to?: string; readonly subtractfeefromamount?: boolean; readonly replaceable?: boolean; readonly conf_target?: number; readonly estimate_mode?: string; readonly avoid_reuse?: boolean; readonly fee_rate?: number | string; readonly verbose?: boolean }): Promise<string | SendToAddressResult1>;
  /** Sets the label associated with the given address. */
  setlabel(params: { readonly address: string; readonly label: string }): Promise<null>;
  /** Change the state of the given wallet flag for a wallet. */
  setwalletflag(params: { readonly flag: string; readonly value?: boolean }): Promise<SetWalletFlagResult>;
  /** Sign a message with the private key of an address Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  signmessage(params: { readonly address: string; readonly message: string }): Promise<string>;
  /** Sign inputs for raw transaction (serialized, hex-encoded). The second optional argument (may be null) is an array of previous transaction outputs that this transaction depends on but may not yet be in the block chain. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  signrawtransactionwithwallet(params: { readonly hexstring: string; readonly prevtxs?: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly scriptPubKey: string;
    readonly redeemScript?: string;
    readonly witnessScript?: string;
    readonly amount?: number | string;
  }[]; readonly sighashtype?: string }): Promise<SignRawTransactionWithWalletResult>;
  /** Calculate the balance change resulting in the signing and broadcasting of the given transaction(s). */
  simulaterawtransaction(params?: { readonly rawtxs?: readonly string[]; readonly options?: {
    readonly include_watchonly?: boolean;
  } }): Promise<SimulateRawTransactionResult>;
  /** Unloads the wallet referenced by the request endpoint or the wallet_name argument. If both are specified, they must be identical. */
  unloadwallet(params?: { readonly wallet_name?: string; readonly load_on_startup?: boolean }): Promise<UnloadWalletResult>;
  /** Creates and funds a transaction in the Partially Signed Transaction format. Implements the Creator and Updater roles. All existing inputs must either have their previous output transaction be in the wallet or be in the UTXO set. Solving data must be provided for non-wallet inputs. */
  walletcreatefundedpsbt(params: { readonly inputs?: readonly unknown[]; readonly outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>; readonly locktime?: number; readonly options?: {
    readonly add_inputs?: boolean;
    readonly include_unsafe?: boolean;
    readonly minconf?: number;
    readonly maxconf?: number;
    readonly changeAddress?: string;
    readonly changePosition?: number;
    readonly change_type?: string;
    readonly includeWatching?: boolean;
    readonly lockUnspents?: boolean;
    readonly feeRate?: unknown;
    readonly subtractFeeFromOutputs?: readonly unknown[];
    readonly max_tx_weight?: number;
    readonly fee_rate?: unknown;
    readonly conf_target?: number;
    readonly estimate_mode?: string;
    readonly replaceable?: boolean;
    readonly solving_data?: unknown;
  }; readonly bip32derivs?: boolean; readonly version?: number }): Promise<WalletCreateFundedPsbtResult>;
  /** Display address on an external signer for verification. No signer can be connected to this node, so the call is always refused. */
  walletdisplayaddress(params: { readonly address: string }): Promise<WalletDisplayAddressResult>;
  /** Removes the wallet encryption key from memory, locking the wallet. After calling this method, you will need to call walletpassphrase again before being able to call any methods which require the wallet to be unlocked. */
  walletlock(params?: Readonly<Record<string, never>>): Promise<null>;
  /** Stores the wallet decryption key in memory for 'timeout' seconds. This is needed prior to performing transactions related to private keys such as sending bitcoins  Note: Issuing the walletpassphrase command while the wallet is already unlocked will set a new unlock time that overrides the old one. */
  walletpassphrase(params: { readonly passphrase: string; readonly timeout: number }): Promise<null>;
  /** Changes the wallet passphrase from 'oldpassphrase' to 'newpassphrase'. */
  walletpassphrasechange(params: { readonly oldpassphrase: string; readonly newpassphrase: string }): Promise<null>;
  /** Update a PSBT with input information from our wallet and then sign inputs that we can sign for. Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted. */
  walletprocesspsbt(params: { readonly psbt: string; readonly sign?: boolean; readonly sighashtype?: string; readonly bip32derivs?: boolean; readonly finalize?: boolean }): Promise<WalletProcessPsbtResult>;
}
