import {
  type ChainParams,
  type HeaderNode,
  type Milliseconds,
  type Outpoint,
  refuse,
  scriptFlags,
  spendsWitnessProgram,
  Transaction,
  type Txid,
  type Verdict,
} from "@chain/core";
import type { ChainStore } from "@chain/storage";
import { checkForMempool } from "../mempool/checkForMempool.ts";
import type { Candidate } from "../mempool/entry.ts";
import type { Added, Mempool, Removal } from "../mempool/mempool.ts";
import type { Clock } from "../ports.ts";
import type { PlacedBlock } from "./activation.ts";
import { CoinReader } from "./coinReader.ts";
import type { ScriptRunner } from "./scriptRunner.ts";

/** How many outputs of an unknown transaction are looked up to tell whether it is in a block already. */
const MAX_OWN_OUTPUTS_READ = 100;

interface MempoolAcceptorOptions {
  readonly params: ChainParams;
  readonly mempool: Mempool;
  readonly store: ChainStore;
  readonly scripts: ScriptRunner;
  readonly clock: Clock;
  readonly tip: () => HeaderNode;
}

export interface AcceptOptions {
  /** Whether it may take the place of transactions that spend the same coins (BIP-0125). Default: true. */
  readonly mayReplace?: boolean | undefined;
  /** When it came, in milliseconds since 1970, where that was before now: the limit to its stay counts from then. */
  readonly time?: Milliseconds | undefined;
}

type Acceptance = Verdict<Added & { readonly fee: bigint }>;

/** What a reorganisation did to the mempool. */
export interface Returned {
  /** Transactions of disconnected blocks that wait again. */
  readonly added: readonly Transaction[];
  /** What waited and can't any more. */
  readonly removed: readonly Removal[];
}

/**
 * Takes transactions into the mempool. It is called from the chain manager's queue alone, so that nothing changes in
 * between. Core: MemPoolAccept.
 */
export class MempoolAcceptor {
  readonly #options: MempoolAcceptorOptions;

  constructor(options: MempoolAcceptorOptions) {
    this.#options = options;
  }

  /** Core: AcceptToMemoryPool. */
  async accept(transaction: Transaction, options: AcceptOptions = {}): Promise<Acceptance> {
    const { clock } = this.#options;
    const coins = await this.#coinsFor(transaction);
    const acceptance = await this.#acceptWith(
      transaction,
      coins,
      options.time ?? clock.now(),
      options,
    );
    return this.#explained(transaction, coins, acceptance);
  }

  /** What `accept` would say, but for a lack of room; nothing is taken. */
  async test(transaction: Transaction): Promise<Verdict<Candidate>> {
    const coins = await this.#coinsFor(transaction);
    return this.#explained(transaction, coins, await this.#check(transaction, coins));
  }

  async #coinsFor(transaction: Transaction): Promise<CoinReader> {
    const coins = new CoinReader(this.#options.store);
    await coins.fetch(prevouts(transaction));
    return coins;
  }

  /** Says of what lacks its inputs whether that is because it is in a block. */
  async #explained<Detail extends object>(
    transaction: Transaction,
    coins: CoinReader,
    acceptance: Verdict<Detail>,
  ): Promise<Verdict<Detail>> {
    if (acceptance.ok || acceptance.kind !== "missing-inputs") return acceptance;
    // Its inputs may be spent because it did so itself.
    const { txid, outputs } = transaction;
    const own = outputs.slice(0, MAX_OWN_OUTPUTS_READ).map((_, vout) => ({ txid, vout }));
    await coins.fetch(own);
    if (!own.some((output) => coins.get(output) !== undefined)) return acceptance;
    return refuse("conflict", "txn-already-known", "it is in a block");
  }

  async #acceptWith(
    transaction: Transaction,
    confirmed: CoinReader,
    time: Milliseconds,
    options: AcceptOptions & { readonly returns?: boolean } = {},
  ): Promise<Acceptance> {
    const candidate = await this.#check(transaction, confirmed, options);
    if (!candidate.ok) return candidate;
    const added = this.#options.mempool.add(candidate, time);
    return added.ok ? { ...added, fee: candidate.fee } : added;
  }

  /** Everything but the room for it. */
  async #check(
    transaction: Transaction,
    confirmed: CoinReader,
    options: AcceptOptions & { readonly returns?: boolean } = {},
  ): Promise<Verdict<Candidate>> {
    const { params, mempool, scripts, clock, tip } = this.#options;
    const context = { mempool, params, confirmed, tip: tip(), now: clock.now(), ...options };
    const candidate = checkForMempool(transaction, context);
    if (!candidate.ok) return candidate;
    // The rules of the next block are part of the stricter ones of a mempool: a transaction that passes those need not
    // be checked again when the block comes.
    const flags = scriptFlags(context.tip.height + 1, params);
    if (!scripts.isKnown(transaction, flags)) {
      const refusal = await scripts.run(candidate.checks);
      if (refusal !== undefined) {
        const isStripped =
          !transaction.hasWitness && spendsWitnessProgram(transaction, candidate.coins);
        return isStripped ? { ...refusal, kind: "witness-stripped" } : refusal;
      }
      scripts.remember(transaction, flags);
    }
    return candidate;
  }

  /**
   * After a reorganisation: what the disconnected blocks held waits again, followed by what waited before, as far as
   * each still holds on the new chain. The connected blocks have taken their share, which now counts as spent. A reader
   * of the mempool in between sees a part of it, never what the new chain forbids. Core:
   * MaybeUpdateMempoolForReorg.
   */
  async reorganise(disconnected: readonly PlacedBlock[]): Promise<Returned> {
    const { mempool, store, scripts, clock } = this.#options;
    const waited = mempool.takeAll();
    // The last block was disconnected first.
    const back = disconnected
      .toReversed()
      .flatMap(({ block }) => block.transactions.filter(({ isCoinbase }) => !isCoinbase))
      // A copy: a transaction is a view onto its block, which it would keep in memory.
      .map((transaction) => Transaction.fromBytes(transaction.toBytes()));
    const coins = new CoinReader(store);
    await coins.fetch([...back, ...waited.map(({ transaction }) => transaction)].flatMap(prevouts));

    const evicted = new Map<Txid, Removal>();
    const take = async (transaction: Transaction, time: Milliseconds) => {
      if (scripts.isTired()) await scripts.pause();
      const verdict = await this.#acceptWith(transaction, coins, time, { returns: true });
      if (!verdict.ok) return;
      for (const removal of [...verdict.replaced, ...verdict.removed]) {
        evicted.set(removal.entry.transaction.txid, removal);
      }
    };
    for (const transaction of back) await take(transaction, clock.now());
    for (const { transaction, time } of waited) await take(transaction, time);

    const before = new Set(waited.map(({ transaction }) => transaction.txid));
    const stays = ({ txid }: Transaction) => mempool.get(txid) !== undefined;
    return {
      added: back.filter((each) => stays(each) && !before.has(each.txid)),
      removed: waited
        .filter(({ transaction }) => !stays(transaction))
        .map(
          (entry) =>
            evicted.get(entry.transaction.txid) ?? { entry, why: "reorganisation" as const },
        ),
    };
  }
}

function prevouts({ inputs }: Transaction): readonly Outpoint[] {
  return inputs.map(({ prevout }) => prevout);
}
