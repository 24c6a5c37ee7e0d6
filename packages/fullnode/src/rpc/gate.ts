import type { Socket } from "node:net";
import type { Milliseconds } from "@chain/core";

/** Callers that have not shown the cookie: connections, and how long they have for it. Milliseconds. */
const MAX_STRANGERS: Milliseconds = 128;
const STRANGER_TIMEOUT: Milliseconds = 5_000;
/** Connections of callers that have shown it, those at rest between two requests included. */
const MAX_OWNERS = 128;
/** Requests at the same time. */
const MAX_CALLS = 64;
/** Requests that have begun to arrive. They cost their connection and no work. */
const MAX_ARRIVING = 1024;
/** A request that waits longer than this for its caller gives way to others. Milliseconds. */
const SLOW: Milliseconds = 1_000;
/** How long an answer may take to be read. Milliseconds. */
const ANSWER_TIMEOUT: Milliseconds = 30_000;

/** A request of a caller that has shown the cookie. */
export interface Call {
  /** Since when the caller has to do something: send the rest, or read the answer; `undefined`: we have. */
  waitsSince: Milliseconds | undefined;
  /** Whether it counts as work, which it does once all of it is there. */
  isWork: boolean;
  /** When its answer has to be read. */
  deadline?: NodeJS.Timeout;
}

/**
 * Decides which connections stay, so that no caller keeps the owner of the node out. Connections without the cookie
 * are counted apart from those with it, and the oldest is closed when there are too many: a newcomer always gets in.
 * The body of a request is read only after the cookie was seen, so a stranger costs a few kB.
 */
export class Gate {
  /** In the order in which they came. */
  readonly #strangers = new Map<Socket, NodeJS.Timeout>();
  /** With the number of their requests in progress, the one that asked last at the end. */
  readonly #owners = new Map<Socket, number>();
  readonly #calls = new Map<Call, Socket>();
  /** How many of them count as work. */
  #working = 0;
  readonly #maxCalls: number;
  readonly #strangerTimeout: Milliseconds;

  /**
   * @param options `maxCalls`: requests at the same time; `strangerTimeout`: how long a connection may take to show
   *   the cookie, in milliseconds
   */
  constructor({
    maxCalls = MAX_CALLS,
    strangerTimeout = STRANGER_TIMEOUT,
  }: { readonly maxCalls?: number; readonly strangerTimeout?: Milliseconds } = {}) {
    this.#maxCalls = maxCalls;
    this.#strangerTimeout = strangerTimeout;
  }

  /** A connection has been made. */
  admit(socket: Socket): void {
    socket.once("close", () => {
      this.#forget(socket);
      this.#owners.delete(socket);
    });
    this.distrust(socket);
    afterReading(() => {
      for (const oldest of this.#strangers.keys()) {
        if (this.#strangers.size <= MAX_STRANGERS) break;
        this.#end(oldest);
      }
    });
  }

  /** This connection has to end, or to show the cookie, in so many milliseconds. */
  distrust(socket: Socket, timeout: Milliseconds = this.#strangerTimeout): void {
    this.#forget(socket);
    const timer = setTimeout(() => {
      afterReading(() => {
        if (this.#strangers.has(socket)) this.#end(socket);
      });
    }, timeout);
    this.#strangers.set(socket, timer.unref());
  }

  /**
   * A request with the cookie has begun to arrive. It takes nobody's place before it is whole, because its caller may
   * take as long as it likes: see `work`.
   * @returns `undefined` where too many are arriving, all of which have just begun
   */
  begin(socket: Socket): Call | undefined {
    this.#forget(socket);
    const busy = this.#owners.get(socket) ?? 0;
    this.#owners.delete(socket);
    this.#owners.set(socket, busy + 1);
    if (this.#owners.size > MAX_OWNERS) {
      const atRest = [...this.#owners].find(([, calls]) => calls === 0);
      if (atRest !== undefined) this.#end(atRest[0]);
    }
    const arriving = this.#calls.size - this.#working;
    if (arriving >= MAX_ARRIVING && !this.#endSlowest(false)) return undefined;
    const call: Call = { waitsSince: performance.now(), isWork: false };
    this.#calls.set(call, socket);
    return call;
  }

  /**
   * From now on a request counts as work.
   * @returns whether there is room for it; none is where too many are in progress, none of which waits for a slow caller
   */
  work(call: Call): boolean {
    if (this.#working >= this.#maxCalls && !this.#endSlowest(true)) return false;
    // Its connection may have ended.
    if (!this.#calls.has(call)) return true;
    call.isWork = true;
    this.#working++;
    return true;
  }

  /** The answer goes out: a caller that does not read it is not waited for. */
  answer(call: Call): void {
    call.waitsSince = performance.now();
    const socket = this.#calls.get(call);
    if (socket === undefined) return;
    call.deadline = setTimeout(() => this.#end(socket), ANSWER_TIMEOUT).unref();
  }

  /** The request is over, answered or not. */
  finish(socket: Socket, call: Call | undefined): void {
    if (call !== undefined) {
      clearTimeout(call.deadline);
      this.#remove(call);
    }
    const busy = this.#owners.get(socket);
    if (busy !== undefined) this.#owners.set(socket, Math.max(0, busy - 1));
  }

  #remove(call: Call): void {
    if (this.#calls.delete(call) && call.isWork) this.#working--;
  }

  /** Ends the slowest caller of those whose requests are work, or of those that are not. */
  #endSlowest(isWork: boolean): boolean {
    const latest = performance.now() - SLOW;
    let slowest: [Call, Socket] | undefined;
    for (const each of this.#calls) {
      const { waitsSince } = each[0];
      if (each[0].isWork !== isWork || waitsSince === undefined || waitsSince > latest) continue;
      if (slowest === undefined || waitsSince < (slowest[0].waitsSince ?? 0)) slowest = each;
    }
    if (slowest === undefined) return false;
    this.#remove(slowest[0]);
    this.#end(slowest[1]);
    return true;
  }

  #end(socket: Socket): void {
    this.#forget(socket);
    socket.destroy();
  }

  #forget(socket: Socket): void {
    clearTimeout(this.#strangers.get(socket));
    this.#strangers.delete(socket);
  }
}

/**
 * Acts once all that has arrived by now was read. The system hands over hundreds of new connections at once, before a
 * byte of theirs: judged there and then, the owner could be closed although its cookie has come.
 */
function afterReading(action: () => void): void {
  setImmediate(() => setImmediate(action));
}
