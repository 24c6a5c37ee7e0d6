import {
  type Block,
  type BlockHash,
  BlockHeader,
  CoreError,
  checkBlockContext,
  type HashId,
  type HeaderNode,
  isMoney,
  Reader,
  type Refusal,
  type Transaction,
  type Txid,
  type Verdict,
  type Wtxid,
} from "@chain/core";
import {
  type AddressV2,
  BIP31_VERSION,
  type InventoryItem,
  internetAddress,
  isOverlay,
  MAX_REJECT_REASON,
  type Message,
  type MessageOf,
  MSG_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WITNESS_FLAG,
  MSG_WTX,
  sanitizeText,
} from "@chain/wire";
import type { NodeEvent, PeerId } from "../../events.ts";
import type { LogLevel } from "../../ports.ts";
import { BlockSources } from "../blocks/blockSources.ts";
import { PartialBlock } from "../blocks/compactBlock.ts";
import { workOf, workThreshold } from "../blocks/workThreshold.ts";
import type { Gossip } from "../gossip/addressRelay.ts";
import { disconnect, type NetAction, send } from "../kit/actions.ts";
import type { Unread } from "../peer/inbox.ts";
import type { Peer } from "../peer/peer.ts";
import { BYTES_PER_UNIT } from "../peer/workBudget.ts";
import type { Orphan } from "../transactions/orphans.ts";
import type { TransactionName } from "../transactions/transactionRequests.ts";
import { Answers, type AnswersOptions } from "./answers.ts";
import { blockPenalty, rejectCode } from "./penalty.ts";

/** So much is never asked of one peer at a time: a longer `notfound` says nothing to us. Core ignores it too. */
const MAX_ASKED = 5_016;
/** So far above the tip a block is put together from its compact form. Core: ProcessMessage, CMPCTBLOCK. */
const MAX_COMPACT_AHEAD = 2;
/** Names of more transactions than blocks have, or whole ones. Bytes of a compact block. */
const MAX_USUAL = 100_000;
/** So many refusals of one peer, or by it, are worth a line in the log. */
const MAX_LINES = 100;

export type MessageHandlerOptions = AnswersOptions;

/**
 * What to do about each message, and about each change of the chain. It asks the chain manager, and lets the state
 * machines decide the rest.
 */
export class MessageHandler {
  readonly #options: MessageHandlerOptions;
  readonly #answers: Answers;
  readonly #sources = new BlockSources();
  /** Orphans that are tried again, by the parent that has come. */
  readonly #families = new Map<Txid, Promise<void>>();

  constructor(options: MessageHandlerOptions) {
    this.#options = options;
    this.#answers = new Answers(options);
  }

  /** The peer has gone. */
  remove(peer: PeerId): void {
    this.#answers.remove(peer);
    this.#sources.remove(peer);
  }

