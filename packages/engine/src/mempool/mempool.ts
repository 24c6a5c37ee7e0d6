import {
  type AncestorView,
  type Block,
  type ChainParams,
  type Coin,
  type CoinsView,
  checkTransaction,
  checkTxInputs,
  isFinalTransaction,
  isSequenceFinal,
  MAX_BLOCK_SIGOPS_COST,
  type Outpoint,
  type OutpointKey,
  outpointKey,
  type Refusal,
  refuse,
  type ScriptCheck,
  STANDARD_SCRIPT_FLAGS,
  scriptChecks,
  sigopCost,
  type Transaction,
  type Txid,
  type Verdict,
  type Wtxid,
} from "@chain/core";
import type { RemovalReason } from "../events.ts";
import { type MempoolEntry, type OwnEntry, paysMore, relatives } from "./entry.ts";
import { DEFAULT_MEMPOOL_LIMITS, type MempoolLimits } from "./limits.ts";

/** Most sigop cost of one transaction in a mempool. Core: MAX_STANDARD_TX_SIGOPS_COST. */
const MAX_TRANSACTION_SIGOPS_COST = MAX_BLOCK_SIGOPS_COST / 5;
/** By how much a full mempool raises its price above what it threw out, for 1,000 bytes. Core: incrementalRelayFee. */
const PRICE_STEP = 1000n;
/** The raised price halves in this time. Milliseconds. Core: ROLLING_FEE_HALFLIFE. */
const PRICE_HALF_LIFE = 12 * 60 * 60 * 1000;

/** What an entry takes beside the bytes of its transaction: objects, map entries, strings. Measured, rounded up. */
const ENTRY_OVERHEAD = 1500;
const INPUT_OVERHEAD = 500;
const OUTPUT_OVERHEAD = 200;

/** The chain as far as the mempool asks about it. */
export interface MempoolContext {
  readonly tip: AncestorView;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A transaction that has passed everything but its scripts. */
export interface Candidate {
  readonly transaction: Transaction;
  readonly fee: bigint;
  /** What its inputs spend, in their order; of an unconfirmed parent, with the height of the next block. */
  readonly coins: readonly Coin[];
  /** To run before the candidate is added, with the flags of a mempool. */
  readonly checks: readonly ScriptCheck[];
}

export interface Removal {
  readonly entry: MempoolEntry;
  readonly why: RemovalReason;
}

/**
 * Transactions that wait for a block: each valid for the next one, no two spend the same. Synchronous, and free of
 * I/O. To accept one, `check` it, run its script checks, then `add` it; nothing has changed unless all three passed.
 * Core: CTxMemPool and MemPoolAccept.
 */
export class Mempool {
  readonly limits: MempoolLimits;
  readonly #params: ChainParams;
  readonly #entries = new Map<Txid, OwnEntry>();
  readonly #byWtxid = new Map<Wtxid, OwnEntry>();
  /** Which entry spends what. */
  readonly #spenders = new Map<OutpointKey, OwnEntry>();
  #sequence = 0;
  #memory = 0;
  #size = 0;
  /** What the last transaction thrown out for lack of room paid, and a step more; decays. For 1,000 bytes. */
  #price = { rate: 0n, since: 0 };

  constructor(params: ChainParams, limits: Partial<MempoolLimits> = {}) {
    this.#params = params;
    this.limits = { ...DEFAULT_MEMPOOL_LIMITS, ...limits };
  }

  /** Number of transactions. */
  get count(): number {
    return this.#entries.size;
  }

  /** Sum of virtual sizes. */
  get virtualSize(): number {
    return this.#size;
  }

  /** Bytes of memory, as estimated. */
  get memory(): number {
    return this.#memory;
  }

  get(txid: Txid): MempoolEntry | undefined {
    return this.#entries.get(txid);
  }

  getByWtxid(wtxid: Wtxid): MempoolEntry | undefined {
    return this.#byWtxid.get(wtxid);
  }

  /** The transaction that spends this output, if one waits. */
  spenderOf(outpoint: Outpoint): MempoolEntry | undefined {
    return this.#spenders.get(outpointKey(outpoint));
  }

  /** All, parents before children. */
  entries(): IterableIterator<MempoolEntry> {
    return this.#entries.values();
  }

  /** The coin that an output of a waiting transaction will be in the next block. */
  coin({ txid, vout }: Outpoint, nextHeight: number): Coin | undefined {
    const output = this.#entries.get(txid)?.transaction.outputs[vout];
    return output && { ...output, height: nextHeight, coinbase: false };
  }

  /** Least fee rate that is taken now, for 1,000 virtual bytes. Core: GetMinFee. */
  minFeeRate(now: number): bigint {
    const { rate, since } = this.#price;
    if (rate === 0n) return this.#params.minRelayFeeRate;
    const halvings = Math.max(0, now - since) / PRICE_HALF_LIFE;
    const decayed = BigInt(Math.floor(Number(rate) / 2 ** halvings));
    const risen = decayed < PRICE_STEP / 2n ? 0n : decayed;
    return risen > this.#params.minRelayFeeRate ? risen : this.#params.minRelayFeeRate;
  }

