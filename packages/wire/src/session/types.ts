import type { Milliseconds, Sha256 } from "@chain/core";
import type { NetAddress } from "../address.ts";
import type { Command, Message } from "../messages/registry.ts";

/** The facts about us and the connection that a session needs. */
export interface SessionConfig {
  /** Which side opened the connection: an inbound peer speaks first. */
  readonly direction: "inbound" | "outbound";
  /** The four bytes that name the network. */
  readonly magic: Uint8Array;
  /** Ours, random, sent in `version`. */
  readonly nonce: bigint;
  /** Whether a nonce is one of ours: then we have connected to ourselves. */
  isOwnNonce(nonce: bigint): boolean;
  /** A fresh random number for each ping, so that a peer can't answer before it was asked. Not 0. */
  randomNonce(): bigint;
  /** Our service bits. */
  readonly services: bigint;
  /** Our software (BIP-0014), `/chain:0.1.0/`. */
  readonly userAgent: string;
  /** Height of our best block at the time of the call. */
  startHeight(): number;
  /** Whether we want to hear of transactions. */
  readonly relay: boolean;
  /** To speak as an older node would. Default: `PROTOCOL_VERSION`. */
  readonly protocolVersion?: number;
  /**
   * Whether the owner answers pings, which are then delivered like other messages: a pong says that all before it is
   * done. Default: the session answers at once.
   */
  readonly deliverPings?: boolean;
  /**
   * Messages whose payload has so many bytes or more are not read when they come, but given out as `unread`: decoded
   * they can take fifty times their bytes, and long. `block` is delivered in any case, for it stays as it came.
   * Default: all are read at once.
   */
  readonly unreadFrom?: number;
  /** Whether a message with too many things in it is ignored, where other peers would be disconnected. Default: no. */
  readonly forgives?: boolean;
  /**
   * Asked once, when `version` has come and before it is answered: why the connection ends here. undefined: it goes on.
   * Default: it always goes on.
   */
  whyUnwanted?(peer: PeerInfo): string | undefined;
  /**
   * Asked once, when `version` has been answered: why the connection has served its purpose and ends here, as that of a
   * feeler. Default: it goes on.
   */
  whyServed?(peer: PeerInfo): string | undefined;
  /** Where we see the peer. */
  readonly receiver: NetAddress;
  /** Where we say that we are; `UNSPECIFIED_ADDRESS` says nothing. */
  readonly sender: NetAddress;
  /** Other time limits than Core's. */
  readonly timeouts?: Partial<SessionTimeouts>;
  /**
   * Hears of each message either way as it is on the wire, those included that can't be decoded; not of those with a
   * name or a checksum that has no meaning here. Default: nobody. Core: CaptureMessage.
   */
  capture?(direction: "received" | "sent", command: Command, payload: Uint8Array): void;
  /** SHA-256 of the platform, for the checksums of frames. Default: one in JavaScript. */
  readonly sha256?: Sha256;
}

/** Milliseconds. */
export interface SessionTimeouts {
  /** From the opening of the connection to the end of the handshake. */
  readonly handshake: number;
  /** Between pings. */
  readonly pingInterval: Milliseconds;
  /** From a ping to its pong. */
  readonly ping: number;
  /** Without a byte from the peer. */
  readonly inactivity: number;
}

/** An event of a session. Nothing else changes its state; the passing of time is an event too. */
export type SessionEvent =
  /** The connection is open. */
  | { readonly type: "opened" }
  /** Bytes from the peer, in any slicing. */
  | { readonly type: "data"; readonly bytes: Uint8Array }
  /** A message for the peer. Before the handshake is done it is dropped, with a note. */
  | { readonly type: "send"; readonly message: Message }
  /** The message that was `unread` is to be read now. Other messages may have been delivered meanwhile. */
  | { readonly type: "read"; readonly command: Command; readonly payload: Uint8Array }
  /** Ask for a pong now, also where one is waited for already. Before the handshake is done it means nothing. */
  | { readonly type: "ping" }
  /** The clock of `now` was set to another time: so far, the peer has not been silent by it. */
  | { readonly type: "clock-set" }
  /** `nextDeadline` has come. Harmless at any other time. */
  | { readonly type: "tick" };

/** The actions that the owner of the session takes, in this order. */
export type SessionAction =
  /** Hand these bytes to the connection. */
  | { readonly type: "write"; readonly bytes: Uint8Array }
  /** A message for the node. Only between `established` and `close`; `version`, `verack` and `pong` never. */
  | { readonly type: "deliver"; readonly message: Message }
  /** A large message, see `unreadFrom`. Give it back as `read` when its turn has come; then it is delivered. */
  | { readonly type: "unread"; readonly command: Command; readonly payload: Uint8Array }
  /** The handshake is done: the peer may be talked to. */
  | { readonly type: "established"; readonly peer: PeerInfo }
  /** For the log. */
  | { readonly type: "note"; readonly level: "debug" | "warn"; readonly text: string }
  /** Close the connection. Nothing comes after it. */
  | {
      readonly type: "close";
      readonly reason: string;
      /** The peer broke a rule that every honest node keeps: do not come back to it soon. */
      readonly misbehaving: boolean;
    };

/** A peer, as it presented itself. */
export interface PeerInfo {
  /** The protocol version of the connection: the lower one of both sides. */
  readonly protocolVersion: number;
  /** The version that it speaks, as it said; ours may be lower. */
  readonly ownVersion: number;
  /** How far its clock, as it said, was ahead of ours. Seconds. */
  readonly timeOffset: number;
  readonly services: bigint;
  /** Only letters, digits and harmless punctuation: safe to print. */
  readonly userAgent: string;
  /** Height of its best block when it connected, as it said. -1: not said. */
  readonly startHeight: number;
  /** Whether it wants to hear of transactions. */
  readonly relay: boolean;
  /** Where it sees us, 16 bytes, as it said. */
  readonly seesUsAt: Uint8Array;
  /** The port that it listens on, as it said; 0: not said. */
  readonly listensOn: number;
  /** Whether transactions are announced by their wtxid, both ways (BIP-0339). */
  readonly wtxidRelay: boolean;
  /** Whether it wants `addrv2` in place of `addr` (BIP-0155). */
  readonly wantsAddrV2: boolean;
  /** How long the last answered ping took, in milliseconds. */
  readonly latencyMs?: number;
  /** The least of all pings. Milliseconds. */
  readonly leastLatencyMs?: number;
}

/** Where a session stands. */
export type SessionStateName =
  | "new"
  | "awaiting-version"
  | "awaiting-verack"
  | "established"
  | "closed";

/** How much of one kind of message went one way. Bytes count the frame too. */
export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

/** By command; what has no known one is under `*other*`, so that peers can't make the tables grow. */
export interface SessionTraffic {
  readonly received: ReadonlyMap<string, Traffic>;
  readonly sent: ReadonlyMap<string, Traffic>;
}
