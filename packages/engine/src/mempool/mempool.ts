import {
  type Block,
  type ChainParams,
  type Coin,
  type Milliseconds,
  type Outpoint,
  type OutpointKey,
  outpointKey,
  type Policy,
  policyOf,
  refuse,
  type Transaction,
  type Txid,
  type Verdict,
  virtualSizeWithSigops,
  type Wtxid,
} from "@chain/core";
import type { RemovalReason } from "../events.ts";
import {
  type Candidate,
  type MempoolEntry,
  type OwnEntry,
  type RelativesTotal,
  relatives,
} from "./entry.ts";
import { EvictionQueue } from "./evictionQueue.ts";
import { FeeDeltas } from "./feeDeltas.ts";
import { DEFAULT_MEMPOOL_LIMITS, type MempoolLimits } from "./limits.ts";
import { entryUsage, heapUsage, LINK_USAGE, MAX_HEAP_RATIO, pointerUsage } from "./memoryUsage.ts";
import { RollingMinimumFee } from "./rollingMinimumFee.ts";

export interface Removal {
  readonly entry: MempoolEntry;
  readonly why: RemovalReason;
}

/** The effect of a new transaction on others, children before parents. */
export interface Added {
  /** They spent what it spends, or depended on those that did. */
  readonly replaced: readonly Removal[];
  /** They had to go for lack of room. */
  readonly removed: readonly Removal[];
}

/** The transactions that wait at some time, and what is added to their fees. */
export interface MempoolState {
  readonly entries: readonly MempoolEntry[];
  readonly deltas: readonly (readonly [Txid, bigint])[];
}

/** All of an entry that does not depend on what else waits. */
type NewEntry = Pick<
  MempoolEntry,
  "transaction" | "fee" | "sigopCost" | "height" | "time" | "sequence" | "arrival"
>;

/** The part of a `Mempool` that changes nothing. */
export type MempoolView = Pick<
  Mempool,
  | "limits"
  | "policy"
  | "count"
  | "virtualSize"
  | "memory"
  | "get"
  | "getByWtxid"
  | "spenderOf"
  | "entries"
  | "feeDelta"
  | "feeDeltas"
  | "coin"
  | "minFeeRate"
  | "sequence"
  | "raisedFeeRate"
>;

/**
 * Transactions that wait for a block: each valid for the next one, no two spend the same. Synchronous, and free of
 * I/O. `checkForMempool`, and the script checks that it hands out, decide which transactions are added; nothing has
 * changed here before all passed. Each change touches only the relatives of a transaction, of which there are few.
 * Core: CTxMemPool.
 */
export class Mempool {
  readonly limits: MempoolLimits;
  readonly policy: Policy;
  readonly #entries = new Map<Txid, OwnEntry>();
  /** No transaction came before. Milliseconds since 1970. */
  #earliest: Milliseconds = Number.POSITIVE_INFINITY;
  readonly #byWtxid = new Map<Wtxid, OwnEntry>();
  /** Which entry spends what. */
  readonly #spenders = new Map<OutpointKey, OwnEntry>();
  readonly #eviction = new EvictionQueue(this.#entries);
  readonly #minimumFee: RollingMinimumFee;
  readonly #deltas = new FeeDeltas();
  #sequence = 0;
  /** Bytes of the entries and of the links between them. */
  #memory = 0;
  /** Estimate of the bytes that the entries really take. */
  #heap = 0;
  #size = 0;

  constructor(
    params: Pick<ChainParams, "policy" | "minRelayFeeRate">,
    limits: Partial<MempoolLimits> = {},
    policy: Partial<Policy> = {},
  ) {
    this.limits = { ...DEFAULT_MEMPOOL_LIMITS, ...limits };
    this.policy = policyOf(params, policy);
    this.#minimumFee = new RollingMinimumFee(this.policy.incrementalRelayFeeRate);
  }

  /** Number of transactions. */
  get count(): number {
    return this.#entries.size;
  }

  /** Sum of virtual sizes. */
  get virtualSize(): number {
    return this.#size;
  }

