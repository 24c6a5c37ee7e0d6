/** The RPC of a node in process: the same doors as those of a node that runs alone. */
import type { Log } from "@chain/engine";
import type { RpcHost } from "@chain/rpc";
import type { Identity } from "../identity.ts";
import type { NodeMetrics } from "../metrics/nodeMetrics.ts";
import { miningFor } from "../node/mining.ts";
import type { CallRpc, RpcConfig } from "../node/rpcService.ts";
import type { Service } from "../node/service.ts";
import { userAgent, versionForCallers } from "../version.ts";
import type { InProcessNode, Parts, RpcAddress } from "./node.ts";

export interface Door extends Service {
  readonly address: RpcAddress;
  /** For the other doors of the node. */
  readonly call: CallRpc;
  /** From now on calls are answered. */
  start(
    node: InProcessNode,
    parts: Omit<Parts, "port" | "rpc"> & { readonly nodeId: number; readonly signatures: string },
  ): Promise<void>;
}

/** Opens the port. @throws UserError `usage`, `in-use`, `io` */
export async function openDoor(
  identity: Identity | undefined,
  config: RpcConfig,
  log: Log,
  {
    metrics,
    hasWallets,
  }: {
    readonly metrics: NodeMetrics | undefined;
    readonly hasWallets: boolean;
  },
): Promise<Door> {
  // It takes long to load, and most nodes in process have no use for it.
  const { openRpc } = await import("../node/rpcService.ts");
  const door = await openRpc(identity, config, log, metrics, hasWallets);
  const address = { url: `http://127.0.0.1:${door.port}`, ...door.login };
  const start: Door["start"] = async (node, parts) => {
    const { network, nodeId, mempool } = parts;
    await door.start({
      ...parts,
      identity: { network, nodeId },
      role: "central",
      ...versionForCallers(userAgent(), config),
      proxies: undefined,
      zmq: [],
      fees: { fixed: network.isMockable ? {} : undefined },
      mempool: mempool ?? IN_MEMORY,
      logPath: "",
      startedAt: parts.clock.now(),
      setTime: (time) => node.setTime(time === undefined ? undefined : time / 1000),
      forwardSchedule: (by) => {
        parts.node.forwardSchedule(by);
        parts.wallets?.forward(by);
      },
      mining: miningFor(parts.mining),
      withHost: parts.rpcHost,
      // Bans of a node in process end with it.
      keepBans: async () => {},
      // The answer goes out first.
      requestStop: () => void setTimeout(() => void node.close(), 50),
    });
  };
  return { address, call: door.call, start, stopping: door.stopping, stop: door.stop };
}

/** Unconfirmed transactions of a node without files. */
const IN_MEMORY: RpcHost["mempool"] = { isLoaded: () => true, keep: async () => {} };
