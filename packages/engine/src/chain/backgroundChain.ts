import {
  type AssumedUtxo,
  type Block,
  type ChainParams,
  CoinsOverlay,
  connectBlock,
  disconnectBlock,
  encodeUndo,
  type HeaderNode,
  outputsOf,
  prevoutsOf,
  scriptsAssumedValid,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import type { BackgroundCoins, ChainStore, SnapshotReader } from "@chain/storage";
import { EngineError } from "../errors.ts";
import type { Log } from "../ports.ts";
import type { BlockIndex } from "./blockIndex.ts";
import { CoinReader } from "./coinReader.ts";
import { connectGenesis } from "./genesis.ts";
import type { OperationQueue } from "./operationQueue.ts";
import type { ScriptRunner } from "./scriptRunner.ts";
import type { StoredBlocks } from "./storedBlocks.ts";

export interface BackgroundChainOptions {
  readonly params: ChainParams;
  readonly store: ChainStore;
  readonly index: BlockIndex;
  readonly scripts: ScriptRunner;
  readonly blocks: StoredBlocks;
  readonly queue: OperationQueue;
  readonly log: Log;
  /** Whether old blocks are deleted without being asked. */
  readonly prunesItself: boolean;
  /** Number of unconfirmed transactions. */
  readonly mempoolSize: () => number;
  /** The tip is another one, which no block has led to. @param from the tip before */
  readonly onMoved: (from: HeaderNode) => Promise<void>;
  /** A block below the snapshot was connected, or all of them were. */
  readonly onProgress: () => void;
  /** All of them are valid: the chain can go back below the snapshot. */
  readonly onComplete: () => Promise<void>;
}

/** How far the blocks below a snapshot are checked. */
export interface SnapshotProgress {
  /** The block that the snapshot is of. */
  readonly base: HeaderNode;
  /** The last block below it that was checked. */
  readonly tip: HeaderNode;
}

interface Running {
  readonly assumed: AssumedUtxo;
  readonly base: HeaderNode;
  readonly coins: BackgroundCoins;
  tip: HeaderNode;
}

/**
 * Lets the chain begin with a snapshot of all coins whose hash the parameters of the network know, and checks the blocks
 * below it later, in the background. In the end their coins must have the same hash. Core: ActivateSnapshot,
 * MaybeCompleteSnapshotValidation.
 */
export class BackgroundChain {
  readonly #options: BackgroundChainOptions;
  #running: Running | undefined;
  #isConnecting = false;
  /** Whether a block may have come since it was last looked. */
  #mayGoOn = false;

  constructor(options: BackgroundChainOptions) {
    this.#options = options;
  }

  /** `undefined` where no block is to be checked later. */
  get progress(): SnapshotProgress | undefined {
    return this.#running && { base: this.#running.base, tip: this.#running.tip };
  }

  /** Whether the chain can't go back to a block, because it is below a snapshot, where nothing can be undone yet. */
  isBelow(node: HeaderNode): boolean {
    return this.#running !== undefined && node.height < this.#running.base.height;
  }

  /** Whether a block of the best chain is still to be checked. */
  isUnchecked(node: HeaderNode): boolean {
    if (this.#running === undefined) return false;
    const { base, tip } = this.#running;
    return node.height <= base.height && tip.ancestor(node.height) !== node;
  }

  /** The coins were forgotten, and those of the snapshot with them. The tip is the genesis block by now. */
  forget(): void {
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) this.#options.index.tree.dismiss(running.base);
  }

  /**
   * Goes on where another process was. To be called before anything else is done to the chain.
   * @throws EngineError `missing-data` for a snapshot that the parameters don't know
   */
  async restore(): Promise<void> {
    const { store, index, params, prunesItself, log } = this.#options;
    const coins = await store.readBackground();
    if (coins === undefined) return;
    const assumed = params.assumedUtxo?.find(({ hash }) => hash === coins.base);
    const [base, tip] = [index.tree.get(coins.base), index.tree.get(coins.tip)];
    if (assumed === undefined || base === undefined || tip === undefined) {
      const what = `Assumeutxo data not found for the given blockhash '${coins.base}'.`;
      throw new EngineError("missing-data", what);
    }
    index.tree.assume(base, assumed.transactionCount);
    this.#running = { assumed, base, coins, tip };
    if (tip === index.tree.genesis) await this.#begin(coins);
    if (!prunesItself) return;
    const effect = "no block is deleted before those below the snapshot are checked";
    log("warn", "chain", `${effect}, so that blocks may take more than their target`);
  }

  /** Adds the coins of the genesis block, which a store does not have that has forgotten all below the snapshot. */
  async #begin(below: BackgroundCoins): Promise<void> {
    const { params } = this.#options;
    const { coins, undo } = connectGenesis(params);
    const { hash } = params.genesis;
    const connected = [{ hash, undo }];
    await below.commit({ tip: hash, connected, coins, records: [], durable: false });
  }

  /**
   * Reads a snapshot, checks its hash, and lets the chain go on from its block.
   * @throws EngineError `bad-snapshot` with Core's reason; StorageError
   */
  async load(reader: SnapshotReader): Promise<HeaderNode> {
    const { store, index, queue, log, onMoved } = this.#options;
    const { header } = reader;
    const { assumed, base } = this.#activatable(header.baseHash);
    const less = this.#lessWork(base, "Population failed: Work does not exceed");
    if (less !== undefined) throw less;
    const what = `${header.count} coins of the snapshot of block ${base.hash}`;
    log("info", "chain", `loading ${what}`);
    const loaded = await store.loadCoins(reader.coins(base.height));
    try {
      const { hash, count } = loaded.statistics;
      if (hash !== assumed.coinsHash) {
        const facts = `expected ${assumed.coinsHash}, got ${hash}`;
        throw refused(`Population failed: Bad snapshot content hash: ${facts}`);
      }
      // A coin that comes twice would leave a wrong entry in the index by script.
      if (BigInt(count) !== header.count) {
        throw refused("Population failed: Mismatch in coins count in snapshot");
      }
      const late = await queue.write(async () => {
        // The chain has gone on meanwhile.
        const refusal = this.#refusalOf(base) ?? this.#lessWork(base, "work does not exceed");
        if (refusal !== undefined) return refusal;
        const { tip } = index.tree;
        const coins = await loaded.activate(base.hash);
        index.tree.assume(base, assumed.transactionCount);
        index.tree.setTip(base);
        this.#running = { assumed, base, coins, tip };
        await onMoved(tip);
        return undefined;
      });
      if (late !== undefined) throw late;
    } catch (error) {
      await loaded.discard();
      throw error;
    }
    log("info", "chain", `loaded ${what}: the blocks below it are checked in the background`);
    this.wake();
    return base;
  }

  /** @throws EngineError `bad-snapshot` */
  #activatable(hash: AssumedUtxo["hash"]): {
    readonly assumed: AssumedUtxo;
    readonly base: HeaderNode;
  } {
    const { params, index, prunesItself } = this.#options;
    if (this.#running !== undefined) throw refusedTwice();
    if (prunesItself) {
      const why = "they would fill the disk until those below the snapshot are checked";
      throw refused(`Can't activate a snapshot while old blocks are deleted automatically: ${why}`);
    }
    const all = params.assumedUtxo ?? [];
    const assumed = all.find((each) => each.hash === hash);
    if (assumed === undefined) {
      const heights = [...new Set(all.map(({ height }) => height))].join(", ");
      const what = `assumeutxo block hash in snapshot metadata not recognized (hash: ${hash})`;
      throw refused(`${what}. The following snapshot heights are available: ${heights}`);
    }
    const base = index.tree.get(hash);
    if (base === undefined) {
      const hint = "Make sure all headers are syncing, and call loadtxoutset again";
      const what = `The base block header (${hash}) must appear in the headers chain`;
      throw refused(`${what}. ${hint}`);
    }
    const refusal = this.#refusalOf(base);
    if (refusal !== undefined) throw refusal;
    return { assumed, base };
  }

  #refusalOf(base: HeaderNode): EngineError | undefined {
    const { index, mempoolSize } = this.#options;
    const { bestHeader } = index.tree;
    if (this.#running !== undefined) return refusedTwice();
    if (base.invalidReason !== undefined) {
      return refused(`The base block header (${base.hash}) is part of an invalid chain`);
    }
    if (bestHeader.ancestor(base.height) !== base) {
      return refused(
        "A forked headers-chain with more work than the chain with the snapshot base block header exists. Please proceed to sync without AssumeUtxo.",
      );
    }
    if (mempoolSize() > 0) return refused("Can't activate a snapshot when mempool not empty");
    return undefined;
  }

  #lessWork(base: HeaderNode, words: string): EngineError | undefined {
    const hasMore = base.chainWork > this.#options.index.tree.tip.chainWork;
    return hasMore ? undefined : refused(`${words} active chainstate`);
  }

  /** Connects blocks below the snapshot, as far as they are here, in turn with everything else. */
  wake(): void {
    if (this.#running === undefined) return;
    this.#mayGoOn = true;
    if (!this.#isConnecting) void this.#connectAll();
  }

  async #connectAll(): Promise<void> {
    const { queue, scripts } = this.#options;
    this.#isConnecting = true;
    try {
      while (this.#mayGoOn) {
        this.#mayGoOn = false;
        while (await queue.write(() => this.#step())) if (scripts.isTired()) await scripts.pause();
        await this.#completeIfDone();
      }
    } catch {
      // The queue was closed, or has told everybody why it stops.
    } finally {
      this.#isConnecting = false;
    }
  }

  /** Connects the next block. @returns whether there was one */
  async #step(): Promise<boolean> {
    const running = this.#running;
    const { queue, blocks, onProgress } = this.#options;
    if (running === undefined || queue.closed) return false;
    if (running.tip === running.base) return false;
    if (running.base.ancestor(running.tip.height) !== running.tip) {
      return await this.#disconnect(running);
    }
    const height = running.tip.height + 1;
    const node = present(running.base.ancestor(height), "running.base.ancestor(height)");
    const raw = node.transactionCount > 0 ? await blocks.readable(node.hash) : undefined;
    if (raw === undefined) return false;
    await this.#connect(running, node, blocks.decode(raw));
    onProgress();
    return true;
  }

  /**
   * Goes back a block, because the chain before the snapshot was another one.
   * @returns whether it could; else peers are asked for its body again
   */
  async #disconnect(running: Running): Promise<boolean> {
    const { params, blocks } = this.#options;
    const { tip: node } = running;
    const parent = present(node.parent, "node.parent");
    const raw = await blocks.readable(node.hash);
    if (raw === undefined) return false;
    const undo = await blocks.undo(node.hash);
    if (undo === undefined) {
      throw new EngineError("missing-data", `block ${node.hash} can't be undone`);
    }
    const block = blocks.decode(raw);
    const context = { parent, params };
    const reader = new CoinReader(running.coins);
    await reader.fetch([...outputsOf(block), ...prevoutsOf(block, context)]);
    const coins = disconnectBlock(block, undo, context, reader);
    const changes = { tip: parent.hash, connected: [], records: [] };
    await running.coins.commit({ ...changes, coins, durable: false });
    running.tip = parent;
    return true;
  }

  async #connect(running: Running, node: HeaderNode, block: Block): Promise<void> {
    const { params, index, scripts } = this.#options;
    const context = { parent: node.parent, params };
    const reader = new CoinReader(running.coins);
    await reader.fetch(prevoutsOf(block, context));
    const overlay = new CoinsOverlay(reader);
    const verdict = connectBlock(block, context, overlay);
    const refusal = !verdict.ok
      ? verdict
      : scriptsAssumedValid(node, index.tree, params)
        ? undefined
        : await scripts.run(verdict.checks);
    if (!verdict.ok || refusal !== undefined) {
      const why = `block ${node.hash} below it is invalid: ${refusal?.reason}`;
      throw await this.#failed(running, why);
    }
    overlay.apply(verdict.changes);
    await running.coins.commit({
      tip: node.hash,
      connected: [{ hash: node.hash, undo: encodeUndo(verdict.undo) }],
      coins: overlay.changes(),
      records: [index.record(node, "connected")],
      durable: false,
    });
    running.tip = node;
  }

  /**
   * Hashes all coins, once all blocks below the snapshot are connected. Not in the queue, because the node must answer
   * and follow its chain meanwhile, and nothing changes these coins any more.
   */
  async #completeIfDone(): Promise<void> {
    const running = this.#running;
    const { queue } = this.#options;
    if (running === undefined || running.tip !== running.base || queue.closed) return;
    let hashed: () => string;
    try {
      const { hash } = await running.coins.coinStatistics();
      hashed = () => hash;
    } catch (error) {
      hashed = () => {
        throw error;
      };
    }
    // The coins may have been forgotten meanwhile.
    await queue.write(async () => {
      if (this.#running === running) await this.#complete(running, hashed());
    });
  }

  /** The coins of the blocks must be those of the snapshot. */
  async #complete(running: Running, hash: string): Promise<void> {
    const { log, onProgress, onComplete } = this.#options;
    if (hash !== running.assumed.coinsHash) {
      throw await this.#failed(running, `their hash is ${hash}, not ${running.assumed.coinsHash}`);
    }
    await running.coins.end("snapshot");
    this.#running = undefined;
    const { height } = running.base;
    log("info", "chain", `the snapshot of height ${height} is valid, and all blocks below it`);
    onProgress();
    await onComplete();
  }

  /**
   * Throws the snapshot out. Nothing may go on with it: the next start begins with the blocks, and checks also those
   * above it again, whose scripts were run against its coins.
   * @throws StorageError `corrupt`: then it may be damage of our own, and the snapshot stays
   */
  async #failed(running: Running, why: string): Promise<EngineError> {
    const { store, index } = this.#options;
    const from = index.tree.tip.height;
    await store.verify();
    const refusedAbove = await index.refusedAbove(running.base, store);
    await store.writeRecords([...index.uncheckAbove(running.base), ...refusedAbove]);
    await running.coins.end("background");
    const failed = "failed to validate the -assumeutxo snapshot state";
    const causes =
      "This indicates a hardware problem, or a bug in the software, or a bad software modification that allowed an invalid snapshot to be loaded.";
    const effect = `As a result of this, the node will shut down and stop using any state that was built on the snapshot, resetting the chain height from ${from} to ${running.tip.height}.`;
    const next = `On the next restart, the node will resume syncing from ${running.tip.height} without using any snapshot data.`;
    return new EngineError("bad-snapshot", `${failed} (${why}). ${causes} ${effect} ${next}`);
  }
}

function refusedTwice(): EngineError {
  return refused("Can't activate a snapshot-based chainstate more than once");
}

function refused(why: string): EngineError {
  return new EngineError("bad-snapshot", why);
}
