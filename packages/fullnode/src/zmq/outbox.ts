import { present } from "@chain/core/arguments";

/** Bytes kept for one subscriber at most, however high its high-water mark is: raw blocks are large. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Messages for one subscriber, in order. Those that find it full are dropped, as ZeroMQ drops them. */
export class Outbox {
  readonly #write: (bytes: Uint8Array) => boolean;
  readonly #highWaterMark: number;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #isBlocked = false;

  /**
   * @param write takes bytes, and says whether it may be called before `drained`
   * @param highWaterMark messages to keep; 0: no bound but bytes
   */
  constructor(write: (bytes: Uint8Array) => boolean, highWaterMark: number) {
    this.#write = write;
    this.#highWaterMark = highWaterMark === 0 ? Number.POSITIVE_INFINITY : highWaterMark;
  }

  send(message: Uint8Array): void {
    if (!this.#isBlocked) {
      this.#isBlocked = !this.#write(message);
      return;
    }
    if (this.#waiting.length >= this.#highWaterMark) return;
    if (this.#bytes + message.length > MAX_BYTES) return;
    this.#waiting.push(message);
    this.#bytes += message.length;
  }

  drained(): void {
    this.#isBlocked = false;
    let sent = 0;
    while (sent < this.#waiting.length && !this.#isBlocked) {
      const message = present(this.#waiting[sent++], "waiting[sent++]");
      this.#bytes -= message.length;
      this.#isBlocked = !this.#write(message);
    }
    this.#waiting = this.#waiting.slice(sent);
  }
}
