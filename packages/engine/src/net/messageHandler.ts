import {
  type Block,
  type BlockHash,
  BlockHeader,
  CoreError,
  type HashId,
  Reader,
  type Refusal,
  type Transaction,
  type Txid,
  type Verdict,
} from "@chain/core";
import {
  type InventoryItem,
  MAX_REJECT_REASON,
  type Message,
  type MessageOf,
  MSG_BLOCK,
  MSG_TX,
  MSG_WITNESS_FLAG,
  netAddress,
  sanitizeText,
} from "@chain/wire";
import type { ChainManager } from "../chain/manager.ts";
import type { NodeEvent, PeerId } from "../events.ts";
import type { Clock, Log, LogLevel } from "../ports.ts";
import { disconnect, type NetAction, send } from "./actions.ts";
import type { Orphan } from "./orphans.ts";
import type { Peer } from "./peer.ts";
import type { PeerState } from "./peerState.ts";
import { blockPenalty, rejectCode, transactionPenalty } from "./penalty.ts";
import { blocksAfter, headersAfter, withoutWitness } from "./serving.ts";

/** So much is never asked of one peer at a time: a longer `notfound` says nothing to us. Core ignores it too. */
const MAX_ASKED = 5_016;
/** How often a peer may ask for the whole mempool. Milliseconds. */
const MEMPOOL_INTERVAL = 10_000;
/** So many refusals of one peer, or by it, are worth a line in the log. */
const MAX_LINES = 100;

export interface MessageHandlerOptions {
  readonly chain: ChainManager;
  readonly state: PeerState;
  readonly clock: Clock;
  readonly log: Log;
  readonly perform: (actions: readonly NetAction[]) => void;
  /** Peers that we have connected to. */
  readonly outbound: () => readonly Peer[];
}

/**
 * What to do about each message, and about each change of the chain. It asks the chain manager, and lets the state
 * machines decide the rest.
 */
export class MessageHandler {
  readonly #options: MessageHandlerOptions;
  /** The hash after which a peer that reads by `getblocks` is told of our tip, so that it asks for more. */
  readonly #continueAfter = new Map<PeerId, BlockHash>();
  readonly #retries = new Set<Promise<void>>();

  constructor(options: MessageHandlerOptions) {
    this.#options = options;
  }

  /** The peer has gone. */
  remove(peer: PeerId): void {
    this.#continueAfter.delete(peer);
  }

  /** Resolves when no orphan is being tried again. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#retries]);
  }

  /** A message has come, and will be handled after those before it. */
  arrived(peer: Peer, message: Message): void {
    if (message.command !== "block") return;
    const hash = hashOf(message.raw);
    if (hash !== undefined) this.#options.state.blocks.arrived(hash, peer.id);
  }

  /** Handles one message to the end, whatever has to be read or checked for it. */
  async handle(peer: Peer, message: Message): Promise<void> {
    const { state } = this.#options;
    const { id } = peer;
    switch (message.command) {
      case "headers":
        return this.#onHeaders(peer, message);
      case "block":
        return this.#onBlock(peer, message);
      case "tx":
        return this.#onTransaction(peer, message.transaction);
      case "getdata":
        return this.#onGetData(peer, message.items);
      case "inv":
        return this.#perform(this.#onInv(id, message.items));
      case "notfound":
        return this.#perform(this.#onNotFound(id, message.items));
      case "getheaders":
        return this.#onGetHeaders(id, message);
      case "getblocks":
        return this.#onGetBlocks(id, message);
      case "mempool":
        return this.#onMempool(peer);
      case "getaddr":
        return this.#onGetAddr(peer);
      case "sendheaders":
        return state.announcer.wantsHeaders(id);
      case "feefilter":
        return state.relay.setMinFeeRate(id, message.feeRate);
      case "reject": {
        const { rejected, reason } = message;
        const text = `${peer.name} refused our ${sanitizeText(rejected)}: ${sanitizeText(reason)}`;
        return this.#options.log(loudness(peer), "net", text, { peer: id });
      }
      case "addr": // nothing is dialled because a stranger named it
      case "version":
      case "verack":
      case "ping":
      case "pong":
        return;
      default:
        message satisfies never;
    }
  }

  /** What a change of the chain means for the peers. */
  onChainEvent(event: NodeEvent): readonly NetAction[] {
    const { chain, state, clock } = this.#options;
    switch (event.type) {
      case "tip-changed": {
        const now = clock.now();
        const fork = chain.headers.activeAt(event.forkHeight);
        const news =
          fork === undefined || chain.initialDownload ? [] : state.announcer.tipChanged(fork);
        return [...news, ...state.relay.tipChanged(now), ...state.blocks.schedule(now)];
      }
      case "block-connected":
        return this.#onConnected(event.block);
      case "block-disconnected":
        state.relay.unconfirmed();
        return [];
      case "transaction-added": {
        const { txid } = event.transaction;
        state.relay.announce(txid);
        this.#adopt(txid);
        return state.relay.forget(txid, clock.now());
      }
      default:
        return [];
    }
  }

