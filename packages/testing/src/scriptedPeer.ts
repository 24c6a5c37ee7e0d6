import {
  createSession,
  type Message,
  NODE_NETWORK,
  NODE_WITNESS,
  type PeerInfo,
  PROTOCOL_VERSION,
  type Session,
  type SessionEvent,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";

/** A peer's description of itself. */
export interface ScriptedPeerOptions {
  readonly startHeight?: number;
  /** To be a peer of another age. */
  readonly protocolVersion?: number;
  readonly services?: bigint;
  readonly nonce?: bigint;
}

/** The transport of a peer: a link in virtual time, or a socket. */
export interface Transport {
  readonly magic: Uint8Array;
  readonly direction: "inbound" | "outbound";
  /** Milliseconds since 1970. */
  now(): number;
  write(bytes: Uint8Array): void;
  /** The session ends. */
  close(reason: string): void;
}

/** A peer that shakes hands by itself, keeps what it hears, and otherwise says what a test wants. */
export class ScriptedPeer {
  readonly received: Message[] = [];
  ready = false;
  /** Called with each message; for peers that answer. */
  onMessage: (message: Message) => void = () => {};
  readonly #transport: Transport;
  readonly #session: Session;

  constructor(
    transport: Transport,
    {
      startHeight = 0,
      protocolVersion = PROTOCOL_VERSION,
      services = NODE_NETWORK | NODE_WITNESS,
      nonce = 77n,
    }: ScriptedPeerOptions = {},
  ) {
    const { magic, direction } = transport;
    this.#transport = transport;
    this.#session = createSession({
      direction,
      magic,
      nonce,
      isOwnNonce: () => false,
      randomNonce: () => 5n,
      services,
      userAgent: "/stranger:1/",
      startHeight: () => startHeight,
      relay: true,
      protocolVersion,
      receiver: UNSPECIFIED_ADDRESS,
      sender: UNSPECIFIED_ADDRESS,
    });
  }

  /** The node's description of itself. */
  get peer(): PeerInfo | undefined {
    return this.#session.peer;
  }

  say(message: Message): void {
    this.take({ type: "send", message });
  }

  /** The connection has opened, or brought bytes. */
  take(event: SessionEvent): void {
    for (const action of this.#session.handle(event, this.#transport.now())) {
      if (action.type === "write") this.#transport.write(action.bytes);
      else if (action.type === "established") this.ready = true;
      else if (action.type === "close") this.#transport.close(action.reason);
      else if (action.type === "deliver") {
        this.received.push(action.message);
        this.onMessage(action.message);
      }
    }
  }
}
