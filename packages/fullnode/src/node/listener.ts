import type { Door, Log, Node, PeerAddress } from "@chain/engine";
import { messageOf } from "../errors.ts";
import { listen, type TcpListener } from "../ports/tcp.ts";
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
      const attach = (connection: Parameters<Node["accept"]>[0]) => node.accept(connection, door);
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
