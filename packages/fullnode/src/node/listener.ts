import { type Door, formatPeerAddress, type Log, type Node, type PeerAddress } from "@chain/engine";
import { messageOf } from "../errors.ts";
import { type Attach, listen, type TcpListener } from "../ports/tcp.ts";
import { parseOrigin } from "../rpc/access.ts";
import type { Service } from "./service.ts";

/** Where a node listens, and what is special about the calls that come in there. */
export interface Listening extends Door {
  /** An address of this machine, or `0.0.0.0` or `::` for all of them. */
  readonly host: string;
  /** Default: that of the node's identity. */
  readonly port?: number | undefined;
  /** Whether the node starts without it where the machine has no such address: of `::`, for instance. */
  readonly isOptional?: boolean;
}

/**
 * Lets peers call the node.
 * @returns also where it listens, in the order of `wanted`
 * @throws UserError as `listen`.
 */
export async function startListeners(
  wanted: readonly (Listening & PeerAddress)[],
  node: Pick<Node, "accept">,
  log: Log,
): Promise<Service & { readonly listening: readonly PeerAddress[] }> {
  const opened: TcpListener[] = [];
  const listening: PeerAddress[] = [];
  const stop = async () => void (await Promise.all(opened.map(({ close }) => close())));
  // Without it, `::` takes the port of IPv4 as well.
  const ipv6Only = wanted.length > 1;
  for (const { host, port, isOptional = false, ...door } of wanted) {
    try {
      const attach: Attach = (connection) => node.accept(connection, door);
      const listener = await listen({ host, port }, attach, { ipv6Only });
      opened.push(listener);
      listening.push({ host, port: listener.port });
    } catch (error) {
      if (!isOptional) {
        await stop();
        throw error;
      }
      log("debug", "net", `not listening on ${host}: ${messageOf(error)}`);
    }
  }
  return { listening, stopping: "closing the port", stop };
}

/**
 * Lets browsers call the node, over WebSocket. They count as other callers do: places, bans, permissions and limits are
 * those of the node.
 * @returns also where it listens, in the order of the configuration
 * @throws UserError as `listenWebSocket`.
 */
export async function startWebSockets(
  {
    webSocketBind = [],
    webSocketOrigins = [],
  }: {
    readonly webSocketBind?: readonly (Listening & PeerAddress)[];
    readonly webSocketOrigins?: readonly string[];
  },
  node: Pick<Node, "accept">,
  log: Log,
): Promise<Service & { readonly listening: readonly PeerAddress[] }> {
  const opened: TcpListener[] = [];
  const listening: PeerAddress[] = [];
  const stop = async () => void (await Promise.all(opened.map(({ close }) => close())));
  const origins = webSocketOrigins.map(parseOrigin);
  try {
    for (const { host, port, ...door } of webSocketBind) {
      // Few nodes need its library.
      const { listenWebSocket } = await import("../ports/webSocket.ts");
      const attach: Attach = (connection) => node.accept(connection, door);
      const listener = await listenWebSocket({ host, port }, attach, { origins });
      opened.push(listener);
      const where = { host, port: listener.port };
      listening.push(where);
      const sentence = `browsers can call ws://${formatPeerAddress(where)}`;
      log("info", "net", sentence, { event: "websocket", ...where });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { listening, stopping: "closing the WebSocket port", stop };
}
