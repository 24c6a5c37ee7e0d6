import type {
  BlockHeader,
  HeaderNode,
  HeaderTree,
  Milliseconds,
  Transaction,
  Txid,
} from "@chain/core";
import { MAX_MONEY } from "@chain/core";
import {
  optional,
  requireByteArrays,
  requireFunction,
  requireId,
  requireInteger,
  requireOptions,
  requireTransaction,
} from "@chain/core/arguments";
import { BanList, type PeerId } from "@chain/engine";
import {
  blockPenalty,
  disconnect,
  disconnectStalling,
  EventHub,
  HeaderSync,
  type NetAction,
  type Peer,
} from "@chain/engine/peers";
import {
  FEEFILTER_VERSION,
  type Message,
  MSG_BLOCK,
  MSG_WITNESS_FLAG,
  type PeerInfo,
  SENDHEADERS_VERSION,
} from "@chain/wire";
import { fetchBlock } from "./blockFetch.ts";
import { Broadcasts, type Fate } from "./broadcasts.ts";
import { Connections } from "./connections.ts";
import { LightError } from "./errors.ts";
import { FilterQuestions } from "./filterQuestions.ts";
import { type FilterPeer, FilterScan } from "./filterScan.ts";
import { HeaderChain } from "./headerChain.ts";
import { type LightEvent, type LightNodeOptions, requireLightNodeOptions } from "./options.ts";
import {
  broadcastPeer,
  describeLightPeer,
  isAtTip,
  isForTransactions,
  type LightPeer,
  servesBlocks,
  servesFilters,
} from "./peerFacts.ts";
import { type Balance, balanceOf, freeCoins, type Purse } from "./purse.ts";
import { Requests } from "./requests.ts";
import { shuffled } from "./shuffled.ts";
import { decodeState, encodeState } from "./stateCodec.ts";
import type { FoundTransaction, WatchedCoin, WatchedScripts } from "./watch.ts";

/** After news, other peers get so long to bring it as well before filters are compared. Milliseconds. */
const SETTLE: Milliseconds = 2_000;
/** How often a search is tried that could not go on. Milliseconds. */
const RETRY: Milliseconds = 10_000;
/** Peers without filters that are kept, of those that the node has chosen itself. */
const MAX_WITHOUT_FILTERS = 2;

/**
 * A node without the chain: it keeps headers, finds payments to scripts by filters, fetches the blocks that have them,
 * and proves each by its Merkle path.
 *
 * @example
 * const node = await LightNode.open({ params, store, clock, timers, random, dialer, log, userAgent: "/mine:1.0/" });
 * node.watch([script], { height: 0 });
 * node.start();
 * node.balance.confirmed // 0n: no peer has told of blocks yet
 * await node.stop();
 */
export class LightNode {
  readonly #options: LightNodeOptions;
  readonly #headers: HeaderChain;
  readonly #sync: HeaderSync;
  readonly #connections: Connections;
  readonly #requests: Requests;
  readonly #scan: FilterScan;
  readonly #broadcasts: Broadcasts;
  readonly #hub: EventHub<LightEvent>;
  #tip: HeaderNode;
  #searched = -1;
  #cancelWake: (() => void) | undefined;
  #retryAt: Milliseconds = 0;
  #writes: Promise<void> = Promise.resolve();
  #isDirty = false;
  #state: "new" | "running" | "stopped" = "new";

