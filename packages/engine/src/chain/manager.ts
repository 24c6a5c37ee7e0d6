import {
  Block,
  type BlockHash,
  type BlockHeader,
  type ChainParams,
  type Coin,
  CoreError,
  checkBlock,
  checkBlockContext,
  checkHeader,
  checkHeaderContext,
  connectBlock,
  encodeUndo,
  type HeaderNode,
  type HeaderTree,
  type LocatedCoin,
  type Outpoint,
  type Refusal,
  refuse,
  type SignatureVerifier,
  type Transaction,
  type Verdict,
} from "@chain/core";
import type { BlockRecord, ChainStore, CoinStatistics } from "@chain/storage";
import { EngineError } from "../errors.ts";
import { EventHub } from "../eventHub.ts";
import type { EventSource, NodeEvent, NodeListener } from "../events.ts";
import type { MempoolLimits } from "../mempool/limits.ts";
import { Mempool, type Removal } from "../mempool/mempool.ts";
import { type BlockTemplate, makeTemplate } from "../mining/template.ts";
import type { Clock, Log, Timers } from "../ports.ts";
import { Acceptor } from "./acceptor.ts";
import { Activation, type ActivationStep, type PlacedBlock } from "./activation.ts";
import { BlockIndex } from "./blockIndex.ts";
import { CoinReader } from "./coinReader.ts";
import { ScriptRunner } from "./scriptRunner.ts";
import { Serial } from "./serial.ts";

/** How many blocks beyond the tip an unrequested one may be. Core: MIN_BLOCKS_TO_KEEP. */
const MAX_BLOCKS_AHEAD = 288;
/** With more headers than this ahead of the tip, a node is catching up and had better not mine or relay. */
const CATCHING_UP = 24;

export interface ChainManagerOptions {
  readonly params: ChainParams;
  readonly store: ChainStore;
  readonly verifier: SignatureVerifier;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly mempool?: Partial<MempoolLimits>;
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
 * @example
 * const chain = await ChainManager.open({ params, store: new MemoryStore(), verifier: nobleVerifier, clock, timers, log });
 * chain.subscribe((event) => console.log(event.type));
 * const verdict = await chain.acceptBlock(raw);
 */
export class ChainManager implements EventSource {
  readonly params: ChainParams;
  readonly mempool: Mempool;
  readonly #store: ChainStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #index: BlockIndex;
  readonly #activation: Activation;
  readonly #acceptor: Acceptor;
  readonly #scripts: ScriptRunner;
  readonly #hub: EventHub;
  readonly #serial = new Serial();
  #closed = false;

