/** One subscriber: its handshake, and what it has subscribed to. No sockets. */
import {
  command,
  type Frame,
  readCommand,
  readProperties,
  readyCommand,
  ZmtpError,
  ZmtpReader,
} from "./zmtp.ts";

/** Topics that a subscriber may hold, and the bytes of all their names: a bound on the memory that it takes. */
const MAX_TOPICS = 1_000;
const MAX_TOPIC_BYTES = 65_536;
/** Bytes that an answer to PING repeats. */
const MAX_PING_CONTEXT = 16;

const SUBSCRIBE = 1;
const CANCEL = 0;

/** The state of one subscriber. */
export class Subscriber {
  readonly #reader = new ZmtpReader();
  readonly #reply: (bytes: Uint8Array) => void;
  /** How often each prefix is subscribed to: it takes as many cancellations. Text has a character a byte. */
  readonly #prefixes = new Map<string, number>();
  #bytes = 0;
  #state: "greeting" | "handshake" | "ready" = "greeting";

  /** @param reply sends bytes to it at once */
  constructor(reply: (bytes: Uint8Array) => void) {
    this.#reply = reply;
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** Whether messages of a topic are for it: it subscribes to beginnings. */
  wants(topic: string): boolean {
    for (const prefix of this.#prefixes.keys()) if (topic.startsWith(prefix)) return true;
    return false;
  }

  /** @throws ZmtpError where it must be disconnected */
  receive(bytes: Uint8Array): void {
    const frames = this.#reader.push(bytes);
    if (this.#state === "greeting" && this.#reader.isGreeted) {
      this.#state = "handshake";
      this.#reply(readyCommand("PUB"));
    }
    for (const frame of frames) this.#take(frame);
  }

  #take(frame: Frame): void {
    if (frame.isCommand) this.#command(frame.body);
    else if (this.#state !== "ready") throw new ZmtpError("a message before the handshake");
    else this.#message(frame.body);
  }

  /** A subscription of ZMTP 3.0. Other messages are of no use to a publisher. */
  #message(body: Uint8Array): void {
    const topic = body.subarray(1);
    if (body[0] === SUBSCRIBE) this.#subscribe(topic);
    else if (body[0] === CANCEL) this.#cancel(topic);
  }

  #command(body: Uint8Array): void {
    const { name, data } = readCommand(body);
    if (this.#state !== "ready") {
      if (name !== "READY") throw new ZmtpError(`command ${name} in place of READY`);
      const type = readProperties(data).get("socket-type");
      if (type !== "SUB" && type !== "XSUB") throw new ZmtpError("a socket that is no subscriber");
      this.#state = "ready";
      return;
    }
    switch (name) {
      case "SUBSCRIBE":
        this.#subscribe(data);
        return;
      case "CANCEL":
        this.#cancel(data);
        return;
      case "PING":
        // Two bytes say how long it would wait.
        if (data.length < 2) throw new ZmtpError("PING without a time");
        this.#reply(command("PONG", data.subarray(2, 2 + MAX_PING_CONTEXT)));
        return;
      case "ERROR":
        throw new ZmtpError("it has reported an error");
    }
  }

  #subscribe(topic: Uint8Array): void {
    const prefix = textOf(topic);
    const count = this.#prefixes.get(prefix);
    if (count === undefined) {
      this.#bytes += prefix.length;
      if (this.#prefixes.size >= MAX_TOPICS || this.#bytes > MAX_TOPIC_BYTES) {
        throw new ZmtpError("more topics than one subscriber may have");
      }
    }
    this.#prefixes.set(prefix, (count ?? 0) + 1);
  }

  #cancel(topic: Uint8Array): void {
    const prefix = textOf(topic);
    const count = this.#prefixes.get(prefix);
    if (count === undefined) return;
    if (count > 1) {
      this.#prefixes.set(prefix, count - 1);
      return;
    }
    this.#prefixes.delete(prefix);
    this.#bytes -= prefix.length;
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
