import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of the bytes on a line: they pass, the line is broken, or they are neither lost nor delivered. */
export type LineState = "open" | "cut" | "stalled";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A TCP line to a port of 127.0.0.1 that can be cut, stalled and healed while it is in use. */
export class Relay {
  readonly #server: Server;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  #state: LineState = "open";

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => this.#take(near));
  }

  static async open(target: number): Promise<Relay> {
    const relay = new Relay(target);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  /** Where to call instead of the target. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get state(): LineState {
    return this.#state;
  }

  set(state: LineState): void {
    this.#state = state;
    for (const pair of this.#pairs) this.#apply(pair);
  }

  async close(): Promise<void> {
    this.set("cut");
    this.#server.close();
    await once(this.#server, "close");
  }

  #take(near: Socket): void {
    near.on("error", () => {});
    if (this.#state === "cut") {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: "127.0.0.1", port: this.#target, noDelay: true });
    far.on("error", () => {});
    const pair = { near, far };
    this.#pairs.add(pair);
    const forget = () => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    near.once("close", forget);
    far.once("close", forget);
    this.#apply(pair);
  }

  #apply({ near, far }: Pair): void {
    // Always: healing twice must not pipe twice.
    near.unpipe(far);
    far.unpipe(near);
    if (this.#state === "open") {
      near.pipe(far);
      far.pipe(near);
    } else if (this.#state === "stalled") {
      near.pause();
      far.pause();
    } else {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }
}
