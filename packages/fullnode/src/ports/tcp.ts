/** The engine's connections, over TCP. */

import { lookup } from "node:dns/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Milliseconds } from "@chain/core";
import {
  type Connection,
  type ConnectionHandler,
  type Dialer,
  overlayOf,
  type PeerAddress,
} from "@chain/engine";
import { messageOf, systemCode, UserError } from "../errors.ts";

/** Longest wait for an answer to a call. Core: DEFAULT_CONNECT_TIMEOUT. Milliseconds. */
const DIAL_TIMEOUT: Milliseconds = 5_000;
/** How long a caller may take to agree on TLS. Milliseconds. */
const HANDSHAKE_TIMEOUT: Milliseconds = 10_000;
/** How long a peer may take to fetch what was written before the end. Milliseconds. */
export const LINGER: Milliseconds = 2_000;
/** First sign of life that the system asks of a silent peer: a cable that was pulled says nothing. Milliseconds. */
export const KEEP_ALIVE: Milliseconds = 60_000;
/** More than the node serves, so that it is the node that refuses; a bound on what refusing costs. */
export const MAX_CONNECTIONS = 512;

/** Gets a connection, and says who hears of its events. */
export type Attach = (connection: Connection) => ConnectionHandler;

/**
 * Opens TCP connections, and looks up names as other programs of this machine do (`/etc/hosts` counts).
 * @param timeout milliseconds until a call counts as failed
 */
export function tcpDialer(timeout: Milliseconds = DIAL_TIMEOUT): Dialer {
  return {
    resolve: async (host) => {
      if (overlayOf(host) !== undefined) {
        const why = "an address of Tor or I2P can't be called without a proxy";
        throw new UserError("unreachable", why);
      }
      try {
        return (await lookup(host, { all: true })).map(({ address }) => address);
      } catch (error) {
        const why = error instanceof Error ? whyNot(error) : String(error);
        throw new UserError("unreachable", why, { cause: error });
      }
    },
    dial: ({ host, port }, attach) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host, port, noDelay: true });
        const timer = setTimeout(() => {
          fail(new UserError("unreachable", "no answer"));
        }, timeout);
        const fail = (error: Error) => {
          clearTimeout(timer);
          socket.destroy();
          reject(new UserError("unreachable", whyNot(error), { cause: error }));
        };
        socket.once("error", fail);
        socket.once("connect", () => {
          clearTimeout(timer);
          socket.off("error", fail);
          ownSocket(socket, { host, port }, attach);
          resolve();
        });
      }),
  };
}

/** A certificate and its key, in PEM. */
export interface TlsCertificate {
  readonly cert: string;
  readonly key: string;
}

interface ListenOptions {
  readonly ipv6Only?: boolean;
  readonly maxConnections?: number;
  readonly tls?: TlsCertificate;
}

/** Takes calls. */
export interface TcpListener {
  readonly port: number;
  /** Takes no more calls and ends those that go on after a moment of grace. */
  close(): Promise<void>;
}

/**
 * Takes calls on an address and port.
 * @param attach gets each connection
 * @param options.ipv6Only whether `::` is no address for IPv4
 * @param options.maxConnections at a time; those beyond are closed at once
 * @param options.tls speaks TLS there, and shows this certificate
 * @throws UserError `in-use`, `usage` where the address is not this machine's.
 */
export function listen(
  address: PeerAddress,
  attach: Attach,
  { ipv6Only = false, maxConnections = MAX_CONNECTIONS, tls }: ListenOptions = {},
): Promise<TcpListener> {
  const sockets = new Set<Socket>();
  const own = (socket: Socket) => {
    const { remoteAddress, remotePort } = socket;
    // Gone before we looked.
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    ownSocket(socket, { host: plainHost(remoteAddress), port: remotePort }, attach);
  };
  const server =
    tls === undefined
      ? createServer({ noDelay: true }, own)
      : createTlsServer({ noDelay: true, handshakeTimeout: HANDSHAKE_TIMEOUT, ...tls }, own);
  // Callers that speak no TLS are nothing of ours.
  server.on("tlsClientError", () => {});
  server.maxConnections = maxConnections;
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, address)));
    server.listen({ host: address.host, port: address.port, ipv6Only }, () => {
      server.removeAllListeners("error");
      // Running out of file descriptors, for instance: connected peers stay served.
      server.on("error", () => {});
      const bound = server.address();
      const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
      resolve({ port, close: () => closeServer(server, sockets) });
    });
  });
}

/** Takes no more calls, and ends those that go on after a moment of grace. */
export function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, LINGER);
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Wires a socket to its handler. From here on no event of it is unhandled.
 * @param isProxied whether our end of the socket is no address that peers could know us by
 */
export function ownSocket(
  socket: Socket,
  remote: PeerAddress,
  attach: Attach,
  isProxied = false,
): void {
  let why = "the peer closed the connection";
  let closing = false;
  let isReading = true;
  const { localAddress, localPort } = socket;
  const local =
    isProxied || localAddress === undefined || localPort === undefined
      ? undefined
      : { host: plainHost(localAddress), port: localPort };
  socket.setKeepAlive(true, KEEP_ALIVE);
  const connection: Connection = {
    remote,
    local,
    write: (bytes) => closing || socket.destroyed || socket.write(bytes),
    setReading: (reading) => {
      if (closing) return;
      isReading = reading;
      if (reading) socket.resume();
      else socket.pause();
    },
    close: () => {
      if (closing) return;
      closing = true;
      why = "closed by us";
      socket.end();
      // The end of the peer's bytes, and with it the end of the socket, is only seen by a socket that reads.
      socket.resume();
      const timer = setTimeout(() => socket.destroy(), LINGER);
      socket.once("close", () => clearTimeout(timer));
    },
  };
  const handler = attach(connection);
  socket.on("data", (chunk: Uint8Array) => {
    if (!closing) handler.onData(chunk);
  });
  socket.on("drain", () => {
    if (!closing) handler.onDrain();
  });
  socket.on("error", (error) => {
    why = whyNot(error);
  });
  socket.once("close", () => handler.onClose(why));
  // One that was read before, because a proxy answered on it, does not flow by itself.
  if (isReading) socket.resume();
}

/** An IPv4 peer on an IPv6 socket is still an IPv4 peer. */
export function plainHost(host: string): string {
  return host.startsWith("::ffff:") && host.includes(".") ? host.slice(7) : host;
}

function whyNot(error: Error): string {
  switch (systemCode(error)) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ECONNRESET":
    case "EPIPE":
      return "connection reset";
    case "ETIMEDOUT":
      return "no answer";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "no way to that host";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "no such host";
    default:
      return messageOf(error);
  }
}

/** The reason why the system does not let us listen, for people. */
export function listenError(error: Error, { host, port }: PeerAddress): UserError {
  const cause = { cause: error };
  switch (systemCode(error)) {
    case "EADDRINUSE": {
      const message = `port ${port} of ${host} is taken: another node or program listens there`;
      return new UserError("in-use", message, { ...cause, data: { option: "port", host, port } });
    }
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EINVAL":
      return new UserError("usage", `${host} is not an address of this machine`, {
        ...cause,
        data: { option: "bind", host, port },
      });
    case "EACCES":
      return new UserError("usage", `port ${port} needs rights that this process lacks`, cause);
    default:
      return new UserError("io", `can't listen on ${host}:${port}: ${error.message}`, cause);
  }
}
