import {
  Block,
  type BlockHash,
  type BlockHeader,
  type BlockUndo,
  type ChainParams,
  type Coin,
  type HeaderNode,
  type HeaderTree,
  type LocatedCoin,
  type Outpoint,
  type Sha256,
  type Transaction,
  type Txid,
  type Verdict,
} from "@chain/core";
import {
  isBytes,
  optional,
  requireArray,
  requireBigint,
  requireBlock,
  requireBytes,
  requireFunction,
  requireHeader,
  requireId,
  requireInteger,
  requireNode,
  requireOutpoint,
  requireString,
  requireTransaction,
} from "@chain/core/arguments";
import type { ChainStore, CoinHash, CoinStatistics } from "@chain/storage";
import type { ChainEvent, ChainListener, EventSource } from "../events.ts";
import type { MempoolView } from "../mempool/mempool.ts";
import type { Clock } from "../ports.ts";
import {
  requireAcceptOptions,
  requireBlockOptions,
  requireFollower,
  requireManagerOptions,
} from "../requireOptions.ts";
import type { BackgroundChain } from "./backgroundChain.ts";
import type { AcceptedBlock } from "./blockAcceptor.ts";
import { DECLARED_INVALID } from "./blockIndex.ts";
import { removalsOf } from "./changes.ts";
import { type CoinsAt, coinsAt } from "./coinsAt.ts";
import type { ChainFollower, Following } from "./follower.ts";
import type { AcceptOptions, TestedPackage, TestedTransaction } from "./mempoolAcceptor.ts";
import { beginChain, goingBackRefused, readIndex, reindexCoins } from "./opening.ts";
import type { OperationQueue, Turn } from "./operationQueue.ts";
import { type ChainManagerOptions, type ChainParts, chainParts } from "./parts.ts";
import type { PruneSettings } from "./pruning.ts";
import { decoderOf, RawBlock, rawBlockOf } from "./rawBlock.ts";
import type { Rewinding } from "./rewinding.ts";
import { type VerifyOptions, type VerifyResult, verifyChain } from "./verifyChain.ts";
import { withFirst } from "./withFirst.ts";

/**
 * The chain: takes headers, blocks and transactions, picks the best chain, connects and disconnects, keeps the
 * mempool in step, and says what happened. It alone writes to the store, one operation at a time: its parts are called
 * from its queue, and no other part has them.
 *
 * Wrong data yields a verdict. An error is thrown (by rejection) for trouble of our own: an EngineError, or the
 * StorageError of the store, after which nothing more is written: open the store again.
 *
 * @example
 * const ports = { clock, timers, log };
 * const chain = await ChainManager.open({ params, store: new MemoryStore(), verifier: nobleVerifier, ...ports });
 * chain.subscribe((event) => log("info", "chain", event.type));
 * const verdict = await chain.acceptBlock(raw);
 * if (!verdict.ok) return verdict.reason; // such as bad-cb-amount
 * chain.tip.height // 1
 */
export class ChainManager implements EventSource<ChainEvent> {
  readonly params: ChainParams;
  readonly #store: ChainStore;
  readonly #clock: Clock;
  readonly #sha256: Sha256 | undefined;
  readonly #parts: ChainParts;
  readonly #queue: OperationQueue;

  private constructor(options: ChainManagerOptions) {
    this.params = options.params;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#sha256 = options.sha256;
    this.#parts = chainParts(options);
    this.#queue = this.#parts.queue;
  }

  /**
   * Opens the chain that a store holds, or begins it with the genesis block of `params`, and finishes what a killed
   * process left: blocks that were stored but not connected.
   * @throws EngineError `wrong-chain`, `bad-genesis`, `missing-data`; StorageError.
   */
  static async open(options: ChainManagerOptions): Promise<ChainManager> {
    requireManagerOptions(options, "options");

    const chain = new ChainManager(options);
    await chain.#queue.write(() => chain.#restore(options.onProgress));
    return chain;
  }

