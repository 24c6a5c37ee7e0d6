/** The transactions of a wallet and how their states change. Core: mapWallet, and what the notifications of the chain do to it. */
import {
  type Block,
  type BlockHash,
  idFromBytes,
  idToBytes,
  type Outpoint,
  type Reader,
  type Seconds,
  type Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import { Coins } from "./coins.ts";
import { HeldTransaction, type OwnOutput } from "./heldTransaction.ts";
import type { HistoryHost } from "./historyHost.ts";
import { recordKey } from "./records.ts";
import { isEquivalent, sameState } from "./same.ts";
import { type BlockTime, smartTime } from "./smartTime.ts";
import { Spends } from "./spends.ts";
import type { ChainPosition, TransactionNotes, TransactionState } from "./types.ts";

/** Core's CTransaction version of TRUC_VERSION (BIP-0431). */
const TRUC_VERSION = 3;
/** Core: CWallet, the part about transactions. */
export class History {
  readonly #host: HistoryHost;
  readonly #byId = new Map<Txid, HeldTransaction>();
  #ordered: HeldTransaction[] = [];
  readonly #spends = new Spends();
  /** Coinbases by the height that confirms them: their age decides what they are worth. */
  readonly #coinbases = new Map<number, Set<HeldTransaction>>();
  readonly #noticed = new Set<Txid>();
  readonly coins: Coins;

  constructor(host: HistoryHost) {
    this.#host = host;
    this.coins = new Coins({
      isSpent: ({ transaction, vout }) => this.isSpent(transaction.txid, vout),
      isTrusted: (transaction, memo) => this.isTrusted(transaction, memo),
      depth: (transaction) => this.depth(transaction),
      isImmature: (transaction) => this.blocksToMaturity(transaction) > 0,
      isUsed: host.isSpentScript,
      avoidReuse: host.avoidReuse,
    });
  }

  get(txid: Txid): HeldTransaction | undefined {
    return this.#byId.get(txid);
  }

  get ordered(): readonly HeldTransaction[] {
    return this.#ordered;
  }

  ownOutput({ txid, vout }: Outpoint): OwnOutput | undefined {
    return this.#byId.get(txid)?.output(vout);
  }

  isSpent(txid: Txid, vout: number): boolean {
    return this.#spends.isSpent(txid, vout);
  }

  spenders({ txid, vout }: Outpoint): readonly HeldTransaction[] {
    return this.#spends.of(txid, vout);
  }

  /** Core: GetTxDepthInMainChain. Negative: blocks since the one that has a conflicting transaction. */
  depth({ state }: HeldTransaction): number {
    const height = this.#host.tip()?.height ?? -1;
    if (state.type === "confirmed") return height - state.height + 1;
    if (state.type === "block-conflicted") return -(height - state.height + 1);
    return 0;
  }

  /** Core: GetTxBlocksToMaturity. */
  blocksToMaturity(transaction: HeldTransaction): number {
    if (!transaction.isCoinbase) return 0;
    return Math.max(0, this.#host.maturity + 1 - this.depth(transaction));
  }

  isFromMe(transaction: HeldTransaction): boolean {
    return transaction.prevouts.some((prevout) => this.ownOutput(prevout) !== undefined);
  }

  /** Core: CachedTxIsTrusted. @param memo answers of one question, while nothing changes */
  isTrusted(
    transaction: HeldTransaction,
    memo: Map<HeldTransaction, boolean> = new Map(),
  ): boolean {
    const { type } = transaction.state;
    if (type !== "mempool") return type === "confirmed";
    const known = memo.get(transaction);
    if (known !== undefined) return known;
    const trusted =
      this.#host.spendUnconfirmedChange() &&
      this.isFromMe(transaction) &&
      transaction.prevouts.every((prevout) => {
        const output = this.ownOutput(prevout);
        return output !== undefined && this.isTrusted(output.transaction, memo);
      });
    memo.set(transaction, trusted);
    return trusted;
  }

  /** The other transactions of the wallet that spend a coin which this one spends. Core: GetTxConflicts. */
  conflicts(transaction: HeldTransaction): readonly Txid[] {
    const found = new Set<Txid>();
    for (const prevout of transaction.prevouts) {
      for (const { txid } of this.spenders(prevout)) if (txid !== transaction.txid) found.add(txid);
    }
    return [...found];
  }

  /** Transactions that were added or changed since the last call, for those who want to be told. */
  takeNotices(): readonly Txid[] {
    const noticed = [...this.#noticed];
    this.#noticed.clear();
    return noticed;
  }

  /**
   * Takes a transaction if it concerns the wallet. Core: AddToWalletIfInvolvingMe.
   * @returns whether it does
   */
  sync(transaction: Transaction, state: TransactionState, block?: BlockTime): boolean {
    const { txid } = transaction;
    if (state.type === "confirmed") this.#markConflicts(transaction, state);
    const concerns =
      this.#byId.has(txid) ||
      transaction.outputs.some(({ scriptPubKey }) => this.#host.isMine(scriptPubKey)) ||
      transaction.inputs.some(({ prevout }) => this.ownOutput(prevout) !== undefined);
    if (!concerns) return false;
    for (const { scriptPubKey } of transaction.outputs) this.#host.markUsed(scriptPubKey);
    this.add(transaction, state, { block });
    return true;
  }

  #markConflicts({ inputs, txid }: Transaction, { hash, height }: ChainPosition): void {
    for (const { prevout } of inputs) {
      for (const spender of this.spenders(prevout)) {
        if (spender.txid !== txid) this.#markConflicted(spender, { hash, height });
      }
    }
  }

  /** Core: AddToWallet. */
  add(
    transaction: Transaction,
    state: TransactionState,
    options: { block?: BlockTime | undefined; notes?: TransactionNotes } = {},
  ): HeldTransaction {
    if (this.#host.avoidReuse()) this.#markSpentScripts(transaction);
    let held = this.#byId.get(transaction.txid);
    if (held === undefined) held = this.#insert(transaction, state, options);
    else {
      if (!sameState(held.state, state)) this.#setState(held, state);
      held.upgrade(transaction);
      this.findOutputs(held);
    }
    if (held.isCoinbase && held.state.type === "inactive") this.#abandonCoinbase(held);
    this.#changed(held);
    this.#noticed.add(held.txid);
    return held;
  }

  #insert(
    transaction: Transaction,
    state: TransactionState,
    { block, notes = {} }: { block?: BlockTime | undefined; notes?: TransactionNotes },
  ): HeldTransaction {
    const { txid, isCoinbase } = transaction;
    const timeReceived = this.#host.now();
    const held = new HeldTransaction({
      // Its own bytes: one that was read from a block is a view, which would keep all of the block.
      ...{ txid, transaction: transaction.toBytes(), state: { type: "mempool" } },
      ...{ timeReceived, isCoinbase },
      time: smartTime(this.#ordered, timeReceived, block),
      orderPosition: this.#host.takeOrder(),
      prevouts: isCoinbase ? [] : transaction.inputs.map(({ prevout }) => prevout),
    });
    held.notes = notes;
    this.#byId.set(txid, held);
    this.#ordered.push(held);
    this.#setState(held, state);
    this.findOutputs(held);
    for (const prevout of held.prevouts) {
      this.#spends.add(prevout, held);
      this.#host.unlockCoin(prevout);
      this.#copyNotes(this.spenders(prevout));
    }
    this.#host.noteTime(held.time);
    return held;
  }

  /** Gives versions of one transaction that differ in signatures alone the notes of the first. Core: SyncMetaData. */
  #copyNotes(spenders: readonly HeldTransaction[]): void {
    if (spenders.length < 2) return;
    const first = spenders.reduce((a, b) => (b.orderPosition < a.orderPosition ? b : a));
    for (const other of spenders) {
      if (other === first || !isEquivalent(first.transaction, other.transaction)) continue;
      other.notes = first.notes;
      other.time = first.time;
      this.#write(other);
    }
  }

  #markSpentScripts({ inputs }: Transaction): void {
    for (const { prevout } of inputs) {
      const script = this.ownOutput(prevout)?.script;
      if (script !== undefined && this.#host.markSpentScript(script)) {
        this.coins.refreshScript(script);
      }
    }
  }

  /** Finds the outputs that pay the wallet, which may be more than before. */
  findOutputs(held: HeldTransaction): void {
    const own = held.transaction.outputs.flatMap(
      ({ value, scriptPubKey: script }: TxOutput, vout) =>
        this.#host.isMine(script) ? [{ vout, value, script }] : [],
    );
    if (own.length === held.outputs.length) return;
    for (const output of held.outputs) this.coins.forget(output);
    held.setOutputs(own);
    for (const output of held.outputs) this.coins.refresh(output);
    this.#write(held);
  }

  /** A coinbase without its block can't come back: it and all that spends it is abandoned. */
  #abandonCoinbase(coinbase: HeldTransaction): void {
    const todo = [coinbase];
    const done = new Set<HeldTransaction>();
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (done.has(next)) continue;
      done.add(next);
      this.#setState(next, { type: "inactive", abandoned: true });
      this.#changed(next);
      todo.push(...this.#children(next));
    }
  }

  *#children({ txid, transaction }: HeldTransaction): Iterable<HeldTransaction> {
    for (let vout = 0; vout < transaction.outputs.length; vout++)
      yield* this.#spends.of(txid, vout);
  }

  /** Core: MarkConflicted. */
  #markConflicted(transaction: HeldTransaction, block: ChainPosition): void {
    const confirmations = (this.#host.tip()?.height ?? -1) - block.height + 1;
    if (confirmations <= 0) return;
    this.#updateAll(transaction, (each) => {
      if (-confirmations >= this.depth(each)) return false;
      this.#setState(each, { type: "block-conflicted", ...block });
      return true;
    });
  }

  /** Changes a transaction and, where that changed something, those that spend it. Core: RecursiveUpdateTxState. */
  #updateAll(
    transaction: HeldTransaction,
    update: (transaction: HeldTransaction) => boolean,
    { write = true }: { write?: boolean } = {},
  ): void {
    const todo = [transaction];
    const done = new Set(todo);
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (!update(next)) continue;
      if (write) this.#changed(next);
      else this.#refresh(next);
      for (const child of this.#children(next)) {
        if (done.has(child)) continue;
        done.add(child);
        todo.push(child);
      }
    }
  }

  #setState(held: HeldTransaction, state: TransactionState): void {
    const before = held.state;
    held.state = state;
    if (!held.isCoinbase) return;
    if (before.type === "confirmed") this.#coinbases.get(before.height)?.delete(held);
    if (state.type === "confirmed") {
      const those = this.#coinbases.get(state.height) ?? new Set();
      this.#coinbases.set(state.height, those.add(held));
    }
  }

  /** Its coins, and the coins that it spends, may count otherwise now. */
  #refresh(held: HeldTransaction): void {
    for (const output of held.outputs) this.coins.refresh(output);
    for (const prevout of held.prevouts) {
      const output = this.ownOutput(prevout);
      if (output !== undefined) this.coins.refresh(output);
    }
  }

  #changed(held: HeldTransaction): void {
    this.#write(held);
    this.#refresh(held);
  }

  #write(held: HeldTransaction): void {
    this.#host.journal.put(transactionKey(held.txid), () => held.encode());
  }

  /** Core: transactionAddedToMempool. */
  addedToMempool(transaction: Transaction): void {
    const { txid, inputs, version } = transaction;
    this.sync(transaction, { type: "mempool" });
    for (const { prevout } of inputs) {
      for (const spender of this.spenders(prevout)) {
        if (spender.txid === txid) continue;
        this.#updateAll(spender, (each) => each.addConflict(txid), { write: false });
      }
    }
    if (version !== TRUC_VERSION) return;
    for (const { prevout } of inputs) {
      const parent = this.#byId.get(prevout.txid);
      if (parent === undefined || parent.isAbandoned || this.depth(parent) !== 0) continue;
      parent.trucChild = txid;
      this.#updateSiblings(parent, txid, (each) => each.addConflict(txid));
    }
  }

  /** Core: UpdateTrucSiblingConflicts. */
  #updateSiblings(
    parent: HeldTransaction,
    child: Txid,
    update: (sibling: HeldTransaction) => boolean,
  ): void {
    for (const sibling of [...this.#children(parent)]) {
      if (sibling.txid !== child) this.#updateAll(sibling, update, { write: false });
    }
  }

  /** Core: transactionRemovedFromMempool. */
  removedFromMempool(transaction: Transaction, why: string): void {
    const { txid, inputs, version } = transaction;
    const held = this.#byId.get(txid);
    if (held?.state.type === "mempool") {
      this.#setState(held, { type: "inactive", abandoned: false });
      this.#refresh(held);
    }
    // A block that came first has said already which one conflicts.
    if (why === "conflict" && held?.state.type !== "block-conflicted") {
      this.sync(transaction, { type: "inactive", abandoned: false });
    }
    for (const { prevout } of inputs) {
      for (const spender of this.spenders(prevout)) {
        this.#updateAll(spender, (each) => each.removeConflict(txid), { write: false });
      }
    }
    if (version !== TRUC_VERSION) return;
    for (const { prevout } of inputs) {
      const parent = this.#byId.get(prevout.txid);
      if (parent?.trucChild !== txid) continue;
      parent.trucChild = undefined;
      this.#updateSiblings(parent, txid, (each) => each.removeConflict(txid));
    }
  }

  /** Core: blockConnected. The tip is this block already. */
  connect(block: Block, { hash, height }: ChainPosition): void {
    const { time } = block.header;
    for (const [index, transaction] of block.transactions.entries()) {
      this.sync(transaction, { type: "confirmed", hash, height, index }, { time });
      this.removedFromMempool(transaction, "block");
    }
  }

  /** Core: blockDisconnected. The tip is this block still. */
  disconnect(block: Block, height: number): void {
    for (const [index, transaction] of block.transactions.entries()) {
      this.sync(transaction, { type: "inactive", abandoned: index === 0 });
      for (const { prevout } of transaction.inputs) {
        for (const spender of this.spenders(prevout)) this.#unmarkConflicted(spender, height);
      }
    }
  }

  #unmarkConflicted(transaction: HeldTransaction, height: number): void {
    this.#updateAll(transaction, (each) => {
      if (each.state.type !== "block-conflicted" || each.state.height < height) return false;
      this.#setState(each, { type: "inactive", abandoned: false });
      return true;
    });
  }

  /**
   * Takes the transactions of a block of the best chain, wherever it stands. Core: ScanForWalletTransactions.
   * @param maxTime the highest time of the block and all before it
   * @returns whether there were any
   */
  scan(block: Block, { hash, height }: ChainPosition, maxTime: Seconds): boolean {
    let found = false;
    const { time } = block.header;
    for (const [index, transaction] of block.transactions.entries()) {
      const state = { type: "confirmed", hash, height, index } as const;
      if (this.sync(transaction, state, { time, maxTime })) found = true;
    }
    return found;
  }

  /** Takes back what blocks said that have left the chain unseen. Core: CWalletTx::updateState. */
  forgetBlocks(isActive: (hash: BlockHash) => boolean): void {
    const left: HeldTransaction[] = [];
    for (const held of this.#ordered) {
      const { state } = held;
      if (state.type !== "confirmed" && state.type !== "block-conflicted") continue;
      if (isActive(state.hash)) continue;
      this.#setState(held, { type: "inactive", abandoned: false });
      this.#noticed.add(held.txid);
      left.push(held);
    }
    for (const held of left) {
      if (held.isCoinbase) this.#abandonCoinbase(held);
      else this.#changed(held);
    }
  }

  /** Judges coinbases again that became mature, or immature, because the tip moved. */
  tipMoved(from: number, to: number): void {
    const { maturity } = this.#host;
    const [low, high] = [Math.min(from, to) - maturity, Math.max(from, to) - maturity];
    const heights =
      high - low > this.#coinbases.size
        ? [...this.#coinbases.keys()].filter((height) => height > low && height <= high)
        : Array.from({ length: high - low }, (_, i) => low + 1 + i);
    for (const height of heights) {
      for (const coinbase of this.#coinbases.get(height) ?? []) this.#refresh(coinbase);
    }
  }

  /** Whether it is neither in a block, in conflict with one, nor in the mempool. */
  isWaiting(held: HeldTransaction): boolean {
    return held.state.type !== "mempool" && this.depth(held) === 0;
  }

  /** Core: AbandonTransaction. */
  abandon(held: HeldTransaction): void {
    this.#updateAll(held, (each) => {
      if (each.state.type !== "inactive" || each.isAbandoned) return false;
      this.#setState(each, { type: "inactive", abandoned: true });
      this.#noticed.add(each.txid);
      return true;
    });
  }

  setNotes(held: HeldTransaction, notes: TransactionNotes): void {
    held.notes = notes;
    this.#noticed.add(held.txid);
    this.#write(held);
  }

  /** Core: RemoveTxs. */
  remove(held: HeldTransaction): void {
    this.#setState(held, { type: "inactive", abandoned: true });
    this.#byId.delete(held.txid);
    this.#ordered = this.#ordered.filter((each) => each !== held);
    for (const prevout of held.prevouts) this.#spends.delete(prevout, held);
    this.#refresh(held);
    for (const output of held.outputs) this.coins.forget(output);
    this.#host.journal.delete(transactionKey(held.txid));
  }

  load(key: Uint8Array, reader: Reader): void {
    const txid = idFromBytes<Txid>(key.subarray(2));
    const held = HeldTransaction.decode(key, txid, reader);
    this.#byId.set(txid, held);
    this.#ordered.push(held);
    for (const prevout of held.prevouts) this.#spends.add(prevout, held);
    this.#setState(held, held.state);
  }

  /** Counts everything, once all is loaded. */
  loaded(): void {
    this.#ordered.sort((a, b) => a.orderPosition - b.orderPosition);
    for (const held of this.#ordered) {
      for (const output of held.outputs) this.coins.refresh(output);
    }
  }
}

function transactionKey(txid: Txid): Uint8Array {
  return recordKey("transaction", idToBytes(txid));
}
