import {
  bytesToHex,
  concatBytes,
  type Outpoint,
  outpointKey,
  type ScriptHash,
  sha256,
  type Transaction,
  type Txid,
} from "@chain/core";
import {
  requireArray,
  requireFields,
  requireFunction,
  requireId,
  requireInteger,
  requireTransaction,
} from "@chain/core/arguments";
import type { ChainChange, ChainManager, ChainPosition, Log } from "@chain/engine";
import { type KeyValueStore, keysWith } from "@chain/storage";
import type { ChainIndex, IndexedBlock, IndexRecords } from "../chainIndex.ts";
import { requireIndexing } from "../checks.ts";
import { IndexError } from "../errors.ts";
import { decodePosition, POSITION_KEY } from "../position.ts";
import { connectBlock, disconnectBlock } from "./blockRecords.ts";
import {
  type HistoryOptions,
  MAX_PAGE,
  requireHistoryOptions,
  requireUnspentOptions,
  type UnspentOptions,
} from "./options.ts";
import {
  decodeTotals,
  decodeTouch,
  decodeUnspent,
  historyKey,
  historyPrefix,
  idIn,
  idsKey,
  outpointOfKey,
  type Place,
  placeOfKey,
  totalsKey,
  unspentKey,
  unspentPrefix,
} from "./records.ts";
import { NO_TOTALS, type ScriptTotals, type Touch } from "./touches.ts";
import { UnconfirmedScripts, type UnconfirmedTouch } from "./unconfirmed.ts";

/** Reads that a change of the chain may spoil, before one is done while the chain stands still. */
const ATTEMPTS = 3;
/** Above this, a status would be asked for again and again at a cost that its asker does not bear. */
const MAX_STATUS = 100_000;

/** A transaction of the best chain that touches a script. */
export interface ConfirmedTouch extends Touch, Place {
  readonly txid: Txid;
}

/** A part of the history of a script. */
export interface ScriptHistory {
  /** The last block that it takes into account; `undefined` where the index holds none yet. */
  readonly tip: ChainPosition | undefined;
  /** In the order of the chain, or the newest first. */
  readonly confirmed: readonly ConfirmedTouch[];
  /** To be handed in as `after` for the next part; `undefined` where this is the last one. */
  readonly next: Place | undefined;
  /**
   * All of the mempool, with the first part alone: the transactions without unconfirmed parents first, and then by id,
   * as the Electrum protocol orders them.
   */
  readonly unconfirmed: readonly UnconfirmedTouch[];
}

/** The sums of all that a script was paid and has spent. */
export interface ScriptBalance {
  readonly tip: ChainPosition | undefined;
  /** By the best chain. */
  readonly confirmed: ScriptTotals;
  /** By the mempool, on top of that. */
  readonly unconfirmed: ScriptTotals;
}

/** An output that neither the best chain nor the mempool spends. */
export interface UnspentOutput extends Outpoint {
  /** Base units. */
  readonly value: bigint;
  /** Of its block; 0 while it is unconfirmed. */
  readonly height: number;
  /** Whether a coinbase made it: then it matures before it can be spent. */
  readonly coinbase: boolean;
}

/** A part of the unspent outputs of a script. */
export interface ScriptUnspent {
  readonly tip: ChainPosition | undefined;
  /** Confirmed ones by transaction id and number; with the first part, those of the mempool before them. */
  readonly outputs: readonly UnspentOutput[];
  /** To be handed in as `after` for the next part; `undefined` where this is the last one. */
  readonly next: Outpoint | undefined;
}

/** The chain that scripts have their history in. */
export type ScriptsChain = Pick<ChainManager, "getCoins" | "run" | "mempool" | "params">;

/**
 * The history of each output script, by its hash: transactions that pay it and that spend from it, in the order of the
 * chain and by pages, so that none has to be read whole; what it has unspent; its balance. The mempool's part is kept in
 * memory, and an answer shows both parts as they are at one moment. As in the Electrum protocol, outputs that nobody can
 * spend are in no history.
 *
 *     h <script, 20> <height, 4> <place, 3>     outputs and inputs, with their values
 *     u <script, 20> <txid, 32> <vout, 4>       an unspent output: height, whether a coinbase made it, value
 *     b <script, 20>                            its totals
 *     i <height, 4> <n, 3>                      the ids of transactions 64n to 64n + 63 of the block
 *
 * A script is the first 20 bytes of the SHA-256 of it.
 *
 * @example
 * const records = new MemoryKeyValueStore();
 * const { index, caughtUp } = await followChain(new ScriptHistoryIndex(records, chain, log), { chain, records, log });
 * await caughtUp;
 * const { confirmed } = await index.scriptHistory(scriptHashOf(script), { newestFirst: true });
 * confirmed[0].height // 1
 */
