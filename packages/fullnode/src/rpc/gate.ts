import type { Socket } from "node:net";
import type { Milliseconds } from "@chain/core";

/** Connections that have asked for nothing yet. */
const MAX_NEWCOMERS = 128;
/** How long they have for it. */
const NEWCOMER_TIMEOUT: Milliseconds = 5_000;
/** Connections of a lane, those at rest between two requests included. */
const MAX_CONNECTIONS = 128;
/** Requests of a lane at the same time. */
const MAX_CALLS = 64;
/** Requests of a lane that have begun to arrive. They cost their connection and no work. */
const MAX_ARRIVING = 1024;
/** A request that waits longer than this for its caller gives way to others. Milliseconds. */
const SLOW: Milliseconds = 1_000;
/** How long an answer may take to be read. Milliseconds. */
const ANSWER_TIMEOUT: Milliseconds = 30_000;
/** Bytes of answers of a lane that their callers have not read yet. Beyond, slow readers are cut off. */
const MAX_UNREAD: number = 64 * 1024 * 1024;

/** An answer in memory; a `ServerResponse` of Node's. */
export interface Unread {
  /** Bytes that have not gone out. */
  readonly writableLength: number;
}

/** A request that was let in. */
export interface Call {
  /** Since when the caller has to do something: send the rest, or read the answer; `undefined`: we have. */
  waitsSince: Milliseconds | undefined;
}

interface CallInProgress extends Call {
  readonly socket: Socket;
  /** The answer, once there is one, and when it has to be read. */
  answer?: { readonly unread: Unread; readonly deadline: NodeJS.Timeout };
}

/** Callers of one kind, which take no place from those of another. */
class Lane {
  /** The one that asked last at the end. */
  readonly sockets = new Set<Socket>();
  readonly arriving = new Set<CallInProgress>();
  /** Those that are whole. */
  readonly working = new Set<CallInProgress>();
}

/**
 * Decides which connections stay, so that no caller keeps the owner of the node out. Callers with the cookie have a lane
 * of their own, and the oldest connection of a lane that rests is closed when there are too many: a newcomer always
 * gets in. The body of a request is read only after its lane is known, so a newcomer costs a few kB.
 */
export class Gate {
  /** In the order in which they came. */
  readonly #newcomers = new Map<Socket, NodeJS.Timeout>();
  readonly #owners = new Lane();
  readonly #strangers = new Lane();
  /** Connections that were let in, with the number of their requests in progress. */
  readonly #busy = new Map<Socket, number>();
  readonly #maxCalls: number;
  readonly #maxUnread: number;
  readonly #newcomerTimeout: Milliseconds;

  /**
   * @param options `maxCalls`: requests of a lane at the same time; `maxUnread`: bytes of its answers that wait to be
   *   read; `newcomerTimeout`: how long a connection may take to ask for something that it may have, in milliseconds
   */
  constructor({
    maxCalls = MAX_CALLS,
    maxUnread = MAX_UNREAD,
    newcomerTimeout = NEWCOMER_TIMEOUT,
  }: {
    readonly maxCalls?: number;
    readonly maxUnread?: number;
    readonly newcomerTimeout?: Milliseconds;
  } = {}) {
    this.#maxCalls = maxCalls;
    this.#maxUnread = maxUnread;
    this.#newcomerTimeout = newcomerTimeout;
  }

