import {
  type Coin,
  type Outpoint,
  type OutpointKey,
  outpointKey,
  type ScriptHash,
  type Transaction,
  type Txid,
} from "@chain/core";
import {
  type Funding,
  NO_TOTALS,
  type ScriptTotals,
  type Touch,
  touchesOf,
  withTouch,
} from "./touches.ts";

/** An unconfirmed transaction that touches a script. */
export interface UnconfirmedTouch extends Touch {
  readonly txid: Txid;
  /** 0, or -1 where it spends an output of another unconfirmed transaction: so the Electrum protocol says it. */
  readonly height: 0 | -1;
  /** Base units. */
  readonly fee: bigint;
}

interface Entry {
  readonly transaction: Transaction;
  readonly fee: bigint;
  readonly touches: ReadonlyMap<ScriptHash, Touch>;
}

/** The mempool by script: as large as that, because it holds nothing else. Synchronous. */
export class UnconfirmedScripts {
  readonly #entries = new Map<Txid, Entry>();
  readonly #byScript = new Map<ScriptHash, Set<Entry>>();
  readonly #spenders = new Map<OutpointKey, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  has(txid: Txid): boolean {
    return this.#entries.has(txid);
  }

  ids(): readonly Txid[] {
    return [...this.#entries.keys()];
  }

  /**
   * @param coins that the inputs spend, in their order
   * @returns the scripts whose history is another one now
   */
  add(
    transaction: Transaction,
    coins: readonly Pick<Coin, "value" | "scriptPubKey">[],
  ): readonly ScriptHash[] {
    const { txid, inputs, outputs } = transaction;
    const sum = (parts: readonly { readonly value: bigint }[]) =>
      parts.reduce((all, { value }) => all + value, 0n);
    const fee = sum(coins) - sum(outputs);
    const entry = { transaction, fee, touches: touchesOf(transaction, coins) };
    this.#entries.set(txid, entry);
    for (const { prevout } of inputs) this.#spenders.set(outpointKey(prevout), entry);
    for (const script of entry.touches.keys()) {
      const entries = this.#byScript.get(script) ?? new Set<Entry>();
      this.#byScript.set(script, entries.add(entry));
    }
    return this.#touchedWith(entry);
  }

  /** @returns the scripts whose history is another one now; none where it is not here */
  remove(txid: Txid): readonly ScriptHash[] {
    const entry = this.#entries.get(txid);
    if (entry === undefined) return [];
    this.#entries.delete(txid);
    for (const { prevout } of entry.transaction.inputs) {
      const key = outpointKey(prevout);
      if (this.#spenders.get(key) === entry) this.#spenders.delete(key);
    }
    for (const script of entry.touches.keys()) {
      const entries = this.#byScript.get(script);
      entries?.delete(entry);
      if (entries?.size === 0) this.#byScript.delete(script);
    }
    return this.#touchedWith(entry);
  }

  /** Its own scripts, and those of its children: whether these have an unconfirmed parent may be different now. */
  #touchedWith({ transaction: { txid, outputs }, touches }: Entry): readonly ScriptHash[] {
    const children = Array.from(outputs.keys(), (vout) => {
      return this.#spenders.get(outpointKey({ txid, vout }));
    });
    return [touches, ...children.map((child) => child?.touches)].flatMap((each) => [
      ...(each?.keys() ?? []),
    ]);
  }

  /** The output of an unconfirmed transaction. */
  output({ txid, vout }: Outpoint): Transaction["outputs"][number] | undefined {
    return this.#entries.get(txid)?.transaction.outputs[vout];
  }

  isSpent(outpoint: Outpoint): boolean {
    return this.#spenders.has(outpointKey(outpoint));
  }

  /** In the order of the Electrum protocol 1.6: those without unconfirmed parents first, and then by id. */
  history(script: ScriptHash): readonly UnconfirmedTouch[] {
    const found = Array.from(this.#byScript.get(script) ?? [], (entry) => {
      const { transaction, fee, touches } = entry;
      const hasParent = transaction.inputs.some(({ prevout }) => this.has(prevout.txid));
      const { funding = [], spending = [] } = touches.get(script) ?? {};
      const height = hasParent ? (-1 as const) : (0 as const);
      return { txid: transaction.txid, height, fee, funding, spending };
    });
    return found.sort((a, b) => b.height - a.height || (a.txid < b.txid ? -1 : 1));
  }

  totals(script: ScriptHash): ScriptTotals {
    let totals = NO_TOTALS;
    for (const { touches } of this.#byScript.get(script) ?? []) {
      const touch = touches.get(script);
      if (touch !== undefined) totals = withTouch(totals, touch, 1);
    }
    return totals;
  }

  /** Outputs that nothing spends, by the same order. */
  unspent(script: ScriptHash): readonly (Funding & { readonly txid: Txid })[] {
    return this.history(script).flatMap(({ txid, funding }) =>
      funding
        .filter(({ vout }) => !this.isSpent({ txid, vout }))
        .map(({ vout, value }) => ({ txid, vout, value })),
    );
  }
}