  /** Resolves when no orphan is being tried again. */
  async idle(): Promise<void> {
    await Promise.all([...this.#families.values()]);
  }

  /** A message has come, and will be handled after those before it. */
  arrived(peer: Peer, message: Message): void {
    if (message.command !== "block") return;
    const hash = headerOf(message.raw)?.hash;
    if (hash !== undefined) this.#options.state.blocks.arrived(hash, peer.id);
  }

  /** Whether a large message is worth the work of decoding it. */
  wants({ id, work, forBlocksAlone }: Peer, { command, payload }: Unread): boolean {
    const { chain, state, clock } = this.#options;
    if (command === "blocktxn") return state.compact.isWaiting(id);
    if (command === "tx" && chain.initialDownload && !forBlocksAlone) return false;
    const isDear = command === "tx" || (command === "cmpctblock" && payload.length > MAX_USUAL);
    return !isDear || !work.isSpent(clock.now());
  }

  /** Handles one message to the end, whatever has to be read or checked for it. */
  async handle(peer: Peer, message: Message): Promise<void> {
    const { state, clock } = this.#options;
    const { id } = peer;
    switch (message.command) {
      case "headers":
        return this.#onHeaders(peer, message);
      case "block":
        return this.#onBlock(peer, message.raw);
      case "tx":
        return this.#onTransaction(peer, message.transaction);
      case "getdata":
        return this.#answers.getData(peer, message.items);
      case "inv":
        return this.#perform(this.#onInv(peer, message.items));
      case "notfound":
        return this.#perform(this.#onNotFound(id, message.items));
      case "getheaders":
        return this.#answers.getHeaders(id, message);
      case "getblocks":
        return this.#answers.getBlocks(id, message);
      case "ping": {
        // After all that came before it: peers wait for that, Core's tests among them.
        const { nonce } = message;
        const isAnswered = (peer.session.peer?.protocolVersion ?? 0) > BIP31_VERSION;
        return this.#perform(isAnswered ? [send(id, { command: "pong", nonce })] : []);
      }
      case "mempool":
        return this.#onMempool(peer);
      case "getaddr":
        return this.#perform(state.addresses.asked(id, clock.now()));
      case "addr":
        return this.#onAddresses(peer, message.addresses);
      case "addrv2":
        return this.#onAddresses(peer, understood(message.addresses));
      case "sendcmpct":
        return state.compact.offered(id, message);
      case "cmpctblock":
        return this.#onCompactBlock(peer, message);
      case "getblocktxn":
        return this.#answers.blockTransactions(peer, message);
      case "blocktxn":
        return this.#onBlockTransactions(peer, message);
      case "sendheaders":
        return state.announcer.wantsHeaders(id);
      case "feefilter":
        // Core ignores rates that no amount of money can pay.
        return isMoney(message.feeRate)
          ? state.relay.setMinFeeRate(id, message.feeRate)
          : undefined;
      case "reject": {
        const { rejected, reason } = message;
        const text = `${peer.name} refused our ${sanitizeText(rejected)}: ${sanitizeText(reason)}`;
        return this.#options.log(loudness(peer), "net", text, { peer: id });
      }
      case "sendaddrv2":
      case "wtxidrelay":
      case "version":
      case "verack":
      case "pong":
        return;
      default:
        message satisfies never;
    }
  }

  /** It belongs to bloom filters (BIP-0037), which we don't offer: only guests may ask. */
  #onMempool({ id, permissions }: Peer): void {
    const { state } = this.#options;
    if (permissions.has("mempool")) state.relay.tell(id, state.waiting());
    const isAllowed = permissions.has("mempool") || permissions.has("noban");
    const why = "mempool request with bloom filters disabled";
    this.#perform(isAllowed ? [] : [disconnect(id, why)]);
  }

  /** What a change of the chain means for the peers. */
  onChainEvent(event: NodeEvent): readonly NetAction[] {
    const { chain, state, clock } = this.#options;
    switch (event.type) {
      case "tip-changed": {
        const now = clock.now();
        const news = chain.initialDownload ? [] : this.#tipNews(event.forkHeight);
        return [...news, ...state.requests.tipChanged(now), ...state.blocks.schedule(now)];
      }
      case "download-stalled":
        // Headers that no block follows must not keep what has come meanwhile from the peers.
        return this.#tipNews(event.height - 1);
      case "block-connected":
        return this.#onConnected(event.block);
      case "block-refused":
        this.#onLateRefusal(event.hash, event.refusal);
        return [];
      case "block-unreadable":
        return state.blocks.schedule(clock.now());
      case "block-disconnected":
        state.requests.unconfirmed();
        return [];
      case "transaction-added": {
        const { transaction } = event;
        state.relay.announce(transaction, clock.now());
        this.#adopt(transaction.txid);
        state.requests.forget(transaction);
        return [];
      }
      default:
        return [];
    }
  }

  #tipNews(forkHeight: number): readonly NetAction[] {
    const { chain, state } = this.#options;
    const fork = chain.headers.activeAt(forkHeight);
    return fork === undefined ? [] : state.announcer.tipChanged(fork, (peer) => this.#atOnce(peer));
  }

  /** The new tip as a peer wants it that is not asked before. */
  #atOnce(peer: PeerId): Message | undefined {
    const { chain, state } = this.#options;
    const block = this.#answers.lastBlock;
    if (block?.hash !== chain.tip.hash || !state.compact.wantsAtOnce(peer)) return undefined;
    return this.#answers.compact(block.hash, () => block);
  }