  /**
   * Everything but the scripts, cheap checks first. Core: PreChecks.
   * @param confirmed coins of the chain, with whatever exists of what the transaction spends
   */
  check(
    transaction: Transaction,
    confirmed: CoinsView,
    { tip, now }: MempoolContext,
  ): Verdict<Candidate> {
    const form = checkTransaction(transaction);
    if (!form.ok) return form;
    // A coinbase is only good in a block.
    if (transaction.isCoinbase) return refuse("consensus", "coinbase");
    const nextHeight = tip.height + 1;
    if (!isFinalTransaction(transaction, nextHeight, tip.medianTimePast)) {
      return refuse("premature-spend", "non-final");
    }
    if (this.#byWtxid.has(transaction.wtxid)) {
      return refuse("conflict", "txn-already-in-mempool");
    }
    if (this.#entries.has(transaction.txid)) {
      return refuse("conflict", "txn-same-nonwitness-data-in-mempool");
    }
    for (const { prevout } of transaction.inputs) {
      const spender = this.spenderOf(prevout);
      if (spender !== undefined) {
        const debug = `${outpointKey(prevout)} is spent by ${spender.transaction.txid}`;
        return refuse("conflict", "txn-mempool-conflict", debug);
      }
    }

    const inputs = checkTxInputs(
      transaction,
      { get: (outpoint) => confirmed.get(outpoint) ?? this.coin(outpoint, nextHeight) },
      nextHeight,
      this.#params,
    );
    if (!inputs.ok) {
      const known = transaction.outputs.some(
        (_, vout) => confirmed.get({ txid: transaction.txid, vout }) !== undefined,
      );
      if (inputs.kind === "missing-inputs" && known) {
        return refuse("conflict", "txn-already-known", "it is in a block");
      }
      return inputs;
    }
    const { fee, coins } = inputs;
    if (!isSequenceFinal(transaction, coins, tip)) {
      return refuse("premature-spend", "non-BIP68-final");
    }
    const cost = sigopCost(transaction, coins, STANDARD_SCRIPT_FLAGS);
    if (cost > MAX_TRANSACTION_SIGOPS_COST) {
      return refuse("policy", "bad-txns-too-many-sigops", String(cost));
    }
    const refusal =
      this.#checkFee(fee, transaction.virtualSize, now) ?? this.#checkFamily(transaction);
    if (refusal !== undefined) return refusal;
    const checks = scriptChecks(transaction, coins, STANDARD_SCRIPT_FLAGS);
    return { ok: true, transaction, fee, coins, checks };
  }

  #checkFee(fee: bigint, size: number, now: number): Refusal | undefined {
    const needed = (rate: bigint) => (rate * BigInt(size)) / 1000n;
    const raised = needed(this.minFeeRate(now));
    if (fee >= raised) return undefined;
    const relay = needed(this.#params.minRelayFeeRate);
    return fee < relay
      ? refuse("policy", "min relay fee not met", `${fee} < ${relay}`)
      : refuse("policy", "mempool min fee not met", `${fee} < ${raised}`);
  }

  /** Keeps what one transaction can drag along small, so that every change to the mempool is. */
  #checkFamily(transaction: Transaction): Refusal | undefined {
    const { maxFamilyCount, maxFamilySize } = this.limits;
    const size = transaction.virtualSize;
    const ancestors = relatives(this.#parentsOf(transaction), "parents");
    let ancestorSize = size;
    for (const ancestor of ancestors) {
      ancestorSize += ancestor.size;
      const { descendants } = ancestor;
      if (descendants.count + 1 > maxFamilyCount || descendants.size + size > maxFamilySize) {
        const debug = `too many descendants for tx ${ancestor.transaction.txid}`;
        return refuse("policy", "too-long-mempool-chain", debug);
      }
    }
    return ancestors.size + 1 > maxFamilyCount || ancestorSize > maxFamilySize
      ? refuse("policy", "too-long-mempool-chain", "too many unconfirmed ancestors")
      : undefined;
  }

  #parentsOf(transaction: Transaction): Set<OwnEntry> {
    const parents = new Set<OwnEntry>();
    for (const { prevout } of transaction.inputs) {
      const parent = this.#entries.get(prevout.txid);
      if (parent !== undefined) parents.add(parent);
    }
    return parents;
  }