export class ScriptHistoryIndex implements ChainIndex {
  readonly name = "scripthistoryindex";
  readonly #records: Pick<KeyValueStore, "get" | "getMany" | "range">;
  readonly #chain: ScriptsChain;
  readonly #log: Log;
  readonly #unconfirmed = new UnconfirmedScripts();
  readonly #listeners = new Map<ScriptHash, Set<() => void>>();
  /** Scripts with listeners that the blocks being written touch. */
  readonly #touched = new Set<ScriptHash>();
  #writing = false;
  /** How often records were written. */
  #version = 0;

  constructor(
    records: Pick<KeyValueStore, "get" | "getMany" | "range">,
    chain: ScriptsChain,
    log: Log,
  ) {
    requireFields(records, "records", { get: "function", getMany: "function", range: "function" });
    requireFields(chain, "chain", {
      getCoins: "function",
      run: "function",
      mempool: "object",
      params: "object",
    });
    requireFunction(log, "log");

    this.#records = records;
    this.#chain = chain;
    this.#log = log;
  }

  async connect(block: IndexedBlock, records: IndexRecords): Promise<void> {
    requireIndexing(block, records);
    this.#writing = true;
    if (this.#isLeftOut(block)) return;
    this.#noteTouched(await connectBlock(block, records));
  }

  async disconnect(block: IndexedBlock, records: IndexRecords): Promise<void> {
    requireIndexing(block, records);
    this.#writing = true;
    if (this.#isLeftOut(block)) return;
    this.#noteTouched(await disconnectBlock(block, records));
  }

  /** A genesis block whose coins can't be spent. */
  #isLeftOut({ height }: IndexedBlock): boolean {
    return height === 0 && !this.#chain.params.genesisSpendable;
  }

  #noteTouched(scripts: Iterable<ScriptHash>): void {
    if (this.#listeners.size === 0) return;
    for (const script of scripts) if (this.#listeners.has(script)) this.#touched.add(script);
  }

  async settled(changes: readonly ChainChange[]): Promise<void> {
    requireArray(changes, "changes", requireChange);
    const added = changes
      .filter((change) => change.type === "transaction-added")
      .filter(({ transaction: { txid } }) => this.#chain.mempool.get(txid) !== undefined);
    const coins = await this.#coinsOf(added.map(({ transaction }) => transaction));
    // From here on without a pause: an answer shows all of it or nothing.
    for (const change of changes) {
      if (change.type === "transaction-removed") {
        this.#noteTouched(this.#unconfirmed.remove(change.transaction.txid));
      }
    }
    for (const [transaction, spent] of coins) {
      if (this.#unconfirmed.has(transaction.txid)) continue;
      this.#noteTouched(this.#unconfirmed.add(transaction, spent));
    }
    this.#forgetGone();
    if (this.#writing) {
      this.#writing = false;
      this.#version++;
    }
    this.#tell();
  }

  /** The coins that unconfirmed transactions spend: of the chain, or of other unconfirmed ones. */
  async #coinsOf(
    transactions: readonly Transaction[],
  ): Promise<readonly (readonly [Transaction, readonly Transaction["outputs"][number][]])[]> {
    const { mempool } = this.#chain;
    const prevouts = transactions.flatMap(({ inputs }) => inputs.map(({ prevout }) => prevout));
    const pending = ({ txid, vout }: Outpoint) =>
      mempool.get(txid)?.transaction.outputs[vout] ?? this.#unconfirmed.output({ txid, vout });
    const wanted = prevouts.filter((prevout) => pending(prevout) === undefined);
    const found = wanted.length === 0 ? [] : await this.#chain.getCoins(wanted);
    const confirmed = new Map(wanted.map((prevout, i) => [outpointKey(prevout), found[i]]));
    return transactions.map((transaction) => {
      const spent = transaction.inputs.map(({ prevout }) => {
        const key = outpointKey(prevout);
        const output = confirmed.get(key) ?? pending(prevout);
        if (output !== undefined) return output;
        throw new IndexError("damaged", `the coin ${key} of an unconfirmed transaction is missing`);
      });
      return [transaction, spent];
    });
  }

  /** Some of its changes were not told while the index was behind. */
  #forgetGone(): void {
    const { mempool } = this.#chain;
    if (this.#unconfirmed.size <= mempool.count) return;
    for (const txid of this.#unconfirmed.ids()) {
      if (mempool.get(txid) === undefined) this.#noteTouched(this.#unconfirmed.remove(txid));
    }
  }

  #tell(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const script of touched) {
      for (const listener of this.#listeners.get(script) ?? []) {
        try {
          listener();
        } catch (error) {
          this.#log("error", "chain", `a listener to a script failed: ${String(error)}`);
        }
      }
    }
  }

  /**
   * A part of the history of a script.
   * @throws IndexError `behind`: the index has stopped; `damaged`; StorageError
   */
  async scriptHistory(script: ScriptHash, options: HistoryOptions = {}): Promise<ScriptHistory> {
    requireId(script, "script");
    const { limit, newestFirst, after } = requireHistoryOptions(options);

    return this.#atOneMoment(
      async () => {
        const found = await this.#places(script, { limit: limit + 1, newestFirst, after });
        return {
          tip: await this.#tip(),
          found: await this.#withIds(found.slice(0, limit)),
          all: found,
        };
      },
      ({ tip, found, all }) => ({
        tip,
        confirmed: found,
        next: all.length > limit ? placeIn(found) : undefined,
        unconfirmed: after === undefined ? this.#unconfirmed.history(script) : [],
      }),
    );
  }