  async #restore(onProgress: ChainManagerOptions["onProgress"]): Promise<void> {
    const { best, followers, index, initialDownload } = this.#parts;
    const opening = { params: this.params, store: this.#store, index };
    const tip = await readIndex(opening);
    await this.#parts.background.restore();
    if (tip === undefined) await beginChain(opening);
    followers.reset(this.tip);
    await best.activate({}, async (step) => {
      await best.follow(step);
      onProgress?.(this.tip.height, this.headers.bestCandidate.height);
    });
    initialDownload.headersCame();
    this.#parts.background.wake();
  }

  /** The snapshot that the chain began with, while the blocks below it are checked; and the way to load one. */
  get snapshot(): Pick<BackgroundChain, "load" | "progress"> {
    return this.#parts.background;
  }

  /** Takes a chain of tests back in time. */
  get rewinding(): Rewinding {
    return this.#parts.rewinding;
  }

  /** Transactions that wait for a block. */
  get mempool(): MempoolView {
    return this.#parts.mempool;
  }

  /**
   * The number of the next change of the mempool, from 1 on: each transaction that came in or left it took one, for
   * whatever reason. An event counts before its listeners hear of it. Core: CTxMemPool::GetSequence.
   */
  get mempoolSequence(): number {
    return this.#parts.best.mempoolSequence;
  }

  /** All known headers. For reading only. */
  get headers(): HeaderTree {
    return this.#parts.index.tree;
  }

  /** The last connected block. */
  get tip(): HeaderNode {
    return this.headers.tip;
  }

  /** The header with most work that is not known to be invalid. */
  get bestHeader(): HeaderNode {
    return this.headers.bestHeader;
  }

  /**
   * Whether the chain is known to go on well beyond the tip, and blocks keep coming: no time to mine or to relay. Once
   * the tip was both the end of what is known and recent, it stays `false`. Core: IsInitialBlockDownload.
   */
  get initialDownload(): boolean {
    return this.#parts.initialDownload.active;
  }

  /** Warnings for the operator, a sentence each: rules that have come into force and that are not known here. */
  get warnings(): readonly string[] {
    return this.#parts.unknownRules.warnings;
  }

  /** Milliseconds since 1970 by the clock that blocks are judged by. */
  get now(): number {
    return this.#clock.now();
  }

  subscribe(listener: ChainListener): () => void {
    requireFunction(listener, "listener");
    return this.#parts.hub.subscribe(listener);
  }

  /**
   * Hands the blocks of the best chain to a follower, from its stored position on: with their undo data, as they are
   * connected and disconnected, in order. While it is behind, that happens in the background. Once it is at the tip, an
   * operation of this class is answered after the follower has seen what it did. See `ChainFollower`.
   * @throws EngineError `unknown-position`: the chain does not know the block that the follower stands at; `closed`
   */
  follow(follower: ChainFollower): Promise<Following> {
    requireFollower(follower, "follower");
    return this.#parts.followers.follow(follower);
  }