  #onConnected({ transactions }: Block): readonly NetAction[] {
    const { chain, state, clock } = this.#options;
    const txids = transactions.map(({ txid }) => txid);
    for (const txid of txids) this.#adopt(txid);
    // Nobody announces what is long confirmed.
    return chain.initialDownload ? [] : state.relay.confirmed(txids, clock.now());
  }

  async #onHeaders(peer: Peer, { headers }: MessageOf<"headers">): Promise<void> {
    const { chain, state, clock } = this.#options;
    const { take, actions } = state.headers.receive(peer.id, headers, clock.now());
    this.#perform(actions);
    if (!take) return this.#perform(state.blocks.schedule(clock.now()));
    const verdict = await chain.acceptHeaders(headers);
    const now = clock.now();
    if (!verdict.ok) {
      this.#punish(peer, "headers", verdict, blockPenalty(verdict.kind, peer.inbound));
      return this.#perform([...state.headers.refused(peer.id, now), ...state.blocks.schedule(now)]);
    }
    const last = verdict.nodes.at(-1);
    if (last === undefined) return;
    this.#perform(state.headers.accepted(peer.id, last, headers.length, now));
    this.#perform(state.blocks.schedule(now));
  }

  async #onBlock(peer: Peer, { raw }: MessageOf<"block">): Promise<void> {
    const { chain, state, clock } = this.#options;
    const hash = hashOf(raw);
    // Of whomever: what is needed is taken from anybody, as Core does.
    const requested = hash !== undefined && state.blocks.isRequested(hash);
    const verdict = await chain.acceptBlock(raw, { requested });
    const now = clock.now();
    if (hash !== undefined) {
      // Whoever sent us something else under this hash is not asked for it again.
      if (verdict.ok) state.blocks.done(peer.id, hash, now);
      else state.blocks.notFound(peer.id, hash, now);
    }
    if (verdict.ok) {
      this.#perform(state.headers.announced(peer.id, verdict.node.hash, now));
    } else {
      this.#perform([this.#reject(peer.id, "block", verdict, hash)]);
      // What does not even decode is ignored, as Core does with any such message.
      const isIgnored = verdict.reason === "bad-block-encoding";
      const penalty = isIgnored ? "none" : blockPenalty(verdict.kind, peer.inbound);
      this.#punish(peer, `block ${hash ?? ""}`, verdict, penalty);
    }
    this.#perform(state.blocks.schedule(now));
  }

  async #onTransaction(peer: Peer, transaction: Transaction): Promise<void> {
    const { chain, state, clock } = this.#options;
    const { txid } = transaction;
    state.relay.received(peer.id, txid);
    if (chain.mempool.getByWtxid(transaction.wtxid) !== undefined) {
      return this.#perform(state.relay.forget(txid, clock.now()));
    }
    const verdict = await this.#tryTransaction({ transaction, peer: peer.id });
    if (verdict.ok) return;
    const penalty = transactionPenalty(verdict.kind);
    this.#punish(peer, `transaction ${txid}`, verdict, penalty);
  }

  async #tryTransaction({ transaction, peer }: Orphan): Promise<Verdict<object>> {
    const { chain, state, clock } = this.#options;
    const { txid } = transaction;
    const verdict = await chain.acceptTransaction(transaction);
    if (verdict.ok) return verdict; // the event has done the rest
    const now = clock.now();
    // Who has left meanwhile could not be asked for the parents.
    const waits = verdict.kind === "missing-inputs" && state.has(peer);
    if (waits && state.orphans.add(transaction, peer, now)) {
      this.#perform(state.relay.forget(txid, now));
      const parents = new Set(transaction.inputs.map(({ prevout }) => prevout.txid));
      this.#perform(state.relay.announced(peer, parents, now));
    } else {
      this.#perform(state.relay.refused(peer, transaction, now));
    }
    this.#perform([this.#reject(peer, "tx", verdict, txid)]);
    return verdict;
  }

  /** Tries again what waited for this transaction. */
  #adopt(parent: Txid): void {
    for (const orphan of this.#options.state.orphans.takeChildren(parent)) {
      const retry = this.#retry(orphan).finally(() => this.#retries.delete(retry));
      this.#retries.add(retry);
    }
  }

  /** Nobody is punished: a failure now may be due to what others did. */
  async #retry(orphan: Orphan): Promise<void> {
    try {
      await this.#tryTransaction(orphan);
    } catch (error) {
      const text = `orphan ${orphan.transaction.txid}: ${String(error)}`;
      this.#options.log("error", "relay", text);
    }
  }

  async #onGetData(peer: Peer, items: readonly InventoryItem[]): Promise<void> {
    const { chain } = this.#options;
    const missing: InventoryItem[] = [];
    for (const item of items) {
      if (peer.blocked) await peer.writable();
      if (peer.closed) return;
      const plain = item.type & ~MSG_WITNESS_FLAG;
      const witness = (item.type & MSG_WITNESS_FLAG) !== 0;
      if (plain === MSG_TX) {
        const entry = chain.mempool.get(item.hash as Txid);
        if (entry === undefined) missing.push(item);
        else this.#perform([send(peer.id, { command: "tx", transaction: entry.transaction })]);
      } else if (plain === MSG_BLOCK) {
        const raw = await this.#servable(item.hash as BlockHash);
        if (raw === undefined) missing.push(item);
        else
          await this.#sendBlock(peer, item.hash as BlockHash, witness ? raw : withoutWitness(raw));
      } // other types: ignored, as Core does with what it does not know
    }
    if (missing.length > 0) this.#perform([send(peer.id, { command: "notfound", items: missing })]);
  }

  /** Blocks off the best chain are nobody's business: asking for them would tell one node from another. */
  async #servable(hash: BlockHash): Promise<Uint8Array | undefined> {
    const { chain } = this.#options;
    const node = chain.headers.get(hash);
    if (node === undefined || !chain.headers.isActive(node)) return undefined;
    return chain.getRawBlock(hash);
  }

  async #sendBlock(peer: Peer, hash: BlockHash, raw: Uint8Array): Promise<void> {
    const { id } = peer;
    this.#perform([send(id, { command: "block", raw })]);
    if (this.#continueAfter.get(id) !== hash) return;
    this.#continueAfter.delete(id);
    const { tip } = this.#options.chain;
    this.#perform([send(id, { command: "inv", items: [{ type: MSG_BLOCK, hash: tip.hash }] })]);
  }

  #onInv(peer: PeerId, items: readonly InventoryItem[]): NetAction[] {
    const { state, clock } = this.#options;
    const now = clock.now();
    const txids: Txid[] = [];
    let block: BlockHash | undefined;
    for (const { type, hash } of items) {
      const plain = type & ~MSG_WITNESS_FLAG;
      if (plain === MSG_TX) txids.push(hash as Txid);
      // The last is the best: its headers cover the others.
      else if (plain === MSG_BLOCK) block = hash as BlockHash;
    }
    const actions = state.relay.announced(peer, txids, now);
    if (block === undefined) return actions;
    return [
      ...actions,
      ...state.headers.announced(peer, block, now),
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
      else if (plain === MSG_TX) actions.push(...state.relay.notFound(peer, hash as Txid, now));
    }
    return [...actions, ...state.blocks.schedule(now)];
  }

  #onGetHeaders(peer: PeerId, { locator, stopHash }: MessageOf<"getheaders">): void {
    const { chain, state } = this.#options;
    const nodes = headersAfter(chain.headers, locator, stopHash);
    // After this answer it knows our last header, and that is what the next announcement builds on.
    state.announcer.told(peer, nodes.at(-1) ?? chain.tip);
    this.#perform([send(peer, { command: "headers", headers: nodes.map(({ header }) => header) })]);
  }

  #onGetBlocks(peer: PeerId, { locator, stopHash }: MessageOf<"getblocks">): void {
    const { nodes, more } = blocksAfter(this.#options.chain.headers, locator, stopHash);
    const last = nodes.at(-1);
    if (last === undefined) return;
    if (more) this.#continueAfter.set(peer, last.hash);
    const items = nodes.map(({ hash }) => ({ type: MSG_BLOCK, hash }));
    this.#perform([send(peer, { command: "inv", items })]);
  }

  /** BIP-0035. A short question with a long answer, which may be had now and then. */
  #onMempool(peer: Peer): void {
    const { state, clock } = this.#options;
    const now = clock.now();
    if (now - peer.gotMempoolAt < MEMPOOL_INTERVAL) return;
    peer.gotMempoolAt = now;
    this.#perform(state.relay.inventory(peer.id, state.waiting()));
  }

  /** Those that we have connected to can be connected to. Once for each inbound peer, as Core does. */
  #onGetAddr(peer: Peer): void {
    if (!peer.inbound || peer.gotAddresses) return;
    peer.gotAddresses = true;
    const time = Math.floor(this.#options.clock.now() / 1000);
    const addresses = this.#options.outbound().map(({ address: { host, port }, session }) => ({
      time,
      ...netAddress(host, port, session.peer?.services ?? 0n),
    }));
    if (addresses.length > 0) this.#perform([send(peer.id, { command: "addr", addresses })]);
  }

  #reject(peer: PeerId, rejected: string, refusal: Refusal, hash?: HashId): NetAction {
    const reason = refusal.reason.slice(0, MAX_REJECT_REASON);
    const fields = { command: "reject", rejected, code: rejectCode(refusal), reason } as const;
    return send(peer, hash === undefined ? fields : { ...fields, hash });
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

/** No peer fills the log. */
function loudness(peer: Peer): LogLevel {
  return ++peer.lines > MAX_LINES ? "debug" : "info";
}

function hashOf(rawBlock: Uint8Array): BlockHash | undefined {
  try {
    return BlockHeader.read(new Reader(rawBlock)).hash;
  } catch (error) {
    if (error instanceof CoreError) return undefined;
    throw error;
  }
}
