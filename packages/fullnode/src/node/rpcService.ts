import { resolve } from "node:path";
import type { Log } from "@chain/engine";
import { METHODS, RestServer, RpcServer } from "@chain/rpc";
import { UserError } from "../errors.ts";
import { startEvents } from "../events/route.ts";
import type { NodeMetrics } from "../metrics/nodeMetrics.ts";
import { metricsRoute } from "../metrics/route.ts";
import { rpcWhitelist } from "../rpc/access.ts";
import { removeControlFile, writeControlFile } from "../rpc/file.ts";
import { type HostParts, rpcHost } from "../rpc/host.ts";
import { type RpcHttp, type RpcHttpOptions, startRpcHttp } from "../rpc/httpServer.ts";
import { restRoute } from "../rpc/restRoute.ts";
import type { HttpRoute } from "../rpc/service.ts";
import type { Service } from "./service.ts";

/** How the RPC of a node can be called. */
export interface RpcConfig extends Omit<RpcHttpOptions, "server" | "log" | "port"> {
  /** Default: one that the system chooses. */
  readonly port?: number;
  /** Takes one that the system chooses where another program has `port`. */
  readonly otherPort?: boolean;
  /** Whether the same port serves Bitcoin Core's REST interface, below `/rest/`. Like the next two, to all callers. */
  readonly rest?: boolean;
  /** Whether it serves server-sent events of the chain and of the mempool, at `/events`. */
  readonly events?: boolean;
  /** Whether it serves values for Prometheus, at `/metrics`. */
  readonly metrics?: boolean;
  /** `USER:METHOD,METHOD`, and whether users without a list may call nothing: see {@link rpcWhitelist}. */
  readonly whitelist?: readonly string[];
  readonly whitelistDefault?: boolean;
}

/**
 * Opens the RPC, and says in the control file how to reach it.
 * @returns a service that can also `tell` the log how to reach it
 * @throws UserError `usage`, `in-use`, `io`
 */
export async function startRpc(
  parts: HostParts,
  config: RpcConfig,
  log: Log,
  metrics?: NodeMetrics,
): Promise<Service & { readonly tell: () => void }> {
  const { whitelist = [], whitelistDefault, credentials, ...options } = config;
  const { nodeId, paths, dataDir } = parts.identity;
  const isAllowed = rpcWhitelist(whitelist, whitelistDefault);
  const server = new RpcServer({
    ...{ host: rpcHost(parts, log), methods: METHODS, isAllowed },
    ...(metrics !== undefined && { observe: (call) => metrics.called(call) }),
  });
  const further = startRoutes(config, { ...parts, server, metrics });
  const named = resolve(dataDir, credentials?.cookieFile ?? paths.cookie);
  // As in Core, a password takes the place of the cookie.
  const cookieFile: { cookieFile?: string } = credentials?.password ? {} : { cookieFile: named };
  const { cookieFile: _, ...others } = credentials ?? {};
  const { routes } = further;
  const opening = { ...options, server, log, credentials: { ...others, ...cookieFile }, routes };
  let door: RpcHttp | undefined;
  const close = async () => {
    await further.stop();
    await door?.close();
  };
  try {
    door = await open(opening);
    const { port, cookie } = door;
    const host = "127.0.0.1";
    await writeControlFile(paths.control, { host, port, cookie, pid: process.pid, nodeId });
    const stop = async () => {
      try {
        await removeControlFile(paths.control, cookie);
      } finally {
        await close();
      }
    };
    const tell = () => sayOpen(port, cookieFile.cookieFile, log);
    return { stopping: "closing the RPC", stop, tell };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tells the operator how to call it. */
function sayOpen(port: number, cookieFile: string | undefined, log: Log): void {
  const login =
    cookieFile === undefined ? "with the user of the options" : `with the cookie in ${cookieFile}`;
  const fields = { event: "rpc", port, ...(cookieFile !== undefined && { cookieFile }) };
  log("info", "net", `the RPC answers on http://127.0.0.1:${port}/, ${login}`, fields);
}

/** The further paths of the port that are asked for. */
function startRoutes(
  { rest = false, events = false, routes = [] }: RpcConfig,
  parts: Pick<HostParts, "chain" | "node"> & {
    readonly server: RpcServer;
    readonly metrics: NodeMetrics | undefined;
  },
): { readonly routes: readonly HttpRoute[]; readonly stop: () => Promise<void> } {
  const { chain, node, server, metrics } = parts;
  const unwatch = metrics?.watch(chain, node);
  const history = events ? startEvents(chain) : undefined;
  return {
    routes: [
      ...routes,
      ...(rest ? [restRoute(new RestServer({ rpc: server }))] : []),
      ...(history === undefined ? [] : [history.route]),
      ...(metrics === undefined ? [] : [metricsRoute(metrics)]),
    ],
    stop: async () => {
      unwatch?.();
      await history?.stop();
    },
  };
}

type Opening = Omit<RpcConfig, "whitelist" | "whitelistDefault"> & {
  readonly server: RpcServer;
  readonly log: Log;
};

async function open({ port = 0, otherPort = false, ...options }: Opening): Promise<RpcHttp> {
  try {
    return await startRpcHttp({ ...options, port });
  } catch (error) {
    if (!otherPort || !(error instanceof UserError) || error.code !== "in-use") throw error;
    const door = await startRpcHttp({ ...options, port: 0 });
    const what = `another program has port ${port}, so the RPC is on port ${door.port}`;
    options.log("warn", "net", `${what}; --rpcport chooses one`);
    return door;
  }
}
