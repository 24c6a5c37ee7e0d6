/** The states of a session, and what an edge between two of them yields. */
import type { Milliseconds } from "@chain/core";
import type { Command, Message, MessageOf } from "../messages/registry.ts";
import type { PeerInfo, SessionAction, SessionConfig, SessionTimeouts } from "./types.ts";

export interface AwaitingVersion {
  readonly name: "awaiting-version";
  readonly deadline: Milliseconds;
}

export interface AwaitingVerack {
  readonly name: "awaiting-verack";
  readonly deadline: Milliseconds;
  readonly peer: PeerInfo;
  /** Messages that came before `verack`, of the kinds that Core heeds there; delivered after it, one of each kind. */
  readonly early: readonly EarlyMessage[];
}

export type EarlyMessage = MessageOf<"sendheaders" | "sendcmpct">;

export interface Established {
  readonly name: "established";
  readonly peer: PeerInfo;
  /** Sent and not answered yet. */
  readonly ping: { readonly nonce: bigint; readonly sentAt: Milliseconds } | undefined;
  readonly nextPingAt: Milliseconds;
  /** No peer is disconnected for silence before. Core: ShouldRunInactivityChecks. */
  readonly strictFrom: number;
}

export type State =
  | { readonly name: "new" }
  | AwaitingVersion
  | AwaitingVerack
  | Established
  | { readonly name: "closed" };

/** The facts besides the state that an edge may look at. */
export interface Context {
  readonly config: SessionConfig;
  readonly timeouts: SessionTimeouts;
  readonly now: Milliseconds;
  /** When the last byte came. */
  readonly lastReceivedAt: Milliseconds;
}

/** An action whose message is not encoded yet. */
export type Reaction =
  | Exclude<SessionAction, { type: "write" }>
  | { readonly type: "say"; readonly message: Message };

/** The state after an edge, and what to do on the way. */
export interface Step {
  readonly state: State;
  readonly reactions: readonly Reaction[];
}

export function step(state: State, ...reactions: readonly Reaction[]): Step {
  return { state, reactions };
}

export function close(reason: string, misbehaving = false): Step {
  return step({ name: "closed" }, { type: "close", reason, misbehaving });
}

export function note(text: string, level: "debug" | "warn" = "debug"): Reaction {
  return { type: "note", level, text };
}

export function say(message: Message): Reaction {
  return { type: "say", message };
}

/** The facts known of the peer in this state. */
export function peerOf(state: State): PeerInfo | undefined {
  return "peer" in state ? state.peer : undefined;
}

/** The messages that may come between `version` and `verack`. */
const BEFORE_VERACK: ReadonlySet<Command> = /* @__PURE__ */ new Set([
  "verack",
  "wtxidrelay",
  "sendaddrv2",
  "sendheaders",
  "sendcmpct",
]);

/** Why a command is ignored in this state, before anybody looks at its payload; undefined where it is not. */
export function whyIgnored(state: State, command: Command): string | undefined {
  switch (state.name) {
    case "awaiting-version":
      return command === "version"
        ? undefined
        : `non-version message before version handshake: ${command}`;
    case "awaiting-verack":
      if (BEFORE_VERACK.has(command)) return undefined;
      return command === "version"
        ? "redundant version message"
        : `unsupported message prior to verack: ${command}`;
    case "established":
      return command === "version" || command === "verack"
        ? `redundant ${command} message`
        : undefined;
    case "new":
    case "closed":
      return `${command} on a connection that is not open`;
    default:
      return state satisfies never;
  }
}
