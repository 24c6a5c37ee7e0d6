import type { Milliseconds } from "@chain/core";
import {
  type Message,
  type PeerInfo,
  SENDHEADERS_VERSION,
  type SessionAction,
  sanitizeText,
} from "@chain/wire";
import type { PeerEvent, PeerId } from "../events.ts";
import type { NodeOptions } from "../nodeOptions.ts";
import type { Clock, Connection, ConnectionHandler, LogLevel, PeerAddress } from "../ports.ts";
import type { AddressBook } from "./connecting/addressBook.ts";
import type { ConnectionAdmission } from "./connecting/connectionAdmission.ts";
import type { OutboundConnections } from "./connecting/outboundConnections.ts";
import type { OutboundPlanner } from "./connecting/outboundPlanner.ts";
import type { MessageHandler } from "./conversation/messageHandler.ts";
import type { PeerState } from "./conversation/peerState.ts";
import type { Handshakes } from "./handshakes.ts";
import { type NetAction, sendMessage } from "./kit/actions.ts";
import { CpuTimeBudget } from "./peer/cpuTimeBudget.ts";
import { type Door, permissionsAt } from "./peer/door.ts";
import { InboundCpuBudget } from "./peer/inboundCpuBudget.ts";
import { partsOf, type Unread } from "./peer/messageQueue.ts";
import { MessageScheduler } from "./peer/messageScheduler.ts";
import { Peer, type PeerKind } from "./peer/peer.ts";
import { type Permission, permissionsOf } from "./peer/permissions.ts";
import type { UploadBudget } from "./peer/uploadBudget.ts";
import type { Scheduler } from "./scheduler.ts";

const NETWORK_OFF = "the network is switched off";
/** How often the log says that callers are turned away because there is no room. Milliseconds. */
const FULL_NOTICE: Milliseconds = 60_000;
/** A peer that we have called has so long for its greeting before others are heard as well. Milliseconds. */
const GREETING_TIME: Milliseconds = 5_000;

export interface ConnectionsOptions
  extends Pick<NodeOptions, "clock" | "timers" | "log" | "metrics" | "permissions" | "blocksOnly"> {
  readonly stopwatch: Clock;
  readonly book: AddressBook;
  readonly state: PeerState;
  readonly handler: MessageHandler;
  readonly admission: ConnectionAdmission;
  readonly planner: OutboundPlanner;
  readonly outbound: OutboundConnections;
  readonly handshakes: Handshakes;
  readonly upload: UploadBudget;
  readonly scheduler: Scheduler;
  /** All peers; only written here. */
  readonly peers: Map<PeerId, Peer>;
  /** A random number. */
  readonly nonce: () => bigint;
  readonly emit: (event: PeerEvent) => void;
}

