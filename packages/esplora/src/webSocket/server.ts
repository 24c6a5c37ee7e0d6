import { requireFields, requireFunction } from "@chain/core/arguments";
import { ChainLookup } from "@chain/indexes";
import type { EsploraHost } from "../host.ts";
import { SocketSession, type TextConnection } from "./session.ts";

/** Hears of the events of a connection. */
export interface SocketHandler {
  onMessage(text: string): void;
  onDrain(): void;
  onClose(): void;
}

/**
 * Serves mempool.space's WebSocket, which clients find at `/api/v1/ws`, to connections that it is handed: `init`, `want`
 * (`blocks`, `mempool-blocks`, `stats`), `track-address`, `track-addresses`, `track-tx` and `ping`.
 * @example
 * const sockets = new EsploraSockets(host);
 * const texts = [];
 * const handler = sockets.accept({ send: (text) => texts.push(text) > 0, close: () => {} });
 * handler.onMessage('{"action":"ping"}');
 * texts[0] // '{"pong":true}'
 * sockets.close();
 */
export class EsploraSockets {
  readonly #host: EsploraHost;
  readonly #lookup: ChainLookup;
  readonly #sessions = new Set<SocketSession>();
  readonly #unsubscribe: () => void;

  constructor(host: EsploraHost) {
    requireFields(host, "host", { chain: "object", indexes: "object", rpc: "function" });
    requireFunction(host.rpc, "host.rpc");

    this.#host = host;
    this.#lookup = new ChainLookup(host);
    this.#unsubscribe = host.chain.subscribe(({ type }) => {
      if (type === "tip-changed") for (const each of this.#sessions) each.tipChanged();
      if (type === "transaction-added" || type === "transaction-removed") {
        for (const each of this.#sessions) each.mempoolChanged();
      }
    });
  }

  /** How many sessions go on. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Serves a connection until it ends. */
  accept(connection: TextConnection): SocketHandler {
    requireFields(connection, "connection", { send: "function", close: "function" });

    const { lookup, host } = { lookup: this.#lookup, host: this.#host };
    const onEnd = (session: SocketSession) => void this.#sessions.delete(session);
    const session = new SocketSession({ host, lookup, connection, onEnd });
    this.#sessions.add(session);
    return session;
  }

  /** Ends all sessions. */
  close(): void {
    this.#unsubscribe();
    for (const session of [...this.#sessions]) session.end();
  }
}
