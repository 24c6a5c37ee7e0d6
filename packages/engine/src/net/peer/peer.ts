import type { Milliseconds } from "@chain/core";
import type { NetAddress, Session } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import type { Connection, PeerAddress, Timers } from "../../ports.ts";
import { ipOf } from "../kit/addresses.ts";
import type { CpuTimeBudget, Outcome } from "./cpuTimeBudget.ts";
import { MessageQueue, type Waiting } from "./messageQueue.ts";
import type { Permission } from "./permissions.ts";
import { ValidationBudget } from "./validationBudget.ts";

/**
 * Bytes that are still read from a peer that does not read from us. Without them, two nodes that send each other blocks
 * would both wait for the other; without an end, our answers to its pings would pile up.
 */
const MAX_READ_WHILE_BLOCKED = 5_000_000;

/** Why we call: to stay, to stay for blocks alone, or only to learn whether a node answers there. */
export type CallKind = "outbound" | "block-relay" | "feeler";

/**
 * How a connection came about: a stranger called; we were told to call; we only ask for addresses; or we chose to call,
 * see `CallKind`.
 */
export type PeerKind = "inbound" | "manual" | "addr-fetch" | CallKind;

/**
 * One peer's connection, session, and the messages of it that wait to be handled, strictly in order. Core: CNode.
 */
export class Peer {
  readonly id: PeerId;
  /** As it was called, perhaps by a host name; where it calls from. */
  readonly address: PeerAddress;
  readonly inbound: boolean;
  readonly kind: PeerKind;
  readonly connectedAt: Milliseconds;
  readonly connection: Connection;
  readonly session: Session;
  /** Ours, by which we would know ourselves. */
  readonly nonce: bigint;
  /** Rights that we grant it and not others. */
  readonly permissions: ReadonlySet<Permission>;
  /** Whether it was told that we want no transactions of it. */
  readonly forBlocksAlone: boolean;
  /** Whether it has called our onion service: its address is that of the Tor daemon. */
  readonly isOnion: boolean;
  readonly #queue = new MessageQueue();
  /** Bytes that were not cut into messages yet, because the peer waits for its turn. */
  readonly #held: Uint8Array[] = [];
  #reading = true;
  #readWhileBlocked = 0;
  /** The system has taken all it can: nothing that can wait goes out until it drains. */
  blocked = false;
  closed = false;
  /** Whether a message of it is being handled. */
  working = false;
  readonly validation: ValidationBudget = new ValidationBudget();
  readonly cpuTime: CpuTimeBudget;
  /** Whether one of its messages is being handled; false where it waits for its turn. */
  isHeard = false;
  /** The outcome so far of the message that is being handled. */
  outcome: Outcome = "nothing";
  /** When it last gave us a block, or a transaction, that was new and good. Milliseconds since 1970. */
  lastBlockAt: Milliseconds = 0;
  lastTransactionAt: Milliseconds = 0;
  /** When bytes last went, and came. Milliseconds since 1970; 0: never. */
  lastSentAt: Milliseconds = 0;
  lastReceivedAt: Milliseconds = 0;
  /** Whole messages or not. */
  bytesSent = 0;
  bytesReceived = 0;
  /** Written to the log because of what it refused, or what of it we refused. */
  lines = 0;
  #onDrain: (() => void)[] = [];
  #endPause: () => void = () => {};

  constructor(options: {
    readonly id: PeerId;
    readonly kind: PeerKind;
    readonly connection: Connection;
    /** Default: as the connection has it. */
    readonly address?: PeerAddress;
    readonly session: Session;
    readonly nonce: bigint;
    readonly cpuTime: CpuTimeBudget;
    readonly permissions?: ReadonlySet<Permission>;
    readonly forBlocksAlone?: boolean;
    readonly isOnion?: boolean;
    readonly connectedAt: Milliseconds;
  }) {
    this.id = options.id;
    this.kind = options.kind;
    this.inbound = options.kind === "inbound";
    this.connection = options.connection;
    this.address = options.address ?? options.connection.remote;
    this.session = options.session;
    this.nonce = options.nonce;
    this.cpuTime = options.cpuTime;
    this.permissions = options.permissions ?? new Set();
    this.forBlocksAlone = options.forBlocksAlone ?? false;
    this.isOnion = options.isOnion ?? false;
    this.connectedAt = options.connectedAt;
  }

  get netAddress(): NetAddress {
    const { host, port } = this.connection.remote;
    return { ip: ipOf(host), port, services: this.session.peer?.services ?? 0n };
  }

  /** Where it can be called: the address that we called, or the port that a caller says it listens on. */
  get reachableAt(): NetAddress {
    const { netAddress, session, inbound } = this;
    const port = session.peer?.listensOn ?? 0;
    return inbound && port !== 0 ? { ...netAddress, port } : netAddress;
  }

  /** Where it came in, for callers: the network, and our end of the connection. */
  get door(): string | undefined {
    const { local } = this.connection;
    if (!this.inbound || local === undefined) return undefined;
    return `${this.isOnion ? "onion" : ""} ${local.host} ${local.port}`;
  }

  get name(): string {
    return `${this.address.host}:${this.address.port}`;
  }

  write(bytes: Uint8Array): void {
    if (this.closed) return;
    this.bytesSent += bytes.length;
    if (!this.connection.write(bytes)) this.blocked = true;
    this.#steer();
  }

  /** So many bytes have come from it. */
  arrived(count: number): void {
    this.bytesReceived += count;
    if (!this.blocked) return;
    this.#readWhileBlocked += count;
    this.#steer();
  }

  /** Keeps bytes as they came, and reads no more from the peer until they are taken. */
  hold(bytes: Uint8Array): void {
    if (this.closed) return;
    this.#held.push(bytes);
    this.#steer();
  }

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  nextHeld(): Uint8Array | undefined {
    const bytes = this.#held.shift();
    this.#steer();
    return bytes;
  }

  /** Whether nothing waits of it. */
  get isIdle(): boolean {
    return this.#queue.isEmpty && this.#held.length === 0;
  }

  push(waiting: Waiting): void {
    if (this.closed) return;
    this.#queue.push(waiting);
    this.#steer();
  }

  next(): Waiting | undefined {
    const next = this.#queue.take();
    this.#steer();
    return next;
  }

  get queue(): Pick<MessageQueue, "isEmpty" | "isNextLarge"> {
    return this.#queue;
  }

  drained(): void {
    this.blocked = false;
    this.#readWhileBlocked = 0;
    this.#steer();
    this.#wake();
  }

  close(): void {
    this.closed = true;
    this.#queue.clear();
    this.#held.length = 0;
    this.#wake();
    this.#endPause();
  }

  /** Resolves when more may be written, or the connection has ended. */
  async writable(): Promise<void> {
    while (this.blocked && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#onDrain.push(resolve);
      });
    }
  }

  /** Lets others go on. Resolves at once when the connection has ended. */
  async pause(timers: Timers): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      const cancel = timers.after(0, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  #wake(): void {
    const waiting = this.#onDrain;
    this.#onDrain = [];
    for (const resolve of waiting) resolve();
  }

  /** Reads from the peer only while it reads from us, and while we keep up with it. */
  #steer(): void {
    const isFull = this.#queue.isFull || this.isHolding;
    const reading = this.#readWhileBlocked < MAX_READ_WHILE_BLOCKED && !isFull;
    if (reading === this.#reading || this.closed) return;
    this.#reading = reading;
    this.connection.setReading(reading);
  }
}
