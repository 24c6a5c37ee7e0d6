/** A client of the Electrum protocol over any stream of lines. */
import type { Socket } from "node:net";
import { createInterface } from "node:readline";

// biome-ignore lint/suspicious/noExplicitAny: a test reads fields of many kinds of answers
type Answer = any;

export class ElectrumClient {
  readonly received: Answer[] = [];
  readonly #write: (line: string) => void;
  #id = 0;
  #isOver = false;
  readonly #waiting: (() => void)[] = [];

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  static over(socket: Socket): ElectrumClient {
    const client = new ElectrumClient((line) => void socket.write(`${line}\n`));
    createInterface({ input: socket }).on("line", (line) => client.hear(line));
    socket.on("error", () => {});
    socket.on("close", () => client.end());
    return client;
  }

  hear(line: string): void {
    this.received.push(JSON.parse(line));
    this.#tell();
  }

  end(): void {
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  async take(fits: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const at = this.received.findIndex(fits);
      if (at >= 0) return this.received.splice(at, 1)[0];
      if (this.#isOver) throw new RangeError("the connection has ended");
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }

  async call(method: string, ...params: readonly unknown[]): Promise<Answer> {
    const id = ++this.#id;
    this.#write(JSON.stringify({ id, method, params }));
    const { result, error } = await this.take((each) => each.id === id);
    if (error !== undefined) throw new RangeError(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  notified(method: string): Promise<Answer> {
    return this.take((each) => each.method === method);
  }
}
