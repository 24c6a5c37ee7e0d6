import type { Block, HeaderNode, Seconds, Transaction, Txid, Verdict } from "@chain/core";
import {
  optional,
  requireBlock,
  requireBoolean,
  requireBytes,
  requireFunction,
  requireId,
  requireNode,
  requireNumber,
  requireString,
  requireTransaction,
} from "@chain/core/arguments";
import {
  frameRaw,
  type NetAddress,
  NODE_BLOOM,
  NODE_COMPACT_FILTERS,
  type TimedAddress,
} from "@chain/wire";
import type { AcceptedBlock } from "./chain/blockAcceptor.ts";
import type { ChainManager } from "./chain/manager.ts";
import type { AcceptOptions } from "./chain/mempoolAcceptor.ts";
import { EventHub } from "./eventHub.ts";
import type { ChainEvent, EventSource, NodeEvent, NodeListener, PeerId } from "./events.ts";
import { AddressBook } from "./net/connecting/addressBook.ts";
import { BanList } from "./net/connecting/banList.ts";
import { ConnectionAdmission } from "./net/connecting/connectionAdmission.ts";
import { OutboundConnections } from "./net/connecting/outboundConnections.ts";
import {
  isStaying,
  OutboundPlanner,
  type OutboundPlannerOptions,
} from "./net/connecting/outboundPlanner.ts";
import { MAX_ANCHORS } from "./net/connecting/outboundSlots.ts";
import { Connections } from "./net/connections.ts";
import { MessageHandler } from "./net/conversation/messageHandler.ts";
import { PeerState } from "./net/conversation/peerState.ts";
import { type PeerSummary, summarize } from "./net/conversation/peerSummary.ts";
import { AddressRelay } from "./net/gossip/addressRelay.ts";
import { Handshakes } from "./net/handshakes.ts";
import type { NetAction } from "./net/kit/actions.ts";
import { ipOf } from "./net/kit/addresses.ts";
import { isTipRecent as isRecent, OUR_SERVICES, PRUNED_SERVICES } from "./net/kit/services.ts";
import type { Door } from "./net/peer/door.ts";
import type { CallKind, Peer } from "./net/peer/peer.ts";
import { UploadBudget, type UploadState } from "./net/peer/uploadBudget.ts";
import { Scheduler } from "./net/scheduler.ts";
import type { KeptOrphan } from "./net/transactions/orphanage.ts";
import { PUBLIC_PACE } from "./net/transactions/transactionRelay.ts";
import type { Unbroadcast } from "./net/transactions/unbroadcast.ts";
import type { NodeOptions } from "./nodeOptions.ts";
import type { AddedPeer, Connection, ConnectionHandler, PeerAddress, Random } from "./ports.ts";
import {
  requireAcceptOptions,
  requireAddedPeer,
  requireAddress,
  requireConnection,
  requireDoor,
  requireNodeOptions,
} from "./requireOptions.ts";

/**
 * A full node without sockets: sessions with peers around a chain manager. This class is its public face: `Connections`
 * runs the sessions, `MessageHandler` decides about messages, `Scheduler` about time.
 *
 * @example
 * const node = new Node({ chain, clock, timers, random, dialer, log, userAgent: "/mine:1.0/", connect: [] });
 * node.start();
 * await node.stop();
 */
export class Node implements EventSource {
  readonly chain: ChainManager;
  /** Where other nodes are, as far as it knows; whether it calls them is another matter. */
  readonly addressBook: AddressBook;
  readonly #options: NodeOptions;
  readonly #hub: EventHub<NodeEvent>;
  readonly #peers = new Map<PeerId, Peer>();
  readonly #state: PeerState;
  readonly #handler: MessageHandler;
  readonly #planner: OutboundPlanner;
  readonly #outbound: OutboundConnections;
  readonly #upload: UploadBudget;
  readonly #admission: ConnectionAdmission;
  readonly #handshakes: Handshakes;
  readonly #connections: Connections;
  readonly #scheduler: Scheduler;
  #unsubscribe: () => void = () => {};

