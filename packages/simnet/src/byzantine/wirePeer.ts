import type { Connection, ConnectionHandler } from "@chain/engine";
import {
  createSession,
  frameRaw,
  type Message,
  NODE_NETWORK,
  NODE_WITNESS,
  type Session,
  type SessionAction,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";
import type { SeededRandom } from "../seededRandom.ts";
import type { VirtualTime } from "../virtualTime.ts";

export interface WirePeerOptions {
  /** Which side opened the connection, as this side sees it. */
  readonly direction: "inbound" | "outbound";
  readonly magic: Uint8Array;
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly connection: Connection;
  readonly onReady: (peer: WirePeer) => void;
  readonly onMessage: (peer: WirePeer, message: Message) => void;
  readonly onClose: (why: string) => void;
}

/**
 * Speaks the protocol without being a node: handshakes and pongs come from the session, all else is up to its owner.
 * @example
 * const options = { direction: "outbound", magic: simulation.params.magic, time: simulation.time };
 * const ready = [];
 * const handlers = { onReady: (peer) => ready.push(peer), onMessage() {}, onClose() {} };
 * const attach = (connection) => {
 *   const peer = new WirePeer({ ...options, ...handlers, random: new SeededRandom(1), connection });
 *   simulation.time.after(0, () => peer.begin());
 *   return peer;
 * };
 * void simulation.network.dialerOf(simulation.addHost()).dial(nodes[0].address, attach);
 * await simulation.run(10_000);
 * ready.length // 1: the handshake is done
 */
export class WirePeer implements ConnectionHandler {
  readonly #options: WirePeerOptions;
  readonly #session: Session;
  #closed = false;

  constructor(options: WirePeerOptions) {
    const { direction, magic, random } = options;
    const nonce = (): bigint => BigInt(random.uint32()) + 1n;
    this.#options = options;
    this.#session = createSession({
      direction,
      magic,
      nonce: nonce(),
      isOwnNonce: () => false,
      randomNonce: nonce,
      services: NODE_NETWORK | NODE_WITNESS,
      userAgent: "/stranger:1/",
      startHeight: () => 0,
      relay: true,
      receiver: UNSPECIFIED_ADDRESS,
      sender: UNSPECIFIED_ADDRESS,
    });
  }

  get open(): boolean {
    return !this.#closed;
  }

  /** Begins to talk. */
  begin(): void {
    this.#handle({ type: "opened" });
  }

  send(message: Message): void {
    this.#handle({ type: "send", message });
  }

  /** A frame that no session would write. */
  sendRaw(command: string, payload: Uint8Array): void {
    this.#write(frameRaw(this.#options.magic, command, payload));
  }

  #write(bytes: Uint8Array): void {
    if (!this.#closed) this.#options.connection.write(bytes);
  }

  #handle(event: Parameters<Session["handle"]>[0]): void {
    if (this.#closed) return;
    for (const action of this.#session.handle(event, this.#options.time.now())) {
      this.#perform(action);
    }
  }

  #perform(action: SessionAction): void {
    const { onReady, onMessage, connection } = this.#options;
    switch (action.type) {
      case "write":
        this.#write(action.bytes);
        break;
      case "established":
        onReady(this);
        break;
      case "deliver":
        onMessage(this, action.message);
        break;
      case "close":
        connection.close();
        break;
      case "unread": // comes only where it was asked for
      case "note":
        break;
      default:
        action satisfies never;
    }
  }

  onData(bytes: Uint8Array): void {
    this.#handle({ type: "data", bytes });
  }

  onDrain(): void {}

  onClose(why: string): void {
    this.#closed = true;
    this.#options.onClose(why);
  }
}
