import type { ChainParams, HeaderNode, Milliseconds, Sha256 } from "@chain/core";
import {
  AddressBook,
  type BanList,
  type Clock,
  type Connection,
  type ConnectionHandler,
  type Dialer,
  type Log,
  type PeerAddress,
  type PeerId,
  type PeerKind,
  type Random,
  type Resolver,
  type Timers,
} from "@chain/engine";
import {
  AddressRelay,
  Alarm,
  ConnectionAdmission,
  CpuTimeBudget,
  desirableServices,
  type Gossip,
  isTipRecent,
  type NetAction,
  OutboundConnections,
  OutboundPlanner,
  Peer,
} from "@chain/engine/peers";
import {
  type AddressV2,
  createSession,
  internetAddress,
  isOverlay,
  type Message,
  netAddress,
  type PeerInfo,
  type SessionAction,
  type SessionTimeouts,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";

/** How often time limits are looked at. Milliseconds. */
const TICK: Milliseconds = 1_000;

export interface PeerOptions {
  readonly params: ChainParams;
  readonly clock: Clock;
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
  /** Where nodes are, as far as is known; without it only the peers of `connect` are called. */
  readonly addressBook?: AddressBook;
  readonly resolver?: Resolver;
  readonly bans: BanList;
  /** Other time limits for the conversations with peers than Core's. */
  readonly timeouts?: Partial<SessionTimeouts>;
  /** SHA-256 of the platform. Default: one in JavaScript. */
  readonly sha256?: Sha256;
  readonly tip: () => HeaderNode;
  readonly ready: (peer: Peer, info: PeerInfo) => void;
  readonly heard: (peer: Peer, message: Message) => void;
  readonly gone: (peer: Peer, why: string, wasReady: boolean) => void;
  readonly tick: (now: Milliseconds) => void;
}

/** The connections of a light node: it calls others, and listens to nobody. */
export class Connections {
  readonly #options: PeerOptions;
  readonly #peers = new Map<PeerId, Peer>();
  readonly #ready = new Set<PeerId>();
  readonly #admission: ConnectionAdmission;
  readonly #planner: OutboundPlanner;
  readonly #outbound: OutboundConnections;
  readonly #addresses: AddressRelay | undefined;
  readonly #alarm: Alarm;
  #running = false;
  #nextId = 0;

  constructor(options: PeerOptions) {
    this.#options = options;
    const { params, clock, random, bans, addressBook: book, dialer, log, resolver } = options;
    this.#admission = new ConnectionAdmission({ random, bans, maxInbound: 0 });
    if (book !== undefined) {
      const { tellsLocalAddresses: tellsLocal } = params;
      this.#addresses = new AddressRelay({ book, random, own: undefined, tellsLocal });
    }
    this.#planner = new OutboundPlanner({
      params,
      random,
      book: book ?? new AddressBook(random),
      looksForPeers: book !== undefined,
      connect: options.connect ?? [],
      seeds: options.seeds ?? [],
      stopwatch: clock,
      resolver,
      anchors: [],
      isBarred: (host) => this.#admission.bars(host, clock.now()) !== undefined,
      isTipRecent: () => this.#isTipRecent(),
      log,
    });
    this.#alarm = new Alarm(options, () => this.#tick());
    this.#outbound = new OutboundConnections({
      clock,
      stopwatch: clock,
      log,
      dialer,
      planner: this.#planner,
      blocks: { pending: 0, isBusy: () => false },
      peers: this.#peers,
      isRunning: () => this.#running,
      isNetworkActive: () => this.#running,
      attach: (connection, kind, address) => this.#attach(connection, kind, address),
      drop: (peer, why) => this.drop(peer, why),
      tickBy: (at) => this.#tickBy(at),
    });
  }

  get peers(): readonly Peer[] {
    return [...this.#peers.values()].filter(({ id }) => this.#ready.has(id));
  }

  start(): void {
    this.#running = true;
    this.#tick();
  }

  stop(): void {
    this.#running = false;
    this.#alarm.stop();
    for (const peer of [...this.#peers.values()]) this.drop(peer, "we are stopping");
  }

  /** The addresses that a peer has told. */
  addressCounts(peer: PeerId): ReturnType<AddressRelay["counts"]> {
    return this.#addresses?.counts(peer) ?? { active: false, processed: 0, limited: 0 };
  }

  get(peer: PeerId): Peer | undefined {
    return this.#ready.has(peer) ? this.#peers.get(peer) : undefined;
  }

  send(peer: PeerId, message: Message): void {
    const found = this.get(peer);
    if (found !== undefined) this.#session(found, { type: "send", message });
  }

  perform(actions: readonly NetAction[]): void {
    for (const action of actions) {
      const peer = this.#peers.get(action.peer);
      if (peer === undefined) continue;
      if (action.type === "send") this.send(action.peer, action.message);
      else {
        if (action.misbehaving) this.#discourage(peer, action.reason);
        if (action.stalling) this.#planner.disappointed(peer);
        this.drop(peer, action.reason);
      }
    }
  }

  /** Takes addresses that a peer tells. */
  gossip(peer: Peer, message: Message): void {
    const now = this.#options.clock.now();
    if (message.command !== "addr" && message.command !== "addrv2") return;
    const known = message.command === "addr" ? message.addresses : understood(message.addresses);
    this.#addresses?.received(peer.id, known, now);
    // Its own address is no answer.
    if (peer.kind === "addr-fetch" && known.length > 1) this.drop(peer, "it has told us of others");
  }

  drop(peer: Peer, why: string): void {
    if (peer.closed) return;
    const { clock, gone } = this.#options;
    peer.close();
    peer.connection.close();
    this.#peers.delete(peer.id);
    const wasReady = this.#ready.delete(peer.id);
    this.#addresses?.remove(peer.id);
    this.#outbound.failed(peer.kind, peer.address);
    if (wasReady) this.#options.addressBook?.connected(peer.netAddress, clock.now());
    gone(peer, why, wasReady);
  }

  #discourage(peer: Peer, reason: string): void {
    this.#options.log("warn", "net", `${peer.name} misbehaves: ${reason}`, { peer: peer.id });
    this.#planner.disappointed(peer);
    this.#admission.discourage(peer.connection.remote.host);
  }

  #attach(connection: Connection, kind: PeerKind, address: PeerAddress): ConnectionHandler {
    const { clock } = this.#options;
    const barred = this.#admission.bars(connection.remote.host, clock.now());
    if (!this.#running || barred !== undefined) {
      connection.close();
      this.#outbound.failed(kind, address);
      return { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    }
    const peer = this.#open(connection, kind, address);
    return {
      onData: (bytes) => {
        peer.arrived(bytes.length);
        this.#session(peer, { type: "data", bytes });
      },
      onDrain: () => peer.drained(),
      onClose: (why) => this.drop(peer, why),
    };
  }

  #open(connection: Connection, kind: PeerKind, address: PeerAddress): Peer {
    const { params, clock, random, userAgent, tip, timeouts, sha256 } = this.#options;
    const { remote } = connection;
    const nonce = randomNonce(random);
    const session = createSession({
      direction: "outbound",
      magic: params.magic,
      nonce,
      isOwnNonce: () => false,
      randomNonce: () => randomNonce(random),
      whyUnwanted: (info) => this.#whyUnwanted(peer, info),
      whyServed: () => (kind === "feeler" ? "feeler connection completed" : undefined),
      services: 0n,
      userAgent,
      startHeight: () => tip().height,
      // Core answers no questions about transactions of peers that want to hear of none.
      relay: kind !== "feeler",
      receiver: netAddress(remote.host, remote.port),
      sender: UNSPECIFIED_ADDRESS,
      ...(timeouts === undefined ? {} : { timeouts }),
      ...(sha256 === undefined ? {} : { sha256 }),
    });
    const connectedAt = clock.now();
    const cpuTime = new CpuTimeBudget(connectedAt);
    const id = this.#nextId++;
    const peer: Peer = new Peer({
      id,
      kind,
      connection,
      address,
      session,
      nonce,
      cpuTime,
      connectedAt,
    });
    this.#peers.set(id, peer);
    if (kind === "manual") this.#planner.added.connected(peer.address);
    this.#session(peer, { type: "opened" });
    return peer;
  }

  #whyUnwanted({ kind, netAddress: address }: Peer, { services }: PeerInfo): string | undefined {
    const expected = desirableServices(services, this.#isTipRecent());
    if (kind !== "manual" && kind !== "feeler" && (services & expected) !== expected) {
      return "it does not offer the expected services";
    }
    this.#planner.answered(
      { kind, netAddress: { ...address, services } },
      this.#options.clock.now(),
    );
    return undefined;
  }

  #isTipRecent(): boolean {
    const { tip, clock, params } = this.#options;
    return isTipRecent(tip().time, clock.now(), params.targetSpacing);
  }

  #session(peer: Peer, event: Parameters<Peer["session"]["handle"]>[0]): void {
    if (peer.closed) return;
    for (const action of peer.session.handle(event, this.#options.clock.now())) {
      this.#perform(peer, action);
      if (peer.closed) return; // by what a message before has led to
    }
    this.#tickBy(peer.session.nextDeadline);
  }

  #perform(peer: Peer, action: SessionAction): void {
    const { log, heard } = this.#options;
    switch (action.type) {
      case "write":
        peer.write(action.bytes);
        return;
      case "deliver":
        heard(peer, action.message);
        return;
      case "established":
        this.#established(peer, action.peer);
        return;
      case "note":
        log(action.level, "net", `${peer.name}: ${action.text}`, { peer: peer.id });
        return;
      case "close":
        if (action.misbehaving) this.#discourage(peer, action.reason);
        this.drop(peer, action.reason);
        return;
      case "unread": // comes only where it was asked for
        return;
      default:
        action satisfies never;
    }
  }

  #established(peer: Peer, info: PeerInfo): void {
    const now = this.#options.clock.now();
    const { id, kind } = peer;
    if (kind === "manual") this.#planner.added.established(peer.address, now);
    this.#ready.add(id);
    const known = this.#addresses?.add(
      id,
      {
        address: peer.reachableAt,
        inbound: false,
        wantsV2: info.wantsAddrV2,
        seesUsAt: info.seesUsAt,
      },
      now,
    );
    this.perform(known ?? []);
    if (!peer.closed) this.#options.ready(peer, info);
  }

  #tickBy(at: number): void {
    if (this.#running) this.#alarm.by(at);
  }

  #tick(): void {
    if (!this.#running) return;
    const now = this.#options.clock.now();
    for (const peer of [...this.#peers.values()]) {
      if (peer.session.nextDeadline <= now) this.#session(peer, { type: "tick" });
    }
    this.perform(this.#addresses?.tick(now) ?? []);
    this.#options.tick(now);
    this.#outbound.callDue(now);
    this.#tickBy(Math.min(now + this.#outbound.untilNextTry, now + TICK));
  }
}

/** Of addresses on all kinds of networks, those on networks that we know of. */
function understood(addresses: readonly AddressV2[]): readonly Gossip[] {
  return addresses.flatMap((entry): readonly Gossip[] => {
    const address = internetAddress(entry);
    if (address !== undefined) return [{ ...address, time: entry.time }];
    return isOverlay(entry) ? [entry] : [];
  });
}

/** A random number, but not 0, which some nodes take for "none". */
function randomNonce(random: Random): bigint {
  const bytes = random.bytes(8);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) || 1n;
}
