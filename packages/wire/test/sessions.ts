import { mainnet, regtest } from "@chain/core";
import { netAddress, UNSPECIFIED_ADDRESS } from "../src/address.ts";
import { Deframer } from "../src/deframer.ts";
import { frameMessage } from "../src/frame.ts";
import { type Command, decodePayload, type Message } from "../src/messages/registry.ts";
import type { VersionMessage } from "../src/messages/version.ts";
import { createSession, type Session } from "../src/session/session.ts";
import type { SessionAction, SessionConfig } from "../src/session/types.ts";

export const magic: Uint8Array = regtest.magic;
export const otherMagic: Uint8Array = mainnet.magic;
/** When the tests begin, in milliseconds. */
export const START = 1_800_000_000_000;
export const MINUTE = 60_000;

export function config(overrides: Partial<SessionConfig> = {}): SessionConfig {
  let pings = 1000n;
  return {
    direction: "outbound",
    magic,
    nonce: 11n,
    isOwnNonce: (nonce) => nonce === 11n,
    randomNonce: () => ++pings,
    services: 9n,
    userAgent: "/chain:0.1.0/",
    startHeight: () => 5,
    relay: true,
    receiver: netAddress("10.0.0.2", 3000),
    sender: UNSPECIFIED_ADDRESS,
    ...overrides,
  };
}

/** The first message of an ordinary peer. */
export function peerVersion(overrides: Partial<VersionMessage> = {}): VersionMessage {
  return {
    command: "version",
    protocolVersion: 70015,
    services: 1n,
    timestamp: 1_800_000_000n,
    receiver: UNSPECIFIED_ADDRESS,
    sender: UNSPECIFIED_ADDRESS,
    nonce: 22n,
    userAgent: "/peer:1.0/",
    startHeight: 100,
    relay: false,
    ...overrides,
  };
}

/** An action in which bytes to write have become the messages in them. */
export type Told = Exclude<SessionAction, { type: "write" }> | { type: "write"; message: Message };

/** The messages in whole frames. */
export function messagesIn(
  bytes: Uint8Array,
  network: Uint8Array = magic,
  protocolVersion?: number,
): Message[] {
  return new Deframer(network).push(bytes).map((event) => {
    if (event.type !== "message") throw new TypeError(`a session wrote ${event.type}`);
    return decodePayload<Command>(event.command, event.payload, protocolVersion);
  });
}

/** A session on a clock that the test turns. */
export class Rig {
  readonly session: Session;
  now: number = START;

  constructor(overrides: Partial<SessionConfig> = {}) {
    this.session = createSession(config(overrides));
  }

  #tell(actions: readonly SessionAction[]): Told[] {
    return actions.flatMap((action): Told[] =>
      action.type === "write"
        ? messagesIn(action.bytes).map((message) => ({ type: "write", message }))
        : [action],
    );
  }

  open(): Told[] {
    return this.#tell(this.session.handle({ type: "opened" }, this.now));
  }

  /** Bytes from the peer. */
  data(bytes: Uint8Array): Told[] {
    return this.#tell(this.session.handle({ type: "data", bytes }, this.now));
  }

  /** A message from the peer. */
  hear(message: Message): Told[] {
    return this.data(frameMessage(magic, message));
  }

  /** Reads a message that was left unread. */
  read({ command, payload }: Extract<SessionAction, { type: "unread" }>): Told[] {
    return this.#tell(this.session.handle({ type: "read", command, payload }, this.now));
  }

  /** A message for the peer. */
  send(message: Message): Told[] {
    return this.#tell(this.session.handle({ type: "send", message }, this.now));
  }

  /** Somebody wants to know whether the peer is still there. */
  ping(): Told[] {
    return this.#tell(this.session.handle({ type: "ping" }, this.now));
  }

  /** Time passes, and the owner ticks once. */
  wait(milliseconds: number): Told[] {
    this.now += milliseconds;
    return this.#tell(this.session.handle({ type: "tick" }, this.now));
  }

  /** Opens and shakes hands, first ping answered. */
  establish(version: Partial<VersionMessage> = {}): this {
    this.open();
    this.hear(peerVersion(version));
    for (const told of this.hear({ command: "verack" })) {
      if (told.type === "write" && told.message.command === "ping") {
        this.hear({ command: "pong", nonce: told.message.nonce });
      }
    }
    return this;
  }
}
