import {
  Block,
  type BlockHash,
  type BlockHeader,
  type BlockUndo,
  type ChainParams,
  type Coin,
  decodeUndo,
  type HeaderNode,
  type HeaderTree,
  type LocatedCoin,
  type Outpoint,
  type Policy,
  type Refusal,
  type SignatureVerifier,
  type Transaction,
  type Verdict,
  virtualSizeWithSigops,
} from "@chain/core";
import {
  type BlockRecord,
  type ChainStore,
  type CoinStatistics,
  StorageError,
} from "@chain/storage";
import { EngineError } from "../errors.ts";
import { EventHub } from "../eventHub.ts";
import type { EventSource, NodeEvent, NodeListener } from "../events.ts";
import type { MempoolLimits } from "../mempool/limits.ts";
import { Mempool, type MempoolView, type Removal } from "../mempool/mempool.ts";
import type { Clock, Log, Timers } from "../ports.ts";
import { type AcceptedHeader, acceptHeader } from "./acceptHeader.ts";
import { Activation, type ActivationStep, type StepOptions } from "./activation.ts";
import { BlockIndex } from "./blockIndex.ts";
import { checkAlone, checkInPlace } from "./checkBody.ts";
import { connectGenesis } from "./genesis.ts";
import { InitialDownload } from "./initialDownload.ts";
import { type AcceptOptions, MempoolAcceptor } from "./mempoolAcceptor.ts";
import { OperationQueue } from "./operationQueue.ts";
import { RawBlock } from "./rawBlock.ts";
import { ScriptRunner } from "./scriptRunner.ts";
import { UnreadableBlocks } from "./unreadableBlocks.ts";

/** How many blocks beyond the tip an unrequested one may be. Core: MIN_BLOCKS_TO_KEEP. */
const MAX_BLOCKS_AHEAD = 288;

/** In place of Core's reject reason. */
const DECLARED_INVALID = "declared-invalid";

export interface ChainManagerOptions {
  readonly params: ChainParams;
  /** Its manager alone may write to it, and closes it. */
  readonly store: ChainStore;
  readonly verifier: SignatureVerifier;
  readonly clock: Clock;
  /** Measures how long work takes, where `clock` may be set to some time and stand still. Default: `clock`. */
  readonly stopwatch?: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly mempool?: Partial<MempoolLimits>;
  /** What its mempool asks otherwise than the network has it: `{ requireStandard: true }` on regtest. */
  readonly policy?: Partial<Policy>;
  /** What to do about damage of the store, for the log: the command of the program around this, if it has one. */
  readonly repair?: string;
  /** Hears how far `open` has come, where it has blocks to connect: after a kill, or a rebuild of the block index. */
  readonly onProgress?: (height: number, goal: number) => void;
}

export interface Turn {
  /** Hears that the operation begins, when those before it are done. */
  readonly onTurn?: () => void;
}

/** What became of a good block. */
export interface AcceptedBlock {
  readonly node: HeaderNode;
  /** Whether it was not known before and is stored now. */
  readonly fresh: boolean;
  /** Whether it is part of the best chain now. */
  readonly connected: boolean;
}

/**
 * The chain: takes headers, blocks and transactions, picks the best chain, connects and disconnects, keeps the
 * mempool in step, and says what happened. It alone writes to the store, one operation at a time.
 *
 * What is wrong with data is a verdict. What is thrown (by rejection) is trouble of our own: an EngineError, or the
 * StorageError of the store, after which nothing more is written: open the store again.
 *
 * @example
 * const chain = await ChainManager.open({ params, store: new MemoryStore(), verifier: nobleVerifier, clock, timers, log });
 * chain.subscribe((event) => console.log(event.type));
 * const verdict = await chain.acceptBlock(raw);
 * if (!verdict.ok) console.log(verdict.reason); // bad-cb-amount
 */
