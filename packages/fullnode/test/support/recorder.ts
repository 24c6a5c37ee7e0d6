import type { Connection, ConnectionHandler } from "@chain/engine";

/** The events of a connection, and promises for them. */
export class Recorder implements ConnectionHandler {
  readonly events: string[] = [];
  received = 0;
  connection: Connection | undefined;
  readonly #waiting = new Set<() => void>();

  readonly attach = (connection: Connection): ConnectionHandler => {
    this.connection = connection;
    this.#happened("open");
    return this;
  };
  onData(bytes: Uint8Array): void {
    this.received += bytes.length;
    this.#happened("data");
  }
  onDrain(): void {
    this.#happened("drain");
  }
  onClose(why: string): void {
    this.#happened(`close: ${why}`);
  }

  #happened(what: string): void {
    this.events.push(what);
    for (const look of this.#waiting) look();
  }

  until(test: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!test()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  closed(): Promise<void> {
    return this.until(() => this.events.some((event) => event.startsWith("close")));
  }
}