/**
 * The connections with peers, from the first byte to the last: admits callers, runs the sessions, hands the messages to
 * the message handler, and performs what it and the state machines decide.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #peers: Map<PeerId, Peer>;
  readonly #state: PeerState;
  readonly #messages: MessageScheduler;
  readonly #inboundCpu = new InboundCpuBudget();
  /** Counted from 0, as Core does. */
  #nextId = 0;
  #fullSaidAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #networkActive = true;
  #received = 0;
  #sent = 0;

  constructor(options: ConnectionsOptions) {
    const { clock, stopwatch, timers, state, handler, peers } = options;
    this.#options = options;
    this.#peers = peers;
    this.#state = state;
    this.#messages = new MessageScheduler({
      clock,
      stopwatch,
      timers,
      isCatchingUp: () => this.#isCatchingUp(),
      owesBlocks: ({ id }) => state.blocks.isBusy(id),
      take: (peer, bytes) => this.session(peer, { type: "data", bytes }),
      wants: (peer, unread) => handler.wants(peer, unread),
      read: (peer, unread) => this.#read(peer, unread),
      handle: (peer, message) => handler.handle(peer, message),
      failed: (peer, error) => this.#failed(peer, error),
    });
  }

  /** Lets other peers go on where that is due; see `MessageScheduler`. */
  turn(peer: Peer): Promise<void> | undefined {
    return this.#messages.turn(peer);
  }

  /** Resolves when no message is being handled. */
  idle(): Promise<void> {
    return this.#messages.idle();
  }

  /** Bytes from and to all peers, those that have gone as well. */
  get traffic(): { readonly received: number; readonly sent: number } {
    return { received: this.#received, sent: this.#sent };
  }

  /** Whether there may be connections at all. */
  get networkActive(): boolean {
    return this.#networkActive;
  }

  setNetworkActive(active: boolean): void {
    this.#networkActive = active;
    const text = active ? "connections may come about again" : "no connection may come about";
    this.#options.log("info", "net", text, { event: "network-active", active });
    if (!active) this.dropAll(NETWORK_OFF);
  }

  /** A connection is open. @param address as we have called it @param door where it came in */
  attach(
    connection: Connection,
    kind: PeerKind,
    address?: PeerAddress,
    door: Door = {},
  ): ConnectionHandler {
    const { clock, scheduler, outbound, permissions: rules = [] } = this.#options;
    const { remote } = connection;
    const inbound = kind === "inbound";
    const permissions = inbound
      ? permissionsAt(door, permissionsOf(rules, remote, "inbound"))
      : permissionsOf(kind === "manual" ? rules : [], remote, "outbound");
    const refusal = this.#whyRefused(remote, inbound, permissions);
    if (refusal !== undefined) {
      this.#log("debug", `refused ${remote.host}:${remote.port}: ${refusal}`);
      connection.close();
      if (!inbound) outbound.failed(kind, address ?? remote);
      return { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    }
    const { isOnion } = door;
    const peer = this.#open({ connection, kind, permissions, address, isOnion });
    return {
      onData: (bytes) => {
        peer.lastReceivedAt = clock.now();
        peer.arrived(bytes.length);
        this.#received += bytes.length;
        this.#messages.received(peer, bytes);
      },
      onDrain: () => {
        peer.drained();
        scheduler.scheduleAnnouncements();
      },
      onClose: (why) => {
        // The other side has its reasons in its log; this one should have a guess.
        const isShort = !inbound && !this.#isReady(peer.id);
        this.drop(peer, isShort ? `${why}: is it a node of this chain, with room for us?` : why);
      },
    };
  }

  #whyRefused(
    remote: PeerAddress,
    inbound: boolean,
    permissions: ReadonlySet<Permission>,
  ): string | undefined {
    if (!this.#options.scheduler.running) return "we are stopping";
    if (!this.#networkActive) return NETWORK_OFF;
    return inbound ? this.#whyNotAdmitted(remote, permissions) : undefined;
  }

  /** Makes room for a caller, or says why it can't come in. */
  #whyNotAdmitted(remote: PeerAddress, permissions: ReadonlySet<Permission>): string | undefined {
    const { admission, clock } = this.#options;
    const inbound = [...this.#peers.values()].filter((peer) => peer.inbound);
    const isReady = (peer: PeerId) => this.#isReady(peer);
    const isWelcome = permissions.has("noban");
    // Each more would cost us a handshake.
    const isFlood = !isWelcome && this.#inboundCpu.isWornOut(this.#options.stopwatch.now());
    if (isFlood && this.#isCatchingUp()) {
      return "too many have called while blocks are on their way";
    }
    const answer = admission.admit(remote, { inbound, isReady, isWelcome }, clock.now());
    if (!answer.admitted) {
      if (answer.full) this.#sayFull(admission.maxInbound);
      return answer.why;
    }
    const { evict } = answer;
    const evicted = evict && this.#peers.get(evict.peer);
    if (evict !== undefined && evicted !== undefined) this.drop(evicted, evict.why);
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

  #open(opened: {
    readonly connection: Connection;
    readonly kind: PeerKind;
    readonly permissions: ReadonlySet<Permission>;
    readonly address: PeerAddress | undefined;
    readonly isOnion: boolean | undefined;
  }): Peer {
    const { connection, kind, permissions, address, isOnion } = opened;
    const { clock, blocksOnly = false, planner, handshakes, emit } = this.#options;
    const inbound = kind === "inbound";
    const refusesTransactions = blocksOnly && !permissions.has("relay");
    // A feeler ends before any could come. Core: RejectIncomingTxs.
    const forBlocksAlone = kind === "block-relay" || kind === "feeler" || refusesTransactions;
    const { remote } = connection;
    const nonce = this.#options.nonce();
    const session = handshakes.createSession(
      { kind, remote, nonce, permissions, forBlocksAlone },
      () => peer,
    );
    const id = this.#nextId++;
    const connectedAt = clock.now();
    const peer: Peer = new Peer({
      id,
      kind,
      connection,
      ...(address !== undefined && { address }),
      ...(isOnion !== undefined && { isOnion }),
      session,
      nonce,
      cpuTime: this.#newCpuTime(inbound && !permissions.has("noban")),
      permissions,
      forBlocksAlone,
      connectedAt,
    });
    this.#peers.set(id, peer);
    if (kind === "manual") planner.added.connected(peer.address);
    emit({ type: "peer-connected", peer: id, address: peer.address, inbound });
    this.session(peer, { type: "opened" });
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
  #newCpuTime(shares: boolean): CpuTimeBudget {
    const now = this.#options.stopwatch.now();
    return new CpuTimeBudget(now, shares ? this.#inboundCpu.take(now) : undefined);
  }

  /** Tells the session of a peer what has happened, and does what it decides. */
  session(peer: Peer, event: Parameters<Peer["session"]["handle"]>[0]): void {
    if (peer.closed) return;
    const { clock, scheduler } = this.#options;
    const actions = peer.session.handle(event, clock.now());
    scheduler.watchSession(peer);
    for (const action of actions) {
      this.#performSession(peer, action);
      if (peer.closed) return; // by what a message before has led to
    }
  }

  /** Sends a frame as it is. @returns whether the peer has shaken hands */
  write(peer: Peer, frame: Uint8Array): boolean {
    if (peer.closed || peer.session.state !== "established") return false;
    this.#write(peer, frame);
    return true;
  }

  #write(peer: Peer, bytes: Uint8Array): void {
    const { clock, upload } = this.#options;
    peer.lastSentAt = clock.now();
    upload.sent(bytes.length, peer.lastSentAt);
    this.#sent += bytes.length;
    peer.write(bytes);
  }

  #performSession(peer: Peer, action: SessionAction): void {
    const { handler, emit } = this.#options;
    switch (action.type) {
      case "write":
        this.#write(peer, action.bytes);
        return;
      case "deliver":
        emit({ type: "message-received", peer: peer.id, message: action.message });
        handler.arrived(peer, action.message);
        peer.push({ type: "message", message: action.message });
        this.#messages.work(peer);
        return;
      case "unread":
        for (const part of partsOf(action)) peer.push(part);
        this.#messages.work(peer);
        return;
      case "established":
        this.#ready(peer, action.peer);
        return;
      case "note":
        this.#log(action.level, `${peer.name}: ${action.text}`, peer.id);
        return;
      case "close":
        if (action.misbehaving) this.#discourage(peer, action.reason);
        this.drop(peer, action.reason);
        return;
      default:
        action satisfies never;
    }
  }

  /** The handshake with a peer is done. */
  #ready(peer: Peer, info: PeerInfo): void {
    const { clock, stopwatch, planner, handshakes, scheduler, emit } = this.#options;
    const { protocolVersion } = info;
    const now = clock.now();
    if (peer.kind === "manual") planner.added.established(peer.address, stopwatch.now());
    emit({ type: "peer-ready", peer: peer.id, info });
    const redundant = handshakes.redundantCall(peer);
    if (redundant !== undefined) {
      this.drop(redundant, "it has called us as well, and once is enough");
      if (redundant === peer) return;
    }
    if (protocolVersion >= SENDHEADERS_VERSION) {
      this.perform([sendMessage(peer.id, { command: "sendheaders" })]);
    }
    this.perform(this.#state.add(peer, info, now));
    // A newcomer may be told of what is in the mempool already.
    scheduler.scheduleAnnouncements();
  }

  /** Decodes a message that waited as bytes. */
  #read(peer: Peer, { command, payload }: Unread): Message | undefined {
    let message: Message | undefined;
    const now = this.#options.clock.now();
    for (const action of peer.session.handle({ type: "read", command, payload }, now)) {
      if (action.type !== "deliver") this.#performSession(peer, action);
      else {
        ({ message } = action);
        this.#options.emit({ type: "message-received", peer: peer.id, message });
      }
    }
    return message;
  }

  #failed(peer: Peer, error: unknown): void {
    if (!this.#options.scheduler.running) return;
    const why = error instanceof Error ? error.message : String(error);
    this.#log("error", `${peer.name}: ${why}`, peer.id);
    this.drop(peer, "an error of our own");
  }

  /** Sends and disconnects, as the message handler or a state machine has decided. */
  perform(actions: readonly NetAction[]): void {
    for (const action of actions) {
      const peer = this.#peers.get(action.peer);
      if (peer === undefined) continue;
      if (action.type === "send") {
        this.#send(peer, action.message);
      } else {
        if (action.misbehaving && peer.permissions.has("noban")) {
          this.#log("info", `${peer.name} may stay: ${action.reason}`, peer.id);
          continue;
        }
        if (action.misbehaving) this.#discourage(peer, action.reason);
        if (action.stalling) this.#options.planner.disappointed(peer);
        this.drop(peer, action.reason);
      }
    }
    this.#options.scheduler.watchTimeLimits();
  }

  #send(peer: Peer, message: Message): void {
    if (peer.session.state !== "established") return;
    this.#options.emit({ type: "message-sent", peer: peer.id, message });
    this.session(peer, { type: "send", message });
  }

  /** Ends a connection. */
  drop(peer: Peer, why: string): void {
    if (peer.closed) return;
    const { clock, handler, outbound, book, metrics, emit } = this.#options;
    const wasReady = this.#isReady(peer.id);
    handler.remove(peer.id);
    peer.close();
    this.#messages.remove(peer);
    peer.connection.close();
    this.#peers.delete(peer.id);
    metrics?.connectionEnded(peer.session.traffic);
    const now = clock.now();
    if (!peer.inbound) {
      outbound.failed(peer.kind, peer.address);
      if (wasReady) book.connected(peer.netAddress, now);
    }
    emit({ type: "peer-disconnected", peer: peer.id, why: sanitizeText(why) });
    if (wasReady) this.perform(this.#state.remove(peer.id, now));
  }

  dropAll(why: string): void {
    for (const peer of [...this.#peers.values()]) this.drop(peer, why);
  }

  #discourage(peer: Peer, reason: string): void {
    const { planner, admission } = this.#options;
    this.#log("warn", `${peer.name} misbehaves: ${reason}`, peer.id);
    planner.disappointed(peer);
    admission.discourage(peer.connection.remote.host);
  }

  #log(level: LogLevel, text: string, peer?: PeerId): void {
    this.#options.log(level, "net", text, peer === undefined ? undefined : { peer });
  }
}
