/** A PUB socket of ZeroMQ. */

import { lstat, unlink } from "node:fs/promises";
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import type { Milliseconds } from "@chain/core";
import type { Log } from "@chain/engine";
import { messageOf, UserError } from "../errors.ts";
import type { ZmqAddress } from "./address.ts";
import { Outbox } from "./outbox.ts";
import { Subscriber } from "./subscriber.ts";
import { greeting, message } from "./zmtp.ts";

/** How long a subscriber may take for its handshake. ZeroMQ: ZMQ_HANDSHAKE_IVL. Milliseconds. */
const HANDSHAKE_TIMEOUT: Milliseconds = 30_000;
/** Subscribers of one address: a bound on what strangers can take of memory and of files. */
const MAX_SUBSCRIBERS = 256;
/** First sign of life that the system asks of a silent subscriber. Milliseconds. */
const KEEP_ALIVE: Milliseconds = 60_000;

/** Sends messages to all who have subscribed to their topic. */
export interface Publisher {
  /** The port that it listens on; `undefined` for a path. */
  readonly port: number | undefined;
  /** Sends a message; a subscriber that is too far behind does not get it. Never waits. */
  send(topic: string, parts: () => readonly Uint8Array[]): void;
  /** Ends all connections at once, as Core does (ZMQ_LINGER 0). */
  close(): Promise<void>;
}

/**
 * Listens on an address.
 * @param highWaterMark messages that are kept for a subscriber that is slower than they come; 0: no bound but bytes
 * @throws UserError `in-use`, `io`
 */
export async function openPublisher(
  address: ZmqAddress,
  highWaterMark: number,
  log: Log,
): Promise<Publisher> {
  const connections = new Set<SubscriberConnection>();
  const server = createServer({
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE,
  });
  server.maxConnections = MAX_SUBSCRIBERS;
  server.on("connection", (socket) => {
    const connection = new SubscriberConnection(socket, highWaterMark, log, () =>
      connections.delete(connection),
    );
    connections.add(connection);
  });
  const port = await listen(server, address);
  server.on("error", (error) => log("warn", "net", `ZMQ publisher: ${error.message}`));
  return {
    port,
    send: (topic, parts) => {
      // Made once, for all subscribers, and only where there is one.
      let bytes: Uint8Array | undefined;
      for (const connection of connections) {
        if (!connection.wants(topic)) continue;
        bytes ??= message([Buffer.from(topic), ...parts()]);
        connection.send(bytes);
      }
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of [...connections]) connection.close();
      await closed;
    },
  };
}

class SubscriberConnection {
  readonly #socket: Socket;
  readonly #subscriber: Subscriber;
  readonly #outbox: Outbox;

  constructor(socket: Socket, highWaterMark: number, log: Log, onClose: () => void) {
    this.#socket = socket;
    const write = (bytes: Uint8Array) => socket.write(bytes);
    this.#outbox = new Outbox(write, highWaterMark);
    // An answer to PING that would wait behind messages is of no use, and must not fill the memory.
    this.#subscriber = new Subscriber((bytes) => {
      if (!socket.writableNeedDrain) write(bytes);
    });
    socket.write(greeting());
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT);
    socket.on("data", (bytes) => {
      try {
        this.#subscriber.receive(bytes);
        if (this.#subscriber.isReady) clearTimeout(timer);
      } catch (error) {
        log("debug", "net", `ZMQ subscriber disconnected: ${messageOf(error)}`);
        socket.destroy();
      }
    });
    socket.on("drain", () => this.#outbox.drained());
    // `close` follows.
    socket.on("error", () => {});
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(timer);
      onClose();
    });
  }

  wants(topic: string): boolean {
    return this.#subscriber.isReady && this.#subscriber.wants(topic);
  }

  send(bytes: Uint8Array): void {
    this.#outbox.send(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** @throws UserError `in-use`, `io` */
async function listen(server: Server, address: ZmqAddress): Promise<number | undefined> {
  const options: ListenOptions =
    address.type === "tcp" ? { host: address.host, port: address.port } : { path: address.path };
  if (address.type === "ipc") await removeSocket(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const code = error.code === "EADDRINUSE" ? "in-use" : "io";
      reject(
        new UserError(code, `the ZMQ publisher can't listen: ${error.message}`, { cause: error }),
      );
    });
    server.listen(options, resolve);
  });
  server.removeAllListeners("error");
  const bound = server.address();
  return typeof bound === "object" ? bound?.port : undefined;
}

/** A socket that a killed process left is in the way, as ZeroMQ knows; other files are not touched. */
async function removeSocket(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isSocket()) await unlink(path);
  } catch {
    // There is none, or listening says what is wrong.
  }
}
