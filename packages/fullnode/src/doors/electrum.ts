import { requireFields, requireInteger, requireOptions } from "@chain/core/arguments";
import { type ElectrumHost, ElectrumServer, type Limits } from "@chain/electrum";
import { formatPeerAddress, type Log } from "@chain/engine";
import { silentLog } from "../ports/silentLog.ts";
import { listen, type TlsCertificate } from "../ports/tcp.ts";
import { SOFTWARE_VERSION } from "../version.ts";
import type { OpenDoor } from "./esplora.ts";

/** Connections at a time. */
const MAX_CONNECTIONS = 10_000;
/** Bytes of a line, and of a message over WebSocket. */
const MAX_LINE = 5_000_000;

export interface ElectrumServerOptions {
  /** An address of this machine. Default: `127.0.0.1`. */
  readonly host?: string;
  /** Default: 0, one that the system chooses. */
  readonly port?: number;
  /** Default: `tcp`. */
  readonly transport?: "tcp" | "tls" | "ws";
  /** The certificate of `tls`. */
  readonly tls?: TlsCertificate;
  /** The text that clients show when they connect. */
  readonly banner?: string;
  readonly limits?: Partial<Limits>;
  readonly log?: Log;
}

/**
 * Serves the Electrum protocol on a port: over TCP, TLS or WebSocket.
 * @throws UserError `in-use`, `usage`, `io`
 * @example
 * const { url, close } = await startElectrum(host);
 * url.startsWith("tcp://127.0.0.1:") // true
 * await close();
 */
export async function startElectrum(
  node: ElectrumHost,
  options: ElectrumServerOptions = {},
): Promise<OpenDoor> {
  requireFields(node, "node", { chain: "object", indexes: "object", rpc: "function" });
  requireOptions(options, "options", {
    host: "string?",
    port: "number?",
    transport: "string?",
    tls: "object?",
    banner: "string?",
    limits: "object?",
    log: "function?",
  });
  const { host = "127.0.0.1", port: wanted = 0, transport = "tcp", log = silentLog } = options;
  requireInteger(wanted, "options.port", 0, 65_535);

  const server = new ElectrumServer(node, {
    software: SOFTWARE_VERSION,
    stopwatch: () => performance.now(),
    log,
    limits: { line: MAX_LINE, ...options.limits },
    ...(options.banner !== undefined && { banner: options.banner }),
  });
  const listener = await open({ host, port: wanted }, server, transport, options.tls);
  const { port } = listener;
  const close = async () => {
    server.close();
    await listener.close();
  };
  return { url: `${transport}://${formatPeerAddress({ host, port })}`, port, close };
}

async function open(
  address: { readonly host: string; readonly port: number },
  server: ElectrumServer,
  transport: string,
  tls: TlsCertificate | undefined,
) {
  const attach = server.accept.bind(server);
  if (transport !== "ws") {
    const secure = transport === "tls" && tls !== undefined ? { tls } : {};
    return listen(address, attach, { maxConnections: MAX_CONNECTIONS, ...secure });
  }
  // Few nodes need its library.
  const { listenWebSocket } = await import("../ports/webSocket.ts");
  const bounds = { maxPayload: MAX_LINE, maxConnections: MAX_CONNECTIONS };
  const options = { origins: undefined, isText: true, ...bounds };
  return listenWebSocket(address, attach, options);
}
