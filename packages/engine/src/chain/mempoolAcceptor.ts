import {
  type ChainParams,
  type Coin,
  type HeaderNode,
  type Milliseconds,
  type Outpoint,
  type OutpointKey,
  outpointKey,
  type Refusal,
  refuse,
  scriptFlags,
  spendsWitnessProgram,
  Transaction,
  type Txid,
  type Verdict,
  virtualSizeWithSigops,
  type Wtxid,
} from "@chain/core";
import type { ChainStore } from "@chain/storage";
import { checkForMempool, type MempoolContext } from "../mempool/checkForMempool.ts";
import type { Candidate, MempoolEntry } from "../mempool/entry.ts";
import type { Added, Mempool, Removal } from "../mempool/mempool.ts";
import { checkPackageForm, checkPackageLimits } from "../mempool/packageRules.ts";
import type { Clock } from "../ports.ts";
import type { PlacedBlock } from "./activation.ts";
import { CoinReader } from "./coinReader.ts";
import type { ScriptRunner } from "./scriptRunner.ts";

/** How many outputs of an unknown transaction are looked up to tell whether it is in a block already. */
const MAX_OWN_OUTPUTS_READ = 100;

/** How many blocks that are declared invalid give their transactions back. Core: InvalidateBlock. */
const MAX_RETURNED_BLOCKS = 10;

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

/** The answer of a test of one transaction. */
export interface TestedTransaction {
  /** Base units. */
  readonly fee: bigint;
  /** The same with what the operator adds to it. */
  readonly modifiedFee: bigint;
  /** Virtual bytes. */
  readonly size: number;
}

/** The answer of a test of several transactions together. */
export interface TestedPackage {
  /** Why they are refused together. */
  readonly refusal?: Refusal;
  /** Of each that was tested to the end: after the first that is refused, there are no more. */
  readonly results: ReadonlyMap<Wtxid, Verdict<TestedTransaction>>;
}

type CheckOptions = AcceptOptions & Pick<MempoolContext, "returns" | "packageCoins">;

type Acceptance = Verdict<Added & { readonly fee: bigint }>;

/** The changes that a reorganisation made to the mempool. */
export interface Returned {
  /** Transactions of disconnected blocks that wait again. */
  readonly added: readonly Transaction[];
  /** Unconfirmed transactions that are not valid any more. */
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

  /** The verdict that `accept` would give if the mempool had room; nothing is taken. */
  async test(transaction: Transaction): Promise<Verdict<TestedTransaction>> {
    const coins = await this.#coinsFor(transaction);
    const verdict = await this.#explained(
      transaction,
      coins,
      await this.#check(transaction, coins),
    );
    return verdict.ok ? { ok: true, ...this.#tested(verdict) } : verdict;
  }