  private constructor(
    options: LightNodeOptions,
    headers: HeaderChain,
    state: Uint8Array | undefined,
  ) {
    const { params, timers, random, sha256, log, bans = new BanList() } = options;
    this.#options = options;
    this.#headers = headers;
    this.#tip = headers.best;
    this.#hub = new EventHub(log);
    this.#sync = new HeaderSync(headers.tree, params, random, sha256);
    this.#connections = new Connections({
      ...options,
      bans,
      tip: () => headers.best,
      ready: (peer, info) => this.#ready(peer, info),
      heard: (peer, message) => this.#heard(peer, message),
      gone: (peer, why, wasReady) => this.#gone(peer, why, wasReady),
      tick: (now) => this.#tick(now),
    });
    const send = (peer: PeerId, message: Message) => this.#connections.send(peer, message);
    const late = (peer: PeerId, what: string) =>
      this.#perform([disconnectStalling(peer, `it has not answered ${what}`)]);
    this.#requests = new Requests({ timers, send, late });
    this.#broadcasts = new Broadcasts({
      timers,
      send,
      peers: () => this.#connections.peers.filter(isForTransactions).map(broadcastPeer),
      changed: (txid, fate) => this.#hub.emit({ type: "fate-changed", txid, fate }),
    });
    const decoded = state === undefined ? undefined : decodeState(state);
    if (state !== undefined && decoded === undefined) {
      log("warn", "store", "the state of the search is damaged: watch the scripts again");
    }
    this.#broadcasts.restore(decoded?.pending ?? []);
    this.#scan = this.#newScan(decoded);
  }

  /**
   * Reads what the store has. The store belongs to the node until it is stopped.
   * @throws LightError `store-failed`
   */
  static async open(options: LightNodeOptions): Promise<LightNode> {
    requireLightNodeOptions(options, "options");

    try {
      const headers = await HeaderChain.open(options);
      return new LightNode(options, headers, await options.store.readState());
    } catch (cause) {
      throw new LightError("store-failed", `the store can't be read: ${String(cause)}`, { cause });
    }
  }

  #newScan(state: ReturnType<typeof decodeState>): FilterScan {
    const { params, log } = this.#options;
    const ban = (peer: PeerId, reason: string) => this.#perform([disconnect(peer, reason, true)]);
    const fetching = {
      params,
      headers: this.#headers,
      requests: this.#requests,
      sources: (node: HeaderNode) => this.#sources(node),
      ban,
    };
    return new FilterScan(
      {
        headers: this.#headers,
        questions: new FilterQuestions(this.#requests),
        log,
        peers: () => this.#filterPeers(),
        atTip: () => this.#peersAtTip,
        fetchBlock: (node) => fetchBlock(node, fetching),
        ban,
        confirmed: (found) => this.#confirmed(found),
        unconfirmed: ({ transaction }) =>
          this.#hub.emit({ type: "transaction-unconfirmed", transaction }),
        moved: () => this.#moved(),
      },
      state,
    );
  }

  /** Begins to call peers. */
  start(): void {
    if (this.#state === "stopped") throw new LightError("not-open", "the node was stopped");
    this.#state = "running";
    this.#connections.start();
  }

  /** Closes all connections; resolves when all is written. */
  async stop(): Promise<void> {
    this.#state = "stopped";
    this.#cancelWake?.();
    this.#broadcasts.stop();
    this.#connections.stop();
    this.#requests.stop();
    await this.#scan.stop();
    await this.#writes;
  }

  subscribe(listener: (event: LightEvent) => void): () => void {
    requireFunction(listener, "listener");

    return this.#hub.subscribe(listener);
  }

  /** The end of the best chain of headers. */
  get tip(): HeaderNode {
    return this.#headers.best;
  }

  /** Whether a peer that serves filters has shown that it has no block after `tip`. */
  get isTipCurrent(): boolean {
    return this.#peersAtTip.length > 0;
  }

  get #peersAtTip(): readonly PeerId[] {
    const serving = this.#connections.peers.filter(servesFilters);
    const { tree } = this.#headers;
    return serving.filter((peer) => isAtTip(peer, this.#sync, tree)).map(({ id }) => id);
  }

  /** All headers, those of other branches included: for reading. */
  get headers(): HeaderTree {
    return this.#headers.tree;
  }

  /** The header at a height of the best chain. */
  header(height: number): BlockHeader | undefined {
    requireInteger(height, "height");

    return this.#headers.tree.activeAt(height)?.header;
  }

  /** Peers that have shaken hands. */
  get peers(): readonly LightPeer[] {
    const { tree } = this.#headers;
    return this.#connections.peers.map((peer) => {
      const addresses = this.#connections.addressCounts(peer.id);
      return describeLightPeer(peer, { tree, sync: this.#sync, addresses });
    });
  }

  /**
   * Looks for payments to scripts; to those that are watched already, from an earlier height on if it is earlier.
   * @param options.height of the first block that may have one: that of the birthday of the keys; default: the next
   *   block
   */
  watch(scripts: readonly Uint8Array[], options: { readonly height?: number } = {}): void {
    requireByteArrays(scripts, "scripts");
    requireOptions(options, "options", { height: "number?" });
    optional(options.height, "options.height", requireInteger);

    if (!this.#scan.add(scripts, options.height)) return;
    this.#moved();
    this.#wakeSoon();
  }

  /** Searches the chain again, from a height on. */
  rescan(height: number): void {
    requireInteger(height, "height");

    this.#scan.rescan(height);
    this.#wakeSoon();
  }

  /** The scripts that are looked for, and all coins that were found, spent and immature ones included. */
  get watched(): WatchedScripts {
    return this.#scan.watch;
  }

  get balance(): Balance {
    return { ...balanceOf(this.#purse), isCurrent: this.#scan.isDone };
  }

  /** Coins that a transaction may spend now: mature, and spent by none of ours. */
  get coins(): readonly WatchedCoin[] {
    return freeCoins(this.#purse);
  }

  get #purse(): Purse {
    const { params } = this.#options;
    const height = this.#scan.searched?.height ?? -1;
    const pending = this.pending.filter(({ txid }) => this.fate(txid) !== "refused");
    return { params, height, coins: this.#scan.watch.coins, pending };
  }

  /** Transactions in blocks that pay to watched scripts or spend from them, each with its Merkle path. */
  get transactions(): readonly FoundTransaction[] {
    return this.#scan.watch.found;
  }

  /** The transaction of this id, where it is one of `transactions`. */
  transaction(txid: Txid): FoundTransaction | undefined {
    requireId(txid, "txid");

    return this.#scan.watch.transaction(txid);
  }

  /** Hands a transaction to all peers, and to those that come later, until it is in a block. A restart goes on with it. */
  broadcast(transaction: Transaction): void {
    requireTransaction(transaction, "transaction");

    this.#broadcasts.add(transaction);
    this.#save();
  }

  /** Hands a transaction out no more. Peers that have it already keep it. */
  forget(txid: Txid): void {
    requireId(txid, "txid");

    this.#broadcasts.delete(txid);
    this.#save();
  }

  /** Transactions that were broadcast, and that no block has yet. */
  get pending(): readonly Transaction[] {
    return this.#broadcasts.transactions;
  }

  /** The fate of a transaction that was broadcast. */
  fate(txid: Txid): Fate {
    requireId(txid, "txid");

    if (this.#scan.watch.transaction(txid) !== undefined) return "confirmed";
    const ours = this.#broadcasts.transactions.find((each) => each.txid === txid);
    const isOvertaken = ours !== undefined && this.#scan.watch.isOvertaken(ours);
    return isOvertaken ? "refused" : this.#broadcasts.fate(txid);
  }

  #ready(peer: Peer, info: PeerInfo): void {
    const { id, kind, address } = peer;
    const now = this.#options.clock.now();
    if (kind === "outbound" && !servesFilters(peer) && this.#hasEnoughWithoutFilters()) {
      this.#perform([disconnect(id, "it serves no filters, and others do not either")]);
      return;
    }
    this.#hub.emit({ type: "peer-ready", peer: id, address });
    if (info.protocolVersion >= SENDHEADERS_VERSION) {
      this.#connections.send(id, { command: "sendheaders" });
    }
    if (info.protocolVersion >= FEEFILTER_VERSION) {
      // We want to hear of no transactions, but be answered when we ask for ours.
      this.#connections.send(id, { command: "feefilter", feeRate: MAX_MONEY });
    }
    const serves = servesBlocks(peer);
    this.#perform(this.#sync.add(id, now, { outbound: true, serves }));
    if (isForTransactions(peer)) this.#broadcasts.ready(broadcastPeer(peer));
    this.#wakeSoon();
  }

  #hasEnoughWithoutFilters(): boolean {
    const without = this.#connections.peers.filter(
      (peer) => peer.kind === "outbound" && !servesFilters(peer),
    );
    return without.length > MAX_WITHOUT_FILTERS;
  }

  #gone({ id }: Peer, why: string, wasReady: boolean): void {
    this.#requests.remove(id);
    this.#scan.remove(id);
    this.#broadcasts.remove(id);
    if (!wasReady) return;
    this.#hub.emit({ type: "peer-disconnected", peer: id, why });
    this.#perform(this.#sync.remove(id, this.#options.clock.now()));
  }

  #heard(peer: Peer, message: Message): void {
    if (this.#requests.heard(peer.id, message)) return;
    switch (message.command) {
      case "headers":
        void this.#onHeaders(peer, message.headers);
        return;
      case "inv":
        for (const { type, hash } of message.items) {
          if ((type & ~MSG_WITNESS_FLAG) === MSG_BLOCK)
            this.#onBlockInv(peer, hash as HeaderNode["hash"]);
        }
        break;
      case "addr":
      case "addrv2":
        this.#connections.gossip(peer, message);
        return;
      default:
    }
    if (isForTransactions(peer)) this.#broadcasts.heard(broadcastPeer(peer), message);
  }

  #onBlockInv({ id }: Peer, hash: HeaderNode["hash"]): void {
    if (this.#sync.announced(id, hash)) this.#wakeSoon();
    else this.#perform(this.#sync.follow(id, hash, this.#options.clock.now()));
  }

  async #onHeaders(peer: Peer, headers: readonly BlockHeader[]): Promise<void> {
    const { clock, log } = this.#options;
    const { accept, actions, tooLittleWork } = this.#sync.receive(peer.id, headers, clock.now());
    if (tooLittleWork !== undefined) {
      log(
        "debug",
        "net",
        `ignored headers of ${peer.name} up to ${tooLittleWork}: too little work`,
      );
    }
    this.#perform(actions);
    if (accept.length === 0) return;
    const before = this.#headers.best;
    let verdict: Awaited<ReturnType<HeaderChain["accept"]>>;
    try {
      verdict = await this.#headers.accept(accept);
    } catch (error) {
      this.#storeFailed(error);
      return;
    }
    if (this.#headers.best !== before) this.#tipChanged();
    if (!verdict.ok) {
      const misbehaving = blockPenalty(verdict.kind, false) === "misbehaving";
      if (misbehaving) this.#perform([disconnect(peer.id, `headers: ${verdict.reason}`, true)]);
      this.#perform(this.#sync.refused(peer.id, clock.now()));
      return;
    }
    const last = verdict.nodes.at(-1);
    if (last === undefined) return;
    this.#perform(this.#sync.accepted(peer.id, last, headers.length, clock.now()));
    this.#wakeSoon();
  }

  #tipChanged(): void {
    const { best } = this.#headers;
    if (this.#tip === best) return;
    this.#tip = best;
    this.#hub.emit({ type: "tip-changed", hash: best.hash, height: best.height });
  }

  #confirmed(found: FoundTransaction): void {
    this.#broadcasts.delete(found.transaction.txid);
    this.#hub.emit({ type: "transaction-confirmed", found });
  }

  #perform(actions: readonly NetAction[]): void {
    for (const action of actions) {
      if (action.type === "disconnect" && action.misbehaving) {
        const peer = this.#connections.get(action.peer);
        if (peer !== undefined) {
          this.#hub.emit({ type: "peer-banned", address: peer.address, why: action.reason });
        }
      }
    }
    this.#connections.perform(actions);
  }

  #filterPeers(): readonly FilterPeer[] {
    const serving = shuffled(this.#connections.peers.filter(servesFilters), this.#options.random);
    return serving.map(({ id, connection: { remote } }) => {
      return { id, host: remote.host, best: this.#sync.bestOf(id) };
    });
  }

  /** Those that are known to have the block first. */
  #sources(node: HeaderNode): readonly PeerId[] {
    const serving = shuffled(this.#connections.peers.filter(servesBlocks), this.#options.random);
    const has = ({ id }: Peer) => this.#sync.bestOf(id)?.ancestor(node.height) === node;
    return [...serving.filter(has), ...serving.filter((peer) => !has(peer))].map(({ id }) => id);
  }

  #wakeSoon(): void {
    if (this.#cancelWake !== undefined || this.#state !== "running") return;
    this.#cancelWake = this.#options.timers.after(SETTLE, () => {
      this.#cancelWake = undefined;
      this.#scan.wake();
    });
  }

  #tick(now: Milliseconds): void {
    this.#perform(this.#sync.tick(now, () => false));
    if (now < this.#retryAt || this.#scan.isDone) return;
    this.#retryAt = now + RETRY;
    this.#wakeSoon();
  }

  /** The search has moved: tells of it, and has it written. */
  #moved(): void {
    this.#tipChanged();
    const height = this.#scan.searched?.height ?? -1;
    if (height !== this.#searched) this.#hub.emit({ type: "searched", height });
    this.#searched = height;
    this.#save();
  }

  #save(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#writes = this.#writes
      .then(() => {
        this.#isDirty = false;
        return this.#options.store.writeState(
          encodeState({ ...this.#scan.state, pending: this.pending }),
        );
      })
      .catch((error) => this.#storeFailed(error));
  }

  #storeFailed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#options.log("error", "store", `the store failed: ${why}`);
    this.#hub.emit({ type: "store-failed", why });
  }
}
