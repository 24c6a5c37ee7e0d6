/** A client of the Electrum protocol whose connection is no socket. */
import type { ConnectionHandler } from "@chain/engine";
import { type DoorNode, startDoorNode } from "@chain/testing/doorNode";
import { type ElectrumOptions, ElectrumServer } from "../../src/server.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads fields of many kinds of answers
type Answer = any;

export class Client {
  isClosed = false;
  isReading = true;
  /** Whether it takes what is written; otherwise the session has to wait for `drain`. */
  takes = true;
  readonly received: Answer[] = [];
  readonly handler: ConnectionHandler;
  #id = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(server: ElectrumServer) {
    this.handler = server.accept({
      remote: { host: "127.0.0.1", port: 1 },
      write: (bytes) => {
        for (const line of new TextDecoder().decode(bytes).trimEnd().split("\n")) {
          this.received.push(JSON.parse(line));
        }
        this.#tell();
        return this.takes;
      },
      setReading: (reading) => {
        this.isReading = reading;
      },
      close: () => {
        this.isClosed = true;
        this.#tell();
      },
    });
  }

  send(text: string): void {
    this.handler.onData(new TextEncoder().encode(text));
  }

  #tell(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  /** The first answer or notification that fits. It is taken out. */
  async take(fits: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const at = this.received.findIndex(fits);
      if (at >= 0) return this.received.splice(at, 1)[0];
      if (this.isClosed) throw new RangeError("the session has ended");
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }

  async answer(method: string, ...params: readonly unknown[]): Promise<Answer> {
    const id = ++this.#id;
    this.send(`${JSON.stringify({ id, method, params })}\n`);
    return this.take((each) => each.id === id);
  }

  async call(method: string, ...params: readonly unknown[]): Promise<Answer> {
    const { result, error } = await this.answer(method, ...params);
    if (error !== undefined) throw new RangeError(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  async error(method: string, ...params: readonly unknown[]): Promise<readonly [number, string]> {
    const { error } = await this.answer(method, ...params);
    return [error.code, error.message];
  }

  notified(method: string): Promise<Answer> {
    return this.take((each) => each.method === method);
  }
}

export async function start(
  options: ElectrumOptions = {},
  blocks?: number,
  atEnd?: (close: () => Promise<void>) => void,
): Promise<DoorNode & { readonly server: ElectrumServer; readonly client: Client }> {
  const door = await startDoorNode(blocks, atEnd);
  const server = new ElectrumServer(door.host, options);
  return { ...door, server, client: new Client(server) };
}
