/** A subscriber of ZMTP for tests, as plain as can be: it knows nothing of the publisher's code. */
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** One message: topic, body, and the count of its topic. */
export interface Received {
  readonly topic: string;
  readonly body: Buffer;
  readonly count: number;
}

const GREETING = Buffer.alloc(64);
GREETING[0] = 0xff;
GREETING[9] = 0x7f;
GREETING[10] = 3;
GREETING.write("NULL", 12);

const READY = Buffer.from("\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB", "latin1");

export interface ClientOptions {
  /** The minor version that it says it speaks: 0 subscribes by messages, 1 by commands. */
  readonly minor?: 0 | 1;
  readonly topics: readonly string[];
}

export class ZmqClient {
  readonly socket: Socket;
  readonly received: Received[] = [];
  /** Commands that came, as text. */
  readonly commands: string[] = [];
  #buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #isGreeted = false;
  #closed = false;
  readonly #listeners = new Set<() => void>();

  /** Resolves when the publisher has taken all subscriptions. */
  static async connect(
    where: number | string,
    { minor = 1, topics }: ClientOptions,
  ): Promise<ZmqClient> {
    const client = new ZmqClient(where);
    const greeting = Buffer.from(GREETING);
    greeting[11] = minor;
    client.socket.write(Buffer.concat([greeting, READY]));
    for (const topic of topics) client.subscribe(topic, minor);
    // It answers in order, so that what came before has been taken.
    await client.ping("ready");
    return client;
  }

  constructor(where: number | string) {
    this.socket = typeof where === "number" ? connect(where, "127.0.0.1") : connect(where);
    this.socket.on("data", (bytes) => this.#take(bytes));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.#closed = true;
      this.#tell();
    });
    onTestFinished(() => void this.socket.destroy());
  }

  command(name: string, data: Buffer = Buffer.alloc(0)): void {
    const body = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), data]);
    this.socket.write(Buffer.concat([Buffer.from([4, body.length]), body]));
  }

  subscribe(topic: string, minor: 0 | 1 = 1): void {
    this.#topic("SUBSCRIBE", topic, minor);
  }

  cancel(topic: string, minor: 0 | 1 = 1): void {
    this.#topic("CANCEL", topic, minor);
  }

  #topic(command: "SUBSCRIBE" | "CANCEL", topic: string, minor: 0 | 1): void {
    const bytes = Buffer.from(topic);
    if (minor === 1) this.command(command, bytes);
    else {
      this.socket.write(Buffer.from([0, bytes.length + 1, command === "CANCEL" ? 0 : 1, ...bytes]));
    }
  }

  async ping(context: string): Promise<void> {
    this.command("PING", Buffer.concat([Buffer.from([0, 0]), Buffer.from(context)]));
    await this.until(() => this.commands.includes(`PONG${context}`));
  }

  /** Resolves when something holds; rejects when the publisher has ended the connection before. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (holds()) resolve();
        else if (this.#closed) reject(new RangeError("the publisher has ended the connection"));
        else return;
        this.#listeners.delete(look);
      };
      this.#listeners.add(look);
      look();
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #take(bytes: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    if (!this.#isGreeted) {
      if (this.#buffer.length < 64) return;
      this.#isGreeted = true;
      this.#buffer = this.#buffer.subarray(64);
    }
    while (this.#frame());
    this.#tell();
  }

  #frame(): boolean {
    const [flags] = this.#buffer;
    if (flags === undefined) return false;
    const isLong = (flags & 2) !== 0;
    const start = isLong ? 9 : 2;
    if (this.#buffer.length < start) return false;
    const length = isLong ? Number(this.#buffer.readBigUInt64BE(1)) : this.#buffer.readUInt8(1);
    if (this.#buffer.length < start + length) return false;
    const body = this.#buffer.subarray(start, start + length);
    this.#buffer = this.#buffer.subarray(start + length);
    if ((flags & 4) !== 0) {
      this.commands.push(body.toString("latin1", 1));
      return true;
    }
    this.#parts.push(body);
    if ((flags & 1) !== 0) return true;
    const [topic, data, count] = this.#parts as [Buffer, Buffer, Buffer];
    this.#parts = [];
    this.received.push({ topic: topic.toString(), body: data, count: count.readUInt32LE(0) });
    return true;
  }
}
