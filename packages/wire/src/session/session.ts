import type { Milliseconds } from "@chain/core";
import { requireNumber } from "@chain/core/arguments";
import { Deframer, type FrameEvent } from "../deframer.ts";
import { WireError } from "../errors.ts";
import { FRAME_HEADER_SIZE, frameMessage } from "../frame.ts";
import { type Command, decodePayload, type Message } from "../messages/registry.ts";
import { sanitizeText } from "../text.ts";
import {
  acceptMessage,
  acceptShortPong,
  establishedDeadline,
  passDeadline,
  sendPing,
  whyNotOffered,
} from "./established.ts";
import { acceptBeforeVerack, acceptVersion, open } from "./handshake.ts";
import { requireConfig, requireEvent } from "./requireConfig.ts";
import {
  type Context,
  close,
  note,
  peerOf,
  type State,
  type Step,
  say,
  step,
  whyIgnored,
} from "./state.ts";
import { OTHER_TRAFFIC, TrafficCounter } from "./traffic.ts";
import type {
  PeerInfo,
  SessionAction,
  SessionConfig,
  SessionEvent,
  SessionStateName,
  SessionTimeouts,
  SessionTraffic,
} from "./types.ts";

/** Core's: DEFAULT_PEER_CONNECT_TIMEOUT, PING_INTERVAL and, for the other two, TIMEOUT_INTERVAL. */
export const DEFAULT_TIMEOUTS: SessionTimeouts = /* @__PURE__ */ Object.freeze({
  handshake: 60_000,
  pingInterval: 2 * 60_000,
  ping: 20 * 60_000,
  inactivity: 20 * 60_000,
});

/**
 * Our side of one connection: handshake, pings, time limits, and the translation between bytes and messages. It does
 * nothing by itself: events and the time go in, actions come out. Its rules are those of Core's net_processing.
 *
 * @example
 * const session = createSession(config);
 * for (const action of session.handle({ type: "opened" }, now)) {
 *   if (action.type === "write") socket.emit("sent", action.bytes);
 * }
 * session.state // "awaiting-version"
 */
export class Session {
  readonly #config: SessionConfig;
  readonly #timeouts: SessionTimeouts;
  readonly #deframer: Deframer;
  readonly #traffic = new TrafficCounter();
  #state: State = { name: "new" };
  #lastReceivedAt: Milliseconds = 0;
  #hasReceived = false;

