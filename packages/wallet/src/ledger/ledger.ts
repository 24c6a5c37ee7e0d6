/** The state of one wallet, without files, clocks and nodes. */
import type { Block, BlockHash, Outpoint, Seconds, Transaction, Txid } from "@chain/core";
import {
  requireArray,
  requireBoolean,
  requireBytes,
  requireFields,
  requireFunction,
  requireInteger,
  requireIterable,
  requireString,
} from "@chain/core/arguments";
import { requireMaster } from "../accounts/account.ts";
import { addressOfScript } from "../address.ts";
import { WalletError } from "../errors.ts";
import { coinsOf } from "./availableCoins.ts";
import {
  requireBlock,
  requireChange,
  requireCoinFilter,
  requireCreateOptions,
  requireHost,
  requireOutpoint,
  requirePosition,
  requireTime,
  requireTransaction,
} from "./check.ts";
import type { HeldTransaction } from "./heldTransaction.ts";
import { History } from "./history.ts";
import { LockedCoins } from "./lockedCoins.ts";
import { type LedgerParts, loadParts, makeParts, setUpDescriptors } from "./parts.ts";
import { rivalOf } from "./rival.ts";
import type {
  Balances,
  ChainPosition,
  CoinFilter,
  CreateLedgerOptions,
  LedgerChange,
  LedgerHost,
  OwnedCoin,
  TransactionAmounts,
  TransactionNotes,
  WalletRecord,
  WalletTransaction,
} from "./types.ts";
import { WalletKeys } from "./walletKeys.ts";

/** Core: DEFAULT_KEYPOOL_SIZE. */
const KEYPOOL_SIZE = 1000;

/**
 * The state of one wallet: descriptors with their scripts, labels, transactions and coins. It does no I/O: the host writes
 * the records of `takeChanges`, hands in blocks and transactions, and asks. Core: CWallet.
 *
 * @example
 * const ledger = WalletLedger.create({ params: regtest, now: () => 1_800_000_000 });
 * const given = ledger.newAddress("bech32", { label: "savings" });
 * given.ok && ledger.ownerOf(given.script)?.index // 0
 * ledger.balances().trusted // 0n
 * const records = ledger.takeChanges();
 */
export class WalletLedger extends WalletKeys {
  readonly #transactions: History;
  /** Whether outputs of its transactions may pay to scripts that it did not have before. */
  #hasNewScripts = false;
  readonly #locked: LockedCoins;
  /** Whether change that is not confirmed may be spent. Core: -spendzeroconfchange. */
  spendUnconfirmedChange = true;