  /**
   * Adds headers, in order, up to the first that is refused: those before it are kept. Core: ProcessNewBlockHeaders.
   * @returns their nodes, those that were known before included.
   * @throws CoreError where one has fields that can't be encoded.
   */
  async acceptHeaders(
    headers: readonly BlockHeader[],
    { onTurn }: Turn = {},
  ): Promise<Verdict<{ readonly nodes: readonly HeaderNode[] }>> {
    requireArray(headers, "headers", requireHeader);
    // A header that can't be hashed is a mistake of the caller alone: it must not end the queue.
    for (const header of headers) void header.hashBytes;
    return this.#queue.write(async () => {
      onTurn?.();
      const before = this.bestHeader;
      const verdict = await this.#parts.headers.accept(headers);
      if (this.bestHeader !== before) {
        this.#parts.initialDownload.headersCame();
        this.#parts.hub.emit({ type: "headers", height: this.bestHeader.height });
      }
      return verdict;
    });
  }

  /**
   * Takes a block: checks it, stores it, and moves to the best chain. Core: ProcessNewBlock.
   * @param options.requested whether we asked for it (or made it); others are ignored where they are far ahead of the
   *   tip or have less work
   * @param options.durable `false`, where more blocks follow at once: a power cut may take back the last. Default: not
   *   that of a new tip, unless the chain is in its initial download
   * @returns a refusal only for what is wrong with this very block: `bad-block-encoding` where the bytes are none
   * @throws CoreError where a Block has fields that can't be encoded.
   */
  async acceptBlock(
    input: Uint8Array | RawBlock | Block,
    options: { readonly requested?: boolean; readonly durable?: boolean } & Turn = {},
  ): Promise<Verdict<AcceptedBlock>> {
    if (!isBytes(input) && !(input instanceof RawBlock)) requireBlock(input, "input");
    requireBlockOptions(options, "options");
    const { requested = false, durable = true, onTurn } = options;
    const { ahead, blockAcceptor, hub } = this.#parts;
    const raw = input instanceof Block ? undefined : rawBlockOf(input);
    // A block that can't be encoded is a mistake of the caller alone: it must not end the queue.
    const decode = decoderOf(raw ?? input);
    if (raw !== undefined && requested) ahead.begin(raw);
    return this.#queue.write(async () => {
      onTurn?.();
      const foreseen = raw && (await ahead.take(raw));
      const decoded = foreseen ?? decode(this.#sha256);
      if (!decoded.ok) return decoded;
      const { block, bytes } = decoded;
      const verdict = await blockAcceptor.accept(block, bytes, { requested, durable, foreseen });
      if (foreseen !== undefined) ahead.end(foreseen);
      if (!verdict.ok) hub.emit({ type: "block-refused", hash: block.hash, refusal: verdict });
      return verdict;
    });
  }

  /**
   * Takes a block, with all that descends from it, for invalid from now on, even if the rules allow it; the chain goes
   * back below it. Outlives the process. The genesis block stays. Core: InvalidateBlock.
   * @throws EngineError `pruned` where the chain can't go back so far: blocks were deleted, or are not checked yet
   */
  async invalidateBlock(node: HeaderNode): Promise<void> {
    requireNode(node, "node");

    const refusal = await this.#queue.write(async () => {
      const { index, best } = this.#parts;
      const why = goingBackRefused(node, this.#parts);
      if (why !== undefined || node.parent === undefined) return why;
      // First this: a process that is killed here goes back when it opens the chain again.
      await this.#store.writeRecords(index.markInvalid(node, DECLARED_INVALID));
      await best.activate();
      return undefined;
    });
    if (refusal !== undefined) throw refusal;
  }

  /**
   * Takes back that a block is invalid, also of its ancestors and descendants: all of them are checked again when their
   * turn comes. Core: ResetBlockFailureFlags.
   */
  reconsiderBlock(node: HeaderNode): Promise<void> {
    requireNode(node, "node");
    return this.#queue.write(async () => {
      const { index, best, initialDownload } = this.#parts;
      await this.#store.writeRecords(index.reconsider(node));
      await best.activate();
      initialDownload.headersCame();
    });
  }

  /** Prefers a block to the tip, if both have the same work. Core: PreciousBlock. */
  preferBlock(node: HeaderNode): Promise<void> {
    requireNode(node, "node");
    const { best } = this.#parts;
    return this.#queue.write(async () => void (await best.activate({ precious: node })));
  }

  /** Checks a transaction and keeps it for a block. Core: AcceptToMemoryPool. */
  acceptTransaction(
    transaction: Transaction,
    options: AcceptOptions & Turn = {},
  ): Promise<Verdict<{ readonly fee: bigint }>> {
    requireTransaction(transaction, "transaction");
    requireAcceptOptions(options, "options");
    return this.run(async () => {
      options.onTurn?.();
      const { acceptor, mempool, best } = this.#parts;
      const verdict = await acceptor.accept(transaction, options);
      if (!verdict.ok) {
        this.#parts.hub.emit({
          type: "transaction-refused",
          txid: transaction.txid,
          refusal: verdict,
        });
        return verdict;
      }
      const now = this.#clock.now();
      // Core: LimitMempoolSize. Where no block comes, transactions still do.
      const expired = mempool.mayHaveExpired(now) ? mempool.expire(now) : [];
      await best.tellMempool([
        ...removalsOf(verdict.replaced),
        { type: "transaction-added", transaction },
        ...removalsOf([...verdict.removed, ...expired]),
      ]);
      return { ok: true, fee: verdict.fee };
    });
  }

  /**
   * Whether `acceptTransaction` would take a transaction if there is room; nothing is kept. Core: ProcessTransaction
   * with test_accept.
   */
  testTransaction(transaction: Transaction): Promise<Verdict<TestedTransaction>> {
    requireTransaction(transaction, "transaction");
    return this.run(() => this.#parts.acceptor.test(transaction));
  }

  /** The same for several together, parents first, each of which may spend outputs of those before it. */
  testPackage(transactions: readonly Transaction[]): Promise<TestedPackage> {
    requireArray(transactions, "transactions", requireTransaction);
    return this.run(() => this.#parts.acceptor.testPackage(transactions));
  }

  /**
   * Adds to the fee that a transaction counts as paying, in base units, where the mempool decides which come first: for
   * mining, replacement, its least fee and its lack of room. One that has not come yet, too; until a block holds it. Core:
   * PrioritiseTransaction.
   */
  prioritiseTransaction(txid: Txid, delta: bigint): Promise<void> {
    requireId(txid, "txid");
    requireBigint(delta, "delta");
    return this.run(async () => this.#parts.mempool.prioritise(txid, delta));
  }

  /** The bytes of a block that is stored, undecoded. @throws StorageError: then it is one of `unreadableBlocks`. */
  getRawBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    requireId(hash, "hash");
    return this.#parts.blocks.raw(hash);
  }

  getBlock(hash: BlockHash): Promise<Block | undefined> {
    requireId(hash, "hash");
    return this.#parts.blocks.block(hash);
  }

  /** The coins that a block spent, for all transactions but the first; `undefined` where it was never connected. */
  getUndo(hash: BlockHash): Promise<BlockUndo | undefined> {
    requireId(hash, "hash");
    return this.#parts.blocks.undo(hash);
  }

  /** Whether a block is, or once was, part of the best chain: only then all of it is known to be valid. */
  wasConnected(hash: BlockHash): Promise<boolean> {
    requireId(hash, "hash");
    return this.#parts.blocks.wasConnected(hash);
  }

  /** Blocks whose stored bodies were found damaged, the first found first. `acceptBlock` takes them again. */
  unreadableBlocks(): Iterable<HeaderNode> {
    return this.#parts.unreadable.nodes();
  }

  /** Whether a block is one of these. */
  isUnreadable(hash: BlockHash): boolean {
    requireId(hash, "hash");
    return this.#parts.unreadable.get(hash) !== undefined;
  }

  /** Whether blocks are pruned, and when; `undefined` where none ever is. */
  get pruning(): (PruneSettings & { readonly afterHeight: number }) | undefined {
    return this.#parts.pruning.settings;
  }

  /** Bytes that blocks and undo data take. Core: CalculateCurrentUsage. */
  get blockBytes(): number {
    return this.#store.blockBytes();
  }

  /** Height of the highest block of the best chain that was pruned; `undefined` where none was. */
  get prunedHeight(): number | undefined {
    return this.#parts.index.prunedHeight;
  }

  /** Whether a block of the best chain was pruned, so that it is not here. */
  isPruned(node: HeaderNode): Promise<boolean> {
    requireNode(node, "node");
    return this.#parts.blocks.isPruned(node);
  }

  /**
   * Deletes blocks up to a height, with their undo data, as far as they may go: never one of the last 288, nor one that a
   * follower has not seen. On disk whole files go. Core: PruneBlockFilesManual.
   * @throws EngineError `not-pruning` where the chain was opened without `prune`
   */
  async prune(height: number): Promise<void> {
    requireInteger(height, "height", 0);
    const { pruning } = this.#parts;
    pruning.requireOn();
    await this.#queue.write(() => pruning.pruneTo(height));
  }

  /** Confirmed coins, in the order asked; what the mempool does is not counted. */
  getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    requireArray(outpoints, "outpoints", requireOutpoint);
    return this.#store.getCoins(outpoints);
  }

  /** Confirmed coins that a script locks, as they are when the first is asked for. */
  unspentByScript(scriptPubKey: Uint8Array): AsyncIterable<LocatedCoin> {
    requireBytes(scriptPubKey, "scriptPubKey");
    return this.#store.unspentByScript(scriptPubKey);
  }

  /**
   * All confirmed coins in the order of outpoints, and the block that they are those of. The chain goes on while they
   * are read.
   */
  coins(): Promise<{ readonly tip: HeaderNode; readonly coins: AsyncIterable<LocatedCoin> }> {
    return this.run(async () => {
      const coins = this.#store.coins()[Symbol.asyncIterator]();
      // The store hands out the coins that it had when the first was read.
      const first = await coins.next();
      return { tip: this.tip, coins: withFirst(first, coins) };
    });
  }

  /**
   * All coins as they were after a block of the best chain; the chain goes on while they are read.
   * @throws EngineError `missing-data` where a block above it is not here, or too much has changed since; StorageError
   */
  coinsAt(node: HeaderNode): Promise<CoinsAt> {
    requireNode(node, "node");
    return coinsAt(node, { ...this.#parts, store: this.#store });
  }

  /**
   * Statistics of all coins, the block that they are those of, and about how many bytes they take on disk. Reads them
   * all, while the chain goes on.
   * @param hash `serialized` by default
   */
  async coinStatistics(
    hash?: CoinHash,
  ): Promise<CoinStatistics & { readonly tip: HeaderNode; readonly diskSize: number }> {
    optional(hash, "hash", requireString);
    // Read outside the queue: the store has taken its snapshot when the operation ends.
    const { tip, statistics } = await this.run(async () => {
      return { tip: this.tip, statistics: this.#store.coinStatistics(hash) };
    });
    return { ...(await statistics), tip, diskSize: await this.#store.coinsOnDisk() };
  }

  /**
   * Makes coins and index by script again from the stored blocks. A process killed in the middle of it goes on with it
   * at the next `open`. No events: in the end the chain is the same.
   * @throws EngineError `pruned` where blocks are missing
   */
  async reindexUtxo(onProgress: (height: number, goal: number) => void = () => {}): Promise<void> {
    requireFunction(onProgress, "onProgress");
    await reindexCoins({ ...this.#parts, params: this.params, store: this.#store }, onProgress);
  }

  /** Verifies the last blocks as deeply as is asked, while the chain goes on. Core: CVerifyDB. */
  verify(options: VerifyOptions = {}): Promise<VerifyResult> {
    return verifyChain(this.#parts, this.params, this.#store, options);
  }

  /**
   * Runs an operation in the queue of the manager: what it reads is of one and the same state of the chain, and of all
   * followers that are at the tip.
   * @throws EngineError `closed`, `failed`.
   */
  run<Result>(operation: () => Promise<Result>): Promise<Result> {
    requireFunction(operation, "operation");
    return this.#queue.run(operation);
  }

  /** Ends all use, after what is under way. Followers are stopped, script workers and the store are closed. */
  close(): Promise<void> {
    this.#parts.initialDownload.stop();
    return this.#queue.close(async () => {
      await this.#parts.followers.stop();
      await this.#parts.scripts.close();
      await this.#store.close();
    });
  }
}