  constructor(config: SessionConfig) {
    requireConfig(config, "config");
    this.#config = config;
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...config.timeouts };
    this.#deframer = new Deframer(config.magic, config.sha256);
  }

  get state(): SessionStateName {
    return this.#state.name;
  }

  /** The facts that the peer told of itself; undefined until its `version` has been accepted, and after the end. */
  get peer(): PeerInfo | undefined {
    return peerOf(this.#state);
  }

  /** When the ping was sent that is not answered yet, on the clock of `now`; undefined: none is. */
  get pingSentAt(): number | undefined {
    return this.#state.name === "established" ? this.#state.ping?.sentAt : undefined;
  }

  /** How much has gone back and forth. */
  get traffic(): SessionTraffic {
    return this.#traffic;
  }

  /** When to `tick`, on the clock of `now`, in milliseconds. Infinity: never. Any event may change it. */
  get nextDeadline(): number {
    const state = this.#state;
    switch (state.name) {
      case "new":
      case "closed":
        return Number.POSITIVE_INFINITY;
      case "awaiting-version":
      case "awaiting-verack":
        return state.deadline;
      case "established":
        return establishedDeadline(state, this.#context(0));
      default:
        return state satisfies never;
    }
  }

  /**
   * Takes an event and says what to do. It does not throw for anything that the peer sends.
   * @param now milliseconds since 1970.
   * @throws WireError `unencodable` for a message to send whose values do not fit their fields.
   */
  handle(event: SessionEvent, now: Milliseconds): SessionAction[] {
    requireEvent(event, "event");
    requireNumber(now, "now");
    const actions: SessionAction[] = [];
    if (this.#state.name === "closed") return actions;
    switch (event.type) {
      case "opened":
        this.#go(this.#open(now), actions);
        break;
      case "data":
        this.#receive(event.bytes, now, actions);
        break;
      case "send":
        this.#go(this.#send(event.message), actions);
        break;
      case "read":
        this.#go(this.#takePayload(event.command, event.payload, now), actions);
        break;
      case "ping":
        this.#go(this.#ping(now), actions);
        break;
      case "clock-set":
        this.#lastReceivedAt = now;
        break;
      case "tick":
        this.#go(this.#tick(now), actions);
        break;
      default:
        event satisfies never;
    }
    return actions;
  }

  /** Enters the state after an edge and encodes what is to be said. */
  #go({ state, reactions }: Step, actions: SessionAction[]): void {
    this.#state = state;
    for (const reaction of reactions) {
      actions.push(reaction.type === "say" ? this.#encode(reaction.message) : reaction);
    }
  }

  #encode(message: Message): SessionAction {
    const { magic, sha256 } = this.#config;
    const bytes = frameMessage(magic, message, this.peer?.protocolVersion, sha256);
    this.#traffic.countSent(message.command, bytes.length);
    this.#config.capture?.("sent", message.command, bytes.subarray(FRAME_HEADER_SIZE));
    return { type: "write", bytes };
  }

  #open(now: Milliseconds): Step {
    if (this.#state.name !== "new") return step(this.#state, note("opened twice", "warn"));
    this.#lastReceivedAt = now;
    return open(this.#context(now));
  }

  #send(message: Message): Step {
    return this.#state.name === "established"
      ? step(this.#state, say(message))
      : step(this.#state, note(`${message.command} not sent: no handshake yet`, "warn"));
  }

  #ping(now: Milliseconds): Step {
    const state = this.#state;
    return state.name === "established" ? sendPing(state, this.#context(now)) : step(state);
  }

  #tick(now: Milliseconds): Step {
    const state = this.#state;
    if (now < this.nextDeadline) return step(state);
    return state.name === "established"
      ? passDeadline(state, this.#context(now))
      : close(this.#whyNoHandshake());
  }

  /** Core: InactivityCheck. */
  #whyNoHandshake(): string {
    const isSent = this.#traffic.sent.size > 0;
    if (this.#hasReceived && isSent) return "version handshake timeout";
    const seconds = Math.floor(this.#timeouts.handshake / 1000);
    const received = this.#hasReceived ? "" : ", never received from peer";
    const sent = isSent ? "" : ", never sent to peer";
    return `socket no message in first ${seconds} seconds${received}${sent}`;
  }

  #receive(bytes: Uint8Array, now: Milliseconds, actions: SessionAction[]): void {
    if (this.#state.name === "new") {
      this.#go(step(this.#state, note("data before the connection was opened", "warn")), actions);
      return;
    }
    this.#lastReceivedAt = now;
    this.#hasReceived = true;
    for (const event of this.#deframer.push(bytes)) {
      this.#go(this.#takeFrame(event, now), actions);
      if (this.#state.name === "closed") return;
    }
  }

  #takeFrame(event: FrameEvent, now: Milliseconds): Step {
    switch (event.type) {
      case "fatal":
        return close(event.text);
      case "dropped":
        this.#traffic.countReceived(OTHER_TRAFFIC, FRAME_HEADER_SIZE + event.length);
        return this.#takeDropped(event);
      case "message":
        this.#traffic.countReceived(event.command, FRAME_HEADER_SIZE + event.payload.length);
        this.#config.capture?.("received", event.command, event.payload);
        return this.#takeFramed(event.command, event.payload, now);
      default:
        return event satisfies never;
    }
  }

  #takeFramed(command: Command, payload: Uint8Array, now: Milliseconds): Step {
    const isEstablished = this.#state.name === "established";
    const why = isEstablished ? whyNotOffered(command, this.#config.services) : undefined;
    if (why !== undefined) return close(why);
    return this.#isForLater(command, payload)
      ? step(this.#state, { type: "unread", command, payload })
      : this.#takePayload(command, payload, now);
  }

  #takeDropped(event: FrameEvent & { readonly type: "dropped" }): Step {
    const { command, length, reason, checksums } = event;
    const more = checksums && `, expected ${checksums.expected} was ${checksums.received}`;
    return step(this.#state, note(`dropped ${describe(command, length)}: ${reason}${more ?? ""}`));
  }

  #isForLater(command: Command, { length }: Uint8Array): boolean {
    const { unreadFrom = Number.POSITIVE_INFINITY } = this.#config;
    return this.#state.name === "established" && length >= unreadFrom && command !== "block";
  }

  #takePayload(command: Command, payload: Uint8Array, now: Milliseconds): Step {
    const ignored = whyIgnored(this.#state, command);
    if (ignored !== undefined) return step(this.#state, note(ignored));
    let message: Message;
    try {
      message = decodePayload<Command>(command, payload, this.peer?.protocolVersion);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#takeUnreadable(command, payload, error);
    }
    return this.#takeMessage(message, this.#context(now));
  }

  #takeMessage(message: Message, context: Context): Step {
    const state = this.#state;
    if (state.name === "established") return acceptMessage(state, message, context);
    if (state.name === "awaiting-version" && message.command === "version") {
      return acceptVersion(state, message, context);
    }
    return state.name === "awaiting-verack"
      ? acceptBeforeVerack(state, message, context)
      : step(state);
  }

  #takeUnreadable(command: Command, payload: Uint8Array, error: WireError): Step {
    const state = this.#state;
    const isLocator = command === "getblocks" || command === "getheaders";
    const isForgiven = this.#config.forgives === true && !isLocator;
    if (error.code === "too-many-items" && command !== "notfound" && !isForgiven) {
      // For a long locator Core disconnects too, but does not hold it against the peer; `notfound` it just ignores.
      return close(error.message, !isLocator);
    }
    if (command === "pong" && state.name === "established") return acceptShortPong(state);
    const text = `unreadable ${describe(command, payload.length)}: ${error.message}`;
    return step(state, note(text));
  }

  #context(now: Milliseconds): Context {
    return {
      config: this.#config,
      timeouts: this.#timeouts,
      now,
      lastReceivedAt: this.#lastReceivedAt,
    };
  }
}

/** Any peer can choose the name of a message: it must be safe to print. */
function describe(command: string, length: number): string {
  return `message "${sanitizeText(command)}" of ${length} bytes`;
}

/**
 * Our side of a new connection. Tell it `opened` first.
 * @example
 * const session = createSession(config);
 * session.handle({ type: "opened" }, now).map(({ type }) => type) // ["write"]: our version
 */
export function createSession(config: SessionConfig): Session {
  return new Session(config);
}
