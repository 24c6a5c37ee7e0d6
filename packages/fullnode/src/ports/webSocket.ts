/** The engine's connections, over WebSocket (RFC 6455): a browser opens no others. */

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Milliseconds } from "@chain/core";
import type { PeerAddress } from "@chain/engine";
import { type WebSocket, WebSocketServer } from "ws";
import { UserError } from "../errors.ts";
import {
  type Attach,
  closeServer,
  KEEP_ALIVE,
  LINGER,
  listenError,
  MAX_CONNECTIONS,
  plainHost,
  type TcpListener,
} from "./tcp.ts";

/** Longest message, its fragments together: more than any transaction has, and enough of a block. Bytes. */
export const MAX_FRAME: number = 1024 * 1024;
/** Bytes to send from which on a peer is too slow, as for a socket of Node's. */
const HIGH_WATER = 64 * 1024;
/** Longest header of the request that opens a connection. Bytes. */
const MAX_HEADERS = 8_192;
/** How long that request may take. Milliseconds. */
const HANDSHAKE_TIMEOUT: Milliseconds = 5_000;
/** Status codes of RFC 6455, 7.4.1. */
const NORMAL = 1000;
const UNSUPPORTED_DATA = 1003;
const LINE_FEED: Uint8Array = Uint8Array.of(0x0a);
const NOT_FOR_PAGES = "not for web pages, unless ws-origin names them";

interface WebSocketOptions {
  /** The pages that may call; `undefined`: any. */
  readonly origins: readonly string[] | undefined;
  /** Bytes. */
  readonly maxPayload?: number;
  /** At a time. */
  readonly maxConnections?: number;
  /** Whether a message is a line of a protocol of texts. */
  readonly isText?: boolean;
}

/**
 * Takes calls of peers over WebSocket. The payloads of binary messages are the bytes of the P2P protocol, cut anywhere.
 * A text message ends the connection, and so does a message of more than `MAX_FRAME` bytes.
 * @param attach gets each connection
 * @param options.origins web pages that may call, as `parseOrigin` makes them. Browsers always name the page
 *   (RFC 6455, 4.1), so a page of a name that was made to point at this machine is refused as well. Programs that are no
 *   browsers name none, and may call.
 * @throws UserError as `listen`.
 */
export async function listenWebSocket(
  address: PeerAddress,
  attach: Attach,
  {
    origins,
    maxPayload = MAX_FRAME,
    maxConnections = MAX_CONNECTIONS,
    isText = false,
  }: WebSocketOptions,
): Promise<TcpListener> {
  const sockets = new Set<Socket>();
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload,
    // Compressed bytes cost memory that their length does not tell.
    perMessageDeflate: false,
  });
  const server = newServer(sockets, maxConnections);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { origin } = request.headers;
    if (origin !== undefined && origins !== undefined && !origins.includes(origin)) {
      return refuse(socket, "403 Forbidden", NOT_FOR_PAGES);
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      ownWebSocket(webSocket, request.socket, attach, isText);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(whyNotListening(error, address)));
    server.listen({ host: address.host, port: address.port }, resolve);
  });
  server.removeAllListeners("error");
  // Running out of file descriptors, for instance: connected peers stay served.
  server.on("error", () => {});
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
  return { port, close: () => closeServer(server, sockets) };
}

/** Answers requests for anything but a WebSocket, and ends connections that do not ask for one in time. */
function newServer(sockets: Set<Socket>, maxConnections: number): Server {
  const options = {
    maxHeaderSize: MAX_HEADERS,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE,
  };
  const server = createServer(options, (_, response) => {
    response.writeHead(426, { connection: "close", upgrade: "websocket" });
    response.end("this port of a node takes WebSockets alone\n");
  });
  server.maxConnections = maxConnections;
  server.on("connection", (socket) => {
    sockets.add(socket);
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT);
    const done = () => clearTimeout(timer);
    socket.once("close", () => {
      done();
      sockets.delete(socket);
    });
    socket.once("upgraded", done);
  });
  server.on("clientError", (_, socket) => refuse(socket, "400 Bad Request", "this is no HTTP"));
  return server;
}

function refuse(socket: Duplex, status: string, why: string): void {
  // One that has gone, or that does not read the answer, is nothing of ours.
  socket.on("error", () => {});
  const body = `${why}\n`;
  const headers = `connection: close\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}

/** Wires a WebSocket to its handler. From here on no event of it is unhandled. */
function ownWebSocket(webSocket: WebSocket, socket: Socket, attach: Attach, isText: boolean): void {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  let why = "the peer closed the connection";
  let closing = false;
  const end = (code: number, reason: string) => {
    if (closing) return;
    closing = true;
    why = reason;
    webSocket.close(code);
    // The peer's answer, and with it the end, is only seen by a socket that reads.
    webSocket.resume();
    const timer = setTimeout(() => webSocket.terminate(), LINGER);
    webSocket.once("close", () => clearTimeout(timer));
  };
  // It broke the protocol of WebSocket: it has been told the code that says how.
  webSocket.on("error", ({ message }) => end(NORMAL, `WebSocket: ${message}`));
  // Gone before we looked.
  if (remoteAddress === undefined || remotePort === undefined) {
    webSocket.terminate();
    return;
  }
  socket.emit("upgraded");
  let isFull = false;
  const sent = () => {
    if (!isFull || closing || webSocket.bufferedAmount > 0) return;
    isFull = false;
    handler.onDrain();
  };
  const handler = attach({
    remote: { host: plainHost(remoteAddress), port: remotePort },
    local:
      localAddress === undefined || localPort === undefined
        ? undefined
        : { host: plainHost(localAddress), port: localPort },
    write: (bytes) => {
      if (closing || webSocket.readyState !== webSocket.OPEN) return true;
      webSocket.send(isText ? withoutEnd(bytes) : bytes, { binary: !isText }, sent);
      isFull ||= webSocket.bufferedAmount >= HIGH_WATER;
      return !isFull;
    },
    setReading: (reading) => {
      if (closing) return;
      if (reading) webSocket.resume();
      else webSocket.pause();
    },
    close: () => end(NORMAL, "closed by us"),
  });
  webSocket.on("message", (data: Uint8Array, isBinary) => {
    if (closing) return;
    if (isText) handler.onData(Buffer.concat([data, LINE_FEED]));
    else if (isBinary) handler.onData(data);
    else end(UNSUPPORTED_DATA, "it sent text over a WebSocket, which is for bytes alone");
  });
  webSocket.once("close", () => handler.onClose(why));
}

/** A line as a message: its end is the message's. */
function withoutEnd(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === LINE_FEED[0] ? bytes.subarray(0, -1) : bytes;
}

function whyNotListening(error: Error, address: PeerAddress): UserError {
  const { code, message, data } = listenError(error, address);
  return new UserError(code, message, { cause: error, data: { ...data, option: "listen-ws" } });
}
