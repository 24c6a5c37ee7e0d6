/** Somebody on the other end of a connection who says what a test wants, in Bitcoin's protocol or not. */

import type { Connection, ConnectionHandler } from "@chain/engine";
import {
  type Command,
  createSession,
  type Message,
  type MessageOf,
  NODE_NETWORK,
  NODE_WITNESS,
  type PeerInfo,
  PROTOCOL_VERSION,
  UNSPECIFIED_ADDRESS,
  WTXID_RELAY_VERSION,
} from "@chain/wire";
import type { TestNetwork, TestNode } from "./network.ts";

interface StrangerOptions {
  readonly startHeight?: number;
  /** To be somebody of another age. */
  readonly protocolVersion?: number;
  readonly services?: bigint;
  readonly nonce?: bigint;
}

export class Stranger {
  readonly received: Message[] = [];
  /** Why the connection ended, once it has. */
  ended: string | undefined;
  ready = false;
  readonly #network: TestNetwork;
  readonly #session: ReturnType<typeof createSession>;
  #connection: Connection | undefined;
  /** What the node has said of itself. */
  get peer(): PeerInfo | undefined {
    return this.#session.peer;
  }

  /** Called with each message; for strangers that answer. */
  onMessage: (message: Message) => void = () => {};

  constructor(
    network: TestNetwork,
    direction: "inbound" | "outbound",
    {
      startHeight = 0,
      protocolVersion = PROTOCOL_VERSION,
      services = NODE_NETWORK | NODE_WITNESS,
      nonce = 77n,
    }: StrangerOptions = {},
  ) {
    this.#network = network;
    this.#session = createSession({
      direction,
      magic: network.params.magic,
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

  /** One of the version before ours, who is told why something of it was refused. */
  static old(network: TestNetwork, to: TestNode): Promise<Stranger> {
    return Stranger.connect(network, to, { protocolVersion: WTXID_RELAY_VERSION - 1 });
  }

  /** Connects to a node, and is ready to talk when it resolves. */
  static async connect(
    network: TestNetwork,
    to: TestNode,
    options: StrangerOptions & { readonly host?: string } = {},
  ): Promise<Stranger> {
    const stranger = new Stranger(network, "outbound", options);
    const connection = network.connectStranger(to, stranger.handler, options.host);
    stranger.open(connection);
    await network.time.until("the handshake", () => stranger.ready);
    return stranger;
  }

  readonly handler: ConnectionHandler = {
    onData: (bytes) => this.#perform(this.#session.handle({ type: "data", bytes }, this.#now())),
    onDrain: () => {},
    onClose: (why) => {
      this.ended = why;
    },
  };

  open(connection: Connection): void {
    this.#connection = connection;
    this.#perform(this.#session.handle({ type: "opened" }, this.#now()));
  }

  say(message: Message): void {
    this.#perform(this.#session.handle({ type: "send", message }, this.#now()));
  }

  /** Bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#connection?.write(bytes);
  }

  /** Ends the connection. */
  hangUp(): void {
    this.#connection?.close();
  }

  /** The next message of a kind, past or to come; it is taken out. */
  async hears<Kind extends Command>(command: Kind, within = 60_000): Promise<MessageOf<Kind>> {
    const find = () => this.received.findIndex((message) => message.command === command);
    await this.#network.time.until(`hearing ${command}`, () => find() >= 0, within);
    return this.received.splice(find(), 1)[0] as MessageOf<Kind>;
  }

  async isDropped(within = 60_000): Promise<string> {
    await this.#network.time.until("being dropped", () => this.ended !== undefined, within);
    return this.ended ?? "";
  }

  #now(): number {
    return this.#network.time.now();
  }

  #perform(actions: ReturnType<ReturnType<typeof createSession>["handle"]>): void {
    for (const action of actions) {
      if (action.type === "write") this.#connection?.write(action.bytes);
      else if (action.type === "established") this.ready = true;
      else if (action.type === "deliver") {
        this.received.push(action.message);
        this.onMessage(action.message);
      } else if (action.type === "close") this.ended = action.reason;
    }
  }
}
