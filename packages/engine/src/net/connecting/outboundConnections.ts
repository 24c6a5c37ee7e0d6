import type { Milliseconds } from "@chain/core";
import { EngineError } from "../../errors.ts";
import type { PeerId } from "../../events.ts";
import type {
  Clock,
  Connection,
  ConnectionHandler,
  Dialer,
  Log,
  LogLevel,
  PeerAddress,
} from "../../ports.ts";
import type { CallKind, Peer, PeerKind } from "../peer/peer.ts";
import { Connector, isSameAddress } from "./connector.ts";
import type { BlocksUnderWay, OutboundPlanner } from "./outboundPlanner.ts";
import { MAX_BLOCK_RELAY, MAX_OUTBOUND } from "./outboundSlots.ts";

/** How many connections of a kind there may be; of other kinds, any number. */
const PLACES: ReadonlyMap<PeerKind, number> = /* @__PURE__ */ new Map([
  ["outbound", MAX_OUTBOUND],
  ["block-relay", MAX_BLOCK_RELAY],
]);

export interface OutboundConnectionsOptions {
  readonly clock: Clock;
  readonly stopwatch: Clock;
  readonly log: Log;
  readonly dialer: Dialer;
  /** Decides which peers to call. */
  readonly planner: OutboundPlanner;
  readonly blocks: BlocksUnderWay;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly isRunning: () => boolean;
  /** Whether there may be connections at all. */
  readonly isNetworkActive: () => boolean;
  /** A peer has answered. @param address as we have called it */
  readonly attach: (
    connection: Connection,
    kind: PeerKind,
    address: PeerAddress,
  ) => ConnectionHandler;
  readonly drop: (peer: Peer, why: string) => void;
  /** Has `callDue` called by then. */
  readonly tickBy: (at: number) => void;
}

/** Opens the connections that `OutboundPlanner` decides on, and those that the operator asks for. */
export class OutboundConnections {
  readonly #options: OutboundConnectionsOptions;
  readonly #connector: Connector;

  constructor(options: OutboundConnectionsOptions) {
    this.#options = options;
    const { dialer } = options;
    this.#connector = new Connector({
      dialer,
      isConnected: (address) => this.#isConnected(address),
    });
  }

  /** Whether we have a connection with just this address, or by this name. Core: CConnman::FindNode. */
  #isConnected(wanted: PeerAddress): boolean {
    return [...this.#options.peers.values()].some(
      ({ address, connection }) =>
        isSameAddress(address, wanted) || isSameAddress(connection.remote, wanted),
    );
  }

  /** Calls a peer once. Resolves when there is a connection, or there will be none. */
  async callOnce(address: PeerAddress): Promise<void> {
    if (this.#options.isNetworkActive()) await this.#dial(address, "manual");
  }

  /** See `Node.callAs`. */
  async callAs(kind: CallKind | "addr-fetch", address: PeerAddress): Promise<boolean> {
    const { peers, isNetworkActive } = this.#options;
    const count = [...peers.values()].filter((peer) => peer.kind === kind).length;
    if (count >= (PLACES.get(kind) ?? Number.POSITIVE_INFINITY)) return false;
    if (isNetworkActive()) await this.#dial(address, kind);
    return true;
  }

  /** Calls the peers that it is time to call, and disconnects the one that is of no more use. */
  callDue(now: Milliseconds): void {
    const { planner, peers, blocks, drop, isNetworkActive } = this.#options;
    if (!isNetworkActive()) return;
    const { calls, surplus } = planner.due([...peers.values()], blocks, now);
    const least = surplus === undefined ? undefined : peers.get(surplus);
    if (least !== undefined) drop(least, "others tell of blocks sooner");
    for (const { address, kind } of calls) {
      if (kind === "outbound") this.#endAddrFetch(address);
      // It reports its failure by itself.
      void this.#dial(address, kind);
    }
  }

  /** A node that was asked for addresses alone tells them as well on the connection that stays. */
  #endAddrFetch(address: PeerAddress): void {
    const { peers, drop } = this.#options;
    const asked = [...peers.values()].filter(({ kind }) => kind === "addr-fetch");
    const peer = asked.find(({ connection }) => isSameAddress(connection.remote, address));
    if (peer !== undefined) drop(peer, "we call it again to stay");
  }

  /** Until a peer to stay connected to is called again. Milliseconds. */
  get untilNextTry(): number {
    const { planner, stopwatch, isNetworkActive } = this.#options;
    if (!isNetworkActive()) return Number.POSITIVE_INFINITY;
    return Math.max(0, planner.added.nextTry - stopwatch.now());
  }

  /** A call failed, or its connection has ended. @returns milliseconds until the next try, if there is one */
  failed(kind: PeerKind, remote: PeerAddress): number | undefined {
    const { planner, clock, tickBy } = this.#options;
    const now = clock.now();
    const wait = planner.failed(kind, remote, now);
    tickBy(now + this.untilNextTry);
    return wait;
  }

  /** Resolves when there is a connection, or there will be none. */
  #dial(address: PeerAddress, kind: PeerKind): Promise<void> {
    const { attach, isRunning } = this.#options;
    const name = `${address.host}:${address.port}`;
    this.#log("debug", `calling ${name}`);
    return this.#connector
      .call(address, (connection) => attach(connection, kind, address))
      .catch((error: unknown) => {
        const wait = this.failed(kind, address);
        if (!isRunning()) return;
        const why = error instanceof Error ? error.message : String(error);
        const again = wait === undefined ? "" : `; next try in ${wait} ms`;
        const isConnected = error instanceof EngineError && error.code === "already-connected";
        // The operator wants to know of the peers that we were told to call.
        const level = kind === "manual" && !isConnected ? "info" : "debug";
        this.#log(level, `no connection to ${name}: ${why}${again}`);
      });
  }

  #log(level: LogLevel, text: string): void {
    this.#options.log(level, "net", text);
  }
}