  /** Bytes of memory as Core counts them, for the same transactions. Core: CTxMemPool::DynamicMemoryUsage. */
  get memory(): number {
    return this.#memory + pointerUsage(this.#entries.size);
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

  /** Least fee rate that is taken now, in base units for 1,000 virtual bytes. `now` in milliseconds since 1970. */
  minFeeRate(now: Milliseconds): bigint {
    const raised = this.raisedFeeRate(now);
    const { minRelayFeeRate } = this.policy;
    if (raised > minRelayFeeRate) return raised;
    return minRelayFeeRate;
  }

  /** The amount that the operator adds to a transaction's fee, here or not, in base units; 0n where it is nothing. */
  feeDelta(txid: Txid): bigint {
    return this.#deltas.get(txid);
  }

  /** All such additions, none of them 0n. */
  feeDeltas(): IterableIterator<readonly [Txid, bigint]> {
    return this.#deltas.entries();
  }

  /** The highest that an entry has had; -1: there was none. */
  get sequence(): number {
    return this.#sequence - 1;
  }

  /** The same as far as a lack of room asks for it: 0 unless the mempool was full lately. Core: GetMinFee. */
  raisedFeeRate(now: Milliseconds): bigint {
    return this.#minimumFee.at(now, this.#fullness);
  }

  /** The share of its room that is taken: of what is counted, or of what that may really take. */
  get #fullness(): number {
    return Math.max(this.memory, this.#heap / MAX_HEAP_RATIO) / this.limits.maxMemory;
  }

  /**
   * Adds a candidate whose scripts have passed. Nothing may have changed since its check. Transactions that spend
   * the same coins go, so that no coin ever has two spenders here.
   * @param time when it was accepted, in milliseconds since 1970
   * @param arrival of the entry, where a reorganisation puts it back
   * @returns the transactions that had to go for it; a refusal, and nothing has gone, where it would itself have to for
   * lack of room
   */
  add(candidate: Candidate, time: Milliseconds, arrival: number = this.#sequence): Verdict<Added> {
    const replaced = this.#removeSpenders(candidate.transaction, "replaced");
    const entry = this.#insert({ ...candidate, time, arrival, sequence: this.#sequence++ });
    const removed = this.#trim();
    if (this.#entries.has(entry.transaction.txid)) return { ok: true, replaced, removed };
    const others = [...replaced, ...removed]
      .map((removal) => removal.entry)
      .filter((other) => other !== entry);
    for (const other of others.sort((a, b) => a.sequence - b.sequence)) {
      this.#insert(other);
    }
    return refuse("policy", "mempool full");
  }

  /**
   * Adds to what a transaction counts as paying, in base units, also before it comes: until a block holds it. Core:
   * PrioritiseTransaction.
   */
  prioritise(txid: Txid, delta: bigint): void {
    const added = this.#deltas.add(txid, delta);
    const entry = this.#entries.get(txid);
    if (entry === undefined) return;
    entry.modifiedFee += added;
    for (const ancestor of relatives([entry], "parents")) {
      ancestor.descendants.fees += added;
      this.#eviction.note(ancestor);
    }
    for (const descendant of relatives([entry], "children")) descendant.ancestors.fees += added;
  }

  #insert({ transaction, fee, sigopCost, height, time, sequence, arrival }: NewEntry): OwnEntry {
    const size = virtualSizeWithSigops(transaction.weight, sigopCost, this.policy.bytesPerSigop);
    const modifiedFee = fee + this.#deltas.get(transaction.txid);
    const parents = new Set<OwnEntry>();
    for (const { prevout } of transaction.inputs) {
      const parent = this.#entries.get(prevout.txid);
      if (parent !== undefined) parents.add(parent);
    }
    const entry: OwnEntry = {
      transaction,
      fee,
      modifiedFee,
      size,
      sigopCost,
      time,
      height,
      sequence,
      arrival,
      parents,
      children: new Set(),
      ancestors: { count: 1, size, fees: modifiedFee },
      descendants: { count: 1, size, fees: modifiedFee },
      spends: transaction.inputs.map(({ prevout }) => outpointKey(prevout)),
      memory: entryUsage(transaction),
    };
    this.#entries.set(transaction.txid, entry);
    this.#earliest = Math.min(this.#earliest, entry.time);
    this.#byWtxid.set(transaction.wtxid, entry);
    for (const outpoint of entry.spends) this.#spenders.set(outpoint, entry);
    for (const parent of parents) parent.children.add(entry);
    for (const ancestor of relatives(parents, "parents")) {
      grow(entry.ancestors, ancestor, 1);
      grow(ancestor.descendants, entry, 1);
      this.#eviction.note(ancestor);
    }
    this.#eviction.note(entry);
    this.#memory += entry.memory + parents.size * LINK_USAGE;
    this.#heap += heapUsage(transaction);
    this.#size += size;
    return entry;
  }

  /** Throws out what pays least, with all that depends on it, until the rest fits. Core: TrimToSize. */
  #trim(): readonly Removal[] {
    const removed: Removal[] = [];
    while (this.#fullness > 1) {
      const { worst } = this.#eviction;
      if (worst === undefined) break;
      this.#minimumFee.thrownOut(worst.descendants);
      removed.push(...this.#removeWithDescendants(worst, "size-limit"));
    }
    return removed;
  }

  /**
   * A block came: its transactions need not wait any more, and what conflicts with them can't.
   * @param now milliseconds since 1970
   */
  removeForBlock(block: Block, now: Milliseconds): readonly Removal[] {
    const removed: Removal[] = [];
    for (const transaction of block.transactions) {
      const entry = this.#entries.get(transaction.txid);
      if (entry !== undefined) {
        this.#remove(entry);
        removed.push({ entry, why: "block" });
      }
      removed.push(...this.#removeSpenders(transaction, "conflict"));
      this.#deltas.delete(transaction.txid);
    }
    this.#minimumFee.blockCame(now);
    return removed;
  }

  /** Drops what has waited too long. `now` in milliseconds since 1970. */
  expire(now: Milliseconds): readonly Removal[] {
    const removed: Removal[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.time + this.limits.expiry >= now) continue;
      removed.push(...this.#removeWithDescendants(entry, "expiry"));
    }
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const { time } of this.#entries.values()) this.#earliest = Math.min(this.#earliest, time);
    return removed;
  }

  /**
   * Whether one may have waited too long: cheap enough to ask with every transaction. The clock may have been set back,
   * so the one that came first need not be the oldest.
   */
  mayHaveExpired(now: Milliseconds): boolean {
    return this.#earliest + this.limits.expiry < now;
  }

  /** Takes out a transaction and all that depends on it, because its owner says so. */
  drop(txid: Txid): readonly Removal[] {
    const entry = this.#entries.get(txid);
    return entry === undefined ? [] : this.#removeWithDescendants(entry, "dropped");
  }

  /** The state of now, for `restore`. */
  state(): MempoolState {
    return { entries: [...this.#entries.values()], deltas: [...this.#deltas.entries()] };
  }

  /** Puts back an earlier state, which must hold on the tip: what has come since goes. */
  restore({ entries, deltas }: MempoolState): Pick<Added, "removed"> & {
    readonly added: readonly Transaction[];
  } {
    const before = this.takeAll();
    for (const [txid] of [...this.#deltas.entries()]) this.#deltas.delete(txid);
    for (const [txid, delta] of deltas) this.#deltas.add(txid, delta);
    const had = new Set(before.map(({ transaction }) => transaction));
    for (const entry of entries) this.#insert(entry);
    const stays = ({ transaction }: MempoolEntry) =>
      this.#entries.get(transaction.txid)?.transaction === transaction;
    return {
      added: entries.map(({ transaction }) => transaction).filter((each) => !had.has(each)),
      removed: before.filter((entry) => !stays(entry)).map((entry) => ({ entry, why: "dropped" })),
    };
  }

  /** Takes everything out, parents before children: a reorganisation puts back what still holds. */
  takeAll(): readonly MempoolEntry[] {
    const all = [...this.#entries.values()];
    this.#entries.clear();
    this.#byWtxid.clear();
    this.#spenders.clear();
    this.#eviction.clear();
    this.#memory = 0;
    this.#heap = 0;
    this.#size = 0;
    return all;
  }

  /** Takes out what spends the same as a transaction, with all that depends on it. */
  #removeSpenders({ inputs }: Transaction, why: RemovalReason): readonly Removal[] {
    const removed: Removal[] = [];
    for (const { prevout } of inputs) {
      const spender = this.#spenders.get(outpointKey(prevout));
      if (spender !== undefined) removed.push(...this.#removeWithDescendants(spender, why));
    }
    return removed;
  }

  #removeWithDescendants(entry: OwnEntry, why: RemovalReason): readonly Removal[] {
    // Children first, so that each is removed while its ancestors still count it.
    const going = [...relatives([entry], "children")].sort((a, b) => b.sequence - a.sequence);
    for (const each of going) this.#remove(each);
    return going.map((each) => ({ entry: each, why }));
  }

  #remove(entry: OwnEntry): void {
    for (const ancestor of relatives(entry.parents, "parents")) {
      grow(ancestor.descendants, entry, -1);
      this.#eviction.note(ancestor);
    }
    for (const descendant of relatives(entry.children, "children")) {
      grow(descendant.ancestors, entry, -1);
    }
    for (const parent of entry.parents) parent.children.delete(entry);
    for (const child of entry.children) child.parents.delete(entry);
    this.#entries.delete(entry.transaction.txid);
    this.#byWtxid.delete(entry.transaction.wtxid);
    for (const outpoint of entry.spends) this.#spenders.delete(outpoint);
    this.#memory -= entry.memory + (entry.parents.size + entry.children.size) * LINK_USAGE;
    this.#heap -= heapUsage(entry.transaction);
    this.#size -= entry.size;
  }
}

function grow(total: RelativesTotal, by: MempoolEntry, sign: 1 | -1): void {
  total.count += sign;
  total.size += sign * by.size;
  total.fees += sign === 1 ? by.modifiedFee : -by.modifiedFee;
}
