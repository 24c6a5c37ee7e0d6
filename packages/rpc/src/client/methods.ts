/** Written by `pnpm rpc` from the methods: don't edit it. */

/** The methods of a node, with the types of what they take and answer. Amounts are in coins, times in seconds. */
export interface RpcMethods {
  /** Returns the hash of the best (tip) block in the most-work fully-validated chain. */
  getBestBlockHash(): Promise<string>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity: 0 | false): Promise<string>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity?: 1 | true): Promise<{
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
  }>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity: 2): Promise<{
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
  }>;
  /** Returns a block. If verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well. */
  getBlock(blockhash: string, verbosity: 3): Promise<{
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
  }>;
  /** Returns an object containing various state info regarding blockchain processing. */
  getBlockchainInfo(): Promise<{
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
    /** The block challenge (only on a signet) */
    readonly signet_challenge?: string;
    /** Warnings for the operator */
    readonly warnings: readonly string[];
  }>;
  /** Returns the height of the most-work fully-validated chain.\nThe genesis block has height 0. */
  getBlockCount(): Promise<number>;
  /** Returns the hash of the block of the best chain at the height given. */
  getBlockHash(height: number): Promise<string>;
  /** Returns a block header. If verbose is false, as hex. If verbose is true, as an object with what is known of the block. */
  getBlockHeader(blockhash: string, verbose?: true): Promise<{
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
  }>;
  /** Returns a block header. If verbose is false, as hex. If verbose is true, as an object with what is known of the block. */
  getBlockHeader(blockhash: string, verbose: false): Promise<string>;
  /** Compute per block statistics for a given window. All amounts are in satoshis. */
  getBlockStats(hash_or_height: string | number, stats?: readonly string[] | null): Promise<{
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
  }>;
  /** Returns the ends of all known branches of the block tree: of the main chain and of stale ones. */
  getChainTips(): Promise<readonly {
    /** The height of the end */
    readonly height: number;
    /** The block hash of the end */
    readonly hash: string;
    /** How many blocks of the branch are not in the main chain */
    readonly branchlen: number;
    /** The status of the branch: "invalid": it contains an invalid block "headers-only": bodies are missing "valid-headers": all bodies are here and were never connected "valid-fork": it once was the main chain, or a part of it "active": it is the main chain */
    readonly status: "active" | "valid-fork" | "valid-headers" | "headers-only" | "invalid";
  }[]>;
  /** Computes statistics about the total number and rate of transactions in the chain. */
  getChaintxStats(nblocks?: number | null, blockhash?: string | null): Promise<{
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
  }>;
  /** Returns an object containing various state info regarding deployments of consensus changes. */
  getDeploymentInfo(blockhash?: string | null): Promise<{
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
  }>;
  /** Returns the proof-of-work difficulty as a multiple of the minimum difficulty. */
  getDifficulty(): Promise<number>;
  /** If txid is in the mempool, returns all its unconfirmed ancestors. */
  getMempoolAncestors(txid: string, verbose?: false): Promise<readonly string[]>;
  /** If txid is in the mempool, returns all its unconfirmed ancestors. */
  getMempoolAncestors(txid: string, verbose: true): Promise<Readonly<Record<string, {
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
  }>>>;
  /** If txid is in the mempool, returns all its unconfirmed descendants. */
  getMempoolDescendants(txid: string, verbose?: false): Promise<readonly string[]>;
  /** If txid is in the mempool, returns all its unconfirmed descendants. */
  getMempoolDescendants(txid: string, verbose: true): Promise<Readonly<Record<string, {
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
  }>>>;
  /** Returns mempool data for given transaction. */
  getMempoolEntry(txid: string): Promise<{
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
  }>;
  /** Returns details on the active state of the TX memory pool. */
  getMempoolInfo(): Promise<{
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
  }>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getRawMempool(verbose?: false, mempool_sequence?: boolean): Promise<readonly string[]>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getRawMempool(verbose: true, mempool_sequence?: boolean): Promise<Readonly<Record<string, {
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
  }>>>;
  /** Returns all transaction ids in memory pool as a json array of string transaction ids. Hint: use getmempoolentry to fetch a specific transaction from the mempool. */
  getRawMempool(verbose: boolean | null, mempool_sequence: true): Promise<{
    /** The transactions */
    readonly txids: readonly string[];
    /** Counts up with each change of the mempool or of the chain */
    readonly mempool_sequence: number;
  }>;
  /** Returns details about an unspent transaction output. */
  getTxout(txid: string, n: number, include_mempool?: boolean | null): Promise<null>;
  /** Returns a hex-encoded proof that "txid" was included in a block. NOTE: Without blockhash, it only works where there is an unspent output of a transaction. */
  getTxoutProof(txids: readonly string[], blockhash?: string | null): Promise<string>;
  /** Scans the mempool to find transactions spending any of the given outputs */
  getTxSpendingPrevOut(outputs: readonly {
    readonly txid: string;
    readonly vout: number;
  }[], options?: {
    readonly mempool_only?: boolean;
    readonly return_spending_tx?: boolean;
  } | null): Promise<readonly {
    /** The transaction id of the checked output */
    readonly txid: string;
    /** The number of the checked output */
    readonly vout: number;
    /** The transaction of the mempool that spends it */
    readonly spendingtxid?: string;
    /** That transaction whole (only if return_spending_tx is set) */
    readonly spendingtx?: string;
  }[]>;
  /** Permanently marks a block as invalid, as if it violated a consensus rule. */
  invalidateBlock(blockhash: string): Promise<null>;
  /** Treats a block as if it were received before others with the same work. A later call overrides an earlier one; none outlives the node */
  preciousBlock(blockhash: string): Promise<null>;
  /** Removes invalidity status of a block, its ancestors and its descendants, reconsider them for activation. This can be used to undo the effects of invalidateblock. */
  reconsiderBlock(blockhash: string): Promise<null>;
  /** Verifies that a proof points to a transaction in a block, returning the transaction it commits to and throwing an RPC error if the block is not in our best chain */
  verifyTxoutProof(proof: string): Promise<readonly string[]>;
  /** Waits for a specific new block and returns useful info about it. Returns the current block on timeout or exit. */
  waitForBlock(blockhash: string, timeout?: number | null): Promise<{
    /** The block hash */
    readonly hash: string;
    /** Block height */
    readonly height: number;
  }>;
  /** Waits for (at least) block height and returns the height and hash of the current tip. Returns the current block on timeout or exit. */
  waitForBlockHeight(height: number, timeout?: number | null): Promise<{
    /** The block hash */
    readonly hash: string;
    /** Block height */
    readonly height: number;
  }>;
  /** Waits for any new block and returns useful info about it. Returns the current block on timeout or exit. */
  waitForNewBlock(timeout?: number | null, current_tip?: string | null): Promise<{
    /** The block hash */
    readonly hash: string;
    /** Block height */
    readonly height: number;
  }>;
  /** Returns an OpenRPC document that describes the methods of this server. */
  getOpenRpcInfo(): Promise<unknown>;
  /** Returns details of the RPC server. */
  getRpcInfo(): Promise<{
    /** All calls in progress, this one included */
    readonly active_commands: readonly {
      /** The name of the method */
      readonly method: string;
      /** The running time in microseconds */
      readonly duration: number;
    }[];
    /** The complete file path to the debug log */
    readonly logpath: string;
  }>;
  /** List all commands, or get help for a specified command. */
  help(command?: string | null): Promise<string>;
  /** Request a graceful shutdown of the node. */
  stop(): Promise<string>;
  /** Returns the total uptime of the server. */
  uptime(): Promise<number>;
  /** Simply echo back the input arguments. This command is for testing. */
  echo(arg0?: unknown | null, arg1?: unknown | null, arg2?: unknown | null, arg3?: unknown | null, arg4?: unknown | null, arg5?: unknown | null, arg6?: unknown | null, arg7?: unknown | null, arg8?: unknown | null, arg9?: unknown | null): Promise<unknown>;
  /** Simply echo back the input arguments. This command is for testing. */
  echojson(arg0?: unknown | null, arg1?: unknown | null, arg2?: unknown | null, arg3?: unknown | null, arg4?: unknown | null, arg5?: unknown | null, arg6?: unknown | null, arg7?: unknown | null, arg8?: unknown | null, arg9?: unknown | null): Promise<unknown>;
  /** Attempts to submit new block to network. See https://en.bitcoin.it/wiki/BIP_0022 for full specification. */
  submitBlock(hexdata: string, dummy?: unknown | null): Promise<null>;
  /** Decode the given hexdata as a header and submit it as a candidate chain tip if valid. Throws when the header is invalid. */
  submitHeader(hexdata: string): Promise<null>;
  /** Create a transaction spending the given inputs and creating new outputs. Outputs can be addresses or data. Returns hex-encoded raw transaction. Note that the transaction's inputs are not signed, and it is not stored in the wallet or transmitted to the network. */
  createRawTransaction(inputs: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly sequence?: number;
  }[], outputs: readonly Readonly<Record<string, number | string>>[] | Readonly<Record<string, number | string>>, locktime?: number | null, replaceable?: boolean | null, version?: number | null): Promise<string>;
  /** Return a JSON object representing the serialized, hex-encoded transaction. */
  decodeRawTransaction(hexstring: string, iswitness?: boolean | null): Promise<{
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
        /** The raw output script bytes */
        readonly hex: string;
        /** The address, where there is one */
        readonly address?: string;
        /** The type, such as witness_v0_keyhash */
        readonly type: string;
      };
    }[];
  }>;
  /** Return a transaction of the mempool; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getRawTransaction(txid: string, verbosity?: 0 | false, blockhash?: string): Promise<string>;
  /** Return a transaction of the mempool; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getRawTransaction(txid: string, verbosity: 1 | true, blockhash?: string): Promise<{
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
  }>;
  /** Return a transaction of the mempool; with a blockhash, of that block. If verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well. */
  getRawTransaction(txid: string, verbosity: 2, blockhash?: string): Promise<{
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
  }>;
  /** Submit a raw transaction (serialized, hex-encoded) to local node and network. It goes to the mempool and to the peers, again and again until one of them has shown to know it. */
  sendRawTransaction(hexstring: string, maxfeerate?: number | string | null, maxburnamount?: number | string | null): Promise<string>;
  /** Returns the status of one or all available indices currently running in the node. */
  getIndexInfo(index_name?: string | null): Promise<Readonly<Record<string, {
    /** Whether the index is synced or not */
    readonly synced: boolean;
    /** The block height to which the index is synced */
    readonly best_block_height: number;
  }>>>;
}