  /**
   * The same for several, parents first, each of which may spend outputs of those before it. Core:
   * AcceptMultipleTransactionsInternal with test_accept.
   */
  async testPackage(transactions: readonly Transaction[]): Promise<TestedPackage> {
    const results = new Map<Wtxid, Verdict<TestedTransaction>>();
    const malformed = checkPackageForm(transactions);
    if (malformed !== undefined) return { refusal: malformed, results };
    const coins = await this.#coinsFor(...transactions);
    const height = this.#options.tip().height + 1;
    const outputs = new Map<OutpointKey, Coin>();
    const packageCoins = { get: (outpoint: Outpoint) => outputs.get(outpointKey(outpoint)) };
    const candidates: Candidate[] = [];
    for (const transaction of transactions) {
      const checked = this.#checkWithoutScripts(transaction, coins, { packageCoins });
      const candidate = await this.#explained(transaction, coins, checked);
      if (!candidate.ok) return { results: results.set(transaction.wtxid, candidate) };
      candidates.push(candidate);
      for (const [vout, output] of transaction.outputs.entries()) {
        const key = outpointKey({ txid: transaction.txid, vout });
        outputs.set(key, { ...output, height, coinbase: false });
      }
    }
    const size = candidates.reduce((sum, each) => sum + this.#tested(each).size, 0);
    const refusal = checkPackageLimits(transactions, size, this.#options.mempool);
    if (refusal !== undefined) return { refusal, results };
    for (const candidate of candidates) {
      const { wtxid } = candidate.transaction;
      const failed = await this.#runScripts(candidate);
      results.set(wtxid, failed ?? { ok: true, ...this.#tested(candidate) });
      if (failed !== undefined) break;
    }
    return { results };
  }

  #tested({ transaction, fee, sigopCost }: Candidate): TestedTransaction {
    const { mempool } = this.#options;
    const modifiedFee = fee + mempool.feeDelta(transaction.txid);
    const { bytesPerSigop } = mempool.policy;
    const size = virtualSizeWithSigops(transaction.weight, sigopCost, bytesPerSigop);
    return { fee, modifiedFee, size };
  }

  async #coinsFor(...transactions: readonly Transaction[]): Promise<CoinReader> {
    const coins = new CoinReader(this.#options.store);
    await coins.fetch(transactions.flatMap(prevouts));
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
    return refuse("conflict", "txn-already-known");
  }

  async #acceptWith(
    transaction: Transaction,
    confirmed: CoinReader,
    time: Milliseconds,
    options: CheckOptions & { readonly arrival?: number } = {},
  ): Promise<Acceptance> {
    const { arrival, ...checked } = options;
    const candidate = await this.#check(transaction, confirmed, checked);
    if (!candidate.ok) return candidate;
    const added = this.#options.mempool.add(candidate, time, arrival);
    return added.ok ? { ...added, fee: candidate.fee } : added;
  }

  /** Everything but the room for it. */
  async #check(
    transaction: Transaction,
    confirmed: CoinReader,
    options: CheckOptions = {},
  ): Promise<Verdict<Candidate>> {
    const candidate = this.#checkWithoutScripts(transaction, confirmed, options);
    if (!candidate.ok) return candidate;
    return (await this.#runScripts(candidate)) ?? candidate;
  }

  #checkWithoutScripts(
    transaction: Transaction,
    confirmed: CoinReader,
    options: CheckOptions,
  ): Verdict<Candidate> {
    const { params, mempool, clock, tip } = this.#options;
    const context = { mempool, params, confirmed, tip: tip(), now: clock.now(), ...options };
    return checkForMempool(transaction, context);
  }

  async #runScripts(candidate: Candidate): Promise<Refusal | undefined> {
    const { params, scripts, tip } = this.#options;
    const { transaction } = candidate;
    // The rules of the next block are part of the stricter ones of a mempool: a transaction that passes those need not
    // be checked again when the block comes.
    const flags = scriptFlags(tip().height + 1, params);
    if (!scripts.isKnown(transaction, flags)) {
      const refusal = await scripts.run(candidate.checks);
      if (refusal !== undefined) {
        const isStripped =
          !transaction.hasWitness && spendsWitnessProgram(transaction, candidate.coins);
        return isStripped ? { ...refusal, kind: "witness-stripped" } : refusal;
      }
      scripts.remember(transaction, flags);
    }
    return undefined;
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
    const batches = batchesOf(disconnected);
    const back = batches.flat();
    const coins = new CoinReader(store);
    await coins.fetch([...back, ...waited.map(({ transaction }) => transaction)].flatMap(prevouts));

    const evicted = new Map<Txid, Removal>();
    const take = async (
      { transaction, time, arrival }: Pick<MempoolEntry, "transaction" | "time" | "arrival">,
      limitedFrom: number,
    ) => {
      if (scripts.isTired()) await scripts.pause();
      const options = { returns: { limitedFrom }, arrival };
      const verdict = await this.#acceptWith(transaction, coins, time, options);
      if (!verdict.ok) return;
      for (const removal of [...verdict.replaced, ...verdict.removed]) {
        evicted.set(removal.entry.transaction.txid, removal);
      }
    };
    for (const batch of batches) {
      const start = mempool.sequence + 1;
      for (const transaction of batch) {
        await take({ transaction, time: clock.now(), arrival: -1 }, start);
      }
    }
    // Those that waited may have more ancestors now, which is limited; their ancestors may have more descendants.
    for (const entry of waited) await take(entry, Number.POSITIVE_INFINITY);

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

/**
 * The transactions of disconnected blocks, parents first, in the groups within which the limits of descendants hold: in
 * a reorganisation all of them, and each block by itself where blocks were declared invalid, of which no more than ten
 * give their transactions back. Core: ActivateBestChainStep, InvalidateBlock.
 * @param disconnected the last block first
 */
function batchesOf(disconnected: readonly PlacedBlock[]): readonly (readonly Transaction[])[] {
  const isDeclared = disconnected[0]?.node.invalidReason !== undefined;
  const returning = isDeclared ? disconnected.slice(0, MAX_RETURNED_BLOCKS) : disconnected;
  const batches = returning.toReversed().map(({ block }) =>
    block.transactions
      .filter(({ isCoinbase }) => !isCoinbase)
      // A copy: a transaction is a view onto its block, which it would keep in memory.
      .map((transaction) => Transaction.fromBytes(transaction.toBytes())),
  );
  return isDeclared ? batches : [batches.flat()];
}

function prevouts({ inputs }: Transaction): readonly Outpoint[] {
  return inputs.map(({ prevout }) => prevout);
}