  /** The sums of all that a script was paid and has spent. @throws IndexError `behind`, `damaged`; StorageError */
  async scriptBalance(script: ScriptHash): Promise<ScriptBalance> {
    requireId(script, "script");

    return this.#atOneMoment(
      async () => {
        const stored = await this.#records.get(totalsKey(script));
        return { tip: await this.#tip(), confirmed: stored ? decodeTotals(stored) : NO_TOTALS };
      },
      (chain) => ({ ...chain, unconfirmed: this.#unconfirmed.totals(script) }),
    );
  }

  /**
   * A part of the outputs of a script that nothing spends. Of those that the chain has, the mempool may spend all that are
   * in a part: it is the last one only where `next` is undefined.
   * @throws IndexError `behind`, `damaged`; StorageError
   */
  async scriptUnspent(script: ScriptHash, options: UnspentOptions = {}): Promise<ScriptUnspent> {
    requireId(script, "script");
    const { limit, after } = requireUnspentOptions(options);

    const { from, end } = keysWith(unspentPrefix(script));
    const range = { from: after === undefined ? from : justAfter(unspentKey(script, after)), end };
    return this.#atOneMoment(
      async () => {
        const found = await this.#records.range(range, limit + 1);
        const confirmed = found.map(({ key, value }) => ({
          ...outpointOfKey(key),
          ...decodeUnspent(value),
        }));
        return { tip: await this.#tip(), confirmed };
      },
      ({ tip, confirmed }) => {
        const part = confirmed.slice(0, limit);
        const { txid, vout } = part.at(-1) ?? {};
        const hasMore = confirmed.length > limit && txid !== undefined && vout !== undefined;
        const pending = after === undefined ? this.#unconfirmed.unspent(script) : [];
        return {
          tip,
          outputs: [
            ...pending.map((output) => ({ ...output, height: 0, coinbase: false })),
            ...part.filter((output) => !this.#unconfirmed.isSpent(output)),
          ],
          next: hasMore ? { txid, vout } : undefined,
        };
      },
    );
  }

  /**
   * The status of a script by the Electrum protocol: one hash over its whole history, the mempool included. The protocol
   * leaves no way around reading all of it, because a hash over a list can't be continued where a reorganisation changed
   * its end. It is read page by page, and never more than `limit` transactions of it.
   * @param limit the most confirmed transactions that are read for it
   * @returns undefined where it has no history
   * @throws IndexError `too-many`: more than `limit` transactions; `behind`, `damaged`; StorageError
   */
  async scriptStatus(script: ScriptHash, limit: number = MAX_STATUS): Promise<string | undefined> {
    requireId(script, "script");
    requireInteger(limit, "limit", 0);

    return this.#atOneMoment(
      async () => {
        const parts: Uint8Array[] = [];
        let [after, count]: [Place | undefined, number] = [undefined, 0];
        do {
          const places = await this.#places(script, { limit: MAX_PAGE, newestFirst: false, after });
          count += places.length;
          if (count > limit) {
            const what = `the script has more than ${limit} transactions: no status is made of them`;
            throw new IndexError("too-many", what);
          }
          parts.push(statusText(await this.#withIds(places)));
          after = places.length < MAX_PAGE ? undefined : places.at(-1);
        } while (after !== undefined);
        return parts;
      },
      (parts) => {
        const text = concatBytes(...parts, statusText(this.#unconfirmed.history(script)));
        return text.length === 0 ? undefined : bytesToHex(sha256(text));
      },
    );
  }

  /**
   * Calls a listener whenever the status of a script may be another one, before any other listener of the chain hears of
   * it. It must be quick, and must not wait.
   * @returns ends the subscription
   */
  subscribe(script: ScriptHash, listener: () => void): () => void {
    requireId(script, "script");
    requireFunction(listener, "listener");

    const listeners = this.#listeners.get(script) ?? new Set();
    this.#listeners.set(script, listeners);
    const own = () => listener();
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(script) === listeners)
        this.#listeners.delete(script);
    };
  }

  async #places(
    script: ScriptHash,
    { limit, newestFirst, after }: Required<HistoryOptions>,
  ): Promise<readonly (Place & Touch)[]> {
    const all = keysWith(historyPrefix(script));
    const at = after && historyKey(script, after);
    const range = newestFirst
      ? { from: all.from, end: at ?? all.end }
      : { from: at === undefined ? all.from : justAfter(at), end: all.end };
    const found = await this.#records.range(range, limit, newestFirst ? "descending" : "ascending");
    return found.map(({ key, value }) => ({ ...placeOfKey(key), ...decodeTouch(value) }));
  }

  async #withIds(places: readonly (Place & Touch)[]): Promise<readonly ConfirmedTouch[]> {
    // Many of one record where a block has many of one script.
    const keys = new Map(places.map((place) => [bytesToHex(idsKey(place)), idsKey(place)]));
    const found = await this.#records.getMany([...keys.values()]);
    const records = new Map([...keys.keys()].map((key, i) => [key, found[i]]));
    return places.map((place) => ({
      txid: idIn(records.get(bytesToHex(idsKey(place))), place),
      ...place,
    }));
  }

  async #tip(): Promise<ChainPosition | undefined> {
    const stored = await this.#records.get(POSITION_KEY);
    return stored && decodePosition(stored);
  }

  /**
   * Reads records of one state of the chain, and hands them over in the same instant: without a pause between the two in
   * which a transaction could go from the mempool into a block.
   */
  async #atOneMoment<Stored, Answer>(
    read: () => Promise<Stored>,
    answer: (stored: Stored) => Answer,
  ): Promise<Answer> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#writing; attempt++) {
      const version = this.#version;
      const isSame = () => !this.#writing && this.#version === version;
      try {
        const stored = await read();
        if (isSame()) return answer(stored);
      } catch (error) {
        // Otherwise it may be for records that were just taken away.
        if (isSame()) throw error;
      }
    }
    // The tip does not move while this is in the queue of the chain.
    return this.#chain.run(async () => {
      const version = this.#version;
      const stored = this.#writing ? undefined : { all: await read() };
      if (stored !== undefined && this.#version === version) return answer(stored.all);
      throw new IndexError("behind", "the script history is being built, or has stopped");
    });
  }
}

function requireChange(change: unknown, name: string): void {
  requireFields(change, name, { type: "string" });
  const { type } = change as ChainChange;
  if (type === "transaction-added" || type === "transaction-removed") {
    requireTransaction(
      (change as { readonly transaction: unknown }).transaction,
      `${name}.transaction`,
    );
  }
}

function placeIn(touches: readonly ConfirmedTouch[]): Place | undefined {
  const last = touches.at(-1);
  return last && { height: last.height, position: last.position };
}

/** The first key behind this one. */
function justAfter(key: Uint8Array): Uint8Array {
  return concatBytes(key, Uint8Array.of(0));
}

function statusText(
  history: readonly { readonly txid: Txid; readonly height: number }[],
): Uint8Array {
  const text = history.map(({ txid, height }) => `${txid}:${height}:`).join("");
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