  /**
   * Adds a candidate whose scripts have passed. Nothing may have changed since its `check`.
   * @returns what had to go for it; a refusal where it would itself be the first to go.
   */
  add(candidate: Candidate, now: number): Verdict<{ readonly removed: readonly Removal[] }> {
    const { transaction, fee, coins } = candidate;
    const size = transaction.virtualSize;
    const parents = this.#parentsOf(transaction);
    const entry: OwnEntry = {
      transaction,
      fee,
      size,
      sigopCost: sigopCost(transaction, coins, STANDARD_SCRIPT_FLAGS),
      time: now,
      sequence: this.#sequence++,
      parents,
      children: new Set(),
      ancestors: { count: 1, size, fees: fee },
      descendants: { count: 1, size, fees: fee },
      spends: transaction.inputs.map(({ prevout }) => outpointKey(prevout)),
      memory: memoryOf(transaction),
    };
    for (const ancestor of relatives(parents, "parents")) {
      grow(entry.ancestors, ancestor, 1);
      grow(ancestor.descendants, entry, 1);
    }
    for (const parent of parents) parent.children.add(entry);
    this.#entries.set(transaction.txid, entry);
    this.#byWtxid.set(transaction.wtxid, entry);
    for (const outpoint of entry.spends) this.#spenders.set(outpoint, entry);
    this.#memory += entry.memory;
    this.#size += size;

    const removed = this.#trim(now);
    return removed.some((removal) => removal.entry === entry)
      ? refuse("policy", "mempool full")
      : { ok: true, removed };
  }

  /** Throws out what pays least, with all that depends on it, until the rest fits. Core: TrimToSize. */
  #trim(now: number): Removal[] {
    const removed: Removal[] = [];
    while (this.#memory > this.limits.maxMemory) {
      let worst: OwnEntry | undefined;
      for (const entry of this.#entries.values()) {
        if (worst === undefined || paysMore(worst.descendants, entry.descendants)) worst = entry;
      }
      if (worst === undefined) break;
      const { fees, size } = worst.descendants;
      const rate = (fees * 1000n) / BigInt(size) + PRICE_STEP;
      if (rate > this.minFeeRate(now)) this.#price = { rate, since: now };
      removed.push(...this.#removeWithDescendants(worst, "size-limit"));
    }
    return removed;
  }

  /** A block came: its transactions need not wait any more, and what conflicts with them need not either. */
  removeForBlock(block: Block): readonly Removal[] {
    const removed: Removal[] = [];
    for (const transaction of block.transactions) {
      const entry = this.#entries.get(transaction.txid);
      if (entry !== undefined) {
        this.#remove(entry);
        removed.push({ entry, why: "block" });
      }
      for (const { prevout } of transaction.inputs) {
        const conflict = this.#spenders.get(outpointKey(prevout));
        if (conflict !== undefined)
          removed.push(...this.#removeWithDescendants(conflict, "conflict"));
      }
    }
    return removed;
  }

  /** Drops what has waited too long. */
  expire(now: number): readonly Removal[] {
    const removed: Removal[] = [];
    for (const entry of this.#entries.values()) {
      // Entries are in the order of their times.
      if (entry.time + this.limits.expiry > now) break;
      removed.push(...this.#removeWithDescendants(entry, "expiry"));
    }
    return removed;
  }

  /** Takes everything out, parents before children: a reorganisation puts back what still holds. */
  takeAll(): readonly MempoolEntry[] {
    const all = [...this.#entries.values()];
    this.#entries.clear();
    this.#byWtxid.clear();
    this.#spenders.clear();
    this.#memory = 0;
    this.#size = 0;
    return all;
  }

  #removeWithDescendants(entry: OwnEntry, why: RemovalReason): Removal[] {
    const going = [entry, ...relatives(entry.children, "children")];
    // Children first, so that each is removed while its ancestors still count it.
    going.sort((a, b) => b.sequence - a.sequence);
    for (const each of going) this.#remove(each);
    return going.map((each) => ({ entry: each, why }));
  }

  #remove(entry: OwnEntry): void {
    for (const ancestor of relatives(entry.parents, "parents")) {
      grow(ancestor.descendants, entry, -1);
    }
    for (const descendant of relatives(entry.children, "children")) {
      grow(descendant.ancestors, entry, -1);
    }
    for (const parent of entry.parents) parent.children.delete(entry);
    for (const child of entry.children) child.parents.delete(entry);
    this.#entries.delete(entry.transaction.txid);
    this.#byWtxid.delete(entry.transaction.wtxid);
    for (const outpoint of entry.spends) this.#spenders.delete(outpoint);
    this.#memory -= entry.memory;
    this.#size -= entry.size;
  }
}

function grow(
  family: { count: number; size: number; fees: bigint },
  by: Pick<MempoolEntry, "size" | "fee">,
  sign: 1 | -1,
): void {
  family.count += sign;
  family.size += sign * by.size;
  family.fees += sign === 1 ? by.fee : -by.fee;
}

function memoryOf(transaction: Transaction): number {
  const { inputs, outputs, totalSize } = transaction;
  return (
    ENTRY_OVERHEAD + totalSize + inputs.length * INPUT_OVERHEAD + outputs.length * OUTPUT_OVERHEAD
  );
}
