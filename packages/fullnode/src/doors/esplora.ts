import { requireFields, requireInteger, requireOptions } from "@chain/core/arguments";
import { formatPeerAddress, type Log } from "@chain/engine";
import { createEsplora, type EsploraHost, EsploraSockets } from "@chain/esplora";
import { silentLog } from "../ports/silentLog.ts";
import { startFetchServer } from "./fetchServer.ts";

export interface EsploraServerOptions {
  /** An address of this machine. Default: `127.0.0.1`. */
  readonly host?: string;
  /** Default: 0, one that the system chooses. */
  readonly port?: number;
  /** The pages that browsers let read the answers: an origin, or `*` for all, which is the default. */
  readonly origin?: string;
  readonly log?: Log;
}

/** A door that callers find at an address. */
export interface OpenDoor {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves Esplora's REST API on a port, and mempool.space's WebSocket at `/api/v1/ws`.
 * @throws UserError `in-use`, `usage`, `io`
 * @example
 * const { url, close } = await startEsplora(host);
 * await (await fetch(`${url}/blocks/tip/height`)).text() // "0"
 * await close();
 */
export async function startEsplora(
  node: EsploraHost,
  options: EsploraServerOptions = {},
): Promise<OpenDoor> {
  requireFields(node, "node", { chain: "object", indexes: "object", rpc: "function" });
  requireOptions(options, "options", {
    host: "string?",
    port: "number?",
    origin: "string?",
    log: "function?",
  });
  const { host = "127.0.0.1", port: wanted = 0, origin, log = silentLog } = options;
  requireInteger(wanted, "options.port", 0, 65_535);

  const handle = createEsplora(node, origin === undefined ? {} : { origin });
  const sockets = new EsploraSockets(node);
  // Few nodes need its library.
  const { esploraUpgrade } = await import("./esploraSocket.ts");
  const further = { log, upgrade: esploraUpgrade(sockets) };
  const server = await startFetchServer({ host, port: wanted }, handle, further).catch(
    (error: unknown) => {
      sockets.close();
      throw error;
    },
  );
  const { port } = server;
  const close = async () => {
    sockets.close();
    await server.close();
  };
  return { url: `http://${formatPeerAddress({ host, port })}/api`, port, close };
}
