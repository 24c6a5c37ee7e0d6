import type { Block, Transaction, Txid, Verdict } from "@chain/core";
import {
  createSession,
  type Message,
  type NetAddress,
  netAddress,
  type PeerInfo,
  SENDHEADERS_VERSION,
  type SessionAction,
  type SessionTimeouts,
  type Sha256,
  sanitizeText,
  type TimedAddress,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";
import type { AcceptOptions } from "./chain/acceptor.ts";
import type { AcceptedBlock, ChainManager } from "./chain/manager.ts";
import { EngineError } from "./errors.ts";
import { EventHub } from "./eventHub.ts";
import type { EventSource, NodeEvent, NodeListener, PeerId } from "./events.ts";
import { AddressBook } from "./net/connecting/addressBook.ts";
import { Door } from "./net/connecting/admission.ts";
import { BanList } from "./net/connecting/banList.ts";
import { Caller, isSameAddress } from "./net/connecting/caller.ts";
import { Calls, isChosen, isStaying } from "./net/connecting/calls.ts";
import {
  type CallKind,
  MAX_ANCHORS,
  MAX_BLOCK_RELAY,
  MAX_OUTBOUND,
} from "./net/connecting/outbound.ts";
import { isTipRecent, isWorthCalling, OUR_SERVICES } from "./net/connecting/services.ts";
import { TimeOffsets } from "./net/connecting/timeOffsets.ts";
import { MessageHandler } from "./net/conversation/messageHandler.ts";
import { PeerState } from "./net/conversation/peerState.ts";
import { AddressRelay } from "./net/gossip/addressRelay.ts";
import { type NetAction, send } from "./net/kit/actions.ts";
import { ipOf, isUsable, keyOf } from "./net/kit/addresses.ts";
import { Alarm } from "./net/kit/alarm.ts";
import { partsOf, type Unread } from "./net/peer/inbox.ts";
import { Intake } from "./net/peer/intake.ts";
import { Peer, type PeerKind } from "./net/peer/peer.ts";
import { type PeerSummary, summarize } from "./net/peer/peerSummary.ts";
import { type Permission, type PermissionRule, permissionsOf } from "./net/peer/permissions.ts";
import { UploadBudget, type UploadState } from "./net/peer/uploadBudget.ts";
import { Welcome, WorkMeter } from "./net/peer/workMeter.ts";
import { type Pace, PUBLIC_PACE } from "./net/transactions/transactionRelay.ts";
import type { Unbroadcast } from "./net/transactions/unbroadcast.ts";
import type {
  Clock,
  Connection,
  ConnectionHandler,
  Dialer,
  Log,
  PeerAddress,
  Random,
  Resolver,
  Timers,
} from "./ports.ts";

/** How many there may be of a kind; of others, any number. */
const PLACES: ReadonlyMap<PeerKind, number> = new Map([
  ["outbound", MAX_OUTBOUND],
  ["block-relay", MAX_BLOCK_RELAY],
]);
const NETWORK_OFF = "the network is switched off";
/** How often time limits are looked at, at least. Milliseconds. */
const TICK = 1_000;
/** Payloads of so many bytes or more wait as they came. */
const UNREAD_FROM = 1_000;
/** Announcements to several peers that are due nearly at once go out at once. Milliseconds. */
const FLUSH_DELAY = 20;
/** How often it is worth a line that somebody was turned away for lack of room. Milliseconds. */
const FULL_NOTICE = 60_000;
/** A peer that we have called has so long for its greeting before others are heard as well. Milliseconds. */
const GREETING_TIME = 5_000;
/** How long a node that was asked for addresses alone may take to tell any. Core: ten times 30 s. Milliseconds. */
const ADDR_FETCH_TIMEOUT = 5 * 60_000;

export interface NodeOptions {
  readonly chain: ChainManager;
  readonly clock: Clock;
  /**
   * Goes on where `clock` is set to some time: by it, calls that failed are tried again, and the work of peers is
   * measured, for which it should tell parts of a millisecond. Default: `clock`.
   */
  readonly stopwatch?: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly dialer: Dialer;
  readonly log: Log;
  /** Our software (BIP-0014). */
  readonly userAgent: string;
  /** Peers to stay connected to. */
  readonly connect?: readonly PeerAddress[];
  /** Nodes to ask for addresses where the address book is empty. */
  readonly seeds?: readonly PeerAddress[];
  /** To look up the DNS seeds of the network; without it they are not asked. */
  readonly resolver?: Resolver;
  /** Bytes to send in a day, after which nobody gets old blocks. Default 0: as many as peers want. */
  readonly maxUpload?: number;
  readonly maxInbound?: number;
  /** How long announcements of transactions are gathered. Default: as long as Core does, seconds. */
  readonly pace?: Pace;
  /** Whom there is to be no connection with. */
  readonly bans?: BanList;
  /** What some callers may do that others may not. */
  readonly permissions?: readonly PermissionRule[];
  /** Takes no transactions from peers, but from those with the permission `relay`. Our own are told all the same. */
  readonly blocksOnly?: boolean;
  /** Where nodes are, as far as is known; without it the node calls nobody but those of `connect`. */
  readonly addressBook?: AddressBook;
  /** Peers of the last run, to be called first. See `anchors`. */
  readonly anchors?: readonly NetAddress[];
  /** Where others can reach us, if they can. */
  readonly listenAddress?: PeerAddress;
  /**
   * How often time limits are looked at while no peer owes us an answer, in milliseconds; default 1000, as at any other
   * time. A simulation of a thousand idle nodes has better things to do: pings, gossip and calls are then late by up to
   * as much.
   */
  readonly idleTickInterval?: number;
  /** SHA-256 of the platform, for the checksums of messages. Default: one in JavaScript, of several times the cost. */
  readonly sha256?: Sha256;
  /** Other time limits for the conversations with peers than Core's. */
  readonly timeouts?: Partial<SessionTimeouts>;
}

/**
 * A full node without sockets: sessions with peers around a chain manager. It only routes: bytes to sessions, messages
 * to the state machines that know what to do with them, and what those decide back to the connections.
 *
 * @example
 * const node = new Node({ chain, clock, timers, random, dialer, log, userAgent: "/mine:1.0/" });
 * node.start();
 */
export class Node implements EventSource {
  readonly chain: ChainManager;
  /** Where other nodes are, as far as it knows; whether it calls them is another matter. */
  readonly addressBook: AddressBook;
  readonly #options: NodeOptions;
  readonly #stopwatch: Clock;
  readonly #hub: EventHub;
  readonly #peers = new Map<PeerId, Peer>();
  readonly #state: PeerState;
  readonly #handler: MessageHandler;
  readonly #calls: Calls;
  readonly #caller: Caller;
  readonly #upload: UploadBudget;
  readonly #door: Door;
  readonly #intake: Intake;
  readonly #timeOffsets = new TimeOffsets();
  readonly #welcome = new Welcome();
  /** Counted from 0, as Core does. */
  #nextId = 0;
  #fullSaidAt = Number.NEGATIVE_INFINITY;
  #running = false;
  #networkActive = true;
  #received = 0;
  #sent = 0;
  /** When time limits are looked at next. */
  readonly #tickAlarm: Alarm;
  /** When announcements are due next. */
  readonly #flushAlarm: Alarm;
  /** No session has a time limit before. */
  #nextDeadline = Number.POSITIVE_INFINITY;
  #unsubscribe: () => void = () => {};

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#stopwatch = options.stopwatch ?? options.clock;
    this.chain = options.chain;
    this.#hub = new EventHub(options.log);
    const { addressBook, anchors = [], random, listenAddress, maxInbound } = options;
    this.#door = new Door({ random, bans: options.bans ?? new BanList(), maxInbound });
    const own =
      listenAddress === undefined
        ? undefined
        : { ip: ipOf(listenAddress.host), port: listenAddress.port, services: OUR_SERVICES };
    const book = addressBook ?? new AddressBook(random);
    this.addressBook = book;
    const addresses = new AddressRelay({
      book,
      random,
      own,
      tellsLocal: options.chain.params.name === "devnet",
    });
    const { chain, pace = PUBLIC_PACE, sha256 } = options;
    const isBlocked = (peer: PeerId) => this.#isBlocked(peer);
    const { blocksOnly } = this;
    this.#state = new PeerState({ chain, random, addresses, pace, isBlocked, blocksOnly, sha256 });
    this.#upload = new UploadBudget(options.maxUpload);
    this.#handler = new MessageHandler({
      chain: options.chain,
      state: this.#state,
      clock: options.clock,
      log: options.log,
      nonce: () => this.#nonce(),
      perform: (actions) => this.#perform(actions),
      scheduleAnnouncements: () => this.#scheduleAnnouncements(),
      upload: this.#upload,
      turn: (peer) => this.#intake.turn(peer),
    });
    this.#intake = new Intake({
      clock: options.clock,
      stopwatch: this.#stopwatch,
      timers: options.timers,
      isCatchingUp: () => this.#isCatchingUp(),
      owesBlocks: ({ id }) => this.#state.blocks.isBusy(id),
      take: (peer, bytes) => this.#session(peer, { type: "data", bytes }),
      wants: (peer, unread) => this.#handler.wants(peer, unread),
      read: (peer, unread) => this.#read(peer, unread),
      handle: (peer, message) => this.#handler.handle(peer, message),
      failed: (peer, error) => this.#failed(peer, error),
    });
    this.#calls = new Calls({
      params: chain.params,
      random,
      book,
      looksForPeers: addressBook !== undefined,
      connect: options.connect ?? [],
      seeds: options.seeds ?? [],
      stopwatch: this.#stopwatch,
      resolver: options.resolver,
      anchors,
      isBarred: (host) => this.#door.bars(host, options.clock.now()) !== undefined,
      isTipRecent: () => this.#isTipRecent(),
    });
    this.#caller = new Caller({
      dialer: options.dialer,
      isConnected: (address) => this.#isConnected(address),
    });
    this.#tickAlarm = new Alarm(options, () => this.#tick());
    this.#flushAlarm = new Alarm(options, () => this.#flush());
  }

  /** Begins to call peers and to follow the chain. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#unsubscribe = this.chain.subscribe((event) => this.#onChainEvent(event));
    this.#tick();
  }

  /** Closes all connections; resolves when nothing of the node runs any more. The chain stays open. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#tickAlarm.stop();
    this.#flushAlarm.stop();
    this.#unsubscribe();
    for (const peer of [...this.#peers.values()]) this.#drop(peer, "we are stopping");
    await Promise.all([this.#intake.idle(), this.#handler.idle()]);
  }

  subscribe(listener: NodeListener): () => void {
    return this.#hub.subscribe(listener);
  }

  /** `clock` was set to another time: what is due by it is done at once, but no peer has been silent meanwhile. */
  clockSet(): void {
    for (const peer of [...this.#peers.values()]) this.#session(peer, { type: "clock-set" });
    this.#flushAlarm.stop();
    this.#tickAlarm.stop();
    this.#tick();
    if (this.#running) this.#flush();
  }

  /** Does what is scheduled by so much sooner. Core: CScheduler::MockForward. @param by milliseconds */
  forwardSchedule(by: number): void {
    this.#state.unbroadcast.forward(by);
    this.#tickBy(this.#options.clock.now());
  }

  /** Takes a connection that somebody opened to us. */
  accept(connection: Connection): ConnectionHandler {
    return this.#attach(connection, "inbound");
  }

  /** Checks a transaction of our own and tells the peers about it, again and again until one of them knows it. */
  async submitTransaction(
    transaction: Transaction,
    options: AcceptOptions = {},
  ): Promise<Verdict<{ readonly fee: bigint }>> {
    const verdict = await this.chain.acceptTransaction(transaction, options);
    if (verdict.ok) this.#state.unbroadcast.add(transaction.txid, this.#options.clock.now());
    return verdict;
  }

  /** One of our own waits from before, and no peer had shown to know it: it is announced again until one does. */
  announceAgain(txid: Txid): void {
    this.#state.unbroadcast.add(txid, this.#options.clock.now());
  }

  /** Transactions of our own that no peer has shown to know yet. */
  get unbroadcast(): Pick<Unbroadcast, "has"> {
    return this.#state.unbroadcast;
  }

  /** Takes a block of our own and tells the peers about it. */
  submitBlock(block: Block): Promise<Verdict<AcceptedBlock>> {
    return this.chain.acceptBlock(block, { requested: true });
  }

  /** Peers that we were told to stay connected to. */
  get addedPeers(): readonly PeerAddress[] {
    return this.#calls.added.addresses;
  }

  /** Stays connected to a peer from now on. @returns whether that is new */
  addPeer(address: PeerAddress): boolean {
    const isNew = this.#calls.added.add(address);
    this.#tickBy(this.#options.clock.now());
    return isNew;
  }

  /** Does not call a peer again. @returns whether it was one of those to stay connected to */
  removePeer(address: PeerAddress): boolean {
    return this.#calls.added.remove(address);
  }

  /** Calls a peer once. @returns when it has answered, or has not */
  async callOnce(address: PeerAddress): Promise<void> {
    if (this.#networkActive) await this.#dial(address, "manual");
  }

  /** Whether we have a connection with just this address, or by this name. Core: CConnman::FindNode. */
  #isConnected(wanted: PeerAddress): boolean {
    return [...this.#peers.values()].some(
      ({ address, connection }) =>
        isSameAddress(address, wanted) || isSameAddress(connection.remote, wanted),
    );
  }

  /**
   * Calls a peer once, as one that the node has chosen by itself. For tests. Core: CConnman::AddConnection.
   * @returns whether there was a place for one of this kind, when it has answered, or has not
   */
  async callAs(kind: CallKind | "addr-fetch", address: PeerAddress): Promise<boolean> {
    const count = [...this.#peers.values()].filter((peer) => peer.kind === kind).length;
    if (count >= (PLACES.get(kind) ?? Number.POSITIVE_INFINITY)) return false;
    if (this.#networkActive) await this.#dial(address, kind);
    return true;
  }

  /** The nodes that are known of, so many at most, in random order. For the operator alone. */
  knownAddresses(most: number = Number.POSITIVE_INFINITY): readonly TimedAddress[] {
    return this.addressBook.list(most, this.#options.clock.now());
  }

  /** Asks all peers for a pong now, also those that owe us one. */
  ping(): void {
    for (const peer of [...this.#peers.values()]) this.#session(peer, { type: "ping" });
  }

  /** Whether no transactions are taken from peers, but of those who may send them anyway. */
  get blocksOnly(): boolean {
    return this.#options.blocksOnly ?? false;
  }

  /** Whether there may be connections at all. */
  get networkActive(): boolean {
    return this.#networkActive;
  }

  /** Ends all connections and lets none come about, or has them again. Core: CConnman::SetNetworkActive. */
  setNetworkActive(active: boolean): void {
    this.#networkActive = active;
    if (active) this.#tickBy(this.#options.clock.now());
    else for (const peer of [...this.#peers.values()]) this.#drop(peer, NETWORK_OFF);
  }

  /** Ends a connection. @returns whether there was such a peer */
  disconnect(peer: PeerId, why: string): boolean {
    const found = this.#peers.get(peer);
    if (found !== undefined) this.#drop(found, why);
    return found !== undefined;
  }

  /**
   * Ends all connections with a subnet, and lets nobody from there in; see `BanList`.
   * @param until seconds since 1970; by default a day from now
   * @returns the subnet as the list has it; undefined where the text names none
   */
  ban(subnet: string, until?: number): string | undefined {
    const now = this.#options.clock.now();
    const banned = this.bans.add(subnet, now, until);
    if (banned === undefined) return undefined;
    for (const peer of [...this.#peers.values()]) {
      if (this.bans.has(peer.netAddress.ip, now)) this.#drop(peer, "it is banned");
    }
    return banned;
  }

  get bans(): BanList {
    return this.#door.bans;
  }

  /** What was sent today, of what may be. */
  get upload(): UploadState {
    return this.#upload.state(this.#options.clock.now());
  }

  /** Bytes from and to all peers, those that have gone as well, since the node was made. */
  get traffic(): { readonly received: number; readonly sent: number } {
    return { received: this.#received, sent: this.#sent };
  }

  /** Seconds that most clocks of the peers that we called are ahead of ours; 0 where too few have told. */
  get timeOffset(): number {
    return this.#timeOffsets.median;
  }

  /** What the operator should know of, a sentence each: that our clock disagrees with most peers'. */
  get warnings(): readonly string[] {
    const { warning } = this.#timeOffsets;
    return warning === undefined ? [] : [warning];
  }

  peers(): readonly PeerSummary[] {
    const { headers } = this.chain;
    return [...this.#peers.values()].map((peer) => summarize(peer, this.#state, headers));
  }

  /** How far headers and connected blocks go: equal when all that is known is here. */
  get syncProgress(): { readonly headers: number; readonly blocks: number } {
    return { headers: this.chain.bestHeader.height, blocks: this.chain.tip.height };
  }

  /** @param address as we have called it */
  #attach(connection: Connection, kind: PeerKind, address?: PeerAddress): ConnectionHandler {
    const { remote } = connection;
    const inbound = kind === "inbound";
    const { permissions: rules = [] } = this.#options;
    const permissions = permissionsOf(inbound ? rules : [], remote);
    const refusal = this.#whyRefused(remote, inbound, permissions);
    if (refusal !== undefined) {
      this.#log("debug", `refused ${remote.host}:${remote.port}: ${refusal}`);
      connection.close();
      if (!inbound) this.#callFailed(kind, address ?? remote);
      return { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    }
    const peer = this.#open(connection, kind, permissions, address);
    return {
      onData: (bytes) => {
        peer.lastReceivedAt = this.#options.clock.now();
        peer.arrived(bytes.length);
        this.#received += bytes.length;
        this.#intake.received(peer, bytes);
      },
      onDrain: () => {
        peer.drained();
        this.#scheduleAnnouncements();
      },
      onClose: (why) => {
        // The other side has its reasons in its log; this one should have a guess.
        const isShort = !inbound && !this.#isReady(peer.id);
        this.#drop(peer, isShort ? `${why}: is it a node of this chain, with room for us?` : why);
      },
    };
  }

  #whyRefused(
    remote: PeerAddress,
    inbound: boolean,
    permissions: ReadonlySet<Permission>,
  ): string | undefined {
    if (!this.#running) return "we are stopping";
    if (!this.#networkActive) return NETWORK_OFF;
    return inbound ? this.#whyNotAdmitted(remote, permissions) : undefined;
  }

  /** Makes room for a caller, or says why he can't come in. */
  #whyNotAdmitted(remote: PeerAddress, permissions: ReadonlySet<Permission>): string | undefined {
    const inbound = [...this.#peers.values()].filter((peer) => peer.inbound);
    const isReady = (peer: PeerId) => this.#isReady(peer);
    const isWelcome = permissions.has("noban");
    const now = this.#options.clock.now();
    const answer = this.#door.admit(remote, { inbound, isReady, isWelcome }, now);
    if (!answer.admitted) {
      if (answer.full) this.#sayFull(this.#door.maxInbound);
      return answer.why;
    }
    if (answer.evict !== undefined) this.disconnect(answer.evict.peer, answer.evict.why);
    return undefined;
  }

  #sayFull(limit: number): void {
    const now = this.#options.clock.now();
    if (now < this.#fullSaidAt + FULL_NOTICE) return;
    this.#fullSaidAt = now;
    this.#log("warn", `${limit} inbound connections are enough: turning others away`);
  }

  #isReady(peer: PeerId): boolean {
    return this.#state.has(peer);
  }

  /**
   * Whether we have connected to ourselves: then never again. Only a handshake that goes on can be the other end: who
   * has read our nonce on the line must not be able to make us give up a peer. Core: CheckIncomingNonce.
   */
  #isOwnNonce(nonce: bigint): boolean {
    const own = [...this.#peers.values()].find(
      (peer) => peer.nonce === nonce && !this.#isReady(peer.id),
    );
    if (own === undefined) return false;
    if (!own.inbound) this.#calls.isOurselves(own);
    return true;
  }

  #open(
    connection: Connection,
    kind: PeerKind,
    permissions: ReadonlySet<Permission>,
    address?: PeerAddress,
  ): Peer {
    const inbound = kind === "inbound";
    const { clock, userAgent, listenAddress, timeouts, sha256 } = this.#options;
    const refusesTransactions = this.blocksOnly && !permissions.has("relay");
    // A feeler ends before any could come. Core: RejectIncomingTxs.
    const forBlocksAlone = kind === "block-relay" || kind === "feeler" || refusesTransactions;
    const { host, port } = connection.remote;
    const nonce = this.#nonce();
    const session = createSession({
      direction: inbound ? "inbound" : "outbound",
      magic: this.chain.params.magic,
      nonce,
      isOwnNonce: (other) => this.#isOwnNonce(other),
      whyUnwanted: (info) => this.#whyUnwanted(peer, info),
      whyServed: () => (kind === "feeler" ? "it is there, and that is all we wanted" : undefined),
      randomNonce: () => this.#nonce(),
      services: OUR_SERVICES,
      userAgent,
      startHeight: () => this.chain.tip.height,
      relay: !forBlocksAlone,
      forgives: permissions.has("noban"),
      deliverPings: true,
      unreadFrom: UNREAD_FROM,
      receiver: netAddress(host, port),
      // Whoever calls us knows where we listen, or need not (Core tells nobody); others can tell us apart by it.
      sender:
        listenAddress === undefined || inbound
          ? UNSPECIFIED_ADDRESS
          : netAddress(listenAddress.host, listenAddress.port, OUR_SERVICES),
      ...(timeouts === undefined ? {} : { timeouts }),
      ...(sha256 === undefined ? {} : { sha256 }),
    });
    const id = this.#nextId++;
    const connectedAt = clock.now();
    const peer: Peer = new Peer({
      id,
      kind,
      connection,
      ...(address !== undefined && { address }),
      session,
      nonce,
      meter: this.#newMeter(inbound && !permissions.has("noban")),
      permissions,
      forBlocksAlone,
      connectedAt,
    });
    this.#peers.set(id, peer);
    if (kind === "manual") this.#calls.added.connected(peer.address);
    this.#emit({ type: "peer-connected", peer: id, address: peer.address, inbound });
    this.#session(peer, { type: "opened" });
    return peer;
  }

  /** Whether blocks are on their way, or a peer that we have called is about to tell of them. */
  #isCatchingUp(): boolean {
    const now = this.#options.clock.now();
    const { blocks, headers } = this.#state;
    if (blocks.isCatchingUp(now) || headers.isAwaiting(now)) return true;
    return [...this.#peers.values()].some(
      ({ id, inbound, connectedAt }) =>
        !inbound && !this.#isReady(id) && now < connectedAt + GREETING_TIME,
    );
  }

  /** Callers share what they may cost to begin with; guests and peers that we have called do not. */
  #newMeter(shares: boolean): WorkMeter {
    const now = this.#stopwatch.now();
    return new WorkMeter(now, shares ? this.#welcome.take(now) : undefined);
  }

  #session(peer: Peer, event: Parameters<Peer["session"]["handle"]>[0]): void {
    if (peer.closed) return;
    const actions = peer.session.handle(event, this.#options.clock.now());
    this.#nextDeadline = Math.min(this.#nextDeadline, peer.session.nextDeadline);
    for (const action of actions) {
      this.#performSession(peer, action);
      if (peer.closed) return; // by what a message before has led to
    }
  }

  #performSession(peer: Peer, action: SessionAction): void {
    switch (action.type) {
      case "write":
        peer.lastSentAt = this.#options.clock.now();
        this.#upload.sent(action.bytes.length, peer.lastSentAt);
        this.#sent += action.bytes.length;
        peer.write(action.bytes);
        return;
      case "deliver":
        this.#emit({ type: "message-received", peer: peer.id, message: action.message });
        this.#handler.arrived(peer, action.message);
        peer.push({ type: "message", message: action.message });
        this.#intake.work(peer);
        return;
      case "unread":
        for (const part of partsOf(action)) peer.push(part);
        this.#intake.work(peer);
        return;
      case "established":
        this.#ready(peer, action.peer);
        return;
      case "note":
        this.#log(action.level, `${peer.name}: ${action.text}`, { peer: peer.id });
        return;
      case "close":
        if (action.misbehaving) this.#discourage(peer);
        this.#drop(peer, action.reason);
        return;
      default:
        action satisfies never;
    }
  }

  /**
   * Judges a peer that we called by its `version`: one of useless services must not hold its place until the handshake
   * times out. Core: ProcessMessage, VERSION.
   */
  #whyUnwanted({ inbound, kind, netAddress }: Peer, info: PeerInfo): string | undefined {
    if (inbound) return undefined;
    const { services } = info;
    this.#compareClocks(info.timeOffset);
    const isHelper = isStaying(kind) || kind === "addr-fetch";
    if (isHelper && !isWorthCalling(services, this.#isTipRecent())) {
      return "it does not offer what we need";
    }
    const now = this.#options.clock.now();
    this.#calls.answered({ kind, netAddress: { ...netAddress, services } }, now);
    return undefined;
  }

  #compareClocks(timeOffset: number): void {
    if (!this.#timeOffsets.add(timeOffset)) return;
    const { warning } = this.#timeOffsets;
    if (warning !== undefined) this.#log("warn", warning);
    else this.#log("info", "our clock agrees with those of most peers again");
  }

  #ready(peer: Peer, info: PeerInfo): void {
    const { protocolVersion } = info;
    const now = this.#options.clock.now();
    if (peer.kind === "manual") {
      this.#calls.added.established(peer.address, this.#stopwatch.now());
    }
    this.#emit({ type: "peer-ready", peer: peer.id, info });
    const redundant = this.#redundantCall(peer);
    if (redundant !== undefined) {
      this.#drop(redundant, "it has called us as well, and once is enough");
      if (redundant === peer) return;
    }
    const hello: NetAction[] = [];
    if (protocolVersion >= SENDHEADERS_VERSION) {
      hello.push(send(peer.id, { command: "sendheaders" }));
    }
    this.#perform(hello);
    this.#perform(this.#state.add(peer, info, now));
    // A newcomer may be told of what is in the mempool already.
    this.#scheduleAnnouncements();
  }

  /**
   * The call of ours that is one too many, where two have called each other at the same time. Both sides notice; the
   * one with the higher address gives up its call.
   */
  #redundantCall(ready: Peer): Peer | undefined {
    const own = this.#addressSeenBy(ready);
    if (own === undefined || keyOf(ready.reachableAt) >= keyOf(own)) return undefined;
    const key = keyOf(ready.reachableAt);
    const both = [...this.#peers.values()].filter(
      (peer) => peer.session.state === "established" && keyOf(peer.reachableAt) === key,
    );
    const called = both.find(({ kind }) => isChosen(kind));
    return both.some(({ inbound }) => inbound) ? called : undefined;
  }

  /** Where a peer sees us listen, so that both sides compare the same. Some don't say: then our ports decide. */
  #addressSeenBy({
    session,
    netAddress: { ip },
  }: Peer): Pick<NetAddress, "ip" | "port"> | undefined {
    const { listenAddress } = this.#options;
    const seen = session.peer?.seesUsAt;
    if (listenAddress === undefined) return undefined;
    return { ip: seen !== undefined && isUsable(seen) ? seen : ip, port: listenAddress.port };
  }

  #callFailed(kind: PeerKind, remote: PeerAddress): number | undefined {
    const now = this.#options.clock.now();
    const wait = this.#calls.failed(kind, remote, now);
    this.#tickBy(now + this.#untilNextTry());
    return wait;
  }

  /** Peers that a restart should go back to first: those that have been useful for longest. */
  get anchors(): readonly NetAddress[] {
    return [...this.#peers.values()]
      .filter(({ id, kind }) => isStaying(kind) && this.#isReady(id))
      .slice(0, MAX_ANCHORS)
      .map(({ netAddress: address }) => address);
  }

  #read(peer: Peer, { command, payload }: Unread): Message | undefined {
    let message: Message | undefined;
    const now = this.#options.clock.now();
    for (const action of peer.session.handle({ type: "read", command, payload }, now)) {
      if (action.type !== "deliver") this.#performSession(peer, action);
      else {
        ({ message } = action);
        this.#emit({ type: "message-received", peer: peer.id, message });
      }
    }
    return message;
  }

  #failed(peer: Peer, error: unknown): void {
    if (!this.#running) return;
    const why = error instanceof Error ? error.message : String(error);
    this.#log("error", `${peer.name}: ${why}`, { peer: peer.id });
    this.#drop(peer, "an error of our own");
  }

  #perform(actions: readonly NetAction[]): void {
    for (const action of actions) {
      const peer = this.#peers.get(action.peer);
      if (peer === undefined) continue;
      if (action.type === "send") {
        this.#send(peer, action.message);
      } else {
        if (action.misbehaving && peer.permissions.has("noban")) {
          this.#log("info", `${peer.name} may stay: ${action.reason}`, { peer: peer.id });
          continue;
        }
        if (action.misbehaving) this.#discourage(peer);
        if (action.stalling) this.#calls.disappointed(peer);
        this.#drop(peer, action.reason);
      }
    }
    // There may be a time limit now where there was none.
    if (this.#state.isWaiting) this.#tickBy(this.#options.clock.now() + TICK);
  }

  #send(peer: Peer, message: Message): void {
    if (peer.session.state !== "established") return;
    this.#emit({ type: "message-sent", peer: peer.id, message });
    this.#session(peer, { type: "send", message });
  }

  #drop(peer: Peer, why: string): void {
    if (peer.closed) return;
    const wasReady = this.#isReady(peer.id);
    this.#handler.remove(peer.id);
    peer.close();
    this.#intake.remove(peer);
    peer.connection.close();
    this.#peers.delete(peer.id);
    const now = this.#options.clock.now();
    if (!peer.inbound) {
      this.#callFailed(peer.kind, peer.address);
      if (wasReady) this.addressBook.connected(peer.netAddress, now);
    }
    this.#emit({ type: "peer-disconnected", peer: peer.id, why: sanitizeText(why) });
    if (wasReady) this.#perform(this.#state.remove(peer.id, now));
  }

  #discourage(peer: Peer): void {
    this.#log("warn", `${peer.name} misbehaves`, { peer: peer.id });
    this.#calls.disappointed(peer);
    this.#door.discourage(peer.connection.remote.host);
  }

  #onChainEvent(event: NodeEvent): void {
    this.#emit(event);
    if (event.type === "tip-changed") this.#calls.tipChanged(this.#options.clock.now());
    this.#perform(this.#handler.onChainEvent(event));
  }

  /** Whatever goes wrong in it must not be the end of time. */
  #tick(): void {
    if (!this.#running) return;
    try {
      this.#lookAtTime();
    } catch (error) {
      this.#log("error", `an error of our own: ${String(error)}`);
      this.#tickBy(this.#options.clock.now() + TICK);
    }
  }

  #lookAtTime(): void {
    const now = this.#options.clock.now();
    this.#tickSessions(now);
    this.#perform(this.#state.tick(now, (id) => this.#isBusy(id)));
    const { blocks } = this.#state;
    if (this.#networkActive) this.#call(now);
    for (const { id, kind, connectedAt } of [...this.#peers.values()]) {
      const isLate = kind === "addr-fetch" && now > connectedAt + ADDR_FETCH_TIMEOUT;
      if (isLate) this.disconnect(id, "it has told us of nobody");
    }
    const { idleTickInterval = TICK } = this.#options;
    const rest = this.#state.isWaiting ? TICK : idleTickInterval;
    const due = Math.min(now + this.#untilNextTry(), blocks.nextDeadline(now));
    this.#tickBy(Math.min(due, now + rest));
  }

  #call(now: number): void {
    const { calls, surplus } = this.#calls.due([...this.#peers.values()], this.#state.blocks, now);
    if (surplus !== undefined) this.disconnect(surplus, "others tell of blocks sooner");
    for (const { address, kind } of calls) {
      if (kind === "outbound") this.#endAddrFetch(address);
      void this.#dial(address, kind);
    }
  }

  /** A node that was asked for addresses alone tells them as well on the connection that stays. */
  #endAddrFetch(address: PeerAddress): void {
    const asked = [...this.#peers.values()].filter(({ kind }) => kind === "addr-fetch");
    const peer = asked.find(({ connection }) => isSameAddress(connection.remote, address));
    if (peer !== undefined) this.#drop(peer, "we call it again to stay");
  }

  /** Until a peer to stay connected to is called again. Milliseconds. */
  #untilNextTry(): number {
    if (!this.#networkActive) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#calls.added.nextTry - this.#stopwatch.now());
  }

  /** Looks at time limits then, if not before: whoever waits for us, or for a peer that stalls, waits no longer. */
  #tickBy(at: number): void {
    if (this.#running) this.#tickAlarm.by(at);
  }

  #tickSessions(now: number): void {
    if (now < this.#nextDeadline) return;
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const peer of [...this.#peers.values()]) {
      const { session } = peer;
      if (session.nextDeadline <= now) this.#session(peer, { type: "tick" });
      this.#nextDeadline = Math.min(this.#nextDeadline, session.nextDeadline);
    }
  }

  /** Resolves when there is a connection, or there will be none. */
  #dial(address: PeerAddress, kind: PeerKind): Promise<void> {
    const name = `${address.host}:${address.port}`;
    this.#log("debug", `calling ${name}`);
    return this.#caller
      .call(address, (connection) => this.#attach(connection, kind, address))
      .catch((error: unknown) => {
        const wait = this.#callFailed(kind, address);
        if (!this.#running) return;
        const why = error instanceof Error ? error.message : String(error);
        const again = wait === undefined ? "" : `; next try in ${wait} ms`;
        const isConnected = error instanceof EngineError && error.code === "already-connected";
        // Of those that we were told to call, people want to know.
        const level = kind === "manual" && !isConnected ? "info" : "debug";
        this.#log(level, `no connection to ${name}: ${why}${again}`);
      });
  }

  /** Sends the next announcements when they are due. Called whenever there may be new ones, or a peer reads again. */
  #scheduleAnnouncements(): void {
    const next = this.#state.relay.nextFlush((id) => this.#isBlocked(id));
    if (next !== undefined && this.#running) this.#flushAlarm.by(next, FLUSH_DELAY);
  }

  #flush(): void {
    const now = this.#options.clock.now();
    this.#perform(this.#state.relay.flush((id) => this.#isBlocked(id), now));
    this.#scheduleAnnouncements();
  }

  #isTipRecent(): boolean {
    const { tip, params } = this.chain;
    return isTipRecent(tip.time, this.#options.clock.now(), params.targetSpacing);
  }

  /** Whether we have not yet handled all that a peer has sent, for which it is not to blame. */
  #isBusy(id: PeerId): boolean {
    return !this.#isBlocked(id) && (this.#peers.get(id)?.working ?? false);
  }

  #isBlocked(peer: PeerId): boolean {
    return this.#peers.get(peer)?.blocked ?? true;
  }

  /** Not 0, which some take for "none". */
  #nonce(): bigint {
    const bytes = this.#options.random.bytes(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) || 1n;
  }

  #emit(event: NodeEvent): void {
    this.#hub.emit(event);
  }

  #log(
    level: "debug" | "info" | "warn" | "error",
    text: string,
    fields?: { readonly peer: PeerId },
  ): void {
    this.#options.log(level, "net", text, fields);
  }
}
