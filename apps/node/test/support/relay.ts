import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Readable, Transform } from "node:stream";

/** The state of a line: bytes pass, the line is broken, or they are neither lost nor delivered. */
export type LineState = "open" | "cut" | "stalled";

interface Target {
  readonly host: string;
  readonly port: number;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** The bytes from the far side, as they are passed on. */
  readonly answers: Readable;
}

/** A TCP line to a port of this machine that can be cut, stalled and healed while it is in use. */
export class Relay {
  readonly #server: Server;
  readonly #target: Target;
  readonly #filter: (() => Transform) | undefined;
  readonly #pairs = new Set<Pair>();
  #state: LineState = "open";

  private constructor(target: Target, filter: (() => Transform) | undefined) {
    this.#target = target;
    this.#filter = filter;
    this.#server = createServer((near) => this.#take(near));
  }

  /** @param filter makes what the target's bytes go through, for each connection */
  static async open(target: Target, filter?: () => Transform): Promise<Relay> {
    const relay = new Relay(target, filter);
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
    const far = connect({ ...this.#target, noDelay: true });
    far.on("error", () => {});
    const filter = this.#filter?.();
    const pair = { near, far, answers: filter === undefined ? far : far.pipe(filter) };
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

  #apply({ near, far, answers }: Pair): void {
    // Always: healing twice must not pipe twice.
    near.unpipe(far);
    answers.unpipe(near);
    if (this.#state === "open") {
      near.pipe(far);
      answers.pipe(near);
    } else if (this.#state === "stalled") {
      near.pause();
      answers.pause();
    } else {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }
}
