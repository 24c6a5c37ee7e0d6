import type { BlockHash, BlockHeader, Coin, CoinChanges, LocatedCoin, Outpoint } from "@chain/core";

/** How far a block has been checked. `invalid` covers what descends from an invalid block. */
export type BlockStatus =
  | "header" // the header is valid; the body is not here or was not looked at
  | "body" // the body is stored and valid as far as that can be said without its coins
  | "connected" // was once part of the best chain: every rule has been checked
  | "invalid";

/** One entry of the block index. */
export interface BlockRecord {
  readonly header: BlockHeader;
  readonly height: number;
  readonly status: BlockStatus;
  /** Whether the store has the body. Kept by the store itself; ignored when a record is written. */
  readonly hasBody: boolean;
  /** Transactions in the body; 0 while it is not here, unless it was pruned and the block stays connected. */
  readonly transactionCount: number;
  /** Why it is invalid: Core's reject reason. */
  readonly reason?: string;
}

/** The same, undecoded: a start reads a million of them. Valid until the next one is handed out. */
export interface RawRecord {
  /** Where the 80 bytes of its header stand: in these bytes, from `headerStart` on. */
  readonly header: Uint8Array;
  readonly headerStart: number;
  /** Where the 32 bytes of its hash stand: in these bytes, from `hashStart` on. */
  readonly hash: Uint8Array;
  readonly hashStart: number;
  readonly height: number;
  readonly status: BlockStatus;
  /** Whether the store has the body. */
  readonly hasBody: boolean;
  /** Transactions in the body; 0 while it is not here, unless it was pruned and the block stays connected. */
  readonly transactionCount: number;
  /** Core's reject reason where the status is `invalid`. */
  readonly invalidReason: string | undefined;
}

/** One step of the chain state: all of it is stored, or nothing. */
export interface ChainUpdate {
  /** The last connected block once this is done. */
  readonly tip: BlockHash;
  /** Blocks connected by this step, in order, with their encoded undo data. */
  readonly connected: readonly { readonly hash: BlockHash; readonly undo: Uint8Array }[];
  /** Net effect on the coins, and by it on the index by output script, where there is one. */
  readonly coins: CoinChanges;
  /** Index entries that change with this step. */
  readonly records: readonly BlockRecord[];
  /**
   * Wait until the disk has it, so that a power cut can't take it back. Without it a killed process loses nothing, and
   * a power cut the last steps, never the consistency: at worst the next open finds no tip, and the coins have to be
   * made again from the blocks.
   */
  readonly durable: boolean;
}

/** The blocks that are to be deleted. */
export interface PruneOptions {
  /** The last height that may go. */
  readonly height: number;
  /** Nothing more goes once blocks and undo data take so many bytes or fewer. Default: all goes that may. */
  readonly target?: number;
  /** Whether a block is part of the best chain, and stays connected without its body. */
  readonly isActive: (hash: BlockHash) => boolean;
}

/** The outcome of pruning. */
export interface PrunedBlocks {
  /** Height of the highest connected block that has no body any more; `undefined` where none was deleted. */
  readonly height: number | undefined;
  /** Deleted blocks that are not of the best chain: they are headers again. */
  readonly forgotten: readonly BlockHash[];
}

export interface CoinStatistics {
  readonly count: number;
  /** Transactions that have an unspent output. */
  readonly transactions: number;
  /** Sum of all values in base units. */
  readonly total: bigint;
  /** The size of the coins, by a measure that no database changes. Core: `bogosize`. */
  readonly bogoSize: number;
  /** The hash that was asked for, as Core writes it: equal sets, equal hashes. Empty where none was. */
  readonly hash: string;
}

/**
 * How coins are hashed: SHA-256d over all of them in the order of outpoints, which is Core's `hash_serialized_3`; by
 * `MuHash`, which any order yields; or not at all.
 */
export type CoinHash = "serialized" | "muhash" | "none";

/**
 * The coins that the blocks below a snapshot are connected to, beside those of the snapshot, which the chain goes on
 * with.
 */
export interface BackgroundCoins {
  /** The block of the snapshot. */
  readonly base: BlockHash;
  /** The last block that was connected to these coins. */
  readonly tip: BlockHash;
  /** As that of the store. */
  getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]>;
  /** As that of the store; the tip is that of these coins. */
  commit(update: ChainUpdate): Promise<void>;
  /** As that of the store. */
  coinStatistics(hash?: CoinHash): Promise<CoinStatistics>;
  /**
   * Ends it: the store keeps the coins of the snapshot with its own tip, or these coins with theirs. One small atomic
   * write.
   */
  end(keep: "snapshot" | "background"): Promise<void>;
}

