import {
  type ChainParams,
  type HeaderNode,
  type Outpoint,
  refuse,
  scriptFlags,
  type Transaction,
  type Verdict,
} from "@chain/core";
import type { ChainStore } from "@chain/storage";
import type { MempoolEntry } from "../mempool/entry.ts";
import type { Mempool, Removal } from "../mempool/mempool.ts";
import type { Clock } from "../ports.ts";
import type { PlacedBlock } from "./activation.ts";
import { CoinReader } from "./coinReader.ts";
import type { ScriptRunner } from "./scriptRunner.ts";

interface AcceptorOptions {
  readonly params: ChainParams;
  readonly mempool: Mempool;
  readonly store: ChainStore;
  readonly scripts: ScriptRunner;
  readonly clock: Clock;
  readonly tip: () => HeaderNode;
}

/** What a reorganisation did to the mempool. */
export interface Returned {
  /** Transactions of disconnected blocks that wait again. */
  readonly added: readonly Transaction[];
  /** Transactions that waited and can't any more. */
  readonly removed: readonly Removal[];
}

/** Takes transactions into the mempool. Only ever called from the chain manager's queue, so nothing changes between. */
export class Acceptor {
  readonly #options: AcceptorOptions;

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  async accept(
    transaction: Transaction,
  ): Promise<Verdict<{ readonly fee: bigint; readonly removed: readonly Removal[] }>> {
    const { store } = this.#options;
    const coins = new CoinReader(store);
    await coins.fetch(readsOf(transaction));
    return this.#acceptWith(transaction, coins);
  }

  async #acceptWith(
    transaction: Transaction,
    coins: CoinReader,
  ): Promise<Verdict<{ readonly fee: bigint; readonly removed: readonly Removal[] }>> {
    const { params, mempool, scripts, clock, tip } = this.#options;
    const now = clock.now();
    const candidate = mempool.check(transaction, coins, { tip: tip(), now });
    if (!candidate.ok) return candidate;
    // The rules of the next block are part of the stricter ones of a mempool: who passes those need not be checked
    // again when the block comes.
    const flags = scriptFlags(tip().height + 1, params);
    if (!scripts.isKnown(transaction, flags)) {
      const refusal = await scripts.run(candidate.checks);
      if (refusal !== undefined) {
        const consensus = await scripts.run(candidate.checks.map((check) => ({ ...check, flags })));
        if (consensus !== undefined) return consensus;
        const reason = refusal.reason.replace("mandatory-", "non-mandatory-");
        return refuse("policy", reason, refusal.debug);
      }
      scripts.remember(transaction, flags);
    }
    const added = mempool.add(candidate, now);
    return added.ok ? { ok: true, fee: candidate.fee, removed: added.removed } : added;
  }

  /**
   * After a reorganisation: what the disconnected blocks held waits again, followed by what waited before, as far as
   * each still holds on the new chain. The connected blocks have taken their share, which now counts as spent.
   */
  async reorganise(disconnected: readonly PlacedBlock[]): Promise<Returned> {
    const { mempool, store } = this.#options;
    const waited = mempool.takeAll();
    // The last block was disconnected first.
    const back = disconnected
      .toReversed()
      .flatMap(({ block }) => block.transactions.filter(({ isCoinbase }) => !isCoinbase));
    const coins = new CoinReader(store);
    await coins.fetch([...back, ...waited.map(({ transaction }) => transaction)].flatMap(readsOf));

    const added: Transaction[] = [];
    const removed: Removal[] = [];
    const gone = new Map<MempoolEntry["transaction"]["txid"], Removal>();
    const before = new Map(waited.map((entry) => [entry.transaction.txid, entry]));
    const take = async (transaction: Transaction) => {
      const verdict = await this.#acceptWith(transaction, coins);
      if (!verdict.ok) return false;
      for (const removal of verdict.removed) gone.set(removal.entry.transaction.txid, removal);
      return true;
    };
    for (const transaction of back) {
      if ((await take(transaction)) && !before.has(transaction.txid)) added.push(transaction);
    }
    for (const entry of waited) {
      const { txid } = entry.transaction;
      if (mempool.get(txid) === undefined) await take(entry.transaction);
      if (mempool.get(txid) === undefined) {
        removed.push(gone.get(txid) ?? { entry, why: "reorganisation" });
      }
    }
    return { added: added.filter(({ txid }) => mempool.get(txid) !== undefined), removed };
  }
}

/** What must be read for a transaction: what it spends, and its own first outputs, which tell if it is in a block. */
function readsOf(transaction: Transaction): readonly Outpoint[] {
  const { txid, inputs, outputs } = transaction;
  return [...inputs.map(({ prevout }) => prevout), ...outputs.map((_, vout) => ({ txid, vout }))];
}
