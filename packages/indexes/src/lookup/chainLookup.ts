import {
  type Block,
  type BlockUndo,
  type HeaderNode,
  type Outpoint,
  outpointKey,
  type Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import {
  present,
  requireArray,
  requireFields,
  requireFunction,
  requireId,
  requireOutpoint,
  requireTransaction,
} from "@chain/core/arguments";
import type { ChainManager, MempoolEntry } from "@chain/engine";
import { IndexError } from "../errors.ts";
import type { RunningIndex } from "../followChain.ts";
import type { Indexes } from "../indexes.ts";
import type { FoundTransaction } from "../place.ts";
import type { ScriptHistoryIndex } from "../scriptHistory/scriptHistoryIndex.ts";

/** Reads that a change of the chain may spoil, before one is done while the chain stands still. */
const ATTEMPTS = 3;
/** Virtual bytes of a bin of the histogram, as in electrs. */
const BIN_SIZE = 50_000;

/** The indexes that a lookup asks. */
export type LookupIndexes = Required<Pick<Indexes, "transactions" | "spenders" | "scriptHistory">>;

/** The chain that things are looked up in. */
export type LookupChain = Pick<
  ChainManager,
  "headers" | "mempool" | "mempoolSequence" | "getBlock" | "getUndo" | "getCoins" | "run" | "params"
>;

export interface LookupOptions {
  readonly chain: LookupChain;
  readonly indexes: LookupIndexes;
}

/** A transaction of the mempool, or of a block. */
export interface LocatedTransaction {
  readonly transaction: Transaction;
  /** Its block; `undefined` while it waits for one. */
  readonly node?: HeaderNode | undefined;
  /** How many transactions of the block come before it; 0 where there is no block. */
  readonly position: number;
}

/** The input that spends an output. */
export interface Spender extends LocatedTransaction {
  /** The number of the input. */
  readonly vin: number;
}

/**
 * How much of the mempool pays how well: pairs of a fee rate in base units for a virtual byte, and of the virtual bytes
 * that pay at least that, and less than the pair before. The best first.
 */
export type FeeHistogram = readonly (readonly [rate: number, size: number])[];

/**
 * Looks up transactions, spenders and spent outputs in chain and mempool together, by the indexes of transactions, of
 * spenders and of script histories: all that a server of explorers and wallets asks.
 * @example
 * const { transactions, spenders, scriptHistory } = indexes;
 * const lookup = new ChainLookup({ chain, indexes: { transactions, spenders, scriptHistory } });
 * const found = await lookup.atOneMoment(() => lookup.transaction(transaction.txid));
 * found?.node?.height // 1
 */
export class ChainLookup {
  readonly #chain: LookupChain;
  readonly #indexes: LookupIndexes;
  #histogram: { readonly moment: string; readonly bins: FeeHistogram } | undefined;

  constructor(options: LookupOptions) {
    requireFields(options, "options", { chain: "object", indexes: "object" });
    requireFields(options.chain, "options.chain", {
      headers: "object",
      mempool: "object",
      getBlock: "function",
      run: "function",
    });
    requireFields(options.indexes, "options.indexes", {
      transactions: "object",
      spenders: "object",
      scriptHistory: "object",
    });

    this.#chain = options.chain;
    this.#indexes = options.indexes;
  }

  /** The history of scripts: to be asked within `atOneMoment`. */
  get scripts(): ScriptHistoryIndex {
    return this.#indexes.scriptHistory.index;
  }

  /**
   * Reads of one state of chain, mempool and indexes: of all that any answer of the node has shown before, and of nothing
   * that is under way. Where they change meanwhile, it reads again.
   * @param read must not wait for an operation of the chain's queue
   * @throws IndexError `behind` where an index is being built, or has stopped
   */
  async atOneMoment<Answer>(read: () => Promise<Answer>): Promise<Answer> {
    requireFunction(read, "read");

    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // Behind an operation that has begun, because a reader may have seen a part of what it does.
      await this.#chain.run(async () => {});
      this.#requireSynced();
      const before = this.#moment();
      try {
        const answer = await read();
        if (this.#moment() === before) return answer;
      } catch (error) {
        if (this.#moment() === before) throw error;
      }
    }
    return this.#chain.run(() => {
      this.#requireSynced();
      return read();
    });
  }

  #moment(): string {
    const { headers, mempool, mempoolSequence } = this.#chain;
    return `${headers.tip.hash} ${mempoolSequence} ${mempool.sequence} ${mempool.count}`;
  }

  #requireSynced(): void {
    const { transactions, spenders, scriptHistory } = this.#indexes;
    for (const index of [transactions, spenders, scriptHistory]) requireSynced(index);
  }

  /** A transaction of the mempool or of the best chain. @throws StorageError */
  async transaction(txid: Txid): Promise<LocatedTransaction | undefined> {
    requireId(txid, "txid");

    const { mempool, params, headers } = this.#chain;
    const waiting = mempool.get(txid)?.transaction;
    if (waiting !== undefined) return { transaction: waiting, position: 0 };
    const first = params.genesis.transactions.findIndex((each) => each.txid === txid);
    const transaction = params.genesis.transactions[first];
    // An index leaves out what can't be spent.
    if (transaction !== undefined) return { transaction, node: headers.genesis, position: first };
    return this.#indexes.transactions.index.find(txid);
  }

  /**
   * Confirmed transactions by their places, each block read once.
   * @throws IndexError `behind` where the best chain has no such place any more; StorageError
   */
  async transactionsAt(
    places: readonly { readonly height: number; readonly position: number }[],
  ): Promise<readonly FoundTransaction[]> {
    requireArray(places, "places", requirePlace);

    const blocks = new Map<number, Promise<Block | undefined>>();
    const found: FoundTransaction[] = [];
    for (const { height, position } of places) {
      const node = this.#chain.headers.activeAt(height);
      const block = blocks.get(height) ?? (node && this.#chain.getBlock(node.hash));
      if (block !== undefined) blocks.set(height, block);
      const transaction = (await block)?.transactions[position];
      if (node === undefined || transaction === undefined) {
        throw new IndexError("behind", `the block at height ${height} has changed meanwhile`);
      }
      found.push({ transaction, node, position });
    }
    return found;
  }

  /** The input of the mempool or of the best chain that spends an output. @throws StorageError */
  async spender(outpoint: Outpoint): Promise<Spender | undefined> {
    requireOutpoint(outpoint, "outpoint");

    const waiting = this.#chain.mempool.spenderOf(outpoint);
    const found: LocatedTransaction | undefined =
      waiting === undefined
        ? await this.#indexes.spenders.index.find(outpoint)
        : { transaction: waiting.transaction, position: 0 };
    if (found === undefined) return undefined;
    const vin = found.transaction.inputs.findIndex(
      ({ prevout }) => prevout.txid === outpoint.txid && prevout.vout === outpoint.vout,
    );
    return { ...found, vin };
  }

  /**
   * The outputs that the inputs of transactions spend, in their order; none for a coinbase. `undefined` stands for those
   * of a block that was never connected.
   * @throws StorageError
   */
  async spentOutputs(
    located: readonly LocatedTransaction[],
  ): Promise<readonly (readonly TxOutput[] | undefined)[]> {
    requireArray(located, "located", requireLocated);

    const waiting = located.filter(({ node }) => node === undefined);
    const pending = await this.#coinsOf(waiting.map(({ transaction }) => transaction));
    const undos = new Map<string, Promise<BlockUndo | undefined>>();
    return Promise.all(
      located.map(async ({ transaction, node, position }) => {
        if (node === undefined) return pending.get(transaction.txid);
        if (position === 0) return [];
        const undo = undos.get(node.hash) ?? this.#chain.getUndo(node.hash);
        undos.set(node.hash, undo);
        return (await undo)?.[position - 1];
      }),
    );
  }

  /** The histogram of the mempool, made again only where that has changed. Electrs: make_fee_histogram. */
  feeHistogram(): FeeHistogram {
    const moment = this.#moment();
    if (this.#histogram?.moment !== moment) {
      this.#histogram = { moment, bins: binsOf(this.#chain.mempool.entries()) };
    }
    return this.#histogram.bins;
  }

  async #coinsOf(
    transactions: readonly Transaction[],
  ): Promise<ReadonlyMap<Txid, readonly TxOutput[]>> {
    const { mempool } = this.#chain;
    const pending = ({ txid, vout }: Outpoint) => mempool.get(txid)?.transaction.outputs[vout];
    const prevouts = transactions.flatMap(({ inputs }) => inputs.map(({ prevout }) => prevout));
    const wanted = prevouts.filter((prevout) => pending(prevout) === undefined);
    const found = wanted.length === 0 ? [] : await this.#chain.getCoins(wanted);
    const coins = new Map(wanted.map((prevout, i) => [outpointKey(prevout), found[i]]));
    const outputOf = (prevout: Outpoint) => pending(prevout) ?? coins.get(outpointKey(prevout));
    return new Map(
      transactions.map(({ txid, inputs }) => {
        const spent = inputs.map(({ prevout }) => outputOf(prevout));
        // One that came in or left meanwhile: `atOneMoment` reads again.
        const isWhole = spent.every((each) => each !== undefined);
        return [txid, isWhole ? spent.map((each) => present(each, "a spent output")) : []];
      }),
    );
  }
}

function binsOf(entries: Iterable<MempoolEntry>): FeeHistogram {
  const all = Array.from(entries, ({ fee, size }) => ({ rate: Number(fee) / size, size }));
  all.sort((a, b) => b.rate - a.rate);
  const bins: [number, number][] = [];
  let [size, last] = [0, 0];
  for (const each of all) {
    if (size > BIN_SIZE && last !== each.rate) {
      bins.push([last, size]);
      size = 0;
    }
    last = each.rate;
    size += each.size;
  }
  if (size > 0) bins.push([last, size]);
  return bins;
}

function requireSynced(index: RunningIndex): void {
  if (index.isSynced) return;
  const height = index.position?.height;
  const how = index.error === undefined ? "is still being built" : "has stopped";
  const where = height === undefined ? "" : `, and holds the blocks up to height ${height}`;
  throw new IndexError("behind", `the index ${index.name} ${how}${where}`);
}

function requirePlace(place: unknown, name: string): void {
  requireFields(place, name, { height: "number", position: "number" });
}

function requireLocated(located: unknown, name: string): void {
  requireFields(located, name, { transaction: "object", node: "object?", position: "number" });
  requireTransaction((located as LocatedTransaction).transaction, `${name}.transaction`);
}
