import type { Node, PeerAddress } from "@chain/engine";
import { listen } from "../ports/tcp.ts";
import type { Service } from "./service.ts";

/**
 * Lets peers call the node.
 * @throws UserError as `listen`.
 */
export async function startListener(
  address: PeerAddress,
  node: Node,
): Promise<Service & { readonly port: number }> {
  const { port, close } = await listen(address, (connection) => node.accept(connection));
  return { port, stopping: "closing the port", stop: close };
}