export class ChainManager implements EventSource {
  readonly params: ChainParams;
  readonly #mempool: Mempool;
  readonly #store: ChainStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #index: BlockIndex;
  readonly #activation: Activation;
  readonly #acceptor: MempoolAcceptor;
  readonly #scripts: ScriptRunner;
  readonly #hub: EventHub;
  readonly #queue: OperationQueue;
  readonly #initialDownload: InitialDownload;
  readonly #unreadable: UnreadableBlocks;

  private constructor(options: ChainManagerOptions) {
    const { params, store, clock, timers, log } = options;
    const mempool = new Mempool(params, options.mempool, options.policy);
    const index = new BlockIndex(params);
    const scripts = new ScriptRunner(options.verifier, options.stopwatch ?? clock, timers);
    // While catching up, the disk may take its time: what a power cut takes back is downloaded again.
    const isDurable = () => !this.initialDownload;
    this.params = params;
    this.#mempool = mempool;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#index = index;
    this.#scripts = scripts;
    this.#hub = new EventHub(log);
    const { repair } = options;
    this.#queue = new OperationQueue(
      (error) => explain(error, repair),
      (why) => {
        log("error", "chain", `the chain stops: ${why}`);
        this.#emit({ type: "chain-stopped", why });
      },
    );
    this.#unreadable = new UnreadableBlocks(store, index.tree, (node, { message }) => {
      const { hash, height } = node;
      const hint = repair === undefined ? "" : `; if none has it, ${repair}`;
      const sentence = `block ${hash} can't be read, and peers are asked for it again`;
      log("error", "store", `${sentence} (${message})${hint}`, { hash, height });
      this.#emit({ type: "block-unreadable", hash, height });
    });
    const unreadable = this.#unreadable;
    this.#activation = new Activation({ params, store, index, scripts, isDurable, unreadable });
    const onStall = () => this.#onStall();
    this.#initialDownload = new InitialDownload({
      params,
      tree: index.tree,
      clock,
      timers,
      onStall,
    });
    const tip = () => this.tip;
    this.#acceptor = new MempoolAcceptor({ params, mempool, store, scripts, clock, tip });
  }

  /**
   * Opens the chain that a store holds, or begins it with the genesis block of `params`, and finishes what a killed
   * process left: blocks that were stored but not connected.
   * @throws EngineError `wrong-chain`, `bad-genesis`, `missing-data`; StorageError.
   */
  static async open(options: ChainManagerOptions): Promise<ChainManager> {
    const chain = new ChainManager(options);
    await chain.#queue.write(() => chain.#restore(options.onProgress));
    return chain;
  }

  /** Transactions that wait for a block. */
  get mempool(): MempoolView {
    return this.#mempool;
  }

  /** All known headers. For reading only. */
  get headers(): HeaderTree {
    return this.#index.tree;
  }

  /** The last connected block. */
  get tip(): HeaderNode {
    return this.#index.tree.tip;
  }

  /** The header with most work that is not known to be invalid. */
  get bestHeader(): HeaderNode {
    return this.#index.tree.bestHeader;
  }

  /**
   * Whether the chain is known to go on well beyond the tip, and blocks keep coming: no time to mine or to relay. Once
   * the tip was both the end of what is known and recent, it stays `false`. Core: IsInitialBlockDownload.
   */
  get initialDownload(): boolean {
    return this.#initialDownload.active;
  }

  subscribe(listener: NodeListener): () => void {
    return this.#hub.subscribe(listener);
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
    // What can't be hashed is a mistake of the caller alone: it must not end the queue.
    for (const header of headers) void header.hashBytes;
    return this.#queue.write(async () => {
      onTurn?.();
      const before = this.bestHeader;
      const nodes: HeaderNode[] = [];
      const fresh: FreshHeaders[] = [];
      let refusal: Refusal | undefined;
      for (const header of headers) {
        const verdict = this.#addHeader(header);
        if (!verdict.ok) {
          refusal = verdict;
          break;
        }
        nodes.push(verdict.node);
        if (verdict.fresh) addFresh(fresh, header, verdict.node.height);
      }
      for (const { height, headers } of fresh) await this.#store.writeHeaders(height, headers);
      if (this.bestHeader !== before) {
        this.#initialDownload.headersCame();
        this.#emit({ type: "headers", height: this.bestHeader.height });
      }
      return refusal ?? { ok: true, nodes };
    });
  }

  /** Core: AcceptBlockHeader. */
  #addHeader(header: BlockHeader): Verdict<AcceptedHeader> {
    return acceptHeader(this.headers, header, this.params, Math.floor(this.#clock.now() / 1000));
  }

  /**
   * Takes a block: checks it, stores it, and moves to the best chain. Core: ProcessNewBlock.
   * @param options.requested whether we asked for it (or made it); others are ignored where they are far ahead of the
   *   tip or have less work
   * @returns a refusal only for what is wrong with this very block: `bad-block-encoding` where the bytes are none
   * @throws CoreError where a Block has fields that can't be encoded.
   */
  async acceptBlock(
    input: Uint8Array | RawBlock | Block,
    options: { readonly requested?: boolean } & Turn = {},
  ): Promise<Verdict<AcceptedBlock>> {
    // A block that can't be encoded is a mistake of the caller alone: it must not end the queue.
    const decode = decoderOf(input);
    return this.#queue.write(async () => {
      options.onTurn?.();
      const decoded = decode();
      if (!decoded.ok) return decoded;
      const { block, bytes } = decoded;
      const verdict = await this.#takeBlock(block, bytes, options.requested ?? false);
      if (!verdict.ok) {
        this.#emit({ type: "block-refused", hash: block.hash, refusal: verdict });
      }
      return verdict;
    });
  }

  async #takeBlock(
    block: Block,
    raw: Uint8Array,
    requested: boolean,
  ): Promise<Verdict<AcceptedBlock>> {
    const alone = checkAlone(block, this.params);
    if (alone !== undefined) return alone;
    const unreadable = this.#unreadable.get(block.hash);
    if (unreadable !== undefined) return this.#takeAgain(block, raw, unreadable);
    const header = this.#addHeader(block.header);
    if (!header.ok) return header;
    const { node } = header;
    if (node.transactionCount > 0 || (!requested && this.#isUnwanted(node))) {
      await this.#keepHeader(header);
      return { ok: true, node, fresh: false, connected: this.headers.isActive(node) };
    }
    const verdict = checkInPlace(block, node, this.params);
    if (verdict?.kind === "mutated") {
      // That says nothing of the block that the header really belongs to.
      await this.#keepHeader(header);
      return verdict;
    }
    if (verdict !== undefined) {
      await this.#store.writeRecords(this.#index.markInvalid(node, verdict.reason));
      return verdict;
    }

    const transactionCount = block.transactions.length;
    const record: BlockRecord = {
      ...this.#index.record(node, "body", block.header),
      transactionCount,
    };
    await this.#store.writeBlock(raw, record);
    this.headers.setBody(node, transactionCount);
    const refusal = await this.#activate({ fresh: block });
    return refusal ?? { ok: true, node, fresh: true, connected: this.headers.isActive(node) };
  }

  /** Stores a block whose stored body can't be read. It was judged before, so this says nothing of its header. */
  async #takeAgain(
    block: Block,
    raw: Uint8Array,
    node: HeaderNode,
  ): Promise<Verdict<AcceptedBlock>> {
    const verdict = checkInPlace(block, node, this.params);
    if (verdict !== undefined) return verdict;
    await this.#unreadable.restore(raw, node);
    this.#log("info", "store", `block ${node.hash} is here again`, { hash: node.hash });
    // A reorganisation may have waited for it.
    const refusal = await this.#activate({ fresh: block });
    return refusal ?? { ok: true, node, fresh: false, connected: this.headers.isActive(node) };
  }

  /** No header may be written before its parent is. */
  async #keepHeader({ node, fresh }: AcceptedHeader): Promise<void> {
    if (fresh) await this.#store.writeHeaders(node.height, [node.header]);
  }

  /** Of blocks that nobody asked for, only those are worth the disk that may soon be the tip. Core: AcceptBlock. */
  #isUnwanted(node: HeaderNode): boolean {
    const { tip } = this;
    return (
      node.height > tip.height + MAX_BLOCKS_AHEAD ||
      node.chainWork < tip.chainWork ||
      node.chainWork < this.params.minimumChainWork
    );
  }

  /**
   * Takes a block for invalid from now on, whatever the rules say, with all that descends from it; the chain goes back
   * below it. Outlives the process. The genesis block stays. Core: InvalidateBlock.
   */
  invalidateBlock(node: HeaderNode): Promise<void> {
    return this.#queue.write(async () => {
      if (node.parent === undefined) return;
      // First this: a process that is killed here goes back when it opens the chain again.
      await this.#store.writeRecords(this.#index.markInvalid(node, DECLARED_INVALID));
      await this.#activate();
    });
  }

  /**
   * Takes back that a block is invalid, also of its ancestors and descendants: all of them are checked again when their
   * turn comes. Core: ResetBlockFailureFlags.
   */
  reconsiderBlock(node: HeaderNode): Promise<void> {
    return this.#queue.write(async () => {
      await this.#store.writeRecords(this.#index.reconsider(node));
      await this.#activate();
      this.#initialDownload.headersCame();
    });
  }

  /** Prefers a block to the tip, if both have the same work. Core: PreciousBlock. */
  preferBlock(node: HeaderNode): Promise<void> {
    return this.#queue.write(async () => void (await this.#activate({ precious: node })));
  }

  /** Checks a transaction and keeps it for a block. Core: AcceptToMemoryPool. */
  acceptTransaction(
    transaction: Transaction,
    { onTurn, ...options }: AcceptOptions & Turn = {},
  ): Promise<Verdict<{ readonly fee: bigint }>> {
    return this.run(async () => {
      onTurn?.();
      const verdict = await this.#acceptor.accept(transaction, options);
      if (!verdict.ok) {
        this.#emit({ type: "transaction-refused", txid: transaction.txid, refusal: verdict });
        return verdict;
      }
      this.#emitRemovals(verdict.replaced);
      this.#emit({ type: "transaction-added", transaction });
      this.#emitRemovals(verdict.removed);
      const now = this.#clock.now();
      // Core: LimitMempoolSize. Where no block comes, transactions still do.
      if (this.#mempool.isFirstExpired(now)) this.#emitRemovals(this.#mempool.expire(now));
      return { ok: true, fee: verdict.fee };
    });
  }

  /**
   * Whether `acceptTransaction` would take a transaction if there is room; nothing is kept. Core: ProcessTransaction
   * with test_accept.
   * @returns fee in base units, and size in virtual bytes
   */
  testTransaction(
    transaction: Transaction,
  ): Promise<Verdict<{ readonly fee: bigint; readonly size: number }>> {
    return this.run(async () => {
      const verdict = await this.#acceptor.test(transaction);
      if (!verdict.ok) return verdict;
      const { fee, sigopCost } = verdict;
      return { ok: true, fee, size: virtualSizeWithSigops(transaction.weight, sigopCost) };
    });
  }

  /** The bytes of a block that is stored, undecoded. @throws StorageError: then it is one of `unreadableBlocks`. */
  getRawBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    return this.#unreadable.read(hash);
  }

  /** Blocks whose stored bodies were found damaged, the first found first. `acceptBlock` takes them again. */
  unreadableBlocks(): Iterable<HeaderNode> {
    return this.#unreadable.nodes();
  }

  /** Whether the stored body of a block was found damaged. */
  isUnreadable(hash: BlockHash): boolean {
    return this.#unreadable.get(hash) !== undefined;
  }

  /** Whether a block is, or once was, part of the best chain: only then all of it is known to be valid. */
  async wasConnected(hash: BlockHash): Promise<boolean> {
    try {
      return (await this.#store.readUndo(hash)) !== undefined;
    } catch (error) {
      // Undo data that is damaged was written once.
      if (error instanceof StorageError && error.code === "corrupt") return true;
      throw error;
    }
  }

  /** The coins that a block spent, for all transactions but the first; `undefined` where it was never connected. */
  async getUndo(hash: BlockHash): Promise<BlockUndo | undefined> {
    const undo = await this.#store.readUndo(hash);
    return undo === undefined ? undefined : decodeUndo(undo);
  }

  async getBlock(hash: BlockHash): Promise<Block | undefined> {
    const raw = await this.getRawBlock(hash);
    return raw === undefined ? undefined : Block.fromBytes(raw);
  }

  /** Confirmed coins, in the order asked; what the mempool does is not counted. */
  getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    return this.#store.getCoins(outpoints);
  }

  /** Confirmed coins that a script locks, as they are when the first is asked for. */
  unspentByScript(scriptPubKey: Uint8Array): AsyncIterable<LocatedCoin> {
    return this.#store.unspentByScript(scriptPubKey);
  }

  /** Statistics of all coins, and the block that they are those of. Reads them all. */
  coinStatistics(): Promise<CoinStatistics & { readonly tip: HeaderNode }> {
    return this.run(async () => ({ ...(await this.#store.coinStatistics()), tip: this.tip }));
  }

  /** Milliseconds since 1970 by the clock that blocks are judged by. */
  get now(): number {
    return this.#clock.now();
  }

  /**
   * Makes coins and index by script anew from the stored blocks. A process killed in the middle of it goes on with it
   * at the next `open`. No events: in the end the chain is the same.
   */
  reindexUtxo(onProgress: (height: number, goal: number) => void = () => {}): Promise<void> {
    return this.#queue.write(async () => {
      const goal = this.tip;
      for (let node: HeaderNode | undefined = goal; node !== undefined; node = node.parent) {
        this.#index.noteDisconnected(node);
      }
      await this.#store.resetChainState();
      this.headers.setTip(this.headers.genesis);
      await this.#beginChain();
      await this.#activate({}, async () => onProgress(this.tip.height, goal.height));
      const { error } = this.#unreadable;
      if (error !== undefined && this.tip !== goal && !this.#queue.closed) throw error;
    });
  }

  /**
   * Runs an operation in the queue of the manager: what it reads is of one and the same state of the chain.
   * @throws EngineError `closed`, `failed`.
   */
  run<Result>(operation: () => Promise<Result>): Promise<Result> {
    return this.#queue.run(operation);
  }

  /** Ends all use, after what is under way. The store is closed with it. */
  close(): Promise<void> {
    this.#initialDownload.stop();
    return this.#queue.close(() => this.#store.close());
  }

  #onStall(): void {
    const { tip, bestHeader } = this;
    const sentence = `headers go up to height ${bestHeader.height}, but no block has come for long: going on at ${tip.height}`;
    this.#log("warn", "chain", sentence);
    this.#emit({ type: "download-stalled", height: tip.height });
  }

  #emit(event: NodeEvent): void {
    this.#hub.emit(event);
  }

  async #restore(onProgress: ChainManagerOptions["onProgress"]): Promise<void> {
    const { genesis } = this.params;
    const stored = await this.#store.readGenesis();
    if (stored === undefined) {
      connectGenesis(this.params); // nothing is written of a chain that can't begin
      await this.#store.initialize(genesis.toBytes());
    } else {
      const { hash } = Block.fromBytes(stored);
      if (hash !== genesis.hash) {
        throw new EngineError("wrong-chain", `the database holds the chain of genesis ${hash}`);
      }
    }
    const tip = await this.#index.restore(this.#store);
    if (tip === undefined) await this.#beginChain();
    await this.#activate({}, async (step) => {
      await this.#follow(step);
      onProgress?.(this.tip.height, this.#index.tree.bestCandidate.height);
    });
    this.#initialDownload.headersCame();
  }

  async #beginChain(): Promise<void> {
    const { hash } = this.params.genesis;
    const { coins, undo } = connectGenesis(this.params);
    const records = [this.#index.record(this.headers.genesis, "connected")];
    const connected = [{ hash, undo }];
    await this.#store.commit({ tip: hash, connected, coins, records, durable: true });
  }

  /**
   * Moves to the chain with most work; no further than a step once `close` is called: the next `open` goes on.
   * @param options.fresh the block that just came
   * @returns the refusal of that very block, if it is what turned out to be invalid
   */
  async #activate(
    options: StepOptions = {},
    onStep: (step: ActivationStep) => Promise<void> = (step) => this.#follow(step),
  ): Promise<Refusal | undefined> {
    let refusal: Refusal | undefined;
    while (true) {
      const result = await this.#activation.step(options);
      switch (result.type) {
        case "idle":
        case "unreadable": // goes on when a peer has sent it
          return refusal;
        case "moved":
          this.#initialDownload.blockCame();
          await onStep(result.step);
          if (this.#queue.closed) return refusal;
          if (this.#scripts.isTired()) await this.#scripts.pause();
          break;
        case "refused": {
          const { node, refusal: why } = result;
          const sentence = `block ${node.hash} at height ${node.height} is invalid: ${why.reason}`;
          this.#log("warn", "chain", sentence, { hash: node.hash, reason: why.reason });
          if (node.hash === options.fresh?.hash) refusal = why;
          else this.#emit({ type: "block-refused", hash: node.hash, refusal: why });
          break;
        }
        default:
          result satisfies never;
      }
    }
  }

  /** Brings the mempool in step with what is stored now, then tells everybody. */
  async #follow({ fork, disconnected, connected }: ActivationStep): Promise<void> {
    const now = this.#clock.now();
    const returned =
      disconnected.length > 0 ? await this.#acceptor.reorganise(disconnected) : undefined;
    const removed = [
      ...connected.flatMap(({ block }) => this.#mempool.removeForBlock(block, now)),
      ...(returned?.removed ?? []),
      ...this.#mempool.expire(now),
    ];
    for (const { block, node } of disconnected) {
      this.#emit({ type: "block-disconnected", block, height: node.height });
    }
    for (const { block, node } of connected) {
      this.#emit({ type: "block-connected", block, height: node.height });
    }
    this.#emitRemovals(removed);
    for (const transaction of returned?.added ?? []) {
      this.#emit({ type: "transaction-added", transaction });
    }
    const { hash, height } = this.tip;
    this.#emit({ type: "tip-changed", hash, height, forkHeight: fork.height });
  }

  #emitRemovals(removals: readonly Removal[]): void {
    for (const { entry, why } of removals) {
      this.#emit({ type: "transaction-removed", txid: entry.transaction.txid, why });
    }
  }
}

/** New headers, each the parent of the next. */
interface FreshHeaders {
  /** That of the first. */
  readonly height: number;
  readonly headers: BlockHeader[];
}

function addFresh(all: FreshHeaders[], header: BlockHeader, height: number): void {
  const last = all.at(-1);
  if (last?.headers.at(-1)?.hash === header.previousHash) last.headers.push(header);
  else all.push({ height, headers: [header] });
}

/** What was thrown, and what to do about it where the store is damaged. */
function explain(error: unknown, repair: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error);
  const isDamage =
    (error instanceof StorageError && error.code === "corrupt") ||
    (error instanceof EngineError && error.code === "missing-data");
  return isDamage && repair !== undefined ? `${message}: ${repair}` : message;
}

/** Decodes a block when its turn comes. @throws CoreError at once if it is a Block that can't be encoded */
function decoderOf(input: Uint8Array | RawBlock | Block): RawBlock["decode"] {
  if (input instanceof Block) {
    const bytes = input.toBytes();
    return () => ({ ok: true, block: input, bytes });
  }
  const raw = input instanceof RawBlock ? input : new RawBlock(input);
  return () => raw.decode();
}