/** The coins of a snapshot that was read, and that nothing depends on yet. */
export interface LoadedCoins {
  readonly statistics: CoinStatistics;
  /**
   * Makes them those of the store, as they are after a block of its index; those that it had go on in the background.
   * One small atomic, durable write.
   * @throws StorageError `unknown-block`
   */
  activate(base: BlockHash): Promise<BackgroundCoins>;
  /** Deletes them. The next open does where this is not called. */
  discard(): Promise<void>;
}

/**
 * Keeps blocks, undo data, block index and coins of one chain. One writer; every write is atomic. It throws a
 * StorageError: I/O, corruption or misuse, never a verdict on data.
 */
export interface ChainStore {
  /** Raw genesis block; `undefined` in a store that was just made. */
  readGenesis(): Promise<Uint8Array | undefined>;
  /** Last block whose coins are in the store; `undefined` where no block, not even the genesis, was connected. */
  readTip(): Promise<BlockHash | undefined>;
  /**
   * One index entry: what a question about one block needs, without the index of all. (A header without a body that came
   * with many others may take a search through all such headers.)
   */
  readRecord(hash: BlockHash): Promise<BlockRecord | undefined>;
  /**
   * Hands out every index entry, in no particular order. None is without that of its parent. One may come twice: then
   * the later one is right.
   */
  scanIndex(take: (record: RawRecord) => void): Promise<void>;
  /** Makes a new store the store of this chain. @throws StorageError `wrong-chain` if it is another's already. */
  initialize(genesis: Uint8Array): Promise<void>;
  /**
   * Adds index entries of headers that are not there yet, without their bodies.
   * @param height of the first
   * @param headers each the parent of the next
   */
  writeHeaders(height: number, headers: readonly BlockHeader[]): Promise<void>;
  /** Adds or replaces index entries. */
  writeRecords(records: readonly BlockRecord[]): Promise<void>;
  /** Keeps the raw body of a block together with its index entry. One that is there is not written twice. */
  writeBlock(raw: Uint8Array, record: BlockRecord): Promise<void>;
  /** Raw block as it came, for parsing or for a peer; not to be changed. @throws StorageError `corrupt`. */
  readBlock(hash: BlockHash): Promise<Uint8Array | undefined>;
  /** Encoded undo data of a block that was connected; not to be changed. @throws StorageError `corrupt`. */
  readUndo(hash: BlockHash): Promise<Uint8Array | undefined>;
  /** One read for all; in the order asked. */
  getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]>;
  /**
   * One atomic step: a connected or disconnected block, or a whole reorganisation.
   * @throws StorageError `unknown-block` for a connected block or tip without index entry: nothing is written.
   */
  commit(update: ChainUpdate): Promise<void>;
  /**
   * Forgets coins and tip, those of the background too, keeps blocks and index: the start of a rebuild from the blocks. One small atomic write,
   * however many coins there are.
   */
  resetChainState(): Promise<void>;
  /**
   * Looks for damage that no read shows, because it makes records vanish. To be asked before the absence of a coin is
   * held against a block. @throws StorageError `corrupt`.
   */
  verify(): Promise<void>;
  /** Whether coins are indexed by script. */
  readonly hasScripts: boolean;
  /**
   * The unspent outputs that a script locks, in the order of outpoints, as they are when the first is asked for: from the
   * index, or by a scan of all coins.
   */
  unspentByScript(scriptPubKey: Uint8Array): AsyncIterable<LocatedCoin>;
  /** All coins in the order of outpoints, as they are when the first is asked for. */
  coins(): AsyncIterable<LocatedCoin>;
  /** @param hash `serialized` by default */
  coinStatistics(hash?: CoinHash): Promise<CoinStatistics>;
  /** The coins that the blocks below a snapshot are connected to; `undefined` where there is no such snapshot. */
  readBackground(): Promise<BackgroundCoins | undefined>;
  /** Writes the coins of a snapshot, a batch at a time, beside those that are here. */
  loadCoins(batches: AsyncIterable<readonly LocatedCoin[]>): Promise<LoadedCoins>;
  /**
   * Deletes bodies and undo data of old blocks, the oldest first. On disk whole files go, so that blocks stay which share
   * a file with one above that height. Deleted blocks of the best chain stay `connected`. Core: PruneOneBlockFile.
   */
  prune(options: PruneOptions): Promise<PrunedBlocks>;
  /**
   * Forgets blocks that are not of the best chain, with bodies, undo data and index entries, as if they had never come.
   * Stores in memory alone can: those of tests, which go back in time.
   */
  forgetBlocks?(hashes: readonly BlockHash[]): Promise<void>;
  /** Bytes that bodies and undo data take. */
  blockBytes(): number;
  /** Bytes that the coins take on disk, an estimate; 0 in memory. */
  coinsOnDisk(): Promise<number>;
  /** Ends all use; pending writes are finished first. Safe to call twice. */
  close(): Promise<void>;
}
