/** A scripted peer at the other end of a link in virtual time, which speaks Bitcoin's protocol or not. */
import type { Connection, ConnectionHandler } from "@chain/engine";
import { type Command, type MessageOf, WTXID_RELAY_VERSION } from "@chain/wire";
import type { TestNetwork, TestNode } from "./network.ts";
import { ScriptedPeer, type ScriptedPeerOptions } from "./scriptedPeer.ts";

export class Stranger extends ScriptedPeer {
  /** Why the connection ended, once it has. */
  ended: string | undefined;
  readonly #network: TestNetwork;
  #connection: Connection | undefined;

  constructor(
    network: TestNetwork,
    direction: "inbound" | "outbound",
    options: ScriptedPeerOptions = {},
  ) {
    super(
      {
        magic: network.params.magic,
        direction,
        now: () => network.time.now(),
        write: (bytes) => this.write(bytes),
        close: (reason) => {
          this.ended = reason;
        },
      },
      options,
    );
    this.#network = network;
  }

  /** One of the version before ours, which is told why something of it was refused. */
  static old(network: TestNetwork, to: TestNode): Promise<Stranger> {
    return Stranger.connect(network, to, { protocolVersion: WTXID_RELAY_VERSION - 1 });
  }

  /** Connects to a node, and is ready to talk when it resolves. */
  static async connect(
    network: TestNetwork,
    to: TestNode,
    options: ScriptedPeerOptions & { readonly host?: string } = {},
  ): Promise<Stranger> {
    const stranger = new Stranger(network, "outbound", options);
    const connection = network.connectStranger(to, stranger.handler, options.host);
    stranger.open(connection);
    await network.time.until("the handshake", () => stranger.ready);
    return stranger;
  }

  readonly handler: ConnectionHandler = {
    onData: (bytes) => this.take({ type: "data", bytes }),
    onDrain: () => {},
    onClose: (why) => {
      this.ended = why;
    },
  };

  open(connection: Connection): void {
    this.#connection = connection;
    this.take({ type: "opened" });
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
}
