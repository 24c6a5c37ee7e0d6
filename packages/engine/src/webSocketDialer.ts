import { concatBytes, type Milliseconds } from "@chain/core";
import { requireFields, requireFunction, requireInteger } from "@chain/core/arguments";
import { EngineError } from "./errors.ts";
import { formatPeerAddress } from "./net/kit/addresses.ts";
import type { Connection, ConnectionHandler, Dialer, PeerAddress, Timers } from "./ports.ts";

/** Longest wait until a WebSocket is open. Milliseconds. */
const DIAL_TIMEOUT: Milliseconds = 5_000;
/** How long a peer may take to answer the end of a connection. Milliseconds. */
const LINGER: Milliseconds = 2_000;
/** Longest message that is sent. A node takes four times as much. Bytes. */
const MAX_MESSAGE = 256 * 1024;
/** Bytes to send from which on the sender is asked to hold back. */
const HIGH_WATER = 64 * 1024;
/** How often the bytes to send are looked at while they are too many: a WebSocket has no event for it. Milliseconds. */
const LOOK_EVERY: Milliseconds = 20;
/** Bytes that may arrive while nobody reads, because a WebSocket can't be told to wait: four blocks. */
const MAX_UNREAD = 16 * 1024 * 1024;
/** Counted for each message besides its bytes, so that many empty ones are bounded as well. Bytes. */
const MESSAGE_COST = 256;
const OPEN = 1;

/** The part of the platform's `WebSocket` that is used here; that of browsers, Node 22 and the package `ws` has it. */
export interface PlatformWebSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: unknown;
  onmessage: unknown;
  onerror: unknown;
  onclose: unknown;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** How connections over WebSocket are opened. */
export interface WebSocketDialerOptions {
  /** Begins to open a WebSocket: `(url) => new WebSocket(url)`. */
  readonly open: (url: string) => PlatformWebSocket;
  readonly timers: Timers;
  /** The URL of a peer. Default: `ws://HOST:PORT/`. */
  readonly url?: (address: PeerAddress) => string;
  /** Until a call counts as failed, in milliseconds. Default: 5,000. */
  readonly timeout?: Milliseconds;
}

/**
 * Calls peers over WebSocket, which is all that a browser can do. `chain-node startnode --listen-ws` takes such calls.
 * The bytes of the P2P protocol go as a stream, cut into binary messages anywhere. A text message ends the connection.
 * @throws TypeError on misuse.
 * @example
 * const dialer = webSocketDialer({ open: (url) => new WebSocket(url), timers });
 * typeof dialer.dial // "function"
 */
export function webSocketDialer(options: WebSocketDialerOptions): Dialer {
  requireFields(options, "options", { open: "function", timers: "object" });
  const { open, timers, timeout = DIAL_TIMEOUT } = options;
  const { url = (address: PeerAddress) => `ws://${formatPeerAddress(address)}/` } = options;
  requireFields(timers, "options.timers", { after: "function" });
  requireFunction(url, "options.url");
  requireInteger(timeout, "options.timeout");

  return {
    dial: (address, attach) =>
      new Promise((resolve, reject) => {
        const where = url(address);
        // It throws where the URL is none, or where a page of https may not open one of ws.
        const socket = open(where);
        const fail = (why: string) => {
          cancel();
          silence(socket);
          socket.close();
          reject(new EngineError("unreachable", why));
        };
        const cancel = timers.after(timeout, () => fail("no answer"));
        socket.binaryType = "arraybuffer";
        // A browser tells a page no reason: it could search the network of its visitor.
        socket.onerror = () => fail(`no WebSocket at ${where}`);
        socket.onclose = () => fail(`no WebSocket at ${where}`);
        socket.onopen = () => {
          cancel();
          new Stream(socket, address, timers).run(attach);
          resolve();
        };
      }),
  };
}

/** An open WebSocket as a stream of bytes. */
class Stream {
  readonly #socket: PlatformWebSocket;
  readonly #remote: PeerAddress;
  readonly #timers: Timers;
  #handler: ConnectionHandler | undefined;
  #isReading = true;
  /** That came while nobody was reading. */
  readonly #unread: Uint8Array[] = [];
  #unreadCost = 0;
  #isClosing = false;
  #cancelLook: (() => void) | undefined;
  #cancelLinger: (() => void) | undefined;
  #why = "the peer closed the connection";

  constructor(socket: PlatformWebSocket, remote: PeerAddress, timers: Timers) {
    this.#socket = socket;
    this.#remote = remote;
    this.#timers = timers;
  }

  run(attach: (connection: Connection) => ConnectionHandler): void {
    const socket = this.#socket;
    // Its end follows, which is enough.
    socket.onerror = null;
    socket.onclose = () => this.#closed();
    socket.onmessage = ({ data }: { readonly data: unknown }) => this.#arrived(data);
    this.#handler = attach({
      remote: this.#remote,
      write: (bytes) => this.#write(bytes),
      setReading: (reading) => this.#setReading(reading),
      close: () => this.#end("closed by us"),
    });
    this.#deliver();
  }

  #write(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (this.#isClosing || socket.readyState !== OPEN) return true;
    for (let at = 0; at < bytes.length; at += MAX_MESSAGE) {
      // A copy: `send` refuses memory that is shared.
      socket.send(Uint8Array.from(bytes.subarray(at, at + MAX_MESSAGE)));
    }
    if (socket.bufferedAmount < HIGH_WATER) return true;
    this.#cancelLook ??= this.#timers.after(LOOK_EVERY, () => this.#look());
    return false;
  }

  #look(): void {
    this.#cancelLook = undefined;
    if (this.#isClosing) return;
    if (this.#socket.bufferedAmount === 0) this.#handler?.onDrain();
    else this.#cancelLook = this.#timers.after(LOOK_EVERY, () => this.#look());
  }

  #arrived(data: unknown): void {
    if (this.#isClosing) return;
    if (!(data instanceof ArrayBuffer)) {
      this.#end("it sent text over a WebSocket");
      return;
    }
    this.#unread.push(new Uint8Array(data));
    this.#unreadCost += data.byteLength + MESSAGE_COST;
    this.#deliver();
    if (this.#unreadCost > MAX_UNREAD) this.#end("it sends more than we can read");
  }

  #setReading(reading: boolean): void {
    this.#isReading = reading;
    // Not at once: the caller is still at work.
    if (reading && this.#unreadCost > 0) this.#timers.after(0, () => this.#deliver());
  }

  #deliver(): void {
    const handler = this.#handler;
    if (handler === undefined || !this.#isReading || this.#isClosing) return;
    if (this.#unreadCost === 0) return;
    const bytes = concatBytes(...this.#unread.splice(0));
    this.#unreadCost = 0;
    handler.onData(bytes);
  }

  #end(why: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#why = why;
    this.#socket.close();
    this.#cancelLinger = this.#timers.after(LINGER, () => this.#closed());
  }

  #closed(): void {
    silence(this.#socket);
    this.#isClosing = true;
    this.#cancelLook?.();
    this.#cancelLinger?.();
    this.#unread.length = 0;
    this.#handler?.onClose(this.#why);
  }
}

/** Hears no more of a WebSocket. An error without a listener would end a process where it is that of `ws`. */
function silence(socket: PlatformWebSocket): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.onerror = () => {};
}