  private constructor(options: ChainManagerOptions) {
    const { params, store, clock, log } = options;
    this.params = params;
    this.mempool = new Mempool(params, options.mempool);
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#hub = new EventHub(log);
    this.#index = new BlockIndex(params);
    const scripts = new ScriptRunner(options.verifier, clock, options.timers);
    this.#scripts = scripts;
    const index = this.#index;
    const isDurable = () => !this.initialDownload;
    this.#activation = new Activation({ params, store, index, scripts, isDurable });
    this.#acceptor = new Acceptor({
      params,
      mempool: this.mempool,
      store,
      scripts,
      clock,
      tip: () => this.tip,
    });
  }

  /**
   * Opens the chain that a store holds, or begins it with the genesis block of `params`, and finishes what a killed
   * process left: blocks that were stored but not connected.
   * @throws EngineError `wrong-chain`, `bad-genesis`.
   */
  static async open(options: ChainManagerOptions): Promise<ChainManager> {
    const chain = new ChainManager(options);
    await chain.#restore();
    return chain;
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

  /** Whether the chain is known to go on well beyond the tip. (Age does not count: a private chain may rest for months.) */
  get initialDownload(): boolean {
    return (
      this.tip.chainWork < this.params.minimumChainWork ||
      this.bestHeader.height - this.tip.height > CATCHING_UP
    );
  }

  subscribe(listener: NodeListener): () => void {
    return this.#hub.subscribe(listener);
  }

  /**
   * Adds headers, in order, up to the first that is refused.
   * @returns their nodes, those that were known before included.
   */
  acceptHeaders(
    headers: readonly BlockHeader[],
  ): Promise<Verdict<{ readonly nodes: readonly HeaderNode[] }>> {
    return this.#run(async () => {
      const before = this.bestHeader;
      const nodes: HeaderNode[] = [];
      const records: BlockRecord[] = [];
      let refusal: Refusal | undefined;
      for (const header of headers) {
        const verdict = this.#addHeader(header);
        if (!verdict.ok) {
          refusal = verdict;
          break;
        }
        nodes.push(verdict.node);
        if (verdict.fresh) records.push(this.#index.record(verdict.node, "header"));
      }
      if (records.length > 0) await this.#store.writeRecords(records);
      if (this.bestHeader !== before) {
        this.#emit({ type: "headers", height: this.bestHeader.height });
      }
      return refusal ?? { ok: true, nodes };
    });
  }

  /**
   * Takes a block: checks it, stores it, and moves to the best chain.
   * @param options.requested whether we asked for it (or made it); others are ignored where they are far ahead of the
   *   tip or have less work
   * @returns a refusal only for what is wrong with this very block. Core: ProcessNewBlock.
   */
  acceptBlock(
    input: Uint8Array | Block,
    options: { readonly requested?: boolean } = {},
  ): Promise<Verdict<AcceptedBlock>> {
    return this.#run(async () => {
      const block = decode(input);
      if (!(block instanceof Block)) return block;
      const verdict = await this.#takeBlock(block, input, options.requested ?? false);
      if (!verdict.ok) {
        this.#emit({ type: "block-refused", hash: block.hash, refusal: verdict });
      }
      return verdict;
    });
  }

  async #takeBlock(
    block: Block,
    input: Uint8Array | Block,
    requested: boolean,
  ): Promise<Verdict<AcceptedBlock>> {
    const header = this.#addHeader(block.header);
    if (!header.ok) return header;
    const { node } = header;
    const ignored = { ok: true, node, fresh: false } as const;
    if (node.transactionCount > 0) return { ...ignored, connected: this.headers.isActive(node) };
    const { tip } = this;
    const unwanted = node.height > tip.height + MAX_BLOCKS_AHEAD || node.chainWork < tip.chainWork;
    if (!requested && unwanted) return { ...ignored, connected: false };

    const verdict = this.#checkBody(block, node);
    if (!verdict.ok) {
      // A mutated body says nothing of the block that the header really belongs to.
      const records =
        verdict.kind === "mutated"
          ? [this.#index.record(node, "header")]
          : this.#index.markInvalid(node, verdict.reason);
      await this.#store.writeRecords(records);
      return verdict;
    }

    const transactionCount = block.transactions.length;
    const record: BlockRecord = { ...this.#index.record(node, "body"), transactionCount };
    await this.#store.writeBlock(input instanceof Block ? block.toBytes() : input, record);
    this.headers.setBody(node, transactionCount);
    const refusal = await this.#activate(block);
    return refusal ?? { ok: true, node, fresh: true, connected: this.headers.isActive(node) };
  }

  #checkBody(block: Block, node: HeaderNode): Verdict {
    const verdict = checkBlock(block, this.params);
    if (!verdict.ok || node.parent === undefined) return verdict;
    return checkBlockContext(block, node.parent, this.params);
  }

  /** Core: AcceptBlockHeader. */
  #addHeader(header: BlockHeader): Verdict<{ readonly node: HeaderNode; readonly fresh: boolean }> {
    const tree = this.headers;
    const known = tree.get(header.hash);
    if (known !== undefined) {
      return known.invalidReason === undefined
        ? { ok: true, node: known, fresh: false }
        : refuse("cached-invalid", "duplicate-invalid", known.invalidReason);
    }
    const alone = checkHeader(header, this.params);
    if (!alone.ok) return alone;
    const parent = tree.get(header.previousHash);
    if (parent === undefined) {
      return refuse("missing-parent", "prev-blk-not-found", header.previousHash);
    }
    if (parent.invalidReason !== undefined) {
      return refuse("invalid-parent", "bad-prevblk", parent.invalidReason);
    }
    const now = Math.floor(this.#clock.now() / 1000);
    const placed = checkHeaderContext(header, parent, this.params, now);
    return placed.ok ? { ok: true, node: tree.add(header), fresh: true } : placed;
  }

  /** Checks a transaction and keeps it for a block. Core: AcceptToMemoryPool. */
  acceptTransaction(transaction: Transaction): Promise<Verdict<{ readonly fee: bigint }>> {
    return this.#run(async () => {
      const verdict = await this.#acceptor.accept(transaction);
      if (verdict.ok) {
        this.#emit({ type: "transaction-added", transaction });
        this.#emitRemovals(verdict.removed);
        return { ok: true, fee: verdict.fee };
      }
      this.#emit({ type: "transaction-refused", txid: transaction.txid, refusal: verdict });
      return verdict;
    });
  }

  /** The raw bytes of a block that is stored. */
  async getRawBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    return hash === this.params.genesis.hash
      ? this.params.genesis.toBytes()
      : this.#store.readBlock(hash);
  }

  async getBlock(hash: BlockHash): Promise<Block | undefined> {
    const raw = await this.getRawBlock(hash);
    return raw === undefined ? undefined : Block.fromBytes(raw);
  }

  /** Confirmed coins, in the order asked; what the mempool does is not counted. */
  getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    return this.#store.getCoins(outpoints);
  }

  /** Confirmed coins that a script locks. */
  unspentByScript(scriptPubKey: Uint8Array): AsyncIterable<LocatedCoin> {
    return this.#store.unspentByScript(scriptPubKey);
  }

  /** Statistics of all coins, and the block that they are those of. Reads them all. */
  coinStatistics(): Promise<CoinStatistics & { readonly tip: HeaderNode }> {
    return this.#run(async () => ({ ...(await this.#store.coinStatistics()), tip: this.tip }));
  }

  /** What the next block may hold. */
  blockTemplate(): BlockTemplate {
    const time = Math.floor(this.#clock.now() / 1000);
    return makeTemplate(this.tip, this.mempool.entries(), time, this.params);
  }

  /**
   * Makes coins and index by script anew from the stored blocks. A process killed in the middle of it goes on with it
   * at the next `open`.
   */
  reindexUtxo(onProgress: (height: number, goal: number) => void = () => {}): Promise<void> {
    return this.#run(async () => {
      const goal = this.tip;
      for (let node: HeaderNode | undefined = goal; node !== undefined; node = node.parent) {
        this.#index.noteDisconnected(node);
      }
      await this.#store.resetChainState();
      this.headers.setTip(this.headers.genesis);
      await this.#connectGenesis();
      await this.#activate(undefined, () => onProgress(this.tip.height, goal.height));
    });
  }

  /** Ends all use, after what is under way. The store is closed with it. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#serial.run(() => this.#store.close());
  }

  #run<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new EngineError("closed", "the chain is closed"));
    return this.#serial.run(operation);
  }

  #emit(event: NodeEvent): void {
    this.#hub.emit(event);
  }

  async #restore(): Promise<void> {
    const { genesis } = this.params;
    const alone = checkBlock(genesis, this.params);
    if (!alone.ok) throw new EngineError("bad-genesis", `the genesis block: ${alone.reason}`);
    const stored = await this.#store.loadIndex();
    if (stored.genesis === undefined) {
      await this.#store.initialize(genesis.toBytes());
    } else {
      const { hash } = Block.fromBytes(stored.genesis);
      if (hash !== genesis.hash) {
        throw new EngineError("wrong-chain", `the database holds the chain of genesis ${hash}`);
      }
    }
    const tip = this.#index.restore(stored);
    if (stored.tip === undefined) await this.#connectGenesis();
    else this.headers.setTip(tip);
    await this.#activate();
  }

  async #connectGenesis(): Promise<void> {
    const { genesis } = this.params;
    const node = this.headers.genesis;
    const verdict = connectBlock(
      genesis,
      { parent: undefined, params: this.params },
      new CoinReader(this.#store),
    );
    if (!verdict.ok) throw new EngineError("bad-genesis", `the genesis block: ${verdict.reason}`);
    await this.#store.commit({
      tip: genesis.hash,
      connected: [{ hash: genesis.hash, undo: encodeUndo(verdict.undo) }],
      coins: verdict.changes,
      records: [this.#index.record(node, "connected")],
      durable: true,
    });
  }

  /**
   * Moves to the chain with most work.
   * @param fresh the block that just came
   * @returns the refusal of that very block, if it is what turned out to be invalid
   */
  async #activate(fresh?: Block, onStep: () => void = () => {}): Promise<Refusal | undefined> {
    let refusal: Refusal | undefined;
    while (true) {
      const result = await this.#activation.step(fresh);
      if (result.type === "idle") return refusal;
      if (result.type === "refused") {
        const { node, refusal: why } = result;
        const sentence = `block ${node.hash} at height ${node.height} is invalid: ${why.reason}`;
        this.#log("warn", "chain", sentence, { hash: node.hash, reason: why.reason });
        if (node.hash === fresh?.hash) refusal = why;
        else this.#emit({ type: "block-refused", hash: node.hash, refusal: why });
      } else {
        await this.#follow(result.step);
        onStep();
        await this.#scripts.pause();
      }
    }
  }

  /** Brings the mempool in step with what is stored now, then tells everybody. */
  async #follow({ fork, disconnected, connected }: ActivationStep): Promise<void> {
    const place = (type: "block-connected" | "block-disconnected") => (placed: PlacedBlock) =>
      this.#emit({ type, block: placed.block, height: placed.node.height });
    const now = this.#clock.now();
    const removed =
      disconnected.length === 0
        ? connected.flatMap(({ block }) => this.mempool.removeForBlock(block))
        : [];
    const returned =
      disconnected.length === 0 ? undefined : await this.#acceptor.reorganise(disconnected);
    removed.push(...this.mempool.expire(now));

    disconnected.forEach(place("block-disconnected"));
    connected.forEach(place("block-connected"));
    this.#emitRemovals(removed);
    if (returned !== undefined) {
      for (const transaction of returned.added) {
        this.#emit({ type: "transaction-added", transaction });
      }
      this.#emitRemovals(returned.removed);
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

function decode(input: Uint8Array | Block): Block | Refusal {
  if (input instanceof Block) return input;
  try {
    return Block.fromBytes(input);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    return refuse("consensus", "bad-block-encoding", error.message);
  }
}