  private constructor(parts: LedgerParts) {
    super(parts);
    const { journal, meta, ring, book, params, now } = parts;
    const locked = new LockedCoins(journal);
    this.#locked = locked;
    this.#transactions = new History({
      ...{ journal, now, maturity: params.coinbaseMaturity },
      takeOrder: () => meta.takeOrder(),
      tip: () => meta.tip,
      isMine: (script) => ring.owners(script).length > 0,
      markUsed: (script) => this.#markUsed(script),
      avoidReuse: () => meta.has("avoidReuse"),
      isSpentScript: (script) => book.isSpent(script),
      markSpentScript: (script) =>
        addressOfScript(script, params) !== undefined && book.markSpent(script),
      unlockCoin: (outpoint) => locked.unlock(outpoint),
      spendUnconfirmedChange: () => this.spendUnconfirmedChange,
      noteTime: (time) => {
        if (time < meta.birthday) meta.birthday = time;
      },
    });
  }

  /** A new wallet, with descriptors for each kind of address unless it is blank or without private keys. */
  static create(options: CreateLedgerOptions): WalletLedger {
    requireCreateOptions(options, "options");
    const { master, birthday, disablePrivateKeys = false, blank = false } = options;
    if (master !== undefined) requireMaster(master, "options.master");
    const parts = makeParts(options);
    parts.meta.keypoolSize = options.keypoolSize ?? KEYPOOL_SIZE;
    parts.meta.birthday = birthday ?? parts.now();
    parts.meta.setFlag("disablePrivateKeys", disablePrivateKeys);
    parts.meta.setFlag("avoidReuse", options.avoidReuse ?? false);
    parts.meta.setFlag("blank", blank);
    if (!blank && !disablePrivateKeys) setUpDescriptors(parts, master);
    return new WalletLedger(parts);
  }

  /**
   * A wallet from all its records, in any order. Transactions of the mempool wait until `apply` tells of them again.
   * @throws WalletError `corrupt`, `newer-version`, `wrong-network`
   */
  static load(records: Iterable<WalletRecord>, host: LedgerHost): WalletLedger {
    requireIterable(records, "records", "records");
    requireHost(host, "host");
    const parts = makeParts(host);
    const ledger = new WalletLedger(parts);
    loadParts(parts, records, {
      transaction: (key, reader) => ledger.#history.load(key, reader),
      lockedCoin: (key) => ledger.#locked.load(key),
    });
    ledger.#history.loaded();
    return ledger;
  }

  protected override scriptsAdded(): void {
    this.#hasNewScripts = true;
  }

  /** Once for any number of new descriptors. */
  protected override settle(): void {
    if (!this.#hasNewScripts) return;
    this.#hasNewScripts = false;
    if (this.#transactions.ordered.length === 0) return;
    this.parts.ring.deriveKnown();
    for (const held of this.#transactions.ordered) this.#transactions.findOutputs(held);
  }

  /** With all outputs that are the wallet's. */
  get #history(): History {
    this.settle();
    return this.#transactions;
  }

  protected override reuseChanged(): void {
    this.#history.coins.reindex();
  }

  /** Receiving addresses that others were given, by a copy of this wallet, enter the address book. */
  #markUsed(script: Uint8Array): void {
    const { ring, book } = this.parts;
    for (const { script: given, held } of ring.markUsed(script)) {
      if (held.active?.internal === false && book.get(given) === undefined) {
        book.set(given, "", "receive");
      }
    }
  }

  /** The last block that it has seen; `undefined` before the first. */
  get tip(): ChainPosition | undefined {
    return this.parts.meta.tip;
  }

  /**
   * Sets where the chain stands for a wallet that has nothing in it: so a new one does not have to see old blocks.
   */
  set tip(tip: ChainPosition) {
    requirePosition(tip, "tip");
    this.#moveTip(tip);
  }

  #moveTip(tip: ChainPosition): void {
    const { meta } = this.parts;
    const before = meta.tip;
    if (before?.hash === tip.hash) return;
    meta.tip = { hash: tip.hash, height: tip.height };
    this.#history.tipMoved(before?.height ?? -1, tip.height);
  }

  /**
   * Takes back what it was told of blocks that have left the chain while nobody told it so: their transactions are not
   * confirmed any more. For a position that the chain does not know; the blocks from `tip` on are to be seen again then.
   * @param isActive whether a block is in the best chain
   */
  forgetBlocks(isActive: (hash: BlockHash) => boolean): void {
    requireFunction(isActive, "isActive");
    this.#history.forgetBlocks(isActive);
  }

  /**
   * Takes changes of the chain and of the mempool, in order: what a follower of the engine's chain manager is handed. The
   * records of `takeChanges` then hold these changes and the position together.
   * @param end the last block that counts after the changes
   */
  apply(changes: readonly LedgerChange[], end: ChainPosition): void {
    requireArray(changes, "changes", requireChange);
    requirePosition(end, "end");
    this.parts.ring.deriveKnown();
    for (const change of changes) {
      switch (change.type) {
        case "block-connected":
          this.#moveTip(change);
          this.#history.connect(change.block, change);
          break;
        case "block-disconnected":
          this.#history.disconnect(change.block, change.height);
          this.#moveTip({ hash: change.block.header.previousHash, height: change.height - 1 });
          break;
        case "transaction-added":
          this.#history.addedToMempool(change.transaction);
          break;
        case "transaction-removed":
          this.#history.removedFromMempool(change.transaction, change.why);
          break;
        default:
          change satisfies never;
      }
    }
    this.#moveTip(end);
  }

  /**
   * Takes an old block of the best chain, in a rescan: blocks may be left out whose filters match none of `scripts()`, which
   * grow with what is found. Core: ScanForWalletTransactions.
   * @param maxTime the highest time of the block and all before it
   * @returns whether it has transactions of the wallet
   */
  scanBlock(block: Block, position: ChainPosition, maxTime: Seconds): boolean {
    requireBlock(block, "block");
    requirePosition(position, "position");
    requireTime(maxTime, "maxTime");
    this.parts.ring.deriveKnown();
    return this.#history.scan(block, position, maxTime);
  }

  transaction(txid: Txid): WalletTransaction | undefined {
    requireString(txid, "txid");
    return this.#history.get(txid);
  }

  /** All of them, in the order in which the wallet saw them. */
  transactions(): readonly WalletTransaction[] {
    return this.#history.ordered;
  }

  /** Confirmations; negative: those of a block that has a conflicting transaction. @throws WalletError `unknown-transaction` */
  depth(txid: Txid): number {
    return this.#history.depth(this.#present(txid));
  }

  /** Blocks until a coinbase may be spent; 0 for any other. @throws WalletError `unknown-transaction` */
  blocksToMaturity(txid: Txid): number {
    return this.#history.blocksToMaturity(this.#present(txid));
  }

  /** Whether its coins count although it may be unconfirmed. @throws WalletError `unknown-transaction` */
  isTrusted(txid: Txid): boolean {
    return this.#history.isTrusted(this.#present(txid));
  }

  /** Whether it spends a coin of the wallet. @throws WalletError `unknown-transaction` */
  isFromMe(txid: Txid): boolean {
    return this.#history.isFromMe(this.#present(txid));
  }

  /** Other transactions of the wallet that spend a coin which this one spends. @throws WalletError `unknown-transaction` */
  conflicts(txid: Txid): readonly Txid[] {
    return this.#history.conflicts(this.#present(txid));
  }

  /** Sums of a transaction. @throws WalletError `unknown-transaction` */
  amounts(txid: Txid): TransactionAmounts {
    const held = this.#present(txid);
    let [debit, credit, change] = [0n, 0n, 0n];
    for (const prevout of held.prevouts) debit += this.#history.ownOutput(prevout)?.value ?? 0n;
    for (const { value, script } of held.outputs) {
      credit += value;
      if (this.isChange(script)) change += value;
    }
    if (debit === 0n) return { debit, credit, change, fee: undefined };
    const paid = held.transaction.outputs.reduce((sum, { value }) => sum + value, 0n);
    return { debit, credit, change, fee: debit - paid };
  }

  /** Whether a script is the wallet's and was not given to anybody. Core: ScriptIsChange. */
  isChange(script: Uint8Array): boolean {
    requireBytes(script, "script");
    const { ring, book, params } = this.parts;
    ring.deriveKnown();
    if (ring.owners(script).length === 0) return false;
    return addressOfScript(script, params) === undefined || book.get(script) === undefined;
  }

  /** Transactions that were added or changed since the last call: `-walletnotify` tells of them. */
  takeNotices(): readonly Txid[] {
    return this.#history.takeNotices();
  }

  /**
   * Takes a payment before it is handed to a node: its coins are spent from now on. Core: CommitTransaction.
   * @param notes `replaces`: a transaction of the wallet, which is noted there as well
   * @throws WalletError `unknown-transaction` for one to replace, `conflict` where it is replaced already, or where another
   * payment spends one of the coins
   */
  commit(transaction: Transaction, notes: Omit<TransactionNotes, "replacedBy"> = {}): void {
    requireTransaction(transaction, "transaction");
    requireFields(notes, "notes", { comment: "string?", to: "string?", replaces: "string?" });
    const replaced = notes.replaces === undefined ? undefined : this.#present(notes.replaces);
    if (replaced?.notes.replacedBy !== undefined) {
      throw new WalletError("conflict", `transaction ${replaced.txid} has been replaced already`);
    }
    const rival = rivalOf(transaction, notes.replaces, this.#history);
    if (rival !== undefined) {
      const { outpoint, spender } = rival;
      const coin = `${outpoint.txid}:${outpoint.vout}`;
      throw new WalletError("conflict", `coin ${coin} is spent by transaction ${spender} already`);
    }
    this.parts.ring.deriveKnown();
    const known = this.#history.get(transaction.txid);
    if (known === undefined) {
      this.#history.add(transaction, { type: "inactive", abandoned: false }, { notes });
    } else this.#history.setNotes(known, { ...known.notes, ...notes });
    if (replaced !== undefined) {
      this.#history.setNotes(replaced, { ...replaced.notes, replacedBy: transaction.txid });
    }
  }

  /** Whether it is worth it: it is not in a block nor in the mempool. Core: TransactionCanBeAbandoned. @throws WalletError `unknown-transaction` */
  canAbandon(txid: Txid): boolean {
    const held = this.#present(txid);
    return !held.isAbandoned && this.#history.isWaiting(held);
  }

  /**
   * Gives a transaction up, and all that spend it: its coins may be spent again. Core: AbandonTransaction.
   * @returns `false` where it can't be: it is in a block, in conflict with one, or in the mempool
   * @throws WalletError `unknown-transaction`
   */
  abandon(txid: Txid): boolean {
    const held = this.#present(txid);
    if (!this.#history.isWaiting(held)) return false;
    this.#history.abandon(held);
    return true;
  }

  /** Forgets a transaction. Core: RemoveTxs. @throws WalletError `unknown-transaction` */
  removeTransaction(txid: Txid): void {
    this.#history.remove(this.#present(txid));
  }

  /**
   * Takes a transaction of a block that is proven by others, without the block. Core: importprunedfunds.
   * @param time of the block
   * @returns `false` where it does not concern the wallet
   */
  importTransaction(
    transaction: Transaction,
    position: ChainPosition,
    index: number,
    time: Seconds,
  ): boolean {
    requireTransaction(transaction, "transaction");
    requirePosition(position, "position");
    requireInteger(index, "index", 0);
    requireTime(time, "time");
    this.parts.ring.deriveKnown();
    const { hash, height } = position;
    return this.#history.sync(transaction, { type: "confirmed", hash, height, index }, { time });
  }

  /**
   * The sums of the wallet's coins, which take the same time with any number of them unless `minDepth` is more than 1.
   * Core: GetBalance.
   * @param minDepth confirmations of what counts as trusted. Default: 0
   */
  balances(minDepth = 0): Balances {
    requireInteger(minDepth, "minDepth");
    return this.#history.coins.balances(minDepth);
  }

  /** Unspent outputs; by default those that a payment may spend. Core: AvailableCoins. */
  coins(filter: CoinFilter = {}): readonly OwnedCoin[] {
    requireCoinFilter(filter, "filter");
    return coinsOf(this.#history.coins.unspent, filter, this.#coinHost);
  }

  /** An output of the wallet, spent or not; `undefined` for any other. */
  coin(outpoint: Outpoint): OwnedCoin | undefined {
    requireOutpoint(outpoint, "outpoint");
    const output = this.#history.ownOutput(outpoint);
    if (output === undefined) return undefined;
    const all = { includeUnsafe: true, includeImmature: true, includeLocked: true };
    const filter = { ...all, includeReused: true, includeUnusable: true };
    return coinsOf([output], filter, this.#coinHost)[0];
  }

  get #coinHost(): Parameters<typeof coinsOf>[2] {
    const { ring, book, meta } = this.parts;
    return {
      history: this.#history,
      isLocked: (outpoint) => this.#locked.has(outpoint),
      isReused: (script) => meta.has("avoidReuse") && book.isSpent(script),
      owner: (script) => ring.owners(script)[0],
    };
  }

  /** Whether a transaction of the wallet spends it, which is neither abandoned nor in conflict. Core: IsSpent. */
  isSpent(outpoint: Outpoint): boolean {
    requireOutpoint(outpoint, "outpoint");
    return this.#history.isSpent(outpoint.txid, outpoint.vout);
  }

  /** The transactions of the wallet that spend it, in whatever state they are. */
  spenders(outpoint: Outpoint): readonly WalletTransaction[] {
    requireOutpoint(outpoint, "outpoint");
    return this.#history.spenders(outpoint);
  }

  /** Keeps a coin out of payments. @param persistent `true`: after a restart as well */
  lockCoin(outpoint: Outpoint, persistent = false): void {
    requireOutpoint(outpoint, "outpoint");
    requireBoolean(persistent, "persistent");
    this.#locked.lock(outpoint, persistent);
  }

  /** @returns whether it was locked */
  unlockCoin(outpoint: Outpoint): boolean {
    requireOutpoint(outpoint, "outpoint");
    return this.#locked.unlock(outpoint);
  }

  isLockedCoin(outpoint: Outpoint): boolean {
    requireOutpoint(outpoint, "outpoint");
    return this.#locked.has(outpoint);
  }

  lockedCoins(): readonly Outpoint[] {
    return this.#locked.all();
  }

  #present(txid: Txid): HeldTransaction {
    requireString(txid, "txid");
    const held = this.#history.get(txid);
    if (held !== undefined) return held;
    throw new WalletError("unknown-transaction", `transaction ${txid} is not in this wallet`);
  }
}
