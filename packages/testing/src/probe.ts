/** A bare socket that says what it likes to a node and keeps what it hears. */
import { connect, type Socket } from "node:net";
import { bytesToHex, concatBytes, type HashId, regtest } from "@chain/core";
import {
  type Command,
  Deframer,
  decodePayload,
  frameMessage,
  type Message,
  MSG_TX,
  netAddress,
  UNSPECIFIED_ADDRESS,
  type VersionMessage,
} from "@chain/wire";

const { magic } = regtest;
/** Long enough for any answer of a node on this machine, those that it puts off on purpose included. Milliseconds. */
const PATIENCE = 30_000;

export class Probe {
  /** In the order in which they came; those that we have no codec for, by name. */
  readonly heard: (Message | { readonly command: string })[] = [];
  closed = false;
  #wantsTransactions = true;
  readonly #socket: Socket;
  readonly #deframer = new Deframer(magic);
  readonly #watchers = new Set<() => void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#hear(bytes));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  static connect(port: number): Promise<Probe> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new Probe(socket)));
    });
  }

  /** The other end of a connection that a node has opened. */
  static of(socket: Socket): Probe {
    return new Probe(socket);
  }

  #hear(bytes: Uint8Array): void {
    for (const event of this.#deframer.push(bytes)) {
      if (event.type === "dropped") this.heard.push({ command: event.command });
      if (event.type !== "message") continue;
      const { command, payload } = event;
      // Pings of old had no nonce.
      const version = command === "ping" && payload.length === 0 ? 60_000 : 70_016;
      this.heard.push(decodePayload<Command>(command, payload, version));
    }
    this.#wake();
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }

  write(...frames: readonly Uint8Array[]): void {
    this.#socket.write(concatBytes(...frames));
  }

  say(...messages: readonly Message[]): void {
    this.write(...messages.map((message) => frameMessage(magic, message)));
  }

  /** Resolves when it holds, or the connection has ended, which it tells; rejects after half a minute. */
  until(what: string, done: () => boolean): Promise<"so" | "closed"> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => finish(() => reject(new RangeError(`never: ${what}`))),
        PATIENCE,
      );
      const finish = (end: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        end();
      };
      const look = () => {
        if (done()) finish(() => resolve("so"));
        else if (this.closed) finish(() => resolve("closed"));
      };
      this.#watchers.add(look);
      look();
    });
  }

  count(command: string): number {
    return this.heard.filter((message) => message.command === command).length;
  }

  hears(command: string): Promise<"so" | "closed"> {
    return this.until(`hearing ${command}`, () => this.count(command) > 0);
  }

  /** Whether the node still answers. All its answers to earlier messages have come by then. */
  async isAlive(): Promise<boolean> {
    const asked = this.heard.length;
    const hash = asked.toString(16).padStart(64, "0") as HashId;
    // Old nodes don't answer pings, and a peer that wants no transactions is told of none.
    if (this.#wantsTransactions) this.say({ command: "getdata", items: [{ type: MSG_TX, hash }] });
    else this.say({ command: "ping", nonce: BigInt(asked) });
    const answered = () =>
      this.heard.some((message) => {
        if ("items" in message) return message.items.at(-1)?.hash === hash;
        return message.command === "pong" && "nonce" in message && message.nonce === BigInt(asked);
      });
    return (await this.until("an answer", answered)) === "so";
  }

  /** Says hello and waits until the node has told all that it tells anybody. */
  async shakeHands(overrides: Partial<VersionMessage> = {}): Promise<void> {
    this.#wantsTransactions = overrides.relay ?? true;
    this.say(hello(overrides), { command: "wtxidrelay" }, { command: "sendaddrv2" });
    await this.hears("verack");
    this.say({ command: "verack" }, { command: "sendcmpct", announce: false, version: 2n });
    await this.hears("getheaders");
    this.say({ command: "headers", headers: [] });
    await this.isAlive();
  }

  /** The messages that it has heard since, in the same words for the same content. */
  heardSince(from: number): readonly string[] {
    const news = this.heard.slice(from).filter(({ command }) => !USUAL.includes(command));
    return news.map(describe);
  }

  end(): void {
    this.#socket.destroy();
  }
}

export function hello(overrides: Partial<VersionMessage> = {}): VersionMessage {
  return {
    command: "version",
    protocolVersion: 70_016,
    services: 9n,
    timestamp: BigInt(Math.floor(Date.now() / 1000)),
    receiver: netAddress("127.0.0.1", 1),
    sender: UNSPECIFIED_ADDRESS,
    nonce: BigInt(Math.floor(Math.random() * 2 ** 48)),
    userAgent: "/probe:1/",
    startHeight: 0,
    relay: true,
    ...overrides,
  };
}

/** The deeds of a node: all that it has said, in order, and whether it still talks to us. */
export interface Outcome {
  readonly said: readonly string[];
  readonly alive: boolean;
}

/** Said by any node at any time, whatever we say; and `reject`, which Core gave up in 0.20 (BIP-0061). */
const USUAL = ["ping", "pong", "feefilter", "sendheaders", "sendcmpct", "addr", "addrv2"];

/** Says this to a node before the handshake or after it. */
export async function put(
  port: number,
  when: "before" | "after",
  frames: readonly Uint8Array[],
): Promise<Outcome> {
  const probe = await Probe.connect(port);
  try {
    if (when === "after") await probe.shakeHands();
    const before = probe.heard.length;
    probe.write(...frames);
    if (when === "before") {
      probe.say({ command: "verack" });
      await probe.hears("getheaders");
      probe.say({ command: "headers", headers: [] });
    }
    const alive = await probe.isAlive();
    const said = probe.heardSince(before);
    // The last is only the sign of life.
    return { said: alive ? said.slice(0, -1) : said, alive };
  } finally {
    probe.end();
  }
}

/** The same words for the same content, whatever nonces are in it. */
function describe(message: Message | { readonly command: string }): string {
  const { command } = message;
  if ("headers" in message) {
    const hashes = message.headers.map((header) =>
      typeof header === "string" ? header : header.hash,
    );
    return `${command} ${listed(hashes.map((hash) => hash.slice(0, 12)))}`;
  }
  if ("hashes" in message)
    return `${command} ${listed(message.hashes.map((hash) => hash.slice(0, 12)))}`;
  if ("filter" in message) return `${command} ${bytesToHex(message.filter)}`;
  if ("items" in message) {
    return `${command} ${listed(message.items.map(({ type, hash }) => `${type}-${hash.slice(0, 12)}`))}`;
  }
  if ("raw" in message) return `${command} ${bytesToHex(message.raw)}`;
  if ("prefilled" in message) return `${command} ${message.header.hash}`;
  if ("transactions" in message)
    return `${command} ${listed(message.transactions.map(({ wtxid }) => wtxid.slice(0, 12)))}`;
  return command;
}

function listed(hashes: readonly string[]): string {
  return hashes.join(",");
}