  /** A block that was stored before is invalid: its sender should have known. Core: BlockChecked. */
  #onLateRefusal(hash: BlockHash, refusal: Refusal): void {
    const source = this.#sources.take(hash);
    if (source === undefined) return;
    const { peer, checkedBySender } = source;
    const penalty = checkedBySender ? blockPenalty(refusal.kind, peer.inbound) : "none";
    this.#punish(peer, `block ${hash}`, refusal, penalty);
  }

  #onConnected(block: Block): readonly NetAction[] {
    const { chain, state } = this.#options;
    const { transactions } = block;
    this.#answers.connected(block);
    for (const { txid } of transactions) this.#adopt(txid);
    // Nobody announces what is long confirmed.
    if (!chain.initialDownload) state.requests.confirmed(transactions);
    const source = this.#sources.take(block.hash);
    return source === undefined ? [] : this.#gaveBlock(source.peer.id, block.hash);
  }

  /**
   * The peer gave a block that is valid. Only one that is likely to be the best of all shows a peer that is quick: not
   * while others are on their way. Core: BlockChecked.
   */
  #gaveBlock(peer: PeerId, hash: BlockHash): readonly NetAction[] {
    const { chain, state } = this.#options;
    const others = state.blocks.pending - (state.blocks.isRequested(hash) ? 1 : 0);
    return chain.initialDownload || others > 0 ? [] : state.compact.gaveBlock(peer);
  }

  #onAddresses({ id, kind }: Peer, addresses: readonly Gossip[]): void {
    const { state, clock } = this.#options;
    state.addresses.received(id, addresses, clock.now());
    // Its own address is no answer.
    if (kind === "addr-fetch" && addresses.length > 1) {
      this.#perform([disconnect(id, "it has told us of others, and that is all we wanted")]);
    }
  }

  async #onHeaders(peer: Peer, { headers }: MessageOf<"headers">): Promise<void> {
    const { state, clock } = this.#options;
    const { accept, actions } = state.headers.receive(peer.id, headers, clock.now());
    this.#perform(actions);
    if (accept.length === 0) return this.#perform(state.blocks.schedule(clock.now()));
    const hashes = accept.map(({ hash }) => hash);
    const done = state.blocks.told(peer.id, hashes);
    try {
      this.#perform(await this.#takeHeaders(peer, accept, headers.length));
      this.#perform(state.blocks.schedule(clock.now()));
    } finally {
      done();
    }
  }

  async #takeHeaders(
    peer: Peer,
    accept: readonly BlockHeader[],
    count: number,
  ): Promise<readonly NetAction[]> {
    const { chain, state, clock } = this.#options;
    const known = this.#knownHeader(accept);
    if (known !== undefined) return state.headers.accepted(peer.id, known, count, clock.now());
    const { chainWork } = chain.bestHeader;
    const verdict = await chain.acceptHeaders(accept);
    if (!verdict.ok) {
      this.#punish(peer, "headers", verdict, blockPenalty(verdict.kind, peer.inbound));
      return state.headers.refused(peer.id, clock.now());
    }
    const last = verdict.nodes.at(-1);
    // Compared, because the best header may be another peer's that came meanwhile.
    if (last !== undefined && last.chainWork > chainWork) peer.outcome = "block";
    return last === undefined ? [] : state.headers.accepted(peer.id, last, count, clock.now());
  }

  /** The header of a new block is told by every peer, and by all but the first one for nothing. */
  #knownHeader([header, ...others]: readonly BlockHeader[]): HeaderNode | undefined {
    if (header === undefined || others.length > 0) return undefined;
    const node = this.#options.chain.headers.get(header.hash);
    return node?.invalidReason === undefined ? node : undefined;
  }

  /** A block that is new, by the names of its transactions. Core: CMPCTBLOCK. */
  async #onCompactBlock(peer: Peer, message: MessageOf<"cmpctblock">): Promise<void> {
    const { chain, state, clock } = this.#options;
    const { header, prefilled } = message;
    const { hash } = header;
    const bytes = prefilled.reduce((sum, { transaction }) => sum + transaction.totalSize, 0);
    peer.work.charge(bytes / BYTES_PER_UNIT, clock.now());
    const asHeader = () => this.#onHeaders(peer, { command: "headers", headers: [header] });
    const parent = chain.headers.get(header.previousHash);
    if (parent === undefined) return asHeader();
    // Not even of a `noban` peer, whose headers are taken otherwise.
    if (this.#isWorthless(header)) return;
    const { chainWork } = chain.bestHeader;
    const verdict = await chain.acceptHeaders([header]);
    const now = clock.now();
    if (!verdict.ok) {
      // Those that send blocks at once have not checked more than their work: that is agreed on.
      const penalty = verdict.kind === "invalid-header" ? "misbehaving" : "none";
      return this.#punish(peer, `compact block ${hash}`, verdict, penalty);
    }
    state.headers.announced(peer.id, hash);
    const [node] = verdict.nodes;
    if (node !== undefined && node.chainWork > chainWork) peer.outcome = "block";
    if (!isOfUse(node, chain.tip) || !state.compact.isNew(peer.id, hash)) {
      return this.#perform(state.blocks.schedule(now));
    }
    const partial = PartialBlock.from(message, this.#transactionsAtHand());
    if (partial === "invalid") {
      return this.#perform([disconnect(peer.id, "invalid compact block", true)]);
    }
    const first = state.blocks.askedOf(hash);
    if (!state.blocks.begun(peer.id, hash, now)) {
      // Another was asked for it, but what has come since may be all that it takes.
      const block = typeof partial === "object" && isComplete(partial) && partial.complete([]);
      if (typeof block === "object" && !this.#isIncomplete(block)) {
        return this.#onBlock(peer, block.toBytes(), { checkedBySender: false });
      }
      const isTooBusy = first === undefined || state.blocks.isFull(peer.id);
      if (
        typeof partial === "object" &&
        !isTooBusy &&
        state.compact.mayAskToo(peer.id, hash, first)
      ) {
        return this.#perform(state.compact.begin(peer.id, hash, partial));
      }
      return this.#perform(state.blocks.schedule(now));
    }
    if (partial === "ambiguous") return this.#askWhole(peer, hash);
    if (!isComplete(partial)) return this.#perform(state.compact.begin(peer.id, hash, partial));
    return this.#onComplete(peer, hash, partial, []);
  }

  *#transactionsAtHand(): Iterable<Transaction> {
    const { chain, state } = this.#options;
    for (const { transaction } of chain.mempool.entries()) yield transaction;
    yield* state.orphans.transactions();
  }

  async #onBlockTransactions(
    peer: Peer,
    { blockHash, transactions }: MessageOf<"blocktxn">,
  ): Promise<void> {
    const partial = this.#options.state.compact.take(peer.id, blockHash);
    if (partial !== undefined) await this.#onComplete(peer, blockHash, partial, transactions);
  }

  async #onComplete(
    peer: Peer,
    hash: BlockHash,
    partial: PartialBlock,
    missing: readonly Transaction[],
  ): Promise<void> {
    const block = partial.complete(missing);
    if (block === "invalid") {
      return this.#perform([disconnect(peer.id, "invalid block transactions", true)]);
    }
    // By chance, or by somebody's design, two transactions have one name: that is nobody's fault.
    if (block === "wrong" || this.#isIncomplete(block)) {
      // Only of the peer that was asked first: the others were a second chance.
      return this.#options.state.blocks.askedOf(hash) === peer.id
        ? this.#askWhole(peer, hash)
        : undefined;
    }
    this.#options.state.blocks.arrived(hash, peer.id);
    await this.#onBlock(peer, block.toBytes(), { checkedBySender: false });
  }

  /** Whether the witnesses are not those that the block commits to: the names cover them, but not without doubt. */
  #isIncomplete(block: Block): boolean {
    const { chain } = this.#options;
    const parent = chain.headers.get(block.header.previousHash);
    if (parent === undefined) return true;
    const verdict = checkBlockContext(block, parent, chain.params);
    return !verdict.ok && verdict.kind === "mutated";
  }

  #askWhole(peer: Peer, hash: BlockHash): void {
    this.#perform([
      send(peer.id, { command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash }] }),
    ]);
  }

  /** @param options.checkedBySender not where blocks are passed on at once (BIP-0152) */
  async #onBlock(
    peer: Peer,
    raw: Uint8Array,
    { checkedBySender = true }: { readonly checkedBySender?: boolean } = {},
  ): Promise<void> {
    const { chain, state, clock } = this.#options;
    const header = headerOf(raw);
    const hash = header?.hash;
    // Of whomever: what is needed is taken from anybody, as Core does.
    const requested = hash !== undefined && state.blocks.isRequested(hash);
    if (header !== undefined && !requested && this.#isWorthless(header)) {
      const text = `ignored block ${hash} from ${peer.name}: too-little-chainwork`;
      return this.#options.log("debug", "net", text, { peer: peer.id });
    }
    if (hash !== undefined && this.#isHere(hash)) {
      // Who sends it again costs us no work.
      state.blocks.done(peer.id, hash, false, clock.now());
      state.headers.announced(peer.id, hash);
      return this.#perform(state.blocks.schedule(clock.now()));
    }
    const verdict = await chain.acceptBlock(raw, { requested });
    const now = clock.now();
    if (hash !== undefined) {
      // Whoever sent us something else under this hash is not asked for it again.
      if (verdict.ok && verdict.fresh) {
        peer.lastBlockAt = now;
        peer.outcome = "block";
        if (!verdict.connected) this.#sources.add(hash, { peer, checkedBySender });
        if (verdict.connected) this.#perform(this.#gaveBlock(peer.id, hash));
      }
      if (verdict.ok) {
        state.blocks.done(peer.id, hash, verdict.fresh, now);
        state.compact.arrived(hash);
      } else state.blocks.notFound(peer.id, hash, now);
    }
    if (verdict.ok) {
      state.headers.announced(peer.id, verdict.node.hash);
    } else {
      this.#perform(this.#reject(peer.id, "block", verdict, hash));
      // What does not even decode is ignored, as Core does with any such message.
      const isIgnored = verdict.reason === "bad-block-encoding";
      const isExcused = isIgnored || !checkedBySender;
      const penalty = isExcused ? "none" : blockPenalty(verdict.kind, peer.inbound);
      this.#punish(peer, `block ${hash ?? ""}`, verdict, penalty);
    }
    this.#perform(state.blocks.schedule(now));
  }

  #isHere(hash: BlockHash): boolean {
    const { chain } = this.#options;
    const node = chain.headers.get(hash);
    if (node === undefined || chain.isUnreadable(hash)) return false;
    return node.transactionCount > 0 && node.invalidReason === undefined;
  }

  /** Whether a header would be kept of a branch that nobody will ever need. Core: BLOCK_HEADER_LOW_WORK. */
  #isWorthless(header: BlockHeader): boolean {
    const { headers: tree, params } = this.#options.chain;
    const parent = tree.get(header.previousHash);
    if (parent === undefined || tree.get(header.hash) !== undefined) return false;
    return parent.chainWork + workOf([header]) < workThreshold(tree, params);
  }

  async #onTransaction(peer: Peer, transaction: Transaction): Promise<void> {
    const { chain, state, clock } = this.#options;
    const { txid, wtxid } = transaction;
    if (peer.forBlocksAlone) {
      const reason = "transaction sent in violation of protocol";
      return this.#perform([disconnect(peer.id, reason)]);
    }
    // Its inputs may be in blocks that are still to come. Core: ProcessMessage, TX.
    if (chain.initialDownload) return;
    if (peer.work.isSpent(clock.now())) return; // where it was asked for, another peer will be
    state.relay.gave(peer.id, transaction);
    state.requests.received(peer.id, transaction);
    // Who sends what we know costs us no work. Core: AlreadyHaveTx.
    const waiting = chain.mempool.getByWtxid(wtxid);
    const isHere = waiting !== undefined || state.orphans.has(wtxid);
    if (waiting !== undefined && peer.permissions.has("forcerelay")) {
      state.relay.announce(transaction, clock.now());
    }
    if (isHere || state.requests.isSettled(transaction)) {
      return state.requests.forget(transaction);
    }
    const verdict = await this.#tryTransaction({ transaction, announcers: new Set([peer.id]) });
    if (verdict.ok) {
      peer.lastTransactionAt = clock.now();
      peer.outcome = "transaction";
      // Whatever the peer says next, it says to a node that knows what came of all of them.
      return this.#families.get(txid);
    }
    const bytes = transaction.totalSize;
    peer.work.charge(transaction.inputs.length + bytes / BYTES_PER_UNIT, clock.now());
    // It costs no connection, because an honest peer may have other rules than ours. Core: ProcessInvalidTx.
    this.#punish(peer, `transaction ${txid}`, verdict, "none");
  }

  async #tryTransaction(orphan: Orphan): Promise<Verdict<object>> {
    const { chain, state, clock } = this.#options;
    const { transaction } = orphan;
    const [peer] = orphan.announcers;
    const verdict = await chain.acceptTransaction(transaction);
    if (verdict.ok || peer === undefined) return verdict; // the event has done the rest
    if (verdict.kind === "missing-inputs") this.#onMissingParents(orphan, peer);
    else {
      this.#perform(state.requests.refused(peer, transaction, verdict.kind, clock.now()));
    }
    this.#perform(this.#reject(peer, "tx", verdict, transaction.txid));
    return verdict;
  }

  #onMissingParents({ transaction, announcers }: Orphan, sender: PeerId): void {
    const { state, clock } = this.#options;
    const { requests, orphans } = state;
    const now = clock.now();
    const parents = parentsOf(transaction);
    if (requests.isAnyRefused(parents)) {
      requests.refusedForGood(transaction);
      return;
    }
    // Each that has announced it may have the parents; those that have left meanwhile could not be asked.
    const all = new Set([...announcers, ...requests.announcersOf(transaction)]);
    const present = [...all].filter((peer) => state.has(peer));
    if (!present.some((peer) => orphans.add(transaction, peer, now))) {
      this.#perform(requests.refused(sender, transaction, "missing-inputs", now));
      return;
    }
    requests.forget(transaction);
    for (const peer of present) {
      orphans.addAnnouncer(transaction.wtxid, peer);
      this.#askForParents(peer, parents, now);
    }
  }

  #askForParents(peer: PeerId, parents: ReadonlySet<Txid>, now: number): void {
    const { relay, requests } = this.#options.state;
    relay.knows(peer, parents);
    this.#perform(requests.announced(peer, parents, now));
  }

  /** Tries again what waited for this transaction. */
  #adopt(parent: Txid): void {
    const children = this.#options.state.orphans.takeChildren(parent);
    if (children.length === 0) return;
    const family = Promise.all(children.map((orphan) => this.#retry(orphan)));
    const done = family.then(() => {
      if (this.#families.get(parent) === done) this.#families.delete(parent);
    });
    this.#families.set(parent, done);
  }

  async #retry(orphan: Orphan): Promise<void> {
    try {
      const verdict = await this.#tryTransaction(orphan);
      if (verdict.ok) await this.#families.get(orphan.transaction.txid);
    } catch (error) {
      const text = `orphan ${orphan.transaction.txid}: ${String(error)}`;
      this.#options.log("error", "relay", text);
    }
  }

  #onInv(
    { id: peer, forBlocksAlone, session }: Peer,
    items: readonly InventoryItem[],
  ): NetAction[] {
    const { chain, state, clock } = this.#options;
    const now = clock.now();
    const byWtxid = session.peer?.wtxidRelay ?? false;
    const names: TransactionName[] = [];
    const blocks: BlockHash[] = [];
    for (const { type, hash } of items) {
      // By names of the other sort than agreed: ignored, as Core does (BIP-0339).
      if (type === (byWtxid ? MSG_WTX : MSG_TX)) names.push(hash as TransactionName);
      else if ((type & ~MSG_WITNESS_FLAG) === MSG_BLOCK) blocks.push(hash as BlockHash);
    }
    // It was told that we want none (BIP-0037).
    if (names.length > 0 && forBlocksAlone) {
      return [disconnect(peer, "transaction inv sent in violation of protocol")];
    }
    for (const name of names) {
      const { mempool } = chain;
      const known = byWtxid ? mempool.getByWtxid(name as Wtxid) : mempool.get(name as Txid);
      if (known !== undefined) state.unbroadcast.seen(known.transaction.txid);
    }
    state.relay.knows(peer, names);
    if (byWtxid) {
      for (const name of names as Wtxid[]) {
        const orphan = state.orphans.get(name);
        if (orphan === undefined || !state.orphans.addAnnouncer(name, peer)) continue;
        this.#askForParents(peer, parentsOf(orphan.transaction), now);
      }
    }
    const actions = state.requests.announced(peer, names, now, byWtxid);
    if (blocks.length === 0) return actions;
    // The last is the best: its headers cover the others.
    const unknown = blocks.filter((hash) => !state.headers.announced(peer, hash)).at(-1);
    return [
      ...actions,
      ...(unknown === undefined ? [] : state.headers.follow(peer, unknown, now)),
      ...state.blocks.schedule(now),
    ];
  }

  #onNotFound(peer: PeerId, items: readonly InventoryItem[]): NetAction[] {
    const { state, clock } = this.#options;
    const now = clock.now();
    const actions: NetAction[] = [];
    if (items.length > MAX_ASKED) return actions;
    for (const { type, hash } of items) {
      const plain = type & ~MSG_WITNESS_FLAG;
      if (plain === MSG_BLOCK) state.blocks.notFound(peer, hash as BlockHash, now);
      else if (plain === MSG_TX || type === MSG_WTX) {
        actions.push(...state.requests.notFound(peer, hash as TransactionName, now));
      }
    }
    return [...actions, ...state.blocks.schedule(now)];
  }

  #reject(peer: PeerId, rejected: string, refusal: Refusal, hash?: HashId): NetAction[] {
    if (!this.#options.state.hearsReasons(peer)) return [];
    const reason = refusal.reason.slice(0, MAX_REJECT_REASON);
    const fields = { command: "reject", rejected, code: rejectCode(refusal), reason } as const;
    return [send(peer, hash === undefined ? fields : { ...fields, hash })];
  }

  #punish(peer: Peer, what: string, refusal: Refusal, penalty: "none" | "misbehaving"): void {
    const { reason, debug } = refusal;
    const text = `refused ${what} from ${peer.name}: ${reason}${debug === undefined ? "" : ` (${debug})`}`;
    const level = penalty === "none" ? loudness(peer) : "warn";
    this.#options.log(level, "net", text, { peer: peer.id, reason });
    if (penalty === "misbehaving") this.#perform([disconnect(peer.id, reason, true)]);
  }

  #perform(actions: readonly NetAction[]): void {
    this.#options.perform(actions);
  }
}

