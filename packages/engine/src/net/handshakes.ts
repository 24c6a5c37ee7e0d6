import {
  createSession,
  type NetAddress,
  netAddress,
  type PeerInfo,
  type Session,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";
import type { PeerId } from "../events.ts";
import type { NodeOptions } from "../nodeOptions.ts";
import type { PeerAddress } from "../ports.ts";
import { isChosen, isStaying, type OutboundPlanner } from "./connecting/outboundPlanner.ts";
import { TimeOffsets } from "./connecting/timeOffsets.ts";
import { isUsable, keyOf } from "./kit/addresses.ts";
import { desirableServices, offeredTo } from "./kit/services.ts";
import type { Peer, PeerKind } from "./peer/peer.ts";
import type { Permission } from "./peer/permissions.ts";

/** Payloads of so many bytes or more are decoded when their turn comes. */
const UNREAD_FROM = 1_000;

export interface HandshakesOptions
  extends Pick<
    NodeOptions,
    "chain" | "clock" | "log" | "userAgent" | "listenAddress" | "timeouts" | "sha256" | "capture"
  > {
  /** The services that we offer. */
  readonly services: () => bigint;
  readonly planner: OutboundPlanner;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  /** Whether the handshake with a peer is done. */
  readonly isReady: (peer: PeerId) => boolean;
  /** Whether our tip is so young that a pruned peer has all the blocks that we lack. */
  readonly isTipRecent: () => boolean;
  /** A random number. */
  readonly nonce: () => bigint;
}

/** The facts about a connection that a session needs. */
export interface NewConnection {
  readonly kind: PeerKind;
  readonly remote: PeerAddress;
  readonly nonce: bigint;
  readonly permissions: ReadonlySet<Permission>;
  readonly forBlocksAlone: boolean;
}

/** Sends `version` to peers, and decides by theirs whether the connection is of use. */
export class Handshakes {
  readonly timeOffsets: TimeOffsets = new TimeOffsets();
  readonly #options: HandshakesOptions;

  constructor(options: HandshakesOptions) {
    this.#options = options;
  }

  /** @param peer the one whose session this will be */
  createSession(connection: NewConnection, peer: () => Peer): Session {
    const { chain, userAgent, listenAddress, timeouts, sha256, capture, nonce } = this.#options;
    const { kind, remote, permissions, forBlocksAlone } = connection;
    const services = offeredTo(this.#options.services(), permissions);
    const inbound = kind === "inbound";
    return createSession({
      direction: inbound ? "inbound" : "outbound",
      magic: chain.params.magic,
      nonce: connection.nonce,
      isOwnNonce: (other) => this.#isOwnNonce(other),
      whyUnwanted: (info) => this.#whyUnwanted(peer(), info),
      whyServed: () => (kind === "feeler" ? "feeler connection completed" : undefined),
      randomNonce: nonce,
      services,
      userAgent,
      startHeight: () => chain.tip.height,
      relay: !forBlocksAlone,
      forgives: permissions.has("noban"),
      deliverPings: true,
      unreadFrom: UNREAD_FROM,
      receiver: netAddress(remote.host, remote.port),
      // An inbound peer knows where we listen, or need not (Core does not tell); others can tell us apart by it.
      sender:
        listenAddress === undefined || inbound
          ? UNSPECIFIED_ADDRESS
          : netAddress(listenAddress.host, listenAddress.port, services),
      ...(timeouts === undefined ? {} : { timeouts }),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(capture && { capture: (...message) => capture(remote, ...message) }),
    });
  }

  /**
   * Whether we have connected to ourselves: then never again. Only a handshake that goes on can be the other end,
   * because an eavesdropper that has read our nonce must not be able to make us give up a peer. Core:
   * CheckIncomingNonce.
   */
  #isOwnNonce(nonce: bigint): boolean {
    const { peers, isReady, planner } = this.#options;
    const own = [...peers.values()].find((peer) => peer.nonce === nonce && !isReady(peer.id));
    if (own === undefined) return false;
    if (!own.inbound) planner.isOurselves(own);
    return true;
  }

  /**
   * Judges a peer that we called by its `version`: one of useless services must not hold its place until the handshake
   * times out. Core: ProcessMessage, VERSION.
   */
  #whyUnwanted({ inbound, kind, netAddress }: Peer, info: PeerInfo): string | undefined {
    if (inbound) return undefined;
    const { planner, clock, isTipRecent } = this.#options;
    const { services } = info;
    this.#compareClocks(info.timeOffset);
    const isHelper = isStaying(kind) || kind === "addr-fetch";
    const expected = desirableServices(services, isTipRecent());
    if (isHelper && (services & expected) !== expected) {
      const hex = (bits: bigint) => bits.toString(16).padStart(8, "0");
      const offers = `(${hex(services)} offered, ${hex(expected)} expected)`;
      return `it does not offer the expected services ${offers}`;
    }
    planner.answered({ kind, netAddress: { ...netAddress, services } }, clock.now());
    return undefined;
  }

  #compareClocks(timeOffset: number): void {
    if (!this.timeOffsets.add(timeOffset)) return;
    const { log } = this.#options;
    const { warning } = this.timeOffsets;
    if (warning !== undefined) log("warn", "net", warning);
    else log("info", "net", "our clock agrees with those of most peers again");
  }

  /**
   * The call of ours that is one too many, where two have called each other at the same time. Both sides notice; the
   * one with the higher address gives up its call.
   */
  redundantCall(ready: Peer): Peer | undefined {
    const own = this.#addressSeenBy(ready);
    if (own === undefined || keyOf(ready.reachableAt) >= keyOf(own)) return undefined;
    const key = keyOf(ready.reachableAt);
    const both = [...this.#options.peers.values()].filter(
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
}
