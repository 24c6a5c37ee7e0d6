/** mempool.space's WebSocket on the port of Esplora. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { EsploraSockets } from "@chain/esplora";
import { WebSocketServer } from "ws";
import type { Upgrade } from "./fetchServer.ts";

/** Bytes of a message. */
const MAX_PAYLOAD: number = 64 * 1024;
/** Bytes to send from which on a client is too slow. */
const HIGH_WATER: number = 256 * 1024;
/** Clients at a time. */
const MAX_CLIENTS = 1_000;
const PATH = /^(?:\/[a-z0-9]+)?\/api\/v1\/ws(?:\?|$)/;

export function esploraUpgrade(sockets: EsploraSockets): Upgrade {
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_PAYLOAD,
    perMessageDeflate: false,
  });
  return (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!PATH.test(request.url ?? "") || sockets.sessions >= MAX_CLIENTS) {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      let isFull = false;
      const sent = () => {
        if (!isFull || webSocket.bufferedAmount > 0) return;
        isFull = false;
        handler.onDrain();
      };
      const handler = sockets.accept({
        send: (text) => {
          if (webSocket.readyState !== webSocket.OPEN) return true;
          webSocket.send(text, sent);
          isFull ||= webSocket.bufferedAmount >= HIGH_WATER;
          return !isFull;
        },
        close: () => webSocket.close(),
      });
      webSocket.on("message", (data) => handler.onMessage(String(data)));
      webSocket.on("error", () => webSocket.terminate());
      webSocket.once("close", () => handler.onClose());
    });
  };
}
