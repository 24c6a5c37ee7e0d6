import type { ScriptHash, Txid } from "@chain/core";
import type { ChainLookup, LocatedTransaction } from "@chain/indexes";
import { describeTransactions, type TransactionDescription } from "../describe/transaction.ts";
import type { EsploraHost } from "../host.ts";

/** The newest confirmed transactions that a change is looked for in. */
const WINDOW = 1_000;

/** The transactions of a script that came, were confirmed, or have gone. */
export interface ScriptChange {
  readonly mempool: readonly TransactionDescription[];
  readonly confirmed: readonly TransactionDescription[];
  readonly removed: readonly TransactionDescription[];
}

interface Known {
  readonly isConfirmed: boolean;
  /** Of one that waits: it is told once more where it goes. */
  readonly described?: TransactionDescription;
}

/** A script of which a client hears all transactions. */
export class TrackedScript {
  readonly #script: ScriptHash;
  readonly #host: EsploraHost;
  readonly #lookup: ChainLookup;
  #known: ReadonlyMap<Txid, Known> | undefined;

  constructor(script: ScriptHash, host: EsploraHost, lookup: ChainLookup) {
    this.#script = script;
    this.#host = host;
    this.#lookup = lookup;
  }

  /** Looks again. @returns the difference; at first all is one, which is not told */
  async look(): Promise<ScriptChange> {
    const { now, described } = await this.#lookup.atOneMoment(() => this.#read());
    const before = this.#known ?? new Map<Txid, Known>();
    const next = new Map<Txid, Known>();
    for (const [txid, isConfirmed] of now) {
      const each = described.get(txid) ?? before.get(txid)?.described;
      next.set(txid, { isConfirmed, ...(!isConfirmed && each && { described: each }) });
    }
    this.#known = next;
    const isNew = (txid: Txid, isConfirmed: boolean) =>
      now.get(txid) === isConfirmed && before.get(txid)?.isConfirmed !== isConfirmed;
    const told = [...described].flatMap(([txid, each]) => (now.has(txid) ? [{ txid, each }] : []));
    return {
      mempool: told.filter(({ txid }) => isNew(txid, false)).map(({ each }) => each),
      confirmed: told.filter(({ txid }) => isNew(txid, true)).map(({ each }) => each),
      removed: [...before.entries()].flatMap(([txid, { described: each }]) =>
        each !== undefined && !now.has(txid) ? [each] : [],
      ),
    };
  }

  /** All that waits, and the newest in the chain; with the descriptions of those that are new. */
  async #read(): Promise<{
    readonly now: ReadonlyMap<Txid, boolean>;
    readonly described: ReadonlyMap<Txid, TransactionDescription>;
  }> {
    const { chain } = this.#host;
    const history = await this.#lookup.scripts.scriptHistory(this.#script, {
      limit: WINDOW,
      newestFirst: true,
    });
    const now = new Map<Txid, boolean>([
      ...history.confirmed.map(({ txid }) => [txid, true] as const),
      ...history.unconfirmed.map(({ txid }) => [txid, false] as const),
    ]);
    const isNew = (txid: Txid, isConfirmed: boolean) =>
      this.#known?.get(txid)?.isConfirmed !== isConfirmed;
    const places = history.confirmed.filter(({ txid }) => isNew(txid, true));
    const waiting = history.unconfirmed.flatMap(({ txid }): LocatedTransaction[] => {
      const transaction = isNew(txid, false) ? chain.mempool.get(txid)?.transaction : undefined;
      return transaction === undefined ? [] : [{ transaction, position: 0 }];
    });
    // At first there is nothing to tell of the chain.
    const isFirst = this.#known === undefined;
    const located = [...(isFirst ? [] : await this.#lookup.transactionsAt(places)), ...waiting];
    const all = await describeTransactions(located, this.#lookup, chain.params);
    return { now, described: new Map(all.map((each) => [each.txid as Txid, each])) };
  }
}