  constructor(options: NodeOptions) {
    requireNodeOptions(options, "options");

    const { chain, clock, log, random } = options;
    const { stopwatch = clock, bans = new BanList(), maxInbound } = options;
    this.#options = options;
    this.chain = chain;
    this.#hub = new EventHub(log);
    const admission = new ConnectionAdmission({ random, bans, maxInbound });
    this.#admission = admission;
    const { addressBook: book = new AddressBook(random) } = options;
    this.addressBook = book;
    const upload = new UploadBudget(options.maxUpload);
    this.#upload = upload;
    const peers = this.#peers;
    const isBlocked = (peer: PeerId) => peers.get(peer)?.blocked ?? true;
    const state = newPeerState(options, book, isBlocked);
    this.#state = state;
    const isTipRecent = () => isRecent(chain.tip.time, clock.now(), chain.params.targetSpacing);
    const planner = newPlanner(options, { book, stopwatch, admission, isTipRecent });
    this.#planner = planner;

    const drop = (peer: Peer, why: string) => this.#connections.drop(peer, why);
    const perform = (actions: readonly NetAction[]) => this.#connections.perform(actions);
    const nonce = () => nonZero(random);
    const given = { ...options, stopwatch, book, upload };
    const services = () => this.services;
    const shared = { ...given, services, state, peers, planner, admission, drop, perform, nonce };
    this.#scheduler = new Scheduler({
      ...shared,
      isBlocked,
      tickSession: (peer) => this.#connections.session(peer, { type: "tick" }),
      callDue: (now) => this.#outbound.callDue(now),
      untilNextTry: () => this.#outbound.untilNextTry,
    });
    this.#handler = new MessageHandler({
      ...shared,
      turn: (peer) => this.#connections.turn(peer),
      scheduleAnnouncements: () => this.#scheduler.scheduleAnnouncements(),
    });
    this.#outbound = new OutboundConnections({
      ...shared,
      blocks: state.blocks,
      isRunning: () => this.#scheduler.running,
      isNetworkActive: () => this.networkActive,
      attach: (connection, kind, address) => this.#connections.attach(connection, kind, address),
      tickBy: (at) => this.#scheduler.tickBy(at),
    });
    this.#handshakes = new Handshakes({
      ...shared,
      isReady: (peer) => state.has(peer),
      isTipRecent,
    });
    this.#connections = new Connections({
      ...shared,
      handler: this.#handler,
      outbound: this.#outbound,
      handshakes: this.#handshakes,
      scheduler: this.#scheduler,
      emit: (event) => this.#hub.emit(event),
    });
  }

  /** The services that peers are offered. They are fewer while the blocks below a snapshot are missing. */
  get services(): bigint {
    return servicesOf(this.#options);
  }

  /** Begins to call peers and to follow the chain. */
  start(): void {
    if (this.#scheduler.running) return;
    this.#unsubscribe = this.chain.subscribe((event) => this.#onChainEvent(event));
    this.#scheduler.start();
  }

  /** Closes all connections; resolves when nothing of the node runs any more. The chain stays open. */
  async stop(): Promise<void> {
    this.#scheduler.stop();
    this.#unsubscribe();
    this.#connections.dropAll("we are stopping");
    await Promise.all([this.#connections.idle(), this.#handler.idle()]);
  }

  subscribe(listener: NodeListener): () => void {
    requireFunction(listener, "listener");

    return this.#hub.subscribe(listener);
  }

  /** `clock` was set to another time: what is due by it is done at once, but no peer has been silent meanwhile. */
  clockSet(): void {
    this.#tellSessions({ type: "clock-set" });
    this.#scheduler.clockSet();
  }

  /** Does what is scheduled by so much sooner. Core: CScheduler::MockForward. @param by milliseconds */
  forwardSchedule(by: number): void {
    requireNumber(by, "by");

    this.#state.unbroadcast.forward(by);
    this.#scheduler.tickBy(this.#options.clock.now());
  }

  /** Takes an inbound connection. @param door rules of the socket that it came in at */
  accept(connection: Connection, door: Door = {}): ConnectionHandler {
    requireConnection(connection, "connection");
    requireDoor(door, "door");

    return this.#connections.attach(connection, "inbound", undefined, door);
  }

  /**
   * Checks a transaction of our own and tells the peers about it, again and again until one of them knows it. One that
   * is in the mempool already, be it with another witness, is announced once more. Core: BroadcastTransaction.
   */
  async submitTransaction(
    transaction: Transaction,
    options: AcceptOptions = {},
  ): Promise<Verdict<{ readonly fee: bigint }>> {
    requireTransaction(transaction, "transaction");
    requireAcceptOptions(options, "options");

    const verdict = await this.chain.acceptTransaction(transaction, options);
    const { txid } = transaction;
    const waiting = this.chain.mempool.get(txid)?.transaction;
    if (verdict.ok) this.#state.unbroadcast.add(txid, this.#options.clock.now());
    else if (waiting !== undefined) this.#handler.announce(waiting);
    return verdict;
  }

  /** One of our own waits from before, and no peer had shown to know it: it is announced again until one does. */
  announceAgain(txid: Txid): void {
    requireId(txid, "txid");

    this.#state.unbroadcast.add(txid, this.#options.clock.now());
  }

  /** Transactions of our own that no peer has shown to know yet. */
  get unbroadcast(): Pick<Unbroadcast, "has"> {
    return this.#state.unbroadcast;
  }

  /** Transactions whose parents have not come yet. */
  get orphans(): readonly KeptOrphan[] {
    return [...this.#state.orphans.values()];
  }

  /** Takes a block of our own and tells the peers about it. */
  submitBlock(block: Block): Promise<Verdict<AcceptedBlock>> {
    requireBlock(block, "block");

    return this.chain.acceptBlock(block, { requested: true });
  }

  /** Peers that we were told to stay connected to. */
  get addedPeers(): readonly AddedPeer[] {
    return this.#planner.added.addresses;
  }

  /** Stays connected to a peer from now on. @returns whether that is new */
  addPeer(address: AddedPeer): boolean {
    requireAddedPeer(address, "address");

    const isNew = this.#planner.added.add(address);
    this.#scheduler.tickBy(this.#options.clock.now());
    return isNew;
  }

  /** Does not call a peer again. @returns whether it was one of those to stay connected to */
  removePeer(address: PeerAddress): boolean {
    requireAddress(address, "address");

    return this.#planner.added.remove(address);
  }

  /** Calls a peer once. @returns when it has answered, or has not */
  callOnce(address: PeerAddress): Promise<void> {
    requireAddress(address, "address");

    return this.#outbound.callOnce(address);
  }

  /**
   * Calls a peer once, as one that the node has chosen by itself. For tests. Core: CConnman::AddConnection.
   * @returns whether there was a place for one of this kind, when it has answered, or has not
   */
  callAs(kind: CallKind | "addr-fetch", address: PeerAddress): Promise<boolean> {
    requireString(kind, "kind");
    requireAddress(address, "address");

    return this.#outbound.callAs(kind, address);
  }

  /** The nodes that are known of, so many at most, in random order. For the operator alone. */
  knownAddresses(most: number = Number.POSITIVE_INFINITY): readonly TimedAddress[] {
    requireNumber(most, "most");

    return this.addressBook.list(most, this.#options.clock.now());
  }

  /** Asks all peers for a pong now, also those that owe us one. */
  ping(): void {
    this.#tellSessions({ type: "ping" });
  }

  /** Whether transactions are refused from all peers without the permission to send them. */
  get blocksOnly(): boolean {
    return this.#options.blocksOnly ?? false;
  }

  /** Whether there may be connections at all. */
  get networkActive(): boolean {
    return this.#connections.networkActive;
  }

  /** Ends all connections and lets none come about, or has them again. Core: CConnman::SetNetworkActive. */
  setNetworkActive(active: boolean): void {
    requireBoolean(active, "active");

    this.#connections.setNetworkActive(active);
    if (active) this.#scheduler.tickBy(this.#options.clock.now());
  }

  /**
   * Asks a peer for the body of a block. It may be of any branch. Core: PeerManager::FetchBlock.
   * @returns whether it was asked: `asked` where it had been before, `no-peer` where there is none that has shaken
   * hands, `no-witness` where it would send the block without witnesses
   */
  fetchBlock(peer: PeerId, node: HeaderNode): "requested" | "asked" | "no-peer" | "no-witness" {
    requireNumber(peer, "peer");
    requireNode(node, "node");

    const found = this.#state.blocks.fetch(peer, node, this.#options.clock.now());
    if (typeof found === "string") return found;
    this.#connections.perform([found]);
    return "requested";
  }

  /**
   * Sends a peer bytes that need not be a message that anybody knows, in the frame of one; for tests. Core: PushMessage.
   * @returns whether there is such a peer, and it has shaken hands
   * @throws WireError `unencodable`, `oversized`
   */
  sendRaw(peer: PeerId, command: string, payload: Uint8Array): boolean {
    requireNumber(peer, "peer");
    requireString(command, "command");
    requireBytes(payload, "payload");

    const found = this.#peers.get(peer);
    if (found === undefined) return false;
    return this.#connections.write(found, frameRaw(this.chain.params.magic, command, payload));
  }

  /** Ends a connection. @returns whether there was such a peer */
  disconnect(peer: PeerId, why: string): boolean {
    requireNumber(peer, "peer");
    requireString(why, "why");

    const found = this.#peers.get(peer);
    if (found !== undefined) this.#connections.drop(found, why);
    return found !== undefined;
  }

  /**
   * Ends all connections with a subnet, and refuses callers from there; see `BanList`.
   * @param until seconds since 1970; by default a day from now
   * @returns the subnet as the list has it; undefined where the text names none
   */
  ban(subnet: string, until?: Seconds): string | undefined {
    requireString(subnet, "subnet");
    optional(until, "until", requireNumber);

    const now = this.#options.clock.now();
    const banned = this.bans.add(subnet, now, until);
    if (banned === undefined) return undefined;
    for (const peer of [...this.#peers.values()]) {
      if (this.bans.has(peer.netAddress.ip, now)) this.#connections.drop(peer, "it is banned");
    }
    return banned;
  }

  get bans(): BanList {
    return this.#admission.bans;
  }

  /** The bytes sent to peers today, of those that may be. */
  get upload(): UploadState {
    return this.#upload.state(this.#options.clock.now());
  }

  /** Bytes from and to all peers, those that have gone as well, since the node was made. */
  get traffic(): { readonly received: number; readonly sent: number } {
    return this.#connections.traffic;
  }

  /** Seconds that most clocks of the peers that we called are ahead of ours; 0 where too few have told. */
  get timeOffset(): number {
    return this.#handshakes.timeOffsets.median;
  }

  /** Warnings for the operator, a sentence each: those of the chain, and that our clock disagrees with most peers'. */
  get warnings(): readonly string[] {
    const { warning } = this.#handshakes.timeOffsets;
    return [...this.chain.warnings, ...(warning === undefined ? [] : [warning])];
  }

  peers(): readonly PeerSummary[] {
    const { headers } = this.chain;
    return [...this.#peers.values()].map((peer) => summarize(peer, this.#state, headers));
  }

  /** How far headers and connected blocks go: equal when all that is known is here. */
  get syncProgress(): { readonly headers: number; readonly blocks: number } {
    return { headers: this.chain.bestHeader.height, blocks: this.chain.tip.height };
  }

  /** Peers that a restart should go back to first: those that have been useful for longest. */
  get anchors(): readonly NetAddress[] {
    return [...this.#peers.values()]
      .filter(({ id, kind }) => isStaying(kind) && this.#state.has(id))
      .slice(0, MAX_ANCHORS)
      .map(({ netAddress: address }) => address);
  }

  #onChainEvent(event: ChainEvent): void {
    this.#hub.emit(event);
    if (event.type === "tip-changed") this.#planner.tipChanged(this.#options.clock.now());
    this.#connections.perform(this.#handler.onChainEvent(event));
  }

  #tellSessions(event: { readonly type: "ping" | "clock-set" }): void {
    for (const peer of [...this.#peers.values()]) this.#connections.session(peer, event);
  }
}

function newPeerState(
  options: NodeOptions,
  book: AddressBook,
  isBlocked: (peer: PeerId) => boolean,
): PeerState {
  const { chain, random, log, pace = PUBLIC_PACE, blocksOnly = false, sha256 } = options;
  const addresses = newAddressRelay(options, book);
  return new PeerState({ chain, random, log, addresses, pace, isBlocked, blocksOnly, sha256 });
}

/** Core: g_local_services. */
function servicesOf(options: NodeOptions): bigint {
  const { chain, blockFilters, bloomFilters = false } = options;
  // Without the blocks below a snapshot it is as if they were pruned.
  const isWhole = chain.pruning === undefined && chain.snapshot.progress === undefined;
  const blocks = isWhole ? OUR_SERVICES : PRUNED_SERVICES;
  const filters = blockFilters === undefined ? 0n : NODE_COMPACT_FILTERS;
  return blocks | filters | (bloomFilters ? NODE_BLOOM : 0n);
}

function newAddressRelay(options: NodeOptions, book: AddressBook): AddressRelay {
  const { random, listenAddress, chain } = options;
  const own =
    listenAddress === undefined
      ? undefined
      : { ip: ipOf(listenAddress.host), port: listenAddress.port, services: servicesOf(options) };
  const { tellsLocalAddresses: tellsLocal } = chain.params;
  return new AddressRelay({ book, random, own, tellsLocal });
}

function newPlanner(
  options: NodeOptions,
  {
    book,
    stopwatch,
    admission,
    isTipRecent,
  }: Pick<OutboundPlannerOptions, "book" | "stopwatch" | "isTipRecent"> & {
    readonly admission: ConnectionAdmission;
  },
): OutboundPlanner {
  const { chain, clock, random, resolver, log } = options;
  const { connect = [], seeds = [], anchors = [] } = options;
  return new OutboundPlanner({
    params: chain.params,
    random,
    book,
    looksForPeers: options.addressBook !== undefined,
    connect,
    seeds,
    stopwatch,
    resolver,
    anchors,
    isBarred: (host) => admission.bars(host, clock.now()) !== undefined,
    isTipRecent,
    log,
  });
}

/** A random number, but not 0, which some nodes take for "none". */
function nonZero(random: Random): bigint {
  const bytes = random.bytes(8);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) || 1n;
}
