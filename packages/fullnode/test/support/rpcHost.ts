import type { RpcHost } from "@chain/rpc";
import type { InProcessNode } from "../../src/inProcess/node.ts";
import { silentLog } from "../../src/ports/silentLog.ts";
import { systemTimers } from "../../src/ports/system.ts";

/** A node in process as the methods of the RPC see it: as much as the tests of the doors call. */
export function rpcHostOf(
  node: InProcessNode,
  more: Readonly<Record<string, unknown>> = {},
): RpcHost {
  return {
    chain: node.chain,
    node: node.node,
    timers: systemTimers,
    log: silentLog,
    stopwatch: () => performance.now(),
    software: { chain: "regtest" },
    mempool: { isLoaded: () => true, keep: async () => {} },
    ...more,
    assembled: { block: undefined },
  } as unknown as RpcHost;
}