/** Its inputs name the parents by txid, in whichever way transactions are announced. */
function parentsOf({ inputs }: Transaction): ReadonlySet<Txid> {
  return new Set(inputs.map(({ prevout }) => prevout.txid));
}

/** Of addresses on all kinds of networks, those on networks that we know of. */
function understood(addresses: readonly AddressV2[]): readonly Gossip[] {
  return addresses.flatMap((entry) => {
    const address = internetAddress(entry);
    if (address !== undefined) return { ...address, time: entry.time };
    return isOverlay(entry) ? entry : [];
  });
}

/** No peer fills the log. */
function loudness(peer: Peer): LogLevel {
  return ++peer.lines > MAX_LINES ? "debug" : "info";
}

function headerOf(rawBlock: Uint8Array): BlockHeader | undefined {
  try {
    return BlockHeader.read(new Reader(rawBlock));
  } catch (error) {
    if (error instanceof CoreError) return undefined;
    throw error;
  }
}

/** Whether a block that comes in compact form is better than the tip, new, and near enough for us to have its transactions. */
function isOfUse(node: HeaderNode | undefined, tip: HeaderNode): boolean {
  if (node === undefined || node.transactionCount > 0) return false;
  return node.chainWork > tip.chainWork && node.height <= tip.height + MAX_COMPACT_AHEAD;
}

const isComplete = ({ missing }: PartialBlock): boolean => missing.length === 0;
