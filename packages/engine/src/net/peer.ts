import type { Message, Session, SessionTraffic } from "@chain/wire";
import type { PeerId } from "../events.ts";
import type { Connection, PeerAddress } from "../ports.ts";

/** Messages, and bytes of blocks, that may wait before we stop reading. */
const MAX_INBOX = 64;
const MAX_INBOX_BYTES = 8_000_000;

/** One peer's connection, session, and the messages of it that wait to be handled, strictly in order. */
export class Peer {
  readonly id: PeerId;
  readonly address: PeerAddress;
  readonly inbound: boolean;
  readonly connectedAt: number;
  readonly connection: Connection;
  readonly session: Session;
  readonly #inbox: Message[] = [];
  #inboxBytes = 0;
  #reading = true;
  /** The system has taken all it can: nothing but answers goes out until it drains. */
  blocked = false;
  closed = false;
  /** Whether a message of it is being handled. */
  working = false;
  /** Whether it has asked for addresses: once is enough. */
  gotAddresses = false;
  #onDrain: (() => void)[] = [];

  constructor(options: {
    readonly id: PeerId;
    readonly inbound: boolean;
    readonly connection: Connection;
    readonly session: Session;
    readonly connectedAt: number;
  }) {
    this.id = options.id;
    this.inbound = options.inbound;
    this.connection = options.connection;
    this.address = options.connection.remote;
    this.session = options.session;
    this.connectedAt = options.connectedAt;
  }

  get name(): string {
    return `${this.address.host}:${this.address.port}`;
  }

  write(bytes: Uint8Array): void {
    if (this.closed) return;
    if (!this.connection.write(bytes)) this.blocked = true;
    this.#steer();
  }

  push(message: Message): void {
    this.#inbox.push(message);
    this.#inboxBytes += sizeOf(message);
    this.#steer();
  }

  next(): Message | undefined {
    const message = this.#inbox.shift();
    if (message !== undefined) this.#inboxBytes -= sizeOf(message);
    this.#steer();
    return message;
  }

  drained(): void {
    this.blocked = false;
    this.#steer();
    this.#wake();
  }

  close(): void {
    this.closed = true;
    this.#inbox.length = 0;
    this.#inboxBytes = 0;
    this.#wake();
  }

  /** Resolves when more may be written, or the connection has ended. */
  async writable(): Promise<void> {
    while (this.blocked && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#onDrain.push(resolve);
      });
    }
  }

  #wake(): void {
    const waiting = this.#onDrain;
    this.#onDrain = [];
    for (const resolve of waiting) resolve();
  }

  /** Reads from the peer only while it reads from us, and while we keep up with it. */
  #steer(): void {
    const reading =
      !this.blocked && this.#inbox.length < MAX_INBOX && this.#inboxBytes < MAX_INBOX_BYTES;
    if (reading === this.#reading || this.closed) return;
    this.#reading = reading;
    this.connection.setReading(reading);
  }
}

function sizeOf(message: Message): number {
  return message.command === "block" ? message.raw.length : 0;
}

/** What a person wants to know of a peer. */
export interface PeerSummary {
  readonly id: PeerId;
  readonly address: PeerAddress;
  readonly inbound: boolean;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  /** Whether the handshake is done. */
  readonly ready: boolean;
  readonly userAgent: string | undefined;
  readonly protocolVersion: number | undefined;
  readonly services: bigint | undefined;
  /** Height of the best block that it is known to have. */
  readonly height: number | undefined;
  readonly latencyMs: number | undefined;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export function summarize(peer: Peer, height: number | undefined): PeerSummary {
  const { id, address, inbound, connectedAt, session } = peer;
  const info = session.peer;
  return {
    id,
    address,
    inbound,
    connectedAt,
    ready: session.state === "established",
    userAgent: info?.userAgent,
    protocolVersion: info?.protocolVersion,
    services: info?.services,
    height: height ?? info?.startHeight,
    latencyMs: info?.latencyMs,
    bytesReceived: bytesOf(session.traffic.received),
    bytesSent: bytesOf(session.traffic.sent),
  };
}

function bytesOf(traffic: SessionTraffic["sent"]): number {
  let bytes = 0;
  for (const entry of traffic.values()) bytes += entry.bytes;
  return bytes;
}