  /** A connection has been made. */
  admit(socket: Socket): void {
    socket.once("close", () => this.#forget(socket));
    this.distrust(socket);
    afterReading(() => {
      for (const oldest of this.#newcomers.keys()) {
        if (this.#newcomers.size <= MAX_NEWCOMERS) break;
        this.#end(oldest);
      }
    });
  }

  /** This connection has to end, or to be let in, in so many milliseconds. */
  distrust(socket: Socket, timeout: Milliseconds = this.#newcomerTimeout): void {
    this.#trust(socket);
    const timer = setTimeout(() => {
      afterReading(() => {
        if (this.#newcomers.has(socket)) this.#end(socket);
      });
    }, timeout);
    this.#newcomers.set(socket, timer.unref());
  }

  /**
   * A request has begun to arrive. It takes nobody's place before it is whole, because its caller may take as long as it
   * likes: see `work`.
   * @param isOwner its caller has shown the cookie; without it, it asks for something that anybody may have
   * @returns `undefined` where too many are arriving, all of which have just begun
   */
  begin(socket: Socket, isOwner: boolean): Call | undefined {
    this.#trust(socket);
    const lane = this.#enter(socket, isOwner);
    if (lane.arriving.size >= MAX_ARRIVING && !this.#endSlowest(lane.arriving)) return undefined;
    const call: CallInProgress = { waitsSince: performance.now(), socket };
    lane.arriving.add(call);
    this.#busy.set(socket, (this.#busy.get(socket) ?? 0) + 1);
    return call;
  }

  /**
   * From now on a request counts as work.
   * @returns whether there is room for it; none is where too many are in progress, none of which waits for a slow caller
   */
  work(call: Call): boolean {
    const lane = this.#laneOf(call);
    // Its connection may have ended.
    if (lane === undefined) return true;
    if (lane.working.size >= this.#maxCalls && !this.#endSlowest(lane.working)) return false;
    lane.arriving.delete(call as CallInProgress);
    lane.working.add(call as CallInProgress);
    return true;
  }

  /** The answer goes out: a caller that does not read it is not waited for. */
  answer(call: Call, unread: Unread): void {
    const lane = this.#laneOf(call);
    if (lane === undefined) return;
    const mine = call as CallInProgress;
    mine.waitsSince = performance.now();
    const deadline = setTimeout(() => this.#end(mine.socket), ANSWER_TIMEOUT).unref();
    mine.answer = { unread, deadline };
    while (unreadOf(lane) > this.#maxUnread && this.#endSlowest(lane.working));
  }

  /** The answer has no end: it takes no place of a request, and its connection is not at rest. */
  stream(call: Call): void {
    for (const { arriving, working } of [this.#owners, this.#strangers]) {
      arriving.delete(call as CallInProgress);
      working.delete(call as CallInProgress);
    }
  }

  /** The request is over, answered or not. */
  finish(call: Call): void {
    const { answer, socket } = call as CallInProgress;
    clearTimeout(answer?.deadline);
    this.stream(call);
    const busy = this.#busy.get(socket);
    if (busy !== undefined) this.#busy.set(socket, busy - 1);
  }

  #laneOf(call: Call): Lane | undefined {
    const mine = call as CallInProgress;
    const lanes = [this.#owners, this.#strangers];
    return lanes.find(({ arriving, working }) => arriving.has(mine) || working.has(mine));
  }

  /** A connection that has shown the cookie stays the owner's, whatever it asks for. */
  #enter(socket: Socket, isOwner: boolean): Lane {
    const lane = isOwner || this.#owners.sockets.has(socket) ? this.#owners : this.#strangers;
    this.#strangers.sockets.delete(socket);
    lane.sockets.delete(socket);
    if (lane.sockets.size >= MAX_CONNECTIONS) {
      const atRest = [...lane.sockets].find((each) => !this.#busy.get(each));
      if (atRest !== undefined) this.#end(atRest);
    }
    lane.sockets.add(socket);
    return lane;
  }

  #endSlowest(calls: Set<CallInProgress>): boolean {
    const latest = performance.now() - SLOW;
    let slowest: CallInProgress | undefined;
    for (const each of calls) {
      if (each.waitsSince === undefined || each.waitsSince > latest) continue;
      if (slowest === undefined || each.waitsSince < (slowest.waitsSince ?? 0)) slowest = each;
    }
    if (slowest === undefined) return false;
    calls.delete(slowest);
    this.#end(slowest.socket);
    return true;
  }

  #end(socket: Socket): void {
    this.#forget(socket);
    socket.destroy();
  }

  #trust(socket: Socket): void {
    clearTimeout(this.#newcomers.get(socket));
    this.#newcomers.delete(socket);
  }

  #forget(socket: Socket): void {
    this.#trust(socket);
    for (const { sockets } of [this.#owners, this.#strangers]) sockets.delete(socket);
    this.#busy.delete(socket);
  }
}

function unreadOf({ working }: Lane): number {
  let bytes = 0;
  for (const { answer } of working) bytes += answer?.unread.writableLength ?? 0;
  return bytes;
}

/**
 * Acts once all that has arrived by now was read. The system hands over hundreds of new connections at once, before a
 * byte of theirs: judged there and then, the owner could be closed although its cookie has come.
 */
function afterReading(action: () => void): void {
  setImmediate(() => setImmediate(action));
}
