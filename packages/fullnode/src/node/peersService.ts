import type { Node } from "@chain/engine";
import type { PeersKeeper } from "./peersKeeper.ts";
import type { Service } from "./service.ts";

/** Calls peers from now on, and keeps their addresses. */
export function startPeers(node: Node, keeper: PeersKeeper | undefined): Service {
  keeper?.start(() => node.anchors);
  node.start();
  return {
    stopping: "leaving the peers",
    stop: async () => {
      // It asks the node for its peers before they are gone.
      const kept = keeper?.stop();
      await node.stop();
      await kept;
    },
  };
}
